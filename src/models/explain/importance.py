"""Which columns matter to a model, to whom, and how sure the order is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import kendalltau
from sklearn.base import clone

from src.data.problems import InputError
from src.models.explain.contributions import Contributions, contributions
from src.models.learning.candidates import TunedXGBoost
from src.models.learning.folds import of_customers
from src.models.learning.names import numbered
from src.models.learning.preparation import known_outcome
from src.models.scoring.comparison import customers_drawn

# The share of different customers in as many draws with replacement as there are customers.
DISTINCT = 1 - np.exp(-1)


def importance(values: pd.DataFrame, weight: np.ndarray | None = None) -> pd.DataFrame:
    """Mean size of the contributions of each column: `column`, `importance`, `share`.

    `values` as in `Contributions`; `importance` is the mean of |contribution| over rows, in
    the unit of the contributions, `share` its part of the sum over columns. The largest comes
    first, equal ones in the order of the columns. A column that moves few customers far and one
    that moves many a little can have the same importance: the swarm tells them apart.

    >>> importance(pd.DataFrame({"a": [1.0, -1.0], "b": [0.0, 6.0]}))
      column  importance  share
    0      b         3.0   0.75
    1      a         1.0   0.25
    """
    if values.empty:
        raise InputError("there are no contributions to add up")
    size = np.average(np.abs(values.to_numpy()), axis=0, weights=weight)
    table = pd.DataFrame({"column": values.columns, "importance": size})
    table["share"] = size / size.sum() if size.sum() > 0 else 0.0
    return table.sort_values("importance", ascending=False, kind="stable", ignore_index=True)


def importance_by(values: pd.DataFrame, group: pd.Series | np.ndarray) -> pd.DataFrame:
    """`importance` within each group of rows, such as segments.

    `group`: one per row, in the same order; rows without a group are left out. Returns `group`,
    `customers` (rows), `rank` (1: the most important of the group), `column`, `importance`,
    `share`; groups in alphabetical order. Contributions are still told from the base of all rows,
    so what sets a whole group apart counts in it.
    """
    labels = np.asarray(group, dtype="object")
    if len(labels) != len(values):
        raise InputError(f"there are {len(values):,} rows explained, {len(labels):,} with a group")
    parts = []
    for name in sorted(set(labels[~pd.isna(labels)]), key=str):
        rows = values[labels == name]
        table = importance(rows)
        table.insert(0, "rank", np.arange(1, len(table) + 1))
        table.insert(0, "customers", len(rows))
        table.insert(0, "group", name)
        parts.append(table)
    if not parts:
        raise InputError("no row has a group")
    return pd.concat(parts, ignore_index=True)


def drawn_importances(
    values: pd.DataFrame,
    customer_id: pd.Series | np.ndarray,
    rng: np.random.Generator,
    resamples: int = 20,
) -> pd.DataFrame:
    """Importances of one model among other customers: a row per resample, a column per column.

    Each resample draws as many customers as there are, with replacement, with all their rows. The
    model stays as it is, so the luck of its training is not in it: see `refitted_importances`.
    """
    codes, names = pd.factorize(np.asarray(customer_id))
    if len(codes) != len(values) or (codes < 0).any():
        raise InputError("every row explained needs the identifier of its customer")
    size = np.abs(values)
    drawn = [customers_drawn(codes, len(names), rng) for _ in range(resamples)]
    found = [np.average(size, axis=0, weights=weight) for weight in drawn]
    return _by_resample(pd.DataFrame(found, columns=values.columns))


def refitted_importances(
    model: Any,
    frame: pd.DataFrame,
    churned: pd.Series | np.ndarray,
    customer_id: pd.Series | np.ndarray,
    rng: np.random.Generator,
    *,
    explained: pd.DataFrame,
    resamples: int = 20,
    explain: Callable[[Any, pd.DataFrame], Contributions] = contributions,
) -> pd.DataFrame:
    """Importances of a model trained again on other customers, on the same rows `explained`.

    Each resample trains on 63 % of the customers in `frame`, drawn without replacement (as many as
    are different in a bootstrap, and none of them in both halves of an inner fold), with all their
    rows. XGBoost keeps its settings, other models are fitted anew. Returns a row per resample, a
    column per column of `explained` that some model used; a model that dropped it gives it 0.
    """
    outcome = known_outcome(churned)
    codes, names = pd.factorize(np.asarray(customer_id))
    if len(codes) != len(frame) or len(outcome) != len(frame) or (codes < 0).any():
        raise InputError("every training row needs its outcome and the identifier of its customer")
    frame = of_customers(frame, customer_id)
    found = []
    for _ in range(resamples):
        drawn = rng.choice(len(names), round(DISTINCT * len(names)), replace=False)
        rows = np.flatnonzero(np.isin(codes, drawn))
        again = fitted_again(model, frame.iloc[rows], outcome[rows])
        found.append(importance(explain(again, explained).values).set_index("column")["importance"])
    return _by_resample(pd.DataFrame(found).fillna(0.0).sort_index(axis=1))


def _by_resample(table: pd.DataFrame) -> pd.DataFrame:
    table = table.reset_index(drop=True).rename_axis("resample")
    return table.rename_axis(columns=None)


def fitted_again(model: Any, frame: pd.DataFrame, outcome: np.ndarray) -> Any:
    """The model trained on other rows; XGBoost keeps its settings, others choose them anew.

    The index of `frame` says whose row each is. Inner folds are drawn anew, of customers: row
    numbers of the rows that `model` learned from say nothing here.
    """
    again = clone(model)
    if not isinstance(model, TunedXGBoost):
        own = {"folds": None} if "folds" in again.get_params(deep=False) else {}
        return again.set_params(**own).fit(frame, outcome)
    again.classes_, again.tuned_ = np.unique(outcome), model.tuned_
    again.preparation_ = clone(model.preparation_)
    again.model_ = clone(model.model_).fit(
        numbered(again.preparation_.fit_transform(frame, outcome)), outcome
    )
    return again


@dataclass(frozen=True)
class Stability:
    """How far the order of columns holds from resample to resample.

    `ranks`: a row per column, the best mean rank first: `column`, `mean_rank`, `low`, `high` (ends
    of the ranks between which a share of `confidence` of the resamples lie), `top_share` (share of
    resamples with the column among the first `top`). `jaccard`: mean over pairs of resamples of
    the part that their first `top` columns share (both of them / either of them); `kendall`: mean
    rank correlation (tau b) over pairs, of all columns.
    """

    ranks: pd.DataFrame
    top: int
    jaccard: float
    kendall: float


def ranking_stability(
    importances: pd.DataFrame, top: int = 10, confidence: float = 0.95
) -> Stability:
    """How stable the ranking is, from `drawn_importances` or `refitted_importances`.

    Equal importances share their mean rank; at the edge of the `top`, equal ones come in the order
    of the columns. Columns that no resample uses are left out of the correlation. With 20 resamples
    the interval is about from the lowest to the highest rank. Raises `InputError` for fewer than
    two resamples, or a `top` below 1.
    """
    if len(importances) < 2 or top < 1:
        raise InputError("stability needs at least two resamples and a top of one column or more")
    ranks = importances.rank(axis=1, ascending=False)
    place = importances.rank(axis=1, ascending=False, method="first")
    is_top = place <= top
    tails = [(1 - confidence) / 2, (1 + confidence) / 2]
    low, high = ranks.quantile(tails).to_numpy()
    table = pd.DataFrame(
        {
            "column": importances.columns,
            "mean_rank": ranks.mean().to_numpy(),
            "low": low,
            "high": high,
            "top_share": is_top.mean().to_numpy(),
        }
    )
    used = importances.loc[:, importances.max() > 0].to_numpy()
    pairs = list(combinations(range(len(importances)), 2))
    flags = is_top.to_numpy()
    jaccard = [(flags[a] & flags[b]).sum() / (flags[a] | flags[b]).sum() for a, b in pairs]
    kendall = [_tau(used[a], used[b]) for a, b in pairs]
    return Stability(
        table.sort_values("mean_rank", kind="stable", ignore_index=True),
        top,
        float(np.mean(jaccard)),
        float(np.mean(kendall)),
    )


def _tau(first: np.ndarray, second: np.ndarray) -> float:
    """Kendall's tau; 1 where there is one column or none to order."""
    return float(kendalltau(first, second).statistic) if len(first) > 1 else 1.0
