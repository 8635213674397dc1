"""Numbers whose marks may be meant otherwise than base.yml, or its silence, says."""

from __future__ import annotations

import re

import pandas as pd

from src.data.cells.conversion import as_text, convert
from src.data.cells.packed import expanded

_LOOKED_AT = 1_000  # cells, before all are
_LEAST = 5  # different cells with the mark


def read_either_way(cells: pd.Series, table: str, decimal: str, thousands: str) -> list[str]:
    """A remark where the decimal mark of a column of numbers may be one of thousands (`1.058`).

    It may where every cell with the mark has three digits behind it and up to three before, none of
    them a leading zero, and every other cell is below 1,000.
    """
    if thousands:
        return []
    mark = re.escape(decimal)
    form = rf"[+-]?(?:[1-9]\d{{0,2}}{mark}\d{{3}}|\d{{1,3}})"
    some = as_text(expanded(cells.dropna().head(_LOOKED_AT))).str.strip()
    if not len(some) or not some.str.fullmatch(form, na=False).all():
        return []
    words = as_text(pd.Series(cells.dropna().unique(), dtype="object")).str.strip()
    marked = words[words.str.contains(mark)]
    if len(marked) < _LEAST or not words.str.fullmatch(form, na=False).all():
        return []
    lines = f"`decimal: '{_other(decimal)}'` and `thousands: '{decimal}'`"
    return [
        f"every number with a mark has three digits behind it (such as {marked.iloc[0]!r}), and is "
        f"read as a decimal mark; if it is one of thousands, write under tables.{table}: {lines}"
    ]


def numbers_with_other_mark(cells: pd.Series, table: str, decimal: str) -> list[str]:
    """A remark where a column of text is numbers with the other decimal mark (`58,06`)."""
    other = _other(decimal)
    some = as_text(expanded(cells.dropna().head(_LOOKED_AT))).str.strip()
    marked = some[some.str.contains(rf"\d{re.escape(other)}\d", regex=True)]
    if marked.nunique() < _LEAST or len(marked) < len(some) / 2:
        return []
    if convert(some, "number", other)[0].isna().any():
        return []
    return [
        f"cells are numbers with the decimal mark {other!r} (such as {marked.iloc[0]!r}), kept as "
        f"text; to have numbers write under tables.{table}: `decimal: '{other}'`"
    ]


def _other(decimal: str) -> str:
    return "," if decimal == "." else "."
