"""Columns outside the contract: numbers, flags, dates or text, by what their cells are."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pandas as pd

from src.data.cells.conversion import as_text, convert, dates_of_day_numbers, is_text
from src.data.cells.marks import numbers_with_other_mark, read_either_way
from src.data.cells.packed import expanded, once, words_of
from src.data.contracts import Kind
from src.data.lines import one_line
from src.data.problems import broken_rows

# Among numbers or dates these stand for a gap; among words they may mean something.
WORDS_FOR_A_GAP = frozenset(
    """n/a|na|n.a.|n.a|#n/a|#na|nan|null|(null)|#null!|none|nil|nat|<na>|\\n|-|--|---|—|\u2013|.|..|...|?
    #value!|#div/0!|#ref!|#num!|#name?|missing|unknown|empty|(empty)|blank|(blank)|not available
    k.a.|k. a.|unbekannt|inconnu|s/d|brak|н/д|нет данных""".replace("\n    ", "|").split("|")
)
_CODE = r"0\d|\d{16,}$"
_MOST = 0.5  # of the filled cells: the others are worth a word
_PER_CENT = r"[^%]*\d[ \u00a0\u202f]*%"
_LOOKED_AT = 1_000
_DATE_LIKE = r"\d{1,4}[./-]\d{1,2}[./-]\d{2,4}([ T]\d{1,2}:\d{2}(:\d{2})?)?"
_DAYS = ("%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%Y/%m/%d", "%Y.%m.%d", "%d-%m-%Y", "%m-%d-%Y")
DATE_FORMS = tuple(day + time for day in _DAYS for time in ("", " %H:%M", " %H:%M:%S"))


@dataclass(frozen=True)
class Written:
    """How the cells of a table are written, as base.yml says; `table` is for the remarks."""

    table: str
    decimal: str = "."
    thousands: str = ""
    dates: str = ""


def attribute(values: pd.Series, written: Written) -> tuple[pd.Series, list[str]]:
    """A column outside the contract in the type of its cells, and remarks on cells of another.

    Numbers (or dates) when every filled cell is one; words for a gap, such as `n/a`, are left
    empty then, and a remark says so. Where a few cells are something else the column stays text,
    and a remark names them. Numbers with leading zeros (`007`), or with more digits than a float
    holds, are codes and stay text. Dates are read as base.yml says, in ISO 8601, or in a usual
    form that reads every cell, if it is the only one. Durations become days.
    """
    values = values.infer_objects()
    if pd.api.types.is_bool_dtype(values):
        return values, []
    if isinstance(values.dtype, pd.PeriodDtype):
        values = values.dt.to_timestamp()
    if pd.api.types.is_timedelta64_dtype(values):
        return values / pd.Timedelta(days=1), []
    if not is_text(values):
        kind: Kind = "date" if pd.api.types.is_datetime64_any_dtype(values) else "number"
        typed, unread, _ = convert(values, kind)
        return (as_text(values), []) if unread.any() else (typed, [])
    cells = as_text(values)
    if dates := _as_dates(values, cells, written):
        return dates
    if any(words.str.match(_CODE, na=False).any() for words in words_of(cells)):
        return cells, []
    is_share = once(lambda texts: texts.str.fullmatch(_PER_CENT, na=False).astype("bool"), cells)
    told = []
    if is_share.any() and is_share[cells.notna()].mean() >= _MOST:
        first = cells[is_share].iloc[0]
        texts = expanded(cells)
        values = texts.where(~is_share, texts.str.rstrip(" %\u00a0\u202f"))
        told = [f"cells in per cent are read as the number before the sign (such as {first!r})"]
    numbers, _, _ = convert(values, "number", written.decimal, written.thousands)
    typed, remarks = _judged(numbers, cells, "number", written) or (cells, [])
    marks = written.table, written.decimal
    if is_text(typed):
        return typed, remarks or numbers_with_other_mark(cells, *marks)
    return typed, told + remarks + read_either_way(cells, *marks, written.thousands)


def _as_dates(
    values: pd.Series, cells: pd.Series, written: Written
) -> tuple[pd.Series, list[str]] | None:
    """The column as dates and its remarks; None where it holds none."""
    is_told = ~once(lambda texts: texts.str.lower().isin(WORDS_FOR_A_GAP), cells)
    looked_at = expanded(cells[cells.notna() & is_told].head(_LOOKED_AT))
    if looked_at.empty:
        return None
    for form in dict.fromkeys([written.dates, ""]):
        typed = convert(expanded(values.loc[looked_at.index]), "date", dates=form)[0]
        if typed.notna().mean() >= _MOST and (found := _read_dates(values, cells, form, written)):
            return found
    is_alike = looked_at.str.fullmatch(_DATE_LIKE, na=False)
    if is_alike.mean() < _MOST:
        return None
    alike = looked_at[is_alike]
    # A form reads only what has its marks between the digits; most are ruled out without reading.
    marks = re.sub(r"\d+", "", alike.iloc[0])
    forms = [
        form
        for form in DATE_FORMS
        if re.sub(r"%\w", "", form) == marks and convert(alike, "date", dates=form)[0].notna().all()
    ]
    read = {form: _read_dates(values, cells, form, written) for form in forms}
    readable = {form: found for form, found in read.items() if found}
    right = [form for form, (column, _) in readable.items() if not is_text(column)] or [*readable]
    if len(right) == 1:
        return readable[right[0]]
    if len(right) > 1:
        name = str(values.name)
        lines = " or ".join(f"`{one_line({'dates': {name: form}})}`" for form in right)
        told = (
            f"its dates can be read in two ways (such as {alike.iloc[0]!r}), so it is kept as text"
        )
        return cells, [f"{told}; write under tables.{written.table}: {lines}"]
    return None


def _read_dates(
    values: pd.Series, cells: pd.Series, form: str, written: Written
) -> tuple[pd.Series, list[str]] | None:
    dates, unread, _ = convert(values, "date", dates=form)
    by_number = dates_of_day_numbers(expanded(values[unread]))
    told = []
    if len(by_number):
        dates = dates.fillna(by_number)
        told = [day_numbers_remark(values.loc[by_number.index], by_number)]
    judged = _judged(dates, cells, "date", written)
    if judged is None or is_text(judged[0]):
        return judged
    return judged[0], told + judged[1]


def day_numbers_remark(cells: pd.Series, dates: pd.Series) -> str:
    """That cells which hold the day numbers of a spreadsheet were read as dates."""
    are = "cell is a day number" if len(cells) == 1 else "cells are day numbers"
    first = broken_rows("", "", "", as_text(cells.iloc[:1])).examples[0]
    day = f"{dates.iloc[0]:%Y-%m-%d}"
    return f"{len(cells):,} {are} of a spreadsheet, read as dates ({first} as {day})"


def _judged(
    typed: pd.Series, cells: pd.Series, kind: str, written: Written
) -> tuple[pd.Series, list[str]] | None:
    """`typed` where the rest are gaps, `cells` where a few are not, None where most are not."""
    is_filled = cells.notna()
    unread = is_filled & typed.isna()
    if not unread.any():
        return typed, []
    count, filled = int(unread.sum()), int(is_filled.sum())
    if count == filled:
        return None
    examples = ", ".join(broken_rows("", "", "", cells[unread]).examples)
    are = f"{count:,} of {filled:,} cells " + (f"is no {kind}" if count == 1 else f"are no {kind}s")
    texts = expanded(cells[unread])
    other = texts[~texts.str.lower().isin(WORDS_FOR_A_GAP)]
    if other.empty:
        return typed, [f"{are} ({examples}), left empty"]
    if filled - count < _MOST * filled:
        return None
    words = ", ".join(f'"{word}"' for word in other.unique()[:3])
    return cells, [
        f"{are} ({examples}), so the column is kept as text; mend them, or write under "
        f"tables.{written.table}: `missing: [{words}]`"
    ]
