"""Months between the rows of a customer."""

import numpy as np
import pandas as pd
import pandas.testing as pdt
from hypothesis import given
from hypothesis import strategies as st

from src.data.calendar.distances import distances


def rows(**months):
    pairs = [(customer, month) for customer, all_of in months.items() for month in all_of]
    frame = pd.DataFrame(pairs, columns=["customer_id", "month"])
    return frame.assign(month=pd.to_datetime(frame["month"]))


def test_distances_of_each_customer_whatever_the_order_of_rows():
    found = distances(
        rows(
            b=["2024-05", "2024-01", "2024-02", "2025-02"], a=["2024-03"], c=["2024-01", "2024-01"]
        )
    )
    assert list(found.customers) == ["b", "a", "c"]
    assert found.place.tolist() == [0, 0, 0]
    assert found.months.tolist() == [1, 3, 9]
    assert found.place.dtype == found.months.dtype == "int32"
    ids = pd.Index(["b", "a", "c"], name="customer_id")
    pdt.assert_series_equal(found.numbers(), pd.Series([3, 0, 0], ids))
    pdt.assert_series_equal(found.usual(), pd.Series([3.0, np.nan, np.nan], ids))
    pdt.assert_series_equal(found.share(found.months > 2), pd.Series([2 / 3, 0.0, 0.0], ids))


@given(
    st.lists(st.tuples(st.sampled_from("abcd"), st.integers(0, 30)), min_size=1, unique=True),
)
def test_the_usual_distance_is_the_lower_median_of_each_customer(pairs):
    frame = pd.DataFrame(pairs, columns=["customer_id", "number"])
    frame["month"] = pd.Timestamp("2020-01-01") + frame["number"].map(
        lambda number: pd.DateOffset(months=number)
    )
    frame["month"] = frame["month"].astype("datetime64[ns]")
    usual = distances(frame).usual()
    steps = frame.sort_values("number").groupby("customer_id")["number"].diff()
    expected = steps.groupby(frame["customer_id"]).quantile(interpolation="lower")
    pdt.assert_series_equal(usual, expected.reindex(usual.index), check_names=False)
