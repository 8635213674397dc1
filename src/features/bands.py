"""Numbers and rare words into few named groups, for tables and curves a person can read."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd

MISSING, OTHER = "(missing)", "(other)"
_WORDS = 10
_MOST_DECIMALS = 6


def banded(values: pd.Series, bands: int = 4) -> pd.Series:
    """A column as an ordered categorical of few named groups.

    Numbers with at most `bands` distinct values keep them, others become quantile bands such as
    `20 to 35`: the upper end belongs to the band, the lower end only to the first one. Ends are
    values of the column, rounded in the name. A lowest or highest value so frequent that a quantile
    falls on it is a band of its own. Flags become no and yes; words beyond the ten most frequent
    become `(other)`. Missing cells are a group of their own, the last.

    >>> banded(pd.Series([0.0, 1.0, 1.0, None])).tolist()
    ['no', 'yes', 'yes', '(missing)']
    """
    if pd.api.types.is_numeric_dtype(values):
        numbers = values.astype("float64")
        distinct = np.sort(numbers.dropna().unique())
        if len(distinct) and set(distinct) <= {0.0, 1.0}:
            return _categorical(numbers.map({0.0: "no", 1.0: "yes"}), ["no", "yes"])
        if len(distinct) > bands:
            return _quantile_bands(numbers, bands)
        levels = _texts(distinct)
        return _categorical(numbers.map(dict(zip(distinct, levels, strict=True))), levels)
    words = values.astype("object").map(str, na_action="ignore")
    counts = words.value_counts()
    levels = sorted(counts.index[:_WORDS])
    labels = words.where(words.isin(levels) | words.isna(), OTHER)
    return _categorical(labels, [*levels, OTHER] if len(counts) > len(levels) else levels)


def _quantile_bands(numbers: pd.Series, bands: int) -> pd.Series:
    present = numbers.dropna()
    lowest, highest = present.min(), present.max()
    cuts = np.quantile(present, np.linspace(0, 1, bands + 1)[1:-1], method="inverted_cdf")
    cuts = np.unique(np.minimum(cuts, present[present < highest].max()))
    edges = np.unique([lowest, *cuts, highest])
    texts = _texts(edges, highest - lowest)
    levels = [f"{low} to {high}" for low, high in pairwise(texts)]
    if lowest in cuts:
        levels.insert(0, texts[0])
    position = np.searchsorted(cuts, numbers.fillna(lowest), side="left")
    labels = pd.Series(np.array(levels, "object")[position], numbers.index, name=numbers.name)
    return _categorical(labels.where(numbers.notna()), levels)


def _texts(numbers: np.ndarray, width: float | None = None) -> list[str]:
    """Distinct numbers as distinct texts, rounded as far as that allows.

    With `width`, the distance from the lowest to the highest, decimals are as many as it needs.
    """
    is_whole = bool((numbers == np.floor(numbers)).all())
    if width is None:
        forms = [".0f" if is_whole else "g"]
    else:
        fewest = 0 if is_whole or width >= 20 else 1 if width >= 2 else 2
        forms = [f",.{places}f" for places in range(fewest, _MOST_DECIMALS + 1)]
    for form in forms:
        texts = [f"{number:z{form}}" for number in numbers.tolist()]
        if len(set(texts)) == len(texts):
            return texts
    return [f"{number:z.17g}" for number in numbers]


def _categorical(labels: pd.Series, levels: list[str]) -> pd.Series:
    labels = labels.astype("object").where(labels.notna(), MISSING)
    levels = [level for level in dict.fromkeys(levels) if level != MISSING]
    if (labels == MISSING).any():
        levels.append(MISSING)
    return pd.Series(pd.Categorical(labels, levels, ordered=True), labels.index, name=labels.name)
