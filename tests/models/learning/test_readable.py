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
