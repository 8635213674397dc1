"""What opening a message does, by the arm as an instrument, where the design carries it.

Who opens is not drawn at random: openers are the customers who care, and would have stayed anyway.
The arm is drawn, so that the effect of assignment, divided by the share it made open, is the effect
of opening on those who open. Sources: Imbens and Angrist 1994, Econometrica 62(2), 467-475;
Anderson and Rubin 1949, for the interval.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import norm

from src.data.problems import InputError
from src.models.campaigns.arms import CONTROL, outcome_of, treatments
from src.models.campaigns.effect import effects
from src.models.intervals.numbers import Numbers, check_columns
from src.models.intervals.proportions import Estimate

STRONG = 10.0  # F of the share that opens; Staiger and Stock 1997
_LEAST = 10  # openers, and others of the same arm


@dataclass(frozen=True)
class Opening:
    """The effect of opening in one arm, or why there is none.

    `assigned`: the effect of being assigned (intention to treat). `opened`: the share of the arm
    that opened. `first_stage`: F of this share. `naive`: openers less those of the same arm who did
    not open, the comparison that reports show; it is not an effect. `effect`: of opening on those
    who open, None where `why_not` says that the design does not carry it.
    """

    arm: str
    assigned: Estimate
    opened: float
    first_stage: float
    naive: Estimate | None
    effect: Estimate | None
    why_not: str


def effects_of_opening(
    members: pd.DataFrame,
    outcome: str,
    *,
    works_only_when_opened: bool,
    opened: str = "opened",
    confidence: float = 0.95,
) -> list[Opening]:
    """The effect of opening per treatment, in the order of arms.

    `members`: `customer_id`, `arm`, `outcome` and the flag `opened` (of any contact of a chain).
    The effect is (mean of treated - mean of controls) / share of the treated who opened; its
    interval holds all b for which outcome - b x opened does not differ between the arms (Anderson
    and Rubin), which is right for a weak share too.

    Three things must hold. No control opens: otherwise the control group was reached. The share who
    open is clear of chance (F of `STRONG`). And assignment does nothing to those who do not open,
    which no data show: the caller says so by `works_only_when_opened`. It fails where the offer is
    in the subject line, where a discount is granted to all, and where a call is an annoyance by
    itself.

    Raises `InputError` as `arms.treatments` does and where `opened` is missing for a member.
    """
    names = treatments(members)
    check_columns(members, [opened])
    if members[opened].isna().any():
        raise InputError(f"{opened} is missing for {members[opened].isna().sum():,} members")
    values, is_open = outcome_of(members, outcome), members[opened].to_numpy(float)
    arm, z = members["arm"].astype(str).to_numpy(), float(norm.ppf((1 + confidence) / 2))
    control = np.column_stack([values, is_open])[arm == CONTROL]
    if len(control) < _LEAST:
        raise InputError(f"the control group has {len(control)} customers; {_LEAST} are needed")
    plain = effects(members, outcome, confidence=confidence).set_index("arm")
    reached = int(control[:, 1].sum())
    found = []
    for name in names:
        treated = np.column_stack([values, is_open])[arm == name]
        if len(treated) < _LEAST:
            raise InputError(f"the arm {name} has {len(treated)} customers; {_LEAST} are needed")
        gap = treated.mean(axis=0) - control.mean(axis=0)
        spread = np.cov(treated.T) / len(treated) + np.cov(control.T) / len(control)
        strength = float(gap[1] ** 2 / spread[1, 1]) if spread[1, 1] > 0 else np.inf  # all opened
        why_not = _why_not(name, reached, float(gap[1]), strength, works_only_when_opened)
        found.append(
            Opening(
                arm=name,
                assigned=Estimate(*plain.loc[name, ["effect", "low", "high"]].astype(float)),
                opened=float(treated[:, 1].mean()),
                first_stage=strength,
                naive=_naive(treated, z),
                effect=None if why_not else _anderson_rubin(gap, spread, z),
                why_not=why_not,
            )
        )
    return found


def _why_not(name: str, reached: int, gap: float, strength: float, only_when_opened: bool) -> str:
    if not only_when_opened:
        return (
            "the contact may work on customers who do not open it, so that its effect cannot be "
            "put down to opening; the effect of being assigned stands"
        )
    if reached:
        return (
            f"{reached:,} controls opened a message that they should not have had, so that the "
            "control group is no control group for opening"
        )
    if not gap > 0:
        return f"nobody in the arm {name} opened"
    if strength < STRONG:
        return (
            f"too few of the arm {name} opened to tell (F {strength:.1f}, at least {STRONG:.0f} "
            "is needed)"
        )
    return ""


def _naive(treated: Numbers, z: float) -> Estimate | None:
    openers, others = treated[treated[:, 1] == 1, 0], treated[treated[:, 1] == 0, 0]
    if min(len(openers), len(others)) < _LEAST:
        return None
    gap = openers.mean() - others.mean()
    error = np.sqrt(openers.var(ddof=1) / len(openers) + others.var(ddof=1) / len(others))
    return Estimate(float(gap), float(gap - z * error), float(gap + z * error))


def _anderson_rubin(gap: Numbers, spread: Numbers, z: float) -> Estimate:
    """All b with (gap_y - b gap_d)^2 <= z^2 var(gap_y - b gap_d): an interval, as F > z^2."""
    a = gap[1] ** 2 - z**2 * spread[1, 1]
    b = gap[0] * gap[1] - z**2 * spread[0, 1]
    c = gap[0] ** 2 - z**2 * spread[0, 0]
    root = np.sqrt(max(b**2 - a * c, 0.0))
    return Estimate(float(gap[0] / gap[1]), float((b - root) / a), float((b + root) / a))
