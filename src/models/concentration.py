"""Who brings the money: how unequal the customers are."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.stats import norm

from src.models.intervals import Estimate


def pareto_curve(money: pd.Series, points: int = 101) -> pd.DataFrame:
    """Share of the money by share of customers, the largest first.

    Returns `customers_share` from 0 to 1 in equal steps and `money_share`. Customers who bring
    nothing count as customers.
    """
    cumulative = np.concatenate([[0.0], np.cumsum(-np.sort(-money.to_numpy(float)))])
    shares = np.linspace(0, 1, points)
    held = np.interp(shares * len(money), np.arange(len(money) + 1), cumulative)
    return pd.DataFrame({"customers_share": shares, "money_share": held / cumulative[-1]})


def top_share(money: pd.Series, share: float = 0.2, confidence: float = 0.95) -> Estimate:
    """The share of the money that the top `share` of customers bring, with its interval.

    With q the money of the customer at the cut and m the mean, one customer with money x moves
    the estimate T by ((x - q)+ + share q - T x) / m; the spread of these influences over the root
    of the number of customers is the standard error. One pass instead of a bootstrap; the interval
    is too short when a handful of customers hold most of the money (the tail is not in the sample).

    Source: the influence function of a Lorenz ordinate, Cowell and Victoria-Feser 2002.
    """
    x = np.sort(money.to_numpy(float))[::-1]
    place = share * len(x)
    whole = int(place)
    top = x[:whole].sum() + (place - whole) * x[min(whole, len(x) - 1)]
    value = top / x.sum()
    cut = x[min(whole, len(x) - 1)]
    influence = (np.maximum(x - cut, 0) + share * cut - value * x) / x.mean()
    margin = norm.ppf((1 + confidence) / 2) * influence.std() / np.sqrt(len(x))
    return Estimate(value, max(value - margin, 0.0), min(value + margin, 1.0))


def gini(money: pd.Series) -> float:
    """Gini coefficient: 0 when all bring the same, near 1 when one brings everything.

    >>> gini(pd.Series([1.0, 1.0, 1.0]))
    0.0
    """
    x = np.sort(money.to_numpy(float))
    n = len(x)
    ranks = np.arange(1, n + 1)
    return float(((2 * ranks - n - 1) * x).sum() / (n * x.sum()))
