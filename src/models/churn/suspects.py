"""Columns that are too good to be true: they hold the label, or were written after the exit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd
import xgboost as xgb
from numpy.typing import ArrayLike, NDArray
from pandas.api.types import is_datetime64_any_dtype, is_numeric_dtype, is_timedelta64_dtype
from scipy.stats import rankdata
from threadpoolctl import threadpool_limits

from src.data.problems import InputError
from src.models.churn.guards import univariate_auc
from src.models.intervals.numbers import Numbers, labels_of
from src.models.learning.folds import crossed

MOST_ALONE = 0.95  # AUC of one column
MOST_OF_TWO = 0.97  # AUC of two columns together
MOST_OF_ALL = 0.97  # AUC of a model, where no ceiling of the base is known
# A column is filled for churners: for so much of them, and so many times as often as for stayers.
_FILLED_SHARE, _FILLED_TIMES, _FILLED_LEAST = 0.1, 50, 10
# Two columns separate only beyond what each does alone, and beyond the luck of few churners.
_GAIN, _ERRORS = 0.02, 2.0

_FOLDS = 5
_PRIOR = 2.0
_BINS = 16
_GRID_COLUMNS = 32  # 496 pairs
_LINES = 60
_RIDGE = 1e-9
_MODEL_ROWS, _MODEL_FOLDS, _ROUNDS = 6_000, 3, 60
_BEHIND = 0.05  # of AUC: by so much a model is not better than trees on the same columns

_Codes = NDArray[np.intp]


def suspects(
    frame: pd.DataFrame,
    churned: ArrayLike,
    *,
    ceiling: float | None = None,
    seed: int = 0,
    univariate: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Columns, alone or together, that tell churners too well.

    `frame`: the explaining columns, a row per label in `churned` (0/1 or bool); its index says
    whose row each is, as in `src.models.learning.folds`. `univariate`: the frame of
    `guards.univariate_auc` where it is at hand. Returns a row per finding: `columns` (a tuple of
    names), `why` (in words, with the figures), `figure`. No column is in two findings; each look
    takes the columns that those before it left:

    1. *alone*: an AUC above 0.95, by its order, or by the churn rates of its ranges. `figure`: AUC.
    2. *filled*: filled for a tenth of the churners or more, ten at least, and fifty times as often
       as for stayers. `figure`: the share of churners. Holes tell nothing here: who is silent has
       no usage, and that is honest.
    3. *two together*: an AUC above 0.97 by their sum, difference or ratio, at the weights that
       separate best (Fisher), or by the churn rates in a grid of their ranges. It must be 0.02
       above either alone and not be the luck of few churners. `figure`: AUC.
    4. *all together*: boosted trees above `ceiling`, what is known to be possible on the base
       (`guards.CEILINGS`), or above 0.97 where None is. Named are the columns that carry them: a
       smallest set without which they fall to the limit. `figure`: AUC with them.

    All AUCs are of rows held out in folds of customers, but the plain AUC of a number. The limits
    are rules of thumb: an honest column can be above them, a weaker leak passes, and so does a code
    with a value of its own in place of holes. Of more than 32 columns the grid looks at those most
    telling alone. Takes a second or two for 24 columns and 20,000 rows.

    Raises `InputError` as `guards.univariate_auc`. Source of the two weights: Fisher 1936.
    """
    labels = labels_of(churned)
    if univariate is None:
        univariate = univariate_auc(frame, labels, seed=seed)
    alone = univariate.set_index("column")["auc"]
    names = [str(name) for name in alone.index]  # the most telling first
    look = _Look(frame[list(alone.index)], labels, seed)
    best = np.maximum(alone.to_numpy(float), [look.ranges(place) for place in range(len(names))])

    found: list[tuple[tuple[str, ...], str, float]] = []
    left: list[int] = []
    for place, auc in enumerate(best):
        share, of_stayers = _filled(frame[alone.index[place]], labels)
        if auc > MOST_ALONE:
            by = "" if alone.iloc[place] > MOST_ALONE else " by its ranges"
            found.append(((names[place],), f"AUC {auc:.3f} alone{by}", float(auc)))
        elif share > 0:
            why = f"filled for {share:.0%} of churners and {of_stayers:.1%} of stayers"
            found.append(((names[place],), why, share))
        else:
            left.append(place)
    with threadpool_limits(1):  # matrices this small gain nothing by threads
        pairs = list(look.pairs(left, best))
    for pair, auc in pairs:
        found.append((tuple(names[place] for place in pair), f"AUC {auc:.3f} together", auc))
        left = [place for place in left if place not in pair]
    limit = MOST_OF_ALL if ceiling is None else ceiling
    carried, with_them, without = look.carriers(left, limit)
    if carried:
        why = f"a model has an AUC of {with_them:.4f} with them and {without:.3f} without"
        found.append((tuple(names[place] for place in carried), why, with_them))
    return pd.DataFrame(found, columns=["columns", "why", "figure"])


def named(found: pd.DataFrame) -> list[str]:
    """All columns of the findings of `suspects`, in their order."""
    return [name for columns in found["columns"] for name in columns]


def in_words(found: pd.DataFrame) -> str:
    """The findings of `suspects` in one line.

    >>> found = pd.DataFrame({"columns": [("a", "b")], "why": ["AUC 1.000 together"]})
    >>> in_words(found)
    'a and b (AUC 1.000 together)'
    """
    return "; ".join(f"{_listed(row.columns)} ({row.why})" for row in found.itertuples())


def refuse_suspects(found: pd.DataFrame) -> None:
    """Raise `InputError` that names the columns of `suspects` and says how to go on."""
    if len(found):
        raise InputError(
            f"too good to be true: {in_words(found)}. Look whether these hold the label, or were "
            'written after the customer left. To go on without them, set LEAKS to "leave out", or '
            "name them in WITHOUT"
        )


def refuse_model(
    auc: float,
    ceiling: float | None,
    frame: pd.DataFrame,
    churned: ArrayLike,
    *,
    seed: int = 0,
) -> None:
    """Stop when a model is better on rows held out than any honest one can be.

    `auc`: its AUC; `ceiling`, what is known to be possible on the base, None where nothing is and
    0.97 counts. `frame` and `churned`: what it learned from, to name the columns that carry it.

    Raises `InputError` that names them, and says what else to look for.
    """
    limit = MOST_OF_ALL if ceiling is None else ceiling
    if not auc > limit:
        return
    why = (
        f"where no ceiling is known, {limit:g} is the limit"
        if ceiling is None
        else f"no honest model of this base is above {ceiling:g}"
    )
    look = _Look(frame, labels_of(churned), seed)
    every = list(range(frame.shape[1]))
    whole, _ = look.boosted(every)
    if whole < auc - _BEHIND:
        cause = (
            f"It is not the columns: trees that read them have {whole:.3f} on rows held out. Look "
            "for resampling before the split, which puts copies of a row on both sides"
        )
    else:
        carried, _, _ = look.carriers(every, whole - (auc - limit))
        cause = (
            f"It is carried by {_listed([str(frame.columns[place]) for place in carried])}: look "
            "whether this holds the label or was written after the customer left, and name it in "
            "WITHOUT to go on"
        )
    raise InputError(f"too good to be true: the model has an AUC of {auc:.4f}, and {why}. {cause}")


def _listed(names: Sequence[str]) -> str:
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last


def _filled(column: pd.Series, labels: Numbers) -> tuple[float, float]:
    """The shares of churners and stayers for whom it is filled; zeros where that tells little."""
    is_filled = column.notna().to_numpy()
    if not is_numeric_dtype(column) and not is_datetime64_any_dtype(column):
        is_filled &= column.astype(str).str.strip().ne("").to_numpy()
    churners, stayers = is_filled[labels == 1], is_filled[labels == 0]
    share, of_stayers = float(churners.mean()), float(stayers.mean())
    # As if half a stayer more were filled: none among a few is not never.
    times = share / ((stayers.sum() + 0.5) / (len(stayers) + 1))
    is_telling = share >= _FILLED_SHARE and times >= _FILLED_TIMES
    return (share, of_stayers) if is_telling and churners.sum() >= _FILLED_LEAST else (0.0, 0.0)


@dataclass
class _Look:
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
