"""Calendar months as numbers, and the same arithmetic as expressions over lazy frames."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

import narwhals as nw
import pandas as pd

from src.data.problems import InputError


@dataclass(frozen=True, order=True)
class Month:
    """One calendar month; `number` counts months from year 0.

    >>> Month.of("2024-12").back(12).text
    '2023-12'
    """

    number: int

    @classmethod
    def of(cls, month: str | pd.Timestamp | datetime) -> Month:
        """The month of a date or of a text such as `2024-12`; `InputError` for other texts."""
        if isinstance(month, str):
            match = re.fullmatch(r"(\d{4})-(0[1-9]|1[0-2])", month.strip())
            if not match:
                raise InputError(f"{month.strip()!r} is not a month; write it as 2024-12")
            return cls(int(match[1]) * 12 + int(match[2]) - 1)
        return cls(month.year * 12 + month.month - 1)

    def back(self, months: int) -> Month:
        """The month so many months earlier."""
        return Month(self.number - months)

    @property
    def start(self) -> datetime:
        """The first moment of the month: how tables write it."""
        return datetime(self.number // 12, self.number % 12 + 1, 1)

    @property
    def end(self) -> datetime:
        """The first moment after the month."""
        return self.back(-1).start

    @property
    def text(self) -> str:
        """Such as `2024-12`."""
        return f"{self.number // 12:04d}-{self.number % 12 + 1:02d}"


def month_numbers(dates: pd.Series) -> pd.Series:
    """The number of the month of each date, as `Month.number`; missing stays missing.

    >>> month_numbers(pd.Series(pd.to_datetime(["2024-01-01", "2024-03-31"]))).tolist()
    [24288, 24290]
    """
    return 12 * dates.dt.year + dates.dt.month - 1


def number_of(column: nw.Expr) -> nw.Expr:
    """The number of the month of a date column, as `Month.number`."""
    return column.dt.year().cast(nw.Int64) * 12 + column.dt.month().cast(nw.Int64) - 1


def day_of(column: nw.Expr) -> nw.Expr:
    """The day of a date column, counted from the start of the calendar.

    Spelled out because not every engine can subtract dates. Equals `date.toordinal()`.
    """
    before = column.dt.year().cast(nw.Int64) - 1
    leap_days = before // 4 - before // 100 + before // 400
    return before * 365 + leap_days + column.dt.ordinal_day().cast(nw.Int64)
