"""The numeric columns that a linear model or a forest reads, each traced to where it comes from."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple, Self

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.preprocessing import SplineTransformer

from src.data.privacy import in_order

UNKNOWN = "unknown"
DEGREE = 3
_TENTHS = 10


class _Part(NamedTuple):
    name: str
    column: str
    level: str
    reference: str
    is_scaled: bool
    values: np.ndarray


class Design(TransformerMixin, BaseEstimator):
    """The frame of `Tidy` -> float64 columns without gaps.

    - A number is filled with its training median. With `knots` above 2 it becomes a cubic spline
      with as many knots at quantiles of the training rows (fewer where quantiles coincide, and a
      straight line where less than three are left), constant beyond the training range.
      Of more than `most_bent` numbers only those are bent whose tenths differ most in the outcome.
    - A flag is filled likewise.
    - A category has a column per level; with `reference`, none for its most common level.
    - Where values were missing in training, a further column says where.
    - With `scale`, numbers and flags have mean 0 and standard deviation 1 in training. Levels keep
      0 and 1, so that a penalty holds back rare levels more.

    `parts_` has a row per column of the design, indexed by its name: the `column` it comes from,
    the `level` and the `reference` level (both empty for numbers and flags). What a model says of
    the parts can thus be summed per original column:
    `(design * coefficients).T.groupby(parts_["column"]).sum().T`.

    A level never seen has 0 in every column of its category.
    """

    def __init__(
        self,
        knots: int = 0,
        reference: bool = False,
        scale: bool = False,
        most_bent: int | None = None,
    ) -> None:
        self.knots = knots
        self.reference = reference
        self.scale = scale
        self.most_bent = most_bent

    def fit(self, X: pd.DataFrame, y: Any = None) -> Self:  # noqa: N803
        """Learn medians, knots, levels and scale."""
        self.medians_ = X.select_dtypes("number").median().fillna(0)
        self.gaps_ = [name for name in self.medians_.index if X[name].isna().any()]
        filled = X[self.medians_.index].fillna(self.medians_)
        bent = filled.columns
        if self.knots and self.most_bent is not None and len(bent) > self.most_bent:
            bent = _most_telling(filled, np.asarray(y, dtype=float), self.most_bent)
        self.splines_ = {name: spline for name in bent if (spline := self._spline(filled[name]))}
        self.levels_ = {}
        for name in X.select_dtypes("category"):
            text = _with_unknown(X[name])
            counts = text.value_counts()
            # Most common first; of equally common ones the first in the alphabet.
            levels = in_order(counts.index, text)
            self.levels_[name] = sorted(levels, key=lambda level: -counts[level])
        # A part can be constant: a corner of a spline that no training row reaches.
        parts = [part for part in self._parts(X) if np.ptp(part.values) > 0]
        columns = ["column", "level", "reference"]
        self.parts_ = pd.DataFrame(
            [[getattr(part, column) for column in columns] for part in parts],
            index=pd.Index([part.name for part in parts], dtype="object"),
            columns=columns,
            dtype="object",
        )
        scaled = [part.is_scaled and self.scale for part in parts]
        self.centre_ = np.where(scaled, [part.values.mean() for part in parts], 0.0)
        self.spread_ = np.where(scaled, [part.values.std() for part in parts], 1.0)
        return self

    def _spline(self, values: pd.Series) -> SplineTransformer | None:
        shares = np.linspace(0, 1, max(self.knots, 2))
        knots = np.unique(np.quantile(values, shares, method="inverted_cdf"))
        if self.knots < 3 or len(knots) < 3:
            return None
        spline = SplineTransformer(
            knots=knots[:, None], degree=DEGREE, include_bias=False, extrapolation="constant"
        )
        return spline.fit(values.to_numpy()[:, None])

    def transform(self, X: pd.DataFrame) -> pd.DataFrame:  # noqa: N803
        """The design of the rows of `X`, in the order of `parts_`."""
        values = {part.name: part.values for part in self._parts(X)}
        design = np.column_stack([values[name] for name in self.parts_.index])
        return pd.DataFrame(
            (design - self.centre_) / self.spread_, index=X.index, columns=self.parts_.index
        )

    def _parts(self, frame: pd.DataFrame) -> Iterator[_Part]:
        for name, median in self.medians_.items():
            column = str(name)
            filled = frame[column].fillna(median).to_numpy("float64")
            if column in self.splines_:
                bends = self.splines_[column].transform(filled[:, None])
                for place, bend in enumerate(bends.T, start=1):
                    yield _Part(f"{column} bend {place}", column, "", "", True, bend)
            else:
                yield _Part(column, column, "", "", True, filled)
            if column in self.gaps_:
                gap = frame[column].isna().to_numpy("float64")
                yield _Part(f"{column} = {UNKNOWN}", column, UNKNOWN, "", True, gap)
        for column, levels in self.levels_.items():
            text = _with_unknown(frame[column])
            reference = levels[0] if self.reference else ""
            for level in levels[1:] if self.reference else levels:
                is_level = (text == level).to_numpy("float64")
                yield _Part(f"{column} = {level}", column, level, reference, False, is_level)


def _most_telling(filled: pd.DataFrame, outcome: np.ndarray, most: int) -> list[str]:
    """The numbers whose tenths differ most in the outcome, by the sum of squares between them."""
    apart = outcome - outcome.mean()
    between = {}
    for name in filled:
        edges = np.quantile(filled[name], np.arange(1, _TENTHS) / _TENTHS)
        tenth = np.searchsorted(np.unique(edges), filled[name].to_numpy())
        rows = np.bincount(tenth)
        between[name] = float((np.bincount(tenth, apart) ** 2 / np.maximum(rows, 1)).sum())
    return sorted(between, key=lambda name: -between[name])[:most]


def _with_unknown(levels: pd.Series) -> pd.Series:
    """Missing levels are a level of their own."""
    return levels.astype("object").fillna(UNKNOWN)
