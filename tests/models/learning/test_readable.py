import datetime as dt

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from src.models.learning.readable import in_words, readable


def test_columns_that_no_model_can_read_are_left_out_with_their_reason():
    rows = 200
    frame = pd.DataFrame(
        {
            "calls": np.arange(rows) % 7,
            "city": [f"town {place % 40}" for place in range(rows)],
            "note": [f"said {place}" for place in range(rows)],
            "empty": [None] * rows,
            "blank": [" "] * rows,
            "same": ["x"] * rows,
            "row": np.arange(rows) + 17,
            "bought": [["a"], ["b", "c"]] * (rows // 2),
            "ratio": [1.0, np.inf] * (rows // 2),
            "one or none": [1, None] * (rows // 2),
        }
    )
    read = readable(frame)

    assert list(read.frame) == ["calls", "city", "one or none"]
    assert read.left_out == {
        "note": "names its rows",
        "empty": "empty",
        "blank": "empty",
        "same": "never varies",
        "row": "numbers its rows",
        "bought": "holds lists",
        "ratio": "holds infinite numbers",
    }
    assert in_words(read).startswith("blank and empty (empty), ")


def test_dates_of_every_type_are_months_before_the_newest():
    days = ["2024-01-01", "2024-01-31", "2024-03-01"]
    stamps = pd.to_datetime(pd.Series(days))
    frame = pd.DataFrame(
        {
            "stamp": stamps,
            "zone": stamps.dt.tz_localize("UTC"),
            "text": days,
            "german": ["01.01.2024", "31.01.2024", "01.03.2024"],
            "american": ["01/01/2024", "01/31/2024", "03/01/2024"],
            "date": [dt.date(2024, 1, 1), dt.date(2024, 1, 31), dt.date(2024, 3, 1)],
            "until": ["2024-01-01", "9999-12-31", "2024-03-01"],
        }
    )
    read = readable(frame)

    months = [60 / 30.4375, 30 / 30.4375, 0.0]
    expected = pd.DataFrame(dict.fromkeys(frame, months)).assign(until=[months[0], np.nan, 0.0])
    assert_frame_equal(read.frame, expected)
    assert (read.dates, read.newest) == (tuple(frame), pd.Timestamp("2024-03-01"))


def test_dates_as_databases_write_them_are_read_by_their_own_clock():
    stamps = pd.Series(pd.to_datetime(["2024-01-01 00:00", "2024-01-31 12:00", "2024-03-31 00:00"]))
    frame = pd.DataFrame(
        {
            "fraction": stamps.dt.strftime("%Y-%m-%d %H:%M:%S.000"),
            "zulu": stamps.dt.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "offset": stamps.dt.strftime("%Y-%m-%d %H:%M:%S+01:00"),
            "short offset": stamps.dt.strftime("%Y-%m-%dT%H:%M:%S.250000+01"),
            "berlin": stamps.dt.tz_localize("Europe/Berlin"),  # of summer and of winter
        }
    )
    read = readable(frame)
    months = [90 / 30.4375, 59.5 / 30.4375, 0.0]
    assert_frame_equal(read.frame, pd.DataFrame(dict.fromkeys(frame, months)))
    assert read.newest == pd.Timestamp("2024-03-31")


@pytest.mark.parametrize(
    "cells",
    [
        ["2024-01", "2024-03", "2024-02"],
        ["01.2024", "03.2024", "02.2024"],
        ["Jan 2024", "Mar 2024", "Feb 2024"],
        ["Jan-24", "Mar-24", "Feb-24"],
        [pd.Period("2024-01", "M"), pd.Period("2024-03", "M"), pd.Period("2024-02", "M")],
    ],
)
def test_months_are_dates(cells):
    read = readable(pd.DataFrame({"since": cells}))
    expected = pd.DataFrame({"since": [60 / 30.4375, 0.0, 29 / 30.4375]})
    assert_frame_equal(read.frame, expected)


def test_the_newest_date_of_all_columns_is_the_day_from_which_all_are_counted():
    frame = pd.DataFrame({"since": ["2024-01-01", "2024-01-31"], "until": ["2024-03-01", None]})
    expected = pd.DataFrame({"since": [60 / 30.4375, 30 / 30.4375], "until": [0.0, np.nan]})
    frame.loc[1, "until"] = "2024-02-15"
    expected.loc[1, "until"] = 15 / 30.4375
    read = readable(frame)
    assert_frame_equal(read.frame, expected)
    assert (read.dates, read.newest) == (("since", "until"), pd.Timestamp("2024-03-01"))


def test_durations_are_days_and_cells_of_several_types_are_text():
    frame = pd.DataFrame(
        {"wait": pd.to_timedelta([36, None, 12], unit="h"), "code": pd.Series([1, "a", " "])}
    )
    expected = pd.DataFrame({"wait": [1.5, np.nan, 0.5], "code": pd.Series(["1", "a", np.nan])})
    assert_frame_equal(readable(frame).frame, expected)


def test_a_table_that_is_read_as_it_is_says_nothing():
    frame = pd.DataFrame({"plan": ["a", "b"], "is_new": [True, False], "fee": [1.5, np.nan]})
    read = readable(frame, ["customer_id"])
    assert_frame_equal(read.frame, frame)
    assert (read.left_out, read.dates, read.newest, in_words(read)) == ({}, (), None, "")


def test_a_few_other_words_among_dates_are_gaps():
    days = [f"2024-01-{1 + place % 28:02d}" for place in range(99)] + ["unknown"]
    read = readable(pd.DataFrame({"from": days}))
    assert read.frame["from"].isna().sum() == 1


def test_dates_of_which_day_and_month_cannot_be_told_are_said():
    read = readable(pd.DataFrame({"from": ["01/02/2024", "03/04/2024"], "calls": [1, 2]}))
    assert read.left_out["from"].startswith("dates of which day and month cannot be told apart")


@pytest.mark.parametrize("words", [["2024", "2023"], ["1.5.2", "2.1.0"], ["a", "2024-01-01"]])
def test_what_is_no_date_stays_text(words):
    assert readable(pd.DataFrame({"release": words})).frame["release"].tolist() == words


def test_columns_aside_pass_as_they_are():
    frame = pd.DataFrame({"customer_id": ["a", "b"], "segment": ["B2C", "B2C"], "calls": [1, 3]})
    assert_frame_equal(readable(frame, ["customer_id", "segment"]).frame, frame)
