import pandas as pd
import pytest

from src.reporting.churn import first


def compared(**areas: float) -> pd.DataFrame:
    rows = [(name, "auc", area, area - 0.05, area + 0.05) for name, area in areas.items()]
    return pd.DataFrame(rows, columns=["model", "metric", "value", "low", "high"])


def test_without_a_signal_the_nearest_is_named_with_its_ends():
    said = first.no_signal_headline(
        "forest", compared(rate=0.5, forest=0.52), "who is marked as churned", "all customers"
    )
    assert said == (
        "**No column here tells who is marked as churned** among all customers: no model is better "
        "than the base rate beyond its noise. The nearest, forest, has an AUC of **0.520 (0.470 to "
        "0.570)**, where 0.5 is a draw by lot."
    )


def test_without_a_signal_no_money_is_told_but_the_rate():
    said = first.no_signal_detail(0.3)
    assert said.startswith(
        "All that is known is the rate, 30.0%: everybody has it as their chance."
    )


@pytest.mark.parametrize(
    ("areas", "expected"),
    [
        ({"a": 0.7, "b": 0.6}, ""),
        ({"a": 0.7, "b": 0.7004}, ""),  # the same on the page
        (
            {"a": 0.7, "b": 0.71},
            "By AUC alone b is ahead (0.710); the order here is by log loss, which also asks that "
            "chances come true.",
        ),
    ],
)
def test_a_winner_is_the_best_on_the_page_or_it_says_why_not(areas, expected):
    assert first.ahead_by_auc("a", compared(**areas)) == expected


def test_what_is_assumed_and_what_failed_is_listed_or_not_spoken_of():
    assert first.assumed_sentence([]) == ""
    assert first.assumed_sentence(["an offer 10 EUR (OFFER)", "30% take it (ALPHA, BETA)"]) == (
        "Assumed by this report, set by nobody: an offer 10 EUR (OFFER) and 30% take it (ALPHA, "
        "BETA)."
    )
    assert first.failed_sentence({}) == ""
    assert first.failed_sentence({"hazard": "no months", "rule": "no column"}) == (
        "2 models could not be fitted: hazard (no months); rule (no column)."
    )


@pytest.mark.parametrize(
    ("is_read", "end"),
    [(False, "(C-index)."), (True, "Models read the tenure itself, which flatters this figure.")],
)
def test_the_concordance_says_whether_it_is_flattered(is_read, end):
    said = first.concordance_sentence(0.71449, is_read)
    assert "higher chance in **0.714** of pairs (C-index)." in said
    assert said.endswith(end)
