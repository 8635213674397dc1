"""A snapshot base: one labelled row per customer, judged in folds, without dates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property

import numpy as np
import pandas as pd

from src.analyses.churn.listing import Scored
from src.analyses.churn.population import TwoLists
from src.analyses.churn.rows import rate_remarks, rows_of
from src.analyses.churn.worth import Worth
from src.analyses.missing import Missing
from src.analyses.settings.churn import Setting, refuse_few_of_a_kind
from src.data.bases import Base
from src.data.problems import InputError
from src.features import true_rate
from src.features.snapshots import Horizon
from src.models.churn.copies import copies, kept_together
from src.models.churn.timesplit import TimeSplit
from src.models.churn.validation import (
    Trial,
    fitted_on,
    fold_figures,
    out_of_fold,
    out_of_sample,
)
from src.models.learning.baselines import rule_of
from src.models.learning.candidates import Candidate, candidates
from src.models.learning.readable import in_words, remarks
from src.models.scoring.comparison import Figure, fold_differences, paired_bootstrap

_NO_MONTHS = "months per customer (a panel)"
_NOT_FEATURES = ("customer_id", "churned")


class Snapshot:
    """The rows of a snapshot base; see `population.Population`.

    Folds judge, unless rows apart from those to learn from have labels; chances, curves and money
    are of the true rate of churn, see `true_rate`.
    """

    horizon: Horizon | None = None
    split: TimeSplit | None = None

    def __init__(self, base: Base, setting: Setting) -> None:
        self.setting, self.rate = setting, base.churn_rate
        names = [name for name in base.table("snapshot") if name not in _NOT_FEATURES]
        setting.refuse_columns(names)
        rows = self.rows = rows_of(base, setting.without)
        refuse_few_of_a_kind(rows.learned["churned"])
        refuse_few_of_a_kind(rows.judged["churned"], None if rows.is_apart else self.rate)
        self.columns = [name for name in rows.learned if name not in _NOT_FEATURES]
        if not self.columns:
            raise InputError(f"no column is left that a model can read: {in_words(rows.reading)}")
        self.copies = copies(rows.learned.drop(columns="customer_id"))
        together = kept_together(rows.learned[self.columns], rows.learned["churned"])
        self.are_copied = len(set(together)) < len(together)
        self.worth = Worth(rows.raw_judged, self.columns, setting)
        self.assumes_margin, self.is_valued = self.worth.assumes_margin, self.worth.is_known
        repeats = setting.repeats_of(len(rows.learned), len(self.columns))
        self.repeats = 1 if rows.is_apart else repeats

    def remarks(self) -> list[str]:
        """Rates, columns left out, dates, copies, and gaps in the money."""
        rows = self.rows
        said = [*rate_remarks(rows, self.rate), *remarks(rows.reading)]
        if self.copies:
            apart = (
                "They count as customers of their own: they are few, or customers who are alike in "
                "every column both left and stayed."
            )
            why = "They are in one fold." if self.are_copied else apart
            said.append(
                f"{self.copies:,} of {len(rows.learned):,} rows are exact copies of another row "
                f"but for the identifier. {why}"
            )
        return said + [
            f"{number:,} of {len(rows.judged):,} customers have no {name}: they are valued as if "
            "they had the median."
            for name, number in self.worth.gaps().items()
        ]

    def tenure(self) -> pd.Series | None:
        """Time at risk, in months, in the order of the rows; None where it is not known."""
        known = self.rows.raw_judged.get("tenure_months")
        return known if known is not None and known.notna().any() else None

    def alone(self) -> pd.DataFrame:
        """The rows to learn from."""
        return self.rows.learned

    def judged(self) -> pd.DataFrame:
        """Rows at the true rate of churn: each is held out once."""
        return self.rows.judged

    @property
    def rounds(self) -> int:
        """How often every candidate is trained."""
        return 1 if self.rows.is_apart else self.setting.folds * self.repeats

    def candidates(self) -> dict[str, Candidate]:
        """The candidates that suit the columns."""
        setting = self.setting
        rule = rule_of(setting.rule)
        frame = self.rows.learned[self.columns]
        return candidates(frame, rule=rule, seed=setting.seed, trials=setting.trials)

    def tried(self, candidates: Mapping[str, Candidate]) -> Trial:
        """Out of fold, or on the rows apart; chances of the true rate."""
        setting, rows = self.setting, self.rows
        if rows.is_apart:
            trial = out_of_sample(rows.learned, rows.judged, candidates)
        else:
            folds = {"folds": setting.folds, "repeats": self.repeats, "seed": setting.seed}
            trial = out_of_fold(rows.learned, candidates, **folds).only(rows.is_kept)
        chances = trial.chances.assign(
            **{name: self.at_rate(trial.chances[name].to_numpy(float)) for name in trial.names}
        )
        return replace(trial, chances=chances)

    def compared(
        self, trial: Trial, extra: Mapping[str, Figure], rng: np.random.Generator
    ) -> pd.DataFrame:
        """Means over folds with corrected intervals, or a paired bootstrap of the rows apart."""
        setting = self.setting
        if self.rows.is_apart:
            drawn = setting.drawn
            return paired_bootstrap(trial.chances, trial.names, rng, extra=extra, **drawn)
        return fold_differences(fold_figures(trial, extra), confidence=setting.confidence)

    def listed(self, trial: Trial, chance: str) -> pd.DataFrame:
        """Everybody who judges, worth what `Worth` says.

        Who is marked as churned counts as savable: nothing tells when they left.
        """
        rows = trial.once.assign(chance=trial.once[chance], value=self._value)
        rows["savable"], rows["unreachable"] = rows["churned"].astype(bool), False
        for name in trial.names:
            rows[f"{name} savable"], rows[f"{name} unreachable"] = trial.once[name], 0.0
        return rows

    def scored(self, trial: Trial, best: str, candidates: Mapping[str, Candidate]) -> Scored:
        """Who is to be listed, by chances of models that did not learn from their row.

        Without rows to be scored those of the base, by models of the other folds, and the reasons
        of the model of the first. There are no months: nobody is gone or too late, and the chance
        to leave within a year is the chance of the label.
        """
        rows, models = self.rows, trial.models
        is_there = ~rows.judged["churned"].to_numpy(bool)
        chance, learned = trial.once.loc[is_there, best].to_numpy(float), trial.train
        if rows.is_given:
            learned = rows.learned
            if not rows.is_apart:
                models = fitted_on(learned, {name: candidates[name] for name in {best, "xgboost"}})
            said = models[best].predict_proba(rows.listed[self.columns])[:, 1]
            chance = self.at_rate(said)
        value = self.worth.of(rows.raw_listed)
        nobody = np.zeros(len(chance))
        worth = pd.DataFrame({"ltv": value, "lost_in_a_year": chance, "kept": value})
        outcomes = np.column_stack([nobody, nobody, chance, 1 - chance])
        return Scored(rows.listed, outcomes, worth, models["xgboost"], learned)

    def at_rate(self, chance: np.ndarray) -> np.ndarray:
        """Chances that a model learned from the rows, at the true rate of churn."""
        return true_rate.at_rate(chance, self.rows.sampled, self.rate)

    def saved_share(self) -> Missing:
        """Missing: no campaigns are known."""
        return Missing("campaigns with a control group", "how many leavers an offer keeps")

    @cached_property
    def _value(self) -> np.ndarray:
        """(customers who judge,): money of a customer who stays."""
        return self.worth.of(self.rows.raw_judged)

    def asked(self, trial: Trial) -> pd.DataFrame:
        """The customers of the first fold, or those apart."""
        return trial.test

    def recent(self, trial: Trial) -> pd.DataFrame:
        """All rows of the other folds, or all to learn from."""
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
