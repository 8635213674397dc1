"""A snapshot: one labelled row per customer, valued from the start of a life."""

from __future__ import annotations

from functools import cached_property

import numpy as np
import pandas as pd

from src.analyses.ltv.population import MONTHS
from src.analyses.missing import Missing
from src.analyses.progress import watched
from src.analyses.settings.ltv import Setting
from src.data.bases import Base
from src.models.gap.bars import bars, group_means
from src.models.gap.from_the_start import (
    columns_at_the_start,
    refitted_replicates,
    worth_from_the_start,
)
from src.models.gap.value_tables import refuse_one_group


class Snapshot:
    """The two groups of a snapshot base; see `population.Population`."""

    is_residual = False
    assumes_margin = True

    def __init__(self, base: Base, setting: Setting) -> None:
        self.base, self.setting = base, setting
        table = base.table("snapshot")
        told = [name for name in ("tenure_months", "monthly_revenue") if name in table]
        table = table.dropna(subset=told)  # the notes of the base count those left out
        if "tenure_months" in table:
            table["tenure_months"] = np.floor(table["tenure_months"])  # months that are over
        groups = table[setting.group].astype("object").map(str, na_action="ignore")
        table = table.assign(group=groups)
        refuse_one_group(table, "group", setting.names)
        self.table = table[table["group"].isin(setting.names)].reset_index(drop=True)
        self.columns = setting.columns or columns_at_the_start(self.table)

    def _valued(self, rows: pd.DataFrame, months: int, rate: float) -> pd.DataFrame:
        chain = {"annual_rate": rate, "margin_share": self.setting.margin_share}
        return worth_from_the_start(rows, self.columns, months=months, **chain)

    @cached_property
    def _worth(self) -> pd.DataFrame:
        return self._valued(self.table, self.setting.horizon, self.setting.rate)

    def worth(self) -> pd.DataFrame:
        """Of customers like these over their first months."""
        return self._worth

    def replicates(self, rng: np.random.Generator) -> pd.DataFrame:
        """Customers drawn again, Cox's model fitted to them."""
        setting = self.setting
        progress = watched(range(setting.replicates), "drawing again")

        def chain(rows: pd.DataFrame) -> pd.DataFrame:
            next(progress, None)
            return self._valued(rows, setting.horizon, setting.rate)

        drawn = refitted_replicates(self.table, chain, setting.first, rng, setting.replicates)
        next(progress, None)  # the bar goes
        return drawn

    def lives(self) -> pd.DataFrame:
        """Tenure and label, every life taken as watched from its start."""
        table = self.table
        lives = table.assign(duration=table["tenure_months"], ended=table["churned"].astype(bool))
        return lives.assign(entry=0, watched=0)

    def traits(self) -> pd.DataFrame:
        """The columns of the table."""
        return self.table.set_index("customer_id")

    def gap_at(self, months: int, rate: float) -> float:
        """By the same columns."""
        worth = self._valued(self.table, months, rate)
        return float(bars(group_means(worth, self.setting.first))["bar"].iloc[-1])

    def tenure(self) -> Missing:
        """The tenure is the outcome here."""
        return Missing(MONTHS, "value by tenure")

    def acquisition_cost(self) -> Missing:
        """None is known."""
        return Missing("acquisition costs", "what it costs to win a customer")

    def costs(self) -> Missing:
        """None is known."""
        return self.acquisition_cost()

    def newcomers(self) -> Missing:
        """Nobody is watched from the start."""
        return Missing(MONTHS, "what a new customer brings")

    def margin_so_far(self) -> Missing:
        """None is known."""
        return Missing("margin by month", "what customers have brought so far")

    def members(self) -> Missing:
        """Nobody is followed through months."""
        return Missing(MONTHS, "how many of today's customers stay")

    def gap_by_freeze(self) -> Missing:
        """A label is no freeze."""
        return Missing(MONTHS, "the gap under other definitions of a freeze")

    def line_lives(self) -> Missing:
        """No lines are known."""
        return Missing("lines", "how long users and deciders stay")

    def partial_churn(self) -> Missing:
        """No lines are known."""
        return Missing("lines", "what leaves in part")

    def guesses(self) -> Missing:
        """No month follows."""
        return Missing(MONTHS, "whether predictions come true")

    def truth(self) -> Missing:
        """No snapshot is simulated."""
        return Missing("known truth (it is not simulated)", "how far estimates are off")
