"""The line to write into base.yml for cells that could not be read."""

from __future__ import annotations

from itertools import product

import pandas as pd

from src.data.cells.attributes import DATE_FORMS, WORDS_FOR_A_GAP
from src.data.cells.conversion import as_text, convert
from src.data.contracts import Kind
from src.data.lines import one_line

_MONTH_FORMS = ("%m.%Y", "%m/%Y", "%m-%Y", "%Y/%m", "%Y.%m", "%Y_%m", "%Y%m", "%b %Y", "%b-%Y")
_FORMS = (*DATE_FORMS, *_MONTH_FORMS, "%Y%m%d", "%d %b %Y", "%d-%b-%Y", "%b %d, %Y", "%d.%m.%y")
_SHOWN = 4
_LABELS = 8
_LOOKED_AT = 500


def way_out(cells: pd.Series, kind: Kind, table: str, column: str, decimal: str) -> str:
    """What to write under `tables` for these unread cells, '' where nothing is known."""
    text = as_text(cells).dropna().drop_duplicates().head(_LOOKED_AT)
    if text.str.lower().isin(WORDS_FOR_A_GAP).all():
        line = one_line({"missing": list(text.unique()[:_SHOWN])})
    elif kind == "flag":
        read = convert(text, kind)[0]
        said = read.map({True: "yes", False: "no"}).fillna("...")
        words = dict(zip(text, said, strict=True))
        words = dict(sorted(words.items(), key=lambda item: item[1] == "...")[:_LABELS])
        line = one_line({"values": {column: words}})
    elif kind in ("date", "month"):
        forms = [form for form in _FORMS if not convert(text, kind, dates=form)[1].any()]
        line = " or ".join(one_line({"dates": form}) for form in forms)
    else:
        line = _marks(text, decimal)
    return f"; write under tables.{table}: `{line}`" if line else ""


def _marks(text: pd.Series, decimal: str) -> str:
    """Other marks of numbers that read every cell."""
    others = product("," if decimal == "." else ".", ("", " ", ".", ",", "'"))
    for mark, thousands in others:
        if mark != thousands and not convert(text, "number", mark, thousands)[1].any():
            marks = {"decimal": mark} | ({"thousands": thousands} if thousands else {})
            return one_line(marks).replace("; ", "` and `")
    return ""
