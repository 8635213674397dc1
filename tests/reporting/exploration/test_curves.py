from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest

from src.reporting.exploration import curves as exploration


@dataclass(frozen=True)
class Words:
    customer: str = "customer"
    money: str = "monthly charge"
    outcome: str = "churned"
    rate: str = "churn_rate"
    share: str = "are still customers"
    unit: str = "months"
    vintage: str = "tenure in months"
    ends_are_losses: bool = True


CURVES = pd.DataFrame(
    {
        "group": ["x"] * 3 + ["y"] * 2,
        "time": [0.0, 10, 20, 0, 10],
        "survival": [1, 0.6, 0.4, 1, 0.9],
        "low": [1, 0.5, 0.3, 1, 0.8],
        "high": [1, 0.7, 0.5, 1, 0.95],
    }
)


def test_curve_sentences_for_losses_and_for_returns():
    x = CURVES[CURVES["group"] == "x"]
    assert exploration.curve_sentence(x, 20.0, Words()) == (
        "After 20 months, 40.0% (30.0 to 50.0) are still customers; half of them by 20 months."
    )
    y = CURVES[CURVES["group"] == "y"]
    assert exploration.curve_sentence(y, np.nan, Words()).endswith("the median is not reached.")
    returns = Words(share="have bought again", unit="weeks", ends_are_losses=False)
    assert exploration.curve_sentence(y, np.nan, returns).startswith(
        "After 10 weeks, 10.0% (5.0 to 20.0) have bought again"
    )


def test_groups_are_compared_where_all_were_watched():
    assert exploration.split_sentence(CURVES, "plan", Words()) == (
        "After 10 months, 90.0% (80.0 to 95.0) are still customers with plan “y”, "
        "60.0% (50.0 to 70.0) with “x”."
    )


RETURNS = Words(share="have bought again", unit="weeks", ends_are_losses=False)


def test_no_sentence_begins_after_zero_weeks():
    brief = pd.DataFrame(
        {"group": "all", "time": [0.0, 0.4], "survival": [1, 0.4], "low": 0.3, "high": 0.5}
    )
    assert exploration.curve_sentence(brief, 0.4, RETURNS) == (
        "Within the first week, 60.0% (50.0 to 70.0) have bought again; half of them within the "
        "first week."
    )
    one = brief.assign(time=[0.0, 1.3])
    assert exploration.curve_sentence(one, 1.3, RETURNS).startswith("After 1 week, 60.0%")
    assert exploration.curve_sentence(one, 1.3, RETURNS).endswith("half of them by 1 week.")


def grown(**ends):
    """Curves of groups, watched to these times, a tenth less each."""
    rows = [
        (group, time, survival)
        for place, (group, end) in enumerate(ends.items())
        for time, survival in ((0.0, 1.0), (end, 0.9 - place / 10))
    ]
    curves = pd.DataFrame(rows, columns=["group", "time", "survival"])
    return curves.assign(low=curves["survival"], high=curves["survival"])


@pytest.mark.parametrize(
    ("ends", "kept"),
    [
        ({"old": 60.0, "older": 55.0, "new": 0.3}, ["old", "older"]),
        ({"old": 60.0, "new": 5.9}, []),
        ({"old": 0.9, "new": 0.8}, []),
        ({"one": 60.0}, []),
        ({"old": 60.0, "new": 6.0}, ["old", "new"]),
    ],
)
def test_groups_watched_for_a_moment_are_in_no_comparison(ends, kept):
    curves = exploration.comparable(grown(**ends))
    assert curves["group"].unique().tolist() == kept


def test_groups_that_are_alike_are_not_told_apart():
    alike = grown(a=12.0, b=12.0).assign(survival=1.0, low=0.9, high=1.0)
    assert exploration.split_sentence(alike, "plan", Words()) == (
        "After 12 months, 100.0% (90.0 to 100.0) are still customers whatever the plan."
    )


def test_metrics_of_marked_times():
    marks = pd.DataFrame({"group": ["Month-to-month"], "time": [12.0], "survival": [0.7]})
    assert exploration.curve_metrics(marks) == {"km.month_to_month.12": 0.7}
    assert exploration.curve_metrics(marks.iloc[:0]) == {}


def test_shares_of_a_table():
    marks = pd.DataFrame({"survival": [0.9, np.nan], "low": [0.8, np.nan], "high": [0.95, np.nan]})
    assert exploration.shares(marks.iloc[:1], Words()).tolist() == ["90.0% (80.0 to 95.0)"]
