"""Buyers who are no subscribers, and subscribers who do not buy."""

import numpy as np
import pandas as pd
import pytest

from src.models.overlap.growth import LEAST_SPENDING, idle_subscribers, strangers_money

SUBSCRIBERS = pd.DataFrame(
    {"customer_id": [f"s{place}" for place in range(10)], "segment": ["B2C"] * 8 + ["B2B"] * 2}
)
IDS = pd.Index(SUBSCRIBERS["customer_id"])


def shop(size: int, rng: np.random.Generator, unlinked: float = 0.4) -> pd.DataFrame:
    accounts = pd.DataFrame({"buyer_key": [f"k{place}" for place in range(size)]})
    owner = rng.integers(0, 20, size)  # the second ten are strangers
    true = pd.Series([f"s{number}" if number < 10 else None for number in owner], dtype="object")
    is_seen = true.notna() & (rng.random(size) > unlinked)
    accounts["customer_id"] = true.where(is_seen, None)
    accounts["true"] = true
    return accounts.assign(money=rng.gamma(2, 10, size), toys=rng.gamma(2, 3, size))


def test_all_looked_up_gives_the_money_of_strangers_itself():
    accounts = shop(200, np.random.default_rng(1))
    checks = accounts[["buyer_key", "true"]].set_axis(["buyer_key", "customer_id"], axis=1)
    found = strangers_money(accounts, checks, IDS, ["money", "toys"])
    strangers = accounts[accounts["true"].isna()]
    for row in found.itertuples():
        assert row.total == pytest.approx(accounts[row.what].sum())
        assert row.strangers == pytest.approx(strangers[row.what].sum())
        assert (row.low, row.high) == pytest.approx((row.strangers, row.strangers))
        assert row.share == pytest.approx(row.strangers / row.total)


def test_the_interval_of_money_holds_the_truth():
    rng = np.random.default_rng(2)
    hits = 0
    for _ in range(40):
        accounts = shop(600, rng)
        drawn = accounts.sample(150, random_state=rng)
        checks = drawn[["buyer_key", "true"]].set_axis(["buyer_key", "customer_id"], axis=1)
        row = strangers_money(accounts, checks, IDS, ["money"]).iloc[0]
        hits += row["low"] <= accounts.loc[accounts["true"].isna(), "money"].sum() <= row["high"]
    assert hits >= 33  # of 40 at 95 %: fewer in 1 of 1,000 runs


def test_a_category_that_few_bought_has_the_share_of_all_money():
    accounts = shop(100, np.random.default_rng(3), unlinked=1.0)
    bought = accounts.index < LEAST_SPENDING - 1
    accounts["toys"] = np.where(bought, 5.0, 0.0)
    checks = accounts[["buyer_key", "true"]].set_axis(["buyer_key", "customer_id"], axis=1)
    found = strangers_money(accounts, checks, IDS, ["money", "toys"]).set_index("what")
    assert found.loc["toys", "share"] == pytest.approx(found.loc["money", "share"])


def test_idle_subscribers_by_hand():
    accounts = pd.DataFrame(
        {
            "buyer_key": ["k0", "k1", "k2", "k3"],
            "customer_id": ["s0", "s9", None, None],
            "money": [10.0, 30.0, 5.0, 5.0],
        }
    )
    true = pd.DataFrame(
        {"buyer_key": accounts["buyer_key"], "customer_id": ["s0", "s9", "s1", None]}
    )
    found = idle_subscribers(accounts, true, SUBSCRIBERS, "segment")
    columns = ["group", "subscribers", "buying", "idle", "idle_low", "idle_high", "idle_share"]
    expected = pd.DataFrame(
        [("B2C", 8, 2.0, 6.0, 6.0, 6.0, 0.75), ("B2B", 2, 1.0, 1.0, 1.0, 1.0, 0.5)],
        columns=columns,
    )
    pd.testing.assert_frame_equal(found[columns], expected)
    assert found["spend"].isna().all()  # one linked buyer of a group has no interval
