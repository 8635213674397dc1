"""A snapshot base: one labelled row per customer, judged in folds, without dates."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

import numpy as np
import pandas as pd

from src.analyses.churn.listing import Scored
from src.analyses.churn.population import TwoLists
from src.analyses.missing import Missing
from src.analyses.settings.churn import Setting, refuse_few_of_a_kind
from src.data.bases import Base
from src.data.problems import InputError
from src.features.snapshots import Horizon
from src.models.churn.copies import copies, kept_together
from src.models.churn.timesplit import TimeSplit
from src.models.churn.validation import Trial, fold_figures, out_of_fold
from src.models.gap.from_the_start import columns_at_the_start
from src.models.learning.baselines import rule_of
from src.models.learning.candidates import Candidate, candidates
from src.models.learning.readable import in_words, readable, remarks
from src.models.scoring.comparison import Figure, fold_differences
from src.models.value.own_curve import value_from_now

_NO_MONTHS = "months per customer (a panel)"
_NOT_FEATURES = ("customer_id", "churned")
_ASIDE = (*_NOT_FEATURES, "segment")  # the segment is of the contract, and mostly one
_MONEY = ("monthly_revenue", "tenure_months")  # what the value of a customer is made of


class Snapshot:
    """The rows of a snapshot base; see `population.Population`."""

    horizon: Horizon | None = None
    split: TimeSplit | None = None

    def __init__(self, base: Base, setting: Setting) -> None:
        self.setting = setting
        table = base.table("snapshot")
        setting.refuse_columns([name for name in table if name not in _NOT_FEATURES])
        refuse_few_of_a_kind(table["churned"])
        self.reading = readable(table.drop(columns=setting.without), _ASIDE)
        self.table = self.reading.frame
        self.columns = [name for name in self.table if name not in _NOT_FEATURES]
        if not self.columns:
            raise InputError(f"no column is left that a model can read: {in_words(self.reading)}")
        self.copies = copies(self.table.drop(columns="customer_id"))
        together = kept_together(self.table[self.columns], self.table["churned"])
        self.are_copied = len(set(together)) < len(together)
        self.money = table[[name for name in _MONEY if name in table]]
        self.assumes_margin = len(_MONEY) == self.money.notna().any().sum()
        self.repeats = setting.repeats_of(len(table), len(self.columns))

    def remarks(self) -> list[str]:
        """Columns left out, dates, copies, and gaps in the money."""
        said = remarks(self.reading)
        if self.copies:
            apart = (
                "They count as customers of their own: they are few, or customers who are alike in "
                "every column both left and stayed."
            )
            why = "They are in one fold." if self.are_copied else apart
            said.append(
                f"{self.copies:,} of {len(self.table):,} rows are exact copies of another row but "
                f"for the identifier. {why}"
            )
        gaps = self.money.isna().sum()
        return said + [
            f"{gaps[name]:,} of {len(self.table):,} customers have no {name}: they are valued as "
            "if they had the median."
            for name in gaps.index[gaps > 0]
            if self.assumes_margin
        ]

    def tenure(self) -> pd.Series | None:
        """Time at risk, in months, in the order of the rows; None where it is not known."""
        known = self.money.get("tenure_months")
        return known if known is not None and known.notna().any() else None

    def alone(self) -> pd.DataFrame:
        """The rows of the base."""
        return self.table

    def judged(self) -> pd.DataFrame:
        """The rows of the base: each is held out once."""
        return self.table

    def candidates(self) -> dict[str, Candidate]:
        """The candidates that suit the columns."""
        setting = self.setting
        rule = rule_of(setting.rule)
        frame = self.table[self.columns]
        return candidates(frame, rule=rule, seed=setting.seed, trials=setting.trials)

    def tried(self, candidates: Mapping[str, Candidate]) -> Trial:
        """Out of fold."""
        setting = self.setting
        folds = {"folds": setting.folds, "repeats": self.repeats, "seed": setting.seed}
        return out_of_fold(self.table, candidates, **folds)

    def compared(
        self,
        trial: Trial,
        extra: Mapping[str, Figure],
        rng: np.random.Generator,  # noqa: ARG002  (nothing is drawn here)
    ) -> pd.DataFrame:
        """Means over folds with corrected intervals."""
        return fold_differences(fold_figures(trial, extra), confidence=self.setting.confidence)

    def listed(self, trial: Trial, chance: str) -> pd.DataFrame:
        """Everybody, worth what their own curve of staying leaves of an assumed margin.

        Where revenue or tenure is not known, `clv`. Who is marked as churned counts as savable:
        nothing tells when they left.
        """
        rows = trial.once.assign(chance=trial.once[chance], value=self.setting.clv)
        rows["savable"], rows["unreachable"] = rows["churned"].astype(bool), False
        for name in trial.names:
            rows[f"{name} savable"], rows[f"{name} unreachable"] = trial.once[name], 0.0
        if self.assumes_margin:
            rows["value"] = self._value
        return rows

    def scored(
        self,
        trial: Trial,
        best: str,
        candidates: Mapping[str, Candidate],  # noqa: ARG002  (folds have trained them)
    ) -> Scored:
        """Who is not marked as churned, by chances of models that did not learn from their row.

        Reasons are those of the model of the first fold. There are no months: nobody is gone or too
        late, and the chance to leave within a year is the chance of the label.
        """
        chance = trial.once[best].to_numpy(float)
        nobody = np.zeros(len(chance))
        value = self._value if self.assumes_margin else np.full(len(chance), self.setting.clv)
        worth = pd.DataFrame({"ltv": value, "lost_in_a_year": chance, "kept": value})
        outcomes = np.column_stack([nobody, nobody, chance, 1 - chance])
        is_there = ~self.table["churned"].to_numpy(bool)
        return Scored(
            self.table[is_there].reset_index(drop=True),
            outcomes[is_there],
            worth[is_there].reset_index(drop=True),
            trial.models["xgboost"],
            trial.train,
        )

    def saved_share(self) -> Missing:
        """Missing: no campaigns are known."""
        return Missing("campaigns with a control group", "how many leavers an offer keeps")

    @cached_property
    def _value(self) -> np.ndarray:
        """(customers,): money of a customer who stays; gaps of it are filled with the median."""
        setting = self.setting
        rows = self.table.assign(**self.money.fillna(self.money.median()))
        known = [name for name in columns_at_the_start(rows) if name in self.columns]
        return value_from_now(
            rows,
            known,
            months=setting.value_months,
            annual_rate=setting.rate,
            margin_share=setting.margin_share,
        )

    def asked(self, trial: Trial) -> pd.DataFrame:
        """The customers of the first fold."""
        return trial.test

    def recent(self, trial: Trial) -> pd.DataFrame:
        """All rows of the other folds."""
        return trial.train

    def by_lead(self) -> Missing:
        """Missing: there are no months."""
        return Missing(_NO_MONTHS, "how far ahead a list sees")

    def paying_leads(self, rng: np.random.Generator) -> Missing:  # noqa: ARG002
        """Missing: there are no months."""
        return Missing(_NO_MONTHS, "up to which lead a list pays")

    def staying_power(self) -> Missing:
        """Missing: there are no months."""
        return Missing("months after the training", "how a model ages")

    def two_lists(self, trial: Trial) -> TwoLists | Missing:  # noqa: ARG002
        """Missing: there are no segments over time."""
        return Missing("several segments over time", "figures overall and by segment")

    def candidates_of(self, split: TimeSplit) -> dict[str, Candidate]:  # noqa: ARG002
        """Those of the base: there is one set of rows."""
        return self.candidates()

    def today(self) -> tuple[TimeSplit, pd.DataFrame] | Missing:
        """Missing: nobody knows the truth."""
        return Missing("known truth (it is not simulated)", "how good a model could be at all")
