"""Sizes of tests against statsmodels and by simulated power; waiting; the cost of controls."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm
from statsmodels.stats.power import NormalIndPower

from src.data.problems import InputError
from src.models.campaigns.next_test import (
    cost_of_controls,
    customers_for_means,
    customers_for_policies,
    customers_for_shares,
    months_to_wait,
    smallest_effect,
)
from src.models.intervals.proportions import Estimate


def power_of(effect, error):
    """The share of simulated tests, one number each, that find the effect."""
    return (np.abs(effect / error) > norm.ppf(0.975)).mean()


def test_means_as_in_statsmodels():
    size = customers_for_means(10.0, 1.5, control_share=0.2, power=0.9)
    needed = NormalIndPower().solve_power(1.5 / 10, alpha=0.05, power=0.9, ratio=4)
    assert size.controls == pytest.approx(needed, abs=2)
    assert size.treated == pytest.approx(4 * needed, abs=5)
    half = customers_for_means(10.0, 1.5, control_share=0.2, power=0.9, variance_reduction=0.5)
    assert half.customers == pytest.approx(size.customers / 2, abs=3)


def test_a_test_of_shares_has_its_power():
    size, rng = customers_for_shares(0.12, -0.03, control_share=0.25), np.random.default_rng(1)
    treated = rng.binomial(size.treated, 0.09, 4_000) / size.treated
    control = rng.binomial(size.controls, 0.12, 4_000) / size.controls
    variance = treated * (1 - treated) / size.treated + control * (1 - control) / size.controls
    assert power_of(treated - control, np.sqrt(variance)) == pytest.approx(0.8, abs=0.02)


def test_a_test_of_policies_has_its_power():
    gain, disagree, deviation, odds = 0.6, 0.3, 5.0, (0.5, 0.3)
    customers = customers_for_policies(gain, disagree, deviation, odds=odds)
    rng, told = np.random.default_rng(2), []
    for _ in range(400):
        differs = rng.random(customers) < disagree
        arm = rng.choice(3, customers, p=[*odds, 1 - sum(odds)])
        # Where the policies differ, the arm of the first brings gain / disagree more.
        brought = 7 + (arm == 0) * gain / disagree + deviation * rng.standard_normal(customers)
        means = [brought[differs & (arm == place)].mean() for place in (0, 1)]
        weighted = [(arm == place) * (brought - means[place]) / odds[place] for place in (0, 1)]
        worth = differs * (means[0] - means[1] + weighted[0] - weighted[1])
        told.append((worth.mean(), worth.std() / np.sqrt(customers)))
    effects, errors = np.array(told).T
    assert power_of(effects, errors) == pytest.approx(0.8, abs=0.06)


def test_the_smallest_effect_is_found_with_its_power():
    error = 0.4
    drawn = smallest_effect(error) + error * np.random.default_rng(3).standard_normal(20_000)
    assert power_of(drawn, error) == pytest.approx(0.8, abs=0.01)


def test_waiting_by_hand():
    seen = pd.DataFrame(
        [
            *[("B2B", 1, 5), ("B2B", 4, 60), ("B2B", 6, 35)],
            *[("B2C", 1, 850), ("B2C", 2, 150), ("none", 1, 0)],
        ],
        columns=["segment", "month", "count"],
    )
    # Of 100, 65 had come by month 4: Wilson 0.553 to 0.736. Of 1,000, 850: 0.827 to 0.871.
    expected = pd.DataFrame(
        [("B2B", 100, 6, 4, 6), ("B2C", 1_000, 1, 1, 1)],
        columns=["segment", "total", "months", "low", "high"],
    )
    pd.testing.assert_frame_equal(months_to_wait(seen, 0.7), expected)
    assert months_to_wait(seen, 0.84)["high"].tolist() == [6, 2]


def test_controls_cost_what_they_would_have_earned():
    found = cost_of_controls(1_000, 0.2, Estimate(-1.0, -2.0, 0.5))
    assert found == Estimate(-200.0, -400.0, 100.0)


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (lambda: customers_for_shares(0.1, -0.1), "both rates must lie between 0 and 1"),
        (lambda: customers_for_shares(0.1, 0.0), "an effect of 0 cannot be found"),
        (lambda: customers_for_means(0.0, 1.0), "standard deviation must be above 0"),
        (lambda: customers_for_means(1.0, 1.0, control_share=1.0), "share of controls"),
        (lambda: customers_for_means(1.0, 1.0, power=0.01), "power must lie between the level"),
        (lambda: customers_for_means(1.0, 1.0, variance_reduction=1.0), "0 or more and below 1"),
        (lambda: customers_for_policies(1.0, 0.0, 1.0), "must lie between 0 and 1"),
        (lambda: customers_for_policies(0.0, 0.5, 1.0), "an effect of 0 cannot be found"),
        (lambda: smallest_effect(0.0), "standard error must be above 0"),
        (
            lambda: months_to_wait(pd.DataFrame(columns=["segment", "month", "count"]), 1.0),
            "the share must lie between 0 and 1",
        ),
    ],
)
def test_what_cannot_be_asked(ask, message):
    with pytest.raises(InputError, match=message):
        ask()
