"""How long groups of customers stay, compared: restricted means and the log-rank test."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import chi2, norm

from src.data.problems import InputError
from src.models.survival.kaplan_meier import risk_sets

# Below so many ends the normal interval of a restricted mean is too short.
FEW = 30
# What is left of a variance that should be zero, as a share of the largest.
RANK = 1e-9


def restricted_means(
    lives: pd.DataFrame, by: str | None, horizon: float, confidence: float = 0.95
) -> pd.DataFrame:
    """The mean number of months lived out of the first `horizon`, per group.

    Reads what `kaplan_meier` reads: `duration`, `ended`, where given `entry`, and the
    column `by`. Returns a row per group: `group`, `horizon`, `lives` (watched), `ended` (seen to
    end by the horizon), `mean_months`, `standard_error`, `low`, `high`, `watched_to`,
    `is_observed`, `is_thin` (fewer than 30 ended).

    The mean is the area under the Kaplan-Meier curve S from 0 to the horizon. Its variance is the
    sum over times t of [area from t to horizon]^2 d / (n (n - d)), n at risk and d ends at t; the
    interval is normal, cut at 0 and the horizon. It takes lives as independent and censoring as
    uninformative. With few ends it is too short, and without any it has no width: see `is_thin`.

    A curve says nothing beyond `watched_to`, the first time after which no life of the group is
    watched. Where that is before the horizon, `is_observed` is False and mean and interval are
    missing. With `entry` this can be early: at 0 when the first life is watched only from later
    on, or where all few then at risk ended and the curve fell to zero, though lives that entered
    later went on. A curve that falls to zero with the last life is observed to any horizon.

    Raises `InputError` for a horizon below 1, without lives, and for impossible durations.
    Source: Irwin 1949; Royston and Parmar 2013 (doi 10.1186/1471-2288-13-152); variance as in the
    R packages survival and survRM2.

    >>> lives = pd.DataFrame({"duration": [1, 2, 3, 3], "ended": [True, True, False, False]})
    >>> restricted_means(lives, None, 3)[["mean_months", "standard_error"]].round(4).values.tolist()
    [[2.25, 0.4146]]
    """
    if not horizon >= 1:
        raise InputError(f"horizon must be 1 month or more, not {horizon}")
    counts = _risk_sets(lives, by)
    rows = [
        {"group": group, "horizon": float(horizon), **_restricted_mean(of_group, horizon)}
        for group, of_group in counts.groupby("group", sort=False)
    ]
    found = pd.DataFrame(rows)
    margin = norm.ppf((1 + confidence) / 2) * found["standard_error"]
    found.insert(6, "low", (found["mean_months"] - margin).clip(lower=0))
    found.insert(7, "high", (found["mean_months"] + margin).clip(upper=horizon))
    return found.assign(is_thin=found["ended"] < FEW)


def _risk_sets(lives: pd.DataFrame, by: str | None) -> pd.DataFrame:
    if lives.empty:
        raise InputError("there are no lives to compare")
    return risk_sets(lives, by)


def _restricted_mean(counts: pd.DataFrame, horizon: float) -> dict[str, float | bool]:
    time, at_risk, ends = (counts[name].to_numpy() for name in ("time", "at_risk", "ends"))
    survival = np.cumprod(1 - ends / np.maximum(at_risk, 1))
    watched_to, is_closed = _watched_to(time, at_risk, survival)
    is_observed = is_closed or watched_to >= horizon
    mean = error = np.nan
    if is_observed:
        within = time < horizon
        areas = survival[within] * np.diff(np.append(time[within], horizon))
        area_after = np.cumsum(areas[::-1])[::-1]
        n, d = at_risk[within], ends[within]
        # Where all at risk end, no area follows: the term is 0, not 0 times infinity.
        variance = d / np.where(n > d, n * (n - d), np.inf)
        mean, error = areas.sum(), np.sqrt((area_after**2 * variance).sum())
    return {
        "lives": int(counts["entered"].sum()),
        "ended": int(ends[time <= horizon].sum()),
        "mean_months": mean,
        "standard_error": error,
        "watched_to": float(watched_to),
        "is_observed": bool(is_observed),
    }


def _watched_to(time: np.ndarray, at_risk: np.ndarray, survival: np.ndarray) -> tuple[float, bool]:
    """The time up to which a curve is known, and whether it is zero for good from there on."""
    nobody_until = np.flatnonzero(at_risk[1:] == 0)
    gone = np.flatnonzero(survival == 0)
    known = [time[-1], *time[nobody_until[:1]], *time[gone[:1]]]
    is_closed = len(gone) > 0 and min(known) == time[-1]
    return min(known), is_closed


def restricted_mean_difference(
    lives: pd.DataFrame, by: str, horizon: float, confidence: float = 0.95
) -> pd.DataFrame:
    """How many months longer one of two groups stays out of the first `horizon`.

    Reads what `restricted_means` reads, with two groups in `by`. Returns one row: `group`,
    `other`, `horizon`, `difference` (restricted mean of `group` minus that of `other`, the groups
    in their order), `standard_error`, `low`, `high`, `p_value`, `is_observed` (in both groups,
    else the figures are missing), `is_thin` (in either).

    Interval and p value are normal, with the sum of the two variances: the groups share no
    customer. Unlike a hazard ratio the difference needs no proportional hazards. Where nothing
    varies, the standard error is 0 and the p value missing.

    Raises `InputError` unless there are two groups, and as `restricted_means`.
    Source: Royston and Parmar 2013.
    """
    means = restricted_means(lives, by, horizon, confidence)
    if len(means) != 2:
        names = ", ".join(means["group"].head(5))
        raise InputError(f"two groups are needed to compare, {by} holds {len(means)}: {names}")
    group, other = (means.iloc[place] for place in (0, 1))
    difference = group["mean_months"] - other["mean_months"]
    error = np.hypot(group["standard_error"], other["standard_error"])
    margin = norm.ppf((1 + confidence) / 2) * error
    row = {
        "group": group["group"],
        "other": other["group"],
        "horizon": float(horizon),
        "difference": difference,
        "standard_error": error,
        "low": difference - margin,
        "high": difference + margin,
        "p_value": 2 * norm.sf(abs(difference) / error) if error > 0 else np.nan,
        "is_observed": means["is_observed"].all(),
        "is_thin": means["is_thin"].any(),
    }
    return pd.DataFrame([row])


@dataclass(frozen=True)
class LogRank:
    """Whether groups leave at the same rate at every tenure.

    `groups`: `group`, `lives`, `ended`, `expected` (ends, had all groups left at one rate),
    `is_thin` (fewer than 30 ended). `statistic` is chi-squared with `degrees_of_freedom` when they
    do; it and `p_value` are missing when no two groups were ever at risk where one ended.
    """

    groups: pd.DataFrame
    statistic: float
    degrees_of_freedom: int
    p_value: float

    def __repr__(self) -> str:
        return f"LogRank: p = {self.p_value:.3g}, {len(self.groups)} groups"


def log_rank(lives: pd.DataFrame, by: str) -> LogRank:
    """The log-rank test of two or more groups.

    Reads what `kaplan_meier` reads: `duration`, `ended`, where given `entry`, and the
    column `by`. At each time with d ends among n at risk, group g with n_g at risk is expected to
    have d n_g / n of them, with the hypergeometric covariance d (n - d) / (n - 1) times
    [n_g / n (1 if g = h else 0) - n_g n_h / n^2]. The statistic is the square of ended - expected
    in the measure of the summed covariance. A life with late entry joins n after its entry.

    Takes lives as independent and censoring as uninformative. It is strongest against hazards in
    one proportion; where curves cross it may see nothing, and restricted means are the better
    question. With hundreds of thousands of lives it finds differences too small to matter.

    Raises `InputError` without lives, with one group, and for impossible durations.
    Source: Mantel 1966; Peto and Peto 1972; Kalbfleisch and Prentice 2002, section 1.5.
    """
    counts = _risk_sets(lives, by)
    names = list(counts["group"].unique())
    if len(names) < 2:
        raise InputError(f"two or more groups are needed to compare, {by} holds one: {names[0]}")
    wide = counts.pivot(index="time", columns="group", values=["at_risk", "ends"])
    # Between two times of a group its risk set is that of the later one; after its last, empty.
    at_risk = wide["at_risk"][names].bfill().fillna(0).to_numpy()
    ends = wide["ends"][names].fillna(0).to_numpy()
    n, d = at_risk.sum(axis=1), ends.sum(axis=1)
    at_risk, n, d = at_risk[d > 0], n[d > 0], d[d > 0]
    shares = at_risk / n[:, None]
    expected = d @ shares
    weight = d * (n - d) / np.maximum(n - 1, 1)
    covariance = np.diag(weight @ shares) - (shares.T * weight) @ shares
    ended = ends.sum(axis=0)
    # The excesses sum to zero, so that the covariance is singular by construction.
    degrees = int(np.linalg.matrix_rank(covariance, rtol=RANK, hermitian=True))
    inverse = np.linalg.pinv(covariance, rcond=RANK, hermitian=True)
    statistic = float((ended - expected) @ inverse @ (ended - expected)) if degrees else np.nan
    groups = pd.DataFrame(
        {
            "group": names,
            "lives": counts.groupby("group", sort=False)["entered"].sum().to_numpy(),
            "ended": ended.astype("int64"),
            "expected": expected,
            "is_thin": ended < FEW,
        }
    )
    return LogRank(groups, statistic, degrees, float(chi2.sf(statistic, degrees)))
