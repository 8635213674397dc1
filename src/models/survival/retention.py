"""Contractual retention: the shifted-beta-geometric (sBG) and beta-discrete-Weibull (BdW) models.

A customer decides once per period whether to stay. In the sBG each has a chance to leave that never
changes, theta, and thetas differ between customers as Beta(alpha, beta). The retention rate of a
cohort rises because those likely to leave go first, not because anybody grows more loyal. The BdW
lets each customer's own chance change with age: it falls for c below 1 and rises for c above 1;
c = 1 is the sBG. With B the beta function, the share left after period t is

    S(t) = B(alpha, beta + t^c) / B(alpha, beta),   c = 1 in the sBG.

Assumption: customers leave independently of each other, and calendar time does not matter. A price
rise that hits all at once, or a contract of two years, breaks this; so does a cohort that
mixes kinds of customers that one beta distribution cannot hold (fit them apart).
Source: Fader and Hardie 2007, Journal of Interactive Marketing 21(1), 76-90; Fader, Hardie, Liu,
Davin, Steenburgh 2018, Journal of Interactive Marketing 43, 1-16.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.special import expit, logit
from scipy.stats import chi2, norm
from threadpoolctl import threadpool_limits

from src.data.problems import InputError
from src.models.intervals.numbers import Numbers
from src.models.intervals.proportions import Estimate
from src.models.survival.beta_weibull import (
    STEP,
    Parameters,
    log_covariance,
    log_retention,
    log_survival,
    maximise,
)
from src.models.survival.cohorts import Cohort, cohort_of_survivors, constant_churn, whole

# Sums over an endless future are cut where less than this is left of them, in periods.
_TAIL = 1e-12
_LEAST_DISCOUNT = 1e-4


@dataclass(frozen=True, eq=False)
class Retention:
    """A retention model fitted to a `cohort`; made by `fit_sbg` and `fit_bdw`.

    `parameters` are alpha, beta and c (1 in the sBG); the `log_likelihood` is that of the cohort,
    without binomial constants. `covariance` is that of the logarithms of the parameters, the
    inverse of the observed information, with a row and a column per estimated parameter.
    """

    cohort: Cohort
    parameters: Parameters
    log_likelihood: float
    covariance: pd.DataFrame

    @property
    def limit(self) -> str:
        """Empty, or at which end of the model the likelihood is highest.

        "customers alike": alpha and beta grow without end, every customer has the same chance;
        "customers split": both go to 0, everybody leaves in period 1 or never; "c at an end": 0.1
        or 10. The curve is nearly that of the limit then, but the parameters are where the search
        stopped and mean nothing. The likelihood has no peak, so the covariance and all intervals
        but `bootstrap_survival` are missing.
        """
        return self.parameters.limit

    def survival(self, times: ArrayLike) -> Numbers:
        """The share of a new cohort left after each of `times`, whole periods of 0 or more."""
        return np.exp(log_survival(self.parameters, whole("times", times)))

    def retention(self, times: ArrayLike) -> Numbers:
        """The share of those left after period t - 1 who stay in period t: S(t) / S(t-1), t >= 1.

        In the sBG it is (beta + t - 1) / (alpha + beta + t - 1), and rises to 1.
        """
        return np.exp(log_retention(self.parameters, whole("times", times, 1)))

    def intervals(self, confidence: float = 0.95) -> pd.DataFrame:
        """`value`, `low`, `high`, a row per estimated parameter: Wald on the logarithms.

        They hold while customers clearly differ. The more they are alike, the more the likelihood
        is a ridge along which alpha and beta grow together, and intervals are too short: with 1,000
        customers and seven periods 95 % ones held 86 % at alpha 5, beta 50, and 55 % at 50, 500.
        Curves did not suffer from it. Those of the BdW are too wide there, they held 97-99 %.
        """
        value = np.array(self.parameters)[: len(self.covariance)]
        reach = norm.ppf((1 + confidence) / 2) * np.sqrt(np.diag(self.covariance))
        with np.errstate(over="ignore"):  # no upper end
            ends = {"low": value * np.exp(-reach), "high": value * np.exp(reach)}
        return pd.DataFrame({"value": value} | ends, index=self.covariance.index)

    def survival_interval(self, times: ArrayLike, confidence: float = 0.95) -> pd.DataFrame:
        """The curve with its interval at each of `times`: `time`, `survival`, `low`, `high`.

        Delta method on the logit of S(t). The interval is for the curve, not for the count of a
        cohort to come, which varies around it; it knows nothing of the model being wrong, and the
        further the projection the more that counts. Missing at a `limit`.
        """
        at = whole("times", times)

        def log_odds(parameters: Parameters) -> Numbers:
            below_one = np.minimum(log_survival(parameters, at), -1e-300)  # at time 0
            return below_one - np.log(-np.expm1(below_one))

        bounds = self._delta(log_odds, confidence)
        return pd.DataFrame({"time": at, "survival": self.survival(at)} | bounds)

    def bootstrap_survival(
        self,
        times: ArrayLike,
        rng: np.random.Generator,
        *,
        replicates: int = 200,
        confidence: float = 0.95,
    ) -> pd.DataFrame:
        """`time`, `survival`, `low`, `high` as quantiles of curves fitted to simulated cohorts.

        Parametric bootstrap: in every period as many leave as a binomial draw of this model's
        hazard and of those who were at risk says, and the model is fitted again. Slower than
        `survival_interval` (5 to 15 ms per replicate) and no better, but it exists at a `limit`
        too. With customers nearly alike (alpha 50, beta 500) 95 % intervals held 89 %: fits of
        cohorts like that tend to see more difference than there is. Raises `InputError` when the
        counts of the cohort are not whole, as with weights.
        """
        at = whole("times", times)
        at_risk = self.cohort.at_risk
        if (at_risk % 1 != 0).any():
            raise InputError("the bootstrap draws customers, so counts must be whole: no weights")
        leaving = 1 - self.retention(np.arange(1, len(at_risk) + 1))
        drawn = rng.binomial(at_risk.astype(int), leaving, (replicates, len(at_risk)))
        starts, free = [self.parameters], len(self.covariance)
        with threadpool_limits(1):
            again = [maximise(ends.astype(float), at_risk, starts, free)[0] for ends in drawn]
        curves = np.exp([log_survival(parameters, at) for parameters in again])
        low, high = np.quantile(curves, [(1 - confidence) / 2, (1 + confidence) / 2], axis=0)
        bounds = {"survival": self.survival(at), "low": low, "high": high}
        return pd.DataFrame({"time": at} | bounds)

    def lifetime(self, discount: float, confidence: float = 0.95) -> Estimate:
        """Discounted expected lifetime of a new customer, in periods, with its interval.

        DEL = sum over t = 0, 1, ... of S(t) / (1 + discount)^t: the payment that opens the life
        counts in full, so times a margin per period it is the lifetime value. `discount` is per
        period: 12 % a year are 1.12^(1/12) - 1 a month. See `residual_lifetime`.
        Source: Fader and Hardie 2010, Marketing Science 29(1), 85-93.
        """
        rest = self.residual_lifetime(discount, confidence=confidence).iloc[0]
        return Estimate(*(1 + float(rest[name]) for name in ("periods", "low", "high")))

    def residual_lifetime(
        self, discount: float, survived: ArrayLike = 0, confidence: float = 0.95
    ) -> pd.DataFrame:
        """Discounted periods still to come for who is there after `survived` periods.

        Returns `survived`, `periods`, `low`, `high`, a row per number in `survived`; periods are
        the sum over t = 1, 2, ... of S(survived + t) / S(survived) / (1 + discount)^t. The period
        just paid is not in it. The DERL of Fader and Hardie (2010, equation 6) stands just before
        renewal n and does not discount it: (1 + discount) times this, after n - 1 periods.

        The sum is cut where the rest is below 1e-12 periods. For the sBG it equals a Gauss
        hypergeometric function, which is not used: scipy's has no value for customers that are
        much alike (alpha 3, beta 300). Intervals are delta method on the logit of the share of the
        perpetuity 1 / discount; missing at a `limit`. Much of the sum lies beyond the data.
        Raises `InputError` unless `discount` is 0.0001 or more and `survived` whole.
        """
        if not _LEAST_DISCOUNT <= discount < np.inf:
            raise InputError(f"discount must be {_LEAST_DISCOUNT:g} or more, not {discount:g}")
        ages, rate = whole("survived", survived), np.log1p(discount)
        ahead = np.arange(1.0, np.ceil(-np.log(_TAIL * discount) / rate) + 1)

        def log_odds(parameters: Parameters) -> Numbers:
            start = log_survival(parameters, ages)
            sums = [
                np.exp(log_survival(parameters, age + ahead) - now - rate * ahead).sum()
                for age, now in zip(ages, start, strict=True)
            ]
            return logit(np.clip(np.array(sums) * discount, 1e-300, 1 - 1e-15))

        bounds = self._delta(log_odds, confidence)
        value = expit(log_odds(self.parameters))
        shares = pd.DataFrame({"periods": value} | bounds) / discount
        shares.insert(0, "survived", ages)
        return shares

    def _delta(
        self, log_odds: Callable[[Parameters], Numbers], confidence: float
    ) -> dict[str, Numbers]:
        """Bounds of shares whose logits are a smooth function of the parameters."""
        point, free = self.parameters, len(self.covariance)
        steps = STEP * np.eye(3)[:free]
        rises = [log_odds(point.times(step)) - log_odds(point.times(-step)) for step in steps]
        slope = np.array(rises) / (2 * STEP)
        variance = np.einsum("ik,ij,jk->k", slope, self.covariance.to_numpy(), slope)
        reach = norm.ppf((1 + confidence) / 2) * np.sqrt(variance)
        value = log_odds(point)
        return {"low": expit(value - reach), "high": expit(value + reach)}


@dataclass(frozen=True)
class LikelihoodRatio:
    """Twice the gain in log-likelihood, and the chance of as much where the smaller model holds."""

    statistic: float
    p_value: float


def fit_sbg(cohort: Cohort) -> Retention:
    """The shifted-beta-geometric model of a cohort, by maximum likelihood.

    The log-likelihood is the sum over periods of ends log(1 - r) + (at risk - ends) log r, with r
    the retention of the period: that of the ends and the censored lives, whatever their entries.
    Raises `InputError` when nobody left, or fewer than two periods had somebody at risk: one share
    cannot tell how much customers differ. Everybody leaving in period 1 is such a case. A single
    customer fits, at the limit "customers alike".

    >>> fit = fit_sbg(cohort_of_survivors([1000, 869, 743, 653, 593, 551, 517, 491]))
    >>> round(fit.parameters.alpha, 3), round(fit.parameters.beta, 3)
    (0.668, 3.806)
    >>> fit.retention([1, 7]).round(3).tolist()
    [0.851, 0.936]
    """
    _check(cohort, "the sBG", 2)
    churn = min(constant_churn(cohort), 0.999)
    return _fitted(cohort, [Parameters(k * churn, k * (1 - churn)) for k in (1, 50)], 2)


def fit_bdw(cohort: Cohort) -> Retention:
    """The beta-discrete-Weibull model of a cohort, by maximum likelihood; see `fit_sbg`.

    The search begins at the sBG, so the likelihood is never below that, and at rising chances from
    mild to steep. With few customers, or none who left early, the likelihood can have several peaks
    of nearly the same height, and the one found need not be the highest. Raises `InputError` when
    nobody left, or fewer than three periods had somebody at risk.

    >>> fit = fit_bdw(cohort_of_survivors([1000, 869, 743, 653, 593, 551, 517, 491]))
    >>> [round(parameter, 3) for parameter in fit.parameters]
    [0.214, 1.427, 1.724]
    """
    _check(cohort, "the BdW", 3)
    odds = 1 / min(constant_churn(cohort), 0.999) - 1
    ladder = [Parameters(k, k * odds**c, c) for c in (2, 6) for k in (0.03, 1, 30)]
    return _fitted(cohort, [fit_sbg(cohort).parameters, *ladder], 3)


def likelihood_ratio(sbg: Retention, bdw: Retention) -> LikelihoodRatio:
    """Does each customer's own chance to leave change with age? Test of c = 1, sBG in BdW.

    Statistic 2 (log-likelihood of the BdW - that of the sBG), p value from chi-square with one
    degree of freedom; c = 1 lies inside its range, so the usual theory holds. It does not where a
    fit is at a `limit`. A small p can also mean that the beta distribution does not hold.
    Raises `InputError` unless both were fitted to one cohort, in this order.
    """
    is_pair = sbg.cohort is bdw.cohort and len(sbg.covariance) == 2 and len(bdw.covariance) == 3
    if not is_pair:
        raise InputError("the test needs an sBG and a BdW fitted to the same cohort, in this order")
    statistic = max(0.0, 2 * (bdw.log_likelihood - sbg.log_likelihood))
    return LikelihoodRatio(statistic, float(chi2.sf(statistic, 1)))


def project(survivors: ArrayLike, known: int) -> pd.DataFrame:
    """Survivors projected from periods 0 to `known` into the periods after, beside what came.

    Takes the survivors of `cohort_of_survivors`. Returns `time`, `survivors` and the projections
    `constant_churn` (`cohorts.constant_churn` from period 0 on), `sbg`, `bdw`, all in customers, a
    row per period held out. Raises `InputError` like the fits, and when no period is held out.
    """
    left = whole("survivors", survivors)
    if not 0 < known < len(left) - 1:
        raise InputError(
            f"known must leave periods to project: from 1 to {len(left) - 2:,}, not {known:,}"
        )
    cohort, time = cohort_of_survivors(left[: known + 1]), np.arange(known + 1, len(left))
    shares = {
        "constant_churn": (1 - constant_churn(cohort)) ** time,
        "sbg": fit_sbg(cohort).survival(time),
        "bdw": fit_bdw(cohort).survival(time),
    }
    projections = {name: left[0] * share for name, share in shares.items()}
    return pd.DataFrame({"time": time, "survivors": left[known + 1 :]} | projections)


def projection_errors(projected: pd.DataFrame) -> pd.Series:
    """Mean absolute percentage error per column of `project`, as a share; the baseline first.

    Mean over periods of |projected - survivors| / survivors. Periods with nobody left have none.
    """
    actual = projected["survivors"].where(projected["survivors"] > 0)
    guesses = projected.drop(columns=["time", "survivors"])
    return guesses.sub(actual, axis=0).abs().div(actual, axis=0).mean().rename("mape")


def _check(cohort: Cohort, model: str, needed: int) -> None:
    exposed = int((cohort.at_risk > 0).sum())
    if exposed < needed:
        raise InputError(
            f"{model} needs {needed} or more periods in which somebody could leave, there "
            + ("is 1" if exposed == 1 else f"are {exposed}")
        )
    if not cohort.ends.any():
        raise InputError(
            f"nobody left in {exposed} periods, so nothing tells retention from 100 %; watch longer"
        )


def _fitted(cohort: Cohort, starts: list[Parameters], free: int) -> Retention:
    with threadpool_limits(1):  # two threads cost more than they bring
        found, log_likelihood = maximise(cohort.ends, cohort.at_risk, starts, free)
    covariance = log_covariance(found, cohort.ends, cohort.at_risk, free)
    names = list(Parameters._fields[:free])
    table = pd.DataFrame(covariance, index=names, columns=names)
    return Retention(cohort, found, log_likelihood, table)
