"""Smooth functions of means with intervals, where refitting and drawing again is not needed."""

from __future__ import annotations

import numpy as np
from scipy.stats import norm

from src.models.intervals.proportions import Estimate


def ratio_of_means(above: np.ndarray, below: np.ndarray, confidence: float = 0.95) -> Estimate:
    """The mean of one number of the customers over the mean of another, with its interval.

    (customers,) each, in the same order; the mean of `below` is not 0. Interval by `by_delta`.

    >>> found = ratio_of_means(np.array([1.0, 3.0]), np.array([2.0, 2.0]))
    >>> found.value, round(found.low, 2), round(found.high, 2)
    (1.0, 0.02, 1.98)
    """
    mean = below.mean()
    ratio = above.mean() / mean
    return by_delta(ratio, (above - ratio * below) / mean, confidence)


def share_of_sum(part: np.ndarray, whole: np.ndarray, confidence: float = 0.95) -> Estimate:
    """The sum of a part of the customers' numbers over the sum of all, with its interval.

    (customers,) each, in the same order, 0 or more, the part at most the whole, whose sum is above
    0. The interval is that of `ratio_of_means` on the scale of log odds, so that it stays between 0
    and 1; a share of 0 or 1 has none.

    >>> found = share_of_sum(np.array([3.0, 0.0, 1.0]), np.array([3.0, 2.0, 1.0]))
    >>> round(found.value, 3), round(found.low, 2), round(found.high, 2)
    (0.667, 0.09, 0.98)
    """
    plain = ratio_of_means(part, whole, confidence)
    if not 0 < plain.value < 1 or np.isnan(plain.low):
        return Estimate(plain.value, np.nan, np.nan)
    odds = np.log(plain.value / (1 - plain.value))
    far = (plain.high - plain.value) / (plain.value * (1 - plain.value))
    low, high = (1 / (1 + np.exp(-(odds + side * far))) for side in (-1, 1))
    return Estimate(plain.value, float(low), float(high))


def by_delta(value: float, moves: np.ndarray, confidence: float = 0.95) -> Estimate:
    """The interval of a figure that customers drawn at random would move.

    `moves`, (customers,): the influence of each customer on the figure: its sum over their number
    is how far the figure moves, to first order. Normal ends; with heavy-tailed money and few
    customers they are too close, and too low for a mean. One customer has no interval.
    Source: the delta method; Efron and Tibshirani 1993, section 21.3 for influence.
    """
    if len(moves) < 2:
        return Estimate(float(value), np.nan, np.nan)
    error = norm.ppf((1 + confidence) / 2) * moves.std(ddof=1) / np.sqrt(len(moves))
    return Estimate(float(value), float(value - error), float(value + error))
