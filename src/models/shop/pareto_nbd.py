"""Pareto/NBD: buyers without a contract who may drop out at any time.

While alive a buyer buys at random times at a rate of his own, lambda ~ Gamma(r, rate alpha), and
lives for a time that is exponential with a rate of his own, mu ~ Gamma(s, rate beta), independent
of lambda. With x repeat purchases, the last at t_x, watched to T,

    L = Gamma(r + x) / Gamma(r) alpha^r (alpha + T)^-(r + x) (beta / (beta + T))^s (1 + s J),
    J = integral over u from t_x to T of
        ((alpha + T) / (alpha + u))^(r + x) ((beta + T) / (beta + u))^s / (beta + u):

s J are the odds that he has dropped out, at some u. The integral is the difference of two of
Gauss's hypergeometric functions (Fader, Hardie 2005, "A note on deriving the Pareto/NBD model"),
which cancel and overflow; here it is computed as it stands, with positive terms only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import ClassVar

import numpy as np
import pandas as pd
from scipy.special import expit, exprel, gammaln

from src.models.intervals.numbers import Numbers
from src.models.shop.buyer_model import BuyerModel
from src.models.shop.buyers import Patterns
from src.models.shop.fitted_model import Side
from src.models.shop.fitting import RATES, PerPattern, Plan, fitted
from src.models.shop.rising import rising

PARAMETERS = ("r", "alpha", "s", "beta")
# The search runs along log r, log of the mean rate r / alpha, log s, and log of the mean rate of
# dropping out s / beta, both per mean age.
_STARTS = ((0.5, 1.0, 0.5, 1.0),)
_BOX = ((1e-5, 1e5), (1e-6, 1e6), (1e-4, 1e5), (1e-6, 1e6))
_SIDES = (
    *RATES,
    Side(
        "buyers drop out at once or never (s and beta near 0)",
        "all buyers drop out at one rate (s and beta grow without end)",
        ("s", "beta"),
    ),
    Side("nobody drops out (s / beta near 0)", "everybody drops out at once", ("s", "beta")),
)
# Gauss's nodes, along the logarithm of time since before the first purchase; the integral ends
# where a factor of its integrand has fallen by exp(-38).
_NODES, _NODES_OF_COUNTS, _FALL = 22, 128, 38.0
_AT_ONCE = 512


@dataclass(frozen=True, eq=False, kw_only=True)
class ParetoNbd(BuyerModel):
    """A fitted Pareto/NBD; made by `fit`. `alpha` and `beta` are in units of time."""

    PARAMETERS: ClassVar[tuple[str, ...]] = PARAMETERS

    r: float
    alpha: float
    s: float
    beta: float

    def _alive(self, patterns: Patterns) -> Numbers:
        each = per_pattern((self.r, self.alpha, self.s, self.beta), patterns)
        return expit(-each.log_odds)

    def _if_alive(self, patterns: Patterns, ahead: float) -> Numbers:
        """The rate of who is alive, (r + x) / (alpha + T), times the time he has still to live."""
        x, age = patterns.frequency.each(), patterns.age.each()
        log_growth = np.log1p(ahead / (self.beta + age))
        lives = (self.beta + age) * log_growth * exprel((1 - self.s) * log_growth)
        return (self.r + x) / (self.alpha + age) * lives

    def _counts_if_alive(self, patterns: Patterns, ahead: float, most: int) -> Numbers:
        """He lives to the end, or to a moment before it, and buys up to there."""
        shape = (self.r + patterns.frequency.each())[:, None]
        time = (self.alpha + patterns.age.each())[:, None]
        beta = (self.beta + patterns.age.each())[:, None]
        start = np.minimum(time, beta)
        place, weight = _gauss(_NODES_OF_COUNTS)
        length = np.log1p(ahead / start)
        moment = start * np.expm1(length * place)
        with np.errstate(divide="ignore"):  # no time, no purchase
            dies = np.log(weight * length * self.s * (start + moment) / (beta + moment))
        dies -= self.s * np.log1p(moment / beta)
        moments = np.column_stack([moment, np.full(len(moment), ahead)])
        log_weight = np.column_stack([dies, -self.s * np.log1p(ahead / beta)])
        log_weight -= shape * np.log1p(moments / time)
        with np.errstate(divide="ignore"):
            log_share = np.log(moments / (time + moments))
        chances = [np.exp(log_weight).sum(axis=1)]
        for x in range(1, most + 1):
            ways = gammaln(shape + x) - gammaln(shape) - gammaln(x + 1)
            chances.append(np.exp(ways + log_weight + x * log_share).sum(axis=1))
        return np.column_stack(chances)


def fit(buyers: pd.DataFrame | Patterns, *, unit_days: float = 7) -> ParetoNbd:
    """The Pareto/NBD of the highest likelihood.

    Takes a row per buyer: `frequency` (repeat purchase days, whole), `recency` and `age` (times
    from the first purchase to the last one and to the end of observation) in units of `unit_days`
    days; 7 are weeks. The unit changes `alpha` and `beta` and nothing else. Analytic slopes; errors
    of estimation from the observed information.

    Assumption: while alive a buyer buys at random times at a constant rate; he drops out at any
    time, bought or not, at a rate that is constant too; both rates are gamma distributed and
    independent. It is broken by what breaks the BG/NBD. The likelihood is often flat along `s`
    and `beta`: few lives are seen to end. Near a limit see `BuyerModel`.

    Raises `InputError` like `buyers.check_buyers`, when nobody bought twice, and when `unit_days`
    is not above 0.
    Source: Schmittlein, Morrison, Colombo 1987, Management Science 33(1), 1-24; Fader, Hardie, Lee
    2005, Journal of Marketing Research 42(4), 415-430.
    """
    return ParetoNbd(**fitted(_PLAN, buyers, unit_days))


def per_pattern(parameters: Sequence[float], patterns: Patterns) -> PerPattern:
    """The log-likelihood of each pattern at r, alpha, s and beta."""
    r, alpha, s, beta = parameters
    x, t_x, age = patterns.frequency.each(), patterns.recency.each(), patterns.age.each()
    parts = [
        _dropped_out(parameters, x[part], t_x[part], age[part])
        for part in (slice(k, k + _AT_ONCE) for k in range(0, len(x), _AT_ONCE))
    ]
    log_odds, log_alpha, per_alpha, log_beta, per_beta = np.concatenate(parts, axis=1)
    gone = expit(log_odds)
    rise, slope = (patterns.frequency.spread(part) for part in rising(r, patterns.frequency.values))
    fall, life = np.log1p(age / alpha), np.log1p(age / beta)
    end, end_of_life = alpha + age, beta + age
    value = rise - r * fall - x * np.log(end) - s * life + np.logaddexp(0, log_odds)
    slopes = np.array(
        [
            r * (slope - fall + gone * log_alpha),
            alpha * (r / alpha - (r + x) / end + gone * (r + x) * (1 / end - per_alpha)),
            s * (gone * log_beta - life) + gone,
            beta * (s / beta - s / end_of_life + gone * (s / end_of_life - (s + 1) * per_beta)),
        ]
    )
    return PerPattern(value, slopes, log_odds)


def _dropped_out(parameters: Sequence[float], x: Numbers, t_x: Numbers, age: Numbers) -> Numbers:
    """Log (s J) and means over the moment u of dropping out, a row each, of the patterns given.

    The means are of log((alpha + T) / (alpha + u)), 1 / (alpha + u) and the same of beta.
    """
    r, alpha, s, beta = parameters
    start = min(alpha, beta)
    falls = [(alpha + t_x) * _growth(r + x), (beta + t_x) * _growth(s + 1 + 0 * x)]
    stop = np.minimum(age, t_x + np.minimum(*falls))
    place, weight = _gauss(_NODES)
    length = np.log1p((stop - t_x) / (start + t_x))[:, None]
    # Plain exp and log, which are several times faster than expm1 and log1p and lose nothing here.
    since_start = (start + t_x)[:, None] * np.exp(length * place)
    since_alpha, since_beta = since_start + (alpha - start), since_start + (beta - start)
    per_alpha, per_beta = 1 / since_alpha, 1 / since_beta
    log_alpha = np.log((alpha + age)[:, None] * per_alpha)
    log_beta = np.log((beta + age)[:, None] * per_beta)
    log_term = (r + x)[:, None] * log_alpha + s * log_beta
    top = log_term[:, :1].copy()
    log_term -= top
    term = np.exp(log_term) * (since_start * per_beta) * weight
    total = term.sum(axis=1)
    with np.errstate(divide="ignore"):  # no time to drop out
        log_odds = np.log(s * length[:, 0] * total) + top[:, 0]
    means = [
        np.einsum("ij,ij->i", term, of_moment) / total
        for of_moment in (log_alpha, per_alpha, log_beta, per_beta)
    ]
    return np.array([log_odds, *means])


def _growth(power: Numbers) -> Numbers:
    return np.expm1(np.minimum(_FALL / power, 700.0))


@cache
def _gauss(nodes: int) -> tuple[Numbers, Numbers]:
    """Gauss-Legendre places and weights on 0..1."""
    place, weight = np.polynomial.legendre.leggauss(nodes)
    return (place + 1) / 2, weight / 2


def _logs(place: Numbers) -> tuple[Numbers, Numbers]:
    """Logarithms of r, alpha, s and beta, and their slopes along the coordinates of the search."""
    jacobian = np.array([[1.0, 0, 0, 0], [1, -1, 0, 0], [0, 0, 1, 0], [0, 0, 1, -1]])
    return jacobian @ place, jacobian


_PLAN = Plan(PARAMETERS, tuple(map(np.log, _STARTS)), np.log(_BOX), _SIDES, _logs, per_pattern)
