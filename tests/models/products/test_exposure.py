"""Months at risk, products held and waits, by hand."""

import pandas as pd
import pandas.testing as pdt
import pytest

from src.data.problems import InputError
from src.features.months import month_numbers
from src.models.products.exposure import (
    decided,
    held_at_end,
    risk_months,
    takings,
    watched_lives,
)

FIRST = 12 * 2024  # January 2024


def months(*texts):
    return pd.to_datetime(list(texts))


@pytest.fixture
def lives():
    """One who was there and left in April, one who came in February and is still there."""
    return pd.DataFrame(
        {
            "customer_id": ["old", "new"],
            "signup": [FIRST - 10, FIRST + 1],
            "start": [FIRST, FIRST + 1],
            "last": [FIRST + 3, FIRST + 4],
            "ended": [True, False],
        }
    )


@pytest.fixture
def holdings():
    """`old` held tv before the base began and took a box in the month before leaving."""
    return pd.DataFrame(
        {
            "customer_id": ["old", "old", "new", "stranger"],
            "product": ["tv", "box", "tv", "tv"],
            "start_month": months("2023-06", "2024-03", "2024-04", "2024-01"),
            "end_month": pd.to_datetime(["2024-03-01", "2024-03-01", None, None]),
        }
    )


def test_only_the_first_life_counts_and_only_with_a_known_tenure():
    told = pd.DataFrame(
        {
            "customer_id": ["old", "old", "lost", "new"],
            "start": months("2024-01", "2024-09", "2024-01", "2024-02"),
            "how": ["frozen", "censored", "closed", "censored"],
            "months": [3, 1, 2, 8],
        }
    )
    people = pd.DataFrame(
        {"customer_id": ["old", "lost", "new"], "signup_month": months("2023-03", None, "2024-01")}
    )
    expected = pd.DataFrame(
        {
            "customer_id": ["old", "new"],
            "signup": [FIRST - 10, FIRST + 1],
            "start": [FIRST, FIRST + 1],
            "last": [FIRST + 3, FIRST + 9],
            "ended": [True, False],
        }
    )
    pdt.assert_frame_equal(watched_lives(told, people, FIRST), expected)


def test_a_product_counts_from_the_month_after_its_start(lives, holdings):
    people = pd.DataFrame({"customer_id": ["old", "new"]})
    found = risk_months(lives, {"customers": people, "holdings": holdings}, FIRST, 6)
    expected = pd.DataFrame(
        {
            "customer": [0, 0, 0, 1, 1, 1],
            "month": [FIRST + 1, FIRST + 2, FIRST + 3, FIRST + 2, FIRST + 3, FIRST + 4],
            "tenure": [11, 12, 13, 1, 2, 3],
            # Both holdings end in the month before the exit: they were held up to it.
            "held": [1.0, 1.0, 2.0, 0.0, 0.0, 1.0],
            "left": [False, False, True, False, False, False],
            "old_months": [10, 10, 10, 0, 0, 0],
        }
    )
    pdt.assert_frame_equal(found, expected)


def test_what_is_seen_is_what_was_known_at_the_end_of_the_month_before(lives, holdings):
    tables = {
        "customers": pd.DataFrame({"customer_id": ["old", "new"], "region": ["north", None]}),
        "holdings": holdings,
        "contracts": pd.DataFrame(
            {
                "customer_id": ["old", "new"],
                "start_month": months("2023-03", "2024-02"),
                "end_month": months("2024-01", "2025-01"),
            }
        ),
        "events": pd.DataFrame(
            {
                "customer_id": ["old", "old", "old", "new", "new"],
                "date": months(
                    "2024-01-20", "2024-01-05", "2024-04-02", "2024-02-01", "2024-03-09"
                ),
                "kind": ["ticket", "price_change", "incident", "ticket", "incident"],
                "value": [2.0, 0.1, None, 9.0, None],
            }
        ),
        "campaigns": pd.DataFrame(
            {
                "customer_id": ["old", "new"],
                "date": months("2024-02-01", "2024-02-01"),
                "arm": ["control", "discount"],
            }
        ),
    }
    found = risk_months(lives, tables, FIRST, 6)
    expected = pd.DataFrame(
        {
            # The term of `old` ended in January: two months of renewal, then free.
            "contract": ["renewal", "renewal", "free", "bound", "bound", "bound"],
            "tickets": [2.0, 2.0, 0.0, 3.0, 3.0, 0.0],  # of two months, three at most
            "price_change": [True, True, True, False, False, False],
            "incident": [False, False, False, False, True, True],
            "campaign": [False, False, False, True, True, True],
            "region": pd.Categorical(["north"] * 3 + ["unknown"] * 3),
        }
    )
    pdt.assert_frame_equal(found[list(expected)], expected)


def test_waits_for_further_products(lives, holdings):
    found = takings(lives, holdings)
    expected = pd.DataFrame(
        {
            # `old` took tv after 3 months and a box 9 later, which is all there is. `new` took tv
            # after 2; no month is left to wait for a box, as the last one watched does not count.
            "customer": [0, 0, 1],
            "stage": [0, 1, 0],
            "months": [3, 9, 2],
            "taken": [True, True, True],
        }
    )
    pdt.assert_frame_equal(found, expected)


def test_who_takes_nothing_waits_up_to_the_month_before_the_last(lives, holdings):
    found = takings(lives, holdings[holdings["customer_id"] == "old"])
    assert found.iloc[-1].to_dict() == {"customer": 1, "stage": 0, "months": 2, "taken": False}


def test_slow_exits_are_decided_earlier_and_short_lives_left_out(lives):
    assert decided(lives, 3).empty
    assert decided(lives, 2)["last"].tolist() == [FIRST + 1, FIRST + 2]


def test_products_held_by_month(lives, holdings):
    assert held_at_end(lives, holdings, FIRST, 5).tolist() == [[1, 1, 2, 0, 0], [0, 0, 0, 1, 1]]


def test_nobody_watched_is_said(lives, holdings):
    nobody = lives.assign(last=lives["start"])
    with pytest.raises(InputError, match="nobody is watched for a whole month"):
        risk_months(nobody, {"customers": lives, "holdings": holdings}, FIRST, 6)


def test_missing_months_stay_missing():
    assert month_numbers(pd.Series(months("2024-01", None))).isna().tolist() == [False, True]
