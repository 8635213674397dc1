"""The setting of a study of products."""

from __future__ import annotations

from src.analyses.settings.model import BaseSetting, allowed


class Setting(BaseSetting):
    """How far ahead an offer looks, which products are in focus; see each description."""

    ahead: int = allowed(6, "months in which the next product is taken, 1 to 12", ge=1, le=12)
    focus: list[str] = allowed(
        [], "products of the plan; empty: those whose offers are expected to earn most"
    )
    focus_months: int = allowed(
        3, "months of the plan: 3 for a quarter, 6 for half a year, 12 for a year", ge=1, le=12
    )
    horizon: int = allowed(24, "months of a product's margin that count, 1 or more", ge=1)
    rate: float = allowed(0.12, "yearly discount, 0 to 1, such as 0.12 for 12%", ge=0, le=1)
    margin_share: float = allowed(
        0.5, "margin over revenue where a base has revenue only, above 0, at most 1", gt=0, le=1
    )
    floor: int = allowed(
        30, "the least customers who took a product next to be shown, 5 or more", ge=5
    )
    false_discovery: float = allowed(
        0.05,
        "share of false findings among the cells that are marked, above 0, below 1",
        gt=0,
        lt=1,
    )
    replicates: int = allowed(200, "replicates of the bootstrap, 50 or more", ge=50)
    seed: int = allowed(0, "a whole number, 0 or more", ge=0)
    confidence: float = allowed(0.95, "the level of intervals, above 0 and below 1", gt=0, lt=1)
    min_cell: int = allowed(10, "the least customers of a group that is shown, 1 or more", ge=1)
