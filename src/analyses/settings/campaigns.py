"""The setting of a study of campaigns."""

from __future__ import annotations

from src.analyses.settings.model import BaseSetting, allowed, refuse
from src.data.bases import Base


class Setting(BaseSetting):
    """Which campaign is learned from, what may be spent; see each description."""

    campaign: str = allowed(
        "",
        "a campaign of the base; empty: effects of all, models of the latest that is known",
    )
    segment: str = allowed("", "a segment of the base, such as B2C; empty: all customers")
    horizon: int = allowed(
        6, "months after the contact in which leaving and money count, 1 to 24", ge=1, le=24
    )
    budget: float = allowed(
        0.0, "money for the next campaign, 0 or more; 0: as much as pays", ge=0, lt=1e12
    )
    capacity: int = allowed(
        0, "the most customers who can be contacted, 0 or more; 0: any number", ge=0
    )
    rest: int = allowed(
        8, "weeks since the last contact before a customer may be contacted again, 0 or more", ge=0
    )
    rate: float = allowed(0.12, "yearly discount, 0 to 1, such as 0.12 for 12%", ge=0, le=1)
    margin_share: float = allowed(
        0.5, "margin over revenue where a base has revenue only, above 0, at most 1", gt=0, le=1
    )
    seed: int = allowed(0, "a whole number, 0 or more", ge=0)
    confidence: float = allowed(0.95, "the level of intervals, above 0 and below 1", gt=0, lt=1)
    min_cell: int = allowed(10, "the least customers of a group that is shown, 1 or more", ge=1)

    def refuse_unknown(self, base: Base) -> None:
        """A campaign must be one of the table campaigns; an experiment is one campaign."""
        if self.segment:
            table = "trial" if base.has("trial") else "customers"
            people = base.table(table) if base.has(table) else {}
            has = sorted(people["segment"].dropna().unique()) if "segment" in people else []
            if self.segment not in has:
                raise refuse("SEGMENT", self.segment, "a segment of the base", has)
        if not self.campaign:
            return
        names: list[str] = []
        if base.has("campaigns"):
            names = sorted(base.table("campaigns", ["campaign_id"])["campaign_id"].unique())
        if self.campaign not in names:
            raise refuse("CAMPAIGN", self.campaign, "a campaign of the base", names)
