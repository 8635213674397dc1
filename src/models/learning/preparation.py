"""Frames of customers made fit for a model: everything here is learnt from the training rows."""

from __future__ import annotations

from typing import Any, NamedTuple, Self

import numpy as np
import pandas as pd
from pandas.api import types
from sklearn.base import BaseEstimator, TransformerMixin

from src.data.privacy import in_order
from src.data.problems import InputError, shorten
from src.models.learning.folds import crossed, customer_codes

OTHER = "other levels"
CHARGE = "_charge"
ALL_CHARGES = "all_charges"
TWIN = 0.9999
NAME_LEVELS = 50
PRIOR = 20
FOLDS = 5


class Kinds(NamedTuple):
    """The columns of a frame by what they hold, each in alphabetical order."""

    numbers: tuple[str, ...]
    flags: tuple[str, ...]
    categories: tuple[str, ...]


def column_kinds(frame: pd.DataFrame) -> Kinds:
    """Which columns are numbers, which are flags (at most two values) and which are categories.

    A column of the object type counts as what its cells are. Raises `InputError` for dates, for
    cells of several types, for infinite numbers and for text that names nearly every customer (more
    than 50 levels, more than half as many as customers, whom the index names): none of them says
    anything about the next one.

    >>> column_kinds(pd.DataFrame({"plan": ["a", "b", "c"], "loyal": [0, 1, 1], "age": [3, 4, 5]}))
    Kinds(numbers=('age',), flags=('loyal',), categories=('plan',))
    """
    found: dict[str, list[str]] = {"number": [], "flag": [], "category": []}
    customers = frame.index.nunique()
    for column in sorted(frame.columns, key=str):
        found[_kind(frame[column], customers)].append(column)
    return Kinds(*(tuple(columns) for columns in found.values()))


def _kind(values: pd.Series, customers: int) -> str:
    if isinstance(values.dtype, pd.CategoricalDtype):
        cells = "string"
    else:
        cells = types.infer_dtype(values, skipna=True)
    if cells in ("boolean", "empty"):
        return "flag"
    if cells in ("integer", "floating", "mixed-integer-float", "decimal", "integer-na"):
        if np.isinf(_as_number(values)).any():
            raise InputError(f"column {values.name}: infinite numbers cannot be used")
        return "flag" if values.nunique() <= 2 else "number"
    if cells != "string":
        raise InputError(
            f"column {values.name}: numbers, yes-or-no values or text were expected, "
            f"found {cells} (first: {shorten(values.dropna().iloc[0])})"
        )
    if names_its_rows(values, customers):
        raise InputError(
            f"column {values.name}: {values.nunique():,} different texts in {len(values):,} rows; "
            "a column that names its rows cannot be used"
        )
    return "category"


def names_its_rows(values: pd.Series, customers: int) -> bool:
    """Whether text has more than 50 levels, and more than half as many as there are customers."""
    return values.nunique() > max(NAME_LEVELS, customers / 2)


def _as_number(values: pd.Series) -> pd.Series:
    if isinstance(values.dtype, np.dtype) and values.dtype.kind in "biuf":
        return values.astype("float64")  # frames have hundreds of such columns
    try:
        return pd.to_numeric(values).astype("float64")
    except (ValueError, TypeError):
        wrong = values[pd.to_numeric(values, errors="coerce").isna() & values.notna()]
        raise InputError(
            f"column {values.name}: numbers were expected, found {shorten(wrong.iloc[0])}"
        ) from None


def known_outcome(y: pd.Series | np.ndarray) -> np.ndarray:
    """The outcome as 0 and 1. Raises `InputError` unless it is known and both values occur."""
    outcome = pd.Series(np.asarray(y))
    if outcome.isna().any() or not outcome.isin([0, 1]).all():
        raise InputError("the outcome must be yes or no (1 or 0) for every customer")
    if outcome.nunique() < 2:
        which = "every customer churned" if outcome.iloc[:1].eq(1).all() else "no customer churned"
        raise InputError(f"{which}, so there is nothing to learn churn from")
    return outcome.astype("int64").to_numpy()


class Tidy(TransformerMixin, BaseEstimator):
    """Columns of any order and type -> numbers as float64, text as categories of known levels.

    Learns from the training rows: the kinds of columns; the levels; what to drop, in `dropped_`
    (column -> reason): columns that never vary, text that names its rows, and twins, that is
    numbers correlated beyond 0.9999 with a column kept (a charge that is minutes times a price).
    Columns come out in alphabetical order, so the order of the frame changes nothing.

    A level of fewer than `min_customers` training customers joins "other levels", and so does a
    level never seen; where nothing was pooled, a level never seen is missing. Missing values stay
    missing. With `totals`, two or more numbers whose names end in `_charge` are also added up, as
    `all_charges`: a customer sees one bill, whatever the parts.

    Raises `InputError` when a column is absent or holds what it did not hold in training.
    """

    def __init__(self, min_customers: int = 20, totals: bool = True) -> None:
        self.min_customers = min_customers
        self.totals = totals

    def fit(self, X: pd.DataFrame, y: Any = None) -> Self:  # noqa: N803
        """Learn kinds, levels and what to drop; of `y` only that it has both outcomes."""
        if y is not None:
            known_outcome(y)
        customers = X.index.nunique()
        names = [name for name in X if _is_text(X[name]) and names_its_rows(X[name], customers)]
        empty = [name for name in X if X[name].isna().all()]  # text may stand there in other rows
        self.kinds_ = column_kinds(X.drop(columns=[*names, *empty]))
        self.charges_ = [name for name in self.kinds_.numbers if str(name).endswith(CHARGE)]
        if not self.totals or len(self.charges_) < 2 or ALL_CHARGES in X:
            self.charges_ = []
        self.levels_ = {name: self._levels(_as_text(X[name])) for name in self.kinds_.categories}
        every = self._read(X)
        self.dropped_ = dict.fromkeys(empty, "never varies") | dict.fromkeys(
            names, "names its rows"
        )
        self.dropped_ |= {
            name: "never varies" for name in every if every[name].nunique(dropna=False) < 2
        }
        kept = [name for name in every if name not in self.dropped_]
        self.dropped_ |= _twins(every[kept].select_dtypes("number"))
        self.columns_ = [name for name in kept if name not in self.dropped_]
        if not self.columns_:
            raise InputError("no column varies between customers, so none can tell who churns")
        return self

    def _levels(self, text: pd.Series) -> list[str]:
        each = pd.DataFrame({"level": text.to_numpy(), "customer": customer_codes(text.index)})
        counts = each.drop_duplicates()["level"].value_counts()
        levels = in_order(counts.index[counts >= self.min_customers], text)
        return levels if len(levels) == len(counts) else [*levels, OTHER]

    def transform(self, X: pd.DataFrame) -> pd.DataFrame:  # noqa: N803
        """The kept columns, numbers as float64, text as categories of the training levels."""
        return self._read(X)[self.columns_]

    def _read(self, frame: pd.DataFrame) -> pd.DataFrame:
        absent = [str(name) for kind in self.kinds_ for name in kind if name not in frame]
        if absent:
            raise InputError(f"columns known in training are absent: {', '.join(absent)}")
        read = {name: _as_number(frame[name]) for name in self.kinds_.numbers + self.kinds_.flags}
        for name, levels in self.levels_.items():
            text = _as_text(frame[name])
            if OTHER in levels:
                text = text.where(text.isna() | text.isin(levels), OTHER)
            read[name] = pd.Series(pd.Categorical(text, levels), frame.index)
        ordered = {name: read[name] for name in sorted(read, key=str)}
        if self.charges_:
            ordered[ALL_CHARGES] = sum(read[name] for name in self.charges_)
        return pd.DataFrame(ordered, index=frame.index)


def _is_text(values: pd.Series) -> bool:
    if isinstance(values.dtype, pd.CategoricalDtype):
        return True
    return not types.is_numeric_dtype(values) and types.infer_dtype(values, skipna=True) == "string"


def _as_text(values: pd.Series) -> pd.Series:
    return values.astype("object").where(values.isna(), values.astype("object").astype(str))


def _twins(numbers: pd.DataFrame) -> dict[str, str]:
    """Columns that a column before them repeats, with the reason to drop them."""
    filled = numbers.fillna(numbers.median())
    filled = filled.loc[:, filled.max() > filled.min()]
    if filled.shape[1] < 2:
        return {}
    is_twin = np.abs(np.corrcoef(filled.to_numpy(), rowvar=False)) > TWIN
    dropped: dict[str, str] = {}
    for place, name in enumerate(filled):
        before = filled.columns[:place][is_twin[place, :place]]
        same = [first for first in before if first not in dropped]
        if same:
            dropped[name] = f"moves with {same[0]}"
    return dropped


class ManyLevels(TransformerMixin, BaseEstimator):
    """Categories of more than `max_levels` levels -> the churn rate of their level, shrunk.

    The rate of a level is (churners + 20 x base rate) / (customers + 20). A training row gets the
    rate learnt without its own fold (`fit_transform`, five folds shuffled by `seed`), so that a
    rare level does not give its own outcome away; later rows get the rate of all training rows.
    Folds are of customers, whom the index of `X` names (see `folds`): of one with several rows none
    is in another fold, and together they count as one in each level. Levels missing or never seen
    get the base rate. Other columns pass. Source: Micci-Barreca 2001.
    """

    def __init__(self, max_levels: int = 12, seed: int = 0) -> None:
        self.max_levels = max_levels
        self.seed = seed

    def fit(self, X: pd.DataFrame, y: Any) -> Self:  # noqa: N803
        """Learn the rates of the levels."""
        outcome = known_outcome(y)
        categories = X.select_dtypes("category")
        many = [name for name in categories if len(X[name].cat.categories) > self.max_levels]
        self.base_rate_ = float(outcome.mean())
        self.rates_ = {name: _rates(X[name], outcome) for name in many}
        return self

    def transform(self, X: pd.DataFrame) -> pd.DataFrame:  # noqa: N803
        """Rates learnt from all training rows in the place of levels."""
        read = {name: _read(X[name], rates) for name, rates in self.rates_.items()}
        return X.assign(**{name: rates.fillna(self.base_rate_) for name, rates in read.items()})

    def fit_transform(self, X: pd.DataFrame, y: Any) -> pd.DataFrame:  # noqa: N803
        """Learn the rates, and give each training row one of the other folds."""
        outcome = known_outcome(y)
        rates = {name: np.empty(len(X)) for name in self.fit(X, y).rates_}
        for is_own in crossed(X.index, FOLDS, self.seed) if rates else ():
            base_rate = outcome[~is_own].mean()
            for name, found in rates.items():
                learnt = _rates(X.loc[~is_own, name], outcome[~is_own])
                found[is_own] = _read(X.loc[is_own, name], learnt).fillna(base_rate)
        return X.assign(**rates)


def _rates(levels: pd.Series, outcome: np.ndarray) -> pd.Series:
    each = pd.DataFrame(
        {
            "level": levels.astype("object").to_numpy(),
            "customer": customer_codes(levels.index),
            "churned": outcome,
        }
    )
    # A customer of several rows counts once.
    each = each.groupby(["level", "customer"], as_index=False, sort=False)["churned"].mean()
    counts = each.groupby("level")["churned"].agg(["sum", "size"])
    return (counts["sum"] + PRIOR * outcome.mean()) / (counts["size"] + PRIOR)


def _read(levels: pd.Series, rates: pd.Series) -> pd.Series:
    return levels.astype("object").map(rates).astype("float64")
