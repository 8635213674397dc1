"""Customers by number while the calendar of a base is read: four bytes a row, and no text."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from src.data.cells.packed import is_packed, looked_up

_TABLES = ("billing", "customers", "usage")  # whose rows the calendar tells apart by customer


def numbered(frames: Mapping[str, pd.DataFrame]) -> tuple[dict[str, pd.DataFrame], pd.Index]:
    """`frames` with a number in place of each `customer_id`, and the identifiers by number."""
    tables = [table for table in _TABLES if table in frames]
    words = {table: _words(frames[table]["customer_id"]) for table in tables}
    ids = pd.Index(pd.unique(np.concatenate(list(words.values()))), dtype="object")
    found = dict(frames)
    for table in tables:
        customer = frames[table]["customer_id"]
        number = ids.get_indexer(words[table] if is_packed(customer) else customer)
        if is_packed(customer):
            codes = customer.cat.codes.to_numpy()
            is_same = (number == np.arange(len(number))).all()
            number = codes if is_same else looked_up(number.astype("int32"), codes)
        found[table] = _with_customers(frames[table], number)
    return found, ids


def with_ids(
    frames: Mapping[str, pd.DataFrame],
    ids: pd.Index,
    before: Mapping[str, pd.DataFrame],
    like: Mapping[str, pd.DataFrame],
) -> dict[str, pd.DataFrame]:
    """`frames` with the identifiers of these numbers, packed where they are in `like`.

    `before` are the numbered ones of `like`: where a table is the same still, it is that of `like`.
    """
    found = dict(frames)
    for table in _TABLES:
        if table in frames and frames[table] is before[table]:
            found[table] = like[table]
        elif table in frames:
            number = frames[table]["customer_id"].to_numpy()
            if is_packed(like[table]["customer_id"]):
                customers = pd.Categorical.from_codes(number, ids)
            else:
                customers = ids.to_numpy()[number]
            found[table] = _with_customers(frames[table], customers)
    return found


def _words(customer: pd.Series) -> np.ndarray:
    if is_packed(customer):
        return customer.cat.categories.to_numpy()
    return customer.unique()


def _with_customers(frame: pd.DataFrame, customers: np.ndarray | pd.Categorical) -> pd.DataFrame:
    columns = {**frame, "customer_id": customers}
    return pd.DataFrame(columns, index=frame.index, copy=False)
