"""How well columns tell churners on rows held out: by ranges of one, in twos, all in trees."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd
import xgboost as xgb
from numpy.typing import NDArray
from pandas.api.types import is_datetime64_any_dtype, is_numeric_dtype, is_timedelta64_dtype
from scipy.stats import rankdata

from src.models.intervals.numbers import Numbers
from src.models.learning.folds import crossed

MOST_ALONE = 0.95  # AUC of one column
MOST_OF_TWO = 0.97  # AUC of two columns together
# Two columns separate only beyond what each does alone, and beyond the luck of few churners.
_GAIN, _ERRORS = 0.02, 2.0

_FOLDS = 5
_PRIOR = 2.0
_BINS = 16
_GRID_COLUMNS = 32  # 496 pairs
_LINES = 60
_RIDGE = 1e-9
_MODEL_ROWS, _MODEL_FOLDS, _ROUNDS = 6_000, 3, 60

_Codes = NDArray[np.intp]


@dataclass
class Separation:
    """The columns of a frame made ready, by place, to be looked at alone, in twos and together."""

    frame: pd.DataFrame
    labels: Numbers
    seed: int

    def __post_init__(self) -> None:
        columns = [_numbers(self.frame[name]) for name in self.frame]
        self.values = np.column_stack([values for values, _ in columns])
        self.has_order = np.array([has_order for _, has_order in columns])
        self.folds = np.empty(len(self.labels), dtype=np.intp)
        for fold, is_own in enumerate(crossed(self.frame.index, _FOLDS, self.seed)):
            self.folds[is_own] = fold
        self.cells = [_ranges(values) for values in self.values.T]
        least = min(self.labels.sum(), (1 - self.labels).sum())
        # Hanley and McNeil 1982, near an AUC of 0.97 the rarer class alone counts.
        self.error = float(np.sqrt(0.02 * (1 - MOST_OF_TWO) / max(least, 1)))

    def ranges(self, place: int) -> float:
        """The AUC of the churn rates in ranges of one column."""
        return self._rates(self.cells[place])

    def pairs(
        self, places: Sequence[int], best: NDArray[np.float64]
    ) -> Iterator[tuple[tuple[int, int], float]]:
        """Pairs that separate, the best first, none with a column of another one.

        `places`: the columns to pair, the most telling first; `best`: the AUC of each alone.
        """
        tried: dict[tuple[int, int], float] = {}
        for one, two in combinations(places[:_GRID_COLUMNS], 2):
            wide = int(self.cells[two].max()) + 1
            tried[one, two] = self._rates(self.cells[one] * wide + self.cells[two])
        ordered = [place for place in places if self.has_order[place]]
        filled = self.values[:, ordered]
        medians = [np.median(own) if len(own := v[~np.isnan(v)]) else 0.0 for v in filled.T]
        filled = np.where(np.isnan(filled), medians, filled)
        is_positive = [bool((known > 0).all()) for known in filled.T]
        for pair, auc in self._lines(filled, ordered):
            tried[pair] = max(tried.get(pair, 0.0), auc)
        logs = [place for place, positive in zip(ordered, is_positive, strict=True) if positive]
        for pair, auc in self._lines(np.log(filled[:, is_positive]), logs):
            tried[pair] = max(tried.get(pair, 0.0), auc)
        taken: set[int] = set()
        for pair, auc in sorted(tried.items(), key=lambda each: -each[1]):
            is_more = auc > max(best[list(pair)]) + _GAIN
            is_sure = auc - _ERRORS * self.error > MOST_ALONE
            if auc > MOST_OF_TWO and is_more and is_sure and not taken & set(pair):
                taken |= set(pair)
                yield pair, auc

    def _rates(self, cells: _Codes) -> float:
        """Mean AUC within folds of the churn rates of cells, learned in the other folds."""
        wide = int(cells.max()) + 1
        codes = cells * _FOLDS + self.folds
        rows = np.bincount(codes, minlength=wide * _FOLDS).reshape(wide, _FOLDS).astype(float)
        churners = np.bincount(codes, self.labels, minlength=wide * _FOLDS).reshape(wide, _FOLDS)
        seen, left = rows.sum(axis=1), churners.sum(axis=1)
        aucs = []
        for fold in range(_FOLDS):
            own, gone = rows[:, fold], churners[:, fold]
            if not 0 < gone.sum() < own.sum():
                continue
            known, known_left = seen - own, left - gone
            base = known_left.sum() / known.sum()
            rate = ((known_left + _PRIOR * base) / (known + _PRIOR)).round(12)
            _, level = np.unique(rate, return_inverse=True)
            above, below = np.bincount(level, gone), np.bincount(level, own - gone)
            wins = above @ (np.cumsum(below) - below / 2)
            aucs.append(wins / (above.sum() * below.sum()))
        return float(np.mean(aucs)) if aucs else 0.5

    def _lines(
        self, values: NDArray[np.float64], places: Sequence[int]
    ) -> Iterator[tuple[tuple[int, int], float]]:
        """AUCs of Fisher's line through pairs of columns, those that promise most."""
        if len(places) < 2:
            return
        spread = values.std(axis=0)
        scaled = (values - values.mean(axis=0)) / np.where(spread > 0, spread, 1)
        promise = _distance(*_moments(scaled, self.labels))
        ones, twos = np.triu_indices(len(places), 1)
        order = np.argsort(-promise[ones, twos], kind="stable")[:_LINES]
        learned = [
            _moments(scaled[self.folds != fold], self.labels[self.folds != fold])
            for fold in range(_FOLDS)
        ]
        for one, two in zip(ones[order], twos[order], strict=True):
            aucs = []
            for fold, (apart, within) in enumerate(learned):
                pair, is_own = [one, two], self.folds == fold
                covariance = within[np.ix_(pair, pair)] + _RIDGE * np.eye(2)
                score = scaled[np.ix_(is_own, pair)] @ np.linalg.solve(covariance, apart[pair])
                aucs.append(_auc(score, self.labels[is_own]))
            first, second = sorted((places[one], places[two]), key=places.index)
            yield (first, second), float(np.nanmean(aucs))

    def boosted(self, places: Sequence[int]) -> tuple[float, NDArray[np.float64]]:
        """The AUC of boosted trees on these columns in rows held out, and the gain of each."""
        if not places:
            return 0.5, np.zeros(0)
        some = np.arange(len(self.labels))
        if len(some) > _MODEL_ROWS:
            rng = np.random.default_rng(self.seed)
            some = np.sort(rng.choice(some, _MODEL_ROWS, replace=False))
        values, labels = (
            self.values[np.ix_(some, np.asarray(places, dtype=np.intp))],
            self.labels[some],
        )
        aucs, gains = [], np.zeros(len(places))
        for is_own in crossed(self.frame.index[some], _MODEL_FOLDS, self.seed):
            if not 0 < labels[is_own].sum() < is_own.sum():
                continue
            trees = xgb.train(
                {
                    "objective": "binary:logistic",
                    "max_depth": 4,
                    "eta": 0.15,
                    "max_bin": 64,
                    "tree_method": "hist",
                    "seed": self.seed,
                    "nthread": 1,
                },
                xgb.DMatrix(values[~is_own], labels[~is_own], nthread=1),
                _ROUNDS,
            )
            for name, gain in trees.get_score(importance_type="total_gain").items():
                gains[int(name.removeprefix("f"))] += gain
            score = trees.predict(xgb.DMatrix(values[is_own], nthread=1))
            aucs.append(_auc(score, labels[is_own]))
        return (float(np.mean(aucs)) if aucs else 0.5), gains

    def carriers(self, places: Sequence[int], limit: float) -> tuple[list[int], float, float]:
        """The smallest set without which the trees fall to `limit`, and their AUC with and without.

        The column of the largest gain goes first, again and again; then each that was taken is
        given back where the others suffice.
        """
        kept, taken = list(places), list[int]()
        auc, gains = self.boosted(kept)
        whole = without = auc
        while without > limit and kept:
            taken.append(kept.pop(int(gains.argmax())))
            without, gains = self.boosted(kept)
        for place in taken[:-1]:
            with_it, _ = self.boosted([*kept, place])
            if with_it <= limit:
                kept, without = [*kept, place], with_it
        return [place for place in taken if place not in kept], whole, without


def _numbers(column: pd.Series) -> tuple[NDArray[np.float64], bool]:
    """The column as numbers with holes, and whether their order means something.

    Text becomes the place of its level among the most common ones, the others sharing the last.
    """
    is_date = is_datetime64_any_dtype(column)
    if is_date or is_timedelta64_dtype(column):
        unit = "datetime64[ns]" if is_date else "timedelta64[ns]"
        ticks = column.to_numpy(dtype=unit).astype("int64").astype(float)
        return np.where(column.isna(), np.nan, ticks), True
    if is_numeric_dtype(column):
        numbers = column.to_numpy("float64", na_value=np.nan)
        return np.where(np.isfinite(numbers), numbers, np.nan), True
    text = column.astype("object").where(column.notna()).map(str, na_action="ignore")
    counts = text.value_counts()
    places = {level: min(place, _BINS - 2) for place, level in enumerate(counts.index)}
    return text.map(places).to_numpy("float64", na_value=np.nan), False


def _ranges(values: NDArray[np.float64]) -> _Codes:
    """Which of at most 16 ranges of about equal size each value is in; holes are one more."""
    known = values[~np.isnan(values)]
    levels = np.unique(known)
    if len(levels) > _BINS:
        shares = np.linspace(0, 1, _BINS + 1)[1:-1]
        levels = np.unique(np.quantile(known, shares, method="inverted_cdf"))
    codes = np.searchsorted(levels, values, side="left")
    return np.where(np.isnan(values), len(levels) + 1, codes).astype(np.intp)


def _moments(
    scaled: NDArray[np.float64], labels: Numbers
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """How far apart the means of churners and stayers are, and the covariance within both."""
    churners, stayers = scaled[labels == 1], scaled[labels == 0]
    apart = churners.mean(axis=0) - stayers.mean(axis=0)
    within = [
        (part - part.mean(axis=0)).T @ (part - part.mean(axis=0)) for part in (churners, stayers)
    ]
    return apart, (within[0] + within[1]) / len(labels)


def _distance(apart: NDArray[np.float64], within: NDArray[np.float64]) -> NDArray[np.float64]:
    """Mahalanobis' squared distance between both means, for every pair of columns."""
    size = np.diag(within) + _RIDGE
    crossing = np.outer(apart, apart) * within
    squares = np.outer(size, apart**2)
    room = np.outer(size, size) - within**2
    return (squares + squares.T - 2 * crossing) / np.maximum(room, _RIDGE**2)


def _auc(score: NDArray[np.float64], labels: Numbers) -> float:
    churners = labels.sum()
    stayers = len(labels) - churners
    if not churners or not stayers:
        return np.nan
    return float(
        (rankdata(score)[labels == 1].sum() - churners * (churners + 1) / 2) / (churners * stayers)
    )
