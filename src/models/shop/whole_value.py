"""What a whole list of buyers is worth, and a new buyer month by month, with intervals."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.interpolate import PchipInterpolator

from src.data.problems import InputError
from src.models.intervals.proportions import Estimate
from src.models.shop.buyer_model import NEW, BuyerModel
from src.models.shop.buyers import patterns_of
from src.models.shop.gamma_gamma import GammaGamma
from src.models.shop.refits import to_come
from src.models.shop.residual import DAYS_PER_MONTH, DISCOUNT, HORIZON, looks

_NODES = 14  # months at which a new buyer is looked at; between them purchases are smooth
_TRIES = 20  # per draw


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
    The money per purchase has a mean: a draw without one (q at most 1) is drawn again.
    A change of season, prices or competition is in no interval. Raises `InputError` like
    `residual_value`, when a model has no standard errors, and when the mean spend has no bound, or
    hardly any draw has one.
    """
    _refuse_unbounded(spending)
    patterns = patterns_of(buyers)
    pairs = np.column_stack([patterns.frequency.each(), patterns.age.each()])
    alike, place = np.unique(pairs, axis=0, return_inverse=True)
    of_buyer = place.ravel()[patterns.pattern_of]
    months, weights = looks(horizon, discount)
    models = [model, *(model.draw(rng) for _ in range(replicates))]
    coming = to_come(models, alike, months * (DAYS_PER_MONTH / model.unit_days), weights)
    sums = []
    for number, one in enumerate(models):
        money = _drawn(spending, rng) if number else spending
        times = (
            np.bincount(rng.integers(0, len(buyers), len(buyers)), minlength=len(buyers))
            if number
            else np.ones(len(buyers))
        )
        purchases = one.alive(patterns).to_numpy(float) * coming[number][of_buyer]
        sums.append(times @ (purchases * money.expected_spend(buyers).to_numpy(float)))
    value, *drawn = np.array(sums) * margin_share
    low, high = np.quantile(drawn, [(1 - confidence) / 2, (1 + confidence) / 2])
    return Estimate(float(value), float(low), float(high))


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
    Raises `InputError` when a model has no standard errors, and when the mean spend has no bound,
    or hardly any draw has one.
    """
    _refuse_unbounded(spending)
    months = np.arange(horizon + 1)
    unit = DAYS_PER_MONTH / model.unit_days
    factors = (1 + discount) ** (-months[1:] / 12)
    nodes = np.unique(np.round(np.expm1(np.linspace(0, np.log1p(horizon), _NODES))))

    models = [model, *(model.draw(rng) for _ in range(replicates))]
    money = [spending, *(_drawn(spending, rng) for _ in range(replicates))]
    alive = np.array([one.alive(NEW).iloc[0] for one in models])
    new = np.zeros((1, 2))
    at_nodes = [
        alive * to_come(models, new, np.array([node * unit]), np.ones(1))[:, 0]
        for node in nodes[1:]
    ]
    at_nodes.insert(0, np.zeros(len(models)))
    by = PchipInterpolator(np.log1p(nodes), at_nodes)(np.log1p(months))
    each = np.diff(by, axis=0) * factors[:, None]
    each *= np.array([one.population_mean for one in money]) * margin_share
    value, *drawn = np.vstack([np.zeros(len(models)), each.cumsum(axis=0)]).T
    low, high = np.quantile(drawn, [(1 - confidence) / 2, (1 + confidence) / 2], axis=0)
    return pd.DataFrame({"month": months, "value": value, "low": low, "high": high})


def _refuse_unbounded(spending: GammaGamma) -> None:
    if not np.isfinite(spending.population_mean):
        raise InputError("the mean of the money per purchase has no bound (q at most 1)")


def _drawn(spending: GammaGamma, rng: np.random.Generator) -> GammaGamma:
    """A draw of the model of spend in which the mean has a bound."""
    for _ in range(_TRIES):
        drawn = spending.draw(rng)
        if np.isfinite(drawn.population_mean):
            return drawn
    raise InputError(
        "the buyers leave open whether the mean of the money per purchase has a bound, so there is "
        "no interval"
    )
