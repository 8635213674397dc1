"""Scales of habits: what is measured, counted, dropped and drawn in."""

import numpy as np
import pandas as pd
import pytest

from src.data.problems import InputError
from src.models.segments.scales import Scales


@pytest.fixture
def habits():
    rng = np.random.default_rng(0)
    return pd.DataFrame(
        {
            "plain": np.r_[np.linspace(-1, 1, 99), 400.0],
            "money": np.exp(rng.normal(size=100)),
            "count": np.repeat([0.0, 1, 2, 3], 25),
            "alike": np.r_[np.zeros(50), np.arange(50.0)],
            "unknown": np.r_[np.full(21, np.nan), np.arange(79.0)],
        }
    )


def test_habits_that_divide_nobody_are_dropped(habits):
    scales = Scales.fitted(habits, frozenset(["money"]))
    assert scales.names == ["plain", "money", "count"]
    assert scales.dropped == ("alike", "unknown")


def test_measured_habits_are_distances_from_the_median_and_tails_are_drawn_in(habits):
    scales = Scales.fitted(habits, frozenset(["money"]))
    found = dict(zip(scales.names, scales.scaled(habits).T, strict=True))
    assert np.median(found["plain"]) == pytest.approx(0, abs=1e-12)
    # A quarter of even steps, 25 of 2 / 98, is 0.6373 usual differences long.
    assert np.diff(found["plain"])[50] == pytest.approx(0.6373 / 25)
    # 400 is 499 of them away: 3 and twice the square root of the rest.
    assert found["plain"][-1] == pytest.approx(
        3 + 2 * (np.sqrt(1 + 399.99 * 49 * 0.6373 / 25 - 3) - 1), rel=1e-3
    )
    assert (np.diff(found["plain"]) > 0).all()
    other = Scales.fitted(habits.assign(money=9 * habits["money"]), frozenset(["money"]))
    moved = other.scaled(habits.assign(money=9 * habits["money"]))
    assert moved == pytest.approx(scales.scaled(habits))  # the unit of money does not matter


def test_counts_are_read_by_ranks_and_spread_only_with_a_generator(habits):
    scales = Scales.fitted(habits, frozenset(["money"]))
    place = scales.names.index("count")
    fixed, spread = scales.scaled(habits), scales.scaled(habits, np.random.default_rng(1))
    assert len(np.unique(fixed[:, place])) == 4
    assert len(np.unique(spread[:, place])) == 100
    assert spread[:25, place].max() < spread[25:50, place].min()


def test_what_is_not_known_is_in_the_middle():
    habits = pd.DataFrame(
        {"a": np.r_[np.nan, np.arange(30.0)], "b": np.r_[-1.0, 1 + np.arange(30)]}
    )
    scales = Scales.fitted(habits, frozenset(["b"]))
    assert scales.scaled(habits)[0].tolist() == [0.0, 0.0]  # missing, and no logarithm


def test_one_habit_makes_no_clusters():
    habits = pd.DataFrame({"a": np.arange(30.0), "b": 1.0})
    with pytest.raises(InputError, match="need two habits or more in which customers differ"):
        Scales.fitted(habits)
