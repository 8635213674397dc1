"""Which column of a source is which column of the contract, by the names in base.yml."""

from __future__ import annotations

import difflib
import fnmatch
from collections.abc import Iterable, Mapping
from typing import TypeVar

import pandas as pd

from src.data.contracts import TABLES
from src.data.lines import one_line, word
from src.data.manifest import ROW_NUMBER, Source
from src.data.problems import Problem
from src.data.reading.months_in_columns import line_for_months

_Declared = TypeVar("_Declared")


def by_new_name(declared: Mapping[str, _Declared], source: Source) -> dict[str, _Declared]:
    """What base.yml declares about columns, by the names they have once they are renamed.

    It may name a column as the source has it, or as `columns` renames it.

    >>> by_new_name({"Mobile": "hash"}, Source(file="a.csv", columns={"contact": "Mobile"}))
    {'contact': 'hash'}
    """
    origins = set(source.columns.values())
    new = {
        column: declared[origin]
        for column, origin in source.columns.items()
        if origin in declared and origin not in source.columns
    }
    kept = {
        column: value
        for column, value in declared.items()
        if column in source.columns or column not in origins
    }
    return {**new, **kept}


def as_named(raw: pd.DataFrame, table: str, source: Source) -> tuple[pd.DataFrame, list[Problem]]:
    """The cells of the source under the names of the contract, and what is missing."""
    contract = TABLES[table].columns
    has = ", ".join(raw.columns[:12]) + (" ..." if len(raw.columns) > 12 else "")
    drop = _dropped(raw.columns, source)
    named = {*source.columns.values(), *drop} - {ROW_NUMBER}
    named |= {*source.personal, *source.averages} - set(source.columns)
    problems = [
        Problem(
            table,
            column,
            f"base.yml names this column, but the source has only: {has}{_meant(column, raw)}"
            + _line_for(column, raw, table, source),
        )
        for column in sorted(named - set(raw.columns))
    ]
    taken = {*source.columns.values(), *drop}
    given = set(source.columns) | (set(raw.columns) - taken)
    lacking = [
        column
        for column, declared in contract.items()
        if declared.required and column not in given and column != "segment"
    ]
    line = line_for_months(raw.columns, table) if "month" in lacking else None
    if line:
        rule = "is missing, as each month has a column of its own; write under "
        problems.append(Problem(table, "month", f"{rule}tables.{table}: `{line}`"))
    else:
        problems += [_missing_column(table, column, raw.columns, has) for column in lacking]
    unknown_maps = sorted(set(by_new_name(source.values, source)) - given)
    problems += [
        Problem(table, column, f"`values` maps a column that is not there{_meant(column, raw)}")
        for column in unknown_maps
    ]
    if TABLES[table].needs_measure and not given - set(contract):
        problems.append(Problem(table, "", "needs at least one column with a measure"))
    if problems:
        return raw, problems

    renamed = {}
    for column, origin in source.columns.items():
        is_numbered = origin == ROW_NUMBER
        renamed[column] = (
            pd.Series(range(1, len(raw) + 1), raw.index) if is_numbered else raw[origin]
        )
    rest = {
        column: raw[column]
        for column in raw.columns
        if column not in taken and column not in renamed
    }
    return pd.DataFrame({**renamed, **rest}, index=raw.index, copy=False), []


def under_another_name(raw: pd.DataFrame, table: str, source: Source) -> list[str]:
    """Columns of the source whose name base.yml gives to another one, so that they are left out."""
    named = {*source.columns.values(), *_dropped(raw.columns, source)}
    return [
        f"{table}: the column {column} of the source is left out, as base.yml calls {origin} so; "
        f"if that is meant, write under tables.{table}: `{one_line({'drop': [column]})}`"
        for column, origin in source.columns.items()
        if column in raw and column not in named
    ]


def _dropped(columns: Iterable[str], source: Source) -> set[str]:
    """The columns under `drop`, patterns such as `arpu_*` included."""
    drop = {name for name in source.drop if name in columns or not set(name) & set("*?[")}
    patterns = [name for name in source.drop if name not in drop]
    meant = {column for name in patterns for column in fnmatch.filter(columns, name)}
    idle = {name for name in patterns if not fnmatch.filter(columns, name)}
    return drop | idle | meant - set(source.columns.values())


def _meant(column: str, raw: pd.DataFrame) -> str:
    near = difflib.get_close_matches(column, list(raw.columns), n=1)
    return f"; did you mean {near[0]!r}?" if near else ""


def _line_for(column: str, raw: pd.DataFrame, table: str, source: Source) -> str:
    """Where base.yml names a column that is called otherwise: the entry with the name it has."""
    near = difflib.get_close_matches(column, list(raw.columns), n=1)
    mapped = {new: near[0] for new, old in source.columns.items() if near and old == column}
    if not near:
        return ""
    if not mapped:
        return f"; write {word(near[0])} in its place under tables.{table}"
    return f"; write under tables.{table}: `{one_line({'columns': mapped})}`"


def _missing_column(table: str, column: str, columns: Iterable[str], has: str) -> Problem:
    by_lower = {name.lower(): name for name in columns if name != column}
    near = difflib.get_close_matches(column, list(by_lower), n=1, cutoff=0.5)
    line = one_line({"columns": {column: by_lower[near[0]] if near else "..."}})
    rule = f"is missing; map it under tables.{table}: `{line}`, the source has: {has}"
    return Problem(table, column, rule)
