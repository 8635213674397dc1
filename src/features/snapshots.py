"""Snapshots: at which months a model may look, learn and be judged."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from src.data.problems import InputError
from src.features.lifecycle import FREEZE_MONTHS

# What becomes of somebody on the list, in the order of time: the life had ended already when the
# list was made, and nobody could know it; it ends in the months to act; in the months that count;
# in none of them. Whoever is in one of the first three is lost.
GONE, LATE, SAVABLE, STAYS = OUTCOMES = ("gone already", "too late", "can be saved", "stays")


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
    """The snapshots whose months all lie within follow-up, in order.

    Raises `InputError` when there is none.

    >>> months = pd.date_range("2024-01-01", "2024-12-01", freq="MS")
    >>> usable(months, Horizon(3), pd.Timestamp("2024-05-01"))[-1]
    Timestamp('2024-02-01 00:00:00')
    """
    latest = follow_up - pd.DateOffset(months=horizon.reach)
    inside = sorted(at for at in snapshots if at <= latest)
    if not inside:
        raise InputError(
            f"no snapshot can be labelled: a gap of {horizon.gap} and a horizon of "
            f"{horizon.months} months need snapshots up to {latest:%Y-%m}, as exits are known up "
            f"to {follow_up:%Y-%m}"
        )
    return inside


def training_snapshots(
    snapshots: Iterable[pd.Timestamp],
    test: pd.Timestamp,
    horizon: Horizon,
    freeze_months: int = FREEZE_MONTHS,
) -> list[pd.Timestamp]:
    """The snapshots a model for `test` may learn from: their outcomes were known by then.

    A snapshot s is kept when s + gap + horizon + freeze_months - 1 <= test: a freeze that began in
    the last month that counts is known `freeze_months - 1` months later (the embargo). Raises
    `InputError` when none is left.
    """
    latest = test - pd.DateOffset(months=horizon.reach + freeze_months - 1)
    inside = sorted(at for at in snapshots if at <= latest)
    if not inside:
        raise InputError(
            f"nothing to learn from: a model for {test:%Y-%m} with a gap of {horizon.gap}, a "
            f"horizon of {horizon.months} and a freeze of {freeze_months} months needs a snapshot "
            f"of {latest:%Y-%m} or before"
        )
    return inside


def labelled(
    features: pd.DataFrame, lives: pd.DataFrame, horizon: Horizon, follow_up: pd.Timestamp
) -> pd.DataFrame:
    """The rows of feature tables with what became of each, all of them, in their order.

    `features` has `customer_id` and `snapshot` and holds everybody who was on the list then: known
    to have started, not known to have closed, with revenue in one of the last `freeze_months`
    months. Nothing after the snapshot decides who that is. `lives` comes from
    `src.features.lifecycle.lives_as_of` of a month whose follow-up is `follow_up`.

    Adds `outcome`, one of `OUTCOMES` (categories in that order): `gone already`, the life ended at
    or before the snapshot, so that its silence was the beginning of a freeze; `too late`, it ends
    in the `gap` months to act; `can be saved`, in the months that count; `stays`. And `churned`,
    whether it is one of the first three.

    Raises `InputError` when months that count go beyond `follow_up`, and for a row whose customer
    had no life by then.
    """
    if len(features):
        usable([features["snapshot"].max()], horizon, follow_up)
    left = _months_to_end(features, lives).to_numpy("float64")
    reached = [left <= 0, left <= horizon.gap, left <= horizon.reach]
    outcome = pd.Categorical(np.select(reached, OUTCOMES[:3], STAYS), OUTCOMES)
    return features.assign(outcome=outcome, churned=outcome != STAYS)


def watched_ahead(features: pd.DataFrame, lives: pd.DataFrame, until: pd.Timestamp) -> pd.DataFrame:
    """The rows of feature tables with what was seen of their lives up to month `until`.

    `lives` as in `labelled`, `until` at most their follow-up. Adds `months_left`, months from the
    snapshot to the month the life ended, 0 for who was gone already, missing when it had not ended
    by `until`; and `watched`, months from the snapshot to `until`. Keeps snapshots up to `until`:
    of the last one only who was gone already is known.
    """
    rows = features[features["snapshot"] <= until].reset_index(drop=True)
    left = _months_to_end(rows, lives).clip(lower=0)
    watched = 12 * (until.year - rows["snapshot"].dt.year) + until.month - rows["snapshot"].dt.month
    return rows.assign(months_left=left.where(left <= watched), watched=watched)


def _months_to_end(features: pd.DataFrame, lives: pd.DataFrame) -> pd.Series:
    """Months from each row's snapshot to the end of its life, 0 or below for one that had ended.

    A row's life is the latest one that had started by the snapshot; missing while it is open.
    """
    rows = features[["customer_id", "snapshot"]].assign(row=np.arange(len(features)))
    begun = rows.merge(lives[["customer_id", "start", "end"]], on="customer_id")
    begun = begun[begun["start"] <= begun["snapshot"]].sort_values(["row", "start"])
    latest = begun.groupby("row").tail(1).set_index("row")["end"].reindex(rows["row"])
    if len(latest) and not rows["row"].isin(begun["row"]).all():
        lost = rows[~rows["row"].isin(begun["row"])].iloc[0]
        raise InputError(
            f"customer {lost['customer_id']} is on the list of {lost['snapshot']:%Y-%m}, but has "
            "no life by then: features and bills do not belong together"
        )
    end = latest.set_axis(features.index)
    then = features["snapshot"]
    return 12 * (end.dt.year - then.dt.year) + end.dt.month - then.dt.month
