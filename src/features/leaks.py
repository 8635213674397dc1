"""Checks that features know nothing of what came after their snapshot."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from src.data.problems import InputError
from src.features.catalogue import KEY
from src.features.months import Month

LATEST = "latest_source"


def later_rows(features: pd.DataFrame) -> pd.DataFrame:
    """The rows of feature tables that read a record dated after the end of their snapshot's month.

    Reads `snapshot` and `latest_source`, the latest month among the records of the row.
    """
    return features[features[LATEST] > features["snapshot"]]


def refuse_later_rows(path: Path, at: Month) -> None:
    """Raise `InputError` when the table at `path` read a record dated after the month `at`."""
    latest = pd.read_parquet(path, columns=[LATEST])[LATEST]
    later = latest[latest > at.number]
    if len(later):
        raise InputError(
            f"the features of {at.text} were refused, nothing was written: of {len(later):,} of "
            f"{len(latest):,} customers a record dated after that month was read, the latest in "
            f"{Month(int(later.max())).text}"
        )


def changed_attributes(
    earlier: pd.DataFrame, later: pd.DataFrame, known_at: pd.Timestamp | None = None
) -> pd.DataFrame:
    """Static attributes that were rewritten between two loads of customers: they are "as of today".

    `earlier` and `later` are the table customers of two loads. Customers of both are compared; with
    `known_at`, only those whose `signup_month` is that month or before. Returns `column`,
    `customers` (compared), `changed`, `share`, the most changed first, only columns with a change.
    Such a column holds the value of the day of the load, so a model of a past month learns from
    its future. A value that was filled in where the earlier load had none counts as changed.

    Raises `InputError` when the loads have no customer in common.

    >>> before = pd.DataFrame({"customer_id": ["a", "b"], "tariff": ["S", "M"]})
    >>> after = pd.DataFrame({"customer_id": ["a", "b"], "tariff": ["S", "cancelled"]})
    >>> changed_attributes(before, after)["column"].tolist()
    ['tariff']
    """
    if known_at is not None and "signup_month" in earlier:
        earlier = earlier[earlier["signup_month"] <= known_at]
    both = earlier[[KEY]].merge(later[[KEY]], on=KEY)[KEY]
    if both.empty:
        raise InputError("the two loads have no customer in common; are they hashed with one key?")
    before, after = (load.set_index(KEY).loc[both] for load in (earlier, later))
    rows = []
    for column in before.columns.intersection(after.columns):
        old, new = before[column].astype("object"), after[column].astype("object")
        changed = int((~((old == new) | (old.isna() & new.isna()))).sum())
        if changed:
            rows.append((column, len(both), changed, changed / len(both)))
    found = pd.DataFrame(rows, columns=["column", "customers", "changed", "share"])
    return found.sort_values("share", ascending=False, ignore_index=True)
