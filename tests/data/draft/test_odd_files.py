"""Whatever lies in a file, the draft is one that the reader takes, or one message."""

import os

import pytest

from src.data.draft.drafting import draft_of
from src.data.draft.sampling import samples_of
from src.data.draft.trial import tried
from src.data.manifest import parse
from src.data.problems import InputError

LINES = "".join(f"{n};{'yes' if n % 3 else 'no'};{n}\n" for n in range(60))
REFUSED = {
    "nothing": (b"", "is empty"),
    "blank lines": (b"\n\n\n", "no line with a word"),
    "no text": (os.urandom(4_000), "holds no text"),
    "a header alone": (b"customer_id,churn,tenure\n", "no kind of base was recognised"),
    "two columns of one name": (b"id,id,churn\n1,2,yes\n2,3,no\n", "stand twice"),
    "a web page": (b"<html><table></table></html>", "is a web page"),
}


def drafted(tmp_path, content, name="export.csv"):
    path = tmp_path / name
    path.write_bytes(content)
    draft, tables = draft_of(samples_of([path]), "try")
    tried(draft, tables)
    assert parse(draft.text("drafted\ntoday")).kind == "snapshot"
    return draft, draft.content()["tables"]["snapshot"]


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_table_is_one_message(name, tmp_path):
    content, message = REFUSED[name]
    with pytest.raises(InputError, match=message):
        drafted(tmp_path, content)


def test_a_total_below_and_titles_above(tmp_path):
    text = f"Report\n\ncustomer id;churn;tenure\n{LINES}Summe;;1770\n"
    _, table = drafted(tmp_path, text.encode())
    assert (table["header_row"], table["footer_rows"], table["separator"]) == (3, 1, ";")


def test_names_that_mean_something_in_yaml(tmp_path):
    head = '"id: x";"churn # a";"{z}"\n'
    _, table = drafted(tmp_path, (head + LINES).encode(), "a: #b.csv")
    assert table["file"] == "a: #b.csv"
    assert table["columns"]["churned"] == "churn # a"


def test_words_for_a_gap_among_numbers(tmp_path):
    text = "customer id;churn;tenure\n" + LINES.replace(";5\n", ";n/a\n").replace(";7\n", ";-\n")
    draft, table = drafted(tmp_path, text.encode())
    assert table["missing"] == ["n/a", "-"]
    assert not draft.tables["snapshot"].part("columns")["tenure_months"].check


def test_what_the_reader_asks_for_is_written_and_marked(tmp_path):
    text = "customer id;churn;tenure\n" + LINES.replace(";5\n", ";-5\n")
    draft, table = drafted(tmp_path, text.encode())
    assert table["limits"] == {"tenure_months": {"at_least": 0, "otherwise": "drop"}}
    [guess] = draft.tables["snapshot"].part("limits").values()
    assert guess.check.startswith("the reader said: snapshot.tenure_months: must be 0 or more")


def test_what_the_reader_refuses_stands_at_the_guess_it_is_about(tmp_path):
    text = "customer id;churn;tenure\n" + LINES.replace(";7\n", ";1O\n")
    draft, _ = drafted(tmp_path, text.encode())
    guess = draft.tables["snapshot"].part("columns")["tenure_months"]
    assert guess.check == (
        "1.7% of its cells are no number, such as '1O'; the reader said: snapshot.tenure_months: "
        "must be a number (decimal mark '.') (1 row; first: row 8 '1O')"
    )


def test_an_identifier_that_repeats_is_doubted(tmp_path):
    text = "id;churn;tenure\n" + "".join(f"{n // 2};{n % 2};{n}\n" for n in range(60))
    draft, table = drafted(tmp_path, text.encode())
    assert table["columns"]["customer_id"] == "#row"
    check = draft.tables["snapshot"].part("columns")["customer_id"].check
    assert check == "or is it id, though its cells repeat?"


def test_utf_16_without_its_mark(tmp_path):
    text = "Kundennummer;Abgang;Laufzeit\n" + LINES.replace("yes", "ja").replace("no", "nein")
    _, table = drafted(tmp_path, text.encode("utf-16-le"))
    assert table["encoding"] == "utf-16-le"
    assert table["values"] == {"churned": {"ja": "yes", "nein": "no"}}
