"""Which months of a table count: handfuls behind a hole, a last month that is not over, holes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from src.data.privacy import MIN_CELL
from src.data.problems import InputError

_HANDFUL = 0.01  # of the rows, at most, are taken for wrong dates
_STRAY = 0.1  # of a usual month: fewer rows in a month at an end are wrong dates
_THIN = 0.75  # of a usual month: a last month with fewer rows is not over
_BROKEN = 0.5  # of a usual month: several last months with fewer rows are refused
_EMPTY = 0.05  # of a usual month: so few rows are as good as none
_SAYS = 10  # rows that would be there, so that their absence says something
_USUAL = 6  # months that say what is usual
_LONGEST_FREEZE = 12


@dataclass(frozen=True)
class Span:
    """First and last month by number (`rhythm.month_number`), both included."""

    first: int
    last: int

    def holds(self, numbers: pd.Series) -> pd.Series:
        """Which months lie inside."""
        return numbers.between(self.first, self.last)

    def __str__(self) -> str:
        first, last = month_text(self.first), month_text(self.last)
        return first if first == last else f"{first} to {last}"


def month_text(number: int) -> str:
    """The month of a number, such as 2024-12."""
    return f"{number // 12:04d}-{number % 12 + 1:02d}"


def without_islands(numbers: pd.Series, first: int | None, last: int | None) -> Span:
    """The months without a handful of rows before the first, or after the last, unusual hole.

    `numbers` are the months of the rows. A handful is at most 1 % of the rows. A hole is unusual
    when it is twice as long as the usual distance between months with rows, ten rows or more would
    be usual in it, and it breaks off: a base that fades out, or begins with few, has none. A first
    month with a handful and less than a tenth of the months after it counts as an island too. An
    end that is given stands.
    """
    counts = numbers.value_counts().sort_index()
    months, rows = counts.index.to_numpy(), counts.to_numpy()
    steps = np.diff(months)
    begins, ends = 0, len(months) - 1
    if len(steps):
        few = _HANDFUL * rows.sum()
        hole = np.flatnonzero(steps >= 2 * np.median(steps))
        step = np.median(steps)
        before, after = rows.cumsum(), rows[::-1].cumsum()[::-1]
        cuts = [n for n in hole if after[n + 1] <= few]
        cuts = [n for n in cuts if _breaks_off(rows[n::-1], steps[n] / step - 1)]
        ends = int(cuts[0]) if cuts else ends
        cuts = [n + 1 for n in hole if before[n] <= few and n + 1 <= ends]
        cuts = [n for n in cuts if _breaks_off(rows[n:], steps[n - 1] / step - 1)]
        begins = int(cuts[-1]) if cuts else begins
        usual = _middle(rows[begins + 1 : begins + 1 + _USUAL])
        if (
            rows[begins] < _STRAY * usual
            and before[begins] <= few
            and _breaks_off(rows[begins + 1 :], 1)
        ):
            begins += 1
    return Span(
        int(months[begins]) if first is None else first, int(months[ends]) if last is None else last
    )


def last_whole(counts: np.ndarray, last: int, table: str) -> tuple[int, str]:
    """The last month that is whole, and what is said of those after it, empty for none.

    `counts` are the rows of every month up to number `last`. Raises `InputError` where several last
    months hold less than half of what is usual: only the user knows whether customers left.
    """
    for length in range(len(counts) // 2, 0, -1):
        tail, usual = counts[-length:], _usual(counts[:-length])
        fell = counts[-length - 1] >= _THIN * usual and usual - tail.max() > 3 * np.sqrt(usual)
        if not fell:
            continue
        until, rows = last - length, int(tail.sum())
        words = (
            f"{table}: {Span(until + 1, last)}: {rows:,} {'row' if rows == 1 else 'rows'} where "
            f"{usual:,.0f} a month are usual"
        )
        whole = f"write `last_month: {month_text(last)}` in base.yml"
        if tail.max() < _STRAY * usual and rows <= _HANDFUL * counts.sum():
            return until, f"{words}; left out as wrongly dated. If they are right, {whole}"
        if length == 1 and tail[0] < _THIN * usual:
            return until, f"{words}; left out, as the month is not over. If it is, {whole}"
        if length > 1 and tail.max() < _BROKEN * usual:
            raise InputError(
                f"{words}. Where rows are missing, write `last_month: {month_text(until)}` in "
                f"base.yml; where customers did leave, {whole}"
            )
    return last, ""


def holes(counts: np.ndarray, first: int) -> list[Span]:
    """The runs of months inside the data that hold hardly any row; `counts` by month."""
    filled = np.flatnonzero(counts >= _EMPTY * _middle(counts))
    inside = np.flatnonzero(np.diff(filled) > 1)
    return [
        Span(first + int(filled[place]) + 1, first + int(filled[place + 1]) - 1) for place in inside
    ]


def said_of_hole(hole: Span, table: str, rows: int, customers: int, freeze: int) -> str:
    """What is said of a hole; `InputError` where it is as long as a freeze.

    `customers` is how many were there before it; of fewer than a page may show nothing is refused.
    """
    length, before, after = hole.last - hole.first + 1, hole.first - 1, hole.last + 1
    words = f"{table}: {hole}: {'no rows at all' if not rows else f'hardly any rows ({rows:,})'}"
    if length < freeze or customers < MIN_CELL:
        return f"{words}; the customers of {month_text(before)} are silent then"
    lines = (
        f"`first_month: {month_text(after)}` or `last_month: {month_text(before)}` to read one side"
    )
    if length < _LONGEST_FREEZE:
        lines += f", or `freeze_months: {length + 1}` if nobody is billed then"
    raise InputError(
        f"{words}: with a freeze of {freeze} months all {customers:,} customers of "
        f"{month_text(before)} would count as gone. "
        f"In base.yml write {lines}"
    )


def too_few_days(counts: np.ndarray, last_day: pd.Timestamp) -> float:
    """What is usual up to a day of the last month where it holds a handful; 0: it is not so few."""
    if len(counts) < 3:
        return 0.0
    usual = _usual(counts[:-1]) * last_day.day / last_day.days_in_month
    is_few = counts[-1] < _STRAY * usual and counts[-1] <= _HANDFUL * counts.sum()
    return usual if is_few and _breaks_off(counts[-2::-1], usual / _usual(counts[:-1])) else 0.0


def _breaks_off(rows: np.ndarray, missing: float) -> bool:
    """Whether rows go on as usual up to a hole that so many months are missing in.

    `rows` are those of the months beside the hole, the nearest first.
    """
    usual = _middle(rows[:_USUAL])
    return bool(rows[:2].max(initial=0) >= _BROKEN * usual and missing * usual >= _SAYS)


def _usual(counts: np.ndarray) -> float:
    return _middle(counts[counts > 0][-_USUAL:])


def _middle(counts: np.ndarray) -> float:
    filled = counts[counts > 0]
    return float(np.median(filled)) if len(filled) else 0.0
