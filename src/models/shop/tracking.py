"""Repeat purchases week by week: what a model expects of all buyers, and what came."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
from scipy.sparse import csr_matrix

from src.data.problems import InputError
from src.models.intervals.numbers import check_columns


def tracked(
    purchases: pd.DataFrame,
    expected_new: Callable[[float], float],
    until: pd.Timestamp,
    rng: np.random.Generator,
    *,
    unit_days: int = 7,
    replicates: int = 200,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Expected and actual repeat purchases per unit of time (a week) since the first day of all.

    `purchases`: one row per buyer and day of purchase (`src.features.purchases`), `buyer_key` and
    `date`, in calibration and hold-out. `expected_new`: repeat purchases that a model expects of a
    new buyer in so many units after the first purchase. `until`: the last day of
    calibration. Buyers who came later are left out: the model was not asked about them.

    Returns `unit` (1, 2, ..), `ends` (the last day of it), `is_holdout`, `expected` and `actual`
    (purchases of the unit) with `low` and `high` of the actual, and the same counted up from the
    start: `expected_so_far`, `actual_so_far`, `low_so_far`, `high_so_far`. A buyer counts from the
    day of the first purchase on: expected so far at time t is the sum over buyers of
    expected_new(t - first day). A unit that the log does not cover to its end is left out. Ends are
    percentiles of draws of buyers; a season moves all of them at once and is in no interval.

    Raises `InputError` when a column is missing, when there is no buyer by `until`, or the log ends
    before the first unit does. Source: Fader, Hardie and Lee 2005, figures 2 and 3.
    """
    check_columns(purchases, ["buyer_key", "date"])
    code, _ = pd.factorize(purchases["buyer_key"])
    day = purchases["date"].to_numpy("datetime64[D]").astype(int)
    first = np.full(code.max(initial=-1) + 1, np.iinfo(int).max)
    np.minimum.at(first, code, day)
    border = int(np.datetime64(until, "D").astype(int))
    if not (first <= border).any():
        raise InputError(f"nobody has bought by {until:%Y-%m-%d}, so there is no buyer to follow")
    start = int(first.min())
    units = (int(day.max()) + 1 - start) // unit_days
    if units < 1:
        raise InputError(f"the log of purchases is shorter than {unit_days} days")
    is_repeat = (day > first[code]) & (first[code] <= border)
    unit = (day[is_repeat] - start) // unit_days
    inside = unit < units
    buyers = np.cumsum(first <= border) - 1
    counts = csr_matrix(
        (np.ones(inside.sum()), (buyers[code[is_repeat]][inside], unit[inside])),
        shape=(int((first <= border).sum()), units),
    )
    ends = start + unit_days * np.arange(1, units + 1)  # the day after the unit
    begins, together = np.unique(first[first <= border], return_counts=True)
    lived = (ends[:, None] - 1 - begins) / unit_days
    times, place = np.unique(np.maximum(lived, 0.0), return_inverse=True)
    expected = np.array([expected_new(float(time)) if time > 0 else 0.0 for time in times])
    so_far = expected[place.reshape(lived.shape)] @ together
    actual = np.asarray(counts.sum(axis=0)).ravel()
    drawn = np.stack([_drawn(counts, rng) for _ in range(replicates)])
    tails = [(1 - confidence) / 2, (1 + confidence) / 2]
    low, high = np.quantile(drawn, tails, axis=0)
    low_so_far, high_so_far = np.quantile(drawn.cumsum(axis=1), tails, axis=0)
    last = pd.to_datetime((ends - 1).astype("datetime64[D]")).as_unit("ns")
    return pd.DataFrame(
        {
            "unit": np.arange(1, units + 1),
            "ends": last,
            "is_holdout": last > pd.Timestamp(until),
            "expected": np.diff(so_far, prepend=0.0),
            "actual": actual,
            "low": low,
            "high": high,
            "expected_so_far": so_far,
            "actual_so_far": actual.cumsum(),
            "low_so_far": low_so_far,
            "high_so_far": high_so_far,
        }
    )


def _drawn(counts: csr_matrix, rng: np.random.Generator) -> np.ndarray:
    """(units,): the purchases of as many buyers as there are, drawn with replacement."""
    buyers = counts.shape[0]
    times = np.bincount(rng.integers(0, buyers, buyers), minlength=buyers)
    purchases: np.ndarray = counts.T @ times.astype(float)
    return purchases
