"""What every model of this folder knows of its parameters: intervals, draws, limits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar, NamedTuple, Self

import numpy as np
import pandas as pd
from scipy.stats import norm

from src.data.problems import InputError
from src.models.intervals.numbers import Numbers
from src.models.shop.search import Peak


@dataclass(frozen=True, eq=False, kw_only=True)
class FittedModel:
    """A model fitted to `buyers` buyers by the highest likelihood.

    `covariance` is that of the logarithms of the parameters, from the observed information, with a
    row and a column per parameter. `limit` is empty, or says at which end of the model the
    likelihood is highest (nobody drops out, all buy at one rate, ...). The answers are those of the
    limit then, but the parameters named in `at_limit` are where the search stopped, mean
    nothing, and are held there: they have no interval, and that of the others knows nothing of
    them. Where the likelihood does not bend down at all, `covariance` is missing.
    """

    PARAMETERS: ClassVar[tuple[str, ...]]

    buyers: int
    log_likelihood: float
    covariance: pd.DataFrame
    limit: str
    at_limit: tuple[str, ...]

    @property
    def free(self) -> int:
        """How many parameters were estimated."""
        return len(self.covariance)

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
        with np.errstate(over="ignore"):  # no upper end
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
        return self.at(logs)

    def at(self, logs: Numbers) -> Self:
        """The model with other parameters, given by their logarithms."""
        return replace(self, **dict(zip(self.PARAMETERS, np.exp(logs).tolist(), strict=True)))


class Side(NamedTuple):
    """What it means that a coordinate of the search ran away: to its low side, to its high one.

    `parameters` are those that mean nothing there.
    """

    low: str
    high: str
    parameters: tuple[str, ...]


def fields_of(
    peak: Peak, names: Sequence[str], logs: Numbers, jacobian: Numbers, sides: Sequence[Side]
) -> dict[str, Any]:
    """The parameters of a peak by name, and `covariance`, `limit` and `at_limit` of the model.

    `logs` are the logarithms of the parameters at the peak, `jacobian` their slopes along the
    coordinates of the search, each of which has its `sides`.
    """
    told: list[str] = []
    lost: set[str] = set()
    for place in np.flatnonzero(peak.is_held).tolist():
        side = sides[place]
        lost |= set(side.parameters)
        told += [side.low] * bool(peak.is_low[place]) + [side.high] * bool(peak.is_high[place])
    at_limit = tuple(name for name in names if name in lost)
    if at_limit and not told:
        told = [f"the buyers say nothing of {', '.join(at_limit)}"]
    covariance = jacobian @ peak.covariance @ jacobian.T
    return {
        **dict(zip(names, np.exp(logs).tolist(), strict=True)),
        "covariance": pd.DataFrame(covariance, index=list(names), columns=list(names)),
        "limit": "; ".join(dict.fromkeys(told)),
        "at_limit": at_limit,
    }
