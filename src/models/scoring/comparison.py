"""Several models on the same rows: which is best, and which cannot be told from it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import t as student

from src.data.problems import InputError
from src.models.intervals.numbers import Numbers, labels_of
from src.models.scoring.scores import HEADLINE, LOWER_IS_BETTER, Ranking, figures, rank

# A figure of its own: takes the ranking and the weights of rows, higher is better.
Figure = Callable[[Ranking, Numbers], float]

# What a figure cannot leave, so that no interval does.
_RANGES = dict.fromkeys(("auc", "pr_auc", "brier"), (0.0, 1.0))
_RANGES |= dict.fromkeys(("log_loss", "lift5", "lift10"), (0.0, np.inf))
COLUMNS = [
    "model",
    "metric",
    "value",
    "low",
    "high",
    "difference",
    "difference_low",
    "difference_high",
    "in_noise",
    "is_best",
]


def paired_bootstrap(
    rows: pd.DataFrame,
    models: Sequence[str],
    rng: np.random.Generator,
    *,
    best_by: str = "log_loss",
    extra: Mapping[str, Figure] | None = None,
    replicates: int = 1_000,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Figures of each model, and its differences to the best one, with bootstrap intervals.

    Reads `customer_id`, `churned` (0/1 or bool) and one column of chances per name in `models`.
    Returns one row per model and metric, metrics being those of `scores.HEADLINE` and the
    names in `extra` (functions of a ranking and weights, higher is better, such as
    `profit.empc_of`): `model`, `metric`, `value`, `low`, `high`, `difference`, `difference_low`,
    `difference_high`, `in_noise` (the interval of the difference contains 0), `is_best`.

    The best model is the one with the best value of `best_by` on all rows; every `difference` is
    the model's value minus that of this one model, whatever the metric: above 0 means a higher
    figure, which for log loss and Brier is a worse one.

    Each replicate draws as many customers as there are, with replacement, and all rows of a
    customer with it: rows of one customer at several snapshots are not independent. All models see
    the same draw, so what they share cancels in the difference. Ends are percentiles. A draw
    without a churner or without a stayer is drawn again.

    Assumption: customers are independent, models are given. It fails where the training varies (a
    model that got lucky in training keeps its luck in every replicate), with fewer than some 30
    churners, and for the choice itself: the best of several is a little too good (no correction).

    Raises `InputError` when a column is missing or a chance or label is not one, when `models`
    names one twice, or when `best_by` is not a metric. Source: Efron and Tibshirani 1993,
    chapters 8 and 13; Field and Welsh 2007 for resampling whole clusters.
    """
    extra = extra or {}
    metrics = [*HEADLINE, *extra]
    _check_rows(rows, models)
    if best_by not in metrics:
        raise InputError(f"best_by must be one of {', '.join(metrics)}, not {best_by!r}")
    labels = labels_of(rows["churned"])
    rankings = [rank(labels, rows[model]) for model in models]
    # As they come, not in the order of identifiers: these are hashed, with a key per machine.
    codes, names = pd.factorize(rows["customer_id"])

    value = _table(rankings, np.ones(len(rows)), extra)
    sampled = np.empty((replicates, *value.shape))
    for replicate in range(replicates):
        weight = _customers_drawn_again(codes, len(names), labels, rng)
        sampled[replicate] = _table(rankings, weight, extra)

    sign = -1 if best_by in LOWER_IS_BETTER else 1
    best = int(np.argmax(sign * value[:, metrics.index(best_by)]))
    tails = [(1 - confidence) / 2, (1 + confidence) / 2]
    low, high = np.quantile(sampled, tails, axis=0)
    difference_low, difference_high = np.quantile(sampled - sampled[:, [best]], tails, axis=0)
    return _long(
        models,
        metrics,
        best,
        value=value,
        low=low,
        high=high,
        difference=value - value[best],
        difference_low=difference_low,
        difference_high=difference_high,
    )


def fold_differences(
    values: pd.DataFrame, *, best_by: str = "log_loss", confidence: float = 0.95
) -> pd.DataFrame:
    """Means over repeated folds, and differences to the best model, with corrected intervals.

    Reads `model`, `repeat`, `fold`, `metric`, `value`: every model must have every metric once in
    every fold of every repeat. Returns the columns of `paired_bootstrap`, where `value` is the mean
    over folds and the best model is the one with the best mean of `best_by`.

    Folds share most of their training rows, so their values are not independent and the usual
    standard error is far too short. With J values (folds x repeats) of variance s2, the corrected
    variance of their mean is s2 (1/J + n_test/n_train), where K folds have n_test/n_train =
    1/(K - 1); the ends are Student's t with J - 1 degrees of freedom,
    inside what the figure can be. The interval of a difference
    contains 0 where the corrected resampled t-test does not reject.

    Assumption: the correlation between folds is n_test/(n_test + n_train), which is a rule of
    thumb, on the cautious side for stable learners. More repeats do not shorten the interval below
    the second term: they add no customers.

    Raises `InputError` when a column or a value is missing, when there are fewer than two folds,
    or when a model lacks a fold. Source: Nadeau and Bengio 2003; Bouckaert and Frank 2004 for
    repeated folds.
    """
    needed = ["model", "repeat", "fold", "metric", "value"]
    _check_columns(values, needed)
    if values[needed].isna().any(axis=None):
        raise InputError("a value is missing in the frame of folds")
    models, metrics = (list(values[name].unique()) for name in ("model", "metric"))
    if best_by not in metrics:
        raise InputError(f"best_by must be one of {', '.join(metrics)}, not {best_by!r}")
    if values.duplicated(needed[:-1]).any():
        raise InputError("a model has two values of one metric in the same fold")
    wide = values.pivot(index=["repeat", "fold"], columns=["model", "metric"], values="value")
    wide = wide.reindex(columns=pd.MultiIndex.from_product([models, metrics]))
    if wide.isna().any(axis=None):
        model, metric = wide.columns[wide.isna().any()][0]
        raise InputError(f"{model} has no {metric} in one of the folds; models need the same folds")
    count, folds = len(wide), values["fold"].nunique()
    if folds < 2 or count % folds:
        raise InputError("every repeat needs the same folds, and at least two of them")

    each = wide.to_numpy(float).reshape(count, len(models), len(metrics))
    value = each.mean(axis=0)
    sign = -1 if best_by in LOWER_IS_BETTER else 1
    best = int(np.argmax(sign * value[:, metrics.index(best_by)]))
    gaps = each - each[:, [best]]
    reach = student.ppf((1 + confidence) / 2, count - 1) * np.sqrt(1 / count + 1 / (folds - 1))
    margin, gap_margin = reach * each.std(axis=0, ddof=1), reach * gaps.std(axis=0, ddof=1)
    gap = gaps.mean(axis=0)
    least, most = np.array([_RANGES.get(metric, (-np.inf, np.inf)) for metric in metrics]).T
    return _long(
        models,
        metrics,
        best,
        value=value,
        low=np.maximum(value - margin, least),
        high=np.minimum(value + margin, most),
        difference=gap,
        difference_low=gap - gap_margin,
        difference_high=gap + gap_margin,
    )


@dataclass(frozen=True)
class Standing:
    """The best model by one metric, those inside the noise around it, and those behind it."""

    metric: str
    best: str
    in_noise: tuple[str, ...]
    behind: tuple[str, ...]

    @property
    def sentence(self) -> str:
        """Who won, in one sentence.

        >>> Standing("auc", "xgboost", ("logistic",), ()).sentence
        'xgboost has the best auc; within the noise of it: logistic.'
        """
        if not self.in_noise:
            return f"{self.best} has the best {self.metric}; no other is within the noise of it."
        near = ", ".join(self.in_noise)
        return f"{self.best} has the best {self.metric}; within the noise of it: {near}."


def standing(compared: pd.DataFrame, metric: str) -> Standing:
    """The winner and the runners-up, from the frame of `paired_bootstrap` or `fold_differences`.

    Runners-up are those whose difference to the best is inside the noise, the nearest first; they
    cannot be told from the best on these rows, which is not to say that they are equal to it.
    Raises `InputError` unless the frame was made with `best_by=metric`, so far as it can be seen:
    the model marked as best must have the best value of `metric`.
    """
    of_metric = compared[compared["metric"] == metric]
    if of_metric.empty:
        known = ", ".join(compared["metric"].unique())
        raise InputError(f"there is no metric {metric!r} among {known}")
    ordered = of_metric.sort_values("value", ascending=metric in LOWER_IS_BETTER, kind="stable")
    best = of_metric.loc[of_metric["is_best"]].iloc[0]
    if best["value"] != ordered["value"].iloc[0]:
        raise InputError(
            f"{best['model']} was not the best by {metric}; compare with best_by={metric!r}"
        )
    others = ordered[~ordered["is_best"]]
    near, far = (
        tuple(others.loc[keep, "model"]) for keep in (others["in_noise"], ~others["in_noise"])
    )
    return Standing(metric, best["model"], near, far)


def has_signal(compared: pd.DataFrame, base_rate: str) -> bool:
    """Whether anything tells more than the model `base_rate`, which says the same of everybody.

    Nothing does where it has the best log loss; and where it is within the noise of the best model,
    whose AUC cannot be told from one half. Reads the frame of `paired_bootstrap` or
    `fold_differences`.
    """
    losses = compared[compared["metric"] == "log_loss"].set_index("model")
    best = losses.index[losses["is_best"]][0]
    if best == base_rate:
        return False
    areas = compared[compared["metric"] == "auc"].set_index("model")
    return bool(not losses.loc[base_rate, "in_noise"] or areas.loc[best, "low"] > 0.5)


def customers_drawn(codes: np.ndarray, customers: int, rng: np.random.Generator) -> Numbers:
    """How often each row counts when as many customers as there are are drawn with replacement.

    `codes`: for each row, the number of its customer, from 0 to `customers` - 1.
    """
    times = np.bincount(rng.integers(0, customers, customers), minlength=customers)
    return times.astype(float)[codes]


def _customers_drawn_again(
    codes: np.ndarray, customers: int, labels: Numbers, rng: np.random.Generator
) -> Numbers:
    while True:
        weight = customers_drawn(codes, customers, rng)
        if 0 < (weight * labels).sum() < weight.sum():
            return weight


def _table(rankings: Sequence[Ranking], weight: Numbers, extra: Mapping[str, Figure]) -> np.ndarray:
    """Figures of each model under one set of weights: models x metrics."""
    return np.array(
        [
            [*figures(ranking, weight).values(), *(own(ranking, weight) for own in extra.values())]
            for ranking in rankings
        ]
    )


def _long(
    models: Sequence[str], metrics: Sequence[str], best: int, **tables: np.ndarray
) -> pd.DataFrame:
    labels = pd.MultiIndex.from_product([models, metrics], names=["model", "metric"])
    long = pd.DataFrame({name: table.ravel() for name, table in tables.items()}, index=labels)
    long = long.reset_index()
    long["in_noise"] = (long["difference_low"] <= 0) & (long["difference_high"] >= 0)
    long["is_best"] = long["model"] == models[best]
    return long[COLUMNS]


def _check_rows(rows: pd.DataFrame, models: Sequence[str]) -> None:
    if not models or len(set(models)) < len(models):
        raise InputError("models must name at least one column of chances, and none twice")
    _check_columns(rows, ["customer_id", "churned", *models])
    if rows["customer_id"].isna().any():
        raise InputError(f"customer_id is missing in {rows['customer_id'].isna().sum():,} rows")


def _check_columns(frame: pd.DataFrame, needed: Sequence[str]) -> None:
    missing = [name for name in needed if name not in frame]
    if missing:
        raise InputError(f"the frame has no column {', '.join(missing)}")
