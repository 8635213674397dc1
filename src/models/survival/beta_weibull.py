"""The beta-discrete-Weibull distribution of lifetimes: its survival and its highest likelihood.

S(t) = B(alpha, beta + t^c) / B(alpha, beta) with B the beta function; c = 1 is the
shifted-beta-geometric distribution. What it means for customers is in
`src.models.survival.retention`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from scipy.optimize import minimize
from scipy.special import digamma, expit, gammaln

from src.models.intervals.numbers import Numbers

# The search runs in the logarithms of a time, (beta / alpha)^(1 / c), of likeness, alpha beta /
# (alpha + beta), and of c: there the likelihood bends evenly, and its limits are sides of a box.
_BOX = ((-25.0, 25.0), (np.log(1e-9), np.log(1e6)), (np.log(0.1), np.log(10.0)))
# Beyond these no cohort can tell the fit from the limit itself.
_ALIKE, _SPLIT, _LEAST_C, _MOST_C = 1e5, 1e-5, 0.101, 9.99
# Of the logarithms of parameters, for differences of analytic slopes.
STEP = 1e-4


class Parameters(NamedTuple):
    """The parameters of the distribution, all above 0."""

    alpha: float
    beta: float
    c: float = 1.0

    @property
    def limit(self) -> str:
        """At which end of the distribution they are, in the words of `retention.Retention`."""
        if 1 / (1 / self.alpha + 1 / self.beta) > _ALIKE:
            return "customers alike"
        if self.alpha + self.beta < _SPLIT:
            return "customers split"
        return "" if _LEAST_C < self.c < _MOST_C else "c at an end"

    def times(self, log_factors: Numbers) -> Parameters:
        """The parameters after a step in their logarithms."""
        alpha, beta, c = np.array(self) * np.exp(log_factors)
        return Parameters(float(alpha), float(beta), float(c))


def log_survival(parameters: Parameters, times: Numbers) -> Numbers:
    """Logarithm of S(t) at each of `times`, 0 or more, exact where parameters are huge."""
    alpha, beta, c = parameters
    grown = times**c
    # Two ways to pair four log-gammas; the one with the smaller step cancels less.
    return np.where(
        grown < alpha,
        _log_gamma_rise(beta, grown) - _log_gamma_rise(alpha + beta, grown),
        _log_gamma_rise(beta, alpha) - _log_gamma_rise(beta + grown, alpha),
    )


def log_retention(parameters: Parameters, times: Numbers) -> Numbers:
    """Logarithm of S(t) / S(t - 1) at each of `times`, 1 or more."""
    return log_survival(parameters, times) - log_survival(parameters, times - 1)


def log_likelihood(
    parameters: Parameters, ends: Numbers, at_risk: Numbers
) -> tuple[float, Numbers]:
    """The log-likelihood of `ends` among those `at_risk` in period 1, 2, ..., and its slopes.

    It is the sum of ends log(1 - r) + (at_risk - ends) log r, with r the retention of the period.
    Slopes are along the logarithms of alpha, beta and c.
    """
    alpha, beta, c = parameters
    times = np.arange(len(ends) + 1.0)
    grown = times**c
    stay = at_risk - ends
    log_r = np.minimum(np.diff(log_survival(parameters, times)), -1e-15)
    value = ends @ np.log(-np.expm1(log_r)) + stay @ log_r
    per_log_r = stay + ends * np.exp(log_r) / np.expm1(log_r)
    per_alpha = -_digamma_rise(alpha + beta, grown)
    per_beta = _digamma_rise(beta, grown) + per_alpha
    per_grown = -_digamma_rise(beta + grown, alpha)
    per_c = per_grown * c * grown * np.log(np.maximum(times, 1))
    slopes = np.array([alpha * per_alpha, beta * per_beta, per_c])
    return float(value), np.diff(slopes, axis=1) @ per_log_r


def maximise(
    ends: Numbers, at_risk: Numbers, starts: Sequence[Parameters], free: int
) -> tuple[Parameters, float]:
    """The parameters of the highest likelihood, and that; with `free` = 2 c is held at 1.

    Where it has no peak the search stops at a side of its box, as `limit` says.
    """
    # Per customer and period, so that the search stops at the same place for k times the counts.
    total = at_risk.sum()

    def loss(place: Numbers) -> tuple[float, Numbers]:
        alpha, beta, c = _parameters(place)
        value, slope = log_likelihood(Parameters(alpha, beta, c), ends / total, at_risk / total)
        mean = alpha / (alpha + beta)
        per_odds = slope[1] * (1 - mean) - slope[0] * mean
        turned = np.array([per_odds * c, slope[0] + slope[1], slope[2] + per_odds * c * place[0]])
        return -value, -turned[:free]

    options = {"ftol": 1e-14, "gtol": 1e-10, "maxiter": 1_000, "maxcor": 20}
    tries = [
        minimize(
            loss,
            _place(start)[:free],
            jac=True,
            method="L-BFGS-B",
            bounds=_BOX[:free],
            options=options,
        )
        for start in starts
    ]
    best = min(tries, key=lambda found: found.fun)
    return _parameters(best.x), float(-best.fun * total)


def log_covariance(parameters: Parameters, ends: Numbers, at_risk: Numbers, free: int) -> Numbers:
    """Covariance of the logarithms of the first `free` parameters, from the observed information.

    Missing at a `limit`, and where the likelihood does not bend down in every direction.
    """
    missing: Numbers = np.full((free, free), np.nan)
    if parameters.limit:
        return missing
    rises = [
        log_likelihood(parameters.times(step), ends, at_risk)[1]
        - log_likelihood(parameters.times(-step), ends, at_risk)[1]
        for step in STEP * np.eye(3)[:free]
    ]
    curvature = np.array(rises)[:, :free] / (2 * STEP)
    information = -(curvature + curvature.T) / 2
    if np.linalg.eigvalsh(information)[0] <= 0:
        return missing
    return np.asarray(np.linalg.inv(information), float)


def _parameters(place: Numbers) -> Parameters:
    c = float(np.exp(place[2])) if len(place) > 2 else 1.0
    odds, likeness = c * place[0], np.exp(place[1])
    return Parameters(float(likeness / expit(odds)), float(likeness / expit(-odds)), c)


def _place(parameters: Parameters) -> Numbers:
    alpha, beta, c = parameters
    return np.array([np.log(beta / alpha) / c, -np.log(1 / alpha + 1 / beta), np.log(c)])


def _log_gamma_rise(start: Numbers | float, step: Numbers | float) -> Numbers:
    """Logarithm of Gamma(start + step) / Gamma(start); Stirling's series where both are huge."""
    x, end = np.asarray(start, float), np.asarray(start, float) + step
    series = (x - 0.5) * np.log1p(step / x) + step * (np.log(end) - 1)
    series += (1 / end - 1 / x) / 12 - (end**-3.0 - x**-3.0) / 360
    return np.where(x > 1_000, series, gammaln(end) - gammaln(x))


def _digamma_rise(start: Numbers | float, step: Numbers | float) -> Numbers:
    """Slope of `_log_gamma_rise` along `start`."""
    x, end = np.asarray(start, float), np.asarray(start, float) + step
    series = np.log1p(step / x) - (1 / end - 1 / x) / 2 - (end**-2.0 - x**-2.0) / 12
    return np.where(x > 1_000, series, digamma(end) - digamma(x))
