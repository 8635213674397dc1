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
from src.models.shop.fitted_model import Side, fields_of
from src.models.shop.search import Score, climb

# With more patterns than this the search begins with a few of them.
_MANY, _FEW = 40_000, 10_000
_TIMES = ("alpha", "beta")


class PerPattern(NamedTuple):
    """The log-likelihood of each pattern, its slopes and the log-odds of having dropped out.

    `slopes` has a row per parameter, along its logarithm. `log_odds` is minus infinity where
    nobody can have dropped out.
    """

    value: Numbers
    slopes: Numbers
    log_odds: Numbers


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
    starts = plan.starts
    with threadpool_limits(1):
        if len(scaled.buyers) > _MANY:
            some = scaled.chosen(slice(None, None, len(scaled.buyers) // _FEW))
            starts = (climb(_score(plan, some), starts, plan.box, some.buyers.sum()).place,)
        peak = climb(_score(plan, scaled), starts, plan.box, total)
    logs, jacobian = plan.logs(peak.place)
    logs += [np.log(mean_age) if name in _TIMES else 0.0 for name in plan.names]
    repeats = float(patterns.buyers @ patterns.frequency.each())
    return {
        **fields_of(peak, plan.names, logs, jacobian, plan.sides),
        "unit_days": float(unit_days),
        "buyers": int(total),
        # The density of purchases is per unit of time.
        "log_likelihood": peak.value - repeats * float(np.log(mean_age)),
    }


def _score(plan: Plan, patterns: Patterns) -> Score:
    def score(place: Numbers) -> tuple[float, Numbers]:
        logs, jacobian = plan.logs(place)
        each = plan.likelihood(np.exp(logs).tolist(), patterns)
        return float(patterns.buyers @ each.value), each.slopes @ patterns.buyers @ jacobian

    return score
