"""Whether the larger of two nested models of the same buyers is worth its parameters."""

from __future__ import annotations

from typing import NamedTuple, Protocol

from scipy.stats import chi2

from src.data.problems import InputError


class LikelihoodRatio(NamedTuple):
    """The test of a smaller model within a larger one."""

    statistic: float
    degrees_of_freedom: int
    p_value: float


class Fitted(Protocol):
    """What the test asks of a model."""

    @property
    def buyers(self) -> int:
        """How many buyers it was fitted to."""

    @property
    def log_likelihood(self) -> float:
        """The highest log-likelihood."""

    @property
    def free(self) -> int:
        """How many parameters were estimated."""


def likelihood_ratio(smaller: Fitted, larger: Fitted) -> LikelihoodRatio:
    """Test of `smaller`, which is `larger` with some of its parameters fixed.

    Statistic 2 (log-likelihood of the larger - that of the smaller); p value from chi-square with
    as many degrees of freedom as parameters are fixed. The theory holds where they are fixed inside
    their range, as the coefficients of covariates are at 0; at an end (nobody drops out) the true
    p value is smaller, about half. A small p may also say that both models are wrong.
    Raises `InputError` unless the larger has more parameters and both have as many buyers.
    """
    more = larger.free - smaller.free
    if more <= 0 or larger.buyers != smaller.buyers:
        raise InputError(
            "the test needs a model and a larger one that contains it, fitted to the same buyers; "
            f"here {smaller.free} parameters and {smaller.buyers:,} buyers against {larger.free} "
            f"and {larger.buyers:,}"
        )
    statistic = max(0.0, 2 * float(larger.log_likelihood - smaller.log_likelihood))
    return LikelihoodRatio(statistic, more, float(chi2.sf(statistic, more)))
