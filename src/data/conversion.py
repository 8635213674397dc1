"""Raw cells into the types of the contract: numbers, flags, dates, months, text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd

from src.data.contracts import FIRST_DATE, LAST_DATE, Kind

MISSING = ("", "NA", "N/A", "NULL", "null", "NaN", "nan", "None")
LONGEST_CELL = 10_000
_TRUE = {"true", "yes", "y", "t", "1", "1.0"}
_FALSE = {"false", "no", "n", "f", "0", "0.0"}
_ISO_DATE = r"\d{4}-\d{2}(-\d{2}([ T].*)?)?"
_CODE = r"0\d|\d{16,}$"
_NUMBER = r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?"


def clean(values: pd.Series, missing: Sequence[str] = ()) -> pd.Series:
    """Text cells without outer blanks, with markers of absence turned into missing values.

    Cells that already have a type (numbers, dates from Parquet, Excel or a database) pass, unless
    they read like one of the markers in `missing`.
    """
    if isinstance(values.dtype, pd.CategoricalDtype):
        values = values.astype("object").infer_objects()
    if not _is_text(values):
        return values.mask(as_text(values).isin(missing)) if missing else values
    absent = {*MISSING, *missing}

    def read(cell: object) -> object:
        text = cell.strip() if isinstance(cell, str) else cell
        return None if str(text) in absent else text

    # Built from a list: `Series.map` would turn whole numbers with gaps into rounded floats.
    cells = [read(cell) for cell in values]
    return pd.Series(cells, values.index, dtype="object", name=values.name)


def replace_values(values: pd.Series, mapping: Mapping[str, Any]) -> pd.Series:
    """Replace the cells that `mapping` names, compared as text; leave the others alone.

    >>> replace_values(pd.Series(["J", "N", "?"]), {"J": "yes", "N": "no"}).tolist()
    ['yes', 'no', '?']
    """
    keys = as_text(values)
    return values.astype("object").mask(keys.isin(list(mapping)), keys.map(dict(mapping)))


def as_text(values: pd.Series) -> pd.Series:
    """Cells as text; whole numbers without a decimal point, missing cells stay missing.

    >>> as_text(pd.Series([1.0, 2.0, None])).tolist()
    ['1', '2', None]
    """
    present = values.notna()
    text = values.astype("object").map(_written, na_action="ignore").astype("object")
    return text.where(present, None)


def convert(
    values: pd.Series, kind: Kind, decimal: str = ".", thousands: str = "", dates: str = ""
) -> tuple[pd.Series, pd.Series, str]:
    """Cells as the contract's `kind`, which cells could not be read, and the rule they broke.

    Parameters: `decimal` and `thousands` are the marks inside numbers; `dates` is a strptime
    format, ISO 8601 (`2024-01-31`, `2024-01`) when empty. They say how text is read: cells that
    are numbers or dates already keep their value. Moments with a time zone become UTC. Cells that
    cannot be read come back missing and True in the second series.
    """
    if kind in ("id", "text"):
        return as_text(values), pd.Series(False, values.index), ""
    if kind == "number":
        result = _numbers(values, decimal, thousands)
        rule = f"must be a number (decimal mark {decimal!r})"
    elif kind == "flag":
        result = _flags(values)
        rule = "must be yes or no (also true/false, 1/0); name other words under `values`"
    else:
        result = _dates(values, dates)
        rule = (
            f"must be a date from {FIRST_DATE:%Y} to {LAST_DATE:%Y} written as "
            f"{dates or 'YYYY-MM-DD'}; name another form under `dates`, or a word for "
            "an empty cell under `missing`"
        )
        if kind == "month":
            result = result.dt.to_period("M").dt.to_timestamp()
    unread = values.notna() & result.isna()
    if kind == "flag" and result.notna().all():
        result = result.astype("bool")
    return result, unread, rule


def attribute(values: pd.Series, decimal: str = ".", thousands: str = "") -> pd.Series:
    """A column outside the contract: numbers when every cell is one, otherwise text.

    Numbers with leading zeros (`007`), or with more digits than a float holds, are codes and stay
    text.
    """
    values = values.infer_objects()
    if pd.api.types.is_bool_dtype(values):
        return values
    if pd.api.types.is_datetime64_any_dtype(values):
        dates = _dates(values, "")
        return as_text(values) if (dates.isna() & values.notna()).any() else dates
    text = as_text(values)
    is_code = text.str.match(_CODE, na=False).any() and _is_text(values)
    numbers = _numbers(values, decimal, thousands)
    return text if is_code or (numbers.isna() & values.notna()).any() else numbers


def too_long(values: pd.Series) -> pd.Series:
    """The cells longer than any honest value; a log or a document pasted into one cell."""
    is_long = values.map(lambda cell: isinstance(cell, str) and len(cell) > LONGEST_CELL)
    return values[is_long.astype("bool")] if _is_text(values) else values.iloc[:0]


def _is_text(values: pd.Series) -> bool:
    return pd.api.types.is_object_dtype(values) or pd.api.types.is_string_dtype(values)


def _numbers(values: pd.Series, decimal: str, thousands: str) -> pd.Series:
    if pd.api.types.is_bool_dtype(values) or pd.api.types.is_datetime64_any_dtype(values):
        return pd.Series(np.nan, values.index)
    if not _is_text(values):
        numbers = pd.to_numeric(values, errors="coerce").astype("float64")
        return numbers.where(np.isfinite(numbers))
    is_typed = values.map(_is_number).astype("bool")
    text = as_text(values.mask(is_typed)).astype("string")
    if thousands:
        # A space also stands for the no-break spaces that spreadsheets write.
        marks = r"[ \u00a0\u202f]" if thousands == " " else f"[{thousands}]"
        text = text.str.replace(marks, "", regex=True)
    if decimal != ".":
        has_other_mark = text.str.contains(".", regex=False, na=False)
        text = text.str.replace(decimal, ".", regex=False).mask(has_other_mark)
    text = text.where(text.str.fullmatch(_NUMBER, na=False).astype("bool"))
    numbers = pd.to_numeric(text, errors="coerce").astype("float64")
    numbers = numbers.mask(is_typed, pd.to_numeric(values.where(is_typed), errors="coerce"))
    return numbers.where(np.isfinite(numbers))


def _written(cell: object) -> str:
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 2**53:
        return str(int(cell))
    return str(cell)


def _is_number(cell: object) -> bool:
    return isinstance(cell, (int, float, Decimal, np.number)) and not isinstance(cell, bool)


def _flags(values: pd.Series) -> pd.Series:
    words = as_text(values).str.lower()
    flags = pd.Series(pd.NA, values.index, dtype="boolean")
    return flags.mask(words.isin(_TRUE), True).mask(words.isin(_FALSE), False)


def _dates(values: pd.Series, form: str) -> pd.Series:
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
