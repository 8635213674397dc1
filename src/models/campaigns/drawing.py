"""Customers drawn with replacement, again and again: how often each is in a draw."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from src.models.intervals.numbers import Numbers
from src.models.intervals.proportions import Estimate

DRAWS = 300
# Of the spread of draws, where scores come from cross-fitting. Chance in one fold teaches the score
# of another and the other way round, so where nothing is to be learned the results of folds move
# together: of a linear score the sum over all pairs of folds has twice the variance of independent
# folds, however many there are. Where there is much to learn it is too wide.
LEARNED_FROM_EACH_OTHER = float(np.sqrt(2))
_AT_ONCE = 4_000_000  # numbers in memory


def drawn(customers: int, rng: np.random.Generator, draws: int = DRAWS) -> Iterator[Numbers]:
    """(some draws, customers): how often each customer is in each draw, in chunks."""
    at_once = max(1, _AT_ONCE // customers)
    for first in range(0, draws, at_once):
        rows = min(at_once, draws - first)
        taken = rng.integers(0, customers, (rows, customers))
        taken += customers * np.arange(rows)[:, None]
        times = np.bincount(taken.ravel(), minlength=rows * customers)
        yield times.reshape(rows, customers).astype(float)


def ends(values: Numbers, confidence: float) -> Numbers:
    """(2, ...): the quantiles of the draws, their first axis; missing where a draw has none."""
    return np.quantile(values, [(1 - confidence) / 2, (1 + confidence) / 2], axis=0)


def spread_out(value: Numbers, values: Numbers, *, is_cross_fitted: bool) -> Numbers:
    """Draws farther from the figure by `LEARNED_FROM_EACH_OTHER`, or as they are."""
    return value + LEARNED_FROM_EACH_OTHER * (values - value) if is_cross_fitted else values


def estimate(value: float, values: Numbers, confidence: float) -> Estimate:
    """A figure with the quantiles of its draws."""
    low, high = ends(values, confidence)
    return Estimate(float(value), float(low), float(high))
