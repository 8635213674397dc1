"""Checking a frame against the contract: every rule, every row."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

import pandas as pd
import pandera.pandas as pa

from src.data.cells import limits
from src.data.cells.mapped import let_go
from src.data.cells.packed import expanded, is_packed, unpacked, words_of
from src.data.contracts import FIRST_DATE, LAST_DATE, REPEATED, TABLES, Column, Kind
from src.data.histories import way_out
from src.data.keys import repeats
from src.data.lines import one_line
from src.data.problems import Problem, broken_rows

EMPTY = "must not be empty"
_SHOWN = 6
_DOES = {
    "sum": "add the rows up",
    "keep": "let each row count",
    "first": "keep the first row of each",
}
DTYPES: dict[Kind, str] = {
    "id": "object",
    "text": "object",
    "phone": "object",
    "email": "object",
    "number": "float64",
    "flag": "bool",
    "date": "datetime64[ns]",
    "month": "datetime64[ns]",
}


def _column_checks(column: Column) -> list[pa.Check]:
    checks = []
    if column.at_least is not None:
        checks.append(pa.Check.ge(column.at_least, error=f"must be {column.at_least:g} or more"))
    if column.one_of:
        allowed = " or ".join(column.one_of)
        checks.append(pa.Check.isin(column.one_of, error=f"must be {allowed}"))
    if column.kind in ("date", "month"):
        rule = f"must lie between {FIRST_DATE:%Y} and {LAST_DATE:%Y}"
        checks.append(pa.Check.between(FIRST_DATE, LAST_DATE, error=rule))
    return checks


def schema(table: str) -> pa.DataFrameSchema:
    """The pandera schema of one table of the contract; further columns are allowed."""
    contract = TABLES[table]
    columns = {
        name: pa.Column(
            # A flag with gaps is pandas' nullable boolean, one without is a plain bool.
            dtype=None if column.kind == "flag" else DTYPES[column.kind],
            checks=_column_checks(column),
            nullable=not column.required,
            required=column.required,
        )
        for name, column in contract.columns.items()
    }
    return pa.DataFrameSchema(columns, strict=False)


def violations(
    frame: pd.DataFrame,
    table: str,
    unread: Collection[str] = (),
    cells: pd.DataFrame | None = None,
    key_is_unique: bool = True,
) -> list[Problem]:
    """Every rule of the contract that `frame` breaks; an empty list when it obeys.

    `frame` has the columns of the contract in their types (see `src.data.cells.conversion`); its
    index is the zero-based row of the input, so that messages can name rows. All rows are checked.
    Columns named in `unread` hold cells that could not be read and were reported: their gaps, and
    repeated keys that they are part of, are not told a second time. `cells` holds the cells as the
    source has them, to be quoted. Where base.yml lets a key stand in several rows,
    `key_is_unique` is False.
    """
    contract = TABLES[table]
    if frame.empty:
        return [Problem(table, "", "has no rows")]
    problems = [
        Problem(table, name, "is missing")
        for name, column in contract.columns.items()
        if column.required and name not in frame
    ]
    if contract.needs_one and not set(contract.needs_one) & set(frame):
        names = ", ".join(contract.needs_one[:-1]) + f" or {contract.needs_one[-1]}"
        problems.append(Problem(table, "", f"needs {names}: what came after"))
    present = [column for name, column in schema(table).columns.items() if name in frame]
    for column in present:
        # One column at a time: pandera warns when it joins failures of different types.
        failures = _failures(column, _telling(frame[column.name], bool(column.checks)))
        if failures is not None:
            failures = _failures(column, expanded(frame[column.name]))
        if failures is not None:
            source = frame if cells is None or column.name not in cells else cells
            found = _column_problems(frame[column.name], source[column.name], table, failures)
            is_told = column.name in unread
            problems += [item for item in found if not (is_told and item.rule == EMPTY)]
        let_go(frame[column.name])
    for row_rule in contract.row_rules:
        if set(row_rule.columns) <= set(frame.columns):
            broken = frame.loc[~row_rule.holds(frame), row_rule.columns[0]]
            if len(broken):
                column, other = row_rule.columns
                told = broken_rows(table, column, row_rule.rule, broken)
                limit = {column: {"not_before": other, "otherwise": "drop"}}
                line = one_line({"limits": limit})
                remedy = f"to leave such rows out write under tables.{table}: `{line}`"
                problems.append(replace(told, remedy=remedy))
    if not key_is_unique or set(contract.key) & set(unread):
        return problems
    return problems + _duplicates(frame, table, contract.key)


def _failures(column: pa.Column, cells: pd.Series) -> pd.DataFrame | None:
    """The cells of a column that break its rules, by rule; None where all obey."""
    try:
        column.validate(cells.to_frame(), lazy=True)
    except pa.errors.SchemaErrors as error:
        return error.failure_cases
    return None


def _telling(cells: pd.Series, has_rules: bool) -> pd.Series:
    """Cells that obey the rules of a column only if all of it does: its words, or its ends.

    Of text without rules, gaps are all that matters.
    """
    told: list[object] = []
    if is_packed(cells):
        told = [word for words in words_of(cells) for word in words] if has_rules else [""]
    elif cells.dtype in ("float64", "datetime64[ns]"):
        told = [cells.min(), cells.max()]
    else:
        return cells
    gap = [None] if cells.isna().any() else []
    dtype = "object" if is_packed(cells) else cells.dtype
    return pd.Series([*told, *gap], dtype=dtype, name=cells.name)


def _column_problems(
    typed: pd.Series, source: pd.Series, table: str, failures: pd.DataFrame
) -> list[Problem]:
    problems, column = [], str(typed.name)
    for rule, cases in failures.groupby("check", sort=False):
        rule = EMPTY if rule == "not_nullable" else str(rule)
        if cases["index"].isna().any():
            problems.append(Problem(table, column, rule))
        else:
            rows = cases["index"].astype("int64")
            cells = expanded(source.loc[rows]).where(typed.loc[rows].notna())
            told = broken_rows(table, column, rule, cells)
            problems.append(replace(told, remedy=_remedy(table, column, rule, cells)))
    return problems


def _remedy(table: str, name: str, rule: str, cells: pd.Series) -> str:
    """What base.yml can say to let the other rows through."""
    column = TABLES[table].columns[name]
    is_empty = rule == EMPTY
    if column.one_of and not is_empty:
        words = {str(cell): "..." for cell in cells.astype("object").unique()[:_SHOWN]}
        line = one_line({"values": {name: words}})
        return f"to name them otherwise write under tables.{table}: `{line}`"
    has_range = column.at_least is not None or column.kind in ("date", "month")
    if not (is_empty or has_range):
        return ""
    told = "to leave such rows out"
    if not is_empty and column.kind in ("date", "month") and not column.required:
        told = "to read them as empty"
    return f"{told} {limits.line(table, name, column, is_empty)}"


def _duplicates(frame: pd.DataFrame, table: str, key: tuple[str, ...]) -> list[Problem]:
    if not set(key) <= set(frame.columns):
        return []
    repeated = frame.loc[repeats(frame, key), list(key)]
    if repeated.empty:
        return []
    shown = unpacked(repeated.head(3)).astype(str).agg(" / ".join, axis=1).reindex(repeated.index)
    name = " + ".join(key)
    rule = "must be unique, but is repeated"
    if ways := REPEATED.get(table):
        does = _DOES[ways[0]]
        rule += f"; to {does}, write under tables.{table}: `repeated: {ways[0]}`"
    problem = broken_rows(table, name, rule, shown.fillna(""))
    if table != "customers":
        return [problem]
    remedy = way_out(unpacked(frame)) or (
        "to keep one row per customer, name the date from which each holds: write under "
        "tables.customers: `history: {by: ..., keep: last}`"
    )
    return [replace(problem, remedy=remedy)]
