"""What every fitted model of buyers without a contract can answer."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar, NamedTuple, Self

import numpy as np
import pandas as pd
from scipy.stats import norm

from src.data.problems import InputError
from src.models.intervals.numbers import Numbers
from src.models.shop.buyers import Patterns
from src.models.shop.search import Peak


class Side(NamedTuple):
    """What it means that a coordinate of the search ran away: to its low side, to its high one.

    `parameters` are those that mean nothing there.
    """

    low: str
    high: str
    parameters: tuple[str, ...]


@dataclass(frozen=True, eq=False, kw_only=True)
class BuyerModel(ABC):
    """A model fitted to `buyers` buyers; times are in units of `unit_days` days.

    `covariance` is that of the logarithms of the parameters, from the observed information, with a
    row and a column per parameter. `limit` is empty, or says at which end of the model the
    likelihood is highest (nobody drops out, all buy at one rate, ...). The answers are those of the
    limit then, but the parameters named in `at_limit` are where the search stopped, mean
    nothing, and are held there: they have no interval, and that of the others knows nothing of
    them. Where the likelihood does not bend down at all, `covariance` is missing.
    """

    PARAMETERS: ClassVar[tuple[str, ...]]

    unit_days: float
    buyers: int
    log_likelihood: float
    covariance: pd.DataFrame
    limit: str
    at_limit: tuple[str, ...]

    @abstractmethod
    def alive(self, buyers: pd.DataFrame | Patterns) -> pd.Series:
        """The chance that each buyer has not dropped out by the end of observation."""

    @abstractmethod
    def expected(self, buyers: pd.DataFrame | Patterns, ahead: float) -> pd.Series:
        """Expected purchase days of each buyer in the next `ahead` units of time."""

    @abstractmethod
    def expected_new(self, ahead: float) -> float:
        """Expected repeat purchase days of a new buyer in the first `ahead` units of time."""

    @abstractmethod
    def count_chances(self, ahead: float, most: int) -> Numbers:
        """Chances that a new buyer has 0, 1, ..., `most` repeat purchase days by `ahead`."""

    @abstractmethod
    def future_chances(
        self, buyers: pd.DataFrame | Patterns, ahead: float, most: int
    ) -> pd.DataFrame:
        """Chances that each buyer has 0, 1, ..., `most` purchase days in the next `ahead` units.

        A row per buyer, a column per count.
        """

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


def described(
    peak: Peak, jacobian: Numbers, sides: Mapping[str, Side], names: tuple[str, ...]
) -> dict[str, Any]:
    """`log_likelihood`, `covariance`, `limit` and `at_limit` of a model from its peak.

    `jacobian`: slopes of the logarithms of the parameters, a row each, along the coordinates of the
    search; `sides` has an entry per coordinate, in order.
    """
    covariance = jacobian @ peak.covariance @ jacobian.T
    told, at_limit = [], set()
    for place, side in enumerate(sides.values()):
        if peak.is_held[place]:
            at_limit |= set(side.parameters)
            told += [side.low] * bool(peak.is_low[place]) + [side.high] * bool(peak.is_high[place])
    return {
        "log_likelihood": peak.value,
        "covariance": pd.DataFrame(covariance, index=list(names), columns=list(names)),
        "limit": "; ".join(told),
        "at_limit": tuple(name for name in names if name in at_limit),
    }


def positive(name: str, value: float) -> float:
    """The value; `InputError` unless it is a finite number above 0."""
    if not (np.isfinite(value) and value > 0):
        raise InputError(f"{name} must be a number above 0, not {value:g}")
    return float(value)


def not_negative(name: str, value: float) -> float:
    """The value; `InputError` unless it is a finite number of 0 or more."""
    if not (np.isfinite(value) and value >= 0):
        raise InputError(f"{name} must be a number of 0 or more, not {value:g}")
    return float(value)
