"""From the columns of a source to the columns of the contract, as base.yml says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

import pandas as pd

from src.data import conversion
from src.data.contracts import TABLES
from src.data.histories import one_row_each
from src.data.limits import in_months, within
from src.data.lines import word
from src.data.manifest import ROW_NUMBER, SegmentRule, Source
from src.data.personal import personal_columns
from src.data.problems import Problem, broken_rows

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


def contract_frame(
    raw: pd.DataFrame, table: str, source: Source, segment: SegmentRule | None
) -> tuple[pd.DataFrame, list[Problem], list[str]]:
    """A raw table in the columns and types of the contract, attributes after them.

    Returns the frame (same rows, same index), the cells that could not be read, and remarks for
    the reader (personal columns that were left out). When columns are missing, or a cell is longer
    than any honest value, the frame has no columns: it could not be read at all.
    """
    contract = TABLES[table].columns
    frame, problems = _renamed(raw, table, source)
    if problems:
        return pd.DataFrame(), problems, []
    frame = frame.apply(lambda column: conversion.clean(column, source.missing))
    for column in frame:
        if len(long := conversion.too_long(frame[column])):
            rule = f"a cell holds more than {conversion.LONGEST_CELL:,} characters"
            problems.append(broken_rows(table, str(column), rule, long))
    if problems:
        return pd.DataFrame(), problems, []

    if segment and table in ("customers", "snapshot"):
        frame, problems = _with_segment(frame, raw, table, segment, source)
    for column, mapping in by_new_name(source.values, source).items():
        frame[column] = conversion.replace_values(frame[column], mapping)
    frame, notes = _without_personal(frame, table, source)

    converted = {}
    personal = by_new_name(source.personal, source)
    contract_first = [column for column in contract if column in frame]
    for column in [*contract_first, *(column for column in frame if column not in contract)]:
        is_measure = TABLES[table].needs_measure
        if column not in contract and personal.get(column) == "hash":
            converted[column] = conversion.as_text(frame[column])  # a number would be rounded
            continue
        if column not in contract and not is_measure:
            converted[column] = conversion.attribute(
                frame[column], source.decimal, source.thousands
            )
            continue
        kind = contract[column].kind if column in contract else "number"
        converted[column], unread, rule = conversion.convert(
            frame[column], kind, source.decimal, source.thousands, source.dates
        )
        if unread.any():
            problems.append(broken_rows(table, column, rule, frame.loc[unread, column]))
    frame, broken, remarks = in_months(
        pd.DataFrame(converted), table, by_new_name(source.units, source)
    )
    frame, misplaced, counted = within(frame, table, by_new_name(source.limits, source))
    problems += [*broken, *misplaced]
    notes += [*remarks, *counted]
    if source.history and not problems:
        frame, problems, told = one_row_each(frame, source.history, source.dates)
        notes += told
    return frame, problems, notes


def _without_personal(
    frame: pd.DataFrame, table: str, source: Source
) -> tuple[pd.DataFrame, list[str]]:
    """`frame` without the personal columns that base.yml does not declare, or declares to drop."""
    others = [column for column in frame if column not in TABLES[table].columns]
    found = personal_columns(frame, others)
    personal = by_new_name(source.personal, source)
    undeclared = {column: kind for column, kind in found.items() if column not in personal}
    notes = [
        f"{table}.{column} looks like personal data ({kind}) and was left out; to have it write "
        f"under tables.{table}: `personal: {{{word(column)}: hash}}`, or `keep` in place of `hash`"
        for column, kind in undeclared.items()
    ]
    declared = [column for column, fate in personal.items() if fate == "drop"]
    return frame.drop(columns=[*undeclared, *declared], errors="ignore"), notes


def _renamed(raw: pd.DataFrame, table: str, source: Source) -> tuple[pd.DataFrame, list[Problem]]:
    contract = TABLES[table].columns
    has = ", ".join(raw.columns[:12]) + (" ..." if len(raw.columns) > 12 else "")
    named = {*source.columns.values(), *source.drop} - {ROW_NUMBER}
    named |= set(source.personal) - set(source.columns)
    problems = [
        Problem(table, column, f"base.yml names this column, but the source has only: {has}")
        for column in sorted(named - set(raw.columns))
    ]
    taken = {*source.columns.values(), *source.drop}
    given = set(source.columns) | (set(raw.columns) - taken)
    problems += [
        Problem(table, column, f"is missing; map it under `columns`, the source has: {has}")
        for column, declared in contract.items()
        if declared.required and column not in given and column != "segment"
    ]
    unknown_maps = sorted(set(by_new_name(source.values, source)) - given)
    problems += [
        Problem(table, column, "`values` maps a column that is not there")
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
    return pd.DataFrame({**renamed, **rest}, index=raw.index), []


def _with_segment(
    frame: pd.DataFrame, raw: pd.DataFrame, table: str, rule: SegmentRule, source: Source
) -> tuple[pd.DataFrame, list[Problem]]:
    """`frame` with a column `segment` made by the rule of base.yml.

    The rule may name any column of the source, even one that is dropped once the segment is known.
    """
    if rule.value:
        return frame.assign(segment=rule.value), []
    column = next(iter(by_new_name({str(rule.column): rule}, source)))
    if column in frame:
        values = frame[column]
    elif column in raw:
        values = conversion.clean(raw[column], source.missing)
    else:
        return frame, [Problem(table, column, "the segment rule needs this column")]
    if rule.b2b_from is not None:
        numbers, unread, text = conversion.convert(
            values, "number", source.decimal, source.thousands
        )
        unread |= values.isna()
        segment = numbers.ge(rule.b2b_from).map({True: "B2B", False: "B2C"})
        problem = f"the segment rule needs a number here: {text}"
    else:
        segment = conversion.as_text(values).map(rule.values or {})
        if rule.otherwise:
            segment = segment.fillna(rule.otherwise)
        unread = segment.isna()
        problem = "the segment rule has no word for this value; add it, or give `otherwise`"
    problems = [broken_rows(table, column, problem, values[unread])] if unread.any() else []
    return frame.assign(segment=segment.mask(unread, "B2C")), problems
