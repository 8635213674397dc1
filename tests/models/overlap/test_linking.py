"""Accounts linked by keys: phone first, then e-mail, and nothing taken silently."""

import pandas as pd
import pytest

from src.data.problems import InputError
from src.models.overlap.linking import MOST_ACCOUNTS, link_accounts

CUSTOMERS = pd.DataFrame(
    {
        "customer_id": ["a", "b", "c", "d", "e"],
        "phone": ["p1", "p2", "p3", "p3", None],
        "email": ["m1", None, "m3", "m4", "m5"],
    }
)


def orders(*rows: tuple[str, str | None, str | None]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["buyer_key", "phone", "email"])


def test_phone_goes_first_and_a_shared_phone_falls_back_on_the_address():
    shop = orders(
        ("x1", "p1", "m5"),  # phone of a, address of e: a
        ("x2", "p2", None),
        ("x3", "p3", "m4"),  # phone of c and d, address of d: d
        ("x4", "p9", "m9"),  # nobody's
        ("x5", None, "m5"),
        ("x5", None, None),  # a second order without keys
    )
    linked = link_accounts(shop, CUSTOMERS)
    expected = shop.assign(customer_id=["a", "b", "d", None, "e", "e"])
    pd.testing.assert_frame_equal(linked.orders, expected)
    counts = pd.DataFrame(
        {
            "key": ["phone", "email"],
            "accounts": [2, 2],
            "several_customers": [1, 0],
            "many_accounts": [0, 0],
            "two_accounts": [0, 1],
            "torn": [0, 0],
            "contradicted": [0, 1],
        }
    )
    pd.testing.assert_frame_equal(linked.counts, counts)


def test_the_phone_of_the_shops_own_desk_links_nobody():
    few = orders(*((f"x{place}", "p1", None) for place in range(MOST_ACCOUNTS)))
    linked = link_accounts(few, CUSTOMERS)
    assert linked.orders["customer_id"].tolist() == ["a"] * MOST_ACCOUNTS
    assert linked.counts.loc[0, "two_accounts"] == 1
    many = orders(*((f"x{place}", "p1", None) for place in range(MOST_ACCOUNTS + 1)))
    linked = link_accounts(many, CUSTOMERS)
    assert linked.orders["customer_id"].tolist() == [None] * (MOST_ACCOUNTS + 1)
    assert linked.counts.loc[0, "many_accounts"] == 1


def test_an_account_with_phones_of_two_customers_is_torn():
    linked = link_accounts(orders(("x1", "p1", None), ("x1", "p2", None)), CUSTOMERS)
    assert linked.orders["customer_id"].tolist() == [None, None]
    assert linked.counts.loc[0, ["accounts", "torn"]].tolist() == [0, 1]


def test_the_order_of_rows_does_not_matter():
    shop = orders(("x1", "p1", "m5"), ("x3", "p3", "m4"), ("x5", None, "m5"))
    forward = link_accounts(shop, CUSTOMERS).orders
    turned = link_accounts(shop[::-1], CUSTOMERS[::-1]).orders.sort_index()
    pd.testing.assert_frame_equal(turned, forward)


def test_without_common_keys_nobody_is_linked():
    linked = link_accounts(orders(("x1", "p1", None)), CUSTOMERS[["customer_id"]])
    assert linked.orders["customer_id"].tolist() == [None]
    assert linked.counts.empty
    with pytest.raises(InputError, match="no column buyer_key"):
        link_accounts(CUSTOMERS, CUSTOMERS)
