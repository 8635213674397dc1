"""Models fitted again to buyers drawn again, from where the fit to all of them stopped.

The likelihood of a draw differs from that of the sample by how often each pattern counts. Its peak
is near, so a few quasi-Newton steps find it, where a fit from scratch takes dozens of looks. A draw
that does not settle is fitted from scratch.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
from scipy.special import exprel

from src.models.intervals.numbers import Numbers
from src.models.shop import beta_geometric, pareto_nbd
from src.models.shop.beta_geometric import BetaGeometric
from src.models.shop.buyer_model import BuyerModel
from src.models.shop.buyers import Patterns
from src.models.shop.fitting import PerPattern
from src.models.shop.still_to_come import Alive, purchases

# The slopes of a log-likelihood along the logarithms of its parameters.
Slopes = Callable[[Numbers], Numbers]

_STEPS = 30
_LONGEST = 1.0  # of a step, along a logarithm
_GAIN = 1e-7  # of the log-likelihood, that a further step would bring
_AT_ONCE = 500_000  # rows of buyers who are alive
_FAR = 12.0  # along a logarithm: the draw runs to a limit of the model


def peak_near(slopes: Slopes, start: Numbers, covariance: Numbers) -> Numbers | None:
    """Where the slopes are 0, near the logarithms `start`; None when it is not found.

    `covariance` is the inverse of the observed information at the start. Broyden's method: each
    step corrects it by what the slopes did along the last one. Source: Broyden 1965.
    """
    place, inverse = start.copy(), covariance.copy()
    rises = slopes(place)
    for _ in range(_STEPS):
        step = inverse @ rises
        if not np.isfinite(step).all():
            return None
        if step @ rises >= 0 and step @ rises < _GAIN:
            return place + step
        longest = np.abs(step).max()
        step *= min(1.0, _LONGEST / longest)
        place = place + step
        if np.abs(place - start).max() > _FAR:
            return None
        after = slopes(place)
        if not np.isfinite(after).all():
            return None
        fall = rises - after
        moved = inverse @ fall
        scale = step @ moved
        if abs(scale) > 1e-12 * (step @ step):
            inverse = inverse + np.outer(step - moved, step @ inverse) / scale
        rises = after
    return None


def likelihood_of(model: BuyerModel) -> Callable[[list[float], Patterns], PerPattern]:
    """The likelihood of each pattern, by the parameters of the kind of this model."""
    if isinstance(model, BetaGeometric):
        return partial(beta_geometric.per_pattern, earlier=model.EARLIER)
    return pareto_nbd.per_pattern


def to_come(
    models: Sequence[BuyerModel], alike: Numbers, ahead: Numbers, weights: Numbers
) -> Numbers:
    """(models, alike): purchases of who is alive, weighted over several times ahead.

    `alike` has a row per (frequency, age). Many draws of one small group at once: one by one, the
    calls would cost more than the sums.
    """
    found = np.empty((len(models), len(alike)))
    at_once = max(1, _AT_ONCE // (len(alike) * len(ahead)))
    for begin in range(0, len(models), at_once):
        part = models[begin : begin + at_once]
        is_at_purchases = all(isinstance(model, BetaGeometric) for model in part)
        expected = (_at_purchases if is_at_purchases else _at_any_time)(part, alike, ahead)
        found[begin : begin + at_once] = expected @ weights
    return found


def _at_purchases(models: Sequence[BuyerModel], alike: Numbers, ahead: Numbers) -> Numbers:
    """(models, alike, times ahead): expected purchases in models with drop-out at purchases."""
    x, age = alike.T[:, :, None]
    r, alpha, a, b = np.array([model.parameters for model in models]).T[:, :, None, None]
    earlier = np.array([getattr(model, "EARLIER", 0) for model in models])[:, None, None]
    # Only the share of times matters: one time ahead for all rows, in units of itself.
    parts = r + x, (alpha + age) / ahead, a, b + earlier + x
    shape = (len(models), len(alike), len(ahead))
    alive = Alive(*(np.broadcast_to(part, shape).ravel() for part in parts))
    return purchases(alive, 1.0).reshape(shape)


def _at_any_time(models: Sequence[BuyerModel], alike: Numbers, ahead: Numbers) -> Numbers:
    """(models, alike, times ahead): the rate of who is alive times how long he lives on."""
    x, age = alike.T[:, :, None]
    r, alpha, s, beta = np.array([model.parameters for model in models]).T[:, :, None, None]
    log_growth = np.log1p(ahead / (beta + age))
    lives = (beta + age) * log_growth * exprel((1 - s) * log_growth)
    expected: Numbers = (r + x) / (alpha + age) * lives
    return expected
