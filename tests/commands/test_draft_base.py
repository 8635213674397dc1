"""`make base`: from files nobody has described to a base.yml that its reader takes."""

import os
import sqlite3
from contextlib import closing

import pandas as pd
import pytest

from src.commands import draft_base
from src.data import bases
from src.data.bases import open_base
from src.data.building import build_base
from src.data.manifest import read_manifest
from src.data.problems import InputError

CUSTOMERS = """Kundennummer;Art;Vertragsbeginn;Kündigung;Ort;E-Mail
100001;privat;14.03.2022;;Köln;a@example.org
100002;gewerblich;01.11.2021;31.05.2024;Bonn;b@example.org
100003;privat;17.01.2023;;Bonn;c@example.org
"""
BILLS = """Kundennummer;Monat;Umsatz EUR
100001;01.2023;1.024,90
100001;02.2023;19,90
100002;01.2023;29,90
100003;02.2023;19,90
"""


@pytest.fixture
def place(tmp_path, monkeypatch):
    """Bases live in a folder of the test; what is asked stands in the environment."""
    monkeypatch.setattr(bases, "DATA", tmp_path / "data")
    monkeypatch.setattr(draft_base, "DATA", tmp_path / "data")
    exports = tmp_path / "exports"
    exports.mkdir()
    (exports / "kunden.csv").write_text(CUSTOMERS, encoding="cp1252")
    (exports / "rechnungen.csv").write_text(BILLS)
    return tmp_path


@pytest.fixture
def draft(monkeypatch):
    def run(**asked):
        for key in ("FROM", "NAME", "DATABASE", "QUERY", "FORCE"):
            monkeypatch.setenv(f"DRAFT_{key}", asked.get(key, ""))
        return draft_base.main([])

    return run


def test_two_files_become_a_base_that_is_built_without_an_edit(place, draft, capsys):
    exports = place / "exports"
    draft(FROM=f"{exports}/kunden.csv {exports}/rechnungen.csv", NAME="stadtfunk")
    said = capsys.readouterr().out
    assert "customers.signup_month  Vertragsbeginn" in said
    assert "was copied to data/bases/stadtfunk/kunden.csv" in said
    folder = place / "data" / "bases" / "stadtfunk"
    manifest = read_manifest(folder)
    assert manifest.kind == "panel"
    assert manifest.currency == "EUR"
    assert manifest.segment.values == {"privat": "B2C", "gewerblich": "B2B"}
    customers, billing = manifest.tables["customers"], manifest.tables["billing"]
    assert customers.columns == {
        "customer_id": "Kundennummer",
        "signup_month": "Vertragsbeginn",
        "closed_month": "Kündigung",
        "region": "Ort",
    }
    assert (customers.encoding, customers.dates, customers.drop) == ("cp1252", "%d.%m.%Y", ("Art",))
    assert customers.personal == {"E-Mail": "drop"}
    assert billing.columns == {
        "customer_id": "Kundennummer",
        "month": "Monat",
        "revenue": "Umsatz EUR",
    }
    assert (billing.decimal, billing.thousands, billing.dates) == (",", ".", "%m.%Y")
    base = build_base(str(folder))
    assert base.rows == {"customers": 3, "billing": 4}
    assert open_base(str(folder)).table("billing")["revenue"].tolist() == [1024.9, 19.9, 29.9, 19.9]


def test_a_base_that_is_there_stays(place, draft):
    asked = {"FROM": str(place / "exports"), "NAME": "stadtfunk"}
    draft(**asked)
    written = place / "data" / "bases" / "stadtfunk" / "base.yml"
    written.write_text("mine")
    with pytest.raises(InputError, match="exists; to replace it by a draft, add FORCE=1"):
        draft(**asked)
    assert written.read_text() == "mine"
    draft(**asked, FORCE="1")
    assert "kind: panel" in written.read_text()


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"NAME": "a"}, "name what to read"),
        ({"FROM": "x.csv"}, "name the base"),
        ({"FROM": "x.csv", "NAME": "a b"}, "letters, digits"),
        ({"FROM": "x.csv", "NAME": "a"}, "x.csv does not exist"),
        ({"FROM": "'x.csv", "NAME": "a"}, "a quote is not closed"),
    ],
)
def test_bad_input_is_one_message_and_nothing_is_written(place, draft, asked, message):
    with pytest.raises(InputError, match=message):
        draft(**asked)
    assert not (place / "data").exists()


def test_a_large_file_is_linked_and_the_base_is_built_from_the_link(place, draft, monkeypatch):
    monkeypatch.setattr(draft_base, "_LARGE", 10)
    exports = place / "exports"
    draft(FROM=str(exports), NAME="stadtfunk")
    folder = place / "data" / "bases" / "stadtfunk"
    assert (folder / "rechnungen.csv").readlink() == exports / "rechnungen.csv"
    assert build_base(str(folder)).rows == {"customers": 3, "billing": 4}


def test_names_with_blanks_and_dollars_a_workbook_and_numbered_files(place, draft):
    exports = place / "exports"
    bills = BILLS.splitlines()
    for month, rows in (("01", [bills[1], bills[3]]), ("02", [bills[2], bills[4]])):
        lines = [bills[0], *rows, ""]
        (exports / f"my $(bills) 2023-{month}.csv").write_text("\n".join(lines))
    (exports / "rechnungen.csv").unlink()
    table = pd.read_csv(exports / "kunden.csv", sep=";", encoding="cp1252")
    with pd.ExcelWriter(exports / "kunden.xlsx") as book:
        pd.DataFrame({"About": ["these customers", "are ours"]}).to_excel(book, sheet_name="Info")
        table.to_excel(book, sheet_name="Kunden", index=False)
    names = [f"my $(bills) 2023-{month}.csv" for month in ("01", "02")]
    asked = " ".join([f"'{exports}/{name}'" for name in names] + [f"{exports}/kunden.xlsx"])
    draft(FROM=asked, NAME="stadtfunk")
    folder = place / "data" / "bases" / "stadtfunk"
    tables = read_manifest(folder).tables
    assert tables["billing"].file == "my $(bills) *.csv"
    assert tables["customers"].sheet == "Kunden"
    assert build_base(str(folder)).rows == {"customers": 3, "billing": 4}


def test_a_query(place, draft, monkeypatch):
    path = place / "shop.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("create table sales (buyer int, sold text, paid real)")
        rows = [(n % 40, f"2024-0{n % 9 + 1}-{n % 27 + 1:02d}", n + 0.5) for n in range(300)]
        connection.executemany("insert into sales values (?, ?, ?)", rows)
        connection.commit()
    monkeypatch.setenv("SHOP_DB", f"sqlite:///{path}")
    draft(DATABASE="SHOP_DB", QUERY="select buyer, sold, paid from sales", NAME="shop")
    folder = place / "data" / "bases" / "shop"
    manifest = read_manifest(folder)
    assert manifest.kind == "orders"
    assert manifest.tables["orders"].query == "select buyer, sold, paid from sales"
    assert build_base(str(folder)).rows == {"orders": 300}


def test_make_hands_on_what_was_written_as_it_stands(project, make):
    """Make and the shell read no name: neither `$(...)`, nor a quote, nor the environment."""
    name = "my $(shell touch made)`touch shelled`.csv"
    (project / name).write_bytes(CUSTOMERS.encode("cp1252"))
    (project / "rechnungen.csv").write_text(BILLS)
    done = make(project, "base", f"FROM='{name}' rechnungen.csv", "NAME=stadtfunk")
    assert done.returncode == 0, done.stderr
    assert read_manifest(project / "data/bases/stadtfunk").tables["customers"].file == name
    assert not {"made", "shelled"} & set(os.listdir(project))
    again = make(project, "base", f"FROM='{name}' rechnungen.csv", "NAME=stadtfunk")
    assert (again.returncode, again.stderr.count("\n")) == (2, 2)
    assert again.stderr.startswith("error: data/bases/stadtfunk/base.yml exists; ")


def test_what_is_no_base_is_said_with_the_columns_it_has(place, draft):
    (place / "exports" / "notes.csv").write_text("shop,hour\nA,7\nB,8\n")
    with pytest.raises(InputError, match=r"no kind of base was recognised.*notes.csv has shop, ho"):
        draft(FROM=str(place / "exports" / "notes.csv"), NAME="a")
    assert not (place / "data").exists()
