"""Customers drawn with replacement, again and again: how often each is in a draw."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from src.models.intervals.numbers import Numbers
from src.models.intervals.proportions import Estimate

DRAWS = 300
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


def estimate(value: float, values: Numbers, confidence: float) -> Estimate:
    """A figure with the quantiles of its draws."""
    low, high = ends(values, confidence)
    return Estimate(float(value), float(low), float(high))
