"""Who brings the money: how unequal the customers are."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.stats import norm

from src.data.problems import InputError
from src.models.intervals.proportions import Estimate


def pareto_curve(money: pd.Series, points: int = 101) -> pd.DataFrame:
    """Share of the money by share of customers, the largest first.

    Returns `customers_share` from 0 to 1 in equal steps and `money_share`. Customers who bring
    nothing count as customers. Where some bring less than nothing, the curve rises above 1 before
    it comes back to 1. Raises `InputError` like `top_share`.
    """
    cumulative = np.concatenate([[0.0], np.cumsum(_largest_first(money))])
    shares = np.linspace(0, 1, points)
    held = np.interp(shares * len(money), np.arange(len(money) + 1), cumulative)
    return pd.DataFrame({"customers_share": shares, "money_share": held / cumulative[-1]})


def top_share(money: pd.Series, share: float = 0.2, confidence: float = 0.95) -> Estimate:
    """The share of the money that the top `share` of customers bring, with its interval.

    With q the money of the customer at the cut and m the mean, one customer with money x moves
    the estimate T by ((x - q)+ + share q - T x) / m; the spread of these influences over the root
    of the number of customers is the standard error. One pass instead of a bootstrap; the interval
    is too short when a handful of customers hold most of the money (the tail is not in the sample).
    Where some customers bring less than nothing, the share of the top can exceed 1.

    Raises `InputError` when `share` is not between 0 and 1, when money is missing or when its
    total is not positive.

    Source: the influence function of a Lorenz ordinate, Cowell and Victoria-Feser 2002.
    """
    if not 0 < share < 1:
        raise InputError(f"share must lie between 0 and 1, not {share:g}")
    x = _largest_first(money)
    place = share * len(x)
    whole = int(place)
    top = x[:whole].sum() + (place - whole) * x[min(whole, len(x) - 1)]
    value = top / x.sum()
    cut = x[min(whole, len(x) - 1)]
    influence = (np.maximum(x - cut, 0) + share * cut - value * x) / x.mean()
    margin = norm.ppf((1 + confidence) / 2) * influence.std() / np.sqrt(len(x))
    most = 1.0 if x[-1] >= 0 else np.inf
    return Estimate(float(value), float(max(value - margin, 0.0)), float(min(value + margin, most)))


def gini(money: pd.Series) -> float:
    """Gini coefficient: 0 when all bring the same, near 1 when one brings everything.

    Half the mean difference between two customers, as a share of the mean. Raises `InputError`
    like `top_share`.

    >>> gini(pd.Series([1.0, 1.0, 1.0]))
    0.0
    """
    x = _largest_first(money)
    n = len(x)
    ranks = np.arange(1, n + 1)
    return float(((n + 1 - 2 * ranks) * x).sum() / (n * x.sum()))


def _largest_first(money: pd.Series) -> np.ndarray:
    """The money in falling order; shares of it need a positive total."""
    if money.isna().any():
        raise InputError(f"money is missing for {money.isna().sum():,} of {len(money):,} customers")
    if not money.sum() > 0:
        raise InputError(f"the money sums to {money.sum():g}; shares need a positive total")
    return np.sort(money.to_numpy(float))[::-1]
