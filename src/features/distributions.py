"""How features are spread, by group."""

from __future__ import annotations

import pandas as pd


def spread_by(frame: pd.DataFrame, features: list[str], group: str) -> pd.DataFrame:
    """Numeric features by group.

    Returns `feature`, `group`, `customers`, `missing`, `p10`, `median`, `p90`, `scale`.
    `missing` is the share of empty cells; the quantiles are of the others; `scale` is the median of
    all groups together. Rows follow `features`.
    """
    numbers = frame[features].select_dtypes("number")
    parts = []
    for name, rows in numbers.groupby(frame[group], observed=True):
        quantiles = rows.quantile([0.1, 0.5, 0.9]).T.set_axis(["p10", "median", "p90"], axis=1)
        part = quantiles.assign(customers=len(rows), missing=rows.isna().mean(), group=str(name))
        parts.append(part.rename_axis("feature").reset_index())
    columns = ["feature", "group", "customers", "missing", "p10", "median", "p90"]
    found = pd.concat(parts)[columns]
    found["scale"] = found["feature"].map(numbers.median())
    order = {name: place for place, name in enumerate(features)}
    found["place"] = found["feature"].map(order)
    found = found.sort_values("place", kind="stable").drop(columns="place")
    return found.reset_index(drop=True)


def missing_shares(frame: pd.DataFrame, features: list[str], group: str) -> pd.DataFrame:
    """Share of empty cells: `feature`, one column per group, `most`; only features with any."""
    shares = frame[features].isna().groupby(frame[group], observed=True).mean().T
    shares.columns = [str(name) for name in shares.columns]
    shares["most"] = shares.max(axis=1)
    shares = shares[shares["most"] > 0].sort_values("most", ascending=False, kind="stable")
    return shares.rename_axis("feature").reset_index()
