"""Lifetime value: the money a customer is expected to bring from now on."""

from __future__ import annotations

import numpy as np

from src.data.problems import InputError


def discounts(months: int, annual_rate: float = 0.12) -> np.ndarray:
    """(months,): what money of the 1st, 2nd, .. month ahead is worth today: (1 + r)^(-t/12).

    >>> discounts(12, 0.12).round(4)[[0, -1]].tolist()
    [0.9906, 0.8929]
    """
    if months < 1 or not annual_rate > -1:
        raise InputError(
            f"months must be 1 or more and annual_rate above -1, not {months} and {annual_rate:g}"
        )
    return (1 + annual_rate) ** (-np.arange(1, months + 1) / 12)


def kept_value(
    survival: np.ndarray, monthly_margin: np.ndarray, months: int, annual_rate: float = 0.12
) -> np.ndarray:
    """(customers,): what a customer is worth who is kept through the next `months`.

    The residual value with S(t) given that one is there after `months`: 1 up to then, S(t) /
    S(months) beyond. It is what a rescue saves; the residual value of someone about to leave is
    small because they are about to leave. Arguments and errors as in `residual_value`.

    >>> kept_value(np.array([[0.5, 0.25]]), np.array([10.0]), 1, annual_rate=0.0).tolist()
    [15.0]
    """
    stays, margin = _checked(survival, monthly_margin)
    if not 1 <= months <= stays.shape[1]:
        raise InputError(f"months must be 1 to {stays.shape[1]}, not {months}")
    reached = np.maximum(stays[:, [months - 1]], 1e-12)
    kept = np.minimum(stays / reached, 1)
    kept[:, :months] = 1
    return residual_value(kept, margin, annual_rate)


def residual_value(
    survival: np.ndarray, monthly_margin: np.ndarray, annual_rate: float = 0.12
) -> np.ndarray:
    """(customers,): the sum over months t of S(t) x margin(t) / (1 + r)^(t/12), money.

    `survival`: (customers, months), the chance to be there in each month ahead; `monthly_margin`:
    expected margin of a month in which one is there, (customers,) when it stays level or
    (customers, months). The horizon is as many months as `survival` has; what comes later is not in
    it. Raises `InputError` when the shapes do not fit or a chance is not one.

    >>> residual_value(np.array([[1.0, 0.5]]), np.array([10.0]), annual_rate=0.0).tolist()
    [15.0]
    """
    stays, margin = _checked(survival, monthly_margin)
    return (stays * margin) @ discounts(stays.shape[1], annual_rate)


def _checked(survival: np.ndarray, monthly_margin: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Survival (customers, months), and a margin that goes with it."""
    stays, margin = np.asarray(survival, float), np.asarray(monthly_margin, float)
    if margin.ndim == 1:
        margin = margin[:, None]
    if stays.ndim != 2 or len(margin) != len(stays) or margin.shape[1] not in (1, stays.shape[1]):
        raise InputError(f"survival is {stays.shape}, the margin is {margin.shape}")
    if not ((stays >= 0) & (stays <= 1)).all():
        raise InputError("survival must lie between 0 and 1 in every month")
    return stays, margin
