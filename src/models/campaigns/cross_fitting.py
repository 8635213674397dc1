"""Uplift and scores of each customer by models that have not seen that customer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from src.models.campaigns.learners import Learner, doubly_robust
from src.models.campaigns.outcome_models import by_arm
from src.models.campaigns.trial import Trial
from src.models.intervals.numbers import Numbers

FOLDS = 5


@dataclass(frozen=True)
class CrossFitted:
    """Out of fold, in the order of the trial.

    `fold`: of each customer; `expected`, (customers, arms): the outcome a model expects under each
    arm; `scores`, (customers, arms): doubly robust scores, unbiased for that outcome; `uplift`: by
    the name of the learner, (customers, treatments).
    """

    fold: np.ndarray
    expected: Numbers
    scores: Numbers
    uplift: dict[str, Numbers]

    @property
    def gains(self) -> Numbers:
        """(customers, treatments): scores minus that of the control group."""
        return self.scores[:, 1:] - self.scores[:, :1]


def cross_fit(
    trial: Trial, learners: Sequence[Learner], rng: np.random.Generator, folds: int = FOLDS
) -> CrossFitted:
    """Everything that is learned of a customer is learned from the other folds.

    Folds are of customers and have equal shares of each arm. The order of the rows changes nothing:
    everything is done in the order of the customers' identifiers.
    """
    order = np.argsort(trial.customers.covariates.index.to_numpy(), kind="stable")
    trial = trial.part(order)
    fold = _dealt(trial.arm, rng, folds)
    expected = np.empty((len(trial), trial.arms))
    scores = np.empty_like(expected)
    uplift = {each.name: np.empty((len(trial), trial.arms - 1)) for each in learners}
    for held in range(folds):
        is_held = fold == held
        learned, judged = trial.part(~is_held), trial.part(is_held)
        expected[is_held] = by_arm(learned).under_each_arm(judged.customers)
        scores[is_held] = doubly_robust(judged, expected[is_held])
        for learner in learners:
            uplift[learner.name][is_held] = learner.learn(learned, rng)(judged.customers)
    back = np.argsort(order)
    return CrossFitted(
        fold[back],
        expected[back],
        scores[back],
        {name: values[back] for name, values in uplift.items()},
    )


def _dealt(arm: np.ndarray, rng: np.random.Generator, folds: int) -> np.ndarray:
    shuffled = rng.permutation(len(arm))
    by_arm_drawn = shuffled[np.argsort(arm[shuffled], kind="stable")]
    fold = np.empty(len(arm), dtype=np.int64)
    fold[by_arm_drawn] = np.arange(len(arm)) % folds
    return fold
