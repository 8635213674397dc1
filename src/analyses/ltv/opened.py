"""A base opened at a setting: what all steps of a study of lifetime value stand on."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from src.analyses.ltv.population import Population
from src.analyses.ltv.values import Terms
from src.analyses.missing import Missing
from src.analyses.once import once
from src.analyses.settings.ltv import Setting
from src.analyses.settings.model import refuse, words_of
from src.data.bases import Base
from src.data.problems import InputError
from src.models.gap.value_intervals import Members
from src.models.survival import hazard, restricted_mean

SIZE = "size"  # the column of traits that says how large an account is


@dataclass(frozen=True, eq=False)
class Opened:
    """A base, its setting and its customers."""

    base: Base
    setting: Setting
    population: Population

    @property
    def terms(self) -> Terms:
        """Names, currency and limits that belong beside any figure of the study; see `Terms`."""
        setting, population = self.setting, self.population
        return Terms(
            names=setting.names,
            by=setting.group,
            currency=self.base.currency,
            months=setting.horizon,
            seen=hazard.LONG_SPANS[-1][1],
            is_residual=population.is_residual,
            assumed_margin=setting.margin_share if population.assumes_margin else None,
            sub_segment=setting.sub_segment,
            top=max(setting.top, setting.min_cell),
            min_cell=setting.min_cell,
            remarks=tuple(population.remarks()),
        )

    @once
    def worth(self) -> pd.DataFrame:
        """What each customer is worth, a row per customer.

        `customer_id`, `group`, `lifetime` (discounted expected months), `revenue`, `margin` (the
        LTV; discounted expected money of the months that count). Raises `InputError` where a group
        has fewer than `min_cell` customers.
        """
        worth, least = self.population.worth(), self.setting.min_cell
        for name, customers in worth["group"].value_counts().items():
            if customers < least:
                raise InputError(
                    f"{self.setting.group} {name} has fewer than {least} customers, MIN_CELL, and "
                    "nothing is shown of so few: compare larger groups"
                )
        return worth

    @once
    def lives(self) -> pd.DataFrame:
        """The lives of both groups as survival work reads them.

        `customer_id`, `group`, `duration`, `entry` (months), `ended`, `watched` (months from the
        start to the end of follow-up).
        """
        return self.population.lives()

    @once
    def traits(self) -> pd.DataFrame:
        """What is known of each customer today, a column per feature, indexed by `customer_id`."""
        return self.population.traits()

    def members(self) -> dict[str, Members] | Missing:
        """Today's customers by name of the group, with the models that value them.

        See `value_intervals.Members`: `worth`, `hazards`, `gone`, `money`, `model`. Missing without
        months.
        """
        return self.population.members()

    def few_ended(self) -> pd.Series:
        """Ended lives of the groups that have too few, indexed by group."""
        ended = self.lives().groupby("group", observed=True)["ended"].sum()
        return ended[ended < restricted_mean.FEW]

    def words_of(self, column: str) -> pd.Series:
        """A column of traits as words, in the order of `worth`."""
        words = words_of(self.traits()[column]).fillna("unknown")
        return self.worth()["customer_id"].map(words)

    def refuse_other_groups(self, name: str) -> None:
        """Raise `InputError` for a name that is none of the two groups."""
        if name not in self.setting.names:
            raise refuse("group", name, "one of the two groups", self.setting.names)
