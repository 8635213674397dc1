"""`make base`: from files nobody has described to a base.yml that its reader takes."""

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


def test_what_is_no_base_is_said_with_the_columns_it_has(place, draft):
    (place / "exports" / "notes.csv").write_text("shop,hour\nA,7\nB,8\n")
    with pytest.raises(InputError, match=r"no kind of base was recognised.*notes.csv has shop, ho"):
        draft(FROM=str(place / "exports" / "notes.csv"), NAME="a")
    assert not (place / "data").exists()
