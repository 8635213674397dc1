from dataclasses import dataclass

import pandas as pd
import pytest

from src.reporting.exploration import sentences as exploration


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


@dataclass(frozen=True)
class Held:
    value: float
    low: float
    high: float


RATE = pd.Series({"rate": 0.25, "low": 0.2, "high": 0.3})
LEVELS = pd.DataFrame(
    {
        "attribute": ["plan"] * 3 + ["region"],
        "level": ["a", "b", "c", "north"],
        "customers": [10, 20, 30, 60],
        "rate": [0.3, 0.1, 0.2, 0.25],
        "low": [0.2, 0.05, 0.1, 0.2],
        "high": [0.4, 0.15, 0.3, 0.3],
    }
)


def test_the_headline_stands_alone():
    held = Held(0.318, 0.31, 0.33)
    assert exploration.headline(RATE, 7043, held, 0.2, Words()) == (
        "**25.0% (20.0 to 30.0)** of 7,043 customers churned; the top 20% bring "
        "**31.8% (31.0 to 33.0)** of the monthly charge."
    )
    assert exploration.headline(RATE, 40, None, 0.2, Words()) == (
        "**25.0% (20.0 to 30.0)** of 40 customers churned."
    )


@pytest.mark.parametrize(
    ("rate", "said"),
    [(0.03, "fewer than 10"), (0.97, "all but fewer than 10"), (0.1, "10.0% (0.0 to 100.0)")],
)
def test_few_who_did_or_did_not_are_not_counted_out(rate, said):
    few = pd.Series({"rate": rate, "low": 0.0, "high": 1.0})
    assert exploration.headline(few, 100, None, 0.2, Words()) == (
        f"**{said}** of 100 customers churned."
    )
    assert exploration.rate_sentence(few, 100, Words()) == (
        f"Of 100 customers, **{said}** churned."
    )


@pytest.mark.parametrize(
    ("held", "verdict"),
    [
        (Held(0.5, 0.4, 0.6), "less than the proverb's 80%"),
        (Held(0.79, 0.7, 0.85), "about the proverb's 80%"),
        (Held(0.9, 0.85, 0.95), "more than the proverb's 80%"),
    ],
)
def test_the_proverb_is_judged_by_the_interval(held, verdict):
    assert verdict in exploration.money_sentence(held, 0.2, Words())


def test_money_is_not_judged_at_another_share_and_its_absence_is_said():
    text = exploration.money_sentence(Held(0.5, 0.4, 0.6), 0.1, Words())
    assert text == "The top 10% of customers bring **50.0% (40.0 to 60.0)** of the monthly charge."
    assert "holds no money" in exploration.money_sentence(None, 0.2, Words())


@pytest.mark.parametrize(
    ("below", "unknown", "text"),
    [
        (0, 0, ""),
        (
            50,
            0,
            " 50 of 300 customers brought less than nothing (more returned or credited than paid), "
            "so that shares are of the purchases.",
        ),
        (
            3,
            159,
            " Fewer than 10 of 300 customers brought less than nothing (more returned or credited "
            "than paid), so that shares are of the purchases; 159 have no known monthly charge and "
            "are left out of these shares.",
        ),
    ],
)
def test_who_is_set_aside_is_counted_unless_they_are_few(below, unknown, text):
    assert exploration.aside_sentence(below, unknown, 300, "purchases", Words()) == text


def test_a_vintage_that_returned_more_than_it_bought_is_no_part_of_the_revenue():
    revenue = pd.DataFrame({"vintage": ["a", "b"], "period": "now", "revenue": [30.0, -20.0]})
    revenue["customers"] = 12

    assert "“a” brings most: 100.0%" in exploration.vintage_sentence(revenue, Words())
    nobody = exploration.vintage_sentence(revenue.assign(revenue=-1.0), Words(vintage="year"))
    assert nobody == "No year brings revenue in the latest period."


def test_the_attribute_sentence_names_both_ends():
    plan = LEVELS[LEVELS["attribute"] == "plan"]
    assert exploration.attribute_sentence(plan, 0.168, Words()) == (
        "What separates most is **plan**: with “a” 30.0% (20.0 to 40.0) churned, with “b” "
        "10.0% (5.0 to 15.0); it explains 16.8% of the variance."
    )
    within = exploration.attribute_sentence(plan.assign(low=0.05, high=0.4), 0.004, Words())
    assert within == (
        "No attribute of the base separates its customers beyond the noise. The nearest is plan: "
        "with “a” 30.0% (5.0 to 40.0) churned, with “b” 10.0% (5.0 to 40.0)."
    )
    alike = exploration.attribute_sentence(LEVELS.assign(rate=0.0), 0.0, Words())
    nothing = exploration.attribute_sentence(LEVELS.iloc[:1], 0.0, Words())
    assert alike == nothing
    assert nothing == "No attribute of the base separates its customers."


def columns(**missing):
    rows = [("t", name, gaps, gaps / 100) for name, gaps in missing.items()]
    return pd.DataFrame(rows, columns=["table", "column", "missing", "missing_share"])


@pytest.mark.parametrize(
    ("frame", "reason", "text"),
    [
        (columns(a=0), None, "No cell of the base is empty."),
        (columns(a=1), None, "**fewer than 10 cells** of a are empty."),
        (columns(a=99), None, "**nearly all cells** of a are empty."),
        (
            columns(a=3, b=50, c=1),
            ("tenure", 0.0),
            "**50 cells** of b are empty (50.0%), all of them where tenure is 0; "
            "2 other columns have gaps.",
        ),
        (
            columns(a=3, b=50),
            ("plan", "x"),
            "**50 cells** of b are empty (50.0%), all of them where plan is x; "
            "1 other column has gaps.",
        ),
    ],
)
def test_gaps_are_counted_and_explained(frame, reason, text):
    assert exploration.quality_sentence(frame, reason) == text


def test_size_with_and_without_dates():
    tables = pd.DataFrame({"table": ["a", "b"], "rows": [3, 1000], "first": pd.NaT, "last": pd.NaT})
    assert exploration.size_sentence(tables, 2, Words()) == (
        "The base holds **2 customers in 1,003 rows** (a and b) and no dates."
    )
    tables["first"], tables["last"] = pd.Timestamp("2023-01-01"), pd.Timestamp("2024-06-01")
    assert exploration.size_sentence(tables, 2, Words()).endswith(
        "(a and b), from January 2023 to June 2024."
    )


def test_vintages_of_the_latest_period():
    revenue = pd.DataFrame(
        {
            "vintage": ["2022", "2022", "2023"],
            "period": pd.to_datetime(["2023-01-01", "2023-02-01", "2023-02-01"]),
            "revenue": [100.0, 1.0, 3.0],
            "customers": [12, 9, 11],
        }
    )
    assert exploration.vintage_sentence(revenue, Words(vintage="year")) == (
        "By year, “2023” brings most: 75.0% of the revenue in February 2023."
    )
    assert exploration.vintage_sentence(revenue.assign(customers=9), Words(), 10) == (
        "No tenure in months of 10 customers or more brings revenue in the latest period."
    )
    of_nine = revenue.assign(customers=[12, 11, 9])  # its share counts, its name is not told
    assert "“2022” brings most: 25.0%" in exploration.vintage_sentence(of_nine, Words(), 10)
    now = revenue.assign(period="now")
    assert exploration.vintage_sentence(now, Words()).endswith("97.1% of the revenue.")


def test_extremes_per_attribute():
    expected = pd.DataFrame(
        {
            "lowest": ["b: 10.0% (5.0 to 15.0)"],
            "highest": ["a: 30.0% (20.0 to 40.0)"],
        },
        index=["plan"],  # region has one level here, that is neither
    )
    pd.testing.assert_frame_equal(exploration.extremes(LEVELS), expected)
    assert list(exploration.extremes(LEVELS.iloc[:0]).columns) == ["lowest", "highest"]


def test_metrics_carry_the_figures_of_the_report():
    tables = pd.DataFrame({"table": ["snapshot"], "rows": [4]})
    figures = exploration.metrics(tables, 4, RATE, columns(a=1, b=0), Words())
    assert figures == {
        "rows": 4,
        "rows.snapshot": 4,
        "customers": 4,
        "churn_rate": 0.25,
        "churn_rate.low": 0.2,
        "churn_rate.high": 0.3,
        "missing.cells": None,
        "missing.columns": 1,
    }
    assert exploration.money_metrics(Held(0.4, 0.3, 0.5), 0.2, 10.0, 2.5) == {
        "pareto.top20_share": 0.4,
        "pareto.top20_share.low": 0.3,
        "pareto.top20_share.high": 0.5,
        "money.total": 10.0,
        "money.mean": 2.5,
    }


def test_exits_are_told_group_by_group():
    shares = pd.DataFrame(
        {
            "group": ["B2B", "B2B", "B2C", "B2C"],
            "before": [2, 1, 2, 1],
            "share": [0.8, 0.5, 1.0, 1.01],
            "low": [0.7, 0.45, 0.9, 0.99],
            "high": [0.9, 0.55, 1.1, 1.03],
        }
    )
    assert exploration.exit_sentence(shares, "revenue") == (
        "In the last month before the exit, revenue is this share of normal: "
        "50% (45 to 55) for B2B and 101% (99 to 103) for B2C."
    )


EXITS = pd.DataFrame(
    {
        "group": ["B2B", "B2C"],
        "exits": [10, 30],
        "frozen": [4, 16],
        "rate": [0.01, 0.02],
        "low": [0.005, 0.015],
        "high": [0.018, 0.028],
    }
)


def test_churn_of_both_segments_in_words_and_in_metrics():
    assert exploration.churn_sentence(EXITS) == (
        "A month, this share of customers leaves: B2B **1.00% (0.50 to 1.80)** and "
        "B2C **2.00% (1.50 to 2.80)**."
    )
    assert exploration.churn_texts(EXITS).tolist() == [
        "1.00% (0.50 to 1.80)",
        "2.00% (1.50 to 2.80)",
    ]
    assert exploration.exit_metrics(EXITS) == {
        "b2b.monthly_churn": 0.01,
        "b2b.monthly_churn.low": 0.005,
        "b2b.monthly_churn.high": 0.018,
        "b2c.monthly_churn": 0.02,
        "b2c.monthly_churn.low": 0.015,
        "b2c.monthly_churn.high": 0.028,
        "exit.frozen_share": 0.5,
    }
    assert exploration.exit_metrics(EXITS.assign(exits=0, frozen=0))["exit.frozen_share"] == 0
