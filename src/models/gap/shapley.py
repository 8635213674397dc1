"""The difference of two products as a sum of one bar per factor."""

from __future__ import annotations

from itertools import combinations
from math import factorial

import numpy as np


def product_bars(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """The bars (... x factors) of product(first) - product(second): Shapley values.

    Start from the second product and exchange its factors for those of the first, one after
    another: each exchange moves the product. The bar of a factor is the mean of its move over all
    orders, here over the sets of factors that may have gone before. The bars add up to the
    difference, swapping the products flips every sign, and equal factors have a bar of 0. Takes
    complex numbers, as a holomorphic function. Source: Shapley 1953.

    >>> product_bars(np.array([20.0, 30.0, 0.5]), np.array([10.0, 10.0, 0.5])).round(9).tolist()
    [100.0, 150.0, 0.0]
    """
    count = first.shape[-1]
    found = []
    for factor in range(count):
        rest = [place for place in range(count) if place != factor]
        moves = [
            # The share of the orders in which exactly these are exchanged before the factor.
            (factorial(size) * factorial(count - 1 - size) / factorial(count))
            * first[..., list(before)].prod(axis=-1)
            * second[..., [place for place in rest if place not in before]].prod(axis=-1)
            for size in range(count)
            for before in combinations(rest, size)
        ]
        found.append((first[..., factor] - second[..., factor]) * sum(moves))
    return np.stack(found, axis=-1)
