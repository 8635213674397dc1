"""How often something happens, attribute by attribute."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from src.data.problems import InputError
from src.models.intervals.proportions import wilson


def overall_rate(outcome: pd.Series, confidence: float = 0.95) -> pd.Series:
    """The rate of a yes-or-no outcome with its Wilson interval: `rate`, `low`, `high`.

    Missing outcomes do not count. Raises `InputError` when no outcome is known.
    """
    known = outcome.dropna()
    if known.empty:
        raise InputError("the outcome is not known for any customer, so there is no rate")
    counts = pd.Series([int(known.sum())]), pd.Series([len(known)])
    return wilson(*counts, confidence).iloc[0]


def rates_by(
    frame: pd.DataFrame, outcome: str, attributes: Sequence[str], confidence: float = 0.95
) -> pd.DataFrame:
    """The rate of a yes-or-no `outcome` at each level of each attribute, with Wilson intervals.

    Returns `attribute`, `level`, `customers`, `rate`, `low`, `high`, levels in their order.
    Customers with a missing outcome do not count.
    """
    known = frame.dropna(subset=[outcome]).astype({outcome: "bool"})
    columns = ["attribute", "level", "customers", "rate", "low", "high"]
    tables = [pd.DataFrame(columns=columns)]
    for attribute in attributes:
        counts = known.groupby(attribute, observed=True)[outcome].agg(["sum", "size"])
        table = wilson(counts["sum"], counts["size"], confidence)
        table.insert(0, "customers", counts["size"])
        table.insert(0, "level", counts.index.astype(str))
        table.insert(0, "attribute", attribute)
        tables.append(table.reset_index(drop=True))
    return pd.concat(tables[1:] or tables, ignore_index=True)


def explained_share(frame: pd.DataFrame, outcome: str, attributes: Sequence[str]) -> pd.Series:
    """The share of the variance of `outcome` that each attribute's levels explain, largest first.

    Shrunk for the number of levels (epsilon squared), so that an attribute of many levels and no
    meaning comes out at zero, up to chance, and one of a level per customer at zero. Customers with
    a missing outcome do not count; missing levels are a level. Source: Kelley 1935.
    """
    known = frame.dropna(subset=[outcome])
    y = known[outcome].astype(float)
    total = ((y - y.mean()) ** 2).sum()
    shares = {}
    for attribute in attributes:
        groups = y.groupby(known[attribute], observed=True, dropna=False)
        within = ((y - groups.transform("mean")) ** 2).sum()
        spare = len(y) - groups.ngroups
        share = 1 - (len(y) - 1) / spare * within / total if total and spare else 0.0
        shares[attribute] = max(share, 0.0)
    return pd.Series(shares, dtype=float).sort_values(ascending=False, kind="stable")
