"""Gamma-gamma: what buyers spend per purchase, and how far one buyer's mean can be trusted.

Money per purchase of a buyer is Gamma(p, rate nu), and nu ~ Gamma(q, rate v) differs between
buyers. With mean z over x repeat purchases

    L = Gamma(p x + q) / (Gamma(p x) Gamma(q)) v^q x^(p x) z^(p x - 1) / (v + x z)^(p x + q),

and the expected spend of a buyer is a weighted mean of his own z and the mean of all,

    E = p (v + x z) / (p x + q - 1);   p v / (q - 1) without a repeat purchase.

Assumption: how much is spent has nothing to do with how often (`frequency_and_spend` looks), and
does not drift with time. Source: Colombo, Jiang 1999, Journal of Interactive Marketing 13(3), 2-12;
Fader, Hardie 2013, "The gamma-gamma model of monetary value".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import betaln, digamma
from scipy.stats import norm, rankdata
from threadpoolctl import threadpool_limits

from src.data.problems import InputError
from src.models.intervals.numbers import Numbers, check_columns, finite
from src.models.intervals.proportions import Estimate
from src.models.shop.fitted_model import FittedModel, Side, fields_of
from src.models.shop.search import climb

PARAMETERS = ("p", "q", "v")
# The search runs along log p, log q and log (p v / q), in the mean spend.
_START = np.log([3.0, 3.0, 1.0])
_BOX = np.log([[1e-4, 1e5], [1e-4, 1e5], [1e-6, 1e6]])
_SIDES = (
    Side(
        "spends hardly resemble each other (p near 0)",
        "every buyer spends the same each time (p grows without end)",
        ("p", "v"),
    ),
    Side(
        "buyers differ without bound (q near 0)",
        "all buyers are alike (q and v grow without end)",
        ("q", "v"),
    ),
    Side("spends are near 0", "spends grow without end", ("v",)),
)
_LEAST_BUYERS = 4


@dataclass(frozen=True, eq=False, kw_only=True)
class GammaGamma(FittedModel):
    """A fitted gamma-gamma model; `v` is in money, `buyers` are those who bought again."""

    PARAMETERS: ClassVar[tuple[str, ...]] = PARAMETERS

    p: float
    q: float
    v: float

    @property
    def population_mean(self) -> float:
        """Mean spend per purchase of all buyers, p v / (q - 1); infinite where q is 1 or less.

        There the tail of heavy spenders has no mean, and who never bought again has no expected
        spend: value buyers by their own spend, or cap it.
        """
        return self.p * self.v / (self.q - 1) if self.q > 1 else float("inf")

    def mean_interval(self, confidence: float = 0.95) -> Estimate:
        """`population_mean` with its interval: delta method on its logarithm.

        The upper end is infinite where the interval of q reaches 1. Ends are missing where p, q or
        v is at a limit.
        """
        mean = self.population_mean
        if np.isinf(mean) or self.at_limit:
            return Estimate(mean, np.nan, np.inf if np.isinf(mean) else np.nan)
        slopes = np.array([1.0, -self.q / (self.q - 1), 1.0])
        reach = norm.ppf((1 + confidence) / 2) * np.sqrt(slopes @ self.covariance @ slopes)
        has_end = self.intervals(confidence).loc["q", "low"] > 1
        high = float(mean * np.exp(reach)) if has_end else float("inf")
        return Estimate(mean, float(mean * np.exp(-reach)), high)

    def expected_spend(self, buyers: pd.DataFrame) -> pd.Series:
        """Expected money per purchase day to come of each buyer, in the unit of `spend`.

        Takes `frequency` and `spend`; `spend` counts only where frequency is above 0. Without a
        repeat purchase it is the `population_mean`; infinite where p frequency + q is 1 or less.
        Raises `InputError` like `fit`.
        """
        frequency, spend = _checked(buyers)
        paid = frequency * np.where(frequency > 0, spend, 0.0)
        weight = self.p * frequency + self.q - 1
        with np.errstate(divide="ignore"):
            expected = np.where(weight > 0, self.p * (self.v + paid) / weight, np.inf)
        return pd.Series(expected, index=buyers.index, name="expected_spend")


def fit(buyers: pd.DataFrame) -> GammaGamma:
    """The gamma-gamma model of the highest likelihood, of the buyers who bought again.

    Takes `frequency` (repeat purchase days, whole) and `spend` (mean money per repeat purchase day;
    not looked at where frequency is 0). Analytic slopes; errors of estimation from the observed
    information. The currency changes `v` and nothing else.

    Raises `InputError`: a spend is zero or below, missing or infinite; a frequency is negative or
    not whole; fewer than four buyers bought again.
    """
    frequency, spend = _checked(buyers)
    is_repeat = frequency > 0
    if is_repeat.sum() < _LEAST_BUYERS:
        raise InputError(
            f"{is_repeat.sum()} of {len(frequency):,} buyers bought again; money per purchase "
            f"needs {_LEAST_BUYERS} or more of them"
        )
    x, z = frequency[is_repeat], spend[is_repeat]
    mean = float(z.mean())
    counts, code = np.unique(x, return_inverse=True)

    def score(place: Numbers) -> tuple[float, Numbers]:
        logs, jacobian = _logs(place)
        value, slopes = log_likelihood(np.exp(logs), counts, code, z / mean)
        return value, slopes @ jacobian

    with threadpool_limits(1):
        peak = climb(score, [_START], _BOX, len(x))
    logs, jacobian = _logs(peak.place)
    logs += [0.0, 0.0, np.log(mean)]
    fields = fields_of(peak, PARAMETERS, logs, jacobian, _SIDES)
    value = peak.value - len(x) * float(np.log(mean))
    return GammaGamma(buyers=len(x), log_likelihood=value, **fields)


def log_likelihood(
    parameters: Numbers, counts: Numbers, code: NDArray[np.intp], spend: Numbers
) -> tuple[float, Numbers]:
    """The log-likelihood and its slopes along the logarithms of p, q and v.

    Buyer i has `counts[code[i]]` repeat purchases of `spend[i]` on average.
    """
    p, q, v = parameters
    many = np.bincount(code, minlength=len(counts)).astype(float)
    shape, paid = p * counts, counts[code] * spend
    # Of v and of what was paid, as shares of both.
    log_v, log_paid = -np.log1p(paid / v), -np.log1p(v / paid)
    value = q * log_v.sum() + shape[code] @ log_paid - np.log(spend).sum()
    value -= many @ betaln(shape, q)
    both = many * digamma(shape + q)
    slopes = [
        p * (counts @ (both - many * digamma(shape)) + counts[code] @ log_paid),
        q * (both.sum() - len(spend) * digamma(q) + log_v.sum()),
        q * len(spend) - ((shape[code] + q) * np.exp(log_v)).sum(),
    ]
    return float(value), np.array(slopes)


def frequency_and_spend(buyers: pd.DataFrame, confidence: float = 0.95) -> Estimate:
    """Rank correlation of frequency and spend among those who bought again, with its interval.

    The model assumes that it is 0. Spearman's, as spends have heavy tails; the interval is Fisher's
    with the variance (1 + rho^2 / 2) / (n - 3) (Bonett, Wright 2000). Raises `InputError` like
    `fit`, and when all frequencies or all spends are the same.
    """
    frequency, spend = _checked(buyers)
    is_repeat = frequency > 0
    x, z = frequency[is_repeat], spend[is_repeat]
    if len(x) < _LEAST_BUYERS or np.ptp(x) == 0 or np.ptp(z) == 0:
        raise InputError(
            "frequency and spend have no correlation: it needs four or more buyers who bought "
            "again, not all as often and not all for the same money"
        )
    rho = float(np.corrcoef(rankdata(x), rankdata(z))[0, 1])
    reach = norm.ppf((1 + confidence) / 2) * np.sqrt((1 + rho**2 / 2) / (len(x) - 3))
    middle = np.arctanh(np.clip(rho, -1 + 1e-15, 1 - 1e-15))
    return Estimate(rho, float(np.tanh(middle - reach)), float(np.tanh(middle + reach)))


def _checked(buyers: pd.DataFrame) -> tuple[Numbers, Numbers]:
    check_columns(buyers, ["frequency", "spend"])
    frequency = finite("frequency", buyers["frequency"])
    if (frequency < 0).any() or (frequency % 1 != 0).any():
        raise InputError("frequency counts purchase days: a whole number of 0 or more")
    spend = pd.to_numeric(buyers["spend"], errors="coerce").to_numpy(float, na_value=np.nan)
    is_repeat = frequency > 0
    if not np.isfinite(spend[is_repeat]).all():
        missing = (~np.isfinite(spend[is_repeat])).sum()
        raise InputError(
            f"spend is missing or infinite in {missing:,} of {is_repeat.sum():,} buyers who bought "
            "again"
        )
    is_free = is_repeat & (spend <= 0)
    if is_free.any():
        first = int(np.flatnonzero(is_free)[0])
        raise InputError(
            f"spend is zero or below in {is_free.sum():,} of {is_repeat.sum():,} buyers who bought "
            f"again (first: row {first + 1}, {spend[first]:g}); a gamma distribution has only "
            "amounts above 0: leave out days on which nothing was paid"
        )
    return frequency, spend


def _logs(place: Numbers) -> tuple[Numbers, Numbers]:
    """Logarithms of p, q and v, and their slopes along the coordinates of the search."""
    jacobian = np.array([[1.0, 0, 0], [0, 1, 0], [-1, 1, 1]])
    return jacobian @ place, jacobian
