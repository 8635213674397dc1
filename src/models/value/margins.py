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
