"""From the columns of a source to the columns of the contract, as base.yml says."""

from __future__ import annotations

import difflib
from functools import partial

import pandas as pd

from src.data.cells import conversion
from src.data.cells.attributes import Written, attribute
from src.data.cells.dates import read_dates
from src.data.cells.forms_of_dates import idle_forms, with_date_lines
from src.data.cells.legal_forms import has_legal_form
from src.data.cells.limits import in_months, within
from src.data.cells.marks import read_either_way
from src.data.cells.packed import is_packed, once, taken_down, unpacked
from src.data.cells.shelf import back_on_shelf
from src.data.cells.value_maps import idle_words, map_problem, segment_problem
from src.data.cells.ways_out import way_out
from src.data.cells.zones import without_zones
from src.data.contracts import TABLES, Kind
from src.data.histories import one_row_each
from src.data.keys import LAST_ROWS, total_row, whole_numbers
from src.data.lines import one_line, word
from src.data.manifest import SegmentRule, Source
from src.data.naming import as_named, by_new_name, under_another_name
from src.data.personal.columns import personal_columns
from src.data.problems import Problem, broken_rows

_CONTACTS = {"phone": "phone number", "email": "e-mail address"}


def contract_frame(
    raw: pd.DataFrame, table: str, source: Source, segment: SegmentRule | None
) -> tuple[pd.DataFrame, list[Problem], list[str]]:
    """A raw table in the columns and types of the contract, attributes after them.

    Returns the frame (same rows, same index), the cells that could not be read, and remarks for
    the reader (personal columns that were left out). When columns are missing, or a cell is longer
    than any honest value, the frame has no columns: it could not be read at all.
    """
    contract = TABLES[table].columns
    frame, problems = as_named(raw, table, source)
    if problems:
        return pd.DataFrame(), problems, []
    taken: list[str] = []
    if total := total_row(frame.tail(LAST_ROWS).apply(conversion.clean), table):
        problems.append(total)
    if segment and table in ("customers", "snapshot", "scored", "orders"):
        of_the_rule = {"segment", source.columns.get("segment")}
        if "segment" in frame and (not segment.column or segment.column not in of_the_rule):
            taken.append(taken_by_rule(table, "segment"))
        frame, broken = _with_segment(frame, raw, table, segment, source)
        problems += broken

    notes = [*taken, *under_another_name(raw, table, source)]
    remarks, converted, too_long = [], {}, []
    maps, is_met = by_new_name(source.values, source), dict.fromkeys(source.missing, False)
    personal = by_new_name(source.personal, source)
    unread_dates: dict[str, pd.Series] = {}
    contract_first = [column for column in contract if column in frame]
    # Column by column: a large file lies on disk, and only one column of it is read at a time.
    for column in [*contract_first, *(column for column in frame if column not in contract)]:
        cells = taken_down(frame[column])
        is_met |= dict.fromkeys(_words_met(cells, source), True)
        clean = partial(conversion.clean, missing=source.missing, decimal=source.decimal)
        cells = once(clean, cells) if is_packed(cells) else clean(cells)
        clocks, said = without_zones(cells.to_frame(column), table, source)
        cells, notes = clocks[column], [*notes, *said]
        if len(long := conversion.too_long(cells)):
            rule = f"a cell holds more than {conversion.LONGEST_CELL:,} characters"
            too_long.append(broken_rows(table, str(column), rule, long))
            continue
        if column in maps:
            is_flag = column in contract and contract[column].kind == "flag"
            where = (table, column)
            if misses := map_problem(cells, maps[column], where, source.decimal, is_flag):
                problems.append(misses)
            cells = conversion.replace_values(cells, maps[column], source.decimal)
        is_personal, left_out = _personal(cells, table, source)
        notes += left_out
        if is_personal:
            continue
        is_measure = TABLES[table].needs_measure
        form = source.form_of(str(column))
        written = Written(table, source.decimal, source.thousands, form)
        said, broken = [], []
        kind = contract[column].kind if column in contract else "number"
        if column not in contract and personal.get(column) == "hash":
            typed = conversion.as_text(cells)  # a number would be rounded
        elif column not in contract and not is_measure:
            typed, said = attribute(cells, written)
        else:
            typed, broken, said = _contract_column(cells, kind, written)
        problems += broken
        if broken and kind in ("date", "month"):
            unread_dates[column] = cells[cells.notna() & typed.isna()]
        converted[column] = back_on_shelf(typed, frame[column])
        remarks += [f"{table}.{column}: {remark}" for remark in said]
        del cells, clocks, typed  # of a large table each is as large as what the next one takes
    if too_long:
        return pd.DataFrame(), too_long, []
    problems += idle_forms(frame, table, source)
    problems = with_date_lines(problems, unread_dates, converted, table, source)
    frame, broken, of_units = in_months(
        pd.DataFrame(converted, copy=False), table, by_new_name(source.units, source)
    )
    frame, misplaced, counted = within(frame, table, by_new_name(source.limits, source))
    notes = [*idle_words(is_met, table), *notes, *remarks, *of_units, *counted]
    problems += [*broken, *misplaced]
    if source.history and not problems:
        frame, problems, told = one_row_each(
            unpacked(frame), source.history, source.form_of(source.history.by)
        )
        notes += told
    return frame, problems, notes


def _contract_column(
    cells: pd.Series, kind: Kind, written: Written
) -> tuple[pd.Series, list[Problem], list[str]]:
    """One column of the contract in its type, the cells that could not be read, and remarks."""
    table, column = written.table, str(cells.name)
    if kind == "id":
        text, remark = whole_numbers(conversion.as_text(cells), written.decimal)
        return text, [], [remark] if remark else []
    remarks: list[str] = []
    if kind in ("phone", "email"):
        keys, _, _ = conversion.convert(cells, kind)
        unread, what = int((cells.notna() & keys.isna()).sum()), _CONTACTS[kind]
        said = f"{unread:,} of {len(cells):,} cells are no {what} and link to nobody"
        return keys, [], [said] if unread else []
    if kind in ("date", "month"):
        typed, unread, rule, remarks = read_dates(cells, kind, table, written.dates)
    else:
        typed, unread, rule = conversion.convert(cells, kind, written.decimal, written.thousands)
    if kind == "number":
        remarks = read_either_way(cells, table, written.decimal, written.thousands)
    if not unread.any():
        return typed, [], remarks
    of = cells if kind == "flag" else cells[unread]
    if kind not in ("date", "month"):
        rule += way_out(of, kind, table, column, written.decimal)
    return typed, [broken_rows(table, column, rule, cells[unread])], remarks


def _words_met(cells: pd.Series, source: Source) -> list[str]:
    """The words of `missing` that a column holds."""
    if not source.missing:
        return []
    text = pd.Series(conversion.as_text(cells).dropna().unique(), dtype="object").str.strip()
    return list(conversion.word_of(text, source.missing, source.decimal).dropna().unique())


def _personal(cells: pd.Series, table: str, source: Source) -> tuple[bool, list[str]]:
    """Whether a column is personal and left out, undeclared or to be dropped, and what is said."""
    column, declared = str(cells.name), by_new_name(source.personal, source)
    if declared.get(column) == "drop":
        return True, []
    if column in TABLES[table].columns or column in declared:
        return False, []
    found = personal_columns(cells.to_frame(column), [column])
    return bool(found), [
        f"{table}.{column} looks like personal data ({kind}) and was left out; to have it write "
        f"under tables.{table}: `personal: {{{word(column)}: hash}}`, or `keep` in place of `hash`"
        for kind in found.values()
    ]


def taken_by_rule(table: str, column: str) -> str:
    """What is said of a column of the source that the rule under `segment` makes itself."""
    return (
        f"{table}.{column} of the source is not read, as the rule under `segment` makes that "
        f"column; to keep it as well, write under tables.{table}: "
        f"`columns: {{other_{column}: {column}}}`"
    )


def _with_segment(
    frame: pd.DataFrame, raw: pd.DataFrame, table: str, rule: SegmentRule, source: Source
) -> tuple[pd.DataFrame, list[Problem]]:
    """`frame` with a column `segment` made by the rule of base.yml.

    The rule may name any column of the source, even one that is dropped once the segment is known.
    By `first_bills` everybody is B2C until the bills are read.
    """
    if rule.value or rule.first_bills:
        return frame.assign(segment=rule.value or "B2C"), []
    column = next(iter(by_new_name({str(rule.column): rule}, source)))
    if column in frame:
        values = conversion.clean(frame[column], source.missing, source.decimal)
    elif column in raw:
        values = conversion.clean(raw[column], source.missing, source.decimal)
    else:
        has = ", ".join(map(str, raw.columns[:12]))
        near = difflib.get_close_matches(column, list(map(str, raw.columns)), n=1)
        line = one_line({"column": near[0] if near else "..."})
        told = f"the segment rule needs this column, the source has: {has}"
        return frame, [Problem(table, column, f"{told}; write under segment: `{line}`")]
    if rule.legal_forms or rule.filled:
        is_company = values.notna()
        if rule.legal_forms:
            is_company = conversion.as_text(values).map(has_legal_form, na_action="ignore")
        segment = is_company.map({True: "B2B", False: "B2C"})
        unread, problem = segment.isna(), "the segment rule needs a name here"
    elif rule.b2b_from is not None:
        numbers, unread, text = conversion.convert(
            values, "number", source.decimal, source.thousands
        )
        unread |= values.isna()
        segment = numbers.ge(rule.b2b_from).map({True: "B2B", False: "B2C"})
        fix = way_out(values[unread].dropna(), "number", table, column, source.decimal)
        problem = f"the segment rule needs a number here: {text}{fix}"
    else:
        mapping = rule.values or {}
        words = conversion.word_of(conversion.as_text(values), mapping, source.decimal)
        segment = words.map(mapping)
        if rule.otherwise:
            segment = segment.fillna(rule.otherwise)
            if broken := segment_problem(values, words, mapping, rule.otherwise, (table, column)):
                return frame.assign(segment=segment), [broken]
        unread = segment.isna()
        problem = (
            "the segment rule has no word for this value; add it, or write under segment: "
            "`otherwise: B2C`"
        )
    problems = [broken_rows(table, column, problem, values[unread])] if unread.any() else []
    return frame.assign(segment=segment.mask(unread, "B2C")), problems
