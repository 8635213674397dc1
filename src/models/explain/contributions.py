"""Why a model gives a customer its chance: what each column adds, in sums that come out exactly."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
import xgboost as xgb
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.exceptions import NotFittedError
from sklearn.pipeline import Pipeline
from sklearn.utils.validation import check_is_fitted

from src.data.problems import InputError
from src.models.learning.candidates import SplineLogistic, TunedXGBoost
from src.models.learning.names import numbered
from src.models.learning.odds import UnpenalisedLogit

# Sums of contributions may differ from the model's own figure by this much, in log-odds.
TOLERANCE = 1e-4
EXPLAINED = (
    "XGBoost, both logistic regressions, the forest, and boosting on columns without text can be "
    "explained"
)
_INTERACTION_ROWS = 50  # at a time: a row takes as many cells as the square of the columns


@dataclass(frozen=True)
class Contributions:
    """What each original column adds to the figure of each row.

    `values`: a row per customer, a column per column of `Tidy`, in its order; `base`: the figure
    that contributions start from, the same for all; `margin`: the figure by the model itself, in
    the order of the rows. A row's sum and `base` make its margin. `seen`: what the model read in
    the same cells, numbers as float64 and text as categories. `unit`: `log-odds`, or `chance` for a
    forest, whose trees add up chances.

    Columns are those of the frame, with the exceptions that `Tidy` makes. A column of many levels
    has the contribution of its rate under its own name, and its level in `seen`. `all_charges`, the
    sum of charges, stays a column of its own: to divide it over its parts would be a guess. What a
    twin that was dropped would have told is in the twin that was kept.

    A contribution is about the model, not about the world: it says what moved this chance, not
    what would happen if the customer changed. Columns that move together share one story.
    """

    values: pd.DataFrame
    base: float
    margin: np.ndarray
    seen: pd.DataFrame
    unit: Literal["log-odds", "chance"] = "log-odds"

    def __repr__(self) -> str:
        rows, columns = self.values.shape
        return f"Contributions of {columns} columns for {rows:,} rows, in {self.unit}"

    @property
    def additivity_error(self) -> float:
        """The largest distance of a row's sum and `base` from its margin; hold it to TOLERANCE."""
        return float(np.abs(self.values.sum(axis=1) + self.base - self.margin).max())

    @property
    def tolerance(self) -> float:
        """By how much sums may miss the model's own figure, in log-odds."""
        return TOLERANCE


def contributions(model: Any, frame: pd.DataFrame) -> Contributions:
    """What each original column adds to the chance of each row of `frame`.

    `model` is a fitted candidate of `src.models.learning.candidates`; `frame` has its columns. The
    values are:

    - XGBoost, boosting, forest: Shapley values along the paths of the trees, in which a column that
      is not known takes each branch as often as the training rows did; `base` is their mean. Those
      of XGBoost come from the library itself, native categories included.
    - logistic regression with splines: coefficient x distance from the average training row.
    - logistic regression: coefficient x distance from a customer with the median of every number
      and the most common level of every category.

    Columns that the model does not use contribute 0. Rows are explained one by one, so their order
    and company change nothing. Seconds grow with rows x leaves x depth squared; a forest takes
    about a hundred times as long as the tuned XGBoost, so hand in a sample.

    Raises `InputError` for a model that cannot be explained (a rule or a base rate, and boosting on
    text columns, which the explainer of that library cannot read), for a model not yet fitted and
    for a frame without rows. Source: Lundberg et al. 2020, Nature Machine Intelligence 2, 56-67.
    """
    _check(model, frame)
    if isinstance(model, TunedXGBoost):
        return _of_xgboost(model, frame)
    if isinstance(model, SplineLogistic):
        return _of_splines(model, frame)
    step = model[-1] if isinstance(model, Pipeline) else model
    for kind, explain in _OF_PIPELINES.items():
        if isinstance(step, kind):
            return explain(model, frame)
    raise InputError(f"{type(step).__name__} cannot be explained column by column; {EXPLAINED}")


def as_read(model: Any, frame: pd.DataFrame) -> pd.DataFrame:
    """What `model` reads in the cells of `frame`, as `Contributions.seen` has it.

    Of the rows that the model learned from, it says what is usual: see `reasons.usual_values`.
    Raises `InputError` like `contributions`.
    """
    _check(model, frame)
    steps = getattr(model, "preparation_", model)
    if not isinstance(steps, Pipeline):
        raise InputError(
            f"{type(model).__name__} cannot be explained column by column; {EXPLAINED}"
        )
    seen: pd.DataFrame = steps["tidy"].transform(frame)
    return seen


def interaction_strength(
    model: TunedXGBoost, frame: pd.DataFrame, rng: np.random.Generator, rows: int = 200
) -> pd.DataFrame:
    """How strongly each two columns act together in an XGBoost model, in log-odds.

    Returns a square frame by original column: off the diagonal the mean over rows of
    |2 x Shapley interaction value| of the two columns, on it that of the column's own main effect.
    Read from at most `rows` rows of `frame`, drawn by `rng`: the work is that of contributions
    times twice the number of columns.

    Raises `InputError` like `contributions`, and for other models: those with splines have no
    interactions, and for the rest no exact values are at hand. Source: Lundberg et al. 2020.
    """
    _check(model, frame)
    if not isinstance(model, TunedXGBoost):
        raise InputError("interactions are known for XGBoost only")
    if len(frame) > rows:
        frame = frame.iloc[np.sort(rng.choice(len(frame), rows, replace=False))]
    _, columns = _read(model.preparation_, frame)
    booster = model.model_.get_booster()
    strength = np.zeros((columns.shape[1], columns.shape[1]))
    for start in range(0, len(columns), _INTERACTION_ROWS):
        part = _matrix(model, columns.iloc[start : start + _INTERACTION_ROWS])
        found = booster.predict(part, pred_interactions=True)
        strength += np.abs(found[:, :-1, :-1]).sum(axis=0, dtype="float64")
    strength *= (2 - np.eye(len(strength))) / len(columns)
    return pd.DataFrame(strength, columns.columns, columns.columns)


def strongest_partner(strength: pd.DataFrame, column: str) -> str | None:
    """The column that acts most together with `column`, by the frame of `interaction_strength`.

    None where the model has no interaction with it.

    >>> pairs = pd.DataFrame([[1.0, 0.2, 0], [0.2, 3, 0], [0, 0, 1]], list("abc"), list("abc"))
    >>> strongest_partner(pairs, "a"), strongest_partner(pairs, "c")
    ('b', None)
    """
    if column not in strength:
        raise InputError(f"there is no column {column} among those explained")
    others = strength[column].drop(column)
    return str(others.idxmax()) if len(others) and others.max() > 0 else None


def dependence(found: Contributions, column: str, partner: str | None = None) -> pd.DataFrame:
    """What `column` holds against what it adds: `value`, `contribution`, and `partner`, its value.

    A row per row of `found`; without a partner its column is missing throughout.
    """
    for name in [column] if partner is None else [column, partner]:
        if name not in found.values:
            raise InputError(f"there is no column {name} among those explained")
    points = pd.DataFrame({"value": found.seen[column], "contribution": found.values[column]})
    return points.assign(partner=np.nan if partner is None else found.seen[partner])


def beeswarm_points(
    found: Contributions, columns: list[str], rng: np.random.Generator, rows: int = 2_000
) -> pd.DataFrame:
    """Points for a swarm: `column`, `contribution`, `kind` and `level`, a row per customer each.

    `kind` is `number`, `category` or `missing`; `level` says how high a number stands among those
    of its column, from 0 (lowest) to 1 (highest), ties in the middle; missing for the other kinds.
    At most `rows` customers, drawn by `rng`.
    """
    keep = np.arange(len(found.values))
    if len(keep) > rows:
        keep = np.sort(rng.choice(len(keep), rows, replace=False))
    parts = []
    for column in columns:
        cells = found.seen[column]
        is_text = isinstance(cells.dtype, pd.CategoricalDtype)
        part = pd.DataFrame({"contribution": found.values[column].to_numpy()[keep]})
        part["kind"] = np.where(cells.isna(), "missing", "category" if is_text else "number")[keep]
        part["level"] = np.nan if is_text else _height(cells).to_numpy()[keep]
        parts.append(part.assign(column=column))
    points = pd.concat(parts, ignore_index=True)
    return points[["column", "contribution", "kind", "level"]]


def _height(numbers: pd.Series) -> pd.Series:
    """Where a number stands among all, between 0 and 1; 0.5 where all are equal."""
    ranks = numbers.rank()
    span = ranks.max() - ranks.min()
    return (ranks - ranks.min()) / span if span > 0 else ranks * 0 + 0.5


def _check(model: Any, frame: pd.DataFrame) -> None:
    try:
        check_is_fitted(model)
    except NotFittedError:
        raise InputError("the model must be fitted before it can be explained") from None
    if frame.empty:
        raise InputError("the frame to explain has no rows")


def _read(preparation: Pipeline, frame: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """What a person reads, and the columns that the model reads."""
    seen = columns = preparation["tidy"].transform(frame)
    for _, step in preparation.steps[1:]:
        columns = step.transform(columns)
    return seen, columns


def _matrix(model: TunedXGBoost, columns: pd.DataFrame) -> xgb.DMatrix:
    return xgb.DMatrix(numbered(columns), enable_categorical=True, nthread=model.jobs)


def _of_xgboost(model: TunedXGBoost, frame: pd.DataFrame) -> Contributions:
    seen, columns = _read(model.preparation_, frame)
    matrix, booster = _matrix(model, columns), model.model_.get_booster()
    found = booster.predict(matrix, pred_contribs=True).astype("float64")
    margin = booster.predict(matrix, output_margin=True).astype("float64")
    values = pd.DataFrame(found[:, :-1], frame.index, columns.columns)
    return Contributions(values, float(found[0, -1]), margin, seen)


def _of_splines(model: SplineLogistic, frame: pd.DataFrame) -> Contributions:
    seen, design = _read(model.preparation_, frame)
    margin = design.to_numpy() @ model.coefficients_.to_numpy() + model.intercept_
    values = model.contributions(frame).reindex(columns=seen.columns, fill_value=0.0)
    return Contributions(values, model.base_, margin, seen)


def _of_logistic(model: Pipeline, frame: pd.DataFrame) -> Contributions:
    seen, design = _read(model[:-1], frame)
    maker, logit = model["design"], model[-1]
    # Numbers at their medians; levels other than the most common one, and gaps, at 0.
    usual = maker.medians_.reindex(design.columns).fillna(0.0)
    values = _by_column((design - usual) * logit.coefficients_, maker.parts_, seen)
    base = logit.intercept_ + float(usual @ logit.coefficients_)
    return Contributions(values, base, logit.decision_function(design), seen)


def _of_forest(model: Pipeline, frame: pd.DataFrame) -> Contributions:
    seen, design = _read(model[:-1], frame)
    explainer = _explainer(model[-1])
    found = explainer.shap_values(design.to_numpy("float32"), check_additivity=False)[:, :, 1]
    parts = pd.DataFrame(found, design.index, design.columns)
    values = _by_column(parts, model["design"].parts_, seen)
    margin = model[-1].predict_proba(design)[:, 1]
    return Contributions(values, float(explainer.expected_value[1]), margin, seen, "chance")


def _of_boosting(model: Pipeline, frame: pd.DataFrame) -> Contributions:
    seen, columns = _read(model[:-1], frame)
    text = list(columns.select_dtypes("category"))
    if text:
        raise InputError(
            f"boosting on text columns ({', '.join(text)}) cannot be explained exactly; {EXPLAINED}"
        )
    explainer = _explainer(model[-1])
    found = explainer.shap_values(columns, check_additivity=False)
    values = pd.DataFrame(found, columns.index, columns.columns)
    margin = model[-1].decision_function(columns)
    return Contributions(values, float(np.ravel(explainer.expected_value)[0]), margin, seen)


_OF_PIPELINES: dict[type, Callable[[Pipeline, pd.DataFrame], Contributions]] = {
    UnpenalisedLogit: _of_logistic,
    RandomForestClassifier: _of_forest,
    HistGradientBoostingClassifier: _of_boosting,
}


def _by_column(parts: pd.DataFrame, traced: pd.DataFrame, seen: pd.DataFrame) -> pd.DataFrame:
    """Contributions of the parts of a design, summed per column it comes from."""
    summed = parts.T.groupby(traced["column"], sort=False).sum().T
    return summed.reindex(columns=seen.columns, fill_value=0.0)


def _explainer(model: Any) -> Any:
    with warnings.catch_warnings():
        # What shap's import says is about its own colours. It takes seconds, so it waits till here.
        warnings.simplefilter("ignore")
        from shap import TreeExplainer
    return TreeExplainer(model)
