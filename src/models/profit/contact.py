"""What a contact earns, and the maximum profit that a model's order of customers allows.

One profit function is behind all of it, and behind `src.models.profit.depth`. A contact costs
`contact`. A churner who is contacted takes the offer, at cost `offer`, with probability g and
stays, which is worth `value`; else leaves as before. A stayer who is contacted takes the offer and
brings nothing new:

    profit of a churner           = g (value - offer) - contact
    profit of a stayer            = -offer - contact
    profit of somebody who is gone, or leaves before an offer can reach them = -contact

Money is in the unit of the arguments. Assumption: who takes the offer stays for the whole `value`,
contacts do not provoke anybody to leave, and g does not depend on the customer; where stayers
refuse offers the profit is too low, where contacts wake sleeping dogs it is too high.
Source: Verbraken, Verbeke, Baesens 2013, IEEE TKDE 25(5), 961-973, after Neslin et al.
2006.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import isotonic_regression
from scipy.special import betainc

from src.data.problems import InputError
from src.models.intervals.numbers import Numbers, chances_of, finite, weights_of
from src.models.scoring.scores import Ranking, rank


@dataclass(frozen=True)
class MaximumProfit:
    """The profit per customer of the base, and the share of customers to contact for it."""

    value: float
    share: float


def empc(
    churned: ArrayLike,
    chance: ArrayLike,
    weight: ArrayLike | None = None,
    *,
    clv: float = 200,
    offer: float = 10,
    contact: float = 1,
    alpha: float = 6,
    beta: float = 14,
) -> MaximumProfit:
    """Expected maximum profit for churn: the accept rate g is not known, but Beta(alpha, beta).

    For each g the list is cut where the profit is highest, and the profit is averaged over g; the
    `share` is the average of these cuts. `churned`, `chance`, `weight` are those of
    `src.models.scoring.scores`; money: `clv`, the value of a churner who stays, `offer`, `contact`.

    With F0, F1 the shares of churners and stayers contacted and p0, p1 their shares of the base, a
    corner of the ROC's convex hull earns g (clv - offer) p0 F0 - contact p0 F0 - (offer + contact)
    p1 F1. Each corner is the best one for g in one range; there the mean of g is a difference of
    incomplete beta functions, so the integral is exact. O(n log n).

    The cut is chosen on the rows it is judged on, by an oracle who knows g: the value is a bound
    for a model, not a forecast for a campaign. Raises `InputError` like `roc_auc`, and unless
    0 <= offer < clv, 0 <= contact, 0 < alpha and 0 < beta.

    >>> found = empc([0, 1, 0, 1, 0, 1, 0, 1], [0.1, 0.2, 0.3, 0.4, 0.5, 0.7, 0.8, 0.9])
    >>> round(found.value, 4), round(found.share, 4)
    (23.8756, 0.8744)
    """
    ranking = rank(churned, chance)
    weights = weights_of(weight, len(ranking.order))
    economics = {"clv": clv, "offer": offer, "contact": contact}
    return _expected(ranking, weights, alpha=alpha, beta=beta, **economics)


def empc_of(
    ranking: Ranking,
    weight: Numbers | None = None,
    *,
    clv: float = 200,
    offer: float = 10,
    contact: float = 1,
    alpha: float = 6,
    beta: float = 14,
) -> float:
    """The value of `empc` from rows that are sorted already; an `extra` of `paired_bootstrap`."""
    economics = {"clv": clv, "offer": offer, "contact": contact}
    return _expected(ranking, weight, alpha=alpha, beta=beta, **economics).value


def mpc(
    churned: ArrayLike,
    chance: ArrayLike,
    weight: ArrayLike | None = None,
    *,
    clv: float = 200,
    offer: float = 10,
    contact: float = 1,
    accept_rate: float = 0.3,
) -> MaximumProfit:
    """Maximum profit for churn at a known accept rate: `empc` with all of g at `accept_rate`.

    Of cuts with the same profit the shortest list is taken. Raises `InputError` like `empc`, and
    unless 0 <= accept_rate <= 1.
    """
    _check_economics(clv=clv, offer=offer, contact=contact)
    _check_accept_rate(accept_rate)
    ranking = rank(churned, chance)
    churners, stayers = _hull(ranking, weights_of(weight, len(ranking.order)))
    profit = churners * (accept_rate * (clv - offer) - contact) - stayers * (offer + contact)
    best = int(np.argmax(profit))
    return MaximumProfit(float(profit[best]), float(churners[best] + stayers[best]))


def contact_profit(
    savable: ArrayLike,
    value: ArrayLike,
    unreachable: ArrayLike | None = None,
    *,
    accept_rate: float = 0.3,
    offer: float = 10,
    contact: float = 1,
) -> Numbers:
    """The profit of contacting each customer, each with a `value` of their own, in money.

    savable accept_rate (value - offer) - (1 - savable - unreachable) offer - contact, the module's
    formula. `savable` is whether the customer leaves when an offer could still keep them,
    `unreachable` whether they are gone already or leave before (nobody without it): the labels for
    what would have been earned, the chances for what is to be expected. `value` is what the
    customer brings from now on if they stay and can be negative. Expected profit needs calibrated
    chances, and a value that does not depend on the label given the chance.

    Raises `InputError` when lengths differ, something is missing, a chance or the sum of both is
    outside 0..1 or a parameter is outside its range.

    >>> contact_profit([1, 0, 0.5, 0], [200, 200, 200, 200], [0, 0, 0, 1]).tolist()
    [56.0, -11.0, 22.5, -1.0]
    """
    _check_accept_rate(accept_rate)
    if not (offer >= 0 and contact >= 0):
        raise InputError(f"offer and contact must be 0 or more, not {offer:g} and {contact:g}")
    chance, worth = chances_of(savable), finite("value", value)
    if len(chance) != len(worth):
        raise InputError(f"churned or chance has {len(chance):,} rows, value has {len(worth):,}")
    beyond = np.zeros(len(chance)) if unreachable is None else chances_of(unreachable)
    if len(beyond) != len(chance):
        raise InputError(f"savable has {len(chance):,} rows, unreachable has {len(beyond):,}")
    stays = 1 - chance - beyond
    if (stays < -1e-9).any():
        raise InputError("the chances of savable and unreachable sum to more than 1")
    return chance * accept_rate * (worth - offer) - stays.clip(0) * offer - contact


def _expected(
    ranking: Ranking,
    weight: Numbers | None,
    *,
    clv: float,
    offer: float,
    contact: float,
    alpha: float,
    beta: float,
) -> MaximumProfit:
    _check_economics(clv=clv, offer=offer, contact=contact)
    if not (alpha > 0 and beta > 0):
        raise InputError(f"alpha and beta must be above 0, not {alpha:g} and {beta:g}")
    churners, stayers = _hull(ranking, weight)
    more, wasted = np.diff(churners), np.diff(stayers)
    # The accept rate at which the next corner begins to earn more than this one.
    never = np.full(len(more), np.inf)
    waste_per_churner = np.divide(wasted * (offer + contact), more, out=never, where=more > 0)
    switch = (waste_per_churner + contact) / (clv - offer)
    ends = np.clip(np.concatenate([[0], switch, [1]]), 0, 1)
    probability = np.diff(betainc(alpha, beta, ends))
    mean = alpha / (alpha + beta) * np.diff(betainc(alpha + 1, beta, ends))
    costs = churners * contact + stayers * (offer + contact)
    value = churners @ mean * (clv - offer) - costs @ probability
    return MaximumProfit(float(value), float((churners + stayers) @ probability))


def _hull(ranking: Ranking, weight: Numbers | None) -> tuple[Numbers, Numbers]:
    """Corners of the ROC's convex hull, as shares of the base: churners and stayers contacted.

    The slopes of the hull are the churn rates that fall most closely with the order: the isotonic
    regression of the labels on it.
    """
    churners, stayers = ranking.counts(weight)
    everyone = churners + stayers
    if not (churners[-1] > 0 and stayers[-1] > 0):
        raise InputError("the profit needs both churners and stayers in the rows")
    size = np.diff(everyone, prepend=0)
    counted = size > 0
    rate = np.diff(churners, prepend=0)[counted] / size[counted]
    blocks = isotonic_regression(rate, weights=size[counted], increasing=False).blocks
    corners = np.flatnonzero(counted)[blocks[1:] - 1]
    total = everyone[-1]
    return np.append(0, churners[corners]) / total, np.append(0, stayers[corners]) / total


def _check_accept_rate(accept_rate: float) -> None:
    if not 0 <= accept_rate <= 1:
        raise InputError(f"accept_rate must lie between 0 and 1, not {accept_rate:g}")


def _check_economics(*, clv: float, offer: float, contact: float) -> None:
    if not 0 <= offer < clv:
        raise InputError(f"offer must be 0 or more and below clv = {clv:g}, not {offer:g}")
    if not contact >= 0:
        raise InputError(f"contact must be 0 or more, not {contact:g}")
