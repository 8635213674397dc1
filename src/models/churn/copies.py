"""Rows that are exact copies of others: no model may learn from one and be judged on the other."""

from __future__ import annotations

import numpy as np
import pandas as pd

_MANY = 0.01  # of the rows
_ALIKE = 0.1  # of the variance of the label is left within rows of the same columns, at most


def copy_codes(frame: pd.DataFrame) -> np.ndarray:
    """A number per row, from 0 in order of appearance; rows alike in every column share one.

    >>> copy_codes(pd.DataFrame({"a": [1, 2, 1], "b": ["x", None, "x"]})).tolist()
    [0, 1, 0]
    """
    return pd.factorize(pd.util.hash_pandas_object(frame, index=False))[0]


def copies(frame: pd.DataFrame) -> int:
    """How many rows repeat a row before them in every column."""
    return len(frame) - len(set(copy_codes(frame)))


def kept_together(frame: pd.DataFrame, churned: pd.Series) -> np.ndarray:
    """Whose row each is for folds, from 0: exact copies share a customer, where there are many.

    Many are more than one in a hundred. In a table of few values customers are alike by chance:
    then some of them left and some stayed, and every row is its own customer.
    """
    alone = np.arange(len(frame))
    columns, labels = copy_codes(frame), churned.to_numpy(float)
    codes = copy_codes(frame.assign(churned=churned))
    if len(frame) - len(set(codes)) <= _MANY * len(frame):
        return alone
    rows = np.bincount(columns)
    rate = np.bincount(columns, labels) / rows
    is_shared = rows > 1
    within = (rows * rate * (1 - rate))[is_shared].sum() / rows[is_shared].sum()
    return codes if within <= _ALIKE * labels.mean() * (1 - labels.mean()) else alone
