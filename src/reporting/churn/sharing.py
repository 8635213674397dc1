"""What of single customers a page may draw: places that at least so many of them share."""

from __future__ import annotations

import pandas as pd

OTHER = "other levels"


def shared_points(points: pd.DataFrame, least: int) -> pd.DataFrame:
    """Points of a dependence (`value`, `partner`) without places of fewer than `least` customers.

    Numbers beyond the `least` lowest or highest are drawn at the end of the others. Levels of text
    with fewer customers become `other levels`; what is then still rare, unknown values as well, is
    left out.
    """
    shown = points.assign(value=_pooled(points["value"], least))
    if not pd.api.types.is_numeric_dtype(points["partner"]):
        shown["partner"] = _pooled(points["partner"], least)
    named = shown["value"].astype("object").where(shown["value"].notna(), "unknown")
    is_number = pd.api.types.is_numeric_dtype(shown["value"]) & shown["value"].notna()
    kept = shown[is_number | (named.map(named.value_counts()) >= least)]
    return shown if kept.empty else kept


def _pooled(values: pd.Series, least: int) -> pd.Series:
    known = values.dropna()
    if pd.api.types.is_numeric_dtype(values):
        if len(known) < 2 * least:
            return values.clip(known.mean(), known.mean()) if len(known) else values
        return values.clip(known.nsmallest(least).iloc[-1], known.nlargest(least).iloc[-1])
    text = values.astype("object")
    is_rare = text.notna() & (text.map(text.value_counts()) < least)
    return text.mask(is_rare, OTHER)
