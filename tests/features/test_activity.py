"""Recency, frequency and money by hand: bills, orders, returns, several orders of a day."""

import pandas as pd
import pandas.testing as pdt
import pytest

from src.data.problems import InputError
from src.features.activity import activity
from src.features.months import Month

AT = Month.of("2024-06")
COLUMNS = ["customer_id", "recency", "frequency", "money"]


def bills(*rows):
    frame = pd.DataFrame(rows, columns=["customer_id", "month", "revenue"])
    return frame.assign(month=pd.to_datetime(frame["month"]))


def test_bills_by_hand():
    rows = bills(
        ("b", "2024-06", 10.0),
        ("a", "2024-01", 5.0),
        ("a", "2024-05", 7.0),
        ("a", "2024-06", -2.0),  # a credit note: money, and no active month
        ("c", "2023-11", 9.0),
        ("d", "2024-07", 4.0),  # after the day
        ("e", "2024-06", 0.0),
    )
    expected = pd.DataFrame(
        [("b", 0, 1, 10.0), ("a", 1, 1, 5.0), ("c", 7, 0, 0.0)], columns=COLUMNS
    )
    pdt.assert_frame_equal(activity(rows, AT, 3), expected)


def test_orders_by_hand():
    orders = pd.DataFrame(
        [
            ("a", "2024-06-03 10:00", 20.0),
            ("a", "2024-06-03 18:00", 5.0),  # the same day: one purchase
            ("a", "2024-05-01", 8.0),
            ("b", "2024-06-10", 30.0),
            ("b", "2024-06-10", -30.0),  # all of it returned: no purchase
            ("b", "2024-04-02", 6.0),
            (None, "2024-06-01", 99.0),  # nobody knows whose
        ],
        columns=["buyer_key", "date", "amount"],
    )
    orders["date"] = pd.to_datetime(orders["date"], format="mixed")
    expected = pd.DataFrame([("a", 0, 2, 33.0), ("b", 2, 0, 0.0)], columns=COLUMNS)
    found = activity(orders, AT, 2, key="buyer_key", money="amount")
    pdt.assert_frame_equal(found, expected)


def test_what_comes_later_changes_nothing():
    rows = bills(("a", "2024-05", 7.0), ("b", "2024-06", 3.0))
    later = pd.concat([rows, bills(("a", "2024-07", 1.0), ("z", "2024-09", 5.0))])
    pdt.assert_frame_equal(activity(later, AT, 12), activity(rows, AT, 12))


def test_nobody_bought():
    with pytest.raises(InputError, match="nobody bought anything up to 2024-06"):
        activity(bills(("a", "2024-06", 0.0)), AT, 12)
