"""What a whole list of buyers is worth, and a new buyer month by month, with intervals."""

from __future__ import annotations

import numpy as np
import pandas as pd

from src.models.intervals.numbers import Numbers
from src.models.intervals.proportions import Estimate
from src.models.shop.buyer_model import BuyerModel
from src.models.shop.buyers import patterns_of
from src.models.shop.gamma_gamma import GammaGamma
from src.models.shop.residual import (
    DAYS_PER_MONTH,
    DISCOUNT,
    HORIZON,
    residual_value,
)


def whole_value(
    model: BuyerModel,
    spending: GammaGamma,
    buyers: pd.DataFrame,
    margin_share: float,
    rng: np.random.Generator,
    *,
    horizon: int = HORIZON,
    discount: float = DISCOUNT,
    replicates: int = 200,
    confidence: float = 0.95,
) -> Estimate:
    """The residual value of all buyers together, in money, with its interval.

    Reads `frequency`, `recency`, `age`, `spend`. Each replicate draws parameters of both models
    from what the data leave open, and buyers with replacement; ends are percentiles. Assumption:
    the errors of the parameters and the draw of the list are independent, which they are where the
    models learned from other buyers; where they are the same buyers the interval is a little wide.
    A change of season, prices or competition is in no interval. Raises `InputError` like
    `residual_value`, and when a model has no standard errors.
    """
    patterns = patterns_of(buyers)

    def values(one: BuyerModel, money: GammaGamma) -> Numbers:
        spend = money.expected_spend(buyers)
        worth = residual_value(
            one, patterns, spend, margin_share, horizon=horizon, discount=discount
        )
        return worth.to_numpy(float)

    drawn = []
    for _ in range(replicates):
        times = np.bincount(rng.integers(0, len(buyers), len(buyers)), minlength=len(buyers))
        drawn.append(times @ values(model.draw(rng), spending.draw(rng)))
    low, high = np.quantile(drawn, [(1 - confidence) / 2, (1 + confidence) / 2])
    return Estimate(float(values(model, spending).sum()), float(low), float(high))


def newcomer_value(
    model: BuyerModel,
    spending: GammaGamma,
    margin_share: float,
    rng: np.random.Generator,
    *,
    horizon: int = HORIZON,
    discount: float = DISCOUNT,
    replicates: int = 200,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """What a new buyer brings after the first purchase, added up month by month.

    Returns `month` (0 .. horizon), `value`, `low`, `high`: the sum over months of expected repeat
    purchases times the mean spend times `margin_share`, discounted by `discount` a year. The first
    purchase itself is not in it. Percentiles of parameters drawn from what the data leave open.
    Raises `InputError` when a model has no standard errors.
    """
    months = np.arange(horizon + 1)
    unit = DAYS_PER_MONTH / model.unit_days
    factors = (1 + discount) ** (-months[1:] / 12)

    def added_up(one: BuyerModel, money: GammaGamma) -> Numbers:
        by = one.expected_new(months[1:] * unit)
        each = np.diff(by, prepend=0.0) * factors * money.population_mean * margin_share
        return np.append(0.0, each.cumsum())

    drawn = [added_up(model.draw(rng), spending.draw(rng)) for _ in range(replicates)]
    low, high = np.quantile(drawn, [(1 - confidence) / 2, (1 + confidence) / 2], axis=0)
    return pd.DataFrame(
        {"month": months, "value": added_up(model, spending), "low": low, "high": high}
    )
