"""Which rows of a panel a churn model may learn from, and which ones judge it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from src.data.problems import InputError
from src.features.leaks import LATEST
from src.features.lifecycle import LifeRecord
from src.features.snapshots import (
    SAVABLE,
    Horizon,
    labelled,
    training_snapshots,
    usable,
    watched_ahead,
)
from src.models.churn.guards import enough_churners, refuse_overlap
from src.models.learning.tuning import Folds

_HELD = 3  # one customer in so many is held out for tuning


@dataclass(frozen=True)
class TimeSplit:
    """Rows to learn from and rows to be judged on, with the embargo between them.

    `train` and `test` have `customer_id`, `snapshot`, `outcome`, `churned` and the features, of
    everybody on the list at each snapshot; `watched` has `months_left` and `watched` in place of
    the outcome, and rows whose outcome was not yet known, for the hazard model. `columns` are the
    features. `pooled` says why the models learn from all segments; it is empty where they learn
    from the segment alone. `order` has every customer once; None is the order of the identifiers.
    """

    train: pd.DataFrame
    test: pd.DataFrame
    watched: pd.DataFrame
    columns: tuple[str, ...]
    horizon: Horizon
    pooled: str
    order: pd.Index | None = None

    def __repr__(self) -> str:
        return f"TimeSplit: {len(self.train):,} rows to learn from, {len(self.test):,} that judge"

    @property
    def tests(self) -> list[pd.Timestamp]:
        """The snapshots that judge, in order."""
        return sorted(self.test["snapshot"].unique())

    @property
    def trains(self) -> list[pd.Timestamp]:
        """The snapshots to learn from, in order."""
        return sorted(self.train["snapshot"].unique())

    def inner_folds(self, seed: int = 0) -> Folds:
        """One pair of row numbers of `train` for tuning: two thirds of the customers, the others.

        By customers and not by rows: at neighbouring snapshots one exit is in several labels.
        """
        codes, names = pd.factorize(self.train["customer_id"], sort=True)
        if self.order is not None:
            codes = self.order.get_indexer(names).argsort(kind="stable").argsort()[codes]
        is_held = (np.random.default_rng(seed).permutation(len(names)) % _HELD == 0)[codes]
        return [(np.flatnonzero(~is_held), np.flatnonzero(is_held))]


def model_columns(catalogue: pd.DataFrame) -> tuple[str, ...]:
    """The features of a catalogue that a churn model reads.

    Those that look at `all` months grow with the length of the data, so that a model would learn
    the calendar; they are left out.
    """
    return tuple(catalogue.loc[catalogue["window"] != "all", "name"])


def time_split(
    rows: pd.DataFrame,
    record: LifeRecord,
    columns: Sequence[str],
    horizon: Horizon,
    *,
    segment: str = "",
    tests: int = 3,
    most: int = 6,
    least: int = 50,
    order: pd.Index | None = None,
) -> TimeSplit:
    """The rows of feature tables, split by time.

    `rows` has `customer_id`, `snapshot`, `segment`, `latest_source` and `columns` at every
    snapshot. The last `tests` snapshots whose outcomes are known at the last month judge, of
    `segment` alone where one is named. Models learn what was known at the first of the tests: from
    at most `most` snapshots, evenly spread, whose outcomes were known by then; the hazard model
    from all whose month 0 was, watched up to the follow-up of that day. A segment with fewer than
    `least` customers who churned in the training rows learns from all segments, and `pooled` says
    so.

    Raises `InputError` when no snapshot can be labelled or learned from, when the segment is not
    there, and when features, labels and training overlap in time (`guards.refuse_overlap`).
    """
    here = sorted(rows["segment"].astype(str).unique())
    if segment and segment not in here:
        raise InputError(f"there is no segment {segment!r}; the base has {', '.join(here)}")
    judged = usable(rows["snapshot"].unique(), horizon, record.follow_up())[-tests:]
    train, watched = _learned(rows, record, horizon, judged[0], most)
    is_judged = rows["snapshot"].isin(judged)
    test = labelled(rows[is_judged], record.as_of(), horizon, record.follow_up())
    pooled = ""
    if segment:
        test = test[test["segment"] == segment]
        own = train[train["segment"] == segment]
        pooled = f"no customer of {segment} was there in the months to learn from"
        if len(own):
            each = own.groupby("customer_id", observed=True)["churned"].max()
            pooled = enough_churners(each, least)
        if not pooled:
            train, watched = own, watched[watched["segment"] == segment]
    train, test, watched = (part.reset_index(drop=True) for part in (train, test, watched))
    split = TimeSplit(train, test, watched, tuple(columns), horizon, pooled, order)
    _refuse_overlap(split, record)
    return split


def latest_split(
    rows: pd.DataFrame,
    record: LifeRecord,
    columns: Sequence[str],
    horizon: Horizon,
    *,
    most: int = 6,
    order: pd.Index | None = None,
) -> TimeSplit:
    """The rows for the list of today: learn from all that is known, read the last snapshot.

    Arguments as in `time_split`. `test` holds everybody on the list at the last snapshot and has no
    `churned`: nobody knows yet.
    """
    train, watched = _learned(rows, record, horizon, record.last, most)
    today = rows[rows["snapshot"] == rows["snapshot"].max()].reset_index(drop=True)
    return TimeSplit(train, today, watched, tuple(columns), horizon, "", order)


def _learned(
    rows: pd.DataFrame, record: LifeRecord, horizon: Horizon, at: pd.Timestamp, most: int
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """What a model may learn from at the end of month `at`: rows with outcomes, rows watched."""
    lives, follow_up = record.as_of(at), record.follow_up(at)
    every = training_snapshots(rows["snapshot"].unique(), at, horizon, record.freeze_months)
    is_learned = rows["snapshot"].isin(_spread(every, most))
    train = labelled(rows[is_learned], lives, horizon, follow_up)
    return train.reset_index(drop=True), watched_ahead(rows, lives, follow_up)


def _spread(snapshots: list[pd.Timestamp], most: int) -> list[pd.Timestamp]:
    """At most so many of them, evenly spread, the last one among them."""
    places = np.linspace(len(snapshots) - 1, 0, min(most, len(snapshots))).round().astype(int)
    return [snapshots[place] for place in sorted(set(places.tolist()))]


def _refuse_overlap(split: TimeSplit, record: LifeRecord) -> None:
    gap, months, lives = split.horizon.gap, split.horizon.months, record.as_of()
    for learned in (split.train, split.watched):
        for at, latest in learned.groupby("snapshot")[LATEST].max().items():
            refuse_overlap(pd.Timestamp(at), {"features": latest}, gap=gap, horizon=months)
    ended = split.test[split.test["outcome"] == SAVABLE].merge(lives, on="customer_id")
    ended = ended[(ended["start"] <= ended["snapshot"]) & (ended["end"] > ended["snapshot"])]
    for at, part in split.test.groupby("snapshot"):
        refuse_overlap(
            pd.Timestamp(at),
            {"features": part[LATEST].max()},
            gap=gap,
            horizon=months,
            label_months=ended.loc[ended["snapshot"] == at, "end"],
            train_snapshots=split.trains,
            freeze_months=record.freeze_months,
        )
