"""A figure with its interval."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import chi2
from statsmodels.stats.proportion import proportion_confint


@dataclass(frozen=True)
class Estimate:
    """A point estimate between the ends of its interval."""

    value: float
    low: float
    high: float


def wilson(successes: pd.Series, trials: pd.Series, confidence: float = 0.95) -> pd.DataFrame:
    """Proportions with Wilson intervals: `rate`, `low`, `high`, indexed like `successes`.

    The interval stays inside 0 and 1 and holds its coverage for small groups and rare outcomes,
    where the usual one does not. Source: Wilson 1927, as computed by statsmodels.

    >>> wilson(pd.Series([5]), pd.Series([20])).round(3).iloc[0].tolist()
    [0.25, 0.112, 0.469]
    """
    low, high = proportion_confint(
        np.asarray(successes), np.asarray(trials), 1 - confidence, method="wilson"
    )
    rate = np.asarray(successes) / np.asarray(trials)
    # At rates of 0 and 1 the ends equal the rate; rounding must not carry them past it.
    bounds = {"rate": rate, "low": np.clip(low, 0, rate), "high": np.clip(high, rate, 1)}
    return pd.DataFrame(bounds, index=successes.index)


def event_rate(events: pd.Series, exposure: pd.Series, confidence: float = 0.95) -> pd.DataFrame:
    """Events per unit of exposure with exact Poisson intervals: `rate`, `low`, `high`.

    For exits per customer-month and the like. Assumes that events do not pull each other; where
    they come in bursts the interval is too short. Source: Garwood 1936.

    >>> event_rate(pd.Series([10]), pd.Series([1000])).round(4).iloc[0].tolist()
    [0.01, 0.0048, 0.0184]
    """
    tail = (1 - confidence) / 2
    count, months = np.asarray(events, dtype=float), np.asarray(exposure, dtype=float)
    low = np.where(count > 0, chi2.ppf(tail, 2 * np.maximum(count, 1)) / 2, 0.0)
    high = chi2.ppf(1 - tail, 2 * (count + 1)) / 2
    rates = {"rate": count / months, "low": low / months, "high": high / months}
    return pd.DataFrame(rates, index=events.index)
