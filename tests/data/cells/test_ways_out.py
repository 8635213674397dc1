"""The line to write where a few cells are nothing at all."""

import pandas as pd

from src.data.cells.ways_out import date_lines, way_out

DAYS = pd.Series(pd.date_range("2024-01-01", periods=60).strftime("%d.%m.%Y"))
FEES = pd.Series([f"{fee},5" for fee in range(60)])


def test_a_few_odd_cells_do_not_hide_the_form_of_the_others():
    odd = pd.concat([DAYS, pd.Series(["00.00.0000"])])
    assert date_lines({"date": odd}, [], "") == "dates: '%d.%m.%Y'"
    assert date_lines({"date": pd.concat([DAYS.head(10), odd.tail(1)])}, [], "") == ""


def test_a_few_odd_cells_do_not_hide_the_marks_of_the_others():
    odd = pd.concat([FEES, pd.Series(["12 CR"])])
    told = "; write under tables.billing: `decimal: ','`"
    assert way_out(odd, "number", "billing", "revenue", ".") == told
    assert way_out(pd.Series(["1.058,5", "a lot"]), "number", "billing", "revenue", ".") == ""
