"""The silent on a list: what was said of them, and what came of them."""

from __future__ import annotations

import pandas as pd

from src.models.intervals.proportions import wilson


def silent_table(said: pd.DataFrame, confidence: float) -> pd.DataFrame:
    """A row per number of months without revenue.

    Reads `customer_id`, `silent` (months), `gone` and `chance` (said to be gone already, to be
    lost), `was_gone` and `churned` (what came). Returns `silent` (1 or more), `customers`,
    `gone_said`, `gone` (share) with `low` and `high` (Wilson's, on as many observations as there
    are customers), `lost_said`, `lost`.
    """
    table = (
        said[said["silent"] > 0]
        .groupby("silent", as_index=False)
        .agg(
            customers=("customer_id", "nunique"),
            gone_said=("gone", "mean"),
            gone=("was_gone", "mean"),
            lost_said=("chance", "mean"),
            lost=("churned", "mean"),
        )
    )
    sure = wilson(table["gone"] * table["customers"], table["customers"], confidence)
    return table.assign(low=sure["low"], high=sure["high"])
