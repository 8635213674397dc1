"""Whether customers of a high score gain more by a treatment: Qini curve and coefficient, deciles.

All is made of one number per customer that is unbiased for what the treatment does to the customer
(`cross_fitting.CrossFitted.gains`, by intention to treat and with known propensities), and of the
order of a score that has not seen the customer. The curve at depth d is the gain per customer of
the base when the share d of the highest scores is treated:

    curve(d) = sum of gains of those within d / customers

A score that says nothing gives a straight line from 0 to the mean gain. The Qini coefficient is the
area between the curve and this line, in the unit of the gain: by how much the gain per customer
of the base is higher than with customers picked at random, on average over all depths. It is 0
for a constant score and around 0 for a random one, and turns its sign with that of the score.
It is not divided by that of a perfect order, which nobody knows where effects are small.

Scores of cross-fitted models are comparable only within a fold: the mean effect that a model adds
is the lower, the higher that of the fold it is judged on. So customers are ordered by their place
within their fold. Customers of equal score share a place.

Source: Radcliffe 2007, Direct Marketing Analytics Journal, 14-21, whose counts of buyers are here
weighted by propensities and adjusted for what was expected.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.stats import rankdata

from src.data.problems import InputError
from src.models.campaigns.drawing import drawn, ends, estimate, spread_out
from src.models.intervals.numbers import Numbers, finite
from src.models.intervals.proportions import Estimate

DEPTH = np.linspace(0, 1, 101)  # of the curve


@dataclass(frozen=True)
class Qini:
    """`coefficient`, and `curve`: `depth` (0..1), `gain`, `low`, `high`, and `at_random`."""

    coefficient: Estimate
    curve: pd.DataFrame


def places(score: ArrayLike, fold: np.ndarray | None = None) -> Numbers:
    """The place of each customer within the fold, 0 (highest score) to 1, ties in their middle.

    >>> places([3, 1, 1, 0]).tolist()
    [0.125, 0.5, 0.5, 0.875]
    """
    scores = finite("score", score)
    folds = np.zeros(len(scores), dtype=np.int64) if fold is None else fold
    placed = np.empty(len(scores))
    for each in np.unique(folds):
        rows = folds == each
        placed[rows] = (rankdata(-scores[rows]) - 0.5) / rows.sum()
    return placed


def qini(
    gain: ArrayLike,
    score: ArrayLike,
    rng: np.random.Generator,
    fold: np.ndarray | None = None,
    confidence: float = 0.95,
) -> Qini:
    """The Qini curve and coefficient of a score, with bootstrap intervals by customer.

    `gain`: unbiased for what the treatment does to each customer; `score`: higher is treated
    earlier; `fold`: of each customer, where scores come from cross-fitting. Customers are drawn
    with replacement, with their scores as they are: how scores would differ had others been in the
    trial is not in the intervals. Ends are quantiles of the draws, with `fold` farther apart by
    the square root of 2 (see `drawing`): without it one null trial in six shows a Qini.

    Raises `InputError` where a number is missing or lengths differ.
    """
    gains, placed = finite("gain", gain), places(score, fold)
    if len(gains) != len(placed):
        raise InputError(f"gain has {len(gains):,} rows, score has {len(placed):,}")
    order = np.argsort(placed, kind="stable")
    ordered = gains[order]
    first_of_place = np.flatnonzero(np.diff(placed[order], prepend=-1.0) > 0)
    curve, area = _followed(np.ones((1, len(gains))), ordered, first_of_place)
    parts = [_followed(times, ordered, first_of_place) for times in drawn(len(gains), rng)]
    curves = np.concatenate([each for each, _ in parts])
    areas = np.concatenate([each for _, each in parts])
    is_cross_fitted = fold is not None
    low, high = ends(spread_out(curve[0], curves, is_cross_fitted=is_cross_fitted), confidence)
    table = pd.DataFrame({"depth": DEPTH, "gain": curve[0], "low": low, "high": high})
    table["at_random"] = DEPTH * curve[0, -1]
    areas = spread_out(area[0], areas, is_cross_fitted=is_cross_fitted)
    return Qini(estimate(area[0], areas, confidence), table)


def _followed(times: Numbers, gains: Numbers, starts: np.ndarray) -> tuple[Numbers, Numbers]:
    """Curves (draws, depths) and their areas (draws,); a straight line within a place.

    The area of a place with weight w and gain s, at the middle m of its depth, is s (1/2 - m).
    """
    weight = np.add.reduceat(times, starts, axis=1) / times.sum(axis=1, keepdims=True)
    gained = np.add.reduceat(times * gains, starts, axis=1) / times.sum(axis=1, keepdims=True)
    depth = np.cumsum(weight, axis=1)
    areas = (gained * (0.5 - depth + weight / 2)).sum(axis=1)
    reached = np.cumsum(gained, axis=1)
    curves = [
        np.interp(DEPTH, np.append(0.0, at), np.append(0.0, so_far))
        for at, so_far in zip(depth, reached, strict=True)
    ]
    return np.array(curves), areas
