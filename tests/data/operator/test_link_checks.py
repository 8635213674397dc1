"""The accounts of the simulated shop whose owner somebody looked up."""

import numpy as np
import pandas as pd
import pytest

from src.data.operator.shop import CHECKED, drawn_of, to_check, true_accounts

ORDERS = pd.DataFrame(
    {
        "buyer_key": ["k1", "k2", "k1", "k3", "k4"],
        "customer_id": ["a", None, "a", "b", None],
    }
)


def test_accounts_are_owned_by_those_whose_hash_they_are():
    known = true_accounts(np.array(["a", "b"], dtype=object), ORDERS)
    assert known["buyer_key"].tolist() == ["k1", "k2", "k3", "k4"]
    assert known["customer_id"].tolist() == [None] * 4  # none of the keys is a hash of theirs
    keys = true_accounts(np.array(["a", "b"], dtype=object), _orders_of(["b", "x"]))
    assert keys["customer_id"].tolist() == ["b", None]


def test_as_many_of_each_kind_are_drawn_and_chunks_do_not_matter():
    names = [f"c{number}" for number in range(3 * CHECKED)]
    orders = _orders_of(names)
    orders["customer_id"] = [name if place % 3 else None for place, name in enumerate(names)]
    accounts = true_accounts(np.array(names, dtype=object), orders)
    whole = to_check(orders, accounts, seed=1)
    assert whole.groupby("is_linked").size().to_dict() == {False: CHECKED, True: CHECKED}
    halves = [
        to_check(part, accounts.loc[part.index], seed=1)
        for part in (orders.iloc[:400], orders.iloc[400:])
    ]
    pd.testing.assert_frame_equal(drawn_of(halves), whole)
    other = to_check(orders, accounts, seed=2)
    assert set(other["buyer_key"]) != set(whole["buyer_key"])


@pytest.mark.parametrize("seed", [1, 2])
def test_the_draw_has_nothing_to_do_with_who_is_drawn(seed):
    names = [f"c{number}" for number in range(6_000)]
    orders = _orders_of(names).assign(customer_id=None)
    accounts = true_accounts(np.array(names, dtype=object), orders)
    drawn = to_check(orders, accounts, seed)["customer_id"].str[1:].astype(int)
    assert abs(drawn.mean() - 3_000) < 4 * 6_000 / np.sqrt(12 * CHECKED)


def _orders_of(names: list[str]) -> pd.DataFrame:
    hashes = pd.util.hash_array(np.array(names, dtype=object), categorize=False)
    keys = [f"S{value:016x}" for value in hashes.tolist()]
    return pd.DataFrame({"buyer_key": keys, "customer_id": names})
