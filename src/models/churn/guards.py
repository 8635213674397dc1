"""Guards around a churn model: each column alone, too few churners, windows that overlap.

What is too good to be true is in `src.models.churn.suspects`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from pandas.api.types import is_datetime64_any_dtype, is_numeric_dtype, is_timedelta64_dtype
from scipy.stats import norm

from src.data.problems import InputError
from src.models.intervals.numbers import Numbers, labels_of
from src.models.learning.folds import customer_codes
from src.models.scoring.auc import LEAST_PER_CLASS, delong

# AUCs that no honest model of these public bases exceeds. Several kinds of model reach 0.844-0.849
# on IBM Telco in five stratified folds; resampling before the split gives 0.99.
CEILINGS = {"ibm_telco": 0.87}

_FOLDS = 5
_PRIOR_ROWS = 10.0


def univariate_auc(
    frame: pd.DataFrame, churned: ArrayLike, *, seed: int = 0, confidence: float = 0.95
) -> pd.DataFrame:
    """How well each column alone tells churners from stayers.

    `frame`: one row per label in `churned` (0/1 or bool), in the same order. Returns a row per
    column, the highest AUC first: `column`, `auc` (0.5 or more), `low`, `high`, `direction`.

    - Numbers, bools and dates are taken by their value: `direction` is `higher` or `lower`, where
      the churners are. Missing values are put at one end of the others and at the other end, and
      the end that tells more is taken: a column that is filled only for churners is found.
    - Everything else by the churn rate of its levels, missing being one: `direction` is `levels`.
      The rates are those of the other four of five folds, drawn towards the overall rate by ten
      rows, and the AUC is the mean of those within each fold. A level per customer tells nothing
      that way; below one half it is given as one half. Folds are of customers, whom the index
      of the frame names.

    Intervals are DeLong's. They are too short for rows of the same customers, and of no width
    when the order is perfect. Fails to see a column of numbers whose middle churns, and a leak
    spread over several columns. Choosing the end for missing values lifts a meaningless column a
    little above one half.

    Raises `InputError` when lengths differ, labels are missing or there are fewer than ten churners
    or stayers. Source: DeLong, DeLong, Clarke-Pearson 1988; Sun and Xu 2014 for the ranks.
    """
    labels = labels_of(churned)
    if len(frame) != len(labels):
        raise InputError(f"the frame has {len(frame):,} rows, churned has {len(labels):,}")
    fewer = int(min(labels.sum(), (1 - labels).sum()))
    if fewer < LEAST_PER_CLASS:
        raise InputError(
            f"the AUC of a column needs {LEAST_PER_CLASS} churners and stayers; one has {fewer}"
        )
    folds = _stratified_folds(labels, customer_codes(frame.index), seed)
    reach = norm.ppf((1 + confidence) / 2)
    rows = []
    for name in frame:
        column = frame[name]
        if _has_an_order(column):
            auc, error = _of_values(column, labels)
            direction = "higher" if auc >= 0.5 else "lower"
            auc = max(auc, 1 - auc)
        else:
            auc, error = _of_levels(column, labels, folds)
            direction, auc = "levels", max(auc, 0.5)
        low, high = max(auc - reach * error, 0.0), min(auc + reach * error, 1.0)
        rows.append((name, auc, low, high, direction))
    found = pd.DataFrame(rows, columns=["column", "auc", "low", "high", "direction"])
    return found.sort_values("auc", ascending=False, kind="stable", ignore_index=True)


def enough_churners(churned: ArrayLike, least: int = 50) -> str:
    """A sentence when there are too few churners, or stayers, for a model of their own; else empty.

    The caller then takes the pooled model for this segment. `least` counts the rarer of the two. 50
    is ten events for each of five parameters (Peduzzi et al. 1996), and ten in each of five folds;
    an AUC of 0.75 is then known to about 0.08 either way. It is too few to judge calibration, where
    100 is asked for (Collins, Ogundimu, Altman 2016). Customers and not rows should be counted:
    hand over one row per customer.

    >>> enough_churners([1] * 60 + [0] * 60)
    ''
    >>> enough_churners([1, 0, 0])
    'only 1 of 3 customers churned; a model of their own needs 50'
    """
    labels = labels_of(churned)
    churners = int(labels.sum())
    stayers = len(labels) - churners
    if churners >= least and stayers >= least:
        return ""
    few, did = (churners, "churned") if churners <= stayers else (stayers, "stayed")
    return f"only {few:,} of {len(labels):,} customers {did}; a model of their own needs {least:,}"


def refuse_overlap(
    snapshot: pd.Timestamp,
    last_feature_date: Mapping[str, pd.Timestamp],
    *,
    gap: int,
    horizon: int,
    label_months: Iterable[pd.Timestamp] = (),
    train_snapshots: Iterable[pd.Timestamp] = (),
    freeze_months: int = 1,
) -> None:
    """Stop when features, label and training of a snapshot overlap in time.

    `snapshot`: the first day of month s; `gap` g (0 or more) and `horizon` h (1 or more) in months.

    - `last_feature_date`, by source: the latest date that features read; not after the end of s.
    - `label_months`: the months in which lives ended that are labelled 1; inside
      s + g + 1 .. s + g + h. Missing ones (no end) do not count.
    - `train_snapshots`: every s' must have s' + g + h + freeze_months - 1 <= s, so that its labels
      were known at s: a freeze is told from a pause `freeze_months - 1` months after it began.

    It sees dates only: a column that was corrected later, under its old date, passes.

    Raises `InputError` that names the first source or month that breaks a rule, also when a month
    is not the first of one or a source has no date.
    """
    if gap < 0 or horizon < 1:
        raise InputError(f"gap must be 0 or more and horizon 1 or more, not {gap} and {horizon}")
    _check_months("snapshot", [snapshot])
    next_month = snapshot + pd.DateOffset(months=1)
    for source, date in last_feature_date.items():
        if pd.isna(date):
            raise InputError(f"source {source!r} has no last date, so it cannot be checked")
        if date >= next_month:
            raise InputError(
                f"features of snapshot {snapshot:%Y-%m} read {source!r} up to {date:%Y-%m-%d}, "
                "after the month of the snapshot"
            )
    ended = [month for month in label_months if not pd.isna(month)]
    _check_months("a month of label_months", ended)
    first = snapshot + pd.DateOffset(months=gap + 1)
    last = snapshot + pd.DateOffset(months=gap + horizon)
    for month in ended:
        if not first <= month <= last:
            raise InputError(
                f"a life labelled 1 ended in {month:%Y-%m}; the labels of snapshot "
                f"{snapshot:%Y-%m} are of {first:%Y-%m} to {last:%Y-%m}"
            )
    trained = list(train_snapshots)
    _check_months("a month of train_snapshots", trained)
    for month in trained:
        known = month + pd.DateOffset(months=gap + horizon + freeze_months - 1)
        if known > snapshot:
            raise InputError(
                f"the labels of training snapshot {month:%Y-%m} are known in {known:%Y-%m}, after "
                f"snapshot {snapshot:%Y-%m}, on which the model is tested"
            )


def _check_months(what: str, months: Iterable[pd.Timestamp]) -> None:
    for month in months:
        if pd.isna(month) or month != month.normalize() or month.day != 1:
            raise InputError(f"{what} must be the first day of a month, not {month}")


def _has_an_order(column: pd.Series) -> bool:
    kinds = (is_numeric_dtype, is_datetime64_any_dtype, is_timedelta64_dtype)
    return any(is_kind(column) for is_kind in kinds)  # a bool is numeric to pandas


def _of_values(column: pd.Series, labels: Numbers) -> tuple[float, float]:
    codes, _ = pd.factorize(column, sort=True)
    ends = [np.where(codes < 0, end, codes) for end in (-1, len(codes))]
    found = [delong(values, labels) for values in (ends if (codes < 0).any() else ends[:1])]
    return max(found, key=lambda pair: abs(pair[0] - 0.5))


def _of_levels(column: pd.Series, labels: Numbers, folds: NDArray[np.intp]) -> tuple[float, float]:
    """Mean AUC within folds, of churn rates from the other folds.

    Rates of different folds do not compare: a fold with many churners leaves few to the others, so
    that a pooled AUC of a meaningless column comes out below one half.
    """
    codes, levels = pd.factorize(column.astype(object), use_na_sentinel=False)
    found = []
    for fold in range(_FOLDS):
        is_held = folds == fold
        known, known_labels = codes[~is_held], labels[~is_held]
        rows = np.bincount(known, minlength=len(levels))
        churners = np.bincount(known, known_labels, minlength=len(levels))
        rate = (churners + _PRIOR_ROWS * known_labels.mean()) / (rows + _PRIOR_ROWS)
        # Rates that are equal but for rounding must tie.
        found.append(delong(rate.round(12)[codes[is_held]], labels[is_held]))
    aucs, errors = np.array(found).T
    return float(aucs.mean()), float(np.sqrt((errors**2).sum()) / _FOLDS)


def _stratified_folds(labels: Numbers, customers: NDArray[np.intp], seed: int) -> NDArray[np.intp]:
    """The fold of each row: all rows of a customer share one, and churners are dealt out evenly."""
    churned = np.zeros(customers.max() + 1)
    np.maximum.at(churned, customers, labels)
    rng = np.random.default_rng(seed)
    folds = np.empty(len(churned), dtype=np.intp)
    for label in (0, 1):
        dealt = rng.permutation(np.flatnonzero(churned == label))
        folds[dealt] = np.arange(len(dealt)) % _FOLDS
    return folds[customers]
