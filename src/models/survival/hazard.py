"""The hazard model: one model for every horizon, so that its probabilities never cross."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
import pandas as pd
import xgboost as xgb
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.pipeline import Pipeline

from src.data.problems import InputError
from src.models.learning.folds import of_customers
from src.models.learning.matrices import matrix
from src.models.learning.preparation import Tidy

MONTHS = 12
AHEAD = "months_ahead"
# One set of trees for each: what announces next month's exit says little of next year's.
SPANS = ((1, 3), (4, 6), (7, MONTHS))
# For lifetimes: as far as snapshots of two years let a model see.
LONG_SPANS = (*SPANS, (MONTHS + 1, 24))
# Whole months without revenue at the snapshot: only who is silent can have left unseen.
SILENCE = "months_since_revenue"
_LEAST_GONE = 20  # silent rows of each kind that trees need; with fewer a share must do


class HazardModel(ClassifierMixin, BaseEstimator):
    """Chance to have left unseen, and to leave in each of the next months given that one has not.

    A scikit-learn classifier of whether a customer on the list is lost: gone already, or leaving in
    the `gap` months to act or in the `months` after them. Its target is when the life ended: see
    `fit`. `gone`, `hazards` and `outcomes` answer for any other horizon.

    Month 0 has trees of its own. Its label is whether the life had ended by the snapshot, which
    only later months show: the silence was the beginning of a freeze. Only silent rows (`SILENCE`
    of 1 or more) teach it, and for all others the chance is 0; without that column every row does.

    A discrete-time hazard model (Allison 1982; Singer and Willett 1993): every row of customer and
    snapshot becomes one row per month it was watched, with the number of that month as a further
    column and whether the life ended in it as the label. Gradient-boosted trees fit the log-odds,
    one set for months 1 to 3, one for 4 to 6, one for 7 to 12, or as `spans` say; a span in which
    nobody was seen to leave takes the trees of the one before. Rows censored early stay in for the
    months they were watched, so the newest snapshots teach as well. P(ends within h) = 1 - product
    of (1 - hazard_k) over k = 1..h grows with h by construction.

    Months without an end are `kept` at random, at most `most` of a span, and weighted by the
    inverse of their share, which leaves the probabilities as they are: beyond some tens of
    thousands they teach little, since exits are the scarce half. The number of rounds is the one
    that suits a fifth of the customers best who were left out for that; the model is that of the
    others. Assumes that censoring tells nothing beyond the features, and that the future is like
    the snapshots learned from.

    After `fit`: `models_`, one booster per span, `preparation_`, and `classes_`, 0 and 1.
    """

    def __init__(
        self,
        months: int = MONTHS,
        gap: int = 0,
        kept: float = 0.2,
        most: int = 60_000,
        rate: float = 0.08,
        depth: int = 3,
        seed: int = 0,
        jobs: int = 1,
        spans: tuple[tuple[int, int], ...] = SPANS,
    ) -> None:
        self.months = months
        self.gap = gap
        self.kept = kept
        self.most = most
        self.rate = rate
        self.depth = depth
        self.seed = seed
        self.jobs = jobs
        self.spans = spans

    def fit(
        self,
        X: pd.DataFrame,  # noqa: N803
        y: pd.Series | np.ndarray,
        watched: pd.Series | np.ndarray,
        customers: pd.Series | np.ndarray,
    ) -> Self:
        """Fit on features of customers and snapshots.

        `y`: months from the snapshot to the month the life ended, 0 for who was gone already,
        missing when it had not ended by the end of watching; `watched`: months the row was watched,
        0 or more; `customers`: who the row is of, so that nobody is on both sides of the early
        stopping. See `src.features.snapshots.watched_ahead`. Raises `InputError` for rows that
        ended after they were watched, and when nobody left after a snapshot.
        """
        ended = np.asarray(y, dtype="float64")
        final_month = self.spans[-1][1]
        seen = np.minimum(np.asarray(watched, dtype="int64"), final_month)
        late = ended > np.asarray(watched)
        if late.any():
            raise InputError(f"{late.sum():,} rows ended after the months they were watched")
        if (seen < 0).any() or (ended < 0).any():
            raise InputError("months watched and months to the end must be 0 or more")
        last = np.where(np.isnan(ended), seen, np.minimum(ended, final_month)).astype("int64")
        has_left = ended <= final_month
        if (has_left & (ended > 0)).sum() < 2:
            raise InputError("nobody left in the months watched: there is nothing to learn")

        rng = np.random.default_rng(self.seed)
        self.classes_ = np.array([0, 1])
        self.preparation_ = Pipeline([("tidy", Tidy())])
        own = of_customers(X, customers)
        prepared = self.preparation_.fit_transform(own, has_left.astype(int))
        codes, who = pd.factorize(np.asarray(customers))
        held_out = (rng.random(len(who)) < 0.2)[codes]
        self._fit_gone(X, prepared, ended == 0, held_out)
        self.models_: list[xgb.Booster] = []
        for first, final in self.spans:
            is_there = last >= first
            if self.models_ and not (has_left & (last >= first) & (last <= final)).any():
                # Nobody was seen to leave so far ahead: what held before goes on.
                self.models_.append(self.models_[-1])
                continue
            row, month, label = _person_months(
                np.nonzero(is_there)[0], np.minimum(last, final)[is_there], first, has_left, last
            )
            share = min(self.kept, self.most / max(int((~label).sum()), 1))
            drawn = label | (rng.random(len(row)) < share)
            row, month, label = row[drawn], month[drawn], label[drawn]
            weight = np.where(label, 1.0, 1 / share)
            parts = [
                _matrix(prepared, row[part], month[part], label[part], weight[part])
                for part in (~held_out[row], held_out[row])
            ]
            self.models_.append(self._boosted(*parts))
        return self

    def _fit_gone(
        self,
        frame: pd.DataFrame,
        prepared: pd.DataFrame,
        is_gone: np.ndarray,
        held_out: np.ndarray,
    ) -> None:
        """Month 0: trees on the silent rows, or their share where there are few."""
        is_silent = silent(frame)
        gone, there = (is_silent & is_gone).sum(), (is_silent & ~is_gone).sum()
        # One row is added that is half gone: a share of 0 or 1 among a few proves neither.
        self.gone_share_ = float((gone + 0.5) / (gone + there + 1)) if gone else 0.0
        self.gone_model_ = None
        if min(gone, there) < _LEAST_GONE:
            return
        parts = []
        for part in (is_silent & ~held_out, is_silent & held_out):
            rows = np.flatnonzero(part)
            parts.append(
                _matrix(prepared, rows, np.zeros(len(rows)), is_gone[rows], np.ones(len(rows)))
            )
        if all(0 < part.get_label().sum() < part.num_row() for part in parts):
            self.gone_model_ = self._boosted(*parts)

    def _boosted(self, learned: xgb.DMatrix, held: xgb.DMatrix) -> xgb.Booster:
        model = xgb.train(
            {
                "objective": "binary:logistic",
                "eta": self.rate,
                "max_depth": self.depth,
                "min_child_weight": 20.0,
                "subsample": 0.7,
                "colsample_bytree": 0.5,
                "lambda": 5.0,
                "tree_method": "hist",
                "max_bin": 64,
                "seed": self.seed,
                "nthread": self.jobs,
            },
            learned,
            num_boost_round=1000,
            evals=[(held, "held")],
            early_stopping_rounds=30,
            verbose_eval=False,
        )
        return model[: model.best_iteration + 1]

    def hazards(self, X: pd.DataFrame, months: int = MONTHS) -> np.ndarray:  # noqa: N803
        """(rows, months): the chance to leave in each month ahead, given that one is there.

        Beyond the months that the model learned, the hazard of the last one goes on.
        """
        cells = _cells(self.preparation_.transform(X))
        found = np.empty((len(X), months))
        for (first, final), model in zip(self.spans, self.models_, strict=True):
            for ahead in range(first, min(months, final) + 1):
                cells[:, -1] = ahead
                found[:, ahead - 1] = model.inplace_predict(cells, validate_features=False)
        last = self.spans[-1][1]
        if months > last:
            found[:, last:] = found[:, [last - 1]]
        return found

    def gone(self, X: pd.DataFrame) -> np.ndarray:  # noqa: N803
        """(rows,): the chance that the life had ended by the snapshot, unseen."""
        if self.gone_model_ is None:
            chance = np.full(len(X), self.gone_share_)
        else:
            cells = _cells(self.preparation_.transform(X))
            cells[:, -1] = 0
            chance = self.gone_model_.inplace_predict(cells, validate_features=False)
        return np.where(silent(X), chance, 0.0)

    def outcomes(self, X: pd.DataFrame, months: int, gap: int = 0) -> np.ndarray:  # noqa: N803
        """(rows, 4): the chances of `snapshots.OUTCOMES`; each row sums to 1.

        Gone already; leaving in months 1 .. gap; in months gap + 1 .. gap + months; staying.
        """
        there = (1 - self.gone(X))[:, None]
        stays = np.hstack([there, there * np.cumprod(1 - self.hazards(X, gap + months), axis=1)])
        before, after = stays[:, gap], stays[:, -1]
        return np.column_stack([1 - there[:, 0], there[:, 0] - before, before - after, after])

    def predict_proba(self, X: pd.DataFrame) -> np.ndarray:  # noqa: N803
        """(rows, 2): the chances to stay and to be lost within the model's own horizon."""
        stays = self.outcomes(X, self.months, self.gap)[:, -1]
        return np.column_stack([stays, 1 - stays])

    def predict(self, X: pd.DataFrame) -> np.ndarray:  # noqa: N803
        """(rows,): 1 where being lost is likelier than staying."""
        return self.classes_[self.predict_proba(X).argmax(axis=1)]


def chances(hazards: np.ndarray) -> np.ndarray:
    """(rows, months) of hazards to the chance to have left by each month: 1 - prod (1 - h).

    >>> chances(np.array([[0.5, 0.5]])).tolist()
    [[0.5, 0.75]]
    """
    return 1 - np.cumprod(1 - hazards, axis=1)


def silent(frame: pd.DataFrame) -> np.ndarray:
    """(rows,): who may have left unseen; everybody where silence is not known."""
    if SILENCE not in frame:
        return np.ones(len(frame), dtype=bool)
    return ~(frame[SILENCE] <= 0).to_numpy(dtype=bool)


def _person_months(
    rows: np.ndarray, until: np.ndarray, first: int, has_left: np.ndarray, last: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Row, month ahead and label of the months `first` to `until` of each row."""
    count = until - first + 1
    row = np.repeat(rows, count)
    month = np.arange(len(row)) - np.repeat(np.cumsum(count) - count, count) + first
    return row, month, has_left[row] & (month == last[row])


def _cells(prepared: pd.DataFrame) -> np.ndarray:
    """The prepared columns as the boosters read them, and a last column for the months ahead.

    One array for all months: a matrix of its own for each takes longer than the trees.
    """
    cells = np.empty((len(prepared), prepared.shape[1] + 1), dtype=np.float32)
    for place, name in enumerate(prepared):
        column = prepared[name]
        if isinstance(column.dtype, pd.CategoricalDtype):
            codes = column.cat.codes.to_numpy().astype(np.float32)
            cells[:, place] = np.where(codes < 0, np.nan, codes)
        else:
            cells[:, place] = column.to_numpy(np.float32)
    return cells


def _matrix(
    prepared: pd.DataFrame,
    row: np.ndarray,
    month: np.ndarray,
    label: np.ndarray,
    weight: np.ndarray,
) -> xgb.DMatrix:
    table: Any = prepared.iloc[row].reset_index(drop=True)
    table[AHEAD] = month.astype("float64")
    return matrix(table, label, weight)
