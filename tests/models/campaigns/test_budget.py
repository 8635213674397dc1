"""The plan under a budget: the exact optimum where it can be counted out, and its prices."""

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from src.data.problems import InputError
from src.models.campaigns.budget import plan
from src.models.campaigns.budget_curve import PLAN, budget_curve, robust, steps
from src.models.campaigns.offers import Capacity, Offers, at_lower_end, offers_of, rested
from src.models.intervals.proportions import Estimate


def offers(net, cost):
    """Offers whose saved margin minus cost is `net`."""
    net, cost = np.array(net, dtype=float), np.array(cost, dtype=float)
    names = tuple(f"t{place}" for place in range(len(cost)))
    return Offers(names, net + cost, cost, np.ones(len(net), dtype=bool))


def counted_out(offered, budget, capacities):
    """The most that any plan earns, by trying all of them."""
    best = 0.0
    choices = range(len(offered.cost) + 1)
    for each in itertools.product(choices, repeat=len(offered.net)):
        treatment = np.array(each)
        fits = offered.spent(treatment) <= budget + 1e-9
        for capacity in capacities:
            of_it = [offered.treatments.index(name) + 1 for name in capacity.treatments]
            fits &= np.isin(treatment, of_it).sum() <= capacity.most
        if fits:
            best = max(best, offered.expected(treatment))
    return best


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 10_000))
def test_a_small_plan_is_the_best_of_all_plans(seed):
    rng = np.random.default_rng(seed)
    offered = offers(rng.integers(-3, 9, (6, 2)) / 2, rng.integers(1, 5, 2))
    budget = float(rng.integers(1, 12))
    capacities = [Capacity("calls", ("t1",), int(rng.integers(0, 4)))]
    found = plan(offered, budget, capacities)
    assert found.earned == pytest.approx(counted_out(offered, budget, capacities))
    assert found.bound >= found.earned - 1e-6
    assert found.greedy <= found.earned + 1e-9
    assert found.spent <= budget + 1e-9


def test_a_large_plan_is_the_linear_programme():
    rng = np.random.default_rng(0)
    offered = offers(rng.normal(0, 3, (4_000, 2)), [1.0, 2.0])
    found = plan(offered, 900.0, [Capacity("calls", ("t1",), 150)])
    some = offered.net[offered.net.max(axis=1) > 1.5]  # all others are too poor for this budget
    one_each = np.kron(np.eye(len(some)), [1.0, 1.0])
    columns = np.vstack([one_each, np.tile([[1.0, 2.0], [0.0, 1.0]], len(some))])
    limits = np.append(np.ones(len(some)), [900.0, 150.0])
    exact = linprog(-some.ravel(), columns, limits, method="highs")
    assert found.bound == pytest.approx(-exact.fun, rel=1e-6)
    assert found.gap < 0.01


def test_the_price_is_what_one_more_unit_earns():
    rng = np.random.default_rng(1)
    offered = offers(rng.gamma(2, 3, (3_000, 2)), [1.0, 1.5])
    found, more = plan(offered, 800.0), plan(offered, 820.0)
    assert (more.earned - found.earned) / 20 == pytest.approx(found.price["budget"], rel=0.02)
    assert plan(offered).price == {}
    assert plan(offered, 1e6).price["budget"] == pytest.approx(0.0, abs=1e-9)


def test_customers_with_equal_offers_are_treated_up_to_the_budget():
    found = plan(offers(np.ones((50_000, 1)), [2.0]), 4_001.0)
    assert (found.contacts, found.earned, found.gap) == (2_000, 2_000.0, 0.5)
    assert found.treatment[:2_000].all()


def test_nobody_gets_two_contacts_or_one_too_early():
    offered = offers_of(
        np.full((3, 2), 0.1),
        [100, 200, 300],
        {"mail": 1, "call": 2},
        ("mail", "call"),
        rested(
            pd.Series(pd.to_datetime(["2024-03-01", "2024-03-06", None])),
            pd.Timestamp("2024-03-15"),
            2,
        ),
    )
    found = plan(offered)
    assert found.treatment.tolist() == [1, 0, 1]
    assert found.earned == 10 + 30 - 2


def test_a_list_on_which_nothing_pays_has_an_empty_plan():
    found = plan(offers([[-1.0], [-2.0]], [1.0]), 5.0)
    assert (found.contacts, found.earned, found.bound, found.greedy) == (0, 0, 0, 0)
    with pytest.raises(InputError, match="no contact is expected to earn more than it costs"):
        steps(offers([[-1.0]], [1.0]))


def test_the_curve_of_true_gains_is_that_of_the_plan():
    rng = np.random.default_rng(2)
    offered = offers(rng.normal(1, 2, (500, 2)), [1.0, 2.0])
    money = np.column_stack([np.zeros(500), offered.net])  # no noise: scores are the truth
    table = budget_curve(offered, money, rng.random(500), steps(offered), rng)
    plans = table[table["way"] == PLAN]
    assert plans["earned"].to_numpy() == pytest.approx(plans["expected"].to_numpy())
    assert (plans["earned"].diff().dropna() > 0).all()
    assert (np.diff(plans["price"]) <= 1e-9).all()  # each unit more earns less
    for _, at in table.groupby("budget"):
        assert at["earned"].idxmax() == at.index[at["way"] == PLAN][0]
        assert (at["low"] <= at["earned"]).all()
        assert (at["earned"] <= at["high"]).all()
        assert (at["spent"] <= at["budget"] + 1e-9).all()


def test_at_the_lower_end_the_cautious_plan_is_the_better_one():
    rng = np.random.default_rng(3)
    offered = offers(rng.normal(0, 1, (300, 1)), [3.0])
    effect = [Estimate(0.02, 0.015, 0.03)]
    assert at_lower_end(offered, effect).saved == pytest.approx(0.75 * offered.saved)
    table = robust(offered, effect).table.set_index("made_for")
    assert table.loc["lower end", "if_at_lower_end"] > table.loc["as estimated", "if_at_lower_end"]
    assert table.loc["as estimated", "if_as_estimated"] > table.loc["lower end", "if_as_estimated"]
    harm = robust(offered, [Estimate(0.02, -0.01, 0.05)])
    assert not harm.is_worth_it
    assert harm.table["contacts"].iloc[1] == 0


@pytest.mark.parametrize(
    ("budget", "capacity", "message"),
    [
        (0, Capacity("calls", ("t0",), 1), "the budget must be above 0, not 0"),
        (-5, Capacity("calls", ("t0",), 1), "the budget must be above 0, not -5"),
        (5, Capacity("calls", ("t0",), -1), "capacity 'calls' must be 0 or more, not -1"),
        (5, Capacity("calls", ("fax",), 1), "capacity 'calls': there is no treatment 'fax'"),
    ],
)
def test_limits_that_cannot_be_are_refused(budget, capacity, message):
    with pytest.raises(InputError, match=message):
        plan(offers([[1.0]], [1.0]), budget, [capacity])


@pytest.mark.parametrize(
    ("uplift", "value", "cost", "message"),
    [
        ([[0.1]], [1.0], {"mail": -1}, "the cost of 'mail' must be 0 or more, not -1"),
        ([[0.1]], [1.0], {}, "the cost of 'mail' is missing"),
        ([[0.1]], [-1.0], {"mail": 1}, "value must be 0 or more, not -1"),
        ([[np.nan]], [1.0], {"mail": 1}, "uplift is missing or infinite in 1 of 1 rows"),
        ([[0.1, 0.2]], [1.0], {"mail": 1}, "uplift needs a row per customer and a column per"),
    ],
)
def test_offers_that_cannot_be_are_refused(uplift, value, cost, message):
    with pytest.raises(InputError, match=message):
        offers_of(np.array(uplift), value, cost, ("mail",))
