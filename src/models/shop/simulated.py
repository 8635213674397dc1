"""Simulated buyers of each model, for tests, studies and benchmarks: no base of anybody.

It stands beside the models because each function says what its model assumes, in the order things
happen. Times of purchases are not drawn one by one: given their number, random times are uniform,
so the last of them has a beta distribution.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from src.models.intervals.numbers import Numbers


def bg_nbd_buyers(
    r: float, alpha: float, a: float, b: float, ages: Numbers, rng: np.random.Generator
) -> pd.DataFrame:
    """Buyers of a BG/NBD, watched for `ages`: `frequency`, `recency`, `age`, a row each."""
    return _until_dropped(r, alpha, a, b, ages, rng, 0)


def mbg_nbd_buyers(
    r: float, alpha: float, a: float, b: float, ages: Numbers, rng: np.random.Generator
) -> pd.DataFrame:
    """Buyers of an MBG/NBD, some of whom leave right after the first purchase; see there."""
    return _until_dropped(r, alpha, a, b, ages, rng, 1)


def pareto_nbd_buyers(
    r: float, alpha: float, s: float, beta: float, ages: Numbers, rng: np.random.Generator
) -> pd.DataFrame:
    """Buyers of a Pareto/NBD, watched for `ages`: `frequency`, `recency`, `age`, a row each."""
    rates, leaving = rng.gamma(r, 1 / alpha, len(ages)), rng.gamma(s, 1 / beta, len(ages))
    lives = rng.standard_exponential(len(ages)) / np.maximum(leaving, 1e-300)
    alive = np.minimum(lives, ages)
    frequency = rng.poisson(rates * alive)
    return _buyers(frequency, alive * _last_of(frequency, frequency, rng), ages)


def spends(
    p: float, q: float, v: float, frequency: NDArray[np.int64], rng: np.random.Generator
) -> Numbers:
    """Mean money per repeat purchase of gamma-gamma buyers; missing where frequency is 0."""
    scales = rng.gamma(q, 1 / v, len(frequency))
    count = np.maximum(frequency, 1)
    return np.where(frequency > 0, rng.gamma(p * count) / (scales * count), np.nan)


def _until_dropped(
    r: float,
    alpha: float,
    a: float,
    b: float,
    ages: Numbers,
    rng: np.random.Generator,
    earlier: int,
) -> pd.DataFrame:
    rates, leave = rng.gamma(r, 1 / alpha, len(ages)), rng.beta(a, b, len(ages))
    would_buy = rng.poisson(rates * ages)
    last_allowed = rng.geometric(np.maximum(leave, 1e-12)) - earlier
    frequency = np.minimum(would_buy, last_allowed)
    return _buyers(frequency, ages * _last_of(frequency, would_buy, rng), ages)


def _last_of(number: NDArray[np.int64], of: NDArray[np.int64], rng: np.random.Generator) -> Numbers:
    """The place in 0..1 of random time `number` among `of`, in order; 0 where there is none."""
    return np.where(number > 0, rng.beta(np.maximum(number, 1), of - number + 1), 0.0)


def _buyers(frequency: NDArray[np.int64], recency: Numbers, ages: Numbers) -> pd.DataFrame:
    return pd.DataFrame({"frequency": frequency, "recency": recency, "age": ages})
