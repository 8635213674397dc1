"""The draft as a table for the reader: which column was taken for what, and its first values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from src.data.draft.guesses import CHECK, Draft
from src.data.draft.matching import TableDraft

_FIRST = 3
_WIDEST = (28, 30, 9, 40)
_HEAD = ("column of the contract", "column of the source", "how sure", "first values as read")


def shown(draft: Draft, tables: Sequence[TableDraft], frames: Mapping[str, pd.DataFrame]) -> str:
    """One line for each column of the contract, under a head."""
    rows = [_HEAD]
    for table in tables:
        said = draft.tables[table.table]
        for name, guess in {**said.part("columns"), **said.part("products")}.items():
            sure = CHECK if guess.check else f"{table.fits.get(name, 1.0):.0%}"
            values = _first(frames.get(table.table), name)
            origin = " times ".join(guess.value) if name in said.part("products") else guess.value
            rows.append((f"{table.table}.{name}", str(origin), sure, values))
    if rule := draft.top.get("segment"):
        of = str(rule.value.get("column", "all customers"))
        table_name = "snapshot" if "snapshot" in draft.tables else "customers"
        values = _first(frames.get(table_name), "segment")
        rows.append((f"{table_name}.segment", of, CHECK if rule.check else "its words", values))
    return _aligned(rows)


def _first(frame: pd.DataFrame | None, column: str) -> str:
    if frame is None or column not in frame:
        return "(not read)"
    values = frame[column].dropna().head(_FIRST)
    if pd.api.types.is_datetime64_any_dtype(values):
        values = values.dt.strftime("%Y-%m-%d")
    return ", ".join(f"{value:g}" if isinstance(value, float) else str(value) for value in values)


def _aligned(rows: Sequence[tuple[str, ...]]) -> str:
    cut = [
        [
            cell if len(cell) <= most else f"{cell[: most - 3]}..."
            for cell, most in zip(row, _WIDEST, strict=True)
        ]
        for row in rows
    ]
    widths = [max(len(row[place]) for row in cut) for place in range(len(_HEAD))]
    lines = [
        "  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in cut
    ]
    return "\n".join([lines[0], "  ".join("-" * width for width in widths), *lines[1:]])
