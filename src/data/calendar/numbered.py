"""Customers by number while the calendar of a base is read: four bytes a row, and no text."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
import pyarrow as pa

from src.data.cells.packed import is_packed, looked_up, packed_of
from src.data.cells.words import Packed, as_objects

_TABLES = ("billing", "customers", "usage")  # whose rows the calendar tells apart by customer


def numbered(
    frames: Mapping[str, pd.DataFrame],
) -> tuple[dict[str, pd.DataFrame], pa.LargeStringArray]:
    """`frames` with a number in place of each `customer_id`, and the identifiers by number."""
    columns = {table: frames[table]["customer_id"] for table in _TABLES if table in frames}
    words = [_words(customer) for customer in columns.values()]
    encoded = pa.concat_arrays(words).dictionary_encode()
    places, found, start = encoded.indices.to_numpy(), dict(frames), 0
    for (table, customer), distinct in zip(columns.items(), words, strict=True):
        number = places[start : start + len(distinct)]
        start += len(distinct)
        is_same = (number == np.arange(len(number))).all()
        codes = packed_of(customer).codes if is_packed(customer) else pd.factorize(customer)[0]
        cells = codes if is_same else looked_up(number.astype("int32"), codes)
        found[table] = _with_customers(frames[table], cells)
    return found, encoded.dictionary


def with_ids(
    frames: Mapping[str, pd.DataFrame],
    ids: pa.LargeStringArray,
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
            is_text = not is_packed(like[table]["customer_id"])
            customers = as_objects(ids)[number] if is_text else Packed.of(ids, number)
            found[table] = _with_customers(frames[table], customers)
    return found


def _words(customer: pd.Series) -> pa.LargeStringArray:
    distinct = packed_of(customer).words if is_packed(customer) else customer.unique()
    return pa.array(distinct, pa.large_string())


def _with_customers(frame: pd.DataFrame, customers: np.ndarray | Packed) -> pd.DataFrame:
    columns = {**frame, "customer_id": customers}
    return pd.DataFrame(columns, index=frame.index, copy=False)
