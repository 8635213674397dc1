"""How long lives last: Kaplan-Meier curves."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy.stats import norm

from src.data.problems import InputError

ALL = "all"


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

    Equal durations are counted first, so that the work after that grows with distinct durations.
    Raises `InputError` when a duration is missing, negative or below its entry.
    Source: Kaplan and Meier 1958; Kalbfleisch and Prentice 2002, section 1.4.
    """
    groups = [(ALL, lives)] if by is None else list(lives.groupby(by, observed=True))
    curves = [_curve(rows, confidence).assign(group=str(group)) for group, rows in groups]
    columns = ["group", "time", "at_risk", "survival", "low", "high"]
    return pd.concat(curves, ignore_index=True)[columns]


def _curve(lives: pd.DataFrame, confidence: float) -> pd.DataFrame:
    entry = lives["entry"] if "entry" in lives else pd.Series(0, lives.index)
    if not ((entry >= 0) & (lives["duration"] >= entry)).all():
        raise InputError("duration must be known in every life, 0 or more and not below entry")
    is_watched = (entry == 0) | (lives["duration"] > entry)
    duration, entry = lives.loc[is_watched, "duration"], entry[is_watched]
    ended = lives.loc[is_watched, "ended"].astype("bool")
    time = np.unique([0.0, *duration.unique(), *entry.unique()])
    left, ends, entered = (
        at.value_counts().reindex(time, fill_value=0).to_numpy()
        for at in (duration, duration[ended], entry)
    )
    entered_before = np.cumsum(entered) - np.where(time > 0, entered, 0)
    at_risk = entered_before - (np.cumsum(left) - left)
    survival = np.cumprod(1 - ends / np.maximum(at_risk, 1))
    # A product of fractions can miss one half by the last digit, and the median with it.
    survival = survival.round(12)
    some_stay = at_risk > ends
    variance = np.cumsum(ends / np.where(some_stay, at_risk * (at_risk - ends), np.inf))
    low, high = survival.copy(), survival.copy()
    inside = (survival > 0) & (survival < 1)
    power = norm.ppf((1 + confidence) / 2) * np.sqrt(variance[inside]) / -np.log(survival[inside])
    low[inside], high[inside] = (survival[inside] ** np.exp(sign * power) for sign in (1, -1))
    return pd.DataFrame(
        {"time": time, "at_risk": at_risk, "survival": survival, "low": low, "high": high}
    )


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
