"""What campaigns did: whether arms were drawn at random, effects, opening, groups."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from src.analyses.campaigns.opened import Opened, pooled
from src.analyses.campaigns.population import USERS
from src.analyses.campaigns.values import Outcome, Tried
from src.analyses.missing import Missing, minor
from src.analyses.once import once
from src.data.problems import InputError
from src.models.campaigns.effect import adjusted_effects, capped_effects
from src.models.campaigns.interaction import Equivalence, Interaction, by_group, equivalence
from src.models.campaigns.opening import Opening, effects_of_opening
from src.models.campaigns.randomisation import Draw, check_draw, shares_differ
from src.models.intervals.proportions import Estimate

_OPENING = "what opening a message does"
_GROUPS = "for whom a campaign works"
_LARGEST = "how much of an effect on money hangs on the largest customers"
SAME = 0.5  # share of the consumers' effect by which end users may differ and still be alike


@dataclass(frozen=True, eq=False)
class Randomised:
    """How the arms of one campaign were drawn; `by`: the stratum they were drawn within, if any.

    `met`: other campaigns of the same time, a row each: `campaign`, `customers` (in both), `p` of
    the question whether arms depend on those of the other. Where both were drawn independently,
    neither campaign biases the other.
    """

    campaign: str
    draw: Draw
    by: str | None
    met: pd.DataFrame


@dataclass(frozen=True, eq=False)
class Groups:
    """Effects on the first outcome of one campaign by the levels of `group`; see `Interaction`.

    `scale`: `difference`, or `ratio` of risks. `is_told`: the effects differ, at 5 %.
    """

    campaign: str
    group: str
    outcome: Outcome
    found: Interaction

    @property
    def is_told(self) -> bool:
        """Whether effects differ between groups by more than chance."""
        return bool((self.found.tests["p_holm"] < _LEVEL).any())


_LEVEL = 0.05


class Judging(Opened):
    """The steps that say what campaigns did."""

    @once
    @minor("whether arms were drawn at random")
    def randomised(self) -> list[Randomised] | Missing:
        """Of each campaign, whether its arms look as if drawn at random; see `Draw`."""
        return [
            Randomised(
                campaign=name,
                draw=check_draw(tried.rows, tried.covariates, by=tried.by),
                by=tried.by,
                met=_met(tried),
            )
            for name, tried in self.judged().items()
        ]

    @once
    @minor("what a campaign did")
    def effects(self) -> pd.DataFrame | Missing:
        """What being assigned did, campaign by campaign, a row per treatment and outcome.

        `campaign`, `contact`, `outcome`, `label`, `unit` (see `Outcome`), `is_loss`, and the
        columns of `adjusted_effects`: intention to treat, each treatment against the control group,
        with the noise taken out that was known before; several treatments also as one (`ANY`).
        """
        parts = []
        for name, tried in self.judged().items():
            for outcome in tried.outcomes:
                if tried.rows[outcome.name].nunique() < 2:
                    continue
                found = [self._effect(tried, tried.rows, outcome)]
                if len(tried.treatments) > 1:
                    found.insert(0, self._effect(tried, pooled(tried), outcome))
                table = pd.concat(found, ignore_index=True)
                said = {"campaign": name, "contact": tried.contact, "outcome": outcome.name}
                said |= {"label": outcome.label, "unit": outcome.unit}
                parts.append(table.assign(**said, is_loss=outcome.is_loss))
        if not parts:
            raise InputError("every outcome is the same for everybody: there is no effect to tell")
        table = pd.concat(parts, ignore_index=True)
        first = ["campaign", "contact", "outcome", "label", "unit", "is_loss"]
        return table[[*first, *(name for name in table if name not in first)]]

    @once
    @minor(_LARGEST)
    def without_largest(self) -> pd.DataFrame | Missing:
        """Effects on money where the largest amounts are cut, to see what hangs on few customers.

        `campaign`, `outcome`, `label`, and the columns of `capped_effects`: all treatments as one,
        a row per share of the customers whose amounts are `kept` as they are; of all it is that of
        `effects`.
        """
        parts = [
            capped_effects(
                pooled(tried) if len(tried.treatments) > 1 else tried.rows,
                outcome.name,
                tried.adjusting,
                by=tried.by,
                confidence=self.setting.confidence,
            ).assign(campaign=name, outcome=outcome.name, label=outcome.label)
            for name, tried in self.judged().items()
            for outcome in tried.outcomes
            if outcome.unit == "money" and np.ptp(tried.rows[outcome.name]) > 0
        ]
        if not parts:
            return Missing("an outcome in money", _LARGEST)
        return pd.concat(parts, ignore_index=True)

    @once
    @minor(_OPENING)
    def opening(self) -> list[Opening] | Missing:
        """What opening did, of the latest campaign by e-mail; see `Opening`.

        It is taken that an e-mail does nothing to who does not open it. A call, or a letter, may.
        """
        mails = [tried for tried in self.judged().values() if "mail" in tried.channel.lower()]
        mails = [tried for tried in mails if "opened" in tried.rows]
        if not mails:
            return Missing("e-mails of which it is known who opened them", _OPENING)
        latest = mails[-1]
        return effects_of_opening(
            latest.rows,
            latest.outcome.name,
            works_only_when_opened=True,
            confidence=self.setting.confidence,
        )

    @once
    @minor(_GROUPS)
    def by_segment(self) -> list[Groups] | Missing:
        """Effects on the first outcome by group, of every campaign and group that can be told."""
        found = []
        for name, tried in self.judged().items():
            for group in tried.groups:
                try:
                    split = by_group(
                        pooled(tried),
                        tried.outcome.name,
                        group,
                        confidence=self.setting.confidence,
                    )
                except InputError:  # fewer than two groups that are large enough
                    continue
                found.append(Groups(name, group, tried.outcome, split))
        return found or Missing("two groups of customers that are large enough", _GROUPS)

    @once
    @minor("whether end users in companies react as consumers do")
    def end_users(self) -> Equivalence | Missing:
        """Whether end users in companies react as consumers do, of the campaign of models.

        They are alike where their effects surely differ by less than half of that on consumers.
        """
        adds = "whether end users in companies react as consumers do"
        if USERS not in self.main.groups:
            return Missing("lines with their users' roles", adds)
        groups = by_group(pooled(self.main), self.main.outcome.name, USERS)
        rows = groups.effects.set_index("group")
        if not {"consumers", "end users"} <= set(rows.index):
            return Missing("end users and consumers in both arms", adds)
        first, second = (
            Estimate(*(float(rows.loc[name, end]) for end in ("effect", "low", "high")))
            for name in ("end users", "consumers")
        )
        return equivalence(first, second, SAME * max(abs(second.value), 1e-9))

    def _effect(self, tried: Tried, rows: pd.DataFrame, outcome: Outcome) -> pd.DataFrame:
        return adjusted_effects(
            rows,
            outcome.name,
            tried.adjusting,
            by=tried.by,
            confidence=self.setting.confidence,
        )


def _met(tried: Tried) -> pd.DataFrame:
    rows: list[dict[str, object]] = []
    if tried.met is not None:
        arms = tried.rows[["customer_id", "arm"]]
        for name, part in tried.met.merge(arms, on="customer_id").groupby("campaign"):
            try:
                p = shares_differ(part, "other_arm")
            except InputError:  # too few in both to hold all arms
                continue
            rows.append({"campaign": str(name), "customers": len(part), "p": p})
    return pd.DataFrame(rows, columns=["campaign", "customers", "p"])
