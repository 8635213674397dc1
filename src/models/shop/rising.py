"""Gamma(z + n) / Gamma(z) = z (z + 1) ... (z + n - 1), the rising factorial, and its slope."""

from __future__ import annotations

import numpy as np
from scipy.special import digamma, gammaln

from src.models.intervals.numbers import Numbers


def rising(start: Numbers | float, steps: Numbers) -> tuple[Numbers, Numbers]:
    """Logarithm of Gamma(start + steps) / Gamma(start), and its slope along `start`.

    `steps` are whole numbers of 0 or more; `start` is above 0, one for all or one for each step.
    With one start for all, sums over steps keep all digits where start is huge.

    >>> [np.exp(value).round(3).tolist() for value in rising(2.0, np.array([0.0, 1.0, 3.0]))]
    [[1.0, 2.0, 24.0], [1.0, 1.649, 2.955]]
    """
    if np.ndim(start) or steps.max(initial=0) > _MOST_STEPS:
        ends = start + steps
        return gammaln(ends) - gammaln(start), digamma(ends) - digamma(start)
    factors = start + np.arange(steps.max(initial=0))
    at = steps.astype(int)
    return _sums(np.log(factors))[at], _sums(1 / factors)[at]


_MOST_STEPS = 1_000_000


def _sums(terms: Numbers) -> Numbers:
    return np.concatenate([[0.0], np.cumsum(terms)])
