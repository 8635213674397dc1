"""Habits by hand: payment, usage, tickets and purchases."""

import numpy as np
import pandas as pd
import pandas.testing as pdt
import pytest

from src.data.problems import InputError
from src.features.habits import habits
from src.features.months import Month

AT = Month.of("2024-04")


def monthly(column, **values):
    """Values of January to April 2024 of each customer; None: no row."""
    months = pd.date_range("2024-01-01", periods=4, freq="MS")
    rows = [
        (name, month, value)
        for name, row in values.items()
        for month, value in zip(months, row, strict=True)
        if value is not None
    ]
    return pd.DataFrame(rows, columns=["customer_id", "month", column])


def test_bills_by_hand():
    bills = monthly("revenue", a=[10, 10, 30, 30], b=[5, 5, 5, 5], c=[None, None, 8, -8], x=[9] * 4)
    before = pd.DataFrame(
        {"customer_id": ["a"], "month": [pd.Timestamp("2023-12-01")], "revenue": 99}
    )
    found = habits(
        pd.Series(["b", "a", "c"]), {"billing": pd.concat([bills, before])}, AT, 4, "EUR"
    )
    expected = pd.DataFrame(
        {
            "customer_id": ["b", "a", "c"],
            "bill": [5.0, 20, 0],
            "bill_spread": [0.0, 1, np.nan],  # quartiles 10 and 30 over the median 20
            "bill_trend": [0.0, 0.5, np.nan],  # (30 - 10) / 40
            "no_bill": [0.0, 0, 0.5],
        }
    )
    pdt.assert_frame_equal(found.frame, expected)
    assert found.logs == {"bill", "bill_spread"}
    assert found.habits[0].unit == "EUR a month"


def test_one_late_bill_moves_neither_quartile():
    late = [10, 0, 20, 10]
    table = monthly("revenue", a=late, b=[10] * 4)
    earlier = table.assign(month=table["month"] - pd.DateOffset(months=4), revenue=10)
    found = habits(pd.Series(["a", "b"]), {"billing": pd.concat([earlier, table])}, AT, 8).frame
    # Level, spread and trend are alike and left out; the month without a bill is seen.
    expected = pd.DataFrame({"customer_id": ["a", "b"], "no_bill": [0.125, 0]})
    pdt.assert_frame_equal(found, expected)


def test_levels_are_per_line_where_lines_are_known():
    lines = pd.DataFrame(
        [("a", "2020-01-01", None), ("a", "2024-03-01", None), ("b", "2023-01-01", "2024-02-01"),
         ("b", "2024-01-01", "2024-02-01"), ("a", "2020-01-01", "2023-12-01")],
        columns=["customer_id", "start_month", "end_month"],
    )  # fmt: skip
    lines = lines.astype({"start_month": "datetime64[ns]", "end_month": "datetime64[ns]"})
    tables = {
        "lines": lines,
        "billing": monthly("revenue", a=[30] * 4, b=[20, 20, None, None]),
        "usage": monthly("data_gb", a=[3] * 4, b=[6, 6, None, None]).assign(words="no number"),
    }
    found = habits(pd.Series(["a", "b"]), tables, AT, 4, "EUR")
    frame = found.frame.set_index("customer_id")
    assert frame["lines"].tolist() == [1.5, 2.0]
    assert frame["bill"].tolist() == [20.0, 10.0]
    assert frame["data_gb"].tolist() == [2.0, 3.0]
    units = {habit.name: habit.unit for habit in found.habits}
    assert units["bill"] == "EUR a line and month"
    assert units["data_gb"] == "a line and month"


def test_tickets_are_counted_a_year():
    day = pd.to_datetime(["2024-01-01", "2024-04-30", "2023-12-31", "2024-05-01", "2024-02-02"])
    events = pd.DataFrame(
        {"customer_id": list("aaaab"), "date": day, "kind": ["ticket"] * 4 + ["nps"], "value": 1.0}
    )
    events.loc[1, "value"] = np.nan
    tables = {"events": events, "billing": monthly("revenue", a=[5] * 4, b=[None, 5, 5, 5])}
    found = habits(pd.Series(["a", "b"]), tables, AT, 4).frame
    assert found["tickets"].tolist() == [6.0, 0.0]  # two in four months


def test_purchases_by_hand():
    orders = pd.DataFrame(
        [("a", "2024-01-01", 10.0, "x"), ("a", "2024-01-01 09:00", 20.0, "y"),
         ("a", "2024-01-31", 50.0, "x"), ("b", "2024-02-01", 7.0, "x"),
         ("b", "2024-02-02", -7.0, "x"), ("c", "2023-02-02", 5.0, "x")],
        columns=["customer_id", "date", "amount", "category"],
    )  # fmt: skip
    orders["date"] = pd.to_datetime(orders["date"], format="mixed")
    found = habits(pd.Series(list("abc")), {"orders": orders}, AT, 4).frame
    expected = pd.DataFrame(
        {
            "customer_id": list("abc"),
            "purchases": [2.0, 1, 0],
            "purchase_amount": [40.0, 7, np.nan],
            "categories": [2.0, 1, 0],
        }
    )
    pdt.assert_frame_equal(found, expected)  # one gap alone is no difference


def test_customers_who_do_not_differ_are_refused():
    table = monthly("revenue", a=[5] * 4, b=[5] * 4)
    with pytest.raises(InputError, match="differ in no habit of usage or payment"):
        habits(pd.Series(["a", "b"]), {"billing": table}, AT, 4)
