"""How long customers stay: from the start of a life, and from today on."""

from __future__ import annotations

import pandas as pd

from src.analyses.ltv.opened import Opened
from src.analyses.ltv.values import Cohorts, Stays
from src.analyses.missing import Missing, minor
from src.analyses.once import once
from src.models.survival import cohort_curves, kaplan_meier, restricted_mean

_LEAST_LEARNED = 6  # months that a formula of cohorts learns from


class Staying(Opened):
    """The steps of a study that count months."""

    @once
    def stays(self) -> Stays:
        """How long both groups stay from the start of a life; see `Stays`."""
        lives, setting = self.lives(), self.setting
        asked = (lives, "group", setting.horizon, setting.confidence)
        return Stays(
            curves=kaplan_meier.kaplan_meier(lives, "group", setting.confidence),
            means=restricted_mean.restricted_means(*asked),
            difference=restricted_mean.restricted_mean_difference(*asked).iloc[0],
            test=restricted_mean.log_rank(lives, "group"),
            few_ended=self.few_ended(),
        )

    @once
    def cohorts(self) -> Cohorts:
        """Whether formulas of cohorts hold, and what they project; see `Cohorts`."""
        learned = max(self.setting.horizon // 3, _LEAST_LEARNED)
        table = cohort_curves.cohort_curves(
            self.lives(), "group", learned, 2 * learned, self.setting.confidence
        )
        return Cohorts(table, learned, 2 * learned)

    @once
    def ahead(self) -> pd.DataFrame | Missing:
        """How many of today's customers are expected to be there still.

        `group`, `month` (0 to the horizon, from today), `value` (share of those on the list, at
        month 0 less those who are gone already). Missing without months.
        """
        groups = self.members()
        if isinstance(groups, Missing):
            return groups
        months = self.setting.horizon
        parts = []
        for name, group in groups.items():
            left = group.survival(months).mean(axis=0)
            still = [1 - group.gone.mean(), *left]
            rows = {"group": name, "month": range(months + 1), "value": still}
            parts.append(pd.DataFrame(rows))
        return pd.concat(parts, ignore_index=True)

    @once
    @minor("how long users and deciders stay")
    def roles(self) -> Stays | Missing:
        """How long lines of users and of deciders stay, within the first group; see `Stays`."""
        lines, setting = self.population.line_lives(), self.setting
        if isinstance(lines, Missing):
            return lines
        asked = (lines, "user_role", setting.horizon, setting.confidence)
        return Stays(
            curves=kaplan_meier.kaplan_meier(lines, "user_role", setting.confidence),
            means=restricted_mean.restricted_means(*asked),
            difference=restricted_mean.restricted_mean_difference(*asked).iloc[0],
            test=restricted_mean.log_rank(lines, "user_role"),
            few_ended=pd.Series(dtype=int),
        )
