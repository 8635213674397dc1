"""What Make is told of bases and reports."""

import shutil
import sqlite3
from datetime import date, timedelta

import pandas as pd
import pytest

from src.commands import look_at_bases
from src.commands.look_at_bases import named_base
from src.data import bases
from src.data.building import build_base
from src.data.problems import InputError
from src.features.tables import build_features

PANEL = (
    "title: T\n{kind}\ncurrency: EUR\ntables: {{customers: {{file: c.csv}}, billing: {billing}}}\n"
)


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A folder of bases of its own; returns a function that writes one of three customers."""
    for module in (bases, look_at_bases):
        monkeypatch.setattr(module, "DATA", tmp_path)
    monkeypatch.setattr(look_at_bases, "PARAMETERS", tmp_path / "params")
    monkeypatch.setattr(look_at_bases.notebooks, "PARAMETERS", tmp_path / "params")

    def write(name, kind="kind: panel", billing="{file: b.csv}"):
        folder = tmp_path / "bases" / name
        folder.mkdir(parents=True)
        (folder / "base.yml").write_text(PANEL.format(kind=kind, billing=billing))
        (folder / "c.csv").write_text("customer_id,segment\na,B2C\nb,B2B\n")
        bills = [f"{who},2024-{month:02d},{month}" for who in "ab" for month in range(1, 13)]
        (folder / "b.csv").write_text("\n".join(["customer_id,month,revenue", *bills]))
        return folder

    return write


@pytest.fixture
def told(tmp_path, monkeypatch):
    """What Make reads after a look, by variable."""

    def told(*words, asked=""):
        monkeypatch.setenv("ASKED", asked)
        look_at_bases.main([str(tmp_path / "look.mk"), *words])
        lines = (tmp_path / "look.mk").read_text().splitlines()
        return {name: text.split() for name, text in (line.split(" :=") for line in lines)}

    return told


@pytest.mark.parametrize("kind", ['kind: "panel"', "kind: panel # one", "kind:   'panel'"])
def test_the_kind_is_what_the_reader_reads(place, told, kind):
    place("mine", kind)
    assert told()["PANELS"] == ["mine"]


def test_a_base_that_its_reader_refuses_is_left_to_the_build(place, told):
    place("mine", "kind: ???")
    found = told()
    assert (found["BASES"], found["PANELS"], found["STALE"]) == (["mine"], [], ["mine"])


def test_what_changed_is_stale_and_what_did_not_is_not(place, told):
    folder = place("mine")
    assert told()["STALE"] == ["mine"]
    base = build_base(str(folder), key=b"key")
    build_features(base)
    found = told()
    assert (found["STALE"], found["STALE_FEATURES"]) == ([], [])
    (folder / "c.csv").write_text("customer_id,segment\na,B2C\nb,B2C\n")
    assert told()["STALE"] == ["mine"]
    build_base(str(folder), key=b"key")
    found = told()
    assert (found["STALE"], found["STALE_FEATURES"]) == ([], ["mine"])


def test_damaged_features_are_stale(place, told):
    folder = place("mine")
    build_features(build_base(str(folder), key=b"key"))
    path = next((folder / "features").glob("*.parquet"))
    path.write_bytes(path.read_bytes()[:-1])
    found = told()
    assert (found["STALE"], found["STALE_FEATURES"]) == ([], ["mine"])


def test_a_look_reads_no_file_twice(place, told, monkeypatch):
    build_base(str(place("mine")), key=b"key")
    told()

    def never(path):
        raise AssertionError(path)

    with monkeypatch.context() as patch:
        patch.setattr(look_at_bases, "digest", never)
        patch.setattr(look_at_bases, "_read_manifest", never)
        assert told()["STALE"] == []
        with pytest.raises(AssertionError):
            told("whole")


def test_names_that_could_mean_something_are_said_once_and_left_out(place, told, tmp_path, capsys):
    for name in ("good", "gut_ü-2.1", "a b", "$(x)", "-n", "a:b"):
        place(name)
    shutil.rmtree(tmp_path / "bases/-n")
    found = told("aloud")
    assert (found["BASES"], found["UNUSABLE"]) == (["good", "gut_ü-2.1"], ["3"])
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 3
    assert "error: the base '$(x)' must be renamed (mv " in said[0]
    assert told()["BASES"] == found["BASES"]
    assert capsys.readouterr().err == ""


def test_reports_come_with_their_base_however_it_is_written(place, told, tmp_path):
    folder = tmp_path / "params/01_nb"
    folder.mkdir(parents=True)
    for name, text in (
        ("a", 'BASE: "mine" # x'),
        ("b", "BASE: data/bases/mine"),
        ("c", "[1]"),
        ("d", 'BASE: "$(shell x)"'),
        ("e f", "BASE: mine"),
    ):
        (folder / f"{name}.yml").write_text(text)
    place("mine")
    found = told()
    assert found["EVERY_REPORT"] == ["01_nb__a", "01_nb__b", "01_nb__c", "01_nb__d"]
    wanted = (["mine"], ["mine"], ["c"], [".unknown"])
    assert tuple(found[f"base_of_01_nb__{name}"] for name in "abcd") == wanted


def test_a_base_is_named_by_its_name_or_its_path(place, tmp_path, monkeypatch):
    place("mine")
    place("a b")
    elsewhere = shutil.copytree(tmp_path / "bases/mine", tmp_path / "else where")
    monkeypatch.chdir(tmp_path)
    assert [named_base(it) for it in ("", "mine", "bases/mine/", f"{tmp_path}/bases/mine")] == [
        "",
        *["mine"] * 3,
    ]
    for asked, message in (
        ("nope", "there is no base 'nope'; known bases: a b, mine"),
        ("a b", "must be renamed"),
        ("bases/a b", "must be renamed"),
        (f"{elsewhere}", "is not in data/bases; bring it there, such as: ln -s '/"),
        ("bases/nope", "there is no base.yml in "),
    ):
        with pytest.raises(InputError) as refusal:
            named_base(asked)
        assert message in str(refusal.value)


def test_tables_of_a_database_are_known_and_their_age_is_said(place, told, monkeypatch, capsys):
    query = "{database: BILLS_DB, query: select * from b}"
    folder = place("mine", billing=query)
    with sqlite3.connect(folder / "b.sqlite") as connection:
        pd.read_csv(folder / "b.csv").to_sql("b", connection, index=False)
    connection.close()
    monkeypatch.setenv("BILLS_DB", f"sqlite:///{folder / 'b.sqlite'}")
    day = date.today() - timedelta(days=25)
    with monkeypatch.context() as patch:
        patch.setattr("src.data.building.date", type("Then", (), {"today": lambda: day}))
        base = build_base(str(folder), key=b"key")
    assert base.notes[-1] == f"billing was read from its database on {day}, 25 days ago"
    found = told("aloud")
    assert (found["FROM_DATABASES"], found["STALE"]) == (["mine"], [])
    again = "`make data BASE=mine` reads it again"
    assert capsys.readouterr().err == f"mine: {base.notes[-1]}; {again}\n"
