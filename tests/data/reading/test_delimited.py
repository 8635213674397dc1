"""Lines of a CSV against the rows they became."""

import pytest
from pandas.testing import assert_frame_equal

from src.data.building import build_base
from src.data.manifest import Source
from src.data.problems import InputError
from src.data.reading import delimited
from src.data.reading.sources import read_source

HEADER = "id;month;revenue;plan\n"


@pytest.fixture
def read(tmp_path):
    """The rows of a CSV, and what was said of it."""

    def read(text, **keys):
        (tmp_path / "bills.csv").write_bytes(text if isinstance(text, bytes) else text.encode())
        said = []
        frame = read_source(Source(file="bills.csv", **keys), "billing", tmp_path, said.append)
        return frame.to_numpy().tolist(), said

    return read


@pytest.fixture
def refused(read):
    def refused(text, **keys):
        with pytest.raises(InputError) as caught:
            read(text, **keys)
        return str(caught.value)

    return refused


def test_a_file_that_became_all_rows_is_not_spoken_of(read):
    assert read(HEADER + 'a;2024-01;1;x\n\nb;2024-01;2;"x;y"\n') == (
        [["a", "2024-01", "1", "x"], ["b", "2024-01", "2", "x;y"]],
        [],
    )


@pytest.mark.parametrize("hint", ["sep=;", '"sep=;"', "SEP=;", "\ufeffsep=;"])
def test_the_hint_of_a_spreadsheet_is_skipped(read, hint):
    assert read(f"{hint}\n{HEADER}a;2024-01;1;x\n")[0] == [["a", "2024-01", "1", "x"]]


def test_a_quote_that_swallows_rows_is_refused(refused):
    rows = 'a;2024-01;1;"x\nb;2024-01;2;y\nc;2024-01;3;"z\nd;2024-01;4;x\n'

    assert refused(HEADER + rows) == (
        "billing: a quote in bills.csv swallows rows: 5 lines became 2 rows; row 1 holds in the "
        "column plan 'x b;2024-01;2;y c;2024-01;3;z'; close or delete the quote there"
    )


def test_a_quote_that_is_never_closed_is_refused(refused):
    assert refused(HEADER + 'a;2024-01;1;x\nb;2024-01;2;"y\nc;2024-01;3;z\n') == (
        "billing: a quote in bills.csv is opened in row 2 and never closed; close or "
        "delete it there"
    )


def test_line_ends_inside_cells_are_said(read):
    rows, said = read(HEADER + 'a;2024-01;1;"two\nlines"\n')

    assert rows == [["a", "2024-01", "1", "two\nlines"]]
    assert said == [
        "billing: 3 lines of bills.csv became 1 rows, as 1 line ends stand inside quoted cells"
    ]


def test_a_cut_last_line_is_refused_where_cells_are_missing_and_said_where_it_may_be_cut(
    read, refused
):
    assert refused(HEADER + "a;2024-01;1;x\nb;2024") == (
        "billing: bills.csv is cut: its last line 'b;2024' has fewer cells than the header; "
        "export it again, or delete that line"
    )
    assert read("id;month;revenue\na;2024-01;30.50\nb;2024-01;3")[1] == [
        "billing: the last line of bills.csv has no line end, so it may be cut "
        "(line 3 'b;2024-01;3')"
    ]


def test_lines_with_fewer_cells_than_the_header_are_said(read):
    assert read(HEADER + "a;2024-01;1\nb;2024-01;2;x\n")[1] == [
        "billing: 1 line has fewer cells than the header of bills.csv (line 2 'a;2024-01;1'); "
        "what is missing was read as empty"
    ]


def test_a_character_of_code_0_is_refused(refused):
    assert refused(HEADER + "a;2024-01;1\0 20.50;x\n") == (
        "billing: bills.csv holds a character of code 0 in line 2; the file is damaged there, or "
        "it is written in UTF-16: write under tables.billing: `encoding: utf-16-le`"
    )


def test_a_header_row_beyond_the_file_is_refused(refused):
    assert refused(HEADER, header_row=9) == (
        "billing: bills.csv has no line 9; write the line of its header under "
        "tables.billing: `header_row: 1`"
    )


def test_the_separator_is_that_of_the_header_below_titles(read):
    text = "Bills, all\n\n" + HEADER + "a;2024-01;1;x\n"

    assert read(text, header_row=3)[0] == [["a", "2024-01", "1", "x"]]


def test_a_large_file_in_chunks_gives_the_same_base(write_base, monkeypatch):
    rows = [f"c{number},{'yes' if number % 3 else 'no'},{number}.5,x" for number in range(7)]
    content = "\n".join(["customer_id,churned,tenure_months,plan", *rows, ""])
    folder = write_base({"snapshot": content}, segment={"value": "B2C"})
    whole = build_base(str(folder), b"key")

    monkeypatch.setattr(delimited, "_CHUNK", 3)
    in_chunks = build_base(str(folder), b"key")

    assert in_chunks == whole
    assert_frame_equal(in_chunks.table("snapshot"), whole.table("snapshot"))


def test_fewer_rows_of_a_wide_file_are_in_memory_at_once(read, monkeypatch):
    sizes: list[int] = []
    put = delimited.Shelf.put
    monkeypatch.setattr(
        delimited.Shelf, "put", lambda shelf, chunk: sizes.append(len(chunk)) or put(shelf, chunk)
    )
    monkeypatch.setattr(delimited, "_CELLS", 12)
    cells = [["a", "2024-01", str(number), "x"] for number in range(7)]

    assert read(HEADER + "".join(";".join(row) + "\n" for row in cells))[0] == cells
    assert sizes == [3, 3, 1]


def test_progress_is_shown_for_a_large_file_only(read, monkeypatch, capsys):
    read(HEADER + "a;2024-01;1;x\n")
    assert capsys.readouterr().err == ""

    monkeypatch.setattr(delimited, "_LARGE", 1)
    read(HEADER + "a;2024-01;1;x\n")
    assert "billing: bills.csv" in capsys.readouterr().err


def test_rows_of_a_large_file_are_quoted_by_their_place(write_base, monkeypatch):
    monkeypatch.setattr(delimited, "_CHUNK", 2)
    content = "customer_id,churned,tenure_months\na,no,1\nb,no,2\nc,no,3\nd,no,-4\n"

    with pytest.raises(InputError, match=r"must be 0 or more \(1 row; first: row 4 '-4'\)"):
        build_base(str(write_base({"snapshot": content})), b"key")
