"""Forms of dates that base.yml gives, column by column or for a table, and those it should give."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pandas as pd

from src.data.cells.ways_out import date_lines
from src.data.contracts import TABLES
from src.data.manifest import Source
from src.data.problems import Problem


def with_date_lines(
    problems: list[Problem],
    unread: Mapping[str, pd.Series],
    converted: Mapping[str, pd.Series],
    table: str,
    source: Source,
) -> list[Problem]:
    """Problems of date columns with the line that reads all of the table."""
    kinds = {name: column.kind for name, column in TABLES[table].columns.items()}
    read = [
        name
        for name, values in converted.items()
        if kinds.get(name) in ("date", "month") and name not in unread and values.notna().any()
    ]
    line = date_lines(unread, read, source.dates) if unread else ""
    told = f"; write under tables.{table}: `{line}`" if line else ""
    return [
        replace(problem, rule=problem.rule + told) if problem.column in unread else problem
        for problem in problems
    ]


def idle_forms(frame: pd.DataFrame, table: str, source: Source) -> list[Problem]:
    """Columns under `dates` that the table has not."""
    if isinstance(source.dates, str):
        return []
    has = {*map(str, frame.columns), *source.columns.values()}
    return [
        Problem(table, column, f"`dates` names this column; the table has: {', '.join(frame)}")
        for column in source.dates
        if column not in has
    ]
