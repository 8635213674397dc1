"""Numbers and rare words into few named groups, for tables and curves a person can read."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd

MISSING, OTHER = "(missing)", "(other)"


def banded(values: pd.Series, bands: int = 4) -> pd.Series:
    """A column as an ordered categorical of few named groups.

    Numbers with at most `bands` distinct values keep them, others become quantile bands such as
    `20 to 35` (the upper end belongs to the band); flags become no and yes; words beyond the ten
    most frequent become `(other)`. Missing cells are a group of their own, the last.

    >>> banded(pd.Series([0.0, 1.0, 1.0, None])).tolist()
    ['no', 'yes', 'yes', '(missing)']
    """
    present = values.dropna()
    if pd.api.types.is_numeric_dtype(values):
        distinct = np.sort(present.astype("float64").unique())
        if set(distinct) <= {0.0, 1.0}:
            labels = values.astype("float64").map({0.0: "no", 1.0: "yes"})
            levels = ["no", "yes"]
        elif len(distinct) <= bands:
            labels = values.map(lambda value: f"{value:g}", na_action="ignore")
            levels = [f"{value:g}" for value in distinct]
        else:
            return _quantile_bands(values.astype("float64"), bands)
    else:
        words = values.astype("object").map(str, na_action="ignore")
        counts = words.value_counts()
        levels = sorted(counts.index[:10])
        labels = words.where(words.isin(levels) | words.isna(), OTHER)
        levels += [OTHER] if len(counts) > len(levels) else []
    return _categorical(labels, levels)


def _quantile_bands(values: pd.Series, bands: int) -> pd.Series:
    edges = np.unique(np.nanquantile(values, np.linspace(0, 1, bands + 1)))
    position = np.searchsorted(edges[1:-1], values.to_numpy(), side="left")
    whole = bool((values.dropna() == np.floor(values.dropna())).all())
    texts = [_edge(edge, whole, edges[-1] - edges[0]) for edge in edges]
    levels = [f"{low} to {high}" for low, high in pairwise(texts)]
    levels = list(dict.fromkeys(levels))
    labels = pd.Series(np.array(levels, dtype="object")[np.minimum(position, len(levels) - 1)])
    return _categorical(labels.set_axis(values.index).where(values.notna(), None), levels)


def _edge(value: float, whole: bool, width: float) -> str:
    decimals = 0 if whole or width >= 20 else 1 if width >= 2 else 2
    return f"{round(value, decimals) + 0.0:,.{decimals}f}"


def _categorical(labels: pd.Series, levels: list[str]) -> pd.Series:
    labels = labels.astype("object").where(labels.notna(), MISSING)
    levels = [*levels, MISSING] if (labels == MISSING).any() else levels
    return pd.Series(pd.Categorical(labels, levels, ordered=True), labels.index, name=labels.name)
