"""Whom a campaign works for: learners of uplift, what their order and their rules are worth."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from src.analyses.campaigns.judging import Judging
from src.analyses.missing import Missing, minor
from src.analyses.once import once
from src.analyses.streams import stream
from src.models.campaigns.calibration import by_group, slope
from src.models.campaigns.cross_fitting import CrossFitted, cross_fit
from src.models.campaigns.learners import SMALL, Learner
from src.models.campaigns.policy import CHOSEN, Policies, Worth, policies, worth_of
from src.models.campaigns.qini import Qini, qini
from src.models.campaigns.trial import Trial, effects, trial_of
from src.models.intervals.proportions import Estimate

_FOR_WHOM = "for whom a campaign works"
LEARNERS = SMALL
SAME_FOR_ALL, TELLS_APART = "constant", "interactions"


@dataclass(frozen=True, eq=False)
class Order:
    """Whether customers whom a learner puts first gain more, of one treatment.

    `unit`: of the outcome, see `Outcome`.

    `qini`: curve and coefficient (share of customers kept, or what the outcome counts, per customer
    of the base); `deciles`: said and seen uplift by tenths, see `calibration.by_group`; `slope`: of
    seen on said uplift, not a number where the learner says the same of everybody.
    """

    campaign: str
    treatment: str
    unit: str
    learner: str
    qini: Qini
    deciles: pd.DataFrame
    slope: Estimate


@dataclass(frozen=True, eq=False)
class Choice:
    """What rules for whom to treat would have earned; see `Policies`.

    `learner`: the one that most folds chose, in words. `is_money`: gains are money per customer;
    else they are in units of the outcome, without costs.
    """

    campaign: str
    found: Policies
    learner: str
    is_money: bool

    @property
    def best_simple(self) -> str:
        """The cheap rule of the highest gain."""
        return self.found.best_simple

    def lead(self) -> Estimate:
        """What the chosen rule earns more than the best simple one, per customer, paired."""
        row = self.found.table.set_index("rule").loc[self.best_simple]
        return Estimate(*(float(row[name]) for name in ("ahead", "ahead_low", "ahead_high")))

    def gain(self) -> Estimate:
        """What the chosen rule earns against contacting nobody, per customer."""
        return self.found.gain(CHOSEN)


class Choosing(Judging):
    """The steps that learn whom to treat from one campaign."""

    @once
    @minor(_FOR_WHOM)
    def learners(self) -> pd.DataFrame | Missing:
        """How well each learner orders customers, judged on those it has not seen.

        A row per learner and treatment: `learner`, `label`, `treatment`, `qini`, `low`, `high` (see
        `qini`), `slope`, `slope_low`, `slope_high` (of seen on said uplift), `is_chosen`.
        """
        trial, rows = self.trial(), []
        for each in LEARNERS:
            for place, treatment in enumerate(trial.treatments):
                found = self._order(each, place)
                rows.append(
                    {
                        "learner": each.name,
                        "label": each.label,
                        "treatment": treatment,
                        "qini": found.qini.coefficient.value,
                        "low": found.qini.coefficient.low,
                        "high": found.qini.coefficient.high,
                        "slope": found.slope.value,
                        "slope_low": found.slope.low,
                        "slope_high": found.slope.high,
                        "is_chosen": each.name == self.chosen.name,
                    }
                )
        return pd.DataFrame(rows)

    @once
    @minor(_FOR_WHOM)
    def qini(self) -> Order | Missing:
        """Whether an order by uplift finds those who gain, of the best treatment.

        The order of the chosen learner; that of the regression with interactions where the chosen
        one says the same of everybody.
        """
        learner = next(each for each in LEARNERS if each.name == TELLS_APART)
        learner = learner if self.chosen.name == SAME_FOR_ALL else self.chosen
        return self._order(learner, int(effects(self.trial()).argmax()))

    @once
    @minor("what choosing whom to treat earns")
    def policy(self) -> Choice | Missing:
        """What rules would have earned, against nobody, everybody, risk and value at risk."""
        found = policies(
            self.trial(), self.fitted(), self.worth(), confidence=self.setting.confidence
        )
        label = self.labels[self._most(found)]
        return Choice(self.main.name, found, label, self.has_money)

    @property
    def chosen(self) -> Learner:
        """The learner that most folds chose."""
        found = policies(self.trial(), self.fitted(), self.worth())
        return next(each for each in LEARNERS if each.name == self._most(found))

    @property
    def labels(self) -> dict[str, str]:
        """The learners by name, in words."""
        return {each.name: each.label for each in LEARNERS}

    @once
    def trial(self) -> Trial:
        """The campaign that models learn, as they read it."""
        main = self.main
        return trial_of(main.rows, main.covariates, main.outcome.name, is_loss=main.outcome.is_loss)

    @once
    def fitted(self) -> CrossFitted:
        """Uplift of every learner for customers it has not seen."""
        return cross_fit(self.trial(), LEARNERS, stream(self.setting.seed, "cross fitting"))

    @property
    def has_money(self) -> bool:
        """Whether it is known what a customer who is won or kept brings."""
        return "value" in self.main.rows or self.main.outcome.unit == "money"

    @once
    def worth(self) -> Worth:
        """What one unit of the outcome is worth, and the cost of each treatment.

        Money of staying where it is known, never below 0; the margin of what is spent; else 1, and
        contacts cost nothing, as an outcome and a cost cannot be weighed.
        """
        main, trial = self.main, self.trial()
        if "value" in main.rows:
            value = main.rows["value"].clip(lower=0).to_numpy(float)
            return worth_of(trial, value, main.costs)
        share = self.setting.margin_share if main.outcome.unit == "money" else 1.0
        costs = main.costs if self.has_money else dict.fromkeys(main.costs, 0.0)
        return worth_of(trial, np.full(len(trial), share), costs)

    def _order(self, learner: Learner, place: int) -> Order:
        trial, fitted, setting = self.trial(), self.fitted(), self.setting
        gain, uplift = fitted.gains[:, place], fitted.uplift[learner.name][:, place]
        treatment = trial.treatments[place]
        rng = stream(setting.seed, f"order of {learner.name} by {treatment}")
        asked = (gain, uplift, rng, fitted.fold)
        level = setting.confidence
        return Order(
            campaign=self.main.name,
            treatment=treatment,
            unit=self.main.outcome.unit,
            learner=learner.label,
            qini=qini(*asked, confidence=level),
            deciles=by_group(*asked, confidence=level),
            slope=slope(*asked, confidence=level),
        )

    @staticmethod
    def _most(found: Policies) -> str:
        return str(pd.Series(found.chosen_from).mode().iloc[0])
