import math
import re
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest

from src.reporting.page.results import (
    ANSWER_TYPE,
    METRICS_TYPE,
    Absent,
    Answer,
    Facts,
    Metrics,
    Note,
    Section,
    is_missing,
    metric_name,
    or_absent,
)


def shown(value):
    return value._repr_mimebundle_()


def test_an_answer_shows_headline_detail_and_limit_and_hands_on_the_headline():
    bundle = shown(Answer("**1%** left", "because of <x>", "one month only"))
    assert re.sub(r' style="[^"]*"', "", bundle["text/html"]) == (
        '<section class="answer"><p class="headline"><strong>1%</strong> left</p>'
        "<p>because of &lt;x&gt;</p>"
        '<p class="limit"><strong>Limit:</strong> one month only</p></section>'
    )
    assert bundle[ANSWER_TYPE] == {"headline": "**1%** left", "limit": "one month only"}


@pytest.mark.parametrize(
    "value",
    [
        Answer("<script>alert(1)</script>", "d", "l"),
        Answer("h", "<script>alert(1)</script>", "l"),
        Facts(["<script>alert(1)</script>"]),
        Note("<script>alert(1)</script>"),
        Absent("<script>alert(1)</script>", "x"),
        Metrics({"a": "<script>alert(1)</script>"}),
    ],
)
def test_names_from_the_data_are_escaped(value):
    page = shown(value)["text/html"]
    assert "<script" not in page
    assert "&lt;script&gt;" in page


def test_facts_are_numbered_in_their_order():
    assert shown(Facts(["a", "b"]))["text/plain"] == "1. a\n2. b"


def test_metrics_become_plain_numbers():
    values = {
        "a": np.float64(0.5), "b": np.int64(3), "c": float("nan"), "d": "x", "e": None, "f": True,
    }  # fmt: skip
    handed_on = shown(Metrics(values))[METRICS_TYPE]
    assert handed_on == {"a": 0.5, "b": 3, "c": None, "d": "x", "e": None, "f": True}
    assert [type(value) for value in handed_on.values()][:2] == [float, int]


@pytest.mark.parametrize("name", ["A", "a b", "a..b", ".a", "a-b", ""])
def test_a_metric_needs_a_dotted_lower_case_name(name):
    with pytest.raises(ValueError, match="a metric's name is lower case with dots"):
        Metrics({name: 1})


@pytest.mark.parametrize("value", [math.inf, -math.inf, np.float64("inf")])
def test_a_metric_must_be_finite(value):
    with pytest.raises(ValueError, match="neither a finite number nor text"):
        Metrics({"a": value})


def test_every_label_of_the_data_can_be_part_of_a_metric_name():
    for label in ("Month-to-month", "(missing)", "20 to 35 €", "Ünïcode", "", "***"):
        Metrics({f"km.{metric_name(label)}.12": 1})


@dataclass(frozen=True)
class Lack:
    lacks: str
    adds: str


MONTHS = Lack("months", "how a model ages")


def test_a_section_shows_its_parts_in_their_order_and_skips_none():
    section = Section(Note("**a**"), None, Facts(["b"]))
    assert shown(section) == {
        "text/html": '<p><strong>a</strong></p>\n<ol class="facts"><li>b</li></ol>',
        "text/plain": "**a**\n1. b",
    }
    assert shown(Section(None)) == {"text/html": "", "text/plain": ""}
    assert shown(Section(Section(Note("a")), Note("b")))["text/plain"] == "a\nb"


def test_a_section_hands_on_what_its_parts_hand_to_the_machine():
    bundle = shown(Section(Answer("h", "d", "l"), Metrics({"a": 1}), Note("n")))
    assert bundle[ANSWER_TYPE] == {"headline": "h", "limit": "l"}
    assert bundle[METRICS_TYPE] == {"a": 1}
    with pytest.raises(
        ValueError, match=r"a section hands on one .*metrics.*, and this one has tw"
    ):
        shown(Section(Metrics({"a": 1}), Metrics({"b": 1})))


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (MONTHS, True),
        (None, False),
        ("lacks", False),
        ({"lacks": "a", "adds": "b"}, False),
        (pd.DataFrame({"lacks": ["a"], "adds": ["b"]}), False),
        (pd.Series({"lacks": "a", "adds": "b"}), False),
    ],
)
def test_what_is_missing_says_what_it_lacks_and_adds(found, expected):
    assert is_missing(found) is expected


def test_a_section_of_something_missing_is_one_line():
    @or_absent
    def section(first, second=None):
        """Show two things."""
        return Note(f"{first} and {second}")

    assert section("a", second="b").text == "a and b"
    for line in (section(MONTHS), section("a", MONTHS), section("a", second=MONTHS)):
        assert isinstance(line, Absent)
        assert line.text == (
            "This base has no months. With it, this part would show how a model ages."
        )
    two = section(Lack("first", "x"), Lack("second", "y"))
    assert two.text == "This base has no first. With it, this part would show x."
    assert (section.__name__, section.__doc__) == ("section", "Show two things.")
