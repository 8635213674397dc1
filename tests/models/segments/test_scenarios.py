"""Value under changed conditions: by hand, against sums, and what must not move."""

import numpy as np
import pandas as pd
import pytest

from src.models.gap.value_intervals import members
from src.models.segments.scenarios import Change, mix_moved, scenarios
from tests.models.gap.test_value_intervals import segment

CHANGES = [
    Change("same"),
    Change("price up", price=0.1),
    Change("answered", price=0.1, answers=True),
    Change("churn up", churn=0.2),
    Change("cost up", cost=0.1),
]
RESPONSE = pd.DataFrame(
    {"first": [1], "last": [3], "ratio": [2.0], "log_error": [0.1], "low": [1.6], "high": [2.4]}
)


@pytest.fixture(scope="module")
def groups():
    return {
        name: members(*segment(name, 120, seed, pays=pays), months=12)
        for seed, (name, pays) in enumerate({"large": 300.0, "small": 30.0}.items())
    }


@pytest.fixture(scope="module")
def table(groups):
    found = scenarios(
        *(groups, CHANGES, np.random.default_rng(0)),
        responses={"large": RESPONSE},
        past_rise=0.1,
        replicates=60,
    )
    return found.set_index(["change", "segment"])


def test_nothing_changed_is_the_worth(groups, table):
    for name, group in groups.items():
        assert table.loc[("same", name), "value"] == pytest.approx(group.worth["margin"].sum())
        assert table.loc[("same", name), ["moved", "moved_low", "moved_high"]].tolist() == [0] * 3


def test_prices_and_costs_move_revenue_and_cost(groups, table):
    for name, group in groups.items():
        revenue, margin = group.worth["revenue"].sum(), group.worth["margin"].sum()
        assert table.loc[("price up", name), "moved"] == pytest.approx(0.1 * revenue)
        assert table.loc[("cost up", name), "moved"] == pytest.approx(-0.1 * (revenue - margin))


def test_who_answers_leaves_and_who_is_not_known_to_does_not(table):
    assert table.loc[("answered", "large"), "value"] < table.loc[("price up", "large"), "value"]
    same = table.loc[("price up", "small"), "value"]
    assert table.loc[("answered", "small"), "value"] == pytest.approx(same)


def test_churn_by_brute_force(groups, table):
    group = groups["large"]
    factors = group.model.levels.factors(group.size, 12) * 1.2
    alive, total = 1 - group.gone, 0.0
    for month in range(12):
        alive = alive * (1 - np.minimum(group.hazards[:, month] * factors[:, month], 1))
        drift = np.exp(group.model.margin.start + group.model.margin.growth * (month + 1))
        total += float((alive * group.money["margin"]).sum() * drift * 1.12 ** (-(month + 1) / 12))
    assert table.loc[("churn up", "large"), "value"] == pytest.approx(total)


def test_all_is_the_sum_and_differences_are_surer_than_values(table):
    values = table["value"].unstack()
    assert values["all"].to_numpy() == pytest.approx(values[["large", "small"]].sum(axis=1))
    rest = table[table.index.get_level_values("change") != "same"]
    assert (rest["moved_high"] - rest["moved_low"] < rest["high"] - rest["low"]).all()
    assert (rest["moved_low"] <= rest["moved"]).all()
    assert (rest["moved"] <= rest["moved_high"]).all()


def test_the_mix_keeps_the_number_of_customers():
    worth = pd.DataFrame({"group": ["a"] * 20 + ["b"] * 80, "margin": [10.0] * 20 + [2.0] * 80})
    moved = pd.DataFrame({"group": ["a"] * 22 + ["b"] * 78, "margin": [10.0] * 22 + [2.0] * 78})
    change = moved["margin"].sum() - worth["margin"].sum()
    assert mix_moved(worth, "a", 0.1).value == pytest.approx(change)


def test_the_interval_of_the_mix_is_that_of_drawn_customers():
    rng = np.random.default_rng(1)
    pays = np.concatenate([rng.gamma(2, 50, 200), rng.gamma(2, 10, 800)])
    worth = pd.DataFrame({"group": ["a"] * 200 + ["b"] * 800, "margin": pays})
    told = mix_moved(worth, "a", 0.1)
    drawn = []
    for _ in range(400):
        again = np.concatenate([rng.choice(pays[:200], 200), rng.choice(pays[200:], 800)])
        drawn.append(mix_moved(worth.assign(margin=again), "a", 0.1).value)
    low, high = np.quantile(drawn, [0.025, 0.975])
    assert told.high - told.low == pytest.approx(high - low, rel=0.1)
