"""What the cells of a column are by themselves."""

import pandas as pd
import pytest

from src.data.draft.cells import is_yes, traits_of


def traits(*cells):
    return traits_of(pd.Series(cells, dtype="object", name="x"))


@pytest.mark.parametrize(
    ("cells", "decimal", "thousands"),
    [
        (("1.234,50", "12,00", "-3,5"), ",", "."),
        (("1,889.50", "12"), ".", ","),
        (("1 234,5", "22"), ",", " "),
        (("1\u00a0234,5", "22,0"), ",", " "),
        (("12,50 €", "(3,00)"), ",", ""),
        (("1.234.567", "22"), "", "."),
        (("0.123", "0.5"), ".", ""),
        (("007", "12"), "", ""),
    ],
)
def test_marks_of_numbers(cells, decimal, thousands):
    seen = traits(*cells)
    assert (seen.number, seen.decimal, seen.thousands) == (1.0, decimal, thousands)


def test_rare_thousands_are_seen_behind_many_other_numbers():
    cells = [f"{number},50" for number in range(100, 999)] * 2 + [f"{n},25" for n in range(700)]
    assert traits(*cells, "1.024,90").thousands == "."


@pytest.mark.parametrize(
    ("cells", "form", "by_month"),
    [
        (("31.12.2024", "01.02.2023"), "%d.%m.%Y", False),
        (("12/31/2024", "01/05/2023"), "%m/%d/%Y", False),
        (("01/01/2024", "02/01/2024", "05/01/2024"), "%m/%d/%Y", True),
        (("2024-01", "2023-05"), "", True),
        (("2024-01-31", "2024-02-29"), "", True),
        (("202401", "202312"), "%Y%m", True),
        (("01.2024", "12.2023"), "%m.%Y", True),
        (("11-Feb-13", "01-Mar-14"), "%d-%b-%y", False),
        (("45292", "45323"), "#", True),
    ],
)
def test_forms_of_dates(cells, form, by_month):
    seen = traits(*cells)
    assert seen.best_form == (form, 1.0)
    assert seen.by_month == by_month


def test_cells_that_are_neither_number_nor_date_are_named():
    seen = traits("1", "2", "n/a", "3")
    assert seen.number == 0.75
    assert seen.others == ("n/a",)


def test_words_of_yes_and_no():
    assert traits("Ja", "Nein", "Ja").is_flag
    assert traits("False.", "True.").is_flag
    assert not traits("0.123", "0.5").is_flag
    assert [is_yes(word) for word in ("да", "Sí", "nie", "maybe")] == [True, True, False, None]


def test_identifiers_written_as_floats_are_whole_numbers():
    assert traits("13085.0", "13086.0").is_whole
    assert not traits("13085.5", "13086.0").is_whole


def test_a_long_text_is_no_word():
    assert traits("a" * 500, "b").words == ()
