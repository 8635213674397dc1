"""What every fitted model of buyers without a contract can answer."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, replace
from typing import ClassVar, Self

import numpy as np
import pandas as pd
from scipy.stats import norm

from src.data.problems import InputError
from src.models.intervals.numbers import Numbers
from src.models.shop.buyers import Patterns, patterns_of

# Somebody who has just bought for the first time.
_NEW = pd.DataFrame({"frequency": [0], "recency": [0.0], "age": [0.0]})


@dataclass(frozen=True, eq=False, kw_only=True)
class BuyerModel(ABC):
    """A model fitted to `buyers` buyers; times are in units of `unit_days` days.

    `covariance` is that of the logarithms of the parameters, from the observed information, with a
    row and a column per parameter. `limit` is empty, or says at which end of the model the
    likelihood is highest (nobody drops out, all buy at one rate, ...). The answers are those of the
    limit then, but the parameters named in `at_limit` are where the search stopped, mean
    nothing, and are held there: they have no interval, and that of the others knows nothing of
    them. Where the likelihood does not bend down at all, `covariance` is missing.

    All answers take a table of buyers (`frequency`, `recency`, `age` in the model's unit of time),
    or its patterns, and raise `InputError` like `buyers.check_buyers`.
    """

    PARAMETERS: ClassVar[tuple[str, ...]]

    unit_days: float
    buyers: int
    log_likelihood: float
    covariance: pd.DataFrame
    limit: str
    at_limit: tuple[str, ...]

    def alive(self, buyers: pd.DataFrame | Patterns) -> pd.Series:
        """The chance that each buyer has not dropped out by the end of observation."""
        patterns = patterns_of(buyers)
        return patterns.per_buyer(self._alive(patterns), "alive")

    def expected(self, buyers: pd.DataFrame | Patterns, ahead: float) -> pd.Series:
        """Expected purchase days of each buyer in the next `ahead` units of time.

        P(alive) times what somebody who is alive buys. Raises `InputError` too when `ahead` is
        negative.
        """
        patterns = patterns_of(buyers)
        if_alive = self._if_alive(patterns, _not_negative("ahead", ahead))
        return patterns.per_buyer(self._alive(patterns) * if_alive, "expected")

    def expected_new(self, ahead: float) -> float:
        """Expected repeat purchase days of a new buyer in the first `ahead` units of time."""
        return float(self.expected(_NEW, ahead).iloc[0])

    def future_chances(
        self, buyers: pd.DataFrame | Patterns, ahead: float, most: int
    ) -> pd.DataFrame:
        """Chances that each buyer has 0, 1, ..., `most` purchase days in the next `ahead` units.

        A row per buyer, a column per count. They add up to 1 over all counts, so to less over
        these. Raises `InputError` too when `ahead` or `most` is negative.
        """
        patterns = patterns_of(buyers)
        _not_negative("most", most)
        alive = self._alive(patterns)[:, None]
        chances = alive * self._counts_if_alive(patterns, _not_negative("ahead", ahead), most)
        chances[:, :1] += 1 - alive
        return pd.DataFrame(chances[patterns.pattern_of], index=patterns.index)

    def count_chances(self, ahead: float, most: int) -> Numbers:
        """Chances that a new buyer has 0, 1, ..., `most` repeat purchase days by `ahead`."""
        return self.future_chances(_NEW, ahead, most).to_numpy()[0]

    @property
    def parameters(self) -> Numbers:
        """The parameters in the order of `covariance`."""
        return np.array([getattr(self, name) for name in self.PARAMETERS])

    def intervals(self, confidence: float = 0.95) -> pd.DataFrame:
        """`value`, `low`, `high`, a row per parameter: Wald on the logarithms.

        Missing where the parameter is `at_limit`. How often they hold the truth is studied on
        simulated buyers (`src.studies.btyd`).
        """
        value = self.parameters
        reach = norm.ppf((1 + confidence) / 2) * np.sqrt(np.diag(self.covariance))
        reach[[name in self.at_limit for name in self.PARAMETERS]] = np.nan
        ends = {"low": value * np.exp(-reach), "high": value * np.exp(reach)}
        return pd.DataFrame({"value": value} | ends, index=list(self.PARAMETERS))

    def draw(self, rng: np.random.Generator) -> Self:
        """The model with parameters drawn from what the data leave open.

        Normal in their logarithms, with `covariance`; parameters `at_limit` stay. Answers of many
        draws spread as the error of estimation does. Raises `InputError` when `covariance` is
        missing.
        """
        covariance = self.covariance.to_numpy()
        if np.isnan(covariance).any():
            raise InputError(
                "the parameters have no standard errors, as the likelihood has no clear peak, so "
                "none can be drawn; watch longer or fit more buyers"
            )
        logs = rng.multivariate_normal(np.log(self.parameters), covariance, method="eigh")
        return replace(self, **dict(zip(self.PARAMETERS, np.exp(logs).tolist(), strict=True)))

    @abstractmethod
    def _alive(self, patterns: Patterns) -> Numbers:
        """P(alive) of each pattern."""

    @abstractmethod
    def _if_alive(self, patterns: Patterns, ahead: float) -> Numbers:
        """Expected purchases in the next `ahead` units of each pattern, were it alive."""

    @abstractmethod
    def _counts_if_alive(self, patterns: Patterns, ahead: float, most: int) -> Numbers:
        """Chances of 0, 1, ..., `most` purchases of each pattern, were it alive; a column each."""


def _not_negative(name: str, value: float) -> float:
    if not (np.isfinite(value) and value >= 0):
        raise InputError(f"{name} must be a number of 0 or more, not {value:g}")
    return float(value)
