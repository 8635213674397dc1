"""Whether an uplift is as large as it was said to be: by groups of the score, and by one slope.

As in `qini`, gains are numbers per customer that are unbiased for what the treatment does, and
uplifts of cross-fitted models are compared within their fold.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from src.data.problems import InputError
from src.models.campaigns.drawing import drawn, ends, estimate, spread_out
from src.models.campaigns.qini import places
from src.models.intervals.numbers import Numbers, finite
from src.models.intervals.proportions import Estimate

GROUPS = 10
_SAME = 1e-12


def by_group(
    gain: ArrayLike,
    uplift: ArrayLike,
    rng: np.random.Generator,
    fold: np.ndarray | None = None,
    groups: int = GROUPS,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Said and seen uplift by groups of equal size, the highest uplift first.

    Returns a row per group: `group` (1, ..), `customers`, `said` (mean uplift), `seen` (mean
    gain), `low`, `high` (bootstrap by customer, groups as they are). Customers of equal uplift may
    be split among groups, in the order of their rows.

    Raises `InputError` for fewer customers than groups, and where a number is missing.
    """
    gains, uplifts = _of_equal_length(gain, uplift)
    if len(gains) < groups:
        raise InputError(f"{groups} groups need as many customers, found {len(gains)}")
    order = np.argsort(places(uplifts, fold), kind="stable")
    is_in = np.zeros((len(gains), groups))
    is_in[order, np.arange(len(gains)) * groups // len(gains)] = 1.0
    size = is_in.sum(axis=0)
    columns = np.hstack([is_in, is_in * gains[:, None]])
    means = []
    for times in drawn(len(gains), rng):
        sums = times @ columns
        means.append(sums[:, groups:] / np.maximum(sums[:, :groups], 1))
    low, high = ends(np.concatenate(means), confidence)
    return pd.DataFrame(
        {
            "group": np.arange(1, groups + 1),
            "customers": size.astype(int),
            "said": uplifts @ is_in / size,
            "seen": gains @ is_in / size,
            "low": low,
            "high": high,
        }
    )


def slope(
    gain: ArrayLike,
    uplift: ArrayLike,
    rng: np.random.Generator,
    fold: np.ndarray | None = None,
    confidence: float = 0.95,
) -> Estimate:
    """How much seen uplift rises per unit of said uplift, within folds, with a bootstrap interval.

    1: differences between customers are as large as said; 0: there are none; above 1: they are
    larger. Missing where the uplift is the same for all of each fold.
    """
    gains, uplifts = _of_equal_length(gain, uplift)
    folds = np.zeros(len(gains), dtype=np.int64) if fold is None else pd.factorize(fold)[0]
    count = int(folds.max()) + 1
    unit = float(np.abs(uplifts).max()) or 1.0
    scaled = uplifts / unit
    of_fold = np.eye(count)[folds]
    columns = np.stack([np.ones_like(gains), scaled, gains, scaled * gains, scaled**2], axis=1)
    each = (of_fold[:, :, None] * columns[:, None, :]).reshape(len(gains), -1)

    def slopes(times: Numbers) -> Numbers:
        sums = (times @ each).reshape(len(times), count, -1)
        size = np.maximum(sums[..., 0], 1)
        together = (sums[..., 3] - sums[..., 1] * sums[..., 2] / size).sum(axis=1)
        apart = (sums[..., 4] - sums[..., 1] ** 2 / size).sum(axis=1)
        varies = apart > _SAME * len(gains)
        return np.where(varies, together / np.where(varies, apart, 1.0), np.nan) / unit

    value = slopes(np.ones((1, len(gains))))[0]
    if np.isnan(value):
        return Estimate(np.nan, np.nan, np.nan)
    draws = np.concatenate([slopes(times) for times in drawn(len(gains), rng)])
    draws = spread_out(value, draws, is_cross_fitted=fold is not None)
    return estimate(value, draws, confidence)


def _of_equal_length(gain: ArrayLike, uplift: ArrayLike) -> tuple[Numbers, Numbers]:
    gains, uplifts = finite("gain", gain), finite("uplift", uplift)
    if len(gains) != len(uplifts):
        raise InputError(f"gain has {len(gains):,} rows, uplift has {len(uplifts):,}")
    return gains, uplifts
