"""What a little more retention or margin is worth."""

from __future__ import annotations

import numpy as np
import pandas as pd

from src.data.problems import InputError
from src.models.intervals.proportions import Estimate
from src.models.intervals.ratios import by_delta, ratio_of_means
from src.models.value.discounting import residual_value


def elasticities(
    survival: np.ndarray,
    monthly_margin: np.ndarray,
    acquisition_cost: np.ndarray | None = None,
    annual_rate: float = 0.12,
    *,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """What one per cent more is worth, in per cent of the mean residual value.

    Returns `lever`, `value`, `low`, `high`. Levers: `retention`, one per cent more of the customers
    kept each year, S(t) x 1.01^(t/12), at most 1; `margin`, one per cent more margin; `discount`, a
    rate one per cent lower (0.12 to 0.1188); `acquisition`, one per cent less acquisition cost, per
    cent of the mean value net of it, missing where the cost is higher than the value. Costs are
    (customers,), missing where not known; without any there is no such row. Other arguments as in
    `residual_value`. Each alone, all else as it is; what it costs to get there is not in it.

    Intervals are of other customers (delta method of ratios of means); curves and margins are taken
    as known. With heavy-tailed money they are a little short. One customer has none.

    Raises `InputError` when the mean value is not above 0: a per cent of it means nothing then.
    Source: Gupta, Lehmann and Stuart 2004, for the comparison.
    """
    own = residual_value(survival, monthly_margin, annual_rate)
    mean = own.mean()
    if not mean > 0:
        raise InputError(f"the mean residual value is {mean:g}, so no per cent of it can be told")
    months = survival.shape[1]
    more = np.minimum(survival * 1.01 ** (np.arange(1, months + 1) / 12), 1.0)
    rows = [("margin", 1.0, 1.0, 1.0)]
    for lever, other in (
        ("retention", residual_value(more, monthly_margin, annual_rate)),
        ("discount", residual_value(survival, monthly_margin, 0.99 * annual_rate)),
    ):
        found = ratio_of_means(other, own, confidence)
        value, low, high = (100 * (end - 1) for end in (found.value, found.low, found.high))
        rows.append((lever, value, low, high))
    if acquisition_cost is not None and not np.isnan(acquisition_cost).all():
        found = _cheaper(own, acquisition_cost, confidence)
        rows.append(("acquisition", found.value, found.low, found.high))
    return pd.DataFrame(rows, columns=["lever", "value", "low", "high"])


def _cheaper(own: np.ndarray, cost: np.ndarray, confidence: float) -> Estimate:
    """What one per cent less cost is worth, in per cent of the mean value net of it."""
    mean, paid = own.mean(), float(np.nanmean(cost))
    net = mean - paid
    if not net > 0:
        return Estimate(np.nan, np.nan, np.nan)
    moves = (mean * _moves_of_known(cost) - paid * (own - mean)) / net**2
    return by_delta(paid / net, moves, confidence)


def _moves_of_known(values: np.ndarray) -> np.ndarray:
    """How each customer moves the mean of the known values; those unknown do not."""
    is_known = ~np.isnan(values)
    return np.where(is_known, values - np.nanmean(values), 0.0) / is_known.mean()
