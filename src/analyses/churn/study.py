"""A churn study: a base at a setting, and the steps that need no trained candidate."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, partial

import pandas as pd

from src.analyses.churn.panel import Panel
from src.analyses.churn.population import Population
from src.analyses.churn.snapshot import Snapshot
from src.analyses.churn.trial import ChurnTrial
from src.analyses.missing import Missing
from src.analyses.once import once
from src.analyses.progress import Watched
from src.analyses.settings.churn import Setting
from src.analyses.streams import stream
from src.data.bases import Base
from src.data.problems import InputError
from src.models.churn import guards, leadtime
from src.models.churn.timesplit import TimeSplit
from src.models.profit.contact import empc_of

_POPULATIONS: dict[str, type[Panel] | type[Snapshot]] = {"panel": Panel, "snapshot": Snapshot}


@dataclass(frozen=True)
class Judged:
    """Which customers, at which dates, judged by what.

    `split`: rows split by time, None where folds judge. `customers`, `churners`: counts of the rows
    of `population.judged`. `alone`: `column`, `auc`, `low`, `high` of each column by itself, the
    strongest first. `ceiling`: the highest honest AUC known of this base, None where none is.
    """

    split: TimeSplit | None
    customers: int
    churners: int
    folds: int
    repeats: int
    alone: pd.DataFrame
    ceiling: float | None

    def __repr__(self) -> str:
        return f"Judged: {self.customers:,} rows, {self.churners:,} of which end in an exit"


@dataclass(frozen=True, eq=False)
class Study:
    """A base opened at a setting; made by `churn.open_study`."""

    base: Base
    setting: Setting
    population: Population

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
            folds=self.setting.folds,
            repeats=self.setting.repeats,
            alone=self._alone,
            ceiling=guards.CEILINGS.get(self.base.name),
        )

    @once
    def compare(self) -> ChurnTrial:
        """All candidates, judged on rows they did not learn from; see `ChurnTrial`.

        The first call trains them and takes minutes on a large base; later ones give the same
        trial. Raises `InputError` when a column alone, or the best model, is too good to be true.
        """
        guards.refuse_leaks(self._alone)
        named = self.population.candidates()
        rounds = 1 if self.population.split else self.setting.folds * self.setting.repeats
        tried = self.population.tried(Watched(named, "training", rounds))
        extra = {"empc": partial(empc_of, **self.setting.maximum)}
        rng = stream(self.setting.seed, "comparison")
        compared = self.population.compared(tried, extra, rng)
        trial = ChurnTrial(self.base, self.setting, self.population, tried, named, compared)
        ceiling = guards.CEILINGS.get(self.base.name)
        best = trial.figure(trial.best, "auc")["value"]
        guards.refuse_leaks(self._alone, model_auc=best, ceiling=ceiling)
        return trial

    @once
    def by_lead(self) -> pd.DataFrame | Missing:
        """How far ahead a list sees, a row per segment and month ahead.

        `group` (segment), `month` (1 to 12), `churners` of that month, `value` (AUC among those
        still there), `low`, `high`. One hazard model per segment, as it would have stood a year
        before the end of follow-up. Missing for bases without months.
        """
        return self.population.by_lead()

    @once
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
        rows, columns = self.population.alone(), self.population.columns
        return guards.univariate_auc(rows[columns], rows["churned"], seed=self.setting.seed)


def opened(base: Base, setting: Setting) -> Study:
    """The study of a base; `InputError` for a kind of base that has no churn label."""
    if base.kind not in _POPULATIONS:
        kinds = " or ".join(_POPULATIONS)
        raise InputError(f"churn takes bases of kind {kinds}, not {base.kind}")
    return Study(base, setting, _POPULATIONS[base.kind](base, setting))
