"""Months between the rows of a customer."""

import numpy as np
import pandas as pd
import pandas.testing as pdt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from src.data.calendar.distances import counted, distances, lives, month_number
from src.data.cells import mapped


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
    assert found.lengths()[:11].tolist() == [0, 1, 0, 1, 0, 0, 0, 0, 0, 1, 0]
    ids = pd.Index(["b", "a", "c"], name="customer_id")
    pdt.assert_series_equal(found.numbers(), pd.Series([3, 0, 0], ids))
    pdt.assert_series_equal(found.usual(), pd.Series([3.0, np.nan, np.nan], ids))
    pdt.assert_series_equal(
        found.share(lambda _, months: months > 2), pd.Series([2 / 3, 0.0, 0.0], ids)
    )


@given(
    st.lists(st.tuples(st.sampled_from("abcd"), st.integers(0, 30)), min_size=1, unique=True),
)
def test_the_usual_distance_is_the_lower_median_of_each_customer(pairs):
    frame = pd.DataFrame(pairs, columns=["customer_id", "number"])
    frame["month"] = pd.Timestamp("2020-01-01") + frame["number"].map(
        lambda number: pd.DateOffset(months=number)
    )
    frame["month"] = frame["month"].astype("datetime64[ns]")
    usual, medians = distances(frame).usual(), distances(frame).medians()
    steps = frame.sort_values("number").groupby("customer_id")["number"].diff()
    expected = steps.groupby(frame["customer_id"]).quantile(interpolation="lower")
    pdt.assert_series_equal(usual, expected.reindex(usual.index), check_names=False)
    expected = steps.groupby(frame["customer_id"]).median()
    pdt.assert_series_equal(medians, expected.reindex(medians.index), check_names=False)


@given(
    pairs=st.lists(st.tuples(st.integers(0, 3), st.integers(0, 30)), min_size=1, max_size=12),
    is_counted=st.lists(st.booleans(), min_size=12, max_size=12),
)
def test_numbers_of_customers_in_steps_of_two_rows_as_identifiers_at_once(pairs, is_counted):
    frame = pd.DataFrame(pairs, columns=["customer_id", "month"])
    frame["month"] = (np.datetime64("2020-01") + frame["month"].to_numpy()).astype("datetime64[ns]")
    named = frame.assign(customer_id=frame["customer_id"].map("abcd".__getitem__))
    counts = pd.Series(is_counted[: len(pairs)])
    expected = distances(named[counts])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(mapped, "_STEP", 2)
        found = distances(frame, counts)
        number = month_number(frame["month"])
        life = lives(frame, counts)

    assert ["abcd"[customer] for customer in found.customers] == list(expected.customers)
    assert found.ordered.tolist() == expected.ordered.tolist()
    assert found.numbers().tolist() == expected.numbers().tolist()
    assert found.lengths().tolist() == expected.lengths().tolist()
    pdt.assert_series_equal(
        number, frame["month"].dt.year * 12 + frame["month"].dt.month - 1, check_names=False
    )
    by_customer = (
        number[counts].groupby(frame["customer_id"], sort=False).agg(["min", "max", "size"])
    )
    pdt.assert_frame_equal(life, by_customer, check_dtype=False)


def test_numbers_are_counted_from_nought_and_there_may_be_none():
    assert counted(np.array([0, 2, 2])).tolist() == [1, 0, 2]
    assert counted(np.array([], dtype="int32"), least=2).tolist() == [0, 0]
