"""Proof on the base itself that features do not read the future: take it away and look."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from src.data.bases import Base
from src.features.catalogue import KEY
from src.features.known import DATED_BY
from src.features.months import Month
from src.features.tables import build_features


def moved_cells(base: Base, features: pd.DataFrame, snapshot: pd.Timestamp) -> pd.DataFrame:
    """Cells of the feature table that change when all that came after the snapshot is deleted.

    Builds the features of `snapshot` again from copies of the tables without later rows, closings
    and ends, and compares them with `features`, the table as it is in use. Returns `feature`,
    `cells`, only features with a changed cell; empty is the proof. A customer who is in one table
    only counts once, under `customer_id`. What a single load cannot show are columns rewritten in
    place (see `src.features.leaks.changed_attributes`).
    """
    at = Month.of(snapshot)
    with tempfile.TemporaryDirectory() as folder:
        tables = Path(folder) / "tables"
        tables.mkdir()
        rows = {}
        for name in base.rows:
            kept = _without_future(name, base.table(name), at)
            kept.to_parquet(tables / f"{name}.parquet", index=False)
            rows[name] = len(kept)
        past = replace(base, folder=Path(folder), rows=rows)
        again = build_features(past, snapshots=[at]).read()
    now = features[features["snapshot"] == snapshot].set_index(KEY)
    again = again.set_index(KEY)
    both = now.index.intersection(again.index)
    found = {KEY: len(now.index.symmetric_difference(again.index))}
    for column in now.columns.union(again.columns):
        if column not in now or column not in again:
            found[column] = len(both)
            continue
        found[column] = int((~_equal(now.loc[both, column], again.loc[both, column])).sum())
    moved = [(name, cells) for name, cells in found.items() if cells]
    return pd.DataFrame(moved, columns=["feature", "cells"])


def _equal(old: pd.Series, new: pd.Series) -> np.ndarray:
    """Which cells are the same; sums in another order may differ in the last digits."""
    if pd.api.types.is_numeric_dtype(old) and pd.api.types.is_numeric_dtype(new):
        return np.isclose(old, new, rtol=1e-12, atol=1e-12, equal_nan=True)
    old, new = old.astype("object"), new.astype("object")
    return np.asarray((old == new) | (old.isna() & new.isna()))


def _without_future(name: str, table: pd.DataFrame, at: Month) -> pd.DataFrame:
    end = pd.Timestamp(at.end)
    if name in DATED_BY:
        table = table[table[DATED_BY[name]] < end]
    if name == "customers" and "closed_month" in table:
        return table.assign(closed_month=table["closed_month"].where(table["closed_month"] < end))
    if name in ("lines", "holdings") and "end_month" in table:
        return table.assign(end_month=table["end_month"].where(table["end_month"] < end))
    return table
