"""Quarters and halves of a year where months are expected: `2024Q1`, `Q1/2024`, `2024-H2`."""

from __future__ import annotations

import pandas as pd

from src.data.cells.conversion import as_text
from src.data.cells.packed import expanded

_MONTHS = {"Q": 3, "H": 6}
_FORMS = (
    r"(?P<year>\d{4})[ /_-]?(?P<part>[QH])(?P<number>\d)",
    r"(?P<part>[QH])(?P<number>\d)[ /_-]?(?P<year>\d{4})",
)


def first_months(cells: pd.Series) -> pd.Series | None:
    """The first month of each quarter, or half; None where a filled cell is no such period.

    >>> first_months(pd.Series(["2024Q1", "2024Q3"])).dt.strftime("%Y-%m").tolist()
    ['2024-01', '2024-07']
    """
    text = as_text(expanded(cells.dropna())).str.strip().str.upper()
    for form in _FORMS:
        if not text.str.fullmatch(form).all():
            continue
        found = text.str.extract(form)
        parts = found["part"].unique()
        if len(parts) != 1:
            return None
        months = _MONTHS[parts[0]]
        number = found["number"].astype("int64")
        if not number.between(1, 12 // months).all():
            return None
        names = found["year"] + "-" + (1 + months * (number - 1)).astype(str)
        dates = pd.to_datetime(names, format="%Y-%m", errors="coerce")
        return dates.reindex(cells.index) if dates.notna().all() else None
    return None
