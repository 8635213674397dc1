"""Folds of customers: all rows of a customer are learned from, or all are held out.

A customer of a panel has a row per snapshot, and one exit is in several of their labels: with one
row learned from and another held out, a fold knows the answer. The index of a frame says whose row
each is: rows that share a label stay together in everything that is learned from it. An index
without repeats, such as that of a frame just read, makes every row a customer.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from sklearn.model_selection import KFold

from src.data.problems import InputError


def of_customers(frame: pd.DataFrame, customer_id: ArrayLike) -> pd.DataFrame:
    """The frame with the customer of each row as its index, as the models of a panel need it.

    >>> of_customers(pd.DataFrame({"calls": [1, 2]}), ["a", "a"]).index.tolist()
    ['a', 'a']
    """
    return frame.set_axis(pd.Index(np.asarray(customer_id)), axis=0)


def customer_codes(customers: ArrayLike | pd.Index) -> np.ndarray:
    """A number per customer, from 0, in the order in which they appear.

    Raises `InputError` where the customer of a row is not known.

    >>> customer_codes(["b", "a", "b"]).tolist()
    [0, 1, 0]
    """
    known = customers if isinstance(customers, pd.Index) else pd.Index(np.asarray(customers))
    codes = pd.factorize(known)[0]
    if (codes < 0).any():
        raise InputError(f"the customer is missing in {(codes < 0).sum():,} of {len(codes):,} rows")
    return codes


def crossed(customers: ArrayLike | pd.Index, folds: int, seed: int = 0) -> Iterator[np.ndarray]:
    """Which rows are held out in each of `folds` folds of customers, shuffled by `seed`.

    Fewer folds where there are fewer customers; raises `InputError` for a single one.
    """
    codes = customer_codes(customers)
    count = int(codes.max(initial=-1)) + 1
    if count < 2:
        raise InputError("folds need two customers or more")
    splitter = KFold(min(folds, count), shuffle=True, random_state=seed)
    for _, own in splitter.split(np.empty(count)):
        is_own = np.zeros(count, dtype=bool)
        is_own[own] = True
        yield is_own[codes]
