from datetime import date, datetime
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal, assert_series_equal

from src.data.cells.conversion import (
    LONGEST_CELL,
    MISSING,
    as_text,
    clean,
    convert,
    replace_values,
    too_long,
)


def cells(*values: object) -> pd.Series:
    return pd.Series(values, dtype="object")


def converted(values: pd.Series, kind: str, **marks: str) -> pd.DataFrame:
    """What came of each cell, and which could not be read."""
    result, unread, _ = convert(values, kind, **marks)
    return pd.DataFrame({"result": result, "unread": unread})


@pytest.mark.parametrize(
    ("marks", "text", "number"),
    [
        ({}, "12", 12.0),
        ({}, "-1.5", -1.5),
        ({}, "+.5", 0.5),
        ({}, "2.", 2.0),
        ({}, "1e3", 1000.0),
        ({"decimal": ","}, "1,5", 1.5),
        ({"decimal": ","}, "12", 12.0),
        ({"thousands": " "}, "1 234 567.5", 1_234_567.5),
        ({"thousands": " "}, "1\u00a0234", 1234.0),
        ({"thousands": " "}, "1\u202f234", 1234.0),
        ({"thousands": ","}, "1,234.5", 1234.5),
        ({"thousands": "'"}, "1'234", 1234.0),
        ({"decimal": ",", "thousands": "."}, "1.234,5", 1234.5),
        ({"decimal": ",", "thousands": " "}, "-1\u00a0234,5", -1234.5),
        ({"decimal": ","}, "12,50-", -12.5),
        ({"decimal": ","}, "(12,50)", -12.5),
        ({"decimal": ","}, "- 12,50", -12.5),
        ({"decimal": ","}, "\u221212,50 \u20ac", -12.5),
        ({"decimal": ","}, "12,50- EUR", -12.5),
        ({"decimal": ","}, "19,90 EUR", 19.9),
        ({"decimal": ","}, "\u20ac\u00a019,90", 19.9),
        ({"decimal": ","}, "1.234,5", 1234.5),
        ({}, "$1,889.50", 1889.5),
        ({}, "-$5", -5.0),
        ({}, "($5)", -5.0),
        ({"thousands": ","}, "1,00,000.5", 100_000.5),
    ],
)
def test_a_number_as_text_is_read_with_its_marks(marks, text, number):
    expected = pd.DataFrame({"result": [number], "unread": [False]})

    assert_frame_equal(converted(cells(text), "number", **marks), expected)


@pytest.mark.parametrize(
    ("marks", "text"),
    [
        ({}, "ten"),
        ({}, "1,5"),
        ({}, "1 234"),
        ({}, "1.2.3"),
        ({}, "0x10"),
        ({}, "1_000"),
        ({}, "inf"),
        ({}, "-Infinity"),
        ({}, "1e999"),
        ({}, "-"),
        ({"decimal": ","}, "1.5"),
        ({"decimal": ","}, "1.234"),
        ({"decimal": ",", "thousands": "."}, "12.50"),
        ({}, "12 GB"),
        ({}, "5-3"),
        ({}, "12,34.5"),
    ],
)
def test_what_is_not_a_number_is_not_guessed(marks, text):
    expected = pd.DataFrame({"result": [7.0, np.nan, np.nan], "unread": [False, True, False]})

    assert_frame_equal(converted(cells("7", text, None), "number", **marks), expected)


def test_numbers_that_are_numbers_already_keep_their_value_whatever_the_marks():
    excel = cells(1.5, 1234, Decimal("2.25"), "3,5", None)
    expected = pd.DataFrame({"result": [1.5, 1234.0, 2.25, 3.5, np.nan], "unread": [False] * 5})

    assert_frame_equal(converted(excel, "number", decimal=",", thousands="."), expected)
    assert convert(pd.Series([1, 2]), "number", ",", ".")[0].tolist() == [1.0, 2.0]


def test_typed_cells_that_are_no_number_are_refused():
    infinite = converted(pd.Series([1.0, np.inf, np.nan]), "number")
    flags = converted(pd.Series([True, False]), "number")
    dates = converted(pd.Series(pd.to_datetime(["2024-01-31"])), "number")

    assert infinite["unread"].tolist() == [False, True, False]
    assert flags["unread"].tolist() == [True, True]
    assert dates["unread"].tolist() == [True]
    assert converted(cells(True, 1), "number")["unread"].tolist() == [True, False]
    assert converted(cells(float("inf"), 1), "number")["unread"].tolist() == [True, False]


def test_the_rule_of_a_number_names_the_decimal_mark():
    assert convert(cells("x"), "number", ",")[2] == "must be a number (decimal mark ',')"


def test_flags_in_every_word():
    true, false = ["true", "Yes", "y", "T", "1", "1.0"], ["FALSE", "no", "N", "f", "0", "0.0"]
    expected = pd.DataFrame({"result": [True] * 6 + [False] * 6, "unread": [False] * 12})

    assert_frame_equal(converted(cells(*true, *false), "flag"), expected)


@pytest.mark.parametrize(
    "values",
    [pd.Series([1, 0]), pd.Series([1.0, 0.0]), pd.Series([True, False]), cells(1, 0)],
)
def test_typed_flags(values):
    expected = pd.DataFrame({"result": [True, False], "unread": [False, False]})

    assert_frame_equal(converted(values, "flag"), expected)


def test_a_flag_with_gaps_is_a_nullable_boolean_and_other_words_are_refused():
    expected = pd.DataFrame(
        {
            "result": pd.array([True, None, None, None], dtype="boolean"),
            "unread": [False, False, True, True],
        }
    )

    assert_frame_equal(converted(cells("yes", None, "maybe", "2"), "flag"), expected)


def test_iso_dates():
    text = cells("2024-01-31", "2024-02", "2024-01-31 23:59:59", "2024-01-31T10:30", None)
    days = ["2024-01-31", "2024-02-01", "2024-01-31 23:59:59", "2024-01-31 10:30", None]
    expected = pd.DataFrame(
        {"result": pd.to_datetime(days, format="ISO8601"), "unread": [False] * 5}
    )

    assert_frame_equal(converted(text, "date"), expected)


@pytest.mark.parametrize(
    "text", ["31.01.2024", "01/02/2024", "2024", "20240131", "2024-13-01", "2024-02-30", "today"]
)
def test_without_a_declared_format_only_iso_dates_are_read(text):
    expected = pd.DataFrame({"result": pd.to_datetime([None]), "unread": [True]})

    assert_frame_equal(converted(cells(text), "date"), expected)


@pytest.mark.parametrize(
    ("form", "text"),
    [
        ("%d.%m.%Y", "31.01.2024"),
        ("%m/%d/%Y", "01/31/2024"),
        ("%Y%m%d", "20240131"),
        ("%d.%m.%Y %H:%M", "31.01.2024 00:00"),
        ("%Y-%m-%dT%H:%M%z", "2024-01-31T02:00+02:00"),
    ],
)
def test_dates_in_a_declared_format(form, text):
    expected = pd.DataFrame({"result": pd.to_datetime(["2024-01-31"]), "unread": [False]})

    assert_frame_equal(converted(cells(text), "date", dates=form), expected)


def test_a_declared_format_is_for_text_and_dates_of_a_spreadsheet_stay_dates():
    excel = cells(datetime(2024, 1, 31), date(2024, 2, 1), "03.02.2024", "2024-02-03", None)
    days = pd.to_datetime(["2024-01-31", "2024-02-01", "2024-02-03", None, None])
    expected = pd.DataFrame({"result": days, "unread": [False, False, False, True, False]})

    assert_frame_equal(converted(excel, "date", dates="%d.%m.%Y"), expected)


def test_mixed_dates_are_marked_row_by_row():
    text = cells("2024-01-31", "31.01.2024", "2024-02-01", "02/01/2024")

    result, unread, rule = convert(text, "date")

    assert unread.tolist() == [False, True, False, True]
    assert result.notna().tolist() == [True, False, True, False]
    assert rule == (
        "must be a date from 1970 to 2100 written as YYYY-MM-DD; name another form under "
        "`dates`, or a word for an empty cell under `missing`"
    )
    assert "written as %d.%m.%Y;" in convert(text, "date", dates="%d.%m.%Y")[2]


@pytest.mark.parametrize(
    "values",
    [
        cells("9999-12-31"),
        cells(date(9999, 12, 31)),
        pd.Series(np.array(["9999-12-31"], dtype="datetime64[us]")),
    ],
)
def test_a_date_too_far_away_to_be_held_is_refused_and_not_a_crash(values):
    assert_frame_equal(
        converted(values, "date"),
        pd.DataFrame({"result": pd.to_datetime([None]), "unread": [True]}),
    )


def test_moments_with_a_time_zone_become_utc_from_text_and_from_a_type():
    moment = "2024-02-01T01:00+03:00"
    expected = pd.DataFrame({"result": pd.to_datetime(["2024-01-31 22:00"]), "unread": [False]})

    assert_frame_equal(converted(cells(moment), "date"), expected)
    assert_frame_equal(converted(pd.Series([pd.Timestamp(moment)]), "date"), expected)


def test_a_month_is_its_first_day():
    months = cells("2024-02", "2024-02-29", None)
    typed = pd.Series(np.array(["2024-02-29"], dtype="datetime64[s]"))
    first = pd.Timestamp("2024-02-01")

    assert_frame_equal(
        converted(months, "month"),
        pd.DataFrame({"result": [first, first, pd.NaT], "unread": [False] * 3}),
    )
    assert_frame_equal(
        converted(typed, "month"), pd.DataFrame({"result": [first], "unread": [False]})
    )
    assert convert(cells("202402"), "month", dates="%Y%m")[0].tolist() == [first]


@pytest.mark.parametrize(
    ("kind", "dtype"),
    [
        ("id", "object"),
        ("text", "object"),
        ("number", "float64"),
        ("flag", "boolean"),
        ("date", "datetime64[ns]"),
        ("month", "datetime64[ns]"),
    ],
)
def test_a_column_without_any_value_is_read_and_has_its_type(kind, dtype):
    result, unread, _ = convert(cells(None, None), kind)

    assert (str(result.dtype), result.isna().all(), unread.any()) == (dtype, True, False)
    assert len(convert(cells(), kind)[0]) == 0


def test_identifiers_as_text():
    assert as_text(pd.Series([1, 20])).tolist() == ["1", "20"]
    assert as_text(pd.Series([1.0, None])).tolist() == ["1", None]
    assert as_text(pd.Series([1.5, 2.0])).tolist() == ["1.5", "2"]
    assert as_text(cells(1.0, 9_007_199_254_740_993, "a")).tolist() == [
        "1",
        "9007199254740993",
        "a",
    ]
    assert as_text(cells("007", None, "a")).tolist() == ["007", None, "a"]
    assert as_text(pd.Series([1, None], dtype="Int64")).tolist() == ["1", None]
    assert as_text(pd.Series([None, None], dtype="float64")).tolist() == [None, None]


def test_outer_blanks_and_markers_of_absence_are_removed_from_text():
    raw = cells("  a ", *MISSING, " NA ", "?", "none", None, "\t")

    assert clean(raw).tolist() == ["a", *[None] * len(MISSING), None, "?", "none", None, None]
    assert clean(raw, ["?", "none"]).tolist() == ["a", *[None] * (len(MISSING) + 5)]


def test_cells_with_a_type_are_cleaned_of_declared_markers_only():
    numbers = pd.Series([1.0, -1.0])
    days = pd.Series(pd.to_datetime(["2024-01-31"]))

    assert_series_equal(clean(numbers), numbers)
    assert_series_equal(clean(days), days)
    assert_series_equal(clean(numbers, ["-1"]), pd.Series([1.0, None]))
    assert clean(cells(-1, date(9999, 12, 31), 5), ["-1", "9999-12-31"]).tolist() == [None, None, 5]


def test_categories_are_read_as_the_cells_they_stand_for():
    words = pd.Series([" a", "NA", None], dtype="category")
    numbers = pd.Series([1, 2, 1], dtype="category")

    assert_series_equal(clean(words), cells("a", None, None))
    assert_series_equal(clean(numbers), pd.Series([1, 2, 1]))
    assert_series_equal(clean(cells(1, None).astype("category")), pd.Series([1.0, None]))


def test_cleaning_does_not_round_long_identifiers_beside_gaps():
    long = 9_007_199_254_740_993

    assert clean(cells(long, None)).tolist() == [long, None]


def test_cells_that_hold_lists_pass_as_their_text():
    assert as_text(clean(cells([1, 2], {"a": 1}))).tolist() == ["[1, 2]", "{'a': 1}"]


def test_values_are_replaced_by_their_text_and_others_left_alone():
    assert replace_values(pd.Series([1, 2, 3]), {"1": "one", "2": None}).tolist() == [
        "one",
        None,
        3,
    ]
    assert replace_values(cells("J", "N", None), {"J": 1, "N": 0}).tolist() == [1, 0, None]
    # a swap, not one replacement after another
    assert replace_values(cells("a", "b"), {"a": "b", "b": "a"}).tolist() == ["b", "a"]


@given(data=st.data())
def test_a_one_to_one_value_map_and_its_inverse_give_the_column_back(data):
    # A cell of code 0 is refused before: pandas takes it for an empty one.
    # Half a character is in no file that was read, nor in base.yml; pandas mixes such texts up.
    text = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))
    words = data.draw(st.lists(text, min_size=1, max_size=8, unique=True))
    partners = data.draw(st.permutations(words))
    column = data.draw(st.lists(st.one_of(st.none(), st.sampled_from(words)), min_size=1))
    forth = dict(zip(words, partners, strict=True))
    back = dict(zip(partners, words, strict=True))
    original = pd.Series(column, dtype="object")

    there = replace_values(original, forth)

    assert there.tolist() == [None if word is None else forth[word] for word in column]
    assert_series_equal(replace_values(there, back), original)


def test_a_million_characters_in_one_cell_are_found():
    values = pd.Series(["a", "b" * 1_000_000, None, "c" * LONGEST_CELL, 5], index=[3, 4, 5, 6, 7])

    assert too_long(values).index.tolist() == [4]
    assert too_long(pd.Series([1.0])).empty
    assert too_long(cells(date(2024, 1, 31))).empty
