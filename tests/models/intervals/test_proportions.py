import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal
from scipy.stats import binom

from src.models.intervals.proportions import wilson

Z = {0.9: 1.6448536269514722, 0.95: 1.959963984540054, 0.99: 2.5758293035489004}


def closed_formula(successes: int, trials: int, z: float) -> tuple[float, float]:
    """Wilson 1927: the rates p with |successes / trials - p| <= z sqrt(p (1 - p) / trials)."""
    p = successes / trials
    middle = (p + z**2 / (2 * trials)) / (1 + z**2 / trials)
    half = z / (1 + z**2 / trials) * math.sqrt(p * (1 - p) / trials + z**2 / (4 * trials**2))
    return middle - half, middle + half


@pytest.mark.parametrize("confidence", [0.9, 0.95, 0.99])
@pytest.mark.parametrize(("successes", "trials"), [(0, 10), (1, 10), (5, 20), (37, 1000), (10, 10)])
def test_the_closed_formula(successes, trials, confidence):
    found = wilson(pd.Series([successes]), pd.Series([trials]), confidence)

    low, high = closed_formula(successes, trials, Z[confidence])
    expected = pd.DataFrame({"rate": [successes / trials], "low": [low], "high": [high]})
    assert_frame_equal(found, expected, atol=1e-12)


def test_the_index_is_that_of_the_successes():
    index = pd.Index(["a", "b"], name="plan")

    found = wilson(pd.Series([1, 2], index), pd.Series([4, 4], index))

    expected = pd.DataFrame({"rate": [0.25, 0.5]}, index)
    assert_frame_equal(found[["rate"]], expected)


@settings(deadline=None)
@given(st.integers(min_value=1, max_value=10**7), st.data(), st.floats(0.5, 0.999))
def test_the_interval_holds_the_rate_and_stays_between_0_and_1(trials, data, confidence):
    successes = data.draw(st.integers(min_value=0, max_value=trials))

    found = wilson(pd.Series([successes]), pd.Series([trials]), confidence).iloc[0]

    assert 0 <= found["low"] <= found["rate"] <= found["high"] <= 1
    assert found["low"] < found["high"]


def test_coverage_for_a_rare_outcome_where_the_usual_interval_fails():
    n, p = 100, 0.03
    successes = pd.Series(range(n + 1))
    chance = binom.pmf(successes, n, p)
    found = wilson(successes, pd.Series(n, successes.index))
    usual = Z[0.95] * np.sqrt(found["rate"] * (1 - found["rate"]) / n)

    coverage = chance[(found["low"] <= p) & (p <= found["high"])].sum()
    coverage_of_usual = chance[(found["rate"] - p).abs() <= usual].sum()

    # Whole numbers of successes do not allow exactly 0.95.
    assert coverage == pytest.approx(0.95, abs=0.03)
    assert coverage_of_usual < 0.9
