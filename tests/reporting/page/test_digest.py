import pytest

from src.reporting.page.digest import Question, has_interval, marked, render_digest, significant

HEAD = """# What the reports found

Written by `make report` from the last run of every report; it changes when a result does, and is
not edited by hand. Numbers have three significant digits, and their intervals in brackets. The
reports themselves are pages to be built: [two commands](../README.md#two-commands).
"""


def record(variant, origin, **metrics):
    named = {"notebook": "01_nb", "variant": variant, "base_title": f"Base {variant}"}
    answer = {"answer": f"**1%** of {variant}.", "limit": "one month."}
    confidence = {"parameters.CONFIDENCE": 0.95}
    never_shown = {"date": "2024-01-05", "seconds": 3.2, "versions.pandas": "2.3.3"}
    return {**named, **answer, **confidence, **never_shown, "origin": origin, **metrics}


def measured(name, value, low, high):
    return {name: value, f"{name}.low": low, f"{name}.high": high}


REAL = record("a", "real", **measured("rate", 0.2654, 0.2552, 0.2758))
SAMPLE = record(
    "b",
    "sample",
    **measured("repeat", 0.5, 0.4, 0.6),
    **measured("profit", 204663.13, 194843.6, 214509.8),
    **{"figure.finding": "**Half** of [x].", "figure.alt": "A line of [x]."},
)
SIMULATED = record("c", "simulated", rate=0.1)
NUMBERS = (("rate", "Rate"), ("repeat", "Rate"), ("profit", "Profit, EUR"), ("lost", "Lost"))


def test_a_question_is_answered_base_by_base_with_numbers_and_a_figure():
    page = render_digest([Question("Why?", (REAL, SAMPLE, SIMULATED), NUMBERS, SAMPLE)])
    assert page == (
        f"{HEAD}\n"
        "## Why?\n\n"
        "**Base a** (real, `01_nb__a`): **1%** of a. *Limit:* one month.\n\n"
        "**Base b** (published sample, `01_nb__b`): **1%** of b. *Limit:* one month.\n\n"
        "**Base c** (simulated, `01_nb__c`): **1%** of c. *Limit:* one month.\n\n"
        "| 95% intervals | Rate | Profit, EUR | Lost |\n"
        "| --- | --- | --- | --- |\n"
        "| `a` | 0.265 (0.255 to 0.276) | - | - |\n"
        "| `b` | 0.500 (0.400 to 0.600) | 205,000 (195,000 to 215,000) | - |\n\n"
        "![A line of \\[x\\].](figures/01_nb__b.svg)\n\n"
        "Figure, Base b: **Half** of \\[x\\].\n"
    )


def test_questions_keep_their_order_and_need_neither_numbers_nor_figure():
    page = render_digest([Question("Why?", (REAL,)), Question("How?", (SIMULATED,), NUMBERS)])
    assert page == (
        f"{HEAD}\n"
        "## Why?\n\n**Base a** (real, `01_nb__a`): **1%** of a. *Limit:* one month.\n\n"
        "## How?\n\n**Base c** (simulated, `01_nb__c`): **1%** of c. *Limit:* one month.\n"
    )


def test_levels_of_intervals_are_named_where_they_differ():
    other = {**REAL, "variant": "d", "parameters.CONFIDENCE": 0.9}
    page = render_digest([Question("Why?", (REAL, other), NUMBERS)])
    assert "| 90% and 95% intervals | Rate |" in page


def test_an_interval_needs_both_ends():
    assert has_interval({"m": 0, "m.low": -1, "m.high": 1}, "m")
    assert not has_interval({"m": 0, "m.low": -1}, "m")
    assert not has_interval({"m": None, "m.low": -1, "m.high": 1}, "m")  # it was not a number


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (1, "1.00"), (-1.005, "-1.00"), (9.996, "10.0"), (0.09996, "0.100"), (12.34, "12.3"),
        (123.4, "123"), (1234.5, "1,230"), (-999.9, "-1,000"), (2500315.63, "2,500,000"),
        (1.2e-7, "0.000000120"), (0.0, "0"),
    ],
)  # fmt: skip
def test_three_digits_whatever_the_size(value, shown):
    assert significant(value) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("<b> & $x^2$", r"\<b\> \& \$x^2\$"),
        ("a|b\n# c `d`", r"a\|b # c \`d\`"),
        ("[a](http://b)", r"\[a\](http://b)"),
        ("mean_3m of *all* _one_ **two**", r"mean_3m of \*all\* \_one\_ **two**"),
        ("a\\", r"a\\"),
    ],
)
def test_names_from_the_data_are_shown_as_they_are(text, shown):
    assert marked(text) == shown
