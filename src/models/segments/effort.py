"""Effort against income: which share of the work goes to those who bring most of the income."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy.stats import poisson

from src.data.problems import InputError
from src.models.intervals.numbers import Numbers, check_columns, finite
from src.models.segments.abc_xyz import ABC, BOUNDS, classes

SHARE = BOUNDS[0]  # of the income, that those in the first class bring
_FEWEST = 2  # customers
# How often a customer is drawn, by a random number of 16 bits: a million draws in milliseconds.
_TIMES = poisson.ppf((np.arange(2**16) + 0.5) / 2**16, 1.0)


def effort_shares(
    customers: pd.DataFrame,
    efforts: Sequence[str],
    rng: np.random.Generator,
    replicates: int = 200,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Which share of each effort goes to the customers who bring 80 % of the income.

    `customers`: a row each with `money` and the columns `efforts`, numbers such as contacts, offers
    and tickets. Those who bring 80 % are class A of `abc_xyz.classes`: customers while all who
    bring more hold less than 80 %, of equal money all or none. Returns a row for `customers`,
    `income` and each effort: `effort`, `total`, `share` of it that belongs to class A, `low`,
    `high`. Where the 80/80 rule holds, the share of an effort is that of the income. An effort of
    which nothing was spent has a missing share.

    Intervals: quantiles of `replicates` draws of customers with weights of a Poisson distribution,
    class A found again in each. Too close where a handful of customers bring most of the income.
    Source: Efron and Tibshirani 1993, section 13; Poisson weights by Chamandy and others 2012.

    Raises `InputError` for a single customer, for incomes that are all equal or none above 0, and
    for efforts that are missing or below 0.
    """
    check_columns(customers, ["money", *efforts])
    if len(customers) < _FEWEST:
        raise InputError(f"effort against income needs {_FEWEST} customers or more")
    money = finite("money", customers["money"])
    is_top = classes(money) == ABC[0]
    spent = np.column_stack(
        [np.ones(len(money)), money, *(finite(name, customers[name]) for name in efforts)]
    )
    for place, name in enumerate(efforts, start=2):
        if (spent[:, place] < 0).any():
            raise InputError(f"{name} must be 0 or more")
    total = spent.sum(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = spent[is_top].sum(axis=0) / np.where(total > 0, total, np.nan)
    low, high = _intervals(money, spent, rng, replicates, confidence)
    return pd.DataFrame(
        {
            "effort": ["customers", "income", *efforts],
            "total": total,
            "share": share,
            "low": np.minimum(low, share),
            "high": np.maximum(high, share),
        }
    )


def _intervals(
    money: Numbers, spent: Numbers, rng: np.random.Generator, replicates: int, confidence: float
) -> tuple[Numbers, Numbers]:
    order = np.argsort(-money, kind="stable")
    positive, spent = np.clip(money[order], 0, None), spent[order]
    # Where the next lower income begins, so that equal incomes fall into one class.
    ends = np.append(np.flatnonzero(np.diff(positive)) + 1, len(positive))
    drawn = np.empty((replicates, spent.shape[1]))
    for place in range(replicates):
        weight = _TIMES[rng.integers(0, len(_TIMES), len(money), dtype=np.uint16)]
        held = np.cumsum(weight * positive)
        cut = int(np.searchsorted(held, (SHARE - 1e-12) * held[-1], side="left")) + 1
        cut = int(ends[np.searchsorted(ends, cut)]) if cut <= ends[-1] else len(positive)
        whole = weight @ spent
        with np.errstate(divide="ignore", invalid="ignore"):
            drawn[place] = weight[:cut] @ spent[:cut] / np.where(whole > 0, whole, np.nan)
    tail = (1 - confidence) / 2
    is_known = ~np.isnan(drawn).all(axis=0)
    low, high = np.full((2, spent.shape[1]), np.nan)
    low[is_known], high[is_known] = np.nanquantile(drawn[:, is_known], [tail, 1 - tail], axis=0)
    return low, high
