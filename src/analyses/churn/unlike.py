"""Columns that rows to be scored do not hold as the rows to learn from do."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd
from pandas.api import types

_GIVEN = "the rows to be scored"


def unlike(learned: pd.DataFrame, given: pd.DataFrame) -> dict[str, str]:
    """Why a model that reads a column of `learned` could say nothing of `given`, by column.

    A column is no matter where both have it, filled somewhere, as numbers, dates, flags or text,
    and texts share a word.
    """
    reasons = ((str(name), _reason(learned[name], given, str(name))) for name in learned)
    return {name: reason for name, reason in reasons if reason}


def _reason(values: pd.Series, given: pd.DataFrame, name: str) -> str:
    known = values.dropna()
    if not len(known):
        return ""
    if name not in given:
        return f"not among {_GIVEN}"
    there = given[name].dropna()
    if not len(there):
        return f"empty in {_GIVEN}"
    if _kind(known) != _kind(there):
        return f"of another kind in {_GIVEN}"
    if _kind(known) == "text" and not set(_words(known)) & set(_words(there)):
        return f"no word in common with {_GIVEN}"
    return ""


def _kind(values: pd.Series) -> str:
    if types.is_bool_dtype(values):
        return "flag"
    if types.is_numeric_dtype(values):
        return "number"
    if types.is_datetime64_any_dtype(values):
        return "date"
    kind = types.infer_dtype(values, skipna=True)
    if kind == "boolean":
        return "flag"
    return "number" if kind in ("decimal", "integer", "floating", "mixed-integer-float") else "text"


def _words(values: pd.Series) -> Iterable[str]:
    return values.astype("string").str.strip()
