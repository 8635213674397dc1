"""Sums over the lives at risk at each time of ends, by Efron's rule for ends at one time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
import pandas as pd
from scipy.special import digamma


@dataclass(frozen=True)
class Spans:
    """When each life was watched, an array each: after `entry`, up to `duration`; had it `ended`.

    Who is there from the start is at risk of what ends at time 0 as well: their entry is -1.
    """

    entry: np.ndarray
    duration: np.ndarray
    ended: np.ndarray

    @classmethod
    def of(cls, lives: pd.DataFrame) -> Self:
        """Spans of lives with `entry`, `duration`, `ended`; `duration` above an `entry` above 0."""
        entry = lives["entry"].to_numpy("float64")
        return cls(
            entry=np.where(entry == 0, -1.0, entry),
            duration=lives["duration"].to_numpy("float64"),
            ended=lives["ended"].to_numpy("bool"),
        )


@dataclass(frozen=True)
class EfronSums:
    """Per distinct `time` of ends: the number of `ends`; the rise of the cumulative `hazard` of a
    life with log-hazard 0; the sum of the Schoenfeld `residuals` of those who ended, that is their
    columns minus what was expected (times x columns).
    """

    time: np.ndarray
    ends: np.ndarray
    hazard: np.ndarray
    residuals: np.ndarray


def efron_sums(columns: np.ndarray, weights: np.ndarray, spans: Spans) -> EfronSums:
    """Sums for lives with the log-hazard `columns @ weights`; lives are rows.

    With d ends at one time, of total risk D, in a risk set of total risk R, the cumulative hazard
    rises by the sum of 1 / (R - D k/d) over k = 0..d-1. This is d/D times a difference of digamma
    functions, psi(R d/D + 1) - psi(R d/D - d + 1), so that thousands of ends in one month take no
    longer than one. The expected columns are the sum over k of
    (R_x - D_x k/d) / (R - D k/d) = d D_x/D + (R_x - D_x R/D) times the rise of the hazard.

    Without equal durations this is Breslow's estimate; at equal risks it is near -log(1 - d/n).
    Source: Efron 1977; Therneau and Grambsch 2000, section 3.3.

    >>> lives = pd.DataFrame({"entry": 0, "duration": [1, 1, 2], "ended": [True, True, True]})
    >>> efron_sums(np.zeros((3, 1)), np.zeros(1), Spans.of(lives)).hazard.round(4).tolist()
    [0.8333, 1.0]
    """
    time, which = np.unique(spans.duration[spans.ended], return_inverse=True)
    risk = np.exp(columns @ weights)
    weighted = np.column_stack([risk, risk[:, None] * columns])
    first = np.searchsorted(time, spans.entry, side="right")
    after = np.searchsorted(time, spans.duration, side="right")
    size = len(time)
    at_risk = np.cumsum(_summed(weighted, first, size) - _summed(weighted, after, size), axis=0)
    tied = _summed(weighted[spans.ended], which, size)
    ends = np.bincount(which, minlength=size)

    whole, part = at_risk[:, 0], tied[:, 0]
    steps = whole * ends / part
    hazard = ends / part * (digamma(steps + 1) - digamma(steps - ends + 1))
    mean_of_tied = tied[:, 1:] / part[:, None]
    rest = at_risk[:, 1:] - mean_of_tied * whole[:, None]
    expected = ends[:, None] * mean_of_tied + rest * hazard[:, None]
    seen = _summed(columns[spans.ended], which, size)
    return EfronSums(time, ends, hazard, seen - expected)


def _summed(values: np.ndarray, place: np.ndarray, size: int) -> np.ndarray:
    """(size, columns): sums of the rows of `values` by place, without places beyond the last."""
    columns = [np.bincount(place, column, minlength=size + 1)[:size] for column in values.T]
    return np.column_stack(columns)
