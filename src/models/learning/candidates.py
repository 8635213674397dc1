"""The candidates for telling who churns: classifiers over a frame of columns of any type."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import pandas as pd
from scipy.special import expit
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.pipeline import Pipeline
from threadpoolctl import threadpool_limits
from xgboost import XGBClassifier

from src.data.problems import InputError
from src.models.learning.baselines import (
    RECENCY,
    RULES,
    BaseRate,
    OneRule,
    Rule,
    SilentFirst,
    TwoOutcomes,
)
from src.models.learning.design import Design
from src.models.learning.names import numbered
from src.models.learning.odds import MOST_LEVELS, logistic_pipeline
from src.models.learning.preparation import ManyLevels, Tidy, known_outcome
from src.models.learning.tuning import (
    MANY_COLUMNS,
    MANY_ROWS,
    Folds,
    bins_of,
    ridge,
    tune_boosting,
    tune_penalty,
)

# What any model has to beat; recency and "silent first" are hard to beat on a real list.
BASELINES = ("base_rate", "one_rule", "recency", "silent_first")
KNOTS = 5
MOST_BENT = 60  # numbers that have splines, where there are more
FEW_LEVELS = 12  # read one by one by a logistic regression of more than 100 columns
TREES = 120  # half as many where there are very many rows, and nobody names the inner folds
TREE_ROWS = 10_000  # of a tree of the forest: on large panels more change little and take long


@dataclass(frozen=True)
class Candidate:
    """A way to tell who churns. `build()` makes an unfitted scikit-learn classifier.

    The classifier takes a frame of explaining columns and an outcome of yes and no;
    `predict_proba(frame)[:, 1]` is the chance to churn. All that it learns, settings included, it
    learns in `fit`, in folds of customers: the index of the frame says whose row each is, and must
    where a customer has several (`folds.of_customers`). `label` is what a reader sees.
    """

    name: str
    label: str
    build: Callable[[], Any]


def candidates(
    frame: pd.DataFrame,
    *,
    rule: Rule | None = None,
    seed: int = 0,
    trials: int | None = 12,
    seconds: float | None = None,
    jobs: int = 1,
    folds: Folds | None = None,
) -> dict[str, Candidate]:
    """The candidates that suit the columns of `frame`, by name, simplest first.

    `rule` is that of the one-rule candidate; without it, the first of `RULES` whose column the
    frame has, and no such candidate where it has none. Recency, the rule most teams live by, stands
    beside another rule where the frame has its column, and so does "silent first, then the rule".
    `trials` and `seconds` are the budget of the tuning of XGBoost, per fit; `jobs` the threads of
    XGBoost and of the forest; `folds` are the pairs of (train, valid) row numbers in which settings
    are chosen, of the very frame that is given to `fit` (None: three stratified folds of
    customers). The same `seed` gives the same predictions, whatever the threads, unless `seconds`
    end the tuning.

    Raises `InputError` when the rule names a column that is not there.
    """
    if rule is None:
        rule = next((rule for rule in RULES if rule.column in frame), None)
    elif rule.column not in frame:
        raise InputError(f"the rule is about {rule.column}, which is not a column of the frame")
    named = [Candidate("base_rate", "base rate", BaseRate)]
    if rule is not None:
        named.append(Candidate("one_rule", f"one rule: {rule.column}", lambda: OneRule(rule)))
    if RECENCY.column in frame and rule != RECENCY:
        named.append(Candidate("recency", f"one rule: {RECENCY.column}", lambda: OneRule(RECENCY)))
    then = rule if rule != RECENCY else next((r for r in RULES[1:] if r.column in frame), None)
    if RECENCY.column in frame and then is not None:
        label = f"silent first, then {then.column}"
        named.append(Candidate("silent_first", label, lambda: SilentFirst(then)))
    trees = TREES if folds is not None or len(frame) <= MANY_ROWS else TREES // 2
    levels = MOST_LEVELS if frame.shape[1] <= MANY_COLUMNS else FEW_LEVELS
    named += [
        Candidate("logistic", "logistic regression", lambda: logistic_pipeline(most_levels=levels)),
        Candidate(
            "splines",
            "logistic regression with splines",
            lambda: SplineLogistic(seed=seed, folds=folds),
        ),
        Candidate("forest", "random forest", lambda: _forest(seed, jobs, trees)),
        Candidate("boosting", "histogram gradient boosting", lambda: _boosting(seed)),
        Candidate(
            "xgboost",
            "XGBoost, tuned",
            lambda: TunedXGBoost(trials, seconds, seed, jobs, folds),
        ),
    ]
    return {candidate.name: candidate for candidate in named}


def _read(seed: int) -> list[tuple[str, Any]]:
    return [("tidy", Tidy()), ("levels", ManyLevels(seed=seed))]


def _forest(seed: int, jobs: int, trees: int) -> Pipeline:
    forest = _Forest(n_estimators=trees, min_samples_leaf=8, random_state=seed, n_jobs=jobs)
    return Pipeline([*_read(seed), ("design", Design()), ("model", forest)])


def _boosting(seed: int) -> Pipeline:
    boosting = _Boosting(
        categorical_features="from_dtype",
        learning_rate=0.05,
        max_iter=200,
        max_leaf_nodes=8,
        l2_regularization=1.0,
        early_stopping=False,
        random_state=seed,
    )
    return Pipeline([*_read(seed), ("model", boosting)])


class _Forest(RandomForestClassifier):
    """Adds its trees up in their order: threads change no digit. A tree sees few enough rows."""

    def fit(self, X: pd.DataFrame, y: Any) -> Self:  # noqa: N803
        self.max_samples = TREE_ROWS if len(X) > TREE_ROWS else None
        return super().fit(X, y)

    def predict_proba(self, X: pd.DataFrame) -> np.ndarray:  # noqa: N803
        rows = X.to_numpy("float32")
        return sum(tree.predict_proba(rows) for tree in self.estimators_) / len(self.estimators_)


class _Boosting(HistGradientBoostingClassifier):
    """In one thread: on a shared machine a second one makes small trees many times slower."""

    def fit(self, X: pd.DataFrame, y: Any) -> Self:  # noqa: N803
        with threadpool_limits(1):
            return super().fit(X, y)

    def predict_proba(self, X: pd.DataFrame) -> np.ndarray:  # noqa: N803
        with threadpool_limits(1):
            return super().predict_proba(X)


class SplineLogistic(TwoOutcomes):
    """Logistic regression with splines for numbers and a ridge penalty, tuned in inner folds.

    After `fit`, `preparation_` makes the design of a frame, `coefficients_` (by column of the
    design) and `intercept_` are the model, `tuned_` the trials of the penalty, and `contributions`
    gives what each original column adds. Additive: an interaction is not in it.
    """

    def __init__(self, seed: int = 0, folds: Folds | None = None) -> None:
        self.seed = seed
        self.folds = folds

    def fit(self, X: pd.DataFrame, y: Any) -> Self:  # noqa: N803
        """Choose the penalty, then fit on all rows."""
        outcome = known_outcome(y)
        self.classes_ = np.unique(np.asarray(y))
        self.preparation_ = Pipeline(
            [*_read(self.seed), ("design", Design(knots=KNOTS, scale=True, most_bent=MOST_BENT))]
        )
        # As in _Boosting: matrices this small gain nothing by threads.
        with threadpool_limits(1):
            self.tuned_ = tune_penalty(
                X, outcome, self.preparation_, folds=self.folds, seed=self.seed
            )
            design = self.preparation_.fit_transform(X, outcome)
            model = ridge(**self.tuned_.settings).fit(design, outcome)
        self.coefficients_ = pd.Series(model.coef_[0], design.columns)
        self.intercept_ = float(model.intercept_[0])
        # Contributions are told from the average training row.
        self.centre_ = design.mean()
        return self

    def contributions(self, frame: pd.DataFrame) -> pd.DataFrame:
        """What each original column adds to the log-odds of each row, against the average row.

        The sum of a row and `base_` is its log-odds.
        """
        design = self.preparation_.transform(frame)
        added = (design - self.centre_) * self.coefficients_
        columns = self.preparation_["design"].parts_["column"]
        return added.T.groupby(columns, sort=False).sum().T

    @property
    def base_(self) -> float:
        """The log-odds of the average training row."""
        return self.intercept_ + float(self.centre_ @ self.coefficients_)

    def _chance(self, frame: pd.DataFrame) -> np.ndarray:
        design = self.preparation_.transform(frame)
        return expit(design.to_numpy() @ self.coefficients_.to_numpy() + self.intercept_)


class TunedXGBoost(TwoOutcomes):
    """XGBoost with settings and number of rounds chosen in inner folds of the training rows.

    `folds` is a list of (train, valid) row numbers of the frame given to `fit`; without it, three
    stratified ones. After `fit`, `preparation_` makes the columns the trees read, `model_` is the
    booster's classifier and `tuned_` has the settings and trials.
    """

    def __init__(
        self,
        trials: int | None = 12,
        seconds: float | None = None,
        seed: int = 0,
        jobs: int = 1,
        folds: Folds | None = None,
    ) -> None:
        self.trials = trials
        self.seconds = seconds
        self.seed = seed
        self.jobs = jobs
        self.folds = folds

    def fit(self, X: pd.DataFrame, y: Any) -> Self:  # noqa: N803
        """Choose settings, then fit on all rows."""
        outcome = known_outcome(y)
        self.classes_ = np.unique(np.asarray(y))
        self.preparation_ = Pipeline(_read(self.seed))
        self.tuned_ = tune_boosting(
            X,
            outcome,
            self.preparation_,
            folds=self.folds,
            trials=self.trials,
            seconds=self.seconds,
            seed=self.seed,
            jobs=self.jobs,
        )
        self.model_ = XGBClassifier(
            **self.tuned_.settings,
            **bins_of(X),
            tree_method="hist",
            enable_categorical=True,
            random_state=self.seed,
            n_jobs=self.jobs,
        )
        self.model_.fit(numbered(self.preparation_.fit_transform(X, outcome)), outcome)
        return self

    def _chance(self, frame: pd.DataFrame) -> np.ndarray:
        chances = self.model_.predict_proba(numbered(self.preparation_.transform(frame)))[:, 1]
        return chances.astype("float64")
