"""Raw cells into the types of the contract: numbers, flags, dates, months, text."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from src.data.cells.contacts import email_key, phone_key
from src.data.cells.mapped import is_one_step
from src.data.cells.numbers import read_numbers, same_number, shows_decimals
from src.data.cells.packed import (
    expanded,
    is_all_text,
    is_packed,
    once,
    packed_of,
    taken_down,
    words_of,
)
from src.data.contracts import FIRST_DATE, LAST_DATE, Kind

MISSING = ("", "NA", "N/A", "NULL", "null", "NaN", "nan", "None")
LONGEST_CELL = 10_000
_TRUE = {"true", "yes", "y", "t", "1", "1.0"}
_FALSE = {"false", "no", "n", "f", "0", "0.0"}
_ISO_DATE = r"\d{4}-\d{2}(-\d{2}([ T].*)?)?"
_DAY_ZERO = pd.Timestamp("1899-12-30")  # of spreadsheets


def clean(values: pd.Series, missing: Sequence[str] = (), decimal: str = ".") -> pd.Series:
    """Text cells without outer blanks, with markers of absence turned into missing values.

    Cells that already have a type (numbers, dates from Parquet, Excel or a database) pass, unless
    they read like one of the markers in `missing`.
    """
    values = taken_down(expanded(values))
    if not is_text(values):
        return values.mask(meets(as_text(values), missing, decimal)) if missing else values
    absent = set(MISSING)

    def read(cell: object) -> object:
        text = cell.strip() if isinstance(cell, str) else cell
        return None if str(text) in absent else text

    def clean_text(values: pd.Series) -> pd.Series:
        if missing:
            values = values.mask(meets(values.map(str).str.strip(), missing, decimal), None)
        # Built from a list: `Series.map` would turn whole numbers with gaps into rounded floats.
        cells = [read(cell) for cell in values]
        return pd.Series(cells, values.index, dtype="object", name=values.name)

    return once(clean_text, values)


def meets(cells: pd.Series, words: Iterable[str], decimal: str = ".") -> pd.Series:
    """Which cells of text are one of `words`; numbers match however they are written.

    >>> meets(pd.Series(["-1", "-1.0", "x", "01"]), ["-1.00", "1"]).tolist()
    [True, True, False, False]
    """
    return word_of(cells, words, decimal).notna()


def word_of(cells: pd.Series, words: Iterable[str], decimal: str = ".") -> pd.Series:
    """For each cell of text the one of `words` that it is; missing where it is none.

    The text itself goes first, then numbers by their value (codes such as `01` by their text
    alone), and `true` and `false` in any case.
    """
    words = list(words)
    numbers = {word: same_number(word, decimal) for word in words}
    by_number = {number: word for word, number in numbers.items() if number is not None}
    flags = {word: word for word in words if word in ("true", "false")}

    def word(cell: str) -> str | None:
        number = same_number(cell, decimal) if by_number else None
        return by_number.get(number) if number is not None else flags.get(cell.lower())

    def met(texts: pd.Series) -> pd.Series:
        distinct = texts.dropna().unique()
        meant = {cell: cell if cell in words else word(cell) for cell in distinct}
        return texts.map(meant).astype("object")

    return once(met, cells)


def replace_values(values: pd.Series, mapping: Mapping[str, Any], decimal: str = ".") -> pd.Series:
    """Replace the cells that `mapping` names (see `word_of`); leave the others alone.

    >>> replace_values(pd.Series(["J", "N", "?"]), {"J": "yes", "N": "no"}).tolist()
    ['yes', 'no', '?']
    """
    values = expanded(values)
    words = word_of(as_text(values), mapping, decimal)
    return values.astype("object").mask(words.notna(), words.map(dict(mapping)))


def as_text(values: pd.Series) -> pd.Series:
    """Cells as text; whole numbers without a decimal point, missing cells stay missing.

    Packed text stays packed.

    >>> as_text(pd.Series([1.0, 2.0, None])).tolist()
    ['1', '2', None]
    """
    if is_packed(values):
        return values
    present = values.notna()
    if is_all_text(values):
        return values.astype("object").where(present, None)
    text = values.astype("object").map(_written, na_action="ignore").astype("object")
    return text.where(present, None)


def convert(
    values: pd.Series, kind: Kind, decimal: str = ".", thousands: str = "", dates: str = ""
) -> tuple[pd.Series, pd.Series, str]:
    """Cells as the contract's `kind`, which cells could not be read, and the rule they broke.

    Parameters: `decimal` and `thousands` are the marks inside numbers; `dates` is a strptime
    format, ISO 8601 (`2024-01-31`, `2024-01`) when empty. They say how text is read: cells that
    are numbers or dates already keep their value. Moments with a time zone become UTC. Cells that
    cannot be read come back missing and True in the second series; contacts are personal, and
    such cells come back missing only: no rule quotes them.
    """
    if kind in ("id", "text"):
        return as_text(values), pd.Series(False, values.index), ""
    if kind in ("phone", "email"):
        key = phone_key if kind == "phone" else email_key
        # From a list: an empty column would come out of `map` as floats.
        found = once(lambda cells: _keys(cells, key), as_text(values))
        return found, pd.Series(False, values.index), ""
    if kind == "number":
        shows_mark = _shows_decimals(values, decimal, thousands)
        read = partial(_numbers, decimal=decimal, thousands=thousands, shows_mark=shows_mark)
        result = once(read, values)
        rule = f"must be a number (decimal mark {decimal!r})"
    elif kind == "flag":
        result = once(_flags, values)
        rule = "must be yes or no (also true/false, 1/0); name other words under `values`"
    else:
        result = once(partial(_dates, form=dates, is_month=kind == "month"), values)
        rule = (
            f"must be a date from {FIRST_DATE:%Y} to {LAST_DATE:%Y} written as "
            f"{dates or 'YYYY-MM-DD'}; name another form under `dates`, or a word for "
            "an empty cell under `missing`"
        )
    unread = values.notna() & result.isna()
    if kind == "flag" and result.notna().all():
        result = result.astype("bool")
    return result, unread, rule


def dates_of_day_numbers(values: pd.Series) -> pd.Series:
    """The cells that hold the day number of a spreadsheet (45292 is 2024-01-01), as dates.

    Only whole numbers of five digits that lie between 1970 and 2100; other cells are left out.
    """
    text = as_text(values)
    days = pd.to_numeric(text[text.str.fullmatch(r"\d{5}", na=False).astype("bool")])
    dates = _DAY_ZERO + pd.to_timedelta(days, unit="D")
    return dates[dates.between(FIRST_DATE, LAST_DATE)].astype("datetime64[ns]")


def too_long(values: pd.Series) -> pd.Series:
    """The cells longer than any honest value; a log or a document pasted into one cell."""
    if not is_text(values):
        return values.iloc[:0]

    def is_long(cells: pd.Series) -> pd.Series:
        long = cells.map(lambda cell: isinstance(cell, str) and len(cell) > LONGEST_CELL)
        return long.astype("bool")

    return values[once(is_long, values)]


def is_text(values: pd.Series) -> bool:
    """Whether a column holds text, or cells of several types."""
    is_object = pd.api.types.is_object_dtype(values)
    return is_object or is_packed(values) or pd.api.types.is_string_dtype(values)


def _shows_decimals(values: pd.Series, decimal: str, thousands: str) -> bool:
    """Whether a word shows the decimal mark, where words are read some at a time."""
    if not is_packed(values) or is_one_step(len(packed_of(values).words)):
        return False
    return any(shows_decimals(words, decimal, thousands) for words in words_of(values))


def _numbers(values: pd.Series, decimal: str, thousands: str, shows_mark: bool) -> pd.Series:
    if pd.api.types.is_bool_dtype(values) or pd.api.types.is_datetime64_any_dtype(values):
        return pd.Series(np.nan, values.index)
    if is_text(values):
        return read_numbers(values, decimal, thousands, shows_mark)
    numbers = pd.to_numeric(values, errors="coerce").astype("float64")
    return numbers.where(np.isfinite(numbers))


def _keys(cells: pd.Series, key: Callable[[str], str | None]) -> pd.Series:
    found = [key(cell) if isinstance(cell, str) else None for cell in cells]
    return pd.Series(found, cells.index, dtype="object", name=cells.name)


def _written(cell: object) -> str:
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 2**53:
        return str(int(cell))
    return str(cell)


def _flags(values: pd.Series) -> pd.Series:
    words = as_text(values).str.lower()
    flags = pd.Series(pd.NA, values.index, dtype="boolean")
    return flags.mask(words.isin(_TRUE), True).mask(words.isin(_FALSE), False)


def _dates(values: pd.Series, form: str, is_month: bool) -> pd.Series:
    dates = _days(values, form)
    return dates.dt.to_period("M").dt.to_timestamp() if is_month else dates


def _days(values: pd.Series, form: str) -> pd.Series:
    if pd.api.types.is_datetime64_any_dtype(values):
        naive = values.dt.tz_convert(None) if values.dt.tz is not None else values
        return naive.where(naive.between(pd.Timestamp.min, pd.Timestamp.max)).astype(
            "datetime64[ns]"
        )
    is_typed = values.map(lambda cell: isinstance(cell, date)).astype("bool")
    text = as_text(values)
    is_iso = text.str.fullmatch(_ISO_DATE, na=False).astype("bool") & (is_typed | (form == ""))
    parsed = pd.to_datetime(text.where(is_iso), format="ISO8601", errors="coerce", utc=True)
    if form:
        declared = pd.to_datetime(text.where(~is_typed), format=form, errors="coerce", utc=True)
        parsed = parsed.fillna(declared)
    return parsed.dt.tz_localize(None).astype("datetime64[ns]")
