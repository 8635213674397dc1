"""Sections of what to do with shop buyers: their sentences, and the small groups they hide."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from src.reporting import shop_ltv as show
from src.reporting.shop_ltv import calling

TERMS = SimpleNamespace(currency="EUR", min_cell=10, months=36)


def estimate(value, low, high):
    return SimpleNamespace(value=value, low=low, high=high)


def found(buyers=30, overdue=80, longest=(10, 5, 15)):
    first = pd.DataFrame({"buyer_key": range(buyers)})
    bands = pd.DataFrame(
        {
            "repeats": ["1 to 2", "3+"],
            "buyers": [12, 18],
            "silence": [40.0, 20.0],
            "usual_gap": [30.0, 10.0],
            "alive": [0.2, 0.4],
            "value": [100.0, 2500.0],
            "at_risk": [20.0, 1480.0],
        }
    )
    return SimpleNamespace(
        first=first,
        overdue=overdue,
        weeks=8,
        at_risk=estimate(1500, 1200, 1800),
        longest=estimate(*longest),
        bands=bands,
    )


def html(section):
    return section._repr_mimebundle_()["text/html"]


def missing():
    return SimpleNamespace(lacks="table orders", adds="whom to call")


def test_the_list_of_calls_says_what_silence_would_cost():
    assert calling.calls_sentence(found(), TERMS) == (
        "**Call the first 30 buyers of the 80 who are overdue**: if they stay silent for 8 more "
        "weeks, **1.5 k EUR (1.2 k to 1.8 k)** of their value is gone; of as many buyers who are "
        "silent for longest it is 10 EUR (5 to 15), as most of them have left"
    )
    near = calling.calls_sentence(found(longest=(1100, 900, 1300)), TERMS)
    assert near.endswith("who are silent for longest it is 1.1 k EUR (900 to 1.3 k)")
    whole = calling.calls_sentence(found(overdue=30), TERMS)
    assert whole.startswith("**Call the 30 buyers who are overdue**: if")
    page = html(show.calls(found(), TERMS))
    assert "1 to 2" in page
    assert "1,480" in page
    assert "not known without a control group" in page


def test_few_to_call_are_no_list():
    text = show.calls(found(buyers=4, overdue=4), TERMS).text
    assert text == (
        "Too few to be shown: fewer than 10 buyers are overdue. `study.calls()` has them."
    )
    assert show.calls(missing(), TERMS).text == (
        "This base has no table orders. With it, this part would show whom to call."
    )


def turn(buyers=(500, 200, 3), times=(3.0, 2.5, 3.5)):
    steps = pd.DataFrame({"repeats": ["0", "1", "7+"], "buyers": buyers})
    steps = pd.concat(
        [
            steps.assign(figure="alive", mean=[0.3, 0.4, 0.7]),
            steps.assign(figure="value", mean=[5.0, 15.0, 777.0]),
        ],
        ignore_index=True,
    )
    is_turn = (steps["figure"] == "value") & (steps["repeats"] == "1")
    for name, value in zip(("times", "times_low", "times_high"), times, strict=True):
        steps[name] = np.where(is_turn, value, np.nan)
    further = pd.DataFrame(
        {
            "purchases": ["1", "2", "7+"],
            "buyers": [703, 203, 3],
            "chance": [0.38, 0.56, 0.91],
            "low": [0.36, 0.5, 0.8],
            "high": [0.4, 0.6, 0.95],
        }
    )
    curve = pd.DataFrame({"time": [0.0, 10.0, 20.0], "returned": [0.0, 0.2, 0.3]})
    curve = curve.assign(at_risk=703, low=curve["returned"] * 0.9, high=curve["returned"] * 1.1)
    comeback = SimpleNamespace(
        curve=curve,
        horizon=20,
        ever=estimate(0.3, 0.27, 0.33),
        by=estimate(12.0, 10.0, 14.0),
        buyers=703,
    )
    return SimpleNamespace(comeback=comeback, further=further, steps=steps, within=26)


def test_the_second_purchase_is_told_in_two_sentences():
    assert calling.second_sentence(turn()) == (
        "**30.0% (27.0 to 33.0)** of the buyers buy a second time within 20 weeks; four of five of "
        "these have done so by **week 12 (10 to 14)**: after that, do not wait"
    )
    assert calling.turn_sentence(turn(), TERMS) == (
        "After one purchase 38% buy again within 26 weeks, after two 56%; a buyer with two "
        "purchases is worth **3.0 times (2.5 to 3.5)** as much from now on as one with a single one"
    )


def test_a_step_of_few_buyers_is_not_in_the_table():
    page = html(show.second(turn(), TERMS))
    assert "15.00" in page
    assert "777" not in page
    assert "only an experiment can tell" in page


def test_a_turn_without_buyers_enough_is_left_out():
    few = calling.turn_sentence(turn(buyers=(500, 4, 3)), TERMS)
    assert few == "After one purchase 38% buy again within 26 weeks, after two 56%"
    unknown = turn(times=(np.nan, np.nan, np.nan))
    assert "times" not in calling.turn_sentence(unknown, TERMS)
    unknown.further = unknown.further.iloc[:1]
    assert calling.turn_sentence(unknown, TERMS) == ("What changes with the purchases made so far")
    unknown.steps = unknown.steps[unknown.steps["repeats"] == "0"]
    assert np.isnan(calling.value_ratio(unknown).value)


def new(months):
    value = np.linspace(0, 48, months + 1)
    return pd.DataFrame(
        {"month": range(months + 1), "value": value, "low": 0.9 * value, "high": 1.1 * value}
    )


def test_a_new_buyer_bounds_what_winning_one_may_cost():
    assert show.new_buyer(new(36), TERMS).finding == (
        "After the first purchase, a new buyer brings **48.00 EUR (43.20 to 52.80)** of margin in "
        "36 months, 16.00 of it in the first 12. With the margin of the first purchase, this is "
        "the most that winning one may cost"
    )
    assert "in 12 months. With" in show.new_buyer(new(12), TERMS).finding
    assert "in 1 month. With" in show.new_buyer(new(1), TERMS).finding


def test_metrics_of_the_second_purchase():
    told = calling.metrics(turn())
    assert told["second.ever"] == 0.3
    assert told["second.week.high"] == 14.0
    assert told["second.ratio"] == pytest.approx(3.0)
    assert calling.metrics(missing()) == {}
