"""Buyers beside comparable non-buyers."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from src.data.problems import InputError
from src.models.overlap.comparing import as_columns, balancing, compare


def world(rng: np.random.Generator, size: int, effect: float = 0.0):
    """Younger and richer ones buy; both matter for what they bring later."""
    known = pd.DataFrame(
        {
            "age": rng.gamma(4, 6, size),
            "income": rng.normal(50, 10, size),
            "region": rng.choice(["north", "south", "west"], size),
        }
    )
    reach = -2.2 - 0.04 * (known["age"] - 24) + 0.04 * (known["income"] - 50)
    is_buyer = pd.Series(rng.random(size) < 1 / (1 + np.exp(-reach)))
    later = 2 * known["income"] - known["age"] + effect * is_buyer + rng.normal(0, 20, size)
    return known, is_buyer, pd.DataFrame({"revenue": later})


def test_weights_balance_and_the_effect_is_found():
    known, is_buyer, later = world(np.random.default_rng(1), 4_000, effect=10.0)
    found = compare(known, is_buyer, later)
    assert found.balance["after"].abs().max() < 1e-6
    assert found.balance["before"].abs().max() > 0.2
    row = found.effects.iloc[0]
    assert row["matched_low"] < 10 < row["matched_high"]
    assert not row["raw_low"] < 10 < row["raw_high"]
    assert row["matched"] == pytest.approx(row["buyers"] - row["alike"])
    assert (found.buyers, found.others) == (is_buyer.sum(), (~is_buyer).sum())
    assert found.buyers < found.effective < found.others


def test_the_interval_of_no_effect_holds_zero():
    rng = np.random.default_rng(4)
    rows = [compare(*world(rng, 600)).effects.iloc[0] for _ in range(60)]
    holds = sum(row["matched_low"] <= 0 <= row["matched_high"] for row in rows)
    assert holds >= 51  # of 60 at 95 %: fewer in 1 of 1,000 runs
    assert sum(row["raw_low"] <= 0 <= row["raw_high"] for row in rows) < 30


def test_one_column_by_hand():
    # Others at 1 and 5 weigh 3/4 and 1/4 to have the mean 2 of the buyers.
    assert balancing(np.array([[-1.0], [3.0]])) == pytest.approx([0.75, 0.25])


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000))
def test_weights_are_shares_whatever_the_rows(seed):
    rng = np.random.default_rng(seed)
    apart = (rng.standard_normal((60, 3)) + rng.normal(0, 0.2, 3)) * rng.gamma(2, 1, 3)
    weights = balancing(apart)
    assert weights.sum() == pytest.approx(1)
    assert (weights >= 0).all()
    assert np.abs(weights @ apart).max() < 1e-6


def test_money_in_other_units_gives_the_same_comparison():
    known, is_buyer, later = world(np.random.default_rng(5), 1_000)
    cents = known.assign(income=100 * known["income"])
    one, other = compare(known, is_buyer, later), compare(cents, is_buyer, 100 * later)
    assert other.effects.loc[0, "matched"] == pytest.approx(100 * one.effects.loc[0, "matched"])


def test_texts_gaps_constants_and_copies():
    known = pd.DataFrame(
        {
            "age": [1.0, np.nan, 3.0, 4.0, 8.0, 9.0],
            "twice": [2.0, 4.0, 9.0, 8.0, 1.0, 3.0],
            "same": 1.0,
            "region": ["n", "s", None, "n", "n", "s"],
        }
    )
    columns = as_columns(known.assign(again=known["twice"] + 1), np.array([True] * 6))
    expected = pd.DataFrame(
        {
            "age": [1.0, 4.0, 3.0, 4.0, 8.0, 9.0],
            "age not known": [0.0, 1.0, 0.0, 0.0, 0.0, 0.0],
            "twice": [2.0, 4.0, 9.0, 8.0, 1.0, 3.0],
            "region n": [1.0, 0.0, 0.0, 1.0, 1.0, 0.0],
            "region s": [0.0, 1.0, 0.0, 0.0, 0.0, 1.0],
        }
    )
    pd.testing.assert_frame_equal(columns, expected)


@pytest.mark.parametrize(("buyers", "message"), [(10, "needs 30 of each"), (0, "needs 30 of each")])
def test_few_buyers_are_told(buyers, message):
    known = pd.DataFrame({"age": np.arange(100.0)})
    is_buyer = known["age"] < buyers
    with pytest.raises(InputError, match=message):
        compare(known, is_buyer, known)


def test_buyers_of_another_kind_are_told():
    known = pd.DataFrame({"age": np.arange(100.0)})
    with pytest.raises(InputError, match="they differ most in age"):
        compare(known, known["age"] >= 50, known)
