"""Margins of a base that has revenue only."""

from __future__ import annotations

import pandas as pd

_COST = "cost_to_serve"
_MONTHS = (3, 12)  # of the features that models of money read


def has_costs(billing: pd.DataFrame) -> bool:
    """Whether any bill has a known `cost_to_serve`."""
    return _COST in billing and bool(billing[_COST].notna().any())


def with_margins(
    rows: pd.DataFrame, billing: pd.DataFrame, share: float
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Feature tables and bills of a panel as they are or, without costs, with a margin assumed.

    `share` of every bill's `revenue` is margin then: the bills get `cost_to_serve`, the features
    `margin_mean_3m` and `margin_mean_12m` from `revenue_mean_3m` and `revenue_mean_12m`. One share
    for all hides who is dear to serve: the share of margin explains nothing of any gap.
    """
    if has_costs(billing):
        return rows, billing
    means = {f"margin_mean_{n}m": share * rows[f"revenue_mean_{n}m"] for n in _MONTHS}
    return rows.assign(**means), billing.assign(**{_COST: (1 - share) * billing["revenue"]})


def knows_margins(rows: pd.DataFrame) -> bool:
    """Whether the rows of a snapshot have a margin a month, or revenue and cost."""
    return bool(_known_margin(rows).notna().any())


def monthly_margin(rows: pd.DataFrame, share: float) -> pd.Series:
    """Margin a month of each row of a snapshot, in money; missing where nothing is known.

    `monthly_margin`, else `monthly_revenue` less `monthly_cost`, both of the same base; where a
    base has neither for any row, `share` of `monthly_revenue`. Gaps of a base that has them are
    missing: no share is assumed for some customers only.

    >>> rows = pd.DataFrame({"monthly_revenue": [20.0], "monthly_cost": [5.0]})
    >>> monthly_margin(rows, 0.5).tolist()
    [15.0]
    """
    if knows_margins(rows):
        return _known_margin(rows)
    return share * rows["monthly_revenue"]


def _known_margin(rows: pd.DataFrame) -> pd.Series:
    margin = rows.get("monthly_margin", pd.Series(float("nan"), rows.index))
    if margin.notna().any() or not {"monthly_revenue", "monthly_cost"} <= set(rows):
        return margin.astype("float64")
    return (rows["monthly_revenue"] - rows["monthly_cost"]).astype("float64")
