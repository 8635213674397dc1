"""How long lives last: Kaplan-Meier curves."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy.stats import norm

from src.data.problems import InputError

ALL = "all"
# To count without sorting takes a place per month up to the longest life: at most this many more
# than there are lives.
ROOM = 1_000
# From here on not every whole number has a float of its own.
LARGE = 2.0**53


def kaplan_meier(
    lives: pd.DataFrame, by: str | None = None, confidence: float = 0.95
) -> pd.DataFrame:
    """Survival by time, overall or per group.

    Reads `duration` (time alive), `ended` (True when the life was seen to end) and, where given,
    `entry` (time alive before it was watched) and the column `by`. Returns `group`, `time`,
    `at_risk`, `survival`, `low`, `high`, one row per distinct time of a group, from time 0.
    A life is at risk after its `entry`; one that ended at an entry above 0 was never watched and
    does not count. Intervals are Greenwood's on the log(-log) scale; they treat lives as
    independent and censoring as uninformative, and fail where few are left at risk. With `entry`
    few can be at risk early: if all of them end at one time, the curve is zero from there on.

    Equal durations are counted first, so that the work after that grows with distinct durations;
    whole months are counted without sorting. Raises `InputError` when a duration is missing,
    negative or below its entry, and when no life has a group.
    Source: Kaplan and Meier 1958; Kalbfleisch and Prentice 2002, section 1.4.
    """
    curves = [_curve(counts, confidence) for counts in _counted_by_group(lives, by)]
    return pd.concat(curves, ignore_index=True)


def risk_sets(lives: pd.DataFrame, by: str | None = None) -> pd.DataFrame:
    """Lives counted by time, overall or per group: all that curves and tests of them need.

    Reads what `kaplan_meier` reads, by the same rules. Returns `group`, `time`, `entered` (watched
    from this time on), `at_risk` (watched just before it, or at time 0 from the start), `ends`,
    one row per distinct time of a group at which a life entered or left, from time 0. Groups come
    in their order; a life without a group does not count. Raises `InputError` as `kaplan_meier`.

    >>> lives = pd.DataFrame({"duration": [2, 3, 3], "ended": [True, True, False]})
    >>> risk_sets(lives).drop(columns="group").to_numpy().tolist()
    [[0.0, 3.0, 3.0, 0.0], [2.0, 0.0, 3.0, 1.0], [3.0, 0.0, 2.0, 1.0]]
    """
    return pd.concat(_counted_by_group(lives, by), ignore_index=True)


def _counted_by_group(lives: pd.DataFrame, by: str | None) -> list[pd.DataFrame]:
    duration, ended = _numbers(lives["duration"]), lives["ended"].to_numpy("bool")
    entry = _numbers(lives["entry"]) if "entry" in lives else None
    earliest = duration if entry is None else entry
    if not (earliest.min(initial=0) >= 0 and (entry is None or (duration >= entry).all())):
        raise InputError("duration must be known in every life, 0 or more and not below entry")
    if by is None:
        return [_counted(ALL, duration, ended, entry)]
    labels = pd.Categorical(lives[by])
    # Rows of a group side by side: sorted once, not searched once per group.
    order = np.argsort(labels.codes, kind="stable")
    last = np.cumsum(np.bincount(labels.codes + 1, minlength=len(labels.categories) + 1))
    found = []
    for place, group in enumerate(labels.categories):
        rows = order[last[place] : last[place + 1]]
        if len(rows):
            of_rows = None if entry is None else entry[rows]
            found.append(_counted(str(group), duration[rows], ended[rows], of_rows))
    if not found:
        raise InputError(f"no life has a {by}, so there is none to count by it")
    return found


def _numbers(column: pd.Series) -> np.ndarray:
    """As integers where all are whole, as months are: those can be counted without sorting."""
    if isinstance(column.dtype, np.dtype) and column.dtype.kind == "i":
        return column.to_numpy("int64")
    values = column.to_numpy("float64", na_value=np.nan)
    if values.max(initial=0) < LARGE:
        whole = values.astype("int64")
        return whole if np.array_equal(whole, values) else values
    return values


def _counted(
    group: str, duration: np.ndarray, ended: np.ndarray, entry: np.ndarray | None
) -> pd.DataFrame:
    if entry is not None:
        is_unwatched = duration == entry
        if is_unwatched.any():
            watched = np.flatnonzero(~is_unwatched | (entry == 0))
            duration, ended, entry = duration[watched], ended[watched], entry[watched]
    left_at, left, ends = _leaving(duration, ended)
    entered_at, entered = (np.zeros(1), len(duration)) if entry is None else _tally(entry)
    time = np.unique(np.concatenate([[0.0], left_at, entered_at]))
    counts = np.zeros((3, len(time)), "int64")
    counts[0, np.searchsorted(time, entered_at)] = entered
    counts[1:, np.searchsorted(time, left_at)] = left, ends
    entered, left, ends = counts
    entered_before = np.cumsum(entered) - np.where(time > 0, entered, 0)
    at_risk = entered_before - (np.cumsum(left) - left)
    columns = {"time": time, "entered": entered, "at_risk": at_risk, "ends": ends}
    return pd.DataFrame({"group": group, **columns})


def _leaving(duration: np.ndarray, ended: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The distinct durations, in order, how many lives left at each, and how many of them ended."""
    if _is_countable(duration):
        # Both in one pass: even places count lives that were censored, odd ones those that ended.
        place = 2 * duration
        place += ended
        pairs = np.bincount(place, minlength=2 * (int(duration.max(initial=0)) + 1))
        censored, ends = pairs.reshape(-1, 2).T
        at = np.flatnonzero(censored + ends)
        return at, (censored + ends)[at], ends[at]
    at, left = _tally(duration)
    ends_at, number = _tally(np.compress(ended, duration))
    ends = np.zeros_like(left)
    ends[np.searchsorted(at, ends_at)] = number
    return at, left, ends


def _tally(times: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The distinct times, in order, and how often each occurs."""
    if _is_countable(times):
        number = np.bincount(times)
        at = np.flatnonzero(number)
        return at, number[at]
    return np.unique(times, return_counts=True)


def _is_countable(times: np.ndarray) -> bool:
    return times.dtype == "int64" and times.max(initial=0) < len(times) + ROOM


def _curve(counts: pd.DataFrame, confidence: float) -> pd.DataFrame:
    at_risk, ends = counts["at_risk"].to_numpy(), counts["ends"].to_numpy()
    survival = np.cumprod(1 - ends / np.maximum(at_risk, 1))
    # A product of fractions can miss one half by the last digit, and the median with it.
    survival = survival.round(12)
    some_stay = at_risk > ends
    variance = np.cumsum(ends / np.where(some_stay, at_risk * (at_risk - ends), np.inf))
    low, high = survival.copy(), survival.copy()
    inside = (survival > 0) & (survival < 1)
    power = norm.ppf((1 + confidence) / 2) * np.sqrt(variance[inside]) / -np.log(survival[inside])
    low[inside], high[inside] = (survival[inside] ** np.exp(sign * power) for sign in (1, -1))
    return counts[["group", "time", "at_risk"]].assign(survival=survival, low=low, high=high)


def survival_at(curves: pd.DataFrame, times: Sequence[float]) -> pd.DataFrame:
    """The curves of `kaplan_meier` read off at `times`: `group`, `time`, `survival`, `low`, `high`.

    Times before 0, or beyond the last observation of a group, are missing: a curve says nothing
    there.
    """
    at = np.asarray(times, float)
    rows = []
    for group, curve in curves.groupby("group", sort=False):
        place = np.searchsorted(curve["time"], at, side="right") - 1
        read = curve.iloc[place][["survival", "low", "high"]].reset_index(drop=True)
        read = read.mask(pd.Series((at < 0) | (at > curve["time"].iloc[-1])))
        rows.append(read.assign(group=group, time=at))
    return pd.concat(rows, ignore_index=True)[["group", "time", "survival", "low", "high"]]


def median_survival(curves: pd.DataFrame) -> pd.Series:
    """The first time at which at most half are left, per group; missing when more always are."""
    reached = curves[curves["survival"] <= 0.5].groupby("group", sort=False)["time"].first()
    return reached.reindex(curves["group"].unique())
