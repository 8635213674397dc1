"""The setting of a study of shop buyers."""

from __future__ import annotations

from src.analyses.settings.model import BaseSetting, allowed


class Setting(BaseSetting):
    """What is kept back, how far ahead value counts, and at what; see each description."""

    holdout: int = allowed(26, "weeks at the end that are kept back to test, 4 or more", ge=4)
    warm_up: int = allowed(
        0,
        "weeks at the beginning whose buyers teach no model, since old ones look new there, "
        "0 or more",
        ge=0,
    )
    months: int = allowed(36, "months ahead whose purchases count, 1 or more", ge=1)
    rate: float = allowed(0.12, "yearly discount, 0 to 1, such as 0.12 for 12%", ge=0, le=1)
    margin_share: float = allowed(
        0.5, "margin over sales where a base has no margins, above 0, at most 1", gt=0, le=1
    )
    calls: int = allowed(100, "buyers to call first, 10 or more", ge=10)
    replicates: int = allowed(200, "replicates of the bootstrap, 50 or more", ge=50)
    seed: int = allowed(0, "a whole number, 0 or more", ge=0)
    confidence: float = allowed(0.95, "the level of intervals, above 0 and below 1", gt=0, lt=1)
    min_cell: int = allowed(10, "the least buyers of a group that is shown, 1 or more", ge=1)
