"""Sentences about money: what a list earns and under which condition, and who is silent."""

from types import SimpleNamespace

import pandas as pd
import pytest

from src.reporting.churn import money

MISSING = SimpleNamespace(lacks="campaigns with a control group", adds="how many an offer keeps")


def estimate(value: float, low: float, high: float) -> SimpleNamespace:
    return SimpleNamespace(value=value, low=low, high=high)


def earned(share: float, profit: float, low: float, high: float) -> pd.DataFrame:
    """The planned list, and another order that no sentence may read."""
    rows = [("expected profit", share, profit, low, high), ("largest first", 0.5, 9e6, 9e6, 9e6)]
    return pd.DataFrame(rows, columns=["ordering", "share", "profit", "low", "high"])


def saved(value: float, low: float, high: float, **counts: int) -> SimpleNamespace:
    given = {"campaigns": 3, "treated": 2_400, "controls": 1_200} | counts
    return SimpleNamespace(share=estimate(value, low, high), **given)


def test_what_the_planned_list_earned_if_so_many_stay():
    assert money.profit_sentence(earned(0.04, 2_100, 1_500, 2_700), 0.3, "EUR") == (
        "If 30% of the leavers who are contacted stay, contacting the top **4.0%** by expected "
        "profit would have earned **2.1 k EUR (1.5 k to 2.7 k)**."
    )


@pytest.mark.parametrize("low", [-200.0, 0])
def test_a_profit_that_may_be_luck(low):
    assert money.profit_sentence(earned(0.2, 1_500, low, 3_000), 0.125, "EUR") == (
        "If 12% of the leavers who are contacted stay, contacting the top **20%** by expected "
        f"profit would have earned **1.5 k EUR ({low:g} to 3 k)**, which may be luck."
    )


@pytest.mark.parametrize("profit", [-500.0, 0])
def test_a_plan_that_would_have_lost(profit):
    assert money.profit_sentence(earned(0.2, profit, -1_000, 12), 0.3, "EUR") == (
        "**No campaign pays** at these costs: even if 30% of the leavers who are contacted stay, "
        "contacting the top **20%** by expected profit would have earned "
        f"**{profit:g} EUR (-1 k to 12)**."
    )


def test_the_best_plan_is_nobody():
    assert money.profit_sentence(earned(0, 0, 0, 0), 0.3, "EUR") == (
        "**No campaign pays** at these costs, not even if 30% of the leavers who are contacted "
        "stay: the best plan is to contact nobody."
    )


@pytest.mark.parametrize(
    ("gain", "expected"),
    [
        (
            (34_300, 7_000, 63_900),
            "That is **34.3 k EUR (7 k to 63.9 k)** more than contacting nobody.",
        ),
        (
            (-2_000, -3_500, -400),
            "That is **2 k EUR (400 to 3.5 k)** less than contacting nobody.",
        ),
        (
            (1_000, -200, 2_200),
            "Against contacting nobody that is **1 k EUR (-200 to 2.2 k)**: no proven gain over "
            "the cheap alternative.",
        ),
        (
            (1_000, 0, 2_000),
            "Against contacting nobody that is **1 k EUR (0 to 2 k)**: no proven gain over the "
            "cheap alternative.",
        ),
    ],
)
def test_what_the_list_adds_to_the_cheap_alternative(gain, expected):
    assert money.gain_sentence(estimate(*gain), "contacting nobody", 0.1, "EUR") == expected


def test_without_a_list_nothing_is_added():
    assert money.gain_sentence(estimate(0, 0, 0), "contacting nobody", 0, "EUR") == ""


NEEDED = "It earns nothing if **12.0% (8.0 to 17.0)** of them stay."


@pytest.mark.parametrize(
    ("kept", "verdict"),
    [
        (
            (0.25, 0.18, 0.31),
            "**25.0% (18.0 to 31.0)** of leavers {who}: above what the list needs",
        ),
        (
            (0.05, -0.02, 0.11),
            "**5.0% (-2.0 to 11.0)** of leavers {who}: below what the list needs",
        ),
        (
            (0.15, 0.05, 0.24),
            "**15.0% (5.0 to 24.0)** of leavers {who}: too uncertain to tell whether it is enough",
        ),
    ],
)
def test_the_rate_at_which_nothing_is_earned_beside_what_offers_kept(kept, verdict):
    who = "(3 campaigns with 1,200 controls)"
    assert money.accept_sentence(estimate(0.12, 0.08, 0.17), saved(*kept)) == (
        f"{NEEDED} The base's own offers kept {verdict.format(who=who)}."
    )


def test_a_rate_is_a_share_of_one():
    assert money.accept_sentence(estimate(0.7, -0.1, 1.6), MISSING) == (
        "It earns nothing if **70.0% (0.0 to 100.0)** of them stay. Nobody measured here how many "
        "do: this base has no campaigns with a control group."
    )


def test_what_offers_kept_where_nothing_is_needed():
    nobody = SimpleNamespace(lacks="savable customers", adds="the break-even accept rate")
    assert money.accept_sentence(nobody, saved(0.2, 0.1, 0.3, campaigns=1, controls=9)) == (
        "The base's own offers kept **20.0% (10.0 to 30.0)** of leavers (1 campaign with "
        "fewer than 10 controls)."
    )
    assert money.accept_sentence(nobody, MISSING) == (
        "Nobody measured here how many do: this base has no campaigns with a control group."
    )


def test_what_was_said_of_the_silent_and_what_came():
    table = pd.DataFrame(
        {
            "silent": [1, 2],
            "customers": [1_200, 1],
            "gone_said": [0.614, 0.9],
            "gone": [0.6, 1.0],
            "low": [0.57, 0.2],
            "high": [0.63, 1.0],
        }
    )
    assert money.silent_sentence(table) == (
        "Of 1,200 customers silent for 1 month **60% (57% to 63%)** were gone already, said 61%; "
        "of 1 customer silent for 2 months **100% (20% to 100%)** were gone already, said 90%. A "
        "contact of theirs is paid for and saves nobody."
    )
