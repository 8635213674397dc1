import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from src.data.problems import InputError
from src.features.purchase_habits import purchase_habits

DAYS = pd.DataFrame(
    [
        ("b", "2024-01-01", 10.0),
        ("a", "2024-01-01", 30.0),
        ("a", "2024-01-15", 50.0),
        ("a", "2024-03-11", 10.0),
        ("a", "2024-04-09", 1.0),  # after the day
        ("c", "2024-04-10", 1.0),  # not known yet
    ],
    columns=["buyer_key", "date", "amount"],
).assign(date=lambda frame: pd.to_datetime(frame["date"]))
ORDERS = pd.DataFrame(
    [
        ("a", "2024-01-01", "x", "phone"),
        ("a", "2024-01-01", "y", "phone"),
        ("a", "2024-03-11", "x", "phone"),
        ("a", "2024-04-09", "z", "gadget"),
        ("b", "2024-01-01", "x", "phone"),
    ],
    columns=["buyer_key", "date", "sku", "category"],
).assign(date=lambda frame: pd.to_datetime(frame["date"]))
UNTIL = pd.Timestamp("2024-04-08")  # 14 weeks after January 1


def test_habits_by_hand():
    found = purchase_habits(DAYS, UNTIL, ORDERS)

    none = np.nan
    expected = pd.DataFrame(
        {
            "frequency": [2.0, 0],
            "recency": [10.0, 0],
            "age": [14.0, 14],
            "silence": [4.0, 14],
            "purchases_4": [0.0, 0],  # four weeks ago is the first day outside
            "money_4": [0.0, 0],
            "purchases_13": [2.0, 0],
            "money_13": [60.0, 0],
            "purchases_26": [3.0, 1],
            "money_26": [90.0, 10],
            "mean_gap": [5.0, none],
            "longest_gap": [8.0, none],
            "overdue": [0.8, none],
            "trend": [0.0, none],
            "money": [90.0, 10],
            "first_amount": [30.0, 10],
            "last_amount": [10.0, 10],
            "mean_amount": [30.0, 10],
            "largest_amount": [50.0, 10],
            "lines": [3.0, 1],
            "skus": [2.0, 1],
            "categories": [1.0, 1],
        },
        index=pd.Index(["a", "b"], name="buyer_key"),
    )
    assert_frame_equal(found, expected)


def test_what_comes_later_changes_nothing():
    before = DAYS[DAYS["date"] <= UNTIL]
    assert_frame_equal(purchase_habits(DAYS, UNTIL), purchase_habits(before, UNTIL))


def test_the_order_of_rows_changes_nothing():
    turned = DAYS.sample(frac=1, random_state=3)
    assert_frame_equal(purchase_habits(DAYS, UNTIL), purchase_habits(turned, UNTIL))


def test_nobody_and_nothing():
    with pytest.raises(InputError, match="nobody bought by 2023-12-31"):
        purchase_habits(DAYS, pd.Timestamp("2023-12-31"))
    with pytest.raises(InputError, match="lack amount"):
        purchase_habits(DAYS.drop(columns="amount"), UNTIL)
