"""Rows that are exact copies of others: no model may learn from one and be judged on the other."""

from __future__ import annotations

import numpy as np
import pandas as pd

MANY = 0.01  # of the rows: fewer happen by chance in a table of few values


def copy_codes(frame: pd.DataFrame) -> np.ndarray:
    """A number per row, from 0 in order of appearance; rows alike in every column share one.

    >>> copy_codes(pd.DataFrame({"a": [1, 2, 1], "b": ["x", None, "x"]})).tolist()
    [0, 1, 0]
    """
    return pd.factorize(pd.util.hash_pandas_object(frame, index=False))[0]


def copies(codes: np.ndarray) -> int:
    """How many rows repeat a row before them."""
    return len(codes) - int(codes.max(initial=-1)) - 1


def kept_together(codes: np.ndarray) -> np.ndarray:
    """Whose row each is for folds: copies share a customer where they are more than one in 100."""
    return codes if copies(codes) > MANY * len(codes) else np.arange(len(codes))
