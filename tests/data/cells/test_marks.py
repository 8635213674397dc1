"""Marks in numbers that may be meant otherwise."""

import pandas as pd
import pytest

from src.data.cells.attributes import Written, attribute
from src.data.cells.marks import numbers_with_other_mark, read_either_way
from src.reporting.page.small_groups import for_pages

GROUPED = pd.Series(["1.058", "1.043", "12.500", "1.044", "1.210", "950", None])


def test_marks_before_three_digits_may_be_of_thousands():
    [remark] = read_either_way(GROUPED, "billing", ".", "")
    assert remark == (
        "every number with a mark has three digits behind it (such as '1.058'), and is read as a "
        "decimal mark; if it is one of thousands, write under tables.billing: `decimal: ','` and "
        "`thousands: '.'`"
    )
    assert "1.058" not in for_pages(remark)


@pytest.mark.parametrize("other", ["0.125", "1.05", "1000", "1.0585", "1.000.000", "x"])
def test_one_cell_that_is_otherwise_settles_it(other):
    assert read_either_way(pd.concat([GROUPED, pd.Series([other])]), "billing", ".", "") == []


def test_declared_marks_numbers_and_few_cells_are_not_doubted():
    assert read_either_way(GROUPED, "billing", ".", ",") == []
    assert read_either_way(GROUPED.head(4), "billing", ".", "") == []
    assert read_either_way(pd.Series([1.058, 1.043]), "billing", ".", "") == []


def test_a_column_of_text_that_is_numbers_of_the_other_mark_is_named():
    cells = pd.Series(["58,06", "1\u00a0043,62", "44,74", "12,50", "19,90", None], name="fee")
    typed, [remark] = attribute(cells, Written("snapshot"))
    assert typed.tolist()[0] == "58,06"
    assert remark == (
        "cells are numbers with the decimal mark ',' (such as '58,06'), kept as text; to have "
        "numbers write under tables.snapshot: `decimal: ','`"
    )
    assert attribute(cells, Written("snapshot", decimal=","))[1] == []
    words = pd.Series(["1,2 and 3", *cells[1:5]])
    assert numbers_with_other_mark(words, "snapshot", ".") == []
