"""From one column per month to one row per month."""

from __future__ import annotations

import re
from collections.abc import Iterable

import pandas as pd

from src.data.contracts import TABLES
from src.data.lines import one_line
from src.data.manifest import Source
from src.data.problems import InputError

_FEWEST = 3
_YEAR, _MONTH, _NAME = r"(?P<y>(?:19|20)\d\d)", r"(?P<m>0[1-9]|1[0-2])", r"(?P<b>[A-Za-z]{3})"
_PARTS = {"y": "%Y", "m": "%m", "b": "%b"}
_SHAPES = [
    re.compile(rf"(?<!\d){first}(?P<mark>[-_./ ]?){second}(?!\d|[A-Za-z])")
    for first, second in ((_YEAR, _MONTH), (_MONTH, _YEAR), (_NAME, _YEAR), (_YEAR, _NAME))
]


def months_as_rows(raw: pd.DataFrame, table: str, source: Source) -> pd.DataFrame:
    """One row per row of the source and month in which a cell is filled, in that order.

    `months_in_columns` of base.yml names each measure and how the names of its columns tell the
    month; the columns of months give way to `month` and the measures, all others are repeated.
    Raises `InputError` when no column is called so, or two columns tell the same month.
    """
    if not source.months_in_columns:
        return raw
    if taken := {"month", *source.months_in_columns} & (set(raw.columns) | set(source.columns)):
        raise InputError(
            f"{table}: `months_in_columns` makes columns for month and "
            f"{' and '.join(source.months_in_columns)}, but the source or `columns` has "
            f"{' and '.join(sorted(taken))} already; delete one of them under tables.{table}"
        )
    months = {
        measure: _months(raw.columns, form, table)
        for measure, form in source.months_in_columns.items()
    }
    of_months = {column for named in months.values() for column in named.values()}
    rest = [column for column in raw.columns if column not in of_months]
    calendar = sorted(set().union(*months.values()))
    empty = pd.Series(None, raw.index, dtype="object")
    blocks = []
    for place, month in enumerate(calendar):
        measures = {
            measure: raw[named[month]] if month in named else empty
            for measure, named in months.items()
        }
        block = raw[rest].assign(month=month, **measures, _place=place)
        is_filled = block[list(months)].map(
            lambda cell: not pd.isna(cell) and str(cell).strip() != ""
        )
        blocks.append(block[is_filled.any(axis=1)])
    long = pd.concat(blocks).rename_axis("_row").reset_index()
    return long.sort_values(["_row", "_place"], ignore_index=True).drop(columns=["_row", "_place"])


def _months(columns: Iterable[str], form: str, table: str) -> dict[pd.Timestamp, str]:
    named: dict[pd.Timestamp, str] = {}
    for column in columns:
        moment = pd.to_datetime(column, format=form, errors="coerce")
        if pd.isna(moment):
            continue
        month = moment.to_period("M").to_timestamp()
        if month in named:
            raise InputError(
                f"{table}: `months_in_columns`: {named[month]} and {column} are the same month"
            )
        named[month] = column
    if not named:
        has, line = ", ".join(list(columns)[:12]), line_for_months(columns, table)
        hint = f"; write under tables.{table}: `{line}`" if line else ""
        raise InputError(
            f"{table}: `months_in_columns`: no column is called like {form}; the source has: "
            f"{has}{hint}"
        )
    return named


def line_for_months(columns: Iterable[str], table: str) -> str | None:
    """The line of base.yml for a source with a column per month; None where it has none."""
    forms: dict[str, int] = {}
    for column in columns:
        for shape in _SHAPES:
            if found := shape.search(column):
                parts = sorted(
                    (name for name in found.groupdict() if name in _PARTS), key=found.start
                )
                written = found["mark"].join(_PARTS[name] for name in parts)
                before, behind = column[: found.start()], column[found.end() :]
                form = before.replace("%", "%%") + written + behind.replace("%", "%%")
                if not pd.isna(pd.to_datetime(column, format=form, errors="coerce")):
                    forms[form] = forms.get(form, 0) + 1
                break
    many = [form for form, count in forms.items() if count >= _FEWEST]
    if not many or "month" not in TABLES[table].columns:
        return None
    names = iter(["revenue", "cost_to_serve"] if table == "billing" else [])
    measures = {next(names, f"measure_{place}"): form for place, form in enumerate(many[:2], 1)}
    return one_line({"months_in_columns": measures})
