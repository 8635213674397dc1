import pandas as pd
import pytest

from src.reporting.page.small_groups import for_pages, many, tells_few
from src.reporting.page.tables import Table


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        (
            "3 of 400 cells are no numbers (row 3 'n/a', row 9 'x (1)'), left empty",
            "fewer than 10 of 400 cells are no numbers, left empty",
        ),
        (
            "1 of 400 cells is no number (row 1 'x'), so the column is kept as text; mend them, or "
            'write under tables.snapshot: `missing: ["x"]`',
            "fewer than 10 of 400 cells are no number, so the column is kept as text; mend them, "
            "or write under tables.snapshot: `missing: [...]`",
        ),
        (
            "1 row has a number below 0 in snapshot.tenure_months and was left out",
            "fewer than 10 rows have a number below 0 in snapshot.tenure_months and were left out",
        ),
        (
            "397 of 400 customers have no tenure_months",
            "all but fewer than 10 of 400 customers have no tenure_months",
        ),
        (
            "usage: rows of 3 customers are spread",
            "usage: rows of fewer than 10 customers are spread",
        ),
        ("hardly any rows (3)", "hardly any rows (fewer than 10)"),
        (
            "billing: 19.90 EUR of 1 customer for months after 2024-12 not counted",
            "billing: revenue of fewer than 10 customers for months after 2024-12 not counted",
        ),
        (
            "billing: the last line of b.csv has no line end, so it may be cut (line 9 'c1;19,90')",
            "billing: the last line of b.csv has no line end, so it may be cut",
        ),
        (
            "1 cell is a day number of a spreadsheet, read as dates (row 1 '45292' as 2024-01-01)",
            "fewer than 10 cells are a day number of a spreadsheet, read as dates",
        ),
    ],
)
def test_small_counts_and_single_cells_of_a_note_are_on_no_page(said, shown):
    assert for_pages(said) == shown
    assert for_pages(shown) == shown


@pytest.mark.parametrize(
    "said",
    [
        "12 rows after 2024-12 left out, as `last_month` says",
        "billing: of 40 customers fewer than 10 are billed once a year",
        "200 of 400 rows are exact copies",
        "of 20 silences of 3 months or more, 60% end with a new bill",
        "billing was read from its database on 2024-01-05, 3 days ago",
        "snapshot.tenure_months is given in years and was made months: times 12",
        "a.csv: 3 line ends stand inside quoted cells",
        "0 rows",
    ],
)
def test_other_sentences_stay_as_they_are(said):
    assert for_pages(said) == said


def test_counts_and_their_complements():
    assert [many(number, "row") for number in (0, 1, 9, 10)] == [
        "0 rows",
        "fewer than 10 rows",
        "fewer than 10 rows",
        "10 rows",
    ]
    assert [tells_few(*pair) for pair in ((0, 9), (9, 100), (91, 100), (90, 100))] == [
        True,
        True,
        True,
        False,
    ]


def test_a_table_says_no_small_count():
    frame = pd.DataFrame({"group": ["a", "b", "c"], "churners": [1200, 9, None]})
    table = Table(frame, "", {"group": ("Group", "text"), "churners": ("Churners", "customers")})
    page = table._repr_mimebundle_()
    for text in page.values():
        assert "1,200" in text
        assert "fewer than 10" in text
        assert ">9<" not in text
