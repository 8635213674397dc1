"""Whether a campaign did more for some customers than for others.

An effect that is clear in one group and not in another is no difference between them: the
difference has an error of its own, and is tested by itself.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import chi2, norm

from src.data.problems import InputError
from src.models.campaigns.arms import is_yes_or_no, outcome_of, treatments
from src.models.campaigns.effect import effects
from src.models.campaigns.several import holm
from src.models.intervals.numbers import check_columns
from src.models.intervals.proportions import Estimate

LEAST = 10  # customers of an arm in a group, for the group to be told
SCALES = ("difference", "ratio")


@dataclass(frozen=True)
class Interaction:
    """Effects by group and whether they differ.

    `effects`: a row per arm and group: `arm`, `group`, `customers`, `controls`, `treated`,
    `control` (means), `effect`, `low`, `high`, `error`, `p`, `p_holm` (over all rows). On the scale
    of ratios `effect`, `low`, `high` are treated over control and `error` is that of the logarithm.
    `tests`: a row per arm: `arm`, `groups`, `statistic`, `df`, `p`, `p_holm`: do effects differ?
    `pairs`: a row per arm and two groups: `arm`, `first`, `second`, `difference` (first less
    second; on the scale of ratios their ratio), `low`, `high`, `p`, `p_holm`.
    `left_out`: groups with fewer than `LEAST` customers in an arm, or a ratio without events.
    """

    effects: pd.DataFrame
    tests: pd.DataFrame
    pairs: pd.DataFrame
    left_out: tuple[str, ...]


def by_group(
    members: pd.DataFrame,
    outcome: str,
    group: str,
    *,
    scale: str = "difference",
    confidence: float = 0.95,
) -> Interaction:
    """The effect in each level of `group`, a test that they differ, and all pairs; see above.

    `members`: `customer_id`, `arm`, `outcome`, `group` (known before the draw). The test is
    Cochran's Q = sum of (effect - mean)^2 / error^2, mean weighted by 1 / error^2, chi-square with
    groups - 1 degrees of freedom.

    The scale matters. Where one group leaves four times as often, a campaign that keeps the same
    share of leavers in both has unequal differences and equal ratios. Money is made by differences
    (`difference`); whether customers react alike is asked by `ratio`, which needs a yes-or-no
    outcome. Errors are those of `effects`, and of a log ratio (1 - p1) / (n1 p1) +
    (1 - p0) / (n0 p0).

    Raises `InputError` as `effects` does, where fewer than two groups are left, and for a ratio of
    anything but yes or no. Source: Cochran 1954.
    """
    if scale not in SCALES:
        raise InputError(f"scale must be one of {', '.join(SCALES)}, not {scale!r}")
    names = treatments(members)
    check_columns(members, [group])
    if scale == "ratio" and not is_yes_or_no(outcome_of(members, outcome)):
        raise InputError(f"{outcome} is not yes or no, so it has no ratio of risks")
    counts = pd.crosstab(members[group].astype(str), members["arm"].astype(str))
    is_large = (counts >= LEAST).all(axis=1)
    parts = [
        effects(rows, outcome, confidence=confidence).assign(group=str(level))
        for level, rows in members.groupby(members[group].astype(str), sort=True)
        if is_large[level]
    ]
    table = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=["group"])
    left_out = set(counts.index[~is_large])
    z = float(norm.ppf((1 + confidence) / 2))
    if scale == "ratio" and parts:
        is_told = (table[["treated", "control"]] > 0).all(axis=1)
        is_told = is_told.groupby(table["group"]).transform("all")
        left_out |= set(table.loc[~is_told, "group"])
        table = _as_ratios(table[is_told], z)
    if table["group"].nunique() < 2:
        raise InputError(
            f"{group} has fewer than two groups with {LEAST} customers in each arm"
            + (" and events in both" if scale == "ratio" else "")
        )
    table["p_holm"] = holm(table["p"])
    points = table.assign(point=np.log(table["effect"]) if scale == "ratio" else table["effect"])
    tests = pd.DataFrame([_differ(name, points[points["arm"] == name]) for name in names])
    pairs = pd.concat([_pairs(name, points[points["arm"] == name], z) for name in names])
    if scale == "ratio":
        pairs[["difference", "low", "high"]] = np.exp(pairs[["difference", "low", "high"]])
    order = ["arm", "group", "customers", "controls", "treated", "control"]
    order += ["effect", "low", "high", "error", "p", "p_holm"]
    return Interaction(
        effects=table.sort_values(["arm", "group"], ignore_index=True)[order],
        tests=tests.assign(p_holm=holm(tests["p"])),
        pairs=pairs.assign(p_holm=holm(pairs["p"])).reset_index(drop=True),
        left_out=tuple(sorted(left_out)),
    )


@dataclass(frozen=True)
class Equivalence:
    """Whether two effects are as good as equal: `p` of two one-sided tests, and the interval.

    `interval` is the one of twice the level (90 % at 5 %); effects are equivalent where it lies
    within -margin and margin.
    """

    interval: Estimate
    margin: float
    p: float
    is_equivalent: bool


def equivalence(
    first: Estimate, second: Estimate, margin: float, *, level: float = 0.05
) -> Equivalence:
    """Whether two independent estimates differ by less than `margin`, by two one-sided tests.

    `first`, `second`: with 95 % intervals, of customers of whom none is in both. "No significant
    difference" is no equivalence: with few customers nothing is significant. The margin is set
    before looking, as the difference that would change what is done. Raises `InputError` for a
    margin not above 0. Source: Schuirmann 1987.

    >>> found = equivalence(Estimate(1.0, 0.8, 1.2), Estimate(1.1, 0.9, 1.3), 0.5)
    >>> found.is_equivalent, round(found.p, 3)
    (True, 0.003)
    """
    if not margin > 0:
        raise InputError(f"the margin of an equivalence must be above 0, not {margin:g}")
    reach = norm.ppf(0.975)
    error = np.hypot(*((each.high - each.low) / 2 / reach for each in (first, second)))
    gap = first.value - second.value
    p = float(norm.sf((margin - abs(gap)) / error)) if error > 0 else float(abs(gap) >= margin)
    far = norm.ppf(1 - level) * error
    interval = Estimate(float(gap), float(gap - far), float(gap + far))
    return Equivalence(interval, margin, p, p < level)


def _as_ratios(table: pd.DataFrame, z: float) -> pd.DataFrame:
    treated, control = table["treated"], table["control"]
    log = np.log(treated / control)
    error = np.sqrt(
        (1 - treated) / (table["customers"] * treated)
        + (1 - control) / (table["controls"] * control)
    )
    return table.assign(
        effect=np.exp(log),
        low=np.exp(log - z * error),
        high=np.exp(log + z * error),
        error=error,
        p=_two_sided(log, error),
    )


def _differ(name: str, rows: pd.DataFrame) -> dict[str, object]:
    point, error = rows["point"].to_numpy(float), rows["error"].to_numpy(float)
    is_told = error > 0
    weight = 1 / error[is_told] ** 2
    mean = np.average(point[is_told], weights=weight) if is_told.any() else 0.0
    statistic = float((weight * (point[is_told] - mean) ** 2).sum())
    df = max(int(is_told.sum()) - 1, 0)
    p = float(chi2.sf(statistic, df)) if df else 1.0
    return {"arm": name, "groups": len(rows), "statistic": statistic, "df": df, "p": p}


def _pairs(name: str, rows: pd.DataFrame, z: float) -> pd.DataFrame:
    one, other = np.triu_indices(len(rows), 1)
    point, error = rows["point"].to_numpy(float), rows["error"].to_numpy(float)
    groups = rows["group"].to_numpy()
    gap, spread = point[one] - point[other], np.hypot(error[one], error[other])
    return pd.DataFrame(
        {
            "arm": name,
            "first": groups[one],
            "second": groups[other],
            "difference": gap,
            "low": gap - z * spread,
            "high": gap + z * spread,
            "p": _two_sided(gap, spread),
        }
    )


def _two_sided(gap: np.ndarray, error: np.ndarray) -> np.ndarray:
    with np.errstate(divide="ignore", invalid="ignore"):
        return 2 * norm.sf(np.abs(np.where(gap == 0, 0.0, gap / error)))
