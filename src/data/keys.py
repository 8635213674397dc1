"""Keys of rows: how they are written, rows that share one, and rows of totals."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Literal

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from src.data.calendar.averages import averages
from src.data.cells.conversion import as_text
from src.data.cells.mapped import in_steps, let_go, renumbered, some_rows
from src.data.cells.packed import (
    expanded,
    is_packed,
    looked_up,
    once,
    packed_of,
    unpacked,
    words_of,
)
from src.data.contracts import REPEATED, TABLES, Column
from src.data.manifest import Source
from src.data.problems import Problem, broken_rows, shorten

LAST_ROWS = 3
_LARGEST = 2**62  # number of a key
_NO_DATE = Column("text", "a column beyond the contract")
_FEW = 0.1  # of the rows
_MOST = 0.5  # of the keys of several rows: a column that differs in more tells nothing of a key
_TOTAL = re.compile(
    r"(grand|sub)?[ -]?totals?|sum|totale|totaal|total g\u00e9n\u00e9ral|(gesamt|zwischen)?summe"
    r"|gesamt|insgesamt|summa|suma|razem|\u0438\u0442\u043e\u0433\u043e|\u0432\u0441\u0435\u0433\u043e"
    r"|average|mean|count",
    re.IGNORECASE,
)


def whole_numbers(ids: pd.Series, decimal: str = ".") -> tuple[pd.Series, str | None]:
    """Identifiers that a program wrote as floats, as whole numbers, and a remark on them.

    Only where every filled cell is a whole number and one at least has the decimals.

    >>> whole_numbers(pd.Series(["1.0", "20.0", None]))[0].tolist()
    ['1', '20', None]
    """
    zeros = rf"{re.escape(decimal)}0+$"
    whole_form = rf"\d+({zeros[:-1]})?"
    if not all(words.str.fullmatch(whole_form).all() for words in words_of(ids)):
        return ids, None
    if not any(words.str.contains(zeros, regex=True).any() for words in words_of(ids)):
        return ids, None
    filled = expanded(ids).dropna()
    is_float = filled.str.contains(zeros, regex=True)
    first = broken_rows("", "", "", filled[is_float]).examples[0]
    whole = once(lambda texts: texts.str.replace(zeros, "", regex=True), ids)
    return (
        whole,
        f"{is_float.sum():,} identifiers are written with decimals ({first}); they were cut",
    )


def total_row(frame: pd.DataFrame, table: str) -> Problem | None:
    """A row of totals among the last ones, by the word that stands for its identifier."""
    ids = [name for name, column in TABLES[table].columns.items() if column.kind == "id"]
    last = frame[[name for name in ids if name in frame]].tail(LAST_ROWS)
    for place, (row, cells) in enumerate(last.iterrows()):
        for column, cell in cells.items():
            if isinstance(cell, str) and total_row_word(cell):
                count = len(last) - place
                rule = (
                    f"row {int(str(row)) + 1:,} is a total ({shorten(cell)}); delete it, or write "
                    f"under tables.{table}: `footer_rows: {count}`"
                )
                return Problem(table, str(column), rule)
    return None


def total_row_word(cell: str) -> bool:
    """Whether a cell says that its row is a total.

    >>> total_row_word("Summe:"), total_row_word("Summers")
    (True, False)
    """
    return bool(_TOTAL.fullmatch(cell.strip(" :.")))


def repeats(
    frame: pd.DataFrame, key: Sequence[str], keep: Literal["first", False] = "first"
) -> pd.Series:
    """Which rows `frame.duplicated(key, keep)` marks; where none repeats, in a third of the memory.

    >>> repeats(pd.DataFrame({"line_id": ["a", "b", "a"]}), ["line_id"]).tolist()
    [False, False, True]
    """
    if not _has_repeats(frame, key):
        return pd.Series(False, frame.index)
    return frame.duplicated(list(key), keep=keep)


def _has_repeats(frame: pd.DataFrame, key: Sequence[str]) -> bool:
    """Whether two rows have the same key: each key as one number, in order."""
    numbers, most = np.zeros(len(frame), "int64"), 1
    for name in key:
        codes, number = _codes(frame[name])
        most *= number + 1
        if most >= _LARGEST:
            return bool(frame.duplicated(list(key)).any())
        numbers *= number + 1
        numbers += codes
        let_go(frame[name])
    numbers.sort()
    return bool((numbers[1:] == numbers[:-1]).any())


def _codes(values: pd.Series) -> tuple[np.ndarray, int]:
    """For each cell the number of those like it, -1 for a gap, and how many numbers there are."""
    if is_packed(values):
        return packed_of(values).codes, len(packed_of(values).words)
    if pd.api.types.is_datetime64_dtype(values):
        moments = np.sort(values.unique())
        cells, codes = values.to_numpy(), np.empty(len(values), "int32")
        for rows in in_steps(len(cells)):
            codes[rows] = moments.searchsorted(cells[rows])
        return codes, len(moments)
    codes, distinct = pd.factorize(values)
    return codes, len(distinct)


def without_copies(
    frame: pd.DataFrame, raw: pd.DataFrame, table: str
) -> tuple[pd.DataFrame, list[str]]:
    """`frame` without rows that are, cell by cell of the source, copies of one before them.

    Only of a key that may stand in one row; two like bills, or events, may be meant. A remark
    counts them. `raw` is the source with the index of `frame`.
    """
    key = [name for name in TABLES[table].key if name in frame]
    if not key or not {"sum", "keep"}.isdisjoint(REPEATED.get(table, ())):
        return frame, []
    rows = frame.index[repeats(frame, key, keep=False)]
    if not len(rows):
        return frame, []
    cells = pd.DataFrame({name: as_text(expanded(raw[name]).loc[rows]) for name in raw})
    copies = rows[cells.duplicated()]
    if not len(copies):
        return frame, []
    are = "row is an exact copy" if len(copies) == 1 else "rows are exact copies"
    return frame.drop(index=copies), [f"{table}: {len(copies):,} {are} of another, left out"]


def added_up(frame: pd.DataFrame, table: str, source: Source) -> tuple[pd.DataFrame, list[str]]:
    """The rows of one key as one row where base.yml says `repeated: sum` or `first`, and a remark.

    Numbers of the contract and measures are added, of averages the mean is taken, dates are the
    first of the key; another column
    keeps its value where all rows of the key agree, and is empty elsewhere; one beyond the contract
    that differs in most keys is left out. Rows keep the place and the index of their first.
    """
    key = [name for name in TABLES[table].key if name in frame]
    if source.repeated not in ("sum", "first") or not key:
        return frame, []
    is_repeated = repeats(frame, key, keep=False)
    if not is_repeated.any():
        return frame, []
    if source.repeated == "first":
        later = frame.duplicated(key)
        were = "row was" if later.sum() == 1 else "rows were"
        return frame[~later], [
            f"{table}: {later.sum():,} further {were} left out, the first of each "
            f"{' and '.join(key)} is kept, as `repeated: first` says"
        ]
    contract = TABLES[table]
    numbers = [
        name
        for name in frame
        if (
            contract.columns[name].kind == "number"
            if name in contract.columns
            else contract.needs_measure
        )
    ]
    rows = unpacked(frame[is_repeated])
    groups = rows.groupby(key, sort=False, dropna=False)
    first = rows[~rows.duplicated(key)]
    summed = groups[numbers].sum(min_count=1).set_axis(first.index)
    dates = [
        name
        for name in frame
        if name not in key and contract.columns.get(name, _NO_DATE).kind in ("date", "month")
    ]
    means = averages(numbers, source.averages) if contract.needs_measure else []
    summed[means] = groups[means].mean().set_axis(first.index)
    others = [name for name in frame if name not in (*key, *numbers, *dates)]
    whole = frame[~frame.duplicated(key)].copy()
    whole.loc[first.index, numbers] = summed
    if dates:
        whole.loc[first.index, dates] = groups[dates].min().set_axis(first.index)
    group, lost = groups.ngroup(), []
    for name in others:
        values = pd.DataFrame({"group": group, "value": rows[name]}).drop_duplicates()
        differ = values["group"][values["group"].duplicated()]
        whole[name] = expanded(whole[name]).mask(
            whole.index.isin(group.index[group.isin(differ)]), None
        )
        if name not in contract.columns and differ.nunique() > _MOST * group.nunique():
            lost.append(name)
    whole = whole.drop(columns=lost)
    count = len(frame) - len(whole)
    return whole, [
        f"{table}: {count:,} {'row was' if count == 1 else 'rows were'} added to another of the "
        f"same {' and '.join(key)}, as `repeated: sum` says"
        + (f"; left out, as they differ between such rows: {', '.join(lost)}" if lost else "")
    ]


def unknown_customers(
    frames: Mapping[str, pd.DataFrame], written: Mapping[str, pd.Series]
) -> list[Problem]:
    """Rows whose customer is not in the table customers.

    `written`: by table, the identifiers of customers as the source has them, to be quoted.
    """
    if "customer_id" not in frames.get("customers", pd.DataFrame()):
        return []
    ids = frames["customers"]["customer_id"]
    problems = []
    for table, frame in frames.items():
        if table == "customers" or "customer_id" not in frame:
            continue
        customer = frame["customer_id"]
        stray = customer[customer.notna() & ~_is_among(customer, ids)]
        if len(stray):
            rule = "is not in the table customers"
            if len(present := ids.dropna()):
                rule += f", whose ids are such as {shorten(present.iloc[0])}"
            quoted = expanded(written.get(table, stray).reindex(stray.index))
            told = broken_rows(table, "customer_id", rule, quoted)
            line = f"write under tables.{table}: `unknown_customers: drop`"
            # Where many are unknown, identifiers are written in two ways.
            remedy = f"to leave such rows out {line}" if len(stray) <= _FEW * len(frame) else ""
            problems.append(replace(told, remedy=remedy))
    return problems


def without_unknown(
    frames: dict[str, pd.DataFrame], sources: Mapping[str, Source]
) -> tuple[dict[str, pd.DataFrame], list[str]]:
    """Tables without rows of unknown customers where base.yml says so, and remarks that count them.

    A row without any customer stays: it is told as an empty cell.
    """
    if "customer_id" not in frames.get("customers", pd.DataFrame()):
        return frames, []
    ids, remarks = frames["customers"]["customer_id"], []
    for table, frame in frames.items():
        if not sources[table].unknown_customers or "customer_id" not in frame:
            continue
        customer = frame["customer_id"]
        is_known = customer.isna() | _is_among(customer, ids)
        if not is_known.all():
            count = int((~is_known).sum())
            were = "row was" if count == 1 else "rows were"
            frames = {**frames, table: renumbered(some_rows(frame, is_known.to_numpy()))}
            remarks.append(
                f"{table}: {count:,} {were} left out, whose customer is not in the table customers"
            )
    return frames, remarks


def _is_among(customer: pd.Series, ids: pd.Series) -> pd.Series:
    """Which cells are one of the identifiers."""
    if not is_packed(customer):
        return customer.isin(pd.Index(expanded(ids)))
    distinct = packed_of(ids).unique().arrow() if is_packed(ids) else ids.dropna()
    known = pa.array(distinct, pa.large_string()).drop_null()
    is_one = pc.is_in(packed_of(customer).words, value_set=known).to_numpy(zero_copy_only=False)
    cells = looked_up(np.append(is_one, False), packed_of(customer).codes)
    return pd.Series(cells, customer.index, name=customer.name, copy=False)
