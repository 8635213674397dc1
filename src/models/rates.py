"""How often something happens, attribute by attribute."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from src.models.intervals import wilson


def overall_rate(outcome: pd.Series, confidence: float = 0.95) -> pd.Series:
    """The rate of a yes-or-no outcome with its Wilson interval: `rate`, `low`, `high`."""
    counts = pd.Series([int(outcome.sum())]), pd.Series([len(outcome)])
    return wilson(*counts, confidence).iloc[0]


def rates_by(
    frame: pd.DataFrame, outcome: str, attributes: Sequence[str], confidence: float = 0.95
) -> pd.DataFrame:
    """The rate of a yes-or-no `outcome` at each level of each attribute, with Wilson intervals.

    Returns `attribute`, `level`, `customers`, `rate`, `low`, `high`, levels in their order.
    """
    columns = ["attribute", "level", "customers", "rate", "low", "high"]
    tables = [pd.DataFrame(columns=columns)]
    for attribute in attributes:
        counts = frame.groupby(attribute, observed=True)[outcome].agg(["sum", "size"])
        table = wilson(counts["sum"].astype(int), counts["size"], confidence)
        table.insert(0, "customers", counts["size"])
        table.insert(0, "level", counts.index.astype(str))
        table.insert(0, "attribute", attribute)
        tables.append(table.reset_index(drop=True))
    return pd.concat(tables[1:] or tables, ignore_index=True)


def explained_share(frame: pd.DataFrame, outcome: str, attributes: Sequence[str]) -> pd.Series:
    """The share of the variance of `outcome` that each attribute's levels explain, largest first.

    Shrunk for the number of levels (epsilon squared), so that an attribute of many levels and no
    meaning comes out at zero. Source: Kelley 1935.
    """
    y = frame[outcome].astype(float)
    total = ((y - y.mean()) ** 2).sum()
    shares = {}
    for attribute in attributes:
        groups = frame.groupby(attribute, observed=True)[outcome]
        within = (y - groups.transform("mean").astype(float)) ** 2
        levels = groups.ngroups
        shrinkage = (len(y) - 1) / max(len(y) - levels, 1)
        shares[attribute] = max(1 - shrinkage * within.sum() / total, 0.0) if total else 0.0
    return pd.Series(shares, dtype=float).sort_values(ascending=False, kind="stable")
