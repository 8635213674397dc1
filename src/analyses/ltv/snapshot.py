"""A snapshot: one labelled row per customer, valued from the start of a life."""

from __future__ import annotations

from functools import cached_property

import numpy as np
import pandas as pd

from src.analyses.ltv.population import MONTHS
from src.analyses.missing import Missing
from src.analyses.progress import watched
from src.analyses.settings.ltv import Setting
from src.analyses.settings.model import words_of
from src.data.bases import Base
from src.data.problems import InputError
from src.features.true_rate import as_customers_are, of_whom
from src.models.churn.suspects import in_words, named, suspects
from src.models.churn.suspicions import drop_line
from src.models.gap.bars import bars, group_means
from src.models.gap.from_the_start import (
    columns_at_the_start,
    refitted_replicates,
    worth_from_the_start,
)
from src.models.gap.value_tables import refuse_one_group
from src.models.learning.names import clear_of
from src.models.learning.readable import readable, remarks
from src.models.scoring.auc import LEAST_PER_CLASS
from src.models.value.margins import knows_margins, monthly_margin

_ASIDE = ("customer_id", "churned", "tenure_months", "monthly_revenue")
_OURS = ("group",)  # a column of the base of this name has another beside it


class Snapshot:
    """The two groups of a snapshot base; see `population.Population`."""

    is_residual = False

    def __init__(self, base: Base, setting: Setting) -> None:
        self.base, self.setting = base, setting
        table = as_customers_are(base)
        needed = [name for name in ("tenure_months", "monthly_revenue") if name in table]
        table = table.dropna(subset=needed)  # the notes of the base count those left out
        if "tenure_months" in table:
            table["tenure_months"] = np.floor(table["tenure_months"])  # months that are over
        group = words_of(table[setting.group]).rename("group")
        refuse_one_group(group.to_frame(), "group", setting.names)
        is_asked = group.isin(setting.names)
        table = table[is_asked].reset_index(drop=True)
        self.group = group[is_asked].to_numpy()
        reading = readable(table, (*_ASIDE, setting.group))
        unreadable = table[[name for name in reading.left_out if name in table]]
        self.table = pd.concat([reading.frame, unreadable], axis=1)
        known = setting.columns or columns_at_the_start(self.table[list(reading.frame)])
        self.found = self._suspects(known)
        told = named(self.found)
        self.columns = [name for name in known if name not in told]
        if not self.columns:
            raise InputError(
                f"too good to be true: {in_words(self.found)}; without them no column is left. "
                f"Write under tables.snapshot of base.yml: {drop_line(told)}"
            )
        self.reading = reading
        self.assumes_margin = not knows_margins(self.table)

    def _suspects(self, columns: list[str]) -> pd.DataFrame:
        """What 03_churn would refuse among the columns; nothing is told of a few churners."""
        churned = self.table["churned"]
        if min(churned.sum(), (~churned).sum()) < LEAST_PER_CLASS:
            return pd.DataFrame(columns=["columns", "why", "figure"])
        return suspects(self.table[columns], churned, seed=self.setting.seed)

    def remarks(self) -> list[str]:
        """What was left out before anybody was valued, and dates, in sentences."""
        whose = of_whom(self.base)
        said = [whose] if whose else []
        if len(self.found):
            said.append(
                f"**Left out as too good to be true:** {in_words(self.found)}. So that no report "
                f"reads them, write under tables.snapshot of base.yml: "
                f"{drop_line(named(self.found))}."
            )
        said += remarks(self.reading)
        gaps = int(monthly_margin(self.table, self.setting.margin_share).isna().sum())
        if gaps:
            said.append(
                f"{gaps:,} of {len(self.table):,} customers have no margin: they are valued as if "
                "they had the median."
            )
        return said

    def _valued(self, rows: pd.DataFrame, months: int, rate: float) -> pd.DataFrame:
        chain = {"annual_rate": rate, "margin_share": self.setting.margin_share}
        columns = list(clear_of(self.columns, _OURS).values())
        return worth_from_the_start(rows, columns, months=months, **chain)

    @cached_property
    def _rows(self) -> pd.DataFrame:
        """The table with the group of each customer as `group`."""
        return self.table.rename(columns=clear_of(self.table, _OURS)).assign(group=self.group)

    @cached_property
    def _worth(self) -> pd.DataFrame:
        return self._valued(self._rows, self.setting.horizon, self.setting.rate)

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

        drawn = refitted_replicates(self._rows, chain, setting.first, rng, setting.replicates)
        next(progress, None)  # the bar goes
        return drawn

    def lives(self) -> pd.DataFrame:
        """Tenure and label, every life taken as watched from its start."""
        rows = self._rows
        done = np.floor(rows["tenure_months"])  # curves count whole months
        lives = rows[["customer_id", "group"]].assign(duration=done.astype(int))
        return lives.assign(ended=rows["churned"].astype(bool), entry=0, watched=0)

    def traits(self) -> pd.DataFrame:
        """The columns of the table."""
        return self.table.set_index("customer_id")

    def gap_at(self, months: int, rate: float) -> float:
        """By the same columns."""
        worth = self._valued(self._rows, months, rate)
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
