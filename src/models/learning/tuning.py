"""Settings of a model, chosen inside its training rows and within a stated budget."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
import xgboost as xgb
from sklearn.base import BaseEstimator, clone
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss
from sklearn.model_selection import StratifiedKFold

from src.data.problems import InputError
from src.models.learning.folds import customer_codes
from src.models.learning.matrices import matrix
from src.models.learning.preparation import known_outcome

with warnings.catch_warnings():
    # What optuna imports for its progress bars asks for widgets as soon as a notebook imports it.
    warnings.simplefilter("ignore")
    import optuna

Folds = Iterable[tuple[np.ndarray, np.ndarray]]
Space = Callable[[optuna.trial.BaseTrial], dict[str, Any]]

PATIENCE = 25
# Beyond, settings are chosen in one fold of five in place of three folds.
MANY_ROWS, MANY_CELLS = 20_000, 1_000_000
MANY_COLUMNS = 100  # beyond, trees read numbers in 64 bins
PENALTY_ROWS = 10_000  # that choose a penalty: it hardly depends on how many they are
MOST_ROUNDS = 1000
STARTUP_TRIALS = 6
_WORSE = 2  # penalties in a row
PENALTIES = [{"C": strength} for strength in (0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0)]


@dataclass(frozen=True)
class Tuned:
    """The settings of the lowest loss, and every trial.

    `trials` has a row per trial in the order of trying: `trial`, `loss` (mean log loss over the
    inner folds, in nats), a column per setting, and further columns that the loss function told.
    """

    settings: dict[str, Any]
    trials: pd.DataFrame

    @property
    def best(self) -> int:
        """The trial of the lowest loss, the first of equals."""
        return int(self.trials["loss"].argmin())


def inner_folds(
    y: pd.Series | np.ndarray,
    folds: int = 3,
    seed: int = 0,
    customers: pd.Index | np.ndarray | None = None,
) -> list[tuple[np.ndarray, np.ndarray]]:
    """Pairs of (train, valid) row numbers, shuffled, with the same share of churners in each.

    `customers`: whose row each is; without it each row is a customer. Customers are dealt out and
    not rows; who churned in any row counts as a churner.

    Raises `InputError` when there are fewer churners, or stayers, than folds.
    """
    outcome = known_outcome(y)
    codes = customer_codes(np.arange(len(outcome)) if customers is None else customers)
    churned = np.zeros(codes.max() + 1, dtype="int64")
    np.maximum.at(churned, codes, outcome)
    rarer = int(min(churned.sum(), (1 - churned).sum()))
    if rarer < folds:
        raise InputError(
            f"tuning over {folds} inner folds needs at least {folds} customers who churned and "
            f"{folds} who stayed, found {rarer} of one of them"
        )
    splitter = StratifiedKFold(folds, shuffle=True, random_state=seed)
    dealt = [np.isin(codes, own) for _, own in splitter.split(np.zeros(len(churned)), churned)]
    return [(np.flatnonzero(~is_valid), np.flatnonzero(is_valid)) for is_valid in dealt]


def usual_folds(
    frame: pd.DataFrame, outcome: np.ndarray, seed: int
) -> list[tuple[np.ndarray, np.ndarray]]:
    """Three folds; of more than 20,000 rows, or a million cells, one of five tells as much."""
    if len(frame) <= MANY_ROWS and frame.size <= MANY_CELLS:
        return inner_folds(outcome, seed=seed, customers=frame.index)
    return inner_folds(outcome, 5, seed, frame.index)[:1]


def bins_of(frame: pd.DataFrame) -> dict[str, int]:
    """Of more than 100 columns trees read 64 bins each, a quarter of the usual work."""
    return {"max_bin": 64} if frame.shape[1] > MANY_COLUMNS else {}


def tune(
    space: Space,
    loss: Callable[[dict[str, Any]], Mapping[str, Any]],
    *,
    trials: int | None = 12,
    seconds: float | None = None,
    seed: int = 0,
    first: Sequence[Mapping[str, Any]] = (),
) -> Tuned:
    """The settings of `space` with the lowest loss found within the budget.

    `space` takes an optuna trial and returns settings; `loss` takes settings and returns at least
    `loss`, lower is better. The search is a tree-structured Parzen estimator; it tries the
    settings in `first` before its own. The budget is `trials`, or `seconds`, or whichever ends
    first; at least one trial is run. With a budget in trials the same seed gives the same trials;
    one in seconds depends on the machine.

    Raises `InputError` when there is no budget. Source: Bergstra et al. 2011; Akiba et al. 2019.
    """
    if (trials is None and seconds is None) or (trials is not None and trials < 1):
        raise InputError("tuning needs a budget: trials (1 or more), seconds, or both")
    level = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    try:
        sampler = optuna.samplers.TPESampler(seed=seed, n_startup_trials=STARTUP_TRIALS)
        study = optuna.create_study(sampler=sampler)
        for settings in first:
            study.enqueue_trial(dict(settings))
        tried: list[dict[str, Any]] = []

        def run(trial: optuna.trial.BaseTrial) -> float:
            settings = space(trial)
            told = dict(loss(settings))
            tried.append({"trial": trial.number, "loss": told.pop("loss"), **settings, **told})
            return tried[-1]["loss"]

        study.optimize(run, n_trials=trials, timeout=seconds)
    finally:
        optuna.logging.set_verbosity(level)
    return Tuned(space(optuna.trial.FixedTrial(study.best_trial.params)), pd.DataFrame(tried))


def boosting_space(trial: optuna.trial.BaseTrial) -> dict[str, Any]:
    """Settings of XGBoost worth a search on thousands to millions of customers."""
    return {
        "max_depth": trial.suggest_int("max_depth", 2, 7),
        "learning_rate": trial.suggest_float("learning_rate", 0.03, 0.15, log=True),
        "min_child_weight": trial.suggest_float("min_child_weight", 1, 30, log=True),
        "subsample": trial.suggest_float("subsample", 0.5, 1),
        "colsample_bytree": trial.suggest_float("colsample_bytree", 0.4, 1),
        "reg_lambda": trial.suggest_float("reg_lambda", 0.3, 30, log=True),
    }


# A start for bases of main effects, and one for interactions: their trees need every column.
BOOSTING_STARTS = (
    {
        "max_depth": 2,
        "learning_rate": 0.08,
        "min_child_weight": 5,
        "subsample": 0.8,
        "colsample_bytree": 0.7,
        "reg_lambda": 3,
    },
    {
        "max_depth": 6,
        "learning_rate": 0.06,
        "min_child_weight": 3,
        "subsample": 1,
        "colsample_bytree": 1,
        "reg_lambda": 3,
    },
)


def tune_boosting(
    X: pd.DataFrame,  # noqa: N803
    y: pd.Series | np.ndarray,
    preparation: BaseEstimator,
    *,
    folds: Folds | None = None,
    trials: int | None = 12,
    seconds: float | None = None,
    seed: int = 0,
    jobs: int = 1,
) -> Tuned:
    """Settings of XGBoost for the rows of `X`; the number of rounds comes from early stopping.

    `folds` are pairs of (train, valid) row numbers; without them, `usual_folds` of the customers
    that the index of `X` names (see `folds`), so that nobody stops the trees early on rows of
    customers they learned from. `preparation` is fitted on the training rows of each fold
    alone. A fold stops when 25 rounds brought nothing; `n_estimators` is the mean over folds. A
    loss at its best round is a little too low, by about as much for every setting: it ranks
    settings and is no estimate of how good the model is.
    """
    held = [
        tuple(matrix(columns, churned) for columns, churned in parts)
        for parts in _held(X, y, preparation, folds, seed)
    ]
    fixed: dict[str, Any] = {
        "objective": "binary:logistic",
        "eval_metric": "logloss",
        "tree_method": "hist",
    }
    fixed |= bins_of(X)

    def loss(settings: dict[str, Any]) -> dict[str, Any]:
        boosters = [
            xgb.train(
                {**fixed, **bins_of(X), **settings, "seed": seed, "nthread": jobs},
                train,
                MOST_ROUNDS,
                evals=[(valid, "valid")],
                early_stopping_rounds=PATIENCE,
                verbose_eval=False,
            )
            for train, valid in held
        ]
        rounds = float(np.mean([booster.best_iteration + 1 for booster in boosters]))
        return {
            "loss": float(np.mean([booster.best_score for booster in boosters])),
            "n_estimators": round(rounds),
        }

    found = tune(
        boosting_space, loss, trials=trials, seconds=seconds, seed=seed, first=BOOSTING_STARTS
    )
    rounds = found.trials["n_estimators"].iloc[found.best]
    return replace(found, settings={**found.settings, "n_estimators": int(rounds)})


def tune_penalty(
    X: pd.DataFrame,  # noqa: N803
    y: pd.Series | np.ndarray,
    preparation: BaseEstimator,
    *,
    folds: Folds | None = None,
    seed: int = 0,
) -> Tuned:
    """The ridge penalty of a logistic regression on the columns that `preparation` makes of `X`.

    `C`, the inverse of the penalty, is the best of seven between 0.003 and 3, tried from the
    strongest penalty on until two in a row were worse than the best before them: one number, and a
    loss without sharp corners. `folds` and `preparation` as in `tune_boosting`. Of more than 20,000
    rows 10,000 choose, drawn by `seed`.
    """
    if folds is None and len(X) > MANY_ROWS:
        some = np.random.default_rng(seed).choice(len(X), PENALTY_ROWS, replace=False)
        X, y = X.iloc[np.sort(some)], np.asarray(y)[np.sort(some)]  # noqa: N806
        folds = inner_folds(y, 5, seed, X.index)[:1]
    held = _held(X, y, preparation, folds, seed)
    models = [ridge(1.0).set_params(warm_start=True) for _ in held]
    tried: list[dict[str, float]] = []
    for number, strength in enumerate(PENALTIES):
        losses = []
        for model, (train, (columns, outcome)) in zip(models, held, strict=True):
            model.set_params(**strength).fit(*train)
            losses.append(log_loss(outcome, model.predict_proba(columns)[:, 1], labels=[0, 1]))
        tried.append({"trial": number, "loss": float(np.mean(losses)), **strength})
        if number - int(np.argmin([each["loss"] for each in tried])) == _WORSE:
            break
    trials = pd.DataFrame(tried)
    return Tuned(PENALTIES[int(trials["loss"].argmin())], trials)


def ridge(C: float) -> LogisticRegression:  # noqa: N803
    """A logistic regression with a ridge penalty; the solver suits few columns and many rows."""
    return LogisticRegression(C=C, solver="newton-cholesky", max_iter=200)


def _held(
    frame: pd.DataFrame,
    y: pd.Series | np.ndarray,
    preparation: BaseEstimator,
    folds: Folds | None,
    seed: int,
) -> list[tuple[tuple[pd.DataFrame, np.ndarray], tuple[pd.DataFrame, np.ndarray]]]:
    """The prepared (train, valid) columns and outcomes of each fold."""
    outcome = known_outcome(y)
    held = []
    if folds is None:
        folds = usual_folds(frame, outcome, seed)
    for train, valid in folds:
        if not len(train) or not len(valid):
            raise InputError("each inner fold needs rows to train on and rows to check on")
        fitted = clone(preparation)
        columns = fitted.fit_transform(frame.iloc[train], outcome[train])
        checked = fitted.transform(frame.iloc[valid])
        held.append(((columns, outcome[train]), (checked, outcome[valid])))
    if not held:
        raise InputError("tuning needs at least one inner fold")
    return held
