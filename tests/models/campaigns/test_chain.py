"""A chain by step, what it brings a month, and whether it paid."""

import numpy as np
import pandas as pd
import pytest

from src.data.problems import InputError
from src.models.campaigns.chain import (
    effects_by_step,
    exits_as_amounts,
    extra_per_month,
    return_on_cost,
)
from src.models.campaigns.effect import adjusted_effects, effects
from src.models.campaigns.monthly import effects_by_month

MEMBERS = pd.DataFrame({"customer_id": list("abcd"), "arm": ["control"] * 2 + ["mail"] * 2})


def paid(seed, customers=300, extra=1.0):
    rng = np.random.default_rng(seed)
    arm = rng.choice(["control", "mail"], customers, p=[0.3, 0.7])
    is_treated = arm == "mail"
    return pd.DataFrame(
        {
            "customer_id": range(customers),
            "arm": arm,
            "before": rng.normal(10, 3, customers),
            "cost": np.where(is_treated, rng.choice([0.2, 0.3], customers), 0.0),
            "margin": 10 + extra * is_treated + rng.normal(0, 3, customers),
        }
    )


def test_exits_add_up_to_the_share_lost():
    members = MEMBERS.assign(left_after=[1.0, 2.0, 2.0, np.nan])
    exits = exits_as_amounts(members, "left_after")
    expected = pd.DataFrame({"customer_id": list("abc"), "month": [1, 2, 2], "left": 1.0})
    pd.testing.assert_frame_equal(exits, expected)
    table = effects_by_month(members, exits, "left", "mail", 2).table
    assert table["sum"].tolist() == [-0.5, -0.5]
    # What has added up by the end is the effect on who was lost.
    lost = members.assign(lost=members["left_after"].notna())
    plain = lost.groupby("arm")["lost"].mean()
    assert table["sum"].iloc[-1] == plain["mail"] - plain["control"]


def test_steps_by_hand():
    happened = pd.DataFrame(
        [
            *[("a", 0, 2.0), ("c", 6, 1.0), ("c", 7, 4.0), ("d", 13, 2.0), ("d", 20, 6.0)],
            *[("d", 21, 99.0), ("a", -1, 99.0)],
        ],
        columns=["customer_id", "day", "income"],
    )
    found = effects_by_step(MEMBERS, happened, "income", "mail", [0, 7, 14], 21)
    expected = pd.DataFrame(
        {
            "step": [1, 2, 3],
            "from_day": [0, 7, 14],
            "to_day": [7, 14, 21],
            "treated": [0.5, 3.0, 3.0],
            "control": [1.0, 0.0, 0.0],
            "effect": [-0.5, 3.0, 3.0],
            "sum": [-0.5, 2.5, 5.5],
        }
    )
    pd.testing.assert_frame_equal(found[expected.columns], expected)


def test_extra_per_month_is_the_effect_on_the_mean_month():
    members = paid(1).rename(columns={"margin": "income"})
    followed = pd.DataFrame(
        {
            "customer_id": np.tile(members["customer_id"], 2),
            "month": np.repeat([1, 2], len(members)),
            "income": np.r_[members["income"], 3 * members["income"]],
        }
    )
    twice = members.assign(income=2 * members["income"])
    pd.testing.assert_frame_equal(
        extra_per_month(members, followed, "income", 2), effects(twice, "income")
    )
    pd.testing.assert_frame_equal(
        extra_per_month(members, followed, "income", 2, ["before"]),
        adjusted_effects(twice, "income", ["before"]),
    )


def test_the_return_by_hand_and_its_coverage():
    members = paid(2)
    found = return_on_cost(members, "margin").iloc[0]
    means = members.groupby("arm")[["margin", "cost"]].mean()
    gap = means.loc["mail"] - means.loc["control"]
    assert found["extra"] == pytest.approx(gap["margin"])
    assert found["net"] == pytest.approx(gap["margin"] - gap["cost"])
    assert found["ratio"] == pytest.approx(gap["margin"] / gap["cost"] - 1)
    net = effects(members.assign(net=members["margin"] - members["cost"]), "net").iloc[0]
    assert (found["net_low"], found["net_high"]) == pytest.approx((net["low"], net["high"]))
    inside = 0
    for seed in range(100):
        row = return_on_cost(paid(seed), "margin").iloc[0]
        inside += row["low"] <= 1 / 0.25 - 1 <= row["high"]
    assert 88 <= inside <= 99


def test_what_cannot_be_is_refused():
    members = paid(3)
    with pytest.raises(InputError, match="cost of contacts must be 0 or more, not -1"):
        return_on_cost(members.assign(cost=-1.0), "margin")
    with pytest.raises(InputError, match="the arm mail costs no more than control"):
        return_on_cost(members.assign(cost=0.0), "margin")
    happened = pd.DataFrame({"customer_id": [1], "day": [1], "orders": [1]})
    for days in ([0, 7, 7], [1, 7], [0, 30]):
        with pytest.raises(InputError, match="the days of steps must rise from 0 to the end"):
            effects_by_step(members, happened, "orders", "mail", days, 21)


def test_a_return_is_adjusted_as_effects_are():
    members = paid(4)
    rng = np.random.default_rng(5)
    members = members.assign(before=members["margin"] + rng.normal(0, 0.2, len(members)))
    plain = return_on_cost(members, "margin").iloc[0]
    found = return_on_cost(members, "margin", ["before"]).iloc[0]
    effect = adjusted_effects(
        members.assign(net=members["margin"] - members["cost"]), "net", ["before"]
    ).iloc[0]
    assert found["net"] == pytest.approx(effect["effect"])
    assert found["extra"] == pytest.approx(found["net"] + found["cost"])
    assert found["high"] - found["low"] < plain["high"] - plain["low"]
