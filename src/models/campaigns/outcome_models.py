"""The expected outcome of a customer: under each arm by one small model, or in one arm by any.

The small model is a ridge regression (logistic for an outcome of 0 and 1) on the design of the
customers, the arm they are in and, where asked, arm times design. The main effects are held back
lightly, the arms not at all, their interactions more: interactions are small and there are many.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import expit
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.linear_model import Ridge
from threadpoolctl import threadpool_limits

from src.models.campaigns.arms import is_yes_or_no
from src.models.campaigns.trial import Customers, Trial
from src.models.intervals.numbers import Numbers
from src.models.learning.candidates import candidates
from src.models.learning.preparation import Tidy
from src.models.learning.tuning import ridge

STRENGTH = 0.1  # inverse of the penalty on main effects
_FREE = 10.0  # scale of a column that the penalty hardly holds: a hundredth of the penalty
_ROUNDS = 200

Expected = Callable[[Customers], Numbers]


@dataclass(frozen=True)
class ByArm:
    """A fitted small model. `scale`: of the interactions; 0 is none, 1 as free as main effects."""

    coefficients: Numbers
    intercept: float
    arms: int
    scale: float
    is_chance: bool

    def under_each_arm(self, customers: Customers) -> Numbers:
        """(customers, arms): the expected outcome had they been in each arm."""
        columns = customers.design.shape[1]
        main = customers.design @ self.coefficients[:columns] + self.intercept
        arms = np.append(0.0, _FREE * self.coefficients[columns : columns + self.arms - 1])
        total = main[:, None] + arms
        if self.scale:
            each = self.coefficients[columns + self.arms - 1 :].reshape(self.arms - 1, columns)
            total[:, 1:] += self.scale * customers.design @ each.T
        return expit(total) if self.is_chance else total


def by_arm(trial: Trial, scale: float = 0.0) -> ByArm:
    """The small model of a trial; with `scale` 0 an arm shifts the outcome, or its log-odds."""
    columns = _columns(trial, scale)
    with threadpool_limits(1):  # matrices this narrow gain nothing by threads
        if trial.is_yes_or_no:
            chance = ridge(STRENGTH).fit(columns, trial.outcome)
            return ByArm(chance.coef_[0], float(chance.intercept_[0]), trial.arms, scale, True)
        unit = float(trial.outcome.std()) or 1.0
        money = Ridge(alpha=1 / STRENGTH).fit(columns, trial.outcome / unit)
        return ByArm(money.coef_ * unit, float(money.intercept_) * unit, trial.arms, scale, False)


def _columns(trial: Trial, scale: float) -> Numbers:
    design, width = trial.customers.design, trial.customers.design.shape[1]
    treated = trial.arms - 1
    columns = np.zeros((len(trial), width + treated + (width * treated if scale else 0)))
    columns[:, :width] = design
    for arm in range(1, trial.arms):
        rows = trial.arm == arm
        columns[rows, width + arm - 1] = _FREE
        if scale:
            first = width + treated + (arm - 1) * width
            columns[rows, first : first + width] = scale * design[rows]
    return columns


def in_one_arm(base: str, covariates: pd.DataFrame, outcome: Numbers, seed: int) -> Expected:
    """The expected outcome by a candidate of the churn models, or its sister for money.

    `base` is the name of a candidate (`src.models.learning.candidates`); of money, gradient
    boosting of the same settings is fitted in its place. An outcome that never varies is expected
    of everybody.
    """
    if outcome.min() == outcome.max():
        return lambda customers: np.full(len(customers), outcome[0])
    if not is_yes_or_no(outcome):
        trees = HistGradientBoostingRegressor(
            categorical_features="from_dtype",
            learning_rate=0.05,
            max_iter=_ROUNDS,
            max_leaf_nodes=8,
            l2_regularization=1.0,
            early_stopping=False,
            random_state=seed,
        )
        tidy = Tidy().fit(covariates)
        with threadpool_limits(1):
            trees.fit(tidy.transform(covariates), outcome)
        return lambda customers: trees.predict(tidy.transform(customers.covariates))
    model = candidates(covariates, seed=seed)[base].build()
    model.fit(covariates, outcome.astype(int))
    return lambda customers: model.predict_proba(customers.covariates)[:, 1]
