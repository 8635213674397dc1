import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_series_equal

from src.data.cells.attributes import Written, attribute


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


def read(*column: object, **written: str) -> tuple[list[object], list[str]]:
    found, remarks = attribute(cells(*column), Written("snapshot", **written))
    return found.tolist(), remarks


MANY = [f"{number}.5" for number in range(20)]


@pytest.mark.parametrize("word", ["n/a", "-", "\u2014", "#N/A", "#DIV/0!", "k.A.", "none"])
def test_words_for_a_gap_among_numbers_are_left_empty_and_said(word):
    found, remarks = read(*MANY, word)

    assert pd.isna(found[-1])
    assert remarks == [f"1 of 21 cells is no number (row 21 {word!r}), left empty"]


def test_a_cell_with_a_sign_of_money_is_read_where_the_column_shows_the_decimal_mark():
    assert read(*MANY, "$1,889.50")[0][-1] == 1889.5
    assert read(*MANY, "1,889") == ([*map(float, MANY), 1889.0], [])
    assert read("7", "8", "1,889")[1] == [
        "1 of 3 cells is no number (row 3 '1,889'), so the column is kept as text; mend them, or "
        'write under tables.snapshot: `missing: ["1,889"]`'
    ]


def test_a_few_cells_that_are_no_numbers_are_named():
    assert read(*MANY, "soon") == (
        [*MANY, "soon"],
        [
            "1 of 21 cells is no number (row 21 'soon'), so the column is kept as text; mend "
            'them, or write under tables.snapshot: `missing: ["soon"]`'
        ],
    )


@pytest.mark.parametrize(
    ("column", "written", "day"),
    [
        (["2024-01-31", "2024-02-01"], {}, "2024-01-31"),
        (["31.01.2024", "01.02.2024"], {}, "2024-01-31"),
        (["01/31/2024", "02/01/2024"], {}, "2024-01-31"),
        (["31/01/2024 10:00", "01/02/2024 11:00"], {}, "2024-01-31 10:00"),
        (["20240131", "20240201"], {"dates": "%Y%m%d"}, "2024-01-31"),
        (["2024-01", "2024-02"], {"dates": "%d.%m.%Y"}, "2024-01-01"),
    ],
)
def test_dates_in_text_are_dates(column, written, day):
    found, remarks = read(*column, **written)

    assert (found[0], remarks) == (pd.Timestamp(day), [])


def test_dates_that_can_be_read_in_two_ways_are_named():
    cells = pd.Series(["03/04/2024", "01/02/2024"], name="since")
    kept, remarks = attribute(cells, Written("snapshot"))
    assert kept.tolist() == ["03/04/2024", "01/02/2024"]
    assert remarks == [
        "its dates can be read in two ways (such as '03/04/2024'), so it is kept as text; write "
        "under tables.snapshot: `dates: {since: '%d/%m/%Y'}` or `dates: {since: '%m/%d/%Y'}`"
    ]


def test_day_numbers_of_a_spreadsheet_among_dates_are_read_and_said():
    found, remarks = read("2024-01-05", "45292")

    assert found == [pd.Timestamp("2024-01-05"), pd.Timestamp("2024-01-01")]
    assert remarks == [
        "1 cell is a day number of a spreadsheet, read as dates (row 2 '45292' as 2024-01-01)"
    ]


def test_types_of_a_warehouse():
    wait = pd.Series(pd.to_timedelta(["12h", "2D"]))
    period = pd.Series(pd.period_range("2024-01", periods=2, freq="M"))

    assert typed(wait).tolist() == [0.5, 2.0]
    assert typed(period).tolist() == [pd.Timestamp("2024-01-01"), pd.Timestamp("2024-02-01")]
