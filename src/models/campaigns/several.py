"""Several questions of one campaign at once."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from src.models.intervals.numbers import Numbers


def holm(p: ArrayLike) -> Numbers:
    """p-values adjusted for being several: below a level, at most this chance of any false alarm.

    The k-th smallest of m is multiplied by m - k + 1 and is at least the one before it, at most 1.
    Source: Holm 1979. (That of statsmodels cleans the memory at each call, half a second.)

    >>> holm([0.01, 0.04, 0.03]).round(2).tolist()
    [0.03, 0.06, 0.06]
    """
    values = np.asarray(p, dtype=float)
    order = np.argsort(values, kind="stable")
    raised = values[order] * np.arange(len(values), 0, -1)
    adjusted = np.empty_like(values)
    adjusted[order] = np.minimum(np.maximum.accumulate(raised), 1.0)
    return adjusted
