"""The study of the draft: exports as companies write them, and what is counted of their drafts."""

from pathlib import Path

import pandas as pd
import pytest
import yaml

from src.data.contracts import TABLES
from src.data.draft.guesses import Draft, Guess, TableGuess
from src.data.draft.matching import TableDraft
from src.data.draft.sampling import Sample
from src.studies import draft as study
from src.studies.exports.writing import Export, write_export

NAMES = Path(study.__file__).parent / "exports" / "names.yml"
LANGUAGES = ("en", "de", "ru", "es")


def test_names_of_exports_are_in_four_languages_and_those_held_out_are_no_others():
    lists = yaml.safe_load(NAMES.read_text(encoding="utf-8"))
    assert lists["seen"].keys() == lists["held_out"].keys()
    for table, columns in lists["seen"].items():
        held_out = lists["held_out"][table]
        assert held_out.keys() == columns.keys()
        if table == "files":
            continue
        for column, names in columns.items():
            assert tuple(names) == LANGUAGES
            assert column == "customer_id" or column in {
                name for contract in TABLES.values() for name in contract.columns
            }
            for language, seen in names.items():
                both = {*map(str.casefold, seen)} & {*map(str.casefold, held_out[column][language])}
                assert not both, (table, column, language)


@pytest.mark.parametrize("seed", [1, 66])
def test_an_export_holds_what_its_truth_says(seed, tmp_path):
    export = write_export(seed, tmp_path)
    assert sorted(path.name for path in export.files) == sorted(
        file for file, _ in export.truth.values()
    )
    again = write_export(seed, tmp_path)
    assert again.truth == export.truth
    for table, (file, columns) in export.truth.items():
        data = (tmp_path / file).read_bytes()
        texts = [
            data.decode(name, "replace") for name in ("utf-8-sig", "utf-16", "cp1251", "cp1252")
        ]
        assert any(all(name in text for name in columns.values()) for text in texts), table


def test_counts_of_one_export():
    frame = pd.DataFrame({"customer_id": ["a", "b"], "churned": [True, False]})
    sample = Sample("x.csv", pd.DataFrame(), {})
    tables = {"snapshot": TableDraft(sample, "snapshot", {}, {}, {}, {})}
    columns = {
        "customer_id": Guess("Kunde"),
        "churned": Guess("Grund", "", "is it the churned?"),
        "monthly_revenue": Guess("Alter"),
    }
    draft = Draft({"kind": Guess("snapshot")}, {"snapshot": TableGuess({"columns": columns})})
    truth = {"customer_id": "Kunde", "churned": "Abgang", "tenure_months": "Dauer"}
    export = Export(
        "snapshot", (), {"snapshot": ("x.csv", truth)}, {"snapshot": frame}, "de", False
    )
    judged = study.judged(export, draft, tables)
    assert judged.to_dict("list") == {
        "table": ["snapshot"] * 4,
        "column": ["customer_id", "churned", "tenure_months", "monthly_revenue"],
        "origin": ["Kunde", "Abgang", "Dauer", ""],
        "drafted": ["Kunde", "Grund", "", "Alter"],
        "right": [True, False, False, False],
        "marked": [False, True, False, False],
    }
    assert study._compared(export, draft, tables, {"snapshot": frame}) == {
        "right": 1,
        "marked": 1,
        "wrong_unmarked": 2,
        "cells": 1,
        "cells_right": 1,
        "kind_right": 1,
        "tables_right": 1,
    }


def test_shares_over_exports():
    one = dict.fromkeys(
        ("columns", "right", "marked", "wrong_unmarked", "cells", "cells_right"), 4.0
    )
    one |= {"kind_right": 1.0, "tables": 2.0, "tables_right": 1.0, "held_out": 0.0}
    other = one | {"right": 2.0, "wrong_unmarked": 0.0, "held_out": 1.0}
    found = study.summarise([one, other])
    assert (found["exports"], found["held_out.exports"]) == (2, 1)
    assert (found["columns"], found["columns.right"]) == (8, 0.75)
    assert (found["held_out.columns.right"], found["columns.wrong_unmarked"]) == (0.5, 0.5)
    assert found["tables.right"] == 0.5


def test_a_small_run_of_the_study_reaches_what_the_whole_one_does():
    rows = [study.replicate(seed) for seed in (1, 66, 12)]
    found = study.summarise(rows)
    assert rows[0] == study.replicate(1)
    assert found["kind.right"] == 1
    assert found["columns.right"] >= 0.95
    assert found["cells.right"] >= 0.95
