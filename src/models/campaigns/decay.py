"""How fast the effect of a campaign fades: month by month, its half-life with an interval.

The effect in month k after the contact is first x fade^(k - 1): first in month 1, half of it after
the half-life ln 2 / -ln fade months. An effect that does not fade has an endless half-life.
Where there is no effect there is nothing to fade, and this is said instead of a half-life.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import chi2, norm

from src.data.problems import InputError, shorten
from src.models.campaigns.arms import CONTROL, treatments
from src.models.campaigns.monthly import MonthlyEffects
from src.models.intervals.numbers import Numbers, check_columns, finite
from src.models.intervals.proportions import Estimate

LEAST = 10  # exits of each arm
_SHORTEST, _LONGEST, _POINTS = 0.1, 100.0, 600  # months: half-lives looked at, then an endless one
_LEVEL = 0.05  # of the test that there is an effect at all
_STEPS, _ENOUGH, _FAR = 60, 1e-8, 2.0  # of the search for the effect at each half-life


@dataclass(frozen=True)
class Decay:
    """How an effect fades.

    `half_life`: in months; `high` is endless where no fading is within chance, `low` is 0 where the
    effect may have been gone after the first month. Where `is_told` is false the effect itself is
    within chance: `half_life` is not a number, between 0 and endless. `first`: the effect in month
    1 at the best half-life. `p`: of no effect in any month.
    """

    half_life: Estimate
    first: float
    p: float
    is_told: bool

    @property
    def verdict(self) -> str:
        """What is to be made of it, in a sentence."""
        if not self.is_told:
            return "The effect is within chance, so there is nothing of which to tell a half-life."
        low, high = self.half_life.low, self.half_life.high
        if np.isinf(high):
            return (
                f"That the effect does not fade is within chance; its half-life is {low:.1f} "
                "months or more."
            )
        return f"The effect fades: half of it is gone after {low:.1f} to {high:.1f} months."


def exits_by_month(
    members: pd.DataFrame, left_after: str, arm: str, months: int, *, by: str | None = None
) -> pd.DataFrame:
    """Who was there and who left, month by month since the contact, of `arm` and of the controls.

    `members`: `customer_id`, `arm`, `left_after` (the month after the contact in which the customer
    left, from 1; missing for those who did not leave) and `by`, the stratum (segment, campaign).
    Everybody is followed for `months`. Returns `stratum` (an empty text without `by`), `month`,
    `is_treated`, `at_risk`, `exits`. Raises `InputError` for exits before the contact and for an
    arm that is not there.
    """
    names = treatments(members)
    check_columns(members, [left_after, *([by] if by else [])])
    if arm not in names:
        raise InputError(f"there is no arm {shorten(arm)}; there are {', '.join(names)}")
    rows = members[members["arm"].astype(str).isin([arm, CONTROL])]
    after = rows[left_after].fillna(np.inf).to_numpy(float)
    if (after < 1).any():
        raise InputError(
            f"{left_after} is below 1 for {(after < 1).sum():,} members, who had left before the "
            "first month after the contact; they are no members"
        )
    groups = pd.DataFrame(
        {
            "stratum": "" if by is None else rows[by].astype(str).to_numpy(),
            "is_treated": (rows["arm"].astype(str) == arm).to_numpy(),
        }
    )
    parts = []
    for month in range(1, months + 1):
        there = groups.assign(at_risk=after >= month, exits=after == month)
        counts = there.groupby(["stratum", "is_treated"], as_index=False).sum()
        parts.append(counts.assign(month=month))
    order = ["stratum", "month", "is_treated", "at_risk", "exits"]
    table = pd.concat(parts)[order].sort_values(order[:3], ignore_index=True)
    return table.astype({"at_risk": int, "exits": int})


def hazard_by_month(counts: pd.DataFrame, confidence: float = 0.95) -> pd.DataFrame:
    """The ratio of the monthly hazards of leaving, treated over control, strata added up.

    `counts` of `exits_by_month`. Returns `month`, `treated` and `control` (exits over those there),
    `effect` (the ratio), `low`, `high`. Hazards are -log(1 - exits / at risk), the interval that of
    the log ratio. Missing where an arm has no exit or none left. Ratios of late months are of
    survivors: with an effect, weaker customers are left among the treated, which pulls late ratios
    towards 1.
    """
    sums = counts.assign(arm=np.where(counts["is_treated"], "treated", "control"))
    sums = sums.groupby(["month", "arm"])[["at_risk", "exits"]].sum().unstack()
    share = sums["exits"] / sums["at_risk"]
    told = share.where((share > 0) & (share < 1))
    hazard = -np.log1p(-told)
    log = np.log(hazard["treated"] / hazard["control"])
    # By the delta method, p / ((1 - p) n hazard^2) of each arm.
    variance = (told / ((1 - told) * sums["at_risk"] * hazard**2)).sum(axis=1, skipna=False)
    reach = norm.ppf((1 + confidence) / 2) * np.sqrt(variance)
    ratios = {"effect": log, "low": log - reach, "high": log + reach}
    return pd.DataFrame(
        {
            "treated": share["treated"],
            "control": share["control"],
            **{name: np.exp(values) for name, values in ratios.items()},
        }
    ).reset_index()


def decay_of_hazard(counts: pd.DataFrame, confidence: float = 0.95) -> Decay:
    """The fading of the log ratio of hazards, by maximum likelihood over all months at once.

    `counts` of `exits_by_month`. In month k of stratum s the hazard is exp(a_sk) of controls and
    exp(a_sk + first x fade^(k - 1)) of the treated; a customer leaves with the chance
    1 - exp(-hazard). Levels a are free, so that seasons and price rises play no part. The interval
    holds the half-lives whose likelihood, at the best first effect, is within
    chi-square(1) / 2 of the highest (profile likelihood), on a grid of half-lives whose steps are
    1.2 %. The effect is told where 2 x (log likelihood less that without effect) passes
    chi-square(2) at 5 %, the two numbers of the curve; this is a little too strict.

    Exits must be seen in the month in which they were decided: a company's slow exit, seen months
    later, blurs the curve and lengthens it. The months should be those in which there can be an
    effect; months long after it ended make it look faster. Raises `InputError` for fewer than
    `LEAST` exits in an arm. Source: Prentice and Gloeckler 1978 for the hazard model.
    """
    check_columns(counts, ["stratum", "month", "is_treated", "at_risk", "exits"])
    exits = counts.groupby("is_treated")["exits"].sum().reindex([False, True], fill_value=0)
    if (exits < LEAST).any():
        raise InputError(
            f"{exits[True]} of the treated and {exits[False]} of the controls left; "
            f"{LEAST} of each are needed to see an effect fade"
        )
    cells = counts.set_index(["stratum", "month", "is_treated"])[["at_risk", "exits"]]
    cells = cells.unstack(fill_value=0).astype(float)
    # A month in which nobody left, or with one arm only, says nothing of the ratio.
    cells = cells[(cells["exits"].sum(axis=1) > 0) & (cells["at_risk"] > 0).all(axis=1)]
    at_risk, gone = cells["at_risk"].to_numpy(), cells["exits"].to_numpy()
    power = cells.index.get_level_values("month").to_numpy(float) - 1
    curves = _fades()[:, None] ** power
    first, height = _likelihoods(curves, at_risk, gone)
    nothing = _likelihoods(np.zeros((1, len(power))), at_risk, gone)[1][0]
    return _told(first, height - nothing, confidence)


def decay_of_amounts(monthly: MonthlyEffects, confidence: float = 0.95) -> Decay:
    """The fading of monthly effects on orders or income, by generalised least squares.

    Effects e (differences, or logarithms of ratios) with their covariance V are compared with
    first x fade^(k - 1); the likelihood is normal, (e - curve)' V^-1 (e - curve) / 2, and the
    interval is that of `decay_of_hazard`. Income of everybody drawn does not fade with the effect
    on leaving: who was kept goes on paying. Raises `InputError` where an effect has no error.
    """
    finite("the monthly effects", monthly.effects)
    months = len(monthly.effects)
    if np.linalg.matrix_rank(monthly.covariance) < months:
        raise InputError("the monthly effects have no error of their own, so no fading is told")
    curves = _fades()[:, None] ** np.arange(months)
    inverse = np.linalg.inv(monthly.covariance)
    size = ((curves @ inverse) * curves).sum(axis=1)
    along = curves @ inverse @ monthly.effects
    return _told(along / size, along**2 / size / 2, confidence)


def _half_lives() -> Numbers:
    return np.append(np.geomspace(_SHORTEST, _LONGEST, _POINTS), np.inf)


def _fades() -> Numbers:
    return np.asarray(0.5 ** (1 / _half_lives()))


def _told(first: Numbers, gain: Numbers, confidence: float) -> Decay:
    """`gain`: log likelihood at each half-life less that without effect."""
    half_lives, best = _half_lives(), int(np.argmax(gain))
    p = float(chi2.sf(2 * max(gain[best], 0.0), 2))
    if p >= _LEVEL:
        return Decay(Estimate(np.nan, 0.0, np.inf), float(first[best]), p, is_told=False)
    inside = np.flatnonzero(2 * (gain[best] - gain) <= chi2.ppf(confidence, 1))
    low = 0.0 if inside[0] == 0 else float(half_lives[inside[0]])
    half_life = Estimate(float(half_lives[best]), low, float(half_lives[inside[-1]]))
    return Decay(half_life, float(first[best]), p, is_told=True)


def _likelihoods(curves: Numbers, at_risk: Numbers, gone: Numbers) -> tuple[Numbers, Numbers]:
    """The best first effect and the log likelihood of each curve (curves x cells).

    `at_risk`, `gone`: (cells, 2), controls and treated. Fisher's scoring of all curves at once; the
    level of a cell touches no other cell, so that it is solved for by itself.
    """
    pooled = gone.sum(axis=1) / at_risk.sum(axis=1)
    level = np.tile(np.log(-np.log1p(-np.minimum(pooled, 1 - 1e-6))), (len(curves), 1))
    first = np.zeros(len(curves))
    for _ in range(_STEPS):
        score, information = _score(level, first, curves, at_risk, gone)
        of_level, of_curve = score.sum(axis=-1), score[..., 1]
        inner, cross = information.sum(axis=-1), curves * information[..., 1]
        left = (curves * of_curve - cross / inner * of_level).sum(axis=1)
        bend = (curves * cross - cross**2 / inner).sum(axis=1)
        step = np.divide(left, bend, out=np.zeros_like(left), where=bend > 0)
        step = np.clip(step, -_FAR, _FAR)
        moved = np.clip((of_level - cross * step[:, None]) / inner, -_FAR, _FAR)
        first, level = first + step, level + moved
        if max(np.abs(step).max(), np.abs(moved).max()) < _ENOUGH:
            break
    hazard = _hazard(level, first, curves)
    height = gone * np.log(-np.expm1(-hazard)) - (at_risk - gone) * hazard
    return first, height.sum(axis=(1, 2))


def _hazard(level: Numbers, first: Numbers, curves: Numbers) -> Numbers:
    """(curves, cells, 2): of controls and of the treated."""
    log = np.stack([level, level + first[:, None] * curves], axis=-1)
    return np.exp(np.clip(log, -30.0, 3.0))


def _score(
    level: Numbers, first: Numbers, curves: Numbers, at_risk: Numbers, gone: Numbers
) -> tuple[Numbers, Numbers]:
    """By the log hazard: the slope of the log likelihood and the information, as `_hazard`."""
    hazard = _hazard(level, first, curves)
    odds = np.expm1(hazard)
    return gone * hazard / odds - (at_risk - gone) * hazard, at_risk * hazard**2 / odds
