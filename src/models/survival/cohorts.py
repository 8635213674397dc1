"""How many of a cohort could leave in each period, and how many did."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from src.data.problems import InputError
from src.models.intervals.numbers import Numbers


@dataclass(frozen=True, eq=False)
class Cohort:
    """What a model of retention needs to know of its customers; made by the functions below.

    `ends`: customers that left in period 1, 2, ... `at_risk`: customers that were watched and still
    there when that period began. `customers`: all of them, also those censored before period 1 was
    over. Counts can be sums of weights. Periods after the last one with anybody at risk are left
    out. A life censored after period t counts as at risk up to period t; what it would have done
    later is unknown. So the counts are sufficient for every model in which periods are discrete and
    censoring tells nothing.
    """

    ends: Numbers
    at_risk: Numbers
    customers: float

    @property
    def periods(self) -> int:
        """The last period in which somebody was at risk."""
        return len(self.ends)


def cohort_of_survivors(survivors: ArrayLike) -> Cohort:
    """The cohort of customers who all started together: how many are left after period 0, 1, 2, ...

    Everybody left at the end is censored there. Takes counts, not shares: 631 of 1,000 say more
    than 63.1 %. Raises `InputError` for counts that are missing, negative or not whole, that rise,
    that begin with 0, or that stop at period 0.

    >>> cohort_of_survivors([1000, 631, 468]).ends.tolist()
    [369.0, 163.0]
    """
    left = whole("survivors", survivors)
    if len(left) < 2:
        raise InputError("survivors must go from period 0 to period 1 or later")
    if left[0] == 0:
        raise InputError("survivors must begin with at least one customer in period 0, not 0")
    if (np.diff(left) > 0).any():
        period = int(np.argmax(np.diff(left) > 0))
        raise InputError(
            "survivors must not rise from period to period, "
            f"but go from {left[period]:,.0f} to {left[period + 1]:,.0f} in period {period + 1}"
        )
    return cohort_of_counts(-np.diff(left), np.append(np.zeros(len(left) - 1), left[-1]))


def cohort_of_counts(ends: ArrayLike, censored: ArrayLike) -> Cohort:
    """The cohort from `ends` in period 1..n and `censored`, last seen there after period 0..n.

    `censored` has one number more than `ends`; numbers can be sums of weights. Raises `InputError`
    when lengths do not fit, something is missing or negative, or nobody was ever at risk.

    >>> cohort_of_counts([369, 163], [0, 100, 368]).at_risk.tolist()
    [1000.0, 531.0]
    """
    ended, lost = np.asarray(ends, float).ravel(), np.asarray(censored, float).ravel()
    if len(lost) != len(ended) + 1:
        raise InputError(
            "censored must have one number more than ends, for period 0, "
            f"not {len(lost):,} for {len(ended):,}"
        )
    for name, counts in (("ends", ended), ("censored", lost)):
        if not (np.isfinite(counts).all() and (counts >= 0).all()):
            raise InputError(f"{name} must be known and 0 or more in every period")
    # Those at risk in a period are all who end in it or later, or are lost after it or later.
    return _cohort(
        ended, np.cumsum((ended + lost[1:])[::-1])[::-1], float(ended.sum() + lost.sum())
    )


def cohort_of_lives(lives: pd.DataFrame) -> Cohort:
    """The cohort from one row per life, however long each was watched.

    Reads `duration`, whole periods from the start of the life to its end or to the end of watching;
    `ended`, True when the life was seen to end; and, where given, `weight`, how often the row
    counts (1), and `entry`, whole periods the life had lasted when watching began (0). A life that
    ended has `duration` t when it ended in period t; one that is censored was there after period
    `duration`. A life is at risk after its `entry`, as in `kaplan_meier`: who lasted to be
    seen does not flatter the periods before. One that ended at an entry above 0 was never watched
    and does not count.

    Assumption: censoring and entry tell nothing of the chance to leave, and lives that started at
    different times are of one kind. Raises `InputError` for durations or entries that are missing,
    negative, not whole or out of order, for bad weights, for lives that ended at duration 0, which
    these models cannot hold, and when nobody was ever at risk.

    >>> lives = pd.DataFrame({"duration": [1, 2, 2, 0], "ended": [True, True, False, False]})
    >>> cohort_of_lives(lives).at_risk.tolist()
    [3.0, 2.0]
    """
    duration = whole("duration", lives["duration"]).astype(int)
    entry = whole("entry", lives.get("entry", np.zeros(len(lives)))).astype(int)
    weight = np.asarray(lives.get("weight", np.ones(len(lives))), float)
    ended = lives["ended"].to_numpy(bool)
    if (duration < entry).any():
        raise InputError("duration must not be below entry in any life")
    if not (np.isfinite(weight).all() and (weight >= 0).all()):
        raise InputError("weight must be known and 0 or more in every life")
    at_once = int((ended & (duration == 0)).sum())
    if at_once:
        raise InputError(
            f"{at_once:,} of {len(lives):,} lives ended at duration 0, but a life that ended in "
            "its first period has duration 1; leave out lives that never began, and say how many"
        )
    is_watched = (entry == 0) | (duration > entry)
    duration, entry, ended, weight = (
        values[is_watched] for values in (duration, entry, ended, weight)
    )
    size = int(duration.max(initial=0)) + 1
    entered, left, ends = (
        np.bincount(at, weights, minlength=size).astype(float)
        for at, weights in ((entry, weight), (duration, weight), (duration, weight * ended))
    )
    return _cohort(ends[1:], np.cumsum(entered - left)[:-1], float(weight.sum()))


def constant_churn(cohort: Cohort) -> float:
    """The share that leaves per period, if it were one share for all customers and periods.

    The baseline of every retention model: those who left / customer-periods at risk, the maximum
    likelihood of the geometric distribution; the projected survival is (1 - share)^t from period 0.
    Where customers differ it is too low for new ones and too high for old ones, so that projections
    fall below the truth. Source: Fader and Hardie 2007, the geometric model.

    >>> constant_churn(cohort_of_survivors([100, 80, 60]))
    0.2222222222222222
    """
    return float(cohort.ends.sum() / cohort.at_risk.sum())


def whole(name: str, values: ArrayLike, least: int = 0) -> Numbers:
    """The values as numbers; `InputError` that says `name` unless all are whole and >= `least`."""
    given = pd.Series(np.asarray(values).ravel())
    numbers = pd.to_numeric(given, errors="coerce").to_numpy(float, na_value=np.nan)
    is_fine = np.isfinite(numbers) & (numbers >= least)
    is_fine[is_fine] = numbers[is_fine] % 1 == 0
    if not is_fine.all():
        raise InputError(
            f"{name} must be whole numbers of {least} or more, not {given[~is_fine].iloc[0]}"
        )
    return numbers


def _cohort(ends: Numbers, at_risk: Numbers, customers: float) -> Cohort:
    # What rounding leaves of weights that cancel is nobody.
    is_somebody = at_risk > 1e-9 * customers
    if not is_somebody.any():
        raise InputError("there is no period in which a customer was there to leave or to stay")
    last = int(np.flatnonzero(is_somebody)[-1]) + 1
    exposed = np.where(is_somebody, at_risk, 0.0)[:last]
    return Cohort(np.minimum(ends[:last], exposed), exposed, customers)
