"""Buyers who may drop out at a purchase: what BG/NBD and MBG/NBD share.

While alive a buyer buys at random times at a rate of his own, lambda ~ Gamma(r, rate alpha); at a
purchase he drops out with a chance of his own, p ~ Beta(a, b), independent of lambda. In the BG/NBD
the first purchase is no such moment, in the MBG/NBD it is. With x repeat purchases, the last at
t_x, watched to T, and n = x (BG) or x + 1 (MBG) moments at which he may have dropped out,

    L = Gamma(r + x) / Gamma(r) alpha^r (alpha + T)^-(r + x) B(a, b + n) / B(a, b)
        (1 + a / (b + n - 1) ((alpha + T) / (alpha + t_x))^(r + x)),

the last bracket only where n > 0. Its second part is the drop-out at the last purchase, so the
chance to be alive is one over the bracket. Who is alive has lambda ~ Gamma(r + x, alpha + T) and
p ~ Beta(a, b + n), independent again: what he does next is what a new buyer of those parameters
does, and all that is to come follows from that (`still_to_come`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from scipy.special import expit

from src.models.intervals.numbers import Numbers
from src.models.shop.buyer_model import BuyerModel
from src.models.shop.buyers import Patterns
from src.models.shop.fitted_model import Side
from src.models.shop.fitting import RATES, PerPattern, Plan
from src.models.shop.rising import rising
from src.models.shop.still_to_come import Alive, counts, purchases

PARAMETERS = ("r", "alpha", "a", "b")
# The search runs along log r, log of the mean rate r / alpha (per mean age), log-odds of the mean
# chance to drop out a / (a + b), and log (a + b).
_STARTS = ((0.5, 1.0, 0.3, 2.0),)
_BOX = ((1e-5, 1e5), (1e-6, 1e6), (1e-6, 1e6), (1e-4, 1e6))
_HUGE = 700.0  # log-odds
_SIDES = (
    *RATES,
    Side(
        "nobody drops out (a / (a + b) near 0)",
        "everybody drops out at once (a / (a + b) near 1)",
        ("a", "b"),
    ),
    Side(
        "buyers drop out at once or never (a and b near 0)",
        "all buyers have one chance to drop out (a and b grow without end)",
        ("a", "b"),
    ),
)


@dataclass(frozen=True, eq=False, kw_only=True)
class BetaGeometric(BuyerModel):
    """A fitted BG/NBD or MBG/NBD; `alpha` is in units of time, the other parameters have none."""

    PARAMETERS: ClassVar[tuple[str, ...]] = PARAMETERS
    # Moments to drop out before the first repeat purchase.
    EARLIER: ClassVar[int]

    r: float
    alpha: float
    a: float
    b: float

    def _alive(self, patterns: Patterns) -> Numbers:
        each = per_pattern((self.r, self.alpha, self.a, self.b), patterns, self.EARLIER)
        return expit(-each.log_odds)

    def _if_alive(self, patterns: Patterns, ahead: float) -> Numbers:
        return purchases(self._now(patterns), ahead)

    def _counts_if_alive(self, patterns: Patterns, ahead: float, most: int) -> Numbers:
        return counts(self._now(patterns), ahead, most)

    def _now(self, patterns: Patterns) -> Alive:
        """What is known of each pattern's rate and chance to drop out if it is alive."""
        x, age = patterns.frequency.each(), patterns.age.each()
        leave = np.full(len(x), self.a)
        return Alive(self.r + x, self.alpha + age, leave, self.b + x + self.EARLIER)


def plan(earlier: int) -> Plan:
    """How the BG/NBD (`earlier` 0) or the MBG/NBD (1) is fitted."""
    starts = tuple(np.log([r, rate, m / (1 - m), k]) for r, rate, m, k in _STARTS)

    def likelihood(parameters: list[float], patterns: Patterns) -> PerPattern:
        return per_pattern(parameters, patterns, earlier)

    return Plan(PARAMETERS, starts, np.log(_BOX), _SIDES, _logs, likelihood)


def per_pattern(
    parameters: Sequence[Numbers | float], patterns: Patterns, earlier: int
) -> PerPattern:
    """The log-likelihood of each pattern; `earlier` is 0 in the BG/NBD, 1 in the MBG/NBD.

    `parameters` are r, alpha, a and b: one for all patterns, or one for each; for that every level
    must be its own.
    """
    r, alpha, a, b = parameters
    frequency, recency, age = patterns.frequency, patterns.recency, patterns.age
    x, moments = frequency.values, frequency.values + earlier
    rise_r, slope_r = rising(r, x)
    rise_b, slope_b = rising(b, moments)
    rise_ab, slope_ab = rising(a + b, moments)
    can_leave = moments > 0
    before = np.where(can_leave, b + moments - 1, 1.0)
    shares = np.where(can_leave, np.log(a / before), -np.inf)

    def of_count(values: Numbers) -> Numbers:
        return frequency.spread(values)

    count = of_count(x)
    end, last = alpha + age.values, alpha + recency.values
    log_end, log_last = age.spread(np.log(end)), recency.spread(np.log(last))
    silence = log_end - log_last
    bought = r + count
    log_odds = of_count(shares) + bought * silence
    odds = np.exp(np.minimum(log_odds, _HUGE))
    gone = odds / (1 + odds)
    value = (
        of_count(rise_r + rise_b - rise_ab)
        - age.spread(r * np.log1p(age.values / alpha))
        - count * log_end
        + np.log(1 + odds)
        + np.maximum(log_odds - _HUGE, 0.0)
    )
    per_end, per_last = age.spread(1 / end), recency.spread(1 / last)
    slopes = np.array(
        [
            r * (of_count(slope_r) - age.spread(np.log1p(age.values / alpha)) + gone * silence),
            r * age.spread(age.values / end)
            - alpha * (count * per_end - gone * bought * (per_end - per_last)),
            gone - a * of_count(slope_ab),
            b * (of_count(slope_b - slope_ab) - gone * of_count(1 / before)),
        ]
    )
    return PerPattern(value, slopes, log_odds)


def _logs(place: Numbers) -> tuple[Numbers, Numbers]:
    """Logarithms of r, alpha, a and b, and their slopes along the coordinates of the search."""
    log_r, log_rate, odds, log_alike = place
    log_a, log_b = log_alike - np.logaddexp(0, -odds), log_alike - np.logaddexp(0, odds)
    share = expit(odds)
    jacobian = np.array([[1, 0, 0, 0], [1, -1, 0, 0], [0, 0, 1 - share, 1], [0, 0, -share, 1]])
    return np.array([log_r, log_r - log_rate, log_a, log_b]), jacobian
