"""A panel: customers by month, judged at later months than those that models learned from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property

import numpy as np
import pandas as pd

from src.analyses.churn.listing import Scored
from src.analyses.churn.population import TwoLists
from src.analyses.missing import Missing
from src.analyses.progress import watched
from src.analyses.settings.churn import Setting
from src.data.bases import Base
from src.data.operator.truth import open_truth
from src.data.problems import InputError
from src.features.lifecycle import LifeRecord
from src.features.snapshots import GONE, HORIZONS, LATE, OUTCOMES, SAVABLE, Horizon
from src.features.tables import open_features
from src.models.churn import leadtime, staying_power, timesplit
from src.models.churn.outcomes import Ways
from src.models.churn.validation import Trial, out_of_time, outcomes_said, refitted
from src.models.explain.importance import fitted_again
from src.models.learning.baselines import rule_of
from src.models.learning.candidates import Candidate, candidates
from src.models.learning.folds import of_customers
from src.models.profit.saved_share import SavedShare, saved_share
from src.models.scoring.comparison import Figure, paired_bootstrap
from src.models.survival.hazard import SILENCE, chances
from src.models.value import backtest
from src.models.value.customer_value import fit_value
from src.models.value.discounting import kept_value
from src.models.value.margins import has_costs, with_margins

_USUAL = Horizon(3)
_GONE, _LATE, _SAVABLE = (OUTCOMES.index(name) for name in (GONE, LATE, SAVABLE))
_LEADS = 12  # months ahead that a list is read at
_EVERY = 2  # months between the snapshots that models of value learn from


class Panel:
    """Feature tables of a panel, split by time; see `population.Population`."""

    def __init__(self, base: Base, setting: Setting) -> None:
        self.base, self.setting = base, setting
        tables = open_features(base)
        self.order = tables.order
        bills, people = base.table("billing"), base.table("customers")
        self.record = LifeRecord(bills, people, tables.freeze_months)
        readable = timesplit.model_columns(tables.catalogue)
        setting.refuse_columns(tables.catalogue["name"].tolist())
        self.columns = [name for name in readable if name not in setting.without]
        self.assumes_margin, self.is_valued = not has_costs(bills), True
        self.rows, self.bills = with_margins(tables.read(), bills, setting.margin_share)
        self.horizon = _horizon(setting)
        self.split = self._split(setting.segment)

    repeats = rounds = 1  # there are no folds

    def remarks(self) -> list[str]:
        """None: features are made for models."""
        return []

    def tenure(self) -> None:
        """None: lives are watched by month, and lists are judged month by month."""

    def _split(self, segment: str) -> timesplit.TimeSplit:
        setting = self.setting
        return timesplit.time_split(
            *(self.rows, self.record, self.columns, self.horizon),
            segment=segment,
            tests=setting.tests,
            most=setting.training,
            least=setting.least,
            order=self.order,
        )

    def alone(self) -> pd.DataFrame:
        """The rows of the last snapshot to learn from."""
        train = self.split.train
        return train[train["snapshot"] == self.split.trains[-1]]

    def judged(self) -> pd.DataFrame:
        """The rows of the snapshots that judge."""
        return self.split.test

    def candidates(self) -> dict[str, Candidate]:
        """The candidates that suit the columns, tuned on customers held out."""
        return self.candidates_of(self.split)

    def candidates_of(self, split: timesplit.TimeSplit) -> dict[str, Candidate]:
        """The same for the rows of another split, such as that of `today`."""
        seed = self.setting.seed
        return candidates(
            split.train[self.columns],
            rule=rule_of(self.setting.rule),
            seed=seed,
            trials=self.setting.trials,
            folds=split.inner_folds(seed),
        )

    def tried(self, candidates: Mapping[str, Candidate]) -> Trial:
        """Out of time, the hazard model among them."""
        return out_of_time(self.split, candidates, self.setting.seed)

    def compared(
        self, trial: Trial, extra: Mapping[str, Figure], rng: np.random.Generator
    ) -> pd.DataFrame:
        """A paired bootstrap of customers.

        Figures are of who is lost; those of `extra`, `savable_auc` and `savable_log_loss` of who
        can be saved.
        """
        drawn, names = self.setting.drawn, trial.names
        lost = paired_bootstrap(trial.chances, names, rng, **drawn)
        savable = trial.chances.assign(
            churned=trial.chances["outcome"] == SAVABLE,
            **{name: four[:, _SAVABLE] for name, four in trial.outcomes.items()},
        )
        more = paired_bootstrap(savable, names, rng, extra=extra, **drawn)
        kept = {name: f"savable_{name}" for name in ("auc", "log_loss")} | {n: n for n in extra}
        more = more[more["metric"].isin(kept)]
        more = more.assign(metric=more["metric"].map(kept), is_best=False)
        return pd.concat([lost, more], ignore_index=True)

    def listed(self, trial: Trial, chance: str) -> pd.DataFrame:
        """Everybody on the list of the last snapshot that judges, worth their discounted margin."""
        setting, test = self.setting, self.split.test
        rows = trial.once.assign(chance=trial.once[chance], snapshot=test["snapshot"])
        for name, four in trial.outcomes.items():
            rows[f"{name} savable"] = four[:, _SAVABLE]
            rows[f"{name} unreachable"] = four[:, _GONE] + four[:, _LATE]
        rows["savable"] = rows["outcome"] == SAVABLE
        rows["unreachable"] = rows["outcome"].isin([GONE, LATE])
        rows["silent"] = test[SILENCE].fillna(0).astype(int)
        rows["gone"] = trial.outcomes[chance][:, _GONE]
        hazards = trial.models["hazard"].hazards(test[self.columns], setting.value_months)
        margin = test["margin_mean_12m"].fillna(0)
        rows["value"] = kept_value(1 - chances(hazards), margin, self.horizon.reach, setting.rate)
        return rows[rows["snapshot"] == self.split.tests[-1]].reset_index(drop=True)

    def asked(self, trial: Trial) -> pd.DataFrame:
        """The customers of the last snapshot that judges."""
        return trial.test[trial.test["snapshot"] == self.split.tests[-1]]

    def recent(self, trial: Trial) -> pd.DataFrame:
        """The rows of the last snapshot to learn from."""
        return trial.train[trial.train["snapshot"] == self.split.trains[-1]]

    @cached_property
    def _ahead(self) -> dict[str, tuple[np.ndarray, np.ndarray, pd.DataFrame]]:
        """Per segment: chances a year before the end, and everybody on the list of then.

        Without segments that nobody had left. The chance to be gone already, the hazards by month
        ahead, and the rows.
        """
        ahead = {}
        for segment in watched(sorted(self.rows["segment"].unique()), "looking ahead"):
            members = self.rows[self.rows["segment"] == segment]
            sources = (members, self.record, self.columns)
            try:
                model, then = leadtime.looked_ahead(*sources, seed=self.setting.seed)
            except InputError:  # nobody of this segment had left by then
                continue
            months, features = self.setting.value_months, then[self.columns]
            ahead[segment] = (model.gone(features), model.hazards(features, months), then)
        return ahead

    def by_lead(self) -> pd.DataFrame | Missing:
        """Every segment's list, read on its day and at each of the next twelve months."""
        parts = []
        for segment, (gone, hazards, then) in self._ahead.items():
            left, level = then["months_left"], self.setting.confidence
            quality = leadtime.quality_by_lead(gone, hazards[:, :_LEADS], left, level)
            parts.append(quality.assign(group=segment).dropna(subset=["value"]))
        found = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame({"month": []})
        if not (found["month"] > 0).any():
            return Missing("ten exits in any month ahead", "how far ahead a list sees")
        return found

    def paying_leads(self, rng: np.random.Generator) -> pd.DataFrame | Missing:
        """The list of the segment, at each lead."""
        setting = self.setting
        if setting.segment not in self._ahead:
            lacks = "segment that was asked for"
            if setting.segment:
                lacks = "exits of this segment a year before the end"
            return Missing(lacks, "up to which lead a list pays")
        gone, hazards, then = self._ahead[setting.segment]
        margin = then["margin_mean_12m"].fillna(0)
        worth = kept_value(1 - chances(hazards), margin, _LEADS, setting.rate)
        return leadtime.profit_by_lead(
            gone,
            hazards[:, :_LEADS],
            then["months_left"],
            worth,
            self.horizon.months,
            rng,
            **setting.economics,
            **setting.drawn,
        )

    def staying_power(self) -> pd.DataFrame | Missing:
        """The hazard model of the segment, trained once."""
        missing = Missing("months after the training", "how a model ages")
        if self.split.pooled:
            return missing
        sources = (self._members(), self.record, self.columns, self.horizon)
        aged = staying_power.staying_power(
            *sources, seed=self.setting.seed, confidence=self.setting.confidence
        )
        aged = aged.dropna(subset=["value"]).assign(group=self.setting.segment or "all")
        return aged if len(aged) >= 2 else missing

    def at_rate(self, chance: np.ndarray) -> np.ndarray:
        """As they are: nobody resampled the months."""
        return chance

    def two_lists(self, trial: Trial) -> TwoLists | Missing:
        """XGBoost of the same settings, trained on all segments."""
        if len(set(self.rows["segment"])) < 2:
            return Missing("several segments over time", "figures overall and by segment")
        everyone = self._split("") if self.setting.segment else self.split
        churned = everyone.train["churned"].to_numpy(int)
        learned = of_customers(everyone.train[self.columns], everyone.train["customer_id"])
        model = fitted_again(trial.models["xgboost"], learned, churned)
        keys = ["customer_id", "snapshot"]
        said = model.predict_proba(everyone.test[self.columns])[:, 1]
        # Without a model of the segment alone there is none to compare with.
        is_own = bool(self.setting.segment) and not self.split.pooled
        own = trial.once["xgboost"] if is_own else np.nan
        alone = trial.once.assign(snapshot=self.split.test["snapshot"], own=own)
        rows = everyone.test[[*keys, "segment", "churned"]].assign(**{"one for all": said})
        rows = rows.merge(alone[[*keys, "own"]], on=keys, how="left")
        latest = everyone.test[everyone.test["snapshot"] == everyone.tests[-1]]
        return TwoLists(rows, latest, model)

    def today(self) -> tuple[timesplit.TimeSplit, pd.DataFrame] | Missing:
        """The split for the list of today, with the truth about everybody on it."""
        if self.base.origin != "simulated":
            return Missing("known truth (it is not simulated)", "how good a model could be at all")
        truth = open_truth(self.base, "snapshot").set_index("customer_id")
        split = self.latest()
        return split, truth.loc[split.test["customer_id"]]

    def latest(self) -> timesplit.TimeSplit:
        """The split for the list of today: all that is known teaches, the last snapshot is read."""
        sources = (self._members(), self.record, self.columns, self.horizon)
        return timesplit.latest_split(*sources, most=self.setting.training, order=self.order)

    def scored(
        self,
        trial: Trial,  # noqa: ARG002  (models are trained again)
        best: str,
        candidates: Mapping[str, Candidate],
    ) -> Scored:
        """Everybody on the list of the last snapshot, by models that learned all that is known."""
        setting, at = self.setting, self.record.last
        members = self.rows if self.split.pooled else self._members()
        split = timesplit.latest_split(
            *(members, self.record, self.columns, self.horizon),
            most=setting.training,
            order=self.order,
        )
        today = split.test
        if setting.segment:
            today = today[today["segment"] == setting.segment].reset_index(drop=True)
        named = self.candidates_of(split) if not self.split.pooled else candidates
        model, explained = (
            refitted(name, named, split, setting.seed) for name in (best, "xgboost")
        )
        ways = Ways().fit(split.train, self.columns, setting.seed)
        spaced = backtest.spaced(members, at, _EVERY)
        value = fit_value(
            *(spaced, self.bills, self.record.as_of(at), self.columns, self.record.follow_up()),
            seed=setting.seed,
        )
        stays = value.survival(today, setting.value_months)
        there = np.maximum(1 - value.gone(today), 1e-12)[:, None]
        margin = value.margin.ahead(today, setting.value_months)
        worth = pd.DataFrame(
            {
                "ltv": value.worth(today, stays, setting.rate)["margin"].to_numpy(),
                "lost_in_a_year": 1 - stays[:, min(_LEADS, setting.value_months) - 1],
                "kept": kept_value(
                    np.minimum(stays / there, 1), margin, self.horizon.reach, setting.rate
                ),
            }
        )
        today = today.assign(silent=today[SILENCE].fillna(0).astype(int))
        said = outcomes_said(model, ways, today, self.columns, self.horizon)
        return Scored(today, said, worth, explained, split.train)

    def saved_share(self) -> SavedShare | Missing:
        """By the campaigns of the base, of the segment."""
        missing = Missing("campaigns with a control group", "how many leavers an offer keeps")
        if not self.base.has("campaigns"):
            return missing
        contacts = self.base.table("campaigns")
        contacts = contacts[contacts["customer_id"].isin(self._members()["customer_id"])]
        lives, follow_up = self.record.as_of(), self.record.follow_up()
        kept = saved_share(
            contacts,
            lives,
            follow_up,
            months=self.horizon.reach,
            confidence=self.setting.confidence,
        )
        if kept is None:
            return replace(missing, lacks=f"{missing.lacks} in which ten left on either side")
        return kept

    def _members(self) -> pd.DataFrame:
        """The rows of the segment that is asked for; all without one."""
        segment = self.setting.segment
        return self.rows[self.rows["segment"] == segment] if segment else self.rows


def _horizon(setting: Setting) -> Horizon:
    """What is asked for, the rest as usual in the segment."""
    usual = HORIZONS.get(setting.segment, _USUAL)
    gap = usual.gap if setting.gap is None else setting.gap
    return Horizon(setting.horizon or usual.months, gap)
