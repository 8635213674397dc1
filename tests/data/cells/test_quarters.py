"""Quarters where months are expected."""

import pandas as pd
import pytest

from src.data.cells.dates import read_dates
from src.data.cells.quarters import first_months


@pytest.mark.parametrize(
    ("cells", "months"),
    [
        (["2023Q4", "2024-Q1", None], ["2023-10", "2024-01", None]),
        (["q2/2024", "Q3 2024"], ["2024-04", "2024-07"]),
        (["2023-H1", "2023-H2"], ["2023-01", "2023-07"]),
    ],
)
def test_a_quarter_or_a_half_is_its_first_month(cells, months):
    expected = pd.to_datetime(pd.Series(months, name="month"), format="%Y-%m")
    column = pd.Series(cells, name="month")
    pd.testing.assert_series_equal(
        first_months(column), expected, check_names=False, check_dtype=False
    )
    typed, unread, _, told = read_dates(column, "month", "billing")
    assert typed.dropna().tolist() == expected.dropna().tolist()
    assert not unread.any()
    assert told == [
        f"quarters, or halves of a year, are read as their first months (such as '{cells[0]}')"
    ]


@pytest.mark.parametrize("cells", [["2024Q5"], ["2024H3"], ["2024Q1", "2024H1"], ["2024Q1", "x"]])
def test_what_is_no_quarter_is_told_as_before(cells):
    column = pd.Series(cells, name="month")
    assert first_months(column) is None
    assert read_dates(column, "month", "billing")[1].all()
