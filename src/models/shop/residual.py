"""What buyers are still worth: their purchases of the months to come, discounted."""

from __future__ import annotations

import numpy as np
import pandas as pd

from src.data.problems import InputError
from src.models.intervals.numbers import Numbers
from src.models.shop.buyer_model import BuyerModel
from src.models.shop.buyers import Patterns, patterns_of

HORIZON, DISCOUNT = 36, 0.12
DAYS_PER_MONTH = 365.25 / 12
# As many looks ahead stand for any number of months.
_LOOKS = 8
_NOTHING = 1e-9


def discounted_purchases(
    model: BuyerModel,
    buyers: pd.DataFrame | Patterns,
    *,
    horizon: int = HORIZON,
    discount: float = DISCOUNT,
) -> pd.Series:
    """Discounted purchase days of each buyer in the next `horizon` calendar months.

    Takes `frequency`, `recency`, `age` in the model's unit of time. It is the sum over months
    m = 1..horizon of the purchases expected in month m over (1 + discount)^(m / 12). A month is
    365.25 / 12 days, so many units of `model.unit_days`; `discount` is per year, as a share.

    Expected purchases by month m are smooth in m, so Gauss's rule for the sum needs them at eight
    moments instead of all months; the difference is below a millionth.
    Raises `InputError` like the model, and when horizon or discount cannot be one.
    """
    if horizon < 1 or horizon % 1:
        raise InputError(f"horizon must be a whole number of months of 1 or more, not {horizon:g}")
    if not (np.isfinite(discount) and discount >= 0):
        raise InputError(f"discount must be a share of 0 or more per year, not {discount:g}")
    patterns = patterns_of(buyers)
    moments, weights = looks(horizon, discount)
    unit = DAYS_PER_MONTH / model.unit_days
    days = model.weighted(patterns, (moments * unit).tolist(), weights.tolist())
    return days.rename("discounted_purchases")


def residual_value(
    model: BuyerModel,
    buyers: pd.DataFrame | Patterns,
    spend: pd.Series,
    margin_share: float,
    *,
    horizon: int = HORIZON,
    discount: float = DISCOUNT,
) -> pd.Series:
    """Discounted margin of each buyer in the next `horizon` months, in the unit of `spend`.

    `discounted_purchases` times `spend`, the money each buyer is expected to spend per purchase
    day (`GammaGamma.expected_spend`), times `margin_share`, the share of it that is margin.
    Assumption: what is spent has nothing to do with how often and how long, and shares stay.
    Raises `InputError` like `discounted_purchases`, and when `spend` has other rows than the buyers
    or `margin_share` is not a number.
    """
    patterns = patterns_of(buyers)
    if not spend.index.equals(patterns.index):
        raise InputError("spend must have a row per buyer, with the index of the buyers")
    if not np.isfinite(margin_share):
        raise InputError(f"margin_share must be a share, not {margin_share:g}")
    days = discounted_purchases(model, patterns, horizon=horizon, discount=discount)
    return (days * spend * margin_share).rename("residual_value")


def looks(horizon: int, discount: float, most: int = _LOOKS) -> tuple[Numbers, Numbers]:
    """Months ahead, and weights of the purchases expected by then.

    Summed by parts, purchases BY month m count with d(m) - d(m + 1), d the discount factor and 0
    beyond the horizon. For a smooth function of months a few looks give the same sum as all months:
    Gauss's rule along log (1 + m), by Lanczos's algorithm (Golub, Meurant 2010, chapter 4).
    """
    months = np.arange(1.0, horizon + 1)
    factors = (1 + discount) ** (-months / 12)
    weights = factors - np.append(factors[1:], 0.0)
    if horizon <= most:
        return months, weights
    along = np.log1p(months)
    vectors = [np.sqrt(np.maximum(weights, 0) / weights.sum())]
    for _ in range(most - 1):
        step = along * vectors[-1]
        for _ in range(2):  # twice is enough for orthogonal
            for vector in vectors:
                step = step - (step @ vector) * vector
        length = np.linalg.norm(step)
        if length < _NOTHING:  # few months have a weight
            break
        vectors.append(step / length)
    basis = np.array(vectors)
    places, turns = np.linalg.eigh(basis * along @ basis.T)
    return np.expm1(places), weights.sum() * turns[0] ** 2
