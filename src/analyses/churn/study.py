"""A churn study: a base at a setting, and the steps that need no trained candidate."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property, partial

import pandas as pd

from src.analyses.churn.listing import todays_list
from src.analyses.churn.panel import Panel
from src.analyses.churn.population import Population
from src.analyses.churn.snapshot import Snapshot
from src.analyses.churn.trial import ChurnTrial
from src.analyses.missing import Missing, minor
from src.analyses.once import once
from src.analyses.progress import Watched
from src.analyses.settings.churn import Setting
from src.analyses.streams import stream
from src.data.bases import Base
from src.data.problems import InputError
from src.models.churn import guards, leadtime, suspects
from src.models.churn.timesplit import TimeSplit
from src.models.learning.folds import of_customers
from src.models.profit.contact import empc_of
from src.models.profit.saved_share import SavedShare

_POPULATIONS: dict[str, type[Panel] | type[Snapshot]] = {"panel": Panel, "snapshot": Snapshot}


@dataclass(frozen=True)
class Judged:
    """Which customers, at which dates, judged by what.

    `split`: rows split by time, None where folds judge; `folds` is 0 where rows apart judge.
    `customers`, `churners`: counts of the rows of `population.judged`. `remarks`: what was done to
    columns and rows before. `alone`: `column`, `auc`, `low`, `high` of each column by itself, the
    strongest first. `ceiling`: the highest honest AUC known of this base, None where none is.
    `suspects`: what was too good to be true, see `suspects.suspects`; `left_out`: whether models go
    on without it.
    """

    split: TimeSplit | None
    customers: int
    churners: int
    folds: int
    repeats: int
    remarks: list[str]
    alone: pd.DataFrame
    ceiling: float | None
    suspects: pd.DataFrame
    left_out: bool

    def __repr__(self) -> str:
        return f"Judged: {self.customers:,} rows, {self.churners:,} of which end in an exit"


@dataclass(frozen=True, eq=False)
class Study:
    """A base opened at a setting; made by `churn.open_study`.

    `left_out`: the findings of `suspects.suspects` without which models go on; None where they are
    looked for when models are compared, and stop them.
    """

    base: Base
    setting: Setting
    population: Population
    left_out: pd.DataFrame | None = None

    def __repr__(self) -> str:
        who = self.setting.segment or "all"
        return f"Study of churn: base {self.base.name}, {who} customers"

    def who(self) -> Judged:
        """Which customers, at which dates, judged by what; see `Judged`."""
        churned = self.population.judged()["churned"]
        return Judged(
            split=self.population.split,
            customers=len(churned),
            churners=int(churned.sum()),
            folds=0 if self.population.rounds == 1 else self.setting.folds,
            repeats=self.population.repeats,
            remarks=self.population.remarks(),
            alone=self._alone,
            ceiling=self._ceiling,
            suspects=self.suspects(),
            left_out=self.left_out is not None,
        )

    @once
    def compare(self) -> ChurnTrial:
        """All candidates, judged on rows they did not learn from; see `ChurnTrial`.

        The first call trains them and takes minutes on a large base; later ones give the same
        trial. Raises `InputError` where columns, or the best model, are too good to be true: it
        names the columns. With `leaks="leave out"` the study was opened without them.
        """
        if self.left_out is None:
            suspects.refuse_suspects(self.suspects(), self.base.kind == "snapshot")
        named = self.population.candidates()
        tried = self.population.tried(Watched(named, "training", self.population.rounds))
        extra = {"empc": partial(empc_of, **self.setting.maximum)}
        rng = stream(self.setting.seed, "comparison")
        compared = self.population.compared(tried, extra, rng)
        trial = ChurnTrial(
            self.base,
            self.setting,
            self.population,
            tried,
            named,
            compared,
            self.suspects(),
            self._alone,
        )
        best = trial.figure(trial.best, "auc")["value"]
        suspects.refuse_model(
            *(best, self._ceiling, *self._looked_at),
            seed=self.setting.seed,
            is_snapshot=self.base.kind == "snapshot",
        )
        return trial

    @once
    def suspects(self) -> pd.DataFrame:
        """What is too good to be true: `columns` (a tuple), `why`, `figure`; no row where nothing.

        Of the columns that models read, or of those that were left out; see `suspects.suspects`.
        """
        if self.left_out is not None:
            return self.left_out
        return suspects.suspects(
            *self._looked_at,
            ceiling=self._ceiling,
            seed=self.setting.seed,
            univariate=self._alone,
        )

    @once
    def list(self) -> pd.DataFrame:
        """The list of today: everybody on it at the last month, the highest expected gain first.

        `customer_id`, `segment`, `state`, `silent` (months), `gone_already`, `too_late`,
        `can_be_saved`, `stays` (chances), `ltv`, `value_at_risk`, `gain_of_contact` (money),
        `reason_1` to `reason_3`; see `listing.todays_list`. By the best model of `compare`, trained
        again on all that is known today. Single customers: it belongs on no page.
        """
        trial = self.compare()
        scored = self.population.scored(trial.tried, trial.best, trial.named)
        return todays_list(scored, self.population.columns, self.setting)

    @once
    @minor("how many leavers an offer keeps")
    def saved_share(self) -> SavedShare | Missing:
        """How many leavers the base's own offers kept, where campaigns had a control group."""
        return self.population.saved_share()

    @once
    @minor("how far ahead a list sees")
    def by_lead(self) -> pd.DataFrame | Missing:
        """How far ahead a list sees, a row per segment and month ahead.

        `group` (segment), `month` (1 to 12), `churners` of that month, `value` (AUC among those
        still there), `low`, `high`. One hazard model per segment, as it would have stood a year
        before the end of follow-up. Missing for bases without months.
        """
        return self.population.by_lead()

    @once
    @minor("up to which lead a list pays")
    def paying_leads(self) -> pd.DataFrame | Missing:
        """What lists of the segment earn, by when their exits begin.

        `lead` (month in which exits begin), `churners`, `share` (of customers contacted), `profit`,
        `low`, `high` (money of the base), `pays`. Missing where no segment is asked for.
        """
        return self.population.paying_leads(stream(self.setting.seed, "leads"))

    def longest_lead(self) -> int | Missing:
        """The last lead, in months, up to which every list pays; 0 where the first does not."""
        paid = self.paying_leads()
        return paid if isinstance(paid, Missing) else leadtime.longest_paying_lead(paid)

    @once
    @minor("how a model ages")
    def staying_power(self) -> pd.DataFrame | Missing:
        """How a hazard model ages: `group`, `month` (its age), `churners`, `value`, `low`, `high`.

        `value` is the AUC at the snapshot so many months after the training. Missing where too few
        months follow, or the segment has no model of its own.
        """
        return self.population.staying_power()

    def without(self, *columns: str) -> Study:
        """The same study where no model may read these columns: `study.without("tariff")`.

        Raises `InputError` for a column that models do not read.
        """
        for name in columns:
            if name not in self.population.columns:
                raise InputError(f"models do not read a column {name!r}; see population.columns")
        left_out = [*self.setting.without, *columns]
        return opened(self.base, self.setting.model_copy(update={"without": left_out}))

    @cached_property
    def _alone(self) -> pd.DataFrame:
        return guards.univariate_auc(*self._looked_at, seed=self.setting.seed)

    @cached_property
    def _looked_at(self) -> tuple[pd.DataFrame, pd.Series]:
        """Latest rows to learn from: the columns that models read, and who left."""
        rows = self.population.alone()
        return of_customers(rows[self.population.columns], rows["customer_id"]), rows["churned"]

    @property
    def _ceiling(self) -> float | None:
        return guards.CEILINGS.get(self.base.name)


def opened(base: Base, setting: Setting) -> Study:
    """The study of a base; `InputError` for a kind of base that has no churn label.

    With `leaks="leave out"` no model reads the columns that are too good to be true, as if the
    setting named them in `without`.
    """
    if base.kind not in _POPULATIONS:
        kinds = " or ".join(_POPULATIONS)
        raise InputError(f"churn takes bases of kind {kinds}, not {base.kind}")
    population = _POPULATIONS[base.kind]
    study = Study(base, setting, population(base, setting))
    if setting.leaks == "stop":
        return study
    found = study.suspects()
    names = suspects.named(found)
    if not names:
        return replace(study, left_out=found)
    if set(names) == set(study.population.columns):
        raise InputError(
            f"too good to be true: {suspects.in_words(found)}; without them no column is left"
        )
    less = setting.model_copy(update={"without": [*setting.without, *names]})
    return Study(base, setting, population(base, less), left_out=found)
