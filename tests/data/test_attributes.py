import numpy as np
import pandas as pd
from pandas.testing import assert_series_equal

from src.data.attributes import Written, attribute


def cells(*values: object) -> pd.Series:
    return pd.Series(values, dtype="object")


def typed(values: pd.Series, **written: str) -> pd.Series:
    """The column, when nothing is to be said about it."""
    column, remarks = attribute(values, Written("snapshot", **written))
    assert remarks == []
    return column


def test_an_attribute_is_a_number_when_every_cell_is():
    assert_series_equal(typed(cells("1", "2.5", None)), pd.Series([1.0, 2.5, np.nan]))
    assert_series_equal(typed(cells("1,5", "2"), decimal=","), pd.Series([1.5, 2.0]))
    assert_series_equal(typed(pd.Series([1, 2])), pd.Series([1.0, 2.0]))
    assert_series_equal(typed(cells("1", "two", "many")), cells("1", "two", "many"))


def test_codes_stay_text():
    assert_series_equal(typed(cells("007", "12")), cells("007", "12"))
    assert_series_equal(typed(cells("0.5", "0")), pd.Series([0.5, 0.0]))
    sim = "8970101234567890123"  # a float would round the last digits away
    assert_series_equal(typed(cells(sim, "12")), cells(sim, "12"))


def test_flags_and_dates_stay_what_they_are_among_the_attributes():
    flags, days = pd.Series([True, False]), pd.Series(pd.to_datetime(["2024-01-31"]))

    assert_series_equal(typed(flags.astype("object")), flags)
    assert_series_equal(typed(days.astype("object")), days)
    assert_series_equal(typed(flags), flags)
    assert_series_equal(typed(days), days)


def test_dates_among_the_attributes_lose_their_time_zone_but_never_their_value():
    moment = pd.Series([pd.Timestamp("2024-02-01T01:00+03:00")])
    far = pd.Series(np.array(["9999-12-31"], dtype="datetime64[us]"))

    assert typed(moment).tolist() == [pd.Timestamp("2024-01-31 22:00")]
    assert typed(far).tolist() == ["9999-12-31 00:00:00"]
