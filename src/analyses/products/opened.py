"""A panel opened at a setting: what all steps of a study of products stand on."""

from __future__ import annotations

from dataclasses import dataclass

from src.analyses.settings.products import Setting
from src.data.bases import Base
from src.features.months import Month
from src.models.value.margins import has_costs


@dataclass(frozen=True, eq=False)
class Opened:
    """A base and its setting."""

    base: Base
    setting: Setting

    @property
    def last(self) -> Month:
        """The last month of the base."""
        return Month.of(self.base.table("billing", ["month"])["month"].max())

    @property
    def assumed_margin(self) -> float | None:
        """The share of revenue that is taken for margin; None where costs are known."""
        return None if has_costs(self.base.table("billing")) else self.setting.margin_share
