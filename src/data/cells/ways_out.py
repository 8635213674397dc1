"""The line to write into base.yml for cells that could not be read."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from itertools import product

import pandas as pd

from src.data.cells.attributes import DATE_FORMS, WORDS_FOR_A_GAP
from src.data.cells.conversion import as_text, convert
from src.data.cells.packed import expanded
from src.data.contracts import Kind
from src.data.lines import one_line

_MONTH_FORMS = ("%m.%Y", "%m/%Y", "%m-%Y", "%Y/%m", "%Y.%m", "%Y_%m", "%Y%m", "%b %Y", "%b-%Y")
_FORMS = (*DATE_FORMS, *_MONTH_FORMS, "%Y%m%d", "%d %b %Y", "%d-%b-%Y", "%b %d, %Y", "%d.%m.%y")
_SHOWN = 4
_LABELS = 8
_LOOKED_AT = 500
_FEW = 0.05  # of the different cells that another form may leave unread


def way_out(cells: pd.Series, kind: Kind, table: str, column: str, decimal: str) -> str:
    """What to write under `tables` for these unread cells, '' where nothing is known."""
    text = expanded(as_text(cells).dropna().drop_duplicates().head(_LOOKED_AT))
    if text.str.lower().isin(WORDS_FOR_A_GAP).all():
        line = one_line({"missing": list(text.unique()[:_SHOWN])})
    elif kind == "flag":
        read = convert(text, kind)[0]
        said = read.map({True: "yes", False: "no"}).fillna("...")
        words = dict(zip(text, said, strict=True))
        words = dict(sorted(words.items(), key=lambda item: item[1] == "...")[:_LABELS])
        line = one_line({"values": {column: words}})
    else:
        line = _marks(text, decimal)
    return f"; write under tables.{table}: `{line}`" if line else ""


def date_lines(
    unread: Mapping[str, pd.Series], read: Collection[str], declared: str | Mapping[str, str]
) -> str:
    """What to write for the unread cells of these date columns, '' where no form reads one.

    One form for all of the table where each can be of it; otherwise a form per column, where those
    that are `read` keep the form that is declared.
    """
    forms = {}
    for column, cells in unread.items():
        text = expanded(as_text(cells).dropna().drop_duplicates().head(_LOOKED_AT))
        if text.str.lower().isin(WORDS_FOR_A_GAP).all():
            return one_line({"missing": list(text.unique()[:_SHOWN])})
        missed = {form: int(convert(text, "date", dates=form)[1].sum()) for form in _FORMS}
        fewest = min(missed.values())
        if fewest <= _FEW * len(text):  # those that are left are told once the others are read
            forms[column] = [form for form in _FORMS if missed[form] == fewest]
    if not forms:
        return ""
    common = [form for form in next(iter(forms.values())) if all(form in f for f in forms.values())]
    if common and not read and len(forms) == len(unread) and isinstance(declared, str):
        return "` or `".join(one_line({"dates": form}) for form in common)
    known = dict.fromkeys(read, declared) if isinstance(declared, str) else dict(declared)
    firsts = {column: found[0] for column, found in forms.items()}
    kept = {column: form for column, form in known.items() if form and column not in forms}
    unsure = next((column for column, found in forms.items() if len(found) > 1), None)
    lines = [firsts] if unsure is None else [{**firsts, unsure: form} for form in forms[unsure]]
    return "` or `".join(one_line({"dates": {**kept, **line}}) for line in lines)


def _marks(text: pd.Series, decimal: str) -> str:
    """Other marks of numbers that read the cells, but for a few."""
    others = product("," if decimal == "." else ".", ("", " ", ".", ",", "'"))
    missed = {
        (mark, thousands): float(convert(text, "number", mark, thousands)[1].mean())
        for mark, thousands in others
        if mark != thousands
    }
    mark, thousands = min(missed, key=lambda marks: missed[marks])
    if missed[mark, thousands] > _FEW:
        return ""
    marks = {"decimal": mark} | ({"thousands": thousands} if thousands else {})
    return one_line(marks).replace("; ", "` and `")
