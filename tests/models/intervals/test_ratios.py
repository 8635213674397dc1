import numpy as np
import pytest

from src.models.intervals.ratios import by_delta, ratio_of_means


def test_one_customer_has_no_interval():
    found = ratio_of_means(np.array([3.0]), np.array([2.0]))
    assert found.value == 1.5
    assert np.isnan([found.low, found.high]).all()


def test_a_mean_is_a_figure_that_each_customer_moves_by_its_distance():
    values = np.array([1.0, 2, 6])
    found = by_delta(values.mean(), values - values.mean(), confidence=0.9)
    half = 1.644853627 * values.std(ddof=1) / np.sqrt(3)
    assert (found.value, found.low, found.high) == pytest.approx((3, 3 - half, 3 + half))


def test_units_and_order_do_not_matter_and_a_constant_ratio_is_exact():
    rng = np.random.default_rng(1)
    below = rng.gamma(2, 30, 50)
    above = below * rng.uniform(0.5, 1.5, 50)
    order = rng.permutation(50)
    found = ratio_of_means(above, below)
    again = ratio_of_means(7 * above[order], 70 * below[order])
    figures = (found.value, found.low, found.high)
    assert (10 * again.value, 10 * again.low, 10 * again.high) == pytest.approx(figures)
    exact = ratio_of_means(2 * below, below)
    assert (exact.low, exact.high) == pytest.approx((2, 2))


def test_nine_in_ten_intervals_hold_the_ratio_of_the_population():
    rng = np.random.default_rng(3)
    held = []
    for _ in range(2000):
        below = rng.gamma(1, 30, 200)
        above = 0.8 * below * rng.gamma(4, 0.25, 200)
        found = ratio_of_means(above, below, confidence=0.9)
        held.append(found.low <= 0.8 <= found.high)
    assert np.mean(held) == pytest.approx(0.9, abs=0.02)
