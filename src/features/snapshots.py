"""Snapshots: at which months a model may look, learn and be judged."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd

from src.data.problems import InputError
from src.features.lifecycle import labels


@dataclass(frozen=True)
class Horizon:
    """How far ahead a list looks: `gap` months to act, then `months` in which an exit counts."""

    months: int
    gap: int = 0

    @property
    def reach(self) -> int:
        """Months from the snapshot to the last month that counts."""
        return self.gap + self.months


# A company's exit is slow and its rescue takes months; a private customer leaves at once.
HORIZONS = {"B2C": Horizon(months=3, gap=0), "B2B": Horizon(months=6, gap=1)}


def usable(
    snapshots: Iterable[pd.Timestamp], horizon: Horizon, follow_up: pd.Timestamp
) -> list[pd.Timestamp]:
    """The snapshots whose label months all lie within follow-up, in order.

    Raises `InputError` when there is none.

    >>> months = pd.date_range("2024-01-01", "2024-12-01", freq="MS")
    >>> usable(months, Horizon(3), pd.Timestamp("2024-05-01"))[-1]
    Timestamp('2024-02-01 00:00:00')
    """
    latest = follow_up - pd.DateOffset(months=horizon.reach)
    found = sorted(at for at in snapshots if at <= latest)
    if not found:
        raise InputError(
            f"no snapshot can be labelled: a gap of {horizon.gap} and a horizon of "
            f"{horizon.months} months need snapshots up to {latest:%Y-%m}, as exits are known up "
            f"to {follow_up:%Y-%m}"
        )
    return found


def training_snapshots(
    snapshots: Iterable[pd.Timestamp], test: pd.Timestamp, horizon: Horizon
) -> list[pd.Timestamp]:
    """The snapshots a model for `test` may learn from: their label months are over by then.

    A snapshot s is kept when s + gap + horizon <= test, so no label was still open on the day the
    model is used (the embargo). Raises `InputError` when none is left.
    """
    latest = test - pd.DateOffset(months=horizon.reach)
    found = sorted(at for at in snapshots if at <= latest)
    if not found:
        raise InputError(
            f"nothing to learn from: a model for {test:%Y-%m} with a gap of {horizon.gap} and a "
            f"horizon of {horizon.months} months needs a snapshot of {latest:%Y-%m} or before"
        )
    return found


def labelled(
    features: pd.DataFrame, lives: pd.DataFrame, horizon: Horizon, follow_up: pd.Timestamp
) -> pd.DataFrame:
    """The rows of feature tables whose customer is eligible, with the column `churned` (bool).

    `features` has `customer_id` and `snapshot`; `lives` comes from `src.features.lifecycle.lives`.
    Rows keep their order. Customers who look alive at the snapshot but had already left, as later
    months show, or leave within the gap, are not eligible and drop out.
    """
    parts = [
        labels(lives, at, horizon.gap, horizon.months, follow_up)
        for at in features["snapshot"].unique()
    ]
    return features.merge(pd.concat(parts), on=["customer_id", "snapshot"], how="inner")


def watched_ahead(features: pd.DataFrame, lives: pd.DataFrame, until: pd.Timestamp) -> pd.DataFrame:
    """The rows of feature tables with what was seen of their lives up to month `until`.

    Adds `months_left`, months from the snapshot to the month the life ended, missing when it had
    not by `until`, and `watched`, months from the snapshot to `until`. Keeps customers alive at the
    end of their snapshot and snapshots before `until`, which is at most the end of follow-up.
    """
    found = lives[["customer_id", "start", "end"]]
    rows = features[features["snapshot"] < until].merge(found, on="customer_id")
    is_alive = (rows["start"] <= rows["snapshot"]) & ~(rows["end"] <= rows["snapshot"])
    rows = rows[is_alive].reset_index(drop=True)
    end = rows["end"].where(rows["end"] <= until)
    number = rows["snapshot"].dt.year * 12 + rows["snapshot"].dt.month
    rows["months_left"] = end.dt.year * 12 + end.dt.month - number
    rows["watched"] = until.year * 12 + until.month - number
    return rows.drop(columns=["start", "end"])
