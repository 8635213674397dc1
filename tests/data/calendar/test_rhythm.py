"""The rhythm of billing, found and spread."""

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal, assert_series_equal

from src.data.calendar.distances import month_number
from src.data.calendar.rhythm import month_start, rhythms, spread

FIRST = 2020 * 12  # January 2020


def bills(**months: list[int]) -> pd.DataFrame:
    """A bill in each of these months from January 2020 on, by customer; of 10 a month covered."""
    rows = [(name, FIRST + number) for name, numbers in months.items() for number in numbers]
    frame = pd.DataFrame(rows, columns=["customer_id", "number"])
    frame["month"] = month_start(frame["number"])
    return frame.drop(columns="number").assign(revenue=10.0)


def many(name: str, months: list[int], number: int = 6) -> dict[str, list[int]]:
    return {f"{name}{place}": [month + place for month in months] for place in range(number)}


def found(**months: list[int]) -> dict[str, int]:
    return rhythms(bills(**months)).to_dict()


@pytest.mark.parametrize("period", [2, 3, 4, 6, 12])
def test_each_rhythm_is_found(period):
    months = list(range(0, 5 * period, period))
    assert set(found(**many("a", months)).values()) == {period}


def test_two_rhythms_in_one_base_are_told_customer_by_customer():
    yearly = many("y", [0, 12, 24])
    monthly = many("m", list(range(30)))
    expected = {**dict.fromkeys(yearly, 12), **dict.fromkeys(monthly, 1)}
    assert found(**yearly, **monthly) == expected


@pytest.mark.parametrize(
    ("months", "period"),
    [
        ([0, 13, 24], 12),  # a month late
        ([0, 12, 36], 12),  # a pause of a year
        ([0, 12], 12),
        ([0, 24], 12),  # a pause, of two bills
        ([0], 12),  # a newcomer
        ([0, 5, 9, 11], 1),  # no rhythm: as it is
    ],
)
def test_few_bills_late_bills_and_pauses(months, period):
    assert found(**many("y", [0, 12, 24]), x=months)["x"] == period


def test_a_quarterly_bill_may_often_be_late_where_the_base_is_billed_by_quarter():
    late = [0, 4, 6, 10, 12, 16]
    assert found(**many("q", [0, 3, 6, 9, 12]), x=late)["x"] == 3
    assert found(**many("m", list(range(12))), x=late)["x"] == 1


def test_newcomers_of_one_bill_have_the_rhythm_of_bills_like_theirs():
    frame = bills(**many("y", [0, 12, 24]), **many("m", list(range(30))), small=[30], large=[30])
    is_large = frame["customer_id"].str.startswith("y") | (frame["customer_id"] == "large")
    frame["revenue"] = np.where(is_large, 120.0, 10.0)
    assert rhythms(frame)[["small", "large"]].to_dict() == {"small": 1, "large": 12}


def test_a_rhythm_of_few_or_by_chance_is_none():
    assert found(**many("m", list(range(12))), x=[0, 12, 24])["x"] == 1
    rng = np.random.default_rng(1)
    irregular = {f"i{n}": list(np.cumsum(rng.integers(1, 6, 8))) for n in range(300)}
    assert set(rhythms(bills(**irregular))) == {1}


def test_bills_are_divided_over_the_months_they_cover():
    rows = pd.DataFrame(
        [("y", "2020-01", 120.0, 12.0), ("m", "2020-02", 5.0, 1.0), ("y", "2020-03", 30.0, np.nan)],
        columns=["customer_id", "month", "revenue", "cost_to_serve"],
    )
    rows["month"] = pd.to_datetime(rows["month"])
    covers = pd.Series({"y": 3, "m": 1})

    expected = pd.DataFrame(
        [
            ("y", "2020-01", 40.0, 4.0),
            ("y", "2020-02", 40.0, 4.0),
            ("y", "2020-03", 50.0, 4.0),  # the next bill came a month early
            ("m", "2020-02", 5.0, 1.0),
            ("y", "2020-04", 10.0, np.nan),
            ("y", "2020-05", 10.0, np.nan),
        ],
        columns=rows.columns,
    )
    expected["month"] = pd.to_datetime(expected["month"])
    assert_frame_equal(spread(rows, covers, ["revenue", "cost_to_serve"]), expected)


def test_bills_of_a_month_stay_as_they_are():
    rows = bills(a=[3, 1, 2], b=[7])
    assert spread(rows, pd.Series({"a": 1, "b": 1}), ["revenue"]) is rows


def test_no_money_is_lost():
    rng = np.random.default_rng(3)
    rows = bills(**many("q", list(range(0, 24, 3)), 20))
    rows["revenue"] = rng.lognormal(3, 1, len(rows))
    total = spread(rows, rhythms(rows), ["revenue"])["revenue"].sum()
    assert total == pytest.approx(rows["revenue"].sum())


def test_month_numbers_and_back():
    months = pd.Series(pd.to_datetime(["1970-01-01", "2024-12-01", "2100-06-01"]))
    assert_series_equal(month_start(month_number(months)), months)
