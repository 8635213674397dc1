"""From a table of buyers to the parameters of the highest likelihood, for all models alike."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from src.data.problems import InputError
from src.models.intervals.numbers import Numbers
from src.models.shop.buyers import Patterns, check_identified, patterns_of
from src.models.shop.search import Peak, climb

_TIMES = ("alpha", "beta")


class PerPattern(NamedTuple):
    """The log-likelihood of each pattern, its slopes and the log-odds of having dropped out.

    `slopes` has a row per parameter, along its logarithm. `log_odds` is minus infinity where
    nobody can have dropped out.
    """

    value: Numbers
    slopes: Numbers
    log_odds: Numbers


class Side(NamedTuple):
    """What it means that a coordinate of the search ran away: to its low side, to its high one.

    `parameters` are those that mean nothing there.
    """

    low: str
    high: str
    parameters: tuple[str, ...]


class Plan(NamedTuple):
    """How the likelihood of a model is searched.

    `names` are its parameters. The search runs over other coordinates, from one of `starts` within
    `box`; `logs` turns a place into the logarithms of the parameters and their slopes. `sides` has
    an entry per coordinate. `likelihood` takes the parameters and the patterns.
    """

    names: tuple[str, ...]
    starts: tuple[Numbers, ...]
    box: Numbers
    sides: tuple[Side, ...]
    logs: Callable[[Numbers], tuple[Numbers, Numbers]]
    likelihood: Callable[[list[float], Patterns], PerPattern]


# Of the gamma distribution of rates: r, and the mean rate r / alpha.
RATES = (
    Side(
        "a few buyers make nearly all purchases (r near 0)",
        "all buyers buy at one rate (r and alpha grow without end)",
        ("r", "alpha"),
    ),
    Side("hardly anybody buys again", "the rate grows without end", ("r", "alpha")),
)


def fitted(plan: Plan, buyers: pd.DataFrame | Patterns, unit_days: float) -> dict[str, Any]:
    """The fields of a `BuyerModel` and its parameters, by name.

    Raises `InputError` like `buyers.check_buyers`, when nobody bought twice, and when `unit_days`
    is not above 0.
    """
    if not (np.isfinite(unit_days) and unit_days > 0):
        raise InputError(f"unit_days must be a number of days above 0, not {unit_days:g}")
    patterns = patterns_of(buyers)
    check_identified(patterns)
    total = float(patterns.buyers.sum())
    # In mean ages, so that the unit of time changes nothing but the parameters that are times.
    mean_age = float(patterns.buyers @ patterns.age.each()) / total
    scaled = patterns.in_units(mean_age)

    def score(place: Numbers) -> tuple[float, Numbers]:
        logs, jacobian = plan.logs(place)
        each = plan.likelihood(np.exp(logs).tolist(), scaled)
        return float(scaled.buyers @ each.value), each.slopes @ scaled.buyers @ jacobian

    with threadpool_limits(1):
        peak = climb(score, plan.starts, plan.box, total)
    logs, jacobian = plan.logs(peak.place)
    units = [mean_age if name in _TIMES else 1.0 for name in plan.names]
    repeats = float(patterns.buyers @ patterns.frequency.each())
    covariance = jacobian @ peak.covariance @ jacobian.T
    return {
        **dict(zip(plan.names, (np.exp(logs) * units).tolist(), strict=True)),
        "unit_days": float(unit_days),
        "buyers": int(total),
        # The density of purchases is per unit of time.
        "log_likelihood": peak.value - repeats * np.log(mean_age),
        "covariance": pd.DataFrame(covariance, index=list(plan.names), columns=list(plan.names)),
        **_limits(peak, plan),
    }


def _limits(peak: Peak, plan: Plan) -> dict[str, Any]:
    told: list[str] = []
    at_limit: set[str] = set()
    for place in np.flatnonzero(peak.is_held):
        side = plan.sides[place]
        at_limit |= set(side.parameters)
        told += [side.low] * bool(peak.is_low[place]) + [side.high] * bool(peak.is_high[place])
    names = tuple(name for name in plan.names if name in at_limit)
    if names and not told:
        told = [f"the buyers say nothing of {', '.join(names)}"]
    return {"limit": "; ".join(told), "at_limit": names}
