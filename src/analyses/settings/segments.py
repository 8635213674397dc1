"""The setting of a study of segments."""

from __future__ import annotations

from src.analyses.settings.model import BaseSetting, allowed


class Setting(BaseSetting):
    """Which months count, how far apart the dates of migration lie; see each description."""

    months: int = allowed(12, "months of income and purchases that count, 1 or more", ge=1)
    apart: int = allowed(12, "months between the two dates of migration, 1 or more", ge=1)
    periods: int = allowed(
        3, "spans of APART months that a segment's value counts, 1 or more", ge=1
    )
    rate: float = allowed(0.12, "yearly discount, 0 to 1, such as 0.12 for 12%", ge=0, le=1)
    margin_share: float = allowed(
        0.5, "margin over revenue where a base has revenue only, above 0, at most 1", gt=0, le=1
    )
    change: float = allowed(
        0.05, "by how much price, churn, cost and mix change, above 0, at most 0.5", gt=0, le=0.5
    )
    clusters: int = allowed(6, "the most clusters that are tried, 2 to 12", ge=2, le=12)
    replicates: int = allowed(200, "replicates of the bootstrap, 50 or more", ge=50)
    seed: int = allowed(0, "a whole number, 0 or more", ge=0)
    confidence: float = allowed(0.95, "the level of intervals, above 0 and below 1", gt=0, lt=1)
    min_cell: int = allowed(10, "the least customers of a group that is shown, 1 or more", ge=1)
