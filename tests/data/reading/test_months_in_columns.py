import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from src.data.manifest import Source
from src.data.problems import InputError
from src.data.reading.months_in_columns import line_for_months, months_as_rows

JANUARY, FEBRUARY = pd.Timestamp("2024-01-01"), pd.Timestamp("2024-02-01")


def source(**forms):
    return Source(file="a.csv", months_in_columns=forms)


def test_each_filled_cell_becomes_a_row_in_the_order_of_rows_and_months():
    wide = pd.DataFrame(
        {
            "id": ["b", "a"],
            "bill_2024_02": ["2", " "],
            "bill_2024_01": ["1", "5"],
            "cost_2024_02": ["", "3"],
        }
    )
    expected = pd.DataFrame(
        {
            "id": ["b", "b", "a", "a"],
            "month": [JANUARY, FEBRUARY, JANUARY, FEBRUARY],
            "revenue": ["1", "2", "5", " "],
            "cost_to_serve": [float("nan"), "", float("nan"), "3"],
        }
    )
    forms = {"revenue": "bill_%Y_%m", "cost_to_serve": "cost_%Y_%m"}

    assert_frame_equal(months_as_rows(wide, "billing", source(**forms)), expected)


def test_without_the_key_the_table_is_as_it_was():
    wide = pd.DataFrame({"id": ["a"]})

    assert months_as_rows(wide, "billing", Source(file="a.csv")) is wide


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        (["id"], "no column is called like %Y_%m; the source has: id"),
        (["2024_01", "2024_1"], "2024_01 and 2024_1 are the same month"),
        (["month", "2024_01"], "has month already; delete one of them under tables.billing"),
    ],
)
def test_columns_that_tell_no_month_or_one_twice_are_refused(columns, message):
    wide = pd.DataFrame([["1"] * len(columns)], columns=columns)

    with pytest.raises(InputError, match=message):
        months_as_rows(wide, "billing", source(revenue="%Y_%m"))


@pytest.mark.parametrize(
    ("names", "form"),
    [
        (["rev 2024-01", "rev 2024-02", "rev 2024-03"], "rev %Y-%m"),
        (["202401", "202402", "202403"], "'%Y%m'"),
        (["01/2024", "02/2024", "03/2024"], "'%m/%Y'"),
        (["Jan 2024", "Feb 2024", "Mar 2024"], "'%b %Y'"),
    ],
)
def test_the_line_to_write_is_found_by_the_names(names, form):
    assert line_for_months(["id", *names], "billing") == f"months_in_columns: {{revenue: {form}}}"


def test_two_columns_of_months_are_no_table_of_months():
    assert line_for_months(["id", "since_2024_01", "till_2024_02"], "billing") is None
