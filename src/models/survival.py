"""How long lives last: Kaplan-Meier curves, from lives collapsed to counts."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from lifelines import KaplanMeierFitter

ALL = "all"


def kaplan_meier(
    lives: pd.DataFrame, by: str | None = None, confidence: float = 0.95
) -> pd.DataFrame:
    """Survival by time, overall or per group.

    Reads `duration` (time alive), `ended` (True when the life was seen to end) and, where given,
    `entry` (time alive before it was watched) and the column `by`. Returns `group`, `time`,
    `at_risk`, `survival`, `low`, `high`, one row per distinct time of a group, from time 0.
    Intervals are Greenwood's on the log(-log) scale; they treat lives as independent and censoring
    as uninformative, and fail where few are left at risk.

    Equal lives are counted once with a weight, so that the work grows with distinct durations.
    Source: Kaplan and Meier 1958, as fitted by lifelines.
    """
    keys = ["duration", "ended"] + (["entry"] if "entry" in lives else [])
    groups = [(ALL, lives)] if by is None else list(lives.groupby(by, observed=True))
    curves = []
    for group, rows in groups:
        counts = rows.groupby(keys, observed=True).size().reset_index(name="lives")
        fitter = KaplanMeierFitter(alpha=1 - confidence).fit(
            counts["duration"],
            counts["ended"],
            entry=counts.get("entry"),
            weights=counts["lives"],
        )
        interval = fitter.confidence_interval_.to_numpy()
        curve = pd.DataFrame(
            {
                "group": str(group),
                "time": fitter.survival_function_.index.to_numpy(float),
                "at_risk": fitter.event_table["at_risk"].to_numpy(int),
                "survival": fitter.survival_function_.iloc[:, 0].to_numpy(),
                "low": interval[:, 0],
                "high": interval[:, 1],
            }
        )
        curves.append(curve)
    return pd.concat(curves, ignore_index=True)


def survival_at(curves: pd.DataFrame, times: Sequence[float]) -> pd.DataFrame:
    """The curves of `kaplan_meier` read off at `times`: `group`, `time`, `survival`, `low`, `high`.

    Times beyond the last observation of a group are missing: a curve says nothing there.
    """
    rows = []
    for group, curve in curves.groupby("group", sort=False):
        place = np.searchsorted(curve["time"], times, side="right") - 1
        read = curve.iloc[place][["survival", "low", "high"]].reset_index(drop=True)
        read = read.mask(pd.Series(np.asarray(times) > curve["time"].iloc[-1]))
        rows.append(read.assign(group=group, time=np.asarray(times, float)))
    return pd.concat(rows, ignore_index=True)[["group", "time", "survival", "low", "high"]]


def median_survival(curves: pd.DataFrame) -> pd.Series:
    """The first time at which at most half are left, per group; missing when more always are."""
    reached = curves[curves["survival"] <= 0.5].groupby("group", sort=False)["time"].first()
    return reached.reindex(curves["group"].unique())
