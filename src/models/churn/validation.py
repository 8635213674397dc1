"""Candidates tried on rows they did not learn from: later months, or held-out folds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd
from sklearn.model_selection import StratifiedKFold

from src.data.problems import InputError
from src.features.snapshots import Horizon
from src.models.churn.copies import kept_together
from src.models.churn.outcomes import Ways
from src.models.churn.timesplit import TimeSplit
from src.models.learning.candidates import Candidate
from src.models.learning.folds import of_customers
from src.models.learning.preparation import known_outcome
from src.models.scoring.comparison import Figure
from src.models.scoring.scores import figures, rank
from src.models.survival.hazard import HazardModel

HAZARD = "hazard"
NEEDED = ("base_rate", "xgboost")  # what the others are compared with, and what is explained
KEYS = ["customer_id", "churned", "outcome", "repeat", "fold"]


@dataclass(frozen=True)
class Trial:
    """What candidates said of rows they had not seen, and what they had learned from.

    `chances`: `customer_id`, `churned`, `repeat`, `fold` and a column per model; on panels
    `outcome` as well. `models`: fitted, by name; on folds those of the first fold. `train`: the
    rows these models learned from; `test`: rows they did not, with the features, in the order of
    the rows of `chances` of repeat 0, fold 0. `outcomes`, on panels: by model, (rows of `once`, 4),
    its chances of `snapshots.OUTCOMES`. `failed`: candidates that could not be fitted, and why;
    they are nowhere else.
    """

    chances: pd.DataFrame
    models: dict[str, Any]
    train: pd.DataFrame
    test: pd.DataFrame
    outcomes: dict[str, np.ndarray] = field(default_factory=dict, repr=False)
    failed: dict[str, str] = field(default_factory=dict)

    def __repr__(self) -> str:
        return f"Trial of {', '.join(self.names)} on {len(self.once):,} rows"

    @property
    def names(self) -> list[str]:
        """The models, in the order of the candidates."""
        return [name for name in self.chances if name not in KEYS]

    def only(self, kept: np.ndarray) -> Trial:
        """The trial on some of the rows it was read on: `kept` is a mask of those of `once`."""
        if kept.all():
            return self
        first = (self.once["fold"] == 0).to_numpy()
        times = len(self.chances) // len(kept)
        chances = self.chances[np.tile(kept, times)].reset_index(drop=True)
        return replace(self, chances=chances, test=self.test[kept[first]].reset_index(drop=True))

    @property
    def once(self) -> pd.DataFrame:
        """The chances of the first repeat: every row once, in the order of the base."""
        return self.chances[self.chances["repeat"] == 0].reset_index(drop=True)


def out_of_time(split: TimeSplit, candidates: Mapping[str, Candidate], seed: int = 0) -> Trial:
    """Candidates and the hazard model trained on a split by time and read on its test rows."""
    columns = list(split.columns)
    learned = of_customers(split.train[columns], split.train["customer_id"])
    models: dict[str, Any] = {}
    failed: dict[str, str] = {}
    for name, candidate in candidates.items():
        model = _fitted(name, candidate, learned, split.train["churned"], failed)
        if model is not None:
            models[name] = model
    models[HAZARD] = fitted_hazard(split.watched, columns, split.horizon, seed)
    chances = split.test[["customer_id", "churned", "outcome"]].assign(repeat=0, fold=0)
    ways = Ways().fit(split.train, columns, seed)
    outcomes = {
        name: outcomes_said(model, ways, split.test, columns, split.horizon)
        for name, model in models.items()
    }
    said = {name: 1 - four[:, -1] for name, four in outcomes.items()}
    return Trial(chances.assign(**said), models, split.train, split.test, outcomes, failed)


def outcomes_said(
    model: Any, ways: Ways, rows: pd.DataFrame, columns: Sequence[str], horizon: Horizon
) -> np.ndarray:
    """(rows, 4): what a model says of `snapshots.OUTCOMES`; `ways` divide a single chance."""
    if isinstance(model, HazardModel):
        return model.outcomes(rows[list(columns)], horizon.months, horizon.gap)
    return ways.outcomes(model.predict_proba(rows[list(columns)])[:, 1], rows)


def fitted_hazard(
    watched: pd.DataFrame,
    columns: Sequence[str],
    horizon: Horizon,
    seed: int = 0,
    *,
    most: int = 60_000,
) -> HazardModel:
    """The hazard model of the rows of `snapshots.watched_ahead`, read at one horizon.

    `most`: months without an end that teach a span; half of them rank nearly as well.
    """
    return HazardModel(horizon.months, horizon.gap, most=most, seed=seed).fit(
        watched[list(columns)], watched["months_left"], watched["watched"], watched["customer_id"]
    )


def refitted(
    name: str, candidates: Mapping[str, Candidate], split: TimeSplit, seed: int = 0
) -> Any:
    """The model of that name, trained on the rows of another split."""
    columns = list(split.columns)
    if name == HAZARD:
        return fitted_hazard(split.watched, columns, split.horizon, seed)
    learned = of_customers(split.train[columns], split.train["customer_id"])
    return candidates[name].build().fit(learned, split.train["churned"])


def out_of_sample(
    learned: pd.DataFrame, judged: pd.DataFrame, candidates: Mapping[str, Candidate]
) -> Trial:
    """Candidates trained on all rows of `learned` and read on those of `judged`, other customers.

    Both have `customer_id`, `churned` and the features. A candidate that cannot be fitted is in
    `failed` of the trial.
    """
    failed: dict[str, str] = {}
    models = fitted_on(learned, candidates, failed)
    features = judged.drop(columns=["customer_id", "churned"])
    said = {name: model.predict_proba(features)[:, 1] for name, model in models.items()}
    chances = judged[["customer_id", "churned"]].assign(repeat=0, fold=0, **said)
    return Trial(chances, models, learned, judged, failed=failed)


def fitted_on(
    learned: pd.DataFrame,
    candidates: Mapping[str, Candidate],
    failed: dict[str, str] | None = None,
) -> dict[str, Any]:
    """Models by name, trained on all rows; `failed` is told which could not be, and why."""
    told = {} if failed is None else failed
    features = learned.drop(columns=["customer_id", "churned"])
    codes = kept_together(features, learned["churned"])
    X, y = of_customers(features, codes), known_outcome(learned["churned"])  # noqa: N806
    fitted = {name: _fitted(name, one, X, y, told) for name, one in candidates.items()}
    return {name: model for name, model in fitted.items() if model is not None}


def out_of_fold(
    snapshot: pd.DataFrame,
    candidates: Mapping[str, Candidate],
    *,
    folds: int = 5,
    repeats: int = 1,
    seed: int = 0,
) -> Trial:
    """Candidates trained and read in repeated stratified folds of one row per customer.

    `snapshot` has `customer_id`, `churned` and the features. Every row is held out once per repeat;
    everything a candidate learns, preparation and settings included, it learns from the other
    folds. The folds of repeat r are shuffled by `seed` + r.

    Resampling rows before the split has no place here: a customer who is there twice is refused
    with an `InputError`, since one of the copies could be learned from and the other one judged.
    Rows of several customers that are copies of each other are in one fold, see
    `copies.kept_together`. A candidate that cannot be fitted is in `failed` of the trial.
    """
    if snapshot["customer_id"].duplicated().any():
        twice = snapshot["customer_id"].duplicated(keep=False).sum()
        raise InputError(
            f"{twice:,} rows share their customer_id; copies of a row on both sides of a fold "
            "would be known beforehand. Resample inside the model, or not at all"
        )
    y = known_outcome(snapshot["churned"])
    features = snapshot.drop(columns=["customer_id", "churned"])
    codes = kept_together(features, snapshot["churned"])
    X = of_customers(features, codes)  # noqa: N806
    _, once = np.unique(codes, return_index=True)
    parts, models, first = [], {}, None
    failed: dict[str, str] = {}
    for repeat in range(repeats):
        splitter = StratifiedKFold(folds, shuffle=True, random_state=seed + repeat)
        chances = snapshot[["customer_id", "churned"]].assign(repeat=repeat, fold=0)
        found = {name: np.empty(len(y)) for name in candidates}
        for fold, (_, held) in enumerate(splitter.split(once, y[once])):
            is_test = np.isin(codes, held)
            train, test = np.flatnonzero(~is_test), np.flatnonzero(is_test)
            chances.iloc[test, chances.columns.get_loc("fold")] = fold
            for name, candidate in candidates.items():
                model = _fitted(name, candidate, X.iloc[train], y[train], failed)
                if model is None:
                    continue
                found[name][test] = model.predict_proba(X.iloc[test])[:, 1]
                if first is None or first is train:
                    first, models[name] = train, model
        parts.append(chances.assign(**found))
    is_first = parts[0]["fold"].to_numpy() == 0
    train_rows, test_rows = (
        snapshot[keep].reset_index(drop=True) for keep in (~is_first, is_first)
    )
    told = pd.concat(parts, ignore_index=True).drop(columns=list(failed))
    models = {name: model for name, model in models.items() if name not in failed}
    return Trial(told, models, train_rows, test_rows, failed=failed)


def _fitted(
    name: str, candidate: Candidate, frame: pd.DataFrame, outcome: Any, failed: dict[str, str]
) -> Any:
    """The model, or None where these rows do not allow it; `failed` then has the reason."""
    if name in failed:
        return None
    try:
        return candidate.build().fit(frame, outcome)
    except InputError as error:
        if name in NEEDED:
            raise
        failed[name] = str(error)
        return None


def fold_figures(trial: Trial, extra: Mapping[str, Figure] | None = None) -> pd.DataFrame:
    """The figures of every model in every fold: `model`, `repeat`, `fold`, `metric`, `value`.

    What `comparison.fold_differences` reads; metrics as in `comparison.paired_bootstrap`.
    """
    rows = []
    for (repeat, fold), part in trial.chances.groupby(["repeat", "fold"]):
        once = np.ones(len(part))
        for name in trial.names:
            ranking = rank(part["churned"], part[name])
            found = figures(ranking)
            found |= {metric: own(ranking, once) for metric, own in (extra or {}).items()}
            rows += [(name, repeat, fold, metric, value) for metric, value in found.items()]
    return pd.DataFrame(rows, columns=["model", "repeat", "fold", "metric", "value"])
