"""Columns of any table made such that a model can read them: dates as months, the rest told."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from pandas.api import types

from src.models.learning.preparation import names_its_rows

DAYS_OF_A_MONTH = 30.4375
_YEAR = r"(?<!\d)(\d{4})(?!\d)"
# What databases write behind the seconds: a fraction, a zone.
_BEHIND = r"(?<=\d\d:\d\d:\d\d)(\.\d+)?\s?(Z|[+-]\d\d(:?\d\d)?)?$"
_YEARS = (1900, 2099)  # a date outside says "none", as 9999-12-31 does
_LEAST_DATES = 0.95  # of the cells of a column of text
_TRIED_FIRST = 50  # cells
# Of the last two pairs both may read a column: then nobody knows which is right.
_FORMATS = (
    ("%Y-%m-%d",),
    ("%Y-%m-%d %H:%M:%S",),
    ("%Y-%m-%dT%H:%M:%S",),
    ("%Y-%m-%d %H:%M",),
    ("%Y-%m",),
    ("%Y/%m/%d",),
    ("%d.%m.%Y",),
    ("%d.%m.%Y %H:%M",),
    ("%d.%m.%Y %H:%M:%S",),
    ("%m.%Y",),
    ("%m/%Y",),
    ("%d %b %Y",),
    ("%d-%b-%Y",),
    ("%d-%b-%y",),
    ("%b %d, %Y",),
    ("%b %Y",),
    ("%b-%y",),
    ("%d-%m-%Y", "%m-%d-%Y"),
    ("%d/%m/%Y", "%m/%d/%Y"),
    ("%d/%m/%y", "%m/%d/%y"),
    ("%d/%m/%Y %H:%M", "%m/%d/%Y %H:%M"),
)


@dataclass(frozen=True)
class Readable:
    """A frame that models can read.

    `frame`: the rows as they came, dates as months before `newest`, and without the columns that
    `left_out` gives a reason for, by name. `dates`: the columns read as months.
    """

    frame: pd.DataFrame = field(repr=False)
    left_out: dict[str, str]
    dates: tuple[str, ...]
    newest: pd.Timestamp | None


def readable(frame: pd.DataFrame, aside: Collection[str] = ()) -> Readable:
    """The columns of `frame` that a model can read; those of `aside` pass as they are.

    - A date becomes months before the newest date of all columns, as a number of 30.4375 days. So
      does text of which 95 % of the cells are dates of one form; the others are gaps, and so are
      dates before 1900 or after 2099, which stand for none.
    - A duration becomes days. Cells of several types become text, blank text a gap.
    - Left out, with the reason: columns that are empty or never vary, text that names its rows (see
      `preparation.names_its_rows`), whole numbers that count the rows through, cells that hold
      lists, infinite numbers, and dates of which nobody can tell day from month.

    >>> read = readable(pd.DataFrame({"from": ["2024-01-01", "2024-03-02"], "plan": ["a", "a"]}))
    >>> read.frame["from"].round(1).tolist(), read.left_out
    ([2.0, 0.0], {'plan': 'never varies'})
    """
    columns: dict[str, pd.Series] = {}
    dates: dict[str, pd.Series] = {}
    left_out: dict[str, str] = {}
    for name in frame.columns:
        if name in aside:
            columns[name] = frame[name]
            continue
        values, reason = _plain(frame[name])
        reason = reason or _reason(values)
        if reason:
            left_out[str(name)] = reason
        elif types.is_datetime64_any_dtype(values):
            columns[name] = dates[name] = values
        else:
            columns[name] = values
    newest = max((values.max() for values in dates.values()), default=None)
    for name, values in dates.items():
        columns[name] = (newest - values).dt.total_seconds() / 86400 / DAYS_OF_A_MONTH
    read = pd.DataFrame(columns, index=frame.index)
    return Readable(read, left_out, tuple(str(name) for name in dates), newest)


def _plain(values: pd.Series) -> tuple[pd.Series, str]:
    """The column as numbers, dates, flags or text, or why that cannot be."""
    if types.is_timedelta64_dtype(values):
        return values.dt.total_seconds() / 86400, ""
    if isinstance(values.dtype, pd.PeriodDtype):
        values = values.dt.to_timestamp()
    if types.is_datetime64_any_dtype(values):
        return _dates(values), ""
    if types.is_bool_dtype(values) or types.is_numeric_dtype(values):
        return values, ""
    kind = types.infer_dtype(values, skipna=True)
    if kind in ("boolean", "decimal", "integer", "floating", "mixed-integer-float"):
        return values, ""
    if kind in ("date", "datetime", "datetime64"):
        return _dates(pd.to_datetime(values, errors="coerce", utc=True)), ""
    cells = values.dropna()
    if cells.map(
        lambda cell: isinstance(cell, list | tuple | dict | set | bytes | np.ndarray)
    ).any():
        return values, "holds lists"
    text = values.astype("object").map(lambda cell: str(cell).strip(), na_action="ignore")
    text = text.mask(text == "")
    return _dates_in(text)


def _reason(values: pd.Series) -> str:
    """Why no model can learn from the column; empty where one can."""
    distinct = values.nunique()
    if distinct == 0:
        return "empty"
    if distinct == 1 and values.notna().all():
        return "never varies"
    if types.is_bool_dtype(values) or types.is_datetime64_any_dtype(values):
        return ""
    if types.is_numeric_dtype(values):
        numbers = values.to_numpy("float64", na_value=np.nan)
        if np.isinf(numbers).any():
            return "holds infinite numbers"
        counts_through = distinct == len(values) > 2 and np.ptp(numbers) == len(values) - 1
        is_whole = bool((numbers == np.floor(numbers)).all()) if counts_through else False
        return "numbers its rows" if is_whole else ""
    return "names its rows" if names_its_rows(values, len(values)) else ""


def _dates(values: pd.Series) -> pd.Series:
    """Without a time zone, and without dates that stand for none."""
    if values.dt.tz is not None:
        values = values.dt.tz_localize(None)  # the source's own clock
    return values.where(values.dt.year.between(*_YEARS))


def _dates_in(text: pd.Series) -> tuple[pd.Series, str]:
    """Text as dates where it is dates; else as it came."""
    words = pd.Series(text.dropna().unique(), dtype="object")
    years = words.str.extract(_YEAR)[0].astype("float64")
    words = words[years.isna() | years.between(*_YEARS)]
    cells = words.str.replace(_BEHIND, "", regex=True).to_numpy()
    for forms in _FORMATS:
        reads = [
            form for form in forms if _share_read(cells[:_TRIED_FIRST], form) > _LEAST_DATES / 2
        ]
        reads = [form for form in reads if _share_read(cells, form) >= _LEAST_DATES]
        if len(reads) > 1:
            best = [form for form in reads if _share_read(cells, form) == 1]
            if len(best) != 1:
                return text, "dates of which day and month cannot be told apart"
            reads = best
        if reads:
            read = pd.to_datetime(pd.Series(cells), format=reads[0], errors="coerce")
            return _dates(
                text.map(dict(zip(words, read, strict=True))).astype("datetime64[us]")
            ), ""
    return text, ""


def _share_read(cells: np.ndarray, form: str) -> float:
    if len(cells) < 2:
        return 0.0
    return float(pd.to_datetime(pd.Series(cells), format=form, errors="coerce").notna().mean())


def in_words(read: Readable) -> str:
    """The columns that were left out, by reason; empty where none was.

    >>> in_words(readable(pd.DataFrame({"plan": ["a", "a"], "note": [None, None], "of": [1, 1]})))
    'of and plan (never varies), note (empty)'
    """
    by_reason: dict[str, list[str]] = {}
    for name, reason in sorted(read.left_out.items()):
        by_reason.setdefault(reason, []).append(name)
    ordered = sorted(by_reason.items(), key=lambda each: -len(each[1]))
    return ", ".join(f"{_listed(names)} ({reason})" for reason, names in ordered)


def remarks(read: Readable) -> list[str]:
    """Sentences on what was left out and on dates; none where every column is as it came."""
    said = [f"No model reads these columns: {in_words(read)}."] if read.left_out else []
    if read.dates:
        said.append(
            f"Dates are read as months before {read.newest:%Y-%m-%d}, the newest of them: "
            f"{', '.join(read.dates)}."
        )
    return said


def _listed(names: list[str]) -> str:
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last
