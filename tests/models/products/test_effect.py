"""Ratios of hazards: the model by hand, the raw comparisons' bias, the balance of those alike."""

import numpy as np
import pandas as pd
import pytest

from src.data.problems import InputError
from src.models.products.effect import (
    among_alike,
    hazard_model,
    raw_at_one_day,
    raw_of_whole_lives,
    with_habit_known,
)


def people(effect, seed, customers=3_000, months=24, pull=0.0):
    """Months at risk of customers who take products at random, faster with `mood`.

    Products move the log hazard by `effect`, mood by `-pull`. Columns of `risk_months` and `mood`.
    """
    rng = np.random.default_rng(seed)
    mood = rng.standard_normal(customers)
    held = np.zeros(customers)
    is_there = np.ones(customers, dtype=bool)
    parts = []
    for month in range(months):
        hazard = np.exp(-3.5 + effect * held - pull * mood)
        left = rng.random(customers) < -np.expm1(-hazard)
        who = np.flatnonzero(is_there)
        parts.append(
            pd.DataFrame(
                {
                    "customer": who,
                    "month": month,
                    "held": held[who],
                    "left": left[who],
                    "mood": mood[who],
                }
            )
        )
        is_there &= ~left
        held += (rng.random(customers) < 0.06 * np.exp(pull * mood)) & (held < 3)
    return pd.concat(parts).sort_values(["customer", "month"], ignore_index=True)


def test_the_hazard_model_by_hand():
    # Two groups of 100 months: 10 and 20 exits. The hazard is -log(1 - share).
    left = np.r_[np.arange(100) < 10, np.arange(100) < 20]
    columns = np.column_stack([np.repeat([0.0, 1.0], 100), np.ones(200)])
    fit = hazard_model(columns, left, np.arange(200))
    low, high = -np.log(0.9), -np.log(0.8)
    np.testing.assert_allclose(fit.effect, [np.log(high / low), np.log(low)], rtol=1e-7)
    # By the delta method, p / ((1 - p) n log(1 - p)^2) of each group.
    variance = 0.1 / (0.9 * 100 * low**2) + 0.2 / (0.8 * 100 * high**2)
    assert fit.covariance[0, 0] == pytest.approx(variance, rel=1e-6)


def test_weights_are_copies_of_rows():
    months = people(-0.3, 1, customers=200)
    columns = np.column_stack([months["held"], np.ones(len(months))])
    left, who = months["left"].to_numpy(), months["customer"].to_numpy()
    times = 1 + who % 3
    weighted = hazard_model(columns, left, who, times.astype(float))
    copied = hazard_model(
        np.repeat(columns, times, 0), np.repeat(left, times), np.repeat(who, times)
    )
    np.testing.assert_allclose(weighted.effect, copied.effect, rtol=1e-7)
    np.testing.assert_allclose(weighted.covariance, copied.covariance, rtol=1e-6)


def test_columns_that_say_the_same_are_refused():
    columns = np.ones((40, 2))
    with pytest.raises(InputError, match="does not tell its effects apart"):
        hazard_model(columns, np.arange(40) < 5, np.arange(40))


def test_whole_lives_show_an_effect_where_none_is():
    """Survivors' bias: who stays has time to take products."""
    months = people(0.0, 2)
    whole, day = raw_of_whole_lives(months), raw_at_one_day(months)
    assert whole.value + 5 * whole.error < 0
    assert abs(day.value) < 3 * day.error


def test_one_day_counts_who_is_there_and_what_they_hold_then():
    months = people(-0.3, 3)
    day = raw_at_one_day(months)
    assert day.customers == (months["month"] == 12).sum()
    after = months[(months["month"] >= 12)]
    assert day.exits == after["left"].sum()
    # What is taken after the day changes nothing.
    later = months.assign(held=months["held"].where(months["month"] <= 12, 7.0))
    assert raw_at_one_day(later) == day


def test_those_alike_show_the_effect_that_one_day_overstates():
    months = people(-0.2, 4, customers=6_000, pull=0.5)
    day, alike = raw_at_one_day(months), among_alike(months, months[["mood"]])
    assert day.value + 2 * day.error < -0.2
    assert abs(alike.ratio.value + 0.2) < 2.5 * alike.ratio.error
    known = with_habit_known(
        months, months[[]], months.groupby("customer")["mood"].first().to_numpy()
    )
    assert abs(known.value + 0.2) < 2.5 * known.error


def test_weighting_makes_both_sides_alike():
    months = people(-0.2, 5, pull=0.5)
    seen = months[["mood"]].assign(late=(months["month"] > 12).astype(float))
    balance = among_alike(months, seen).balance.set_index("what")
    assert balance["before"].abs().min() > 0.2
    assert balance["after"].abs().max() < 1e-6


def test_the_order_of_customers_does_not_matter():
    months = people(-0.2, 6, customers=500, pull=0.3)
    shuffled = months.sample(frac=1, random_state=1)
    usual, other = (among_alike(part, part[["mood"]]).ratio for part in (months, shuffled))
    assert other.value == pytest.approx(usual.value, rel=1e-6)
    assert other.error == pytest.approx(usual.error, rel=1e-6)


def test_too_few_exits_are_said():
    few = people(-0.2, 7, customers=20, months=3)
    with pytest.raises(InputError, match="no two numbers of products have 10 exits each"):
        among_alike(few, few[["mood"]])
    with pytest.raises(InputError, match="fewer than 10 exits"):
        raw_at_one_day(few)
