"""How much of an export nobody has described the draft of base.yml gets right.

Each replicate is one export: a public base or a small operator, its columns renamed and shuffled,
its cells written in the words, marks and dates of one of four languages, in one of several
encodings (`src.studies.exports`). The draft is made of the files alone and compared with what is
known of them. A column of the contract is right when the draft takes it from the column of the
file that holds it (and a segment, when each of its words leads where it should). It is wrong and
not marked when it is not right, or is taken from somewhere though the export lacks it, and nothing
at it says CHECK. Cells are right when the reader of the project reads what was exported.

Names of every fourth export come from a list that was held out when the draft was made.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import pandas as pd

from src.data.contracts import TABLES
from src.data.draft.drafting import draft_of
from src.data.draft.guesses import Draft
from src.data.draft.matching import TableDraft
from src.data.draft.sampling import samples_of
from src.data.draft.trial import tried
from src.data.problems import InputError
from src.studies.exports.writing import Export, write_export

REPLICATES = 256
_HALF_A_CENT = 0.0051
_COUNTS = ("columns", "right", "marked", "wrong_unmarked", "cells", "cells_right", "kind_right")


def replicate(seed: int) -> dict[str, float]:
    """What the draft of the export of this seed gets right: counts of columns.

    `columns` that the export has of the contract, those `right`, those `marked` CHECK, those
    `wrong_unmarked`; `cells` and `cells_right` count columns whose cells were compared;
    `kind_right`, `tables` and `tables_right`; `held_out` is 1 for names that were held out.
    """
    with tempfile.TemporaryDirectory(prefix="cvm-draft-") as folder:
        export = write_export(seed, Path(folder))
        counts = dict.fromkeys((*_COUNTS, "tables", "tables_right"), 0.0)
        counts["columns"] = sum(len(columns) for _, columns in export.truth.values())
        counts["tables"] = len(export.truth)
        counts["held_out"] = float(export.is_held_out)
        try:
            draft, tables = draft_of(samples_of(export.files), "export")
            frames = tried(draft, tables)
        except InputError:  # nothing was recognised: nothing is right
            counts["wrong_unmarked"] = counts["columns"]
            return counts
    return counts | _compared(export, draft, {table.table: table for table in tables}, frames)


def judged(export: Export, draft: Draft, tables: dict[str, TableDraft]) -> pd.DataFrame:
    """One row per column of the contract: `table`, `column`, `origin` in the file, `drafted`.

    With `right` and `marked`. Columns that only the draft has are among them, `origin` empty.
    """
    rows = []
    for table, (file, columns) in export.truth.items():
        is_read = table in tables and tables[table].sample.name == file
        guesses: dict[str, Any] = draft.tables[table].part("columns") if is_read else {}
        remarks = draft.tables[table].remarks if is_read else []
        for column in [*columns, *(name for name in guesses if name not in columns)]:
            if column not in TABLES[table].columns:
                continue
            origin, guess = columns.get(column, ""), guesses.get(column)
            if column == "segment" and table != "deals" and guess is None:
                rows.append((table, column, origin, *_segment(draft, origin)))
                continue
            drafted = str(guess.value) if guess else ""
            is_marked = bool(guess and guess.check) or any(column in line for line in remarks)
            rows.append((table, column, origin, drafted, origin == drafted, is_marked))
    names = ["table", "column", "origin", "drafted", "right", "marked"]
    return pd.DataFrame(rows, columns=names)


def _segment(draft: Draft, origin: str) -> tuple[str, bool, bool]:
    rule = draft.top.get("segment")
    if rule is None:
        return "", not origin, False
    drafted = str(rule.value.get("column", ""))
    return drafted, drafted == origin and "otherwise" not in rule.value, bool(rule.check)


def _compared(
    export: Export,
    draft: Draft,
    tables: dict[str, TableDraft],
    frames: dict[str, pd.DataFrame],
) -> dict[str, float]:
    table = judged(export, draft, tables)
    is_there = table["origin"] != ""
    same = [
        _same(frames.get(row.table), export.frames[row.table], row.column)
        for row in table[is_there & table["right"]].itertuples()
        if row.column in export.frames[row.table]
    ]
    read = [
        tables[name].sample.name == file
        for name, (file, _) in export.truth.items()
        if name in tables
    ]
    return {
        "right": float((table["right"] & is_there).sum()),
        "marked": float(table["marked"].sum()),
        "wrong_unmarked": float((~table["right"] & ~table["marked"]).sum()),
        "cells": float(len(same)),
        "cells_right": float(sum(same)),
        "kind_right": float(draft.top["kind"].value == export.kind),
        "tables_right": float(sum(read)),
    }


def _same(drafted: pd.DataFrame | None, exported: pd.DataFrame, column: str) -> bool:
    """Whether a column was read as it was exported; months by month, numbers to two places."""
    if drafted is None or column not in drafted or len(drafted) != len(exported):
        return False
    read, true = drafted[column].reset_index(drop=True), exported[column].reset_index(drop=True)
    if pd.api.types.is_datetime64_any_dtype(true):
        read, true = read.dt.to_period("M"), true.dt.to_period("M")
    elif pd.api.types.is_numeric_dtype(true) and not pd.api.types.is_bool_dtype(true):
        is_near = (read - true).abs().fillna(0) <= _HALF_A_CENT
        return bool(is_near.all() and read.isna().equals(true.isna()))
    empty = {"<NA>": "None", "nan": "None"}
    return read.astype(str).replace(empty).equals(true.astype(str).replace(empty))


def summarise(rows: list[dict[str, float]]) -> dict[str, float]:
    """Shares over all exports, and of those with names that were held out.

    Returns `exports`, `columns` (how many), `columns.right`, `columns.marked`,
    `columns.wrong_unmarked`, `cells.right`, `tables.right`, `kind.right`, and the same with
    `held_out.` in front.
    """
    table = pd.DataFrame(rows)
    held_out = table[table["held_out"] == 1]
    return {**_shares(table, ""), **_shares(held_out, "held_out.")}


def _shares(table: pd.DataFrame, of: str) -> dict[str, float]:
    total = table.sum()
    return {
        f"{of}exports": len(table),
        f"{of}columns": int(total["columns"]),
        f"{of}columns.right": float(total["right"] / total["columns"]),
        f"{of}columns.marked": float(total["marked"] / total["columns"]),
        f"{of}columns.wrong_unmarked": float(total["wrong_unmarked"] / total["columns"]),
        f"{of}cells.right": float(total["cells_right"] / max(total["cells"], 1)),
        f"{of}tables.right": float(total["tables_right"] / total["tables"]),
        f"{of}kind.right": float(total["kind_right"] / len(table)),
    }
