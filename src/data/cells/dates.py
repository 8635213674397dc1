"""Dates of the contract as files have them: open ends, digits alone, days beyond any calendar."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pandas as pd

from src.data.cells.attributes import DATE_FORMS, day_numbers_remark
from src.data.cells.conversion import as_text, convert, dates_of_day_numbers
from src.data.cells.packed import expanded, once
from src.data.cells.quarters import first_months
from src.data.contracts import FIRST_DATE, LAST_DATE, TABLES, Kind
from src.data.problems import broken_rows

# Where there is no end, files have a day that never comes, or one before all others.
_NEVER = 2099
_BEFORE_ALL = 1900
_ENDS = ("closed_month", "end_month", "closed")
_FUTURE, _PAST = pd.Timestamp("2200-01-01"), pd.Timestamp("1900-01-01")
_FORMS = ("%Y-%m-%d", "%Y-%m", "%Y%m%d", *(form for form in DATE_FORMS if ":" not in form))
_DIGITS = {8: "%Y%m%d", 6: "%Y%m"}


def read_dates(
    cells: pd.Series, kind: Kind, table: str, form: str = ""
) -> tuple[pd.Series, pd.Series, str, list[str]]:
    """One column of dates or months of a table, as `conversion.convert` has them, and remarks.

    Read too, and said: an end that never comes (9999-12-31), as none; digits alone, where all cells
    are days (20240131) or months (202401); day numbers of a spreadsheet. A day that no calendar of
    a computer holds is taken as one far out of range, so that rules and limits meet it.
    """
    column = str(cells.name)
    told: list[str] = []
    if column in _ENDS and not TABLES[table].columns[column].required:
        cells, told = _without_open_ends(cells, form)
    typed, unread, rule = convert(cells, kind, dates=form)
    if not unread.any():
        return typed, unread, rule, told
    if not form and unread.equals(cells.notna()) and (digits := _of_digits(cells)):
        typed, unread, _ = convert(cells, kind, dates=digits)
        what = "days" if digits == _DIGITS[8] else "months"
        example = as_text(cells.dropna().iloc[:1]).iloc[0]
        return (
            typed,
            unread,
            rule,
            [*told, f"cells of digits are read as {what} (such as {example!r})"],
        )
    if kind == "month" and not form and unread.equals(cells.notna()):
        months = first_months(cells)
        if months is not None:
            told.append(
                "quarters, or halves of a year, are read as their first months (such as "
                f"{as_text(cells.dropna().iloc[:1]).iloc[0]!r})"
            )
            return months, months.isna() & cells.notna(), rule, told
    others = expanded(cells[unread])
    found = dates_of_day_numbers(others)
    if len(found):
        told.append(day_numbers_remark(cells.loc[found.index], found))
    found = pd.concat([found, _far(others, form)])
    if kind == "month":
        found = found.dt.to_period("M").dt.to_timestamp()
    if len(found):
        typed, unread = typed.fillna(found), unread & ~unread.index.isin(found.index)
    return typed, unread, rule, told


def _of_digits(cells: pd.Series) -> str:
    """How days or months are written that are digits alone; empty where one is neither."""
    text = as_text(cells.dropna())
    for length, form in _DIGITS.items():
        if text.str.fullmatch(rf"\d{{{length}}}").all():
            dates, unread, _ = convert(text, "date", dates=form)
            return "" if unread.any() or not dates.between(FIRST_DATE, LAST_DATE).all() else form
    return ""


def _without_open_ends(cells: pd.Series, form: str) -> tuple[pd.Series, list[str]]:
    """Cells without the days that stand for no end, and a remark that counts them."""
    is_open = _by_year(cells, form, lambda year: year >= _NEVER or year <= _BEFORE_ALL)
    if not is_open.any():
        return cells, []
    count = int(is_open.sum())
    stand = "cell stands for no end and is" if count == 1 else "cells stand for no end and are"
    first = broken_rows("", "", "", as_text(cells[is_open].iloc[:1])).examples[0]
    return expanded(cells).mask(is_open), [f"{count:,} {stand} read as empty ({first})"]


def _far(cells: pd.Series, form: str) -> pd.Series:
    """The cells that are a day, but of no year that is kept, as dates out of range."""
    future = cells[_by_year(cells, form, lambda year: year > LAST_DATE.year)]
    past = cells[_by_year(cells, form, lambda year: year < FIRST_DATE.year)]
    days = [pd.Series(day, rows.index) for day, rows in ((_FUTURE, future), (_PAST, past))]
    return pd.concat([part.astype("datetime64[ns]") for part in days])


def _by_year(cells: pd.Series, form: str, is_meant: Callable[[int], bool]) -> pd.Series:
    """Which cells are a day of a year that is meant, whatever the year."""
    forms = (form,) if form else _FORMS

    def is_one(text: pd.Series) -> pd.Series:
        meant = {}
        for cell in text.dropna().unique():
            year = _year(cell, forms)
            meant[cell] = year is not None and is_meant(year)
        return text.map(meant).eq(True)

    return once(is_one, as_text(cells))


def _year(text: str, forms: tuple[str, ...]) -> int | None:
    for form in forms:
        bare = text if ":" in form or "%H" in form else text.replace("T", " ").split(" ")[0]
        try:
            return datetime.strptime(bare, form).year
        except ValueError:
            continue
    return None
