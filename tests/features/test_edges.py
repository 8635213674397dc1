"""Where the data of a shop begin and end."""

import pandas as pd
import pytest

from src.features.edges import old_cohorts, part_months, said_of


def cohorts(*sizes: int) -> pd.Series:
    return pd.Series([f"2024-{n:02d}" for n, size in enumerate(sizes, 1) for _ in range(size)])


@pytest.mark.parametrize(
    ("sizes", "old"),
    [
        ((500, 90, 100, 95, 110), ["2024-01"]),
        ((500, 250, 100, 95, 110), ["2024-01", "2024-02"]),
        ((784, 847, 724), []),  # a panel of new buyers, such as CDNOW
        ((40, 90, 100, 300, 900), []),
        ((3, 1, 2), []),
        ((100,), []),
    ],
)
def test_first_cohorts_that_are_too_large_hold_old_buyers(sizes, old):
    assert old_cohorts(cohorts(*sizes)) == old


@pytest.mark.parametrize(
    ("first", "last", "parts"),
    [
        ("2024-01-01", "2024-04-30", []),
        ("2024-01-03", "2024-04-28", []),
        ("2024-01-01", "2024-04-09", ["2024-04-01"]),
        ("2024-01-20", "2024-04-09", ["2024-01-01", "2024-04-01"]),
        ("2024-03-20", "2024-04-09", []),
    ],
)
def test_months_that_the_data_hold_a_part_of(first, last, parts):
    days = pd.Series(pd.date_range(first, last))
    assert part_months(days) == [pd.Timestamp(part) for part in parts]


def test_a_shop_that_sells_once_a_week_has_whole_months():
    days = pd.Series(pd.date_range("2024-01-05", "2024-06-21", freq="7D"))
    assert part_months(days) == []


def test_what_a_reader_is_told():
    assert said_of([], [], "buyer") == ""
    assert said_of(["2024-01"], [pd.Timestamp("2024-06-01")], "buyer") == (
        "Of the first purchases in 2024-01 many are not the first: whoever bought before the data "
        "begin is there too. These buyers are in no comparison of groups. June 2024 is not whole "
        "in the data, and left out of the income by month."
    )
