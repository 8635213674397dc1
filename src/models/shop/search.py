"""The highest likelihood of a model of buyers, and how surely the data place it.

The search runs over a place whose coordinates are logarithms or log-odds, so that the likelihood
bends evenly; the sides of its box are limits of the model, beyond which no base of buyers can tell
the fit from the limit itself.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize

from src.models.intervals.numbers import Numbers

Score = Callable[[Numbers], tuple[float, Numbers]]

_STEP = 1e-4  # of a coordinate, for differences of analytic slopes
_NEAR = np.log(10.0)  # from a side of the box
_FLAT = 0.01  # information: the coordinate has a standard error of 10, a factor of 20,000
_SLOPE, _GAIN = 1e-9, 1e-14  # per buyer, where the search stops


@dataclass(frozen=True, eq=False)
class Peak:
    """Where the likelihood is highest.

    `covariance` is the inverse of the observed information, of the coordinates that are not `held`;
    rows and columns of those held are 0. A coordinate is held where it ran to a side of the box or
    where the data say nothing about it. All of it is missing where the likelihood does not bend
    down in every direction.
    """

    place: Numbers
    value: float
    covariance: Numbers
    is_low: Numbers
    is_high: Numbers
    is_held: Numbers


def climb(score: Score, starts: Sequence[Numbers], box: Numbers, buyers: float) -> Peak:
    """The peak of `score` (log-likelihood and slopes at a place) in `box`, (coordinates, 2).

    L-BFGS-B from each start, then Newton's steps from the best, whose curvature is the difference
    of the analytic slopes.
    """

    def loss(place: Numbers) -> tuple[float, Numbers]:
        value, slopes = score(place)
        return -value / buyers, -slopes / buyers

    options = {"ftol": _GAIN, "gtol": _SLOPE, "maxiter": 500, "maxcor": 20}
    tries = [
        minimize(loss, start, jac=True, method="L-BFGS-B", bounds=box, options=options)
        for start in starts
    ]
    best = min(tries, key=lambda search: search.fun)
    place, value = np.asarray(best.x, float), -float(best.fun) * buyers
    is_low, is_high = place < box[:, 0] + _NEAR, place > box[:, 1] - _NEAR
    information = _information(score, place)
    is_held = is_low | is_high | (np.diag(information) < _FLAT)
    covariance = _inverse(information, ~is_held)
    if not np.isnan(covariance).any():
        closer = place + covariance @ score(place)[1]
        better = score(closer)[0]
        if better > value and (box[:, 0] <= closer).all() and (closer <= box[:, 1]).all():
            place, value = closer, better
    return Peak(place, value, covariance, is_low, is_high, is_held)


def _information(score: Score, place: Numbers) -> Numbers:
    rises = [score(place + step)[1] - score(place - step)[1] for step in _STEP * np.eye(len(place))]
    curvature = np.array(rises) / (2 * _STEP)
    return -(curvature + curvature.T) / 2


def _inverse(information: Numbers, is_free: Numbers) -> Numbers:
    """The inverse over the free coordinates, 0 elsewhere; missing when not positive definite."""
    covariance = np.zeros_like(information)
    free = np.ix_(is_free, is_free)
    if is_free.any():
        if np.linalg.eigvalsh(information[free])[0] <= 0:
            return np.full_like(information, np.nan)
        covariance[free] = np.linalg.inv(information[free])
    return covariance
