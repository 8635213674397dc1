"""What each treatment would do for each customer: learners of uplift, simplest first.

A learner takes a trial and returns a function: customers -> (customers, treatments) uplift, in the
unit of the outcome; more is better. All assume that arms were drawn at random given the stratum, at
the propensities of the trial, and that nobody's treatment changes what others do. None knows an
interval for one customer: how good the order and the size of the uplifts are is measured on
customers they have not seen (`qini`, `calibration`, `policy`).

Sources: Kuenzel, Sekhon, Bickel, Yu 2019, PNAS 116(10) (S-, T-, X-learner); Kennedy 2023,
Electronic Journal of Statistics 17(2) (DR-learner).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from src.models.campaigns.outcome_models import ByArm, Expected, by_arm, in_one_arm
from src.models.campaigns.trial import Customers, Trial, effects
from src.models.intervals.numbers import Numbers
from src.models.learning.names import clear_of

Uplift = Callable[[Customers], Numbers]

SCALES = (0.0, 0.3, 0.8)  # of interactions; 0 is none
SCALE_FOLDS = 2
SCALE_ROWS = 200_000  # that choose the scale
PENALTIES = np.logspace(-3, 3, 19)  # of the slopes of an effect, per customer; and none of them
ARM = "arm"


@dataclass(frozen=True)
class Learner:
    """A way to learn uplift. `label` is what a reader sees."""

    name: str
    label: str
    learn: Callable[[Trial, np.random.Generator], Uplift]


def constant(trial: Trial, rng: np.random.Generator) -> Uplift:  # noqa: ARG001
    """The mean effect of each treatment for everybody: what any other learner has to beat."""
    mean = effects(trial)
    return lambda customers: np.tile(mean, (len(customers), 1))


def one_ratio(trial: Trial, rng: np.random.Generator) -> Uplift:  # noqa: ARG001
    """S-learner without interactions: one odds ratio per treatment, so risk decides the uplift.

    Of money, where there are no odds, it is a mean effect adjusted for the covariates.
    """
    return _minus_control(by_arm(trial))


def interactions(trial: Trial, rng: np.random.Generator) -> Uplift:
    """S-learner: a regression with treatment times covariates, held back by a penalty.

    The penalty of the interactions is that of three with the lowest log loss (squared error of
    money) in two folds of the trial; one of the three leaves none of them.
    """
    rows = np.arange(len(trial))
    if len(trial) > SCALE_ROWS:
        rows = np.sort(rng.choice(len(trial), SCALE_ROWS, replace=False))
    some = trial.part(rows)
    fold = rng.permutation(len(some)) % SCALE_FOLDS
    losses = np.zeros(len(SCALES))
    for held in range(SCALE_FOLDS):
        learned, judged = some.part(fold != held), some.part(fold == held)
        for place, scale in enumerate(SCALES):
            losses[place] += _loss(by_arm(learned, scale), judged)
    return _minus_control(by_arm(trial, SCALES[int(losses.argmin())]))


def _loss(model: ByArm, judged: Trial) -> float:
    expected = model.under_each_arm(judged.customers)[np.arange(len(judged)), judged.arm]
    if not model.is_chance:
        return float(((judged.outcome - expected) ** 2).sum())
    chance = np.where(judged.outcome == 1, expected, 1 - expected)
    return float(-np.log(np.maximum(chance, 1e-12)).sum())


def _minus_control(model: ByArm) -> Uplift:
    def uplift(customers: Customers) -> Numbers:
        expected = model.under_each_arm(customers)
        return expected[:, 1:] - expected[:, :1]

    return uplift


def s_learner(trial: Trial, rng: np.random.Generator, base: str) -> Uplift:
    """S-learner: one candidate reads the arm as a column among the covariates."""
    column = clear_of([ARM], list(trial.customers.covariates))[ARM]

    def with_arm(covariates: pd.DataFrame, arm: np.ndarray) -> pd.DataFrame:
        return covariates.assign(**{column: pd.Categorical(arm.astype(str))})

    expected = in_one_arm(
        base,
        with_arm(trial.customers.covariates, trial.arm),
        trial.outcome,
        int(rng.integers(2**31)),
    )

    def uplift(customers: Customers) -> Numbers:
        by_treatment = [
            expected(
                replace(
                    customers,
                    covariates=with_arm(customers.covariates, np.full(len(customers), arm)),
                )
            )
            for arm in range(trial.arms)
        ]
        return np.column_stack(by_treatment[1:]) - by_treatment[0][:, None]

    return uplift


def t_learner(trial: Trial, rng: np.random.Generator, base: str) -> Uplift:
    """T-learner: a candidate per arm, and the difference to that of the control group."""
    models = _per_arm(trial, rng, base)

    def uplift(customers: Customers) -> Numbers:
        control = models[0](customers)
        return np.column_stack([model(customers) - control for model in models[1:]])

    return uplift


def x_learner(trial: Trial, rng: np.random.Generator, base: str) -> Uplift:
    """X-learner: a candidate per arm, then a ridge regression of what each customer gained by it.

    The treated gained their outcome minus what the control group's model expects of them; the
    control group would gain what the treated's model expects minus their outcome. Both regressions
    count by the share of the other arm, so the one that rests on the better model counts more.
    """
    models = _per_arm(trial, rng, base)
    is_control = trial.arm == 0
    control = trial.part(is_control)
    parts: list[tuple[Uplift, Uplift, float]] = []
    for arm in range(1, trial.arms):
        treated = trial.part(trial.arm == arm)
        share = len(treated) / (len(treated) + len(control))
        gained = treated.outcome - models[0](treated.customers)
        would_gain = models[arm](control.customers) - control.outcome
        parts.append(
            (
                effect_model(treated.customers, gained[:, None]),
                effect_model(control.customers, would_gain[:, None]),
                share,
            )
        )

    def uplift(customers: Customers) -> Numbers:
        return np.column_stack(
            [
                (share * of_control(customers) + (1 - share) * of_treated(customers))[:, 0]
                for of_treated, of_control, share in parts
            ]
        )

    return uplift


def dr_learner(trial: Trial, rng: np.random.Generator) -> Uplift:
    """DR-learner: a ridge regression of doubly robust scores on the covariates.

    The score of a customer is unbiased for the customer's own uplift, whatever the model of the
    outcome (`scores.doubly_robust`), which is learned on the other half of the trial.
    """
    half = rng.permutation(len(trial)) % 2
    scores = np.empty((len(trial), trial.arms))
    for held in (0, 1):
        part = trial.part(half == held)
        expected = by_arm(trial.part(half != held)).under_each_arm(part.customers)
        scores[half == held] = doubly_robust(part, expected)
    return effect_model(trial.customers, scores[:, 1:] - scores[:, :1])


def doubly_robust(trial: Trial, expected: Numbers) -> Numbers:
    """(customers, arms): a score of each customer under each arm, unbiased for the outcome there.

    `expected`, (customers, arms): what a model expects, learned without these customers. The score
    is the expectation plus, in the arm that was drawn, the error of the expectation over the
    propensity. Known propensities make its mean right whatever the model; a good model makes it
    precise. Source: Robins, Rotnitzky, Zhao 1994.
    """
    scores = expected.copy()
    rows = np.arange(len(trial))
    scores[rows, trial.arm] += (trial.outcome - expected[rows, trial.arm]) / trial.propensity
    return scores


def effect_model(customers: Customers, gained: Numbers) -> Uplift:
    """Ridge regressions of noisy gains, (customers, treatments), on the design.

    Slopes are drawn from a normal distribution around 0, as it were, whose spread is that under
    which the gains are likeliest (empirical Bayes); where a spread of 0 is, the mean gain is left.
    Source: MacKay 1992, Neural Computation 4(3), 415-447.
    """
    centre, mean = customers.design.mean(axis=0), gained.mean(axis=0)
    columns, apart = customers.design - centre, gained - mean
    power, vectors = np.linalg.eigh(columns.T @ columns)
    along = vectors.T @ (columns.T @ apart)
    penalties = np.append(len(gained) * PENALTIES, np.inf)[:, None]
    held = np.maximum(power, 0)[None, :] + penalties
    with np.errstate(invalid="ignore"):
        told = (along[None] ** 2 / held[:, :, None]).sum(axis=1)
    volume = np.log1p(np.maximum(power, 0) / penalties).sum(axis=1)
    rows = len(gained)
    loss = rows * np.log(np.maximum((apart**2).sum(axis=0) - told, 1e-300)) + volume[:, None]
    best = held[loss.argmin(axis=0)]
    slopes = vectors @ (along / best.T)
    return lambda others: (others.design - centre) @ slopes + mean


def _per_arm(trial: Trial, rng: np.random.Generator, base: str) -> list[Expected]:
    parts = [trial.part(trial.arm == arm) for arm in range(trial.arms)]
    return [
        in_one_arm(base, part.customers.covariates, part.outcome, int(rng.integers(2**31)))
        for part in parts
    ]


SMALL: Sequence[Learner] = (
    Learner("constant", "the same effect for all", constant),
    Learner("one_ratio", "S-learner: one odds ratio per treatment", one_ratio),
    Learner("interactions", "S-learner: penalised interactions", interactions),
    Learner("dr", "DR-learner: ridge regression", dr_learner),
)
"""Learners of few parameters: on small effects they are hard to beat."""
BOOSTED: Sequence[Learner] = (
    Learner(
        "s_boosting",
        "S-learner: gradient boosting",
        lambda trial, rng: s_learner(trial, rng, "boosting"),
    ),
    Learner(
        "t_boosting",
        "T-learner: gradient boosting",
        lambda trial, rng: t_learner(trial, rng, "boosting"),
    ),
    Learner(
        "x_boosting",
        "X-learner: gradient boosting, ridge regression",
        lambda trial, rng: x_learner(trial, rng, "boosting"),
    ),
)
"""Learners on top of gradient boosting, as the churn models have it."""
