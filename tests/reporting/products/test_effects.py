"""The sections on keeping: effects that are there, none, and what is lacking."""

from types import SimpleNamespace

import pandas as pd
import pytest

from src.analyses.missing import Missing
from src.analyses.products.keeping import LABELS, Effect
from src.reporting.page.results import Absent
from src.reporting.products import effects as show

NO_HABIT = Missing("table usage", "the effect of a product apart from a habit")


def effect_of(main, *, habit=True, truth=None, insider=None, lag=0, e_value=(1.52, 1.21)):
    """An effect whose last row is `main`: effect, low, high."""
    ends = {
        "whole_lives": (-0.48, -0.50, -0.46),
        "raw": (-0.27, -0.31, -0.24),
        "seen": (-0.12, -0.15, -0.09),
        "habit": main,
    }
    ends = ends if habit else {**ends, "seen": main}
    kept = list(ends) if habit else list(ends)[:-1]
    rows = pd.DataFrame([ends[name] for name in kept], columns=["effect", "low", "high"])
    rows.insert(0, "estimate", kept)
    rows.insert(1, "label", [LABELS[name] for name in kept])
    told = SimpleNamespace(on_leaving=-0.6931472, on_taking=0.4054651, usage_shows=0.71)
    return Effect(
        segment="B2C",
        rows=rows.assign(customers=4_000, exits=900),
        balance=pd.DataFrame(
            {"what": ["tickets", "usage: calls"], "before": [-0.1, 0.4], "after": [0.0, 0.004]}
        ),
        habit=told if habit else NO_HABIT,
        e_value=e_value[0],
        e_value_end=e_value[1],
        lag=lag,
        confidence=0.95,
        truth=truth,
        insider=insider,
    )


def test_an_effect_is_said_beside_what_the_raw_comparison_promises():
    said = show.finding(effect_of((-0.058, -0.09, -0.02)))
    assert said == (
        "A further product goes with fewer exits: **5.8% fewer** a month (9.0% fewer to 2.0% "
        "fewer) per further product, among B2C customers alike in what is seen and in habit. "
        "Holders of more on one day leave 27.0% less often per product."
    )


def test_none_is_said_to_be_untold():
    said = show.finding(effect_of((-0.01, -0.05, 0.03)))
    assert said.startswith(
        "Whether a further product keeps customers **cannot be told**: 1.0% fewer exits a month "
        "(5.0% fewer to 3.0% more)"
    )


def test_without_habit_the_figure_is_of_what_is_seen():
    said = show.finding(effect_of((0.05, 0.01, 0.09), habit=False))
    assert "goes with more exits: **5.0% more**" in said
    assert "alike in what is seen." in said


@pytest.mark.parametrize(
    ("habit", "e_value", "words"),
    [
        (True, (1.52, 1.21), "by a ratio of **1.52** each, beyond all that is adjusted for; 1.21"),
        (False, (1.13, 1.0), "No unseen trait is needed to explain the main figure away"),
    ],
)
def test_how_strong_an_unseen_trait_would_have_to_be(habit, e_value, words):
    said = show.unseen_sentence(effect_of((-0.05, -0.1, -0.01), habit=habit, e_value=e_value))
    assert words in said
    scale = "with leaving by 2.00 and with taking a product by 1.50; usage shows 71%"
    assert (scale in said) == habit


def test_truth_is_told_with_what_an_insider_finds():
    insider = pd.Series({"effect": -0.02, "low": -0.06, "high": 0.02})
    said = show.truth_sentence(effect_of((-0.01, -0.05, 0.03), truth=-0.058, insider=insider))
    assert "given 5.8% fewer exits per product, outside the main interval" in said
    assert "tell 2.0% fewer (6.0% fewer to 2.0% more)" in said
    alone = show.truth_sentence(effect_of((-0.05, -0.1, 0.0), truth=-0.058))
    assert alone.endswith("inside the main interval.")


def test_slow_exits_are_said():
    assert "4 months before the end" in show.beside_sentence(effect_of((-0.1, -0.2, 0.0), lag=4))
    assert "slow" not in show.beside_sentence(effect_of((-0.1, -0.2, 0.0)))


def test_the_chart_has_a_dot_per_comparison_and_the_truth(ax):
    show.draw_effects(ax, effect_of((-0.05, -0.1, 0.01), truth=-0.058))
    assert [label.get_text() for label in ax.get_yticklabels()] == [
        "Whole lives",
        "One day",
        "Alike in\nwhat is seen",
        "Alike in\nhabit too",
    ]
    dots = ax.collections[-1].get_offsets()
    assert dots[:, 0].tolist() == pytest.approx([-0.48, -0.27, -0.12, -0.05])
    assert [line.get_xdata()[0] for line in ax.lines] == [0, -0.058]
    low, high = ax.get_xlim()
    assert low < -0.50
    assert high > 0.01


def test_the_section_shows_figure_words_and_folded_balance():
    effect = effect_of((-0.05, -0.1, 0.01), truth=-0.058)
    page = show.keeping(effect, effect_of((-0.1, -0.2, 0.0), lag=4))._repr_mimebundle_()
    html = page["text/html"]
    assert html.count("<svg ") == 1
    assert "simulator was given 5.8% fewer" in html
    assert "falls from 0.40 to 0.00 standard deviations" in html
    assert html.index("<details") > html.index("<svg")
    # The largest difference stands first.
    assert html.index("usage: calls") < html.index("tickets")


def test_what_is_lacking_is_said():
    shown = show.keeping(NO_HABIT, NO_HABIT)
    assert isinstance(shown, Absent)
    assert "no table usage" in shown.text
    part = show.keeping(effect_of((-0.1, -0.2, 0.0), habit=False), NO_HABIT)
    assert "This base has no table usage" in part._repr_mimebundle_()["text/plain"]


def test_metrics_are_named():
    assert show.metrics(effect_of((-0.05, -0.1, 0.01), truth=-0.058)) == {
        "product_effect": -0.05,
        "product_effect.low": -0.1,
        "product_effect.high": 0.01,
        "product_effect.raw": -0.27,
        "product_effect.seen": -0.12,
        "product_effect.e_value": 1.52,
        "product_effect.truth": -0.058,
    }
    assert show.metrics(NO_HABIT) == {"product_effect": None}
