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

from dataclasses import dataclass
from typing import ClassVar, NamedTuple, Self

import numpy as np
import pandas as pd
from scipy.special import expit
from threadpoolctl import threadpool_limits

from src.models.intervals.numbers import Numbers
from src.models.shop.buyer_model import BuyerModel, Side, described, not_negative, positive
from src.models.shop.buyers import Patterns, check_identified, patterns_of
from src.models.shop.rising import rising
from src.models.shop.search import climb
from src.models.shop.still_to_come import Alive, counts, purchases

# Log r, log of the mean rate r / alpha per mean age, log-odds of the mean drop-out a / (a + b),
# log (a + b).
_BOX = np.log([[1e-5, 1e5], [1e-6, 1e6], [1e-6, 1e6], [1e-4, 1e6]])
_STARTS = ((0.5, 1.0, 0.25, 2.0), (2.0, 3.0, 0.1, 5.0))
_SIDES = {
    "r": Side(
        "a few buyers make nearly all purchases (r near 0)",
        "all buyers buy at one rate (r and alpha grow without end)",
        ("r", "alpha"),
    ),
    "rate": Side("hardly anybody buys again", "the rate grows without end", ("r", "alpha")),
    "dropout": Side(
        "nobody drops out (a / (a + b) near 0)",
        "everybody drops out at once (a / (a + b) near 1)",
        ("a", "b"),
    ),
    "alike": Side(
        "buyers drop out at once or never (a and b near 0)",
        "all buyers have one chance to drop out (a and b grow without end)",
        ("a", "b"),
    ),
}


class PerPattern(NamedTuple):
    """The log-likelihood of each pattern, its slopes and the log-odds of having dropped out.

    `slopes` has four rows, along the logarithms of r, alpha, a and b. `log_odds` is minus infinity
    where there was no moment to drop out.
    """

    value: Numbers
    slopes: Numbers
    log_odds: Numbers


@dataclass(frozen=True, eq=False, kw_only=True)
class BetaGeometric(BuyerModel):
    """A fitted BG/NBD or MBG/NBD; `alpha` is in units of time, the other parameters have none."""

    PARAMETERS: ClassVar[tuple[str, ...]] = ("r", "alpha", "a", "b")
    # Moments to drop out before the first repeat purchase.
    EARLIER: ClassVar[int]

    r: float
    alpha: float
    a: float
    b: float

    def alive(self, buyers: pd.DataFrame | Patterns) -> pd.Series:
        """The chance that each buyer has not dropped out by the end of observation.

        Takes `frequency`, `recency`, `age` in the model's unit of time; returns chances indexed
        like the table. Raises `InputError` like `buyers.check_buyers`.
        """
        patterns = patterns_of(buyers)
        return patterns.per_buyer(self._alive(patterns), "alive")

    def expected(self, buyers: pd.DataFrame | Patterns, ahead: float) -> pd.Series:
        """Expected purchase days of each buyer in the next `ahead` units of time.

        P(alive) times the purchases of somebody who is alive (`still_to_come.purchases`).
        Takes `frequency`, `recency`, `age`; raises `InputError` like `buyers.check_buyers`, and
        when `ahead` is negative.
        """
        patterns = patterns_of(buyers)
        if_alive = purchases(self._now(patterns), not_negative("ahead", ahead))
        return patterns.per_buyer(self._alive(patterns) * if_alive, "expected")

    def expected_new(self, ahead: float) -> float:
        """Expected repeat purchase days of a new buyer in the first `ahead` units of time."""
        survived, new = self._new()
        return survived * float(purchases(new, not_negative("ahead", ahead))[0])

    def count_chances(self, ahead: float, most: int) -> Numbers:
        """Chances that a new buyer has 0, 1, ..., `most` repeat purchase days by `ahead`.

        They add up to 1 over all counts, so to less over these.
        """
        survived, new = self._new()
        chances = survived * counts(new, positive("ahead", ahead), most)[0]
        chances[0] += 1 - survived
        return chances

    def future_chances(
        self, buyers: pd.DataFrame | Patterns, ahead: float, most: int
    ) -> pd.DataFrame:
        """Chances that each buyer has 0, 1, ..., `most` purchase days in the next `ahead` units.

        A row per buyer, a column per count; as many numbers as buyers times counts.
        """
        patterns = patterns_of(buyers)
        alive = self._alive(patterns)[:, None]
        chances = alive * counts(self._now(patterns), positive("ahead", ahead), most)
        chances[:, :1] += 1 - alive
        return pd.DataFrame(chances[patterns.pattern_of], index=patterns.index)

    @classmethod
    def fitted(cls, buyers: pd.DataFrame | Patterns, unit_days: float) -> Self:
        """The model of the highest likelihood; see the `fit` of each model."""
        patterns = patterns_of(buyers)
        check_identified(patterns)
        positive("unit_days", unit_days)
        total = float(patterns.buyers.sum())
        # In mean ages, so that the unit of time changes nothing but alpha.
        scale = float(patterns.buyers @ patterns.age.each()) / total
        scaled = patterns.in_units(scale)

        def score(place: Numbers) -> tuple[float, Numbers]:
            logs, jacobian = _logs(place)
            r, alpha, a, b = np.exp(logs).tolist()
            each = per_pattern(r, alpha, a, b, scaled, cls.EARLIER)
            return float(scaled.buyers @ each.value), each.slopes @ scaled.buyers @ jacobian

        with threadpool_limits(1):
            peak = climb(score, [_place(*start) for start in _STARTS], _BOX, total)
        logs, jacobian = _logs(peak.place)
        r, alpha, a, b = np.exp(logs).tolist()
        told = described(peak, jacobian, _SIDES, cls.PARAMETERS)
        # The density of purchases is per unit of time.
        repeats = float(patterns.buyers @ patterns.frequency.each())
        told["log_likelihood"] -= repeats * np.log(scale)
        return cls(
            r=r, alpha=alpha * scale, a=a, b=b, unit_days=unit_days, buyers=int(total), **told
        )

    def _alive(self, patterns: Patterns) -> Numbers:
        each = per_pattern(self.r, self.alpha, self.a, self.b, patterns, self.EARLIER)
        return expit(-each.log_odds)

    def _now(self, patterns: Patterns) -> Alive:
        """What is known of each pattern's rate and chance to drop out if it is alive."""
        x, age = patterns.frequency.each(), patterns.age.each()
        leave = np.full(len(x), self.a)
        return Alive(self.r + x, self.alpha + age, leave, self.b + x + self.EARLIER)

    def _new(self) -> tuple[float, Alive]:
        """The chance that a new buyer survives the first purchase, and what he is like then."""
        survived = (self.b / (self.a + self.b)) ** self.EARLIER
        new = (self.r, self.alpha, self.a, self.b + self.EARLIER)
        return survived, Alive(*(np.array([parameter]) for parameter in new))


def per_pattern(
    r: Numbers | float,
    alpha: Numbers | float,
    a: Numbers | float,
    b: Numbers | float,
    patterns: Patterns,
    earlier: int,
) -> PerPattern:
    """The log-likelihood of each pattern; `earlier` is 0 in the BG/NBD, 1 in the MBG/NBD.

    Parameters are one for all patterns, or one for each; for that every level must be its own.
    """
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
    gone = expit(log_odds)
    value = (
        of_count(rise_r + rise_b - rise_ab)
        - age.spread(r * np.log1p(age.values / alpha))
        - count * log_end
        + np.logaddexp(0.0, log_odds)
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


def _place(r: float, rate: float, dropout: float, alike: float) -> Numbers:
    return np.log([r, rate, dropout / (1 - dropout), alike])


def _logs(place: Numbers) -> tuple[Numbers, Numbers]:
    """Logarithms of r, alpha, a and b, and their slopes along the coordinates of the search."""
    log_r, log_rate, odds, log_alike = place
    log_a, log_b = log_alike - np.logaddexp(0, -odds), log_alike - np.logaddexp(0, odds)
    share = expit(odds)
    jacobian = np.array([[1, 0, 0, 0], [1, -1, 0, 0], [0, 0, 1 - share, 1], [0, 0, -share, 1]])
    return np.array([log_r, log_r - log_rate, log_a, log_b]), jacobian
