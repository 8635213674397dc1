"""What a little more retention or margin is worth, and when a new customer has paid back."""

from __future__ import annotations

import numpy as np

from src.data.problems import InputError
from src.models.ltv import discounts, residual_value


def elasticities(
    survival: np.ndarray,
    monthly_margin: np.ndarray,
    acquisition_cost: np.ndarray | None = None,
    annual_rate: float = 0.12,
) -> dict[str, float]:
    """What one per cent more is worth, in per cent of the mean residual value.

    `retention`: one per cent more of the customers kept each year, S(t) x 1.01^(t/12), at most 1;
    `margin`: one per cent more margin; `discount`: a rate one per cent lower (0.12 to 0.1188);
    `acquisition`: one per cent less acquisition cost, per cent of the mean value net of it, where
    known. Arguments as in `residual_value`. Each alone, all else as it is; what it costs to get
    there is not in it.

    Raises `InputError` when the mean value is not above 0: a per cent of it means nothing then.
    Source: Gupta, Lehmann and Stuart 2004, for the comparison.
    """
    mean = residual_value(survival, monthly_margin, annual_rate).mean()
    if not mean > 0:
        raise InputError(f"the mean residual value is {mean:g}, so no per cent of it can be told")
    months = survival.shape[1]
    more = np.minimum(survival * 1.01 ** (np.arange(1, months + 1) / 12), 1.0)
    found = {
        "retention": residual_value(more, monthly_margin, annual_rate).mean() / mean - 1,
        "margin": 0.01,
        "discount": residual_value(survival, monthly_margin, 0.99 * annual_rate).mean() / mean - 1,
    }
    if acquisition_cost is not None:
        cost = float(np.nanmean(acquisition_cost))
        found["acquisition"] = 0.01 * cost / (mean - cost) if mean > cost else np.nan
    return {name: float(100 * value) for name, value in found.items()}


def payback_month(
    survival: np.ndarray, monthly_margin: float, cost: float, annual_rate: float = 0.12
) -> int | None:
    """The first month in which the expected discounted margin has paid the `cost`; None if never.

    `survival`: (months,) of a new customer; `monthly_margin`: money of a month in which one is
    there.

    >>> payback_month(np.array([1.0, 0.9, 0.8]), 10.0, 15.0, annual_rate=0.0)
    2
    """
    earned = np.cumsum(survival * monthly_margin * discounts(len(survival), annual_rate))
    reached = np.flatnonzero(earned >= cost)
    return int(reached[0]) + 1 if len(reached) else None


def payback_row(
    group: str, survival: np.ndarray, monthly_margin: float, cost: float, annual_rate: float = 0.12
) -> dict[str, object]:
    """`group`, `ltv` of a new customer, acquisition `cost`, `month` of payback (None: never)."""
    value = float((survival * monthly_margin) @ discounts(len(survival), annual_rate))
    month = payback_month(survival, monthly_margin, cost, annual_rate)
    return {"group": group, "ltv": value, "cost": cost, "month": month}
