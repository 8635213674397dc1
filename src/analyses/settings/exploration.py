"""The setting of an exploration."""

from __future__ import annotations

from typing import TYPE_CHECKING

from src.analyses.settings.model import BaseSetting, allowed, refuse

if TYPE_CHECKING:
    from src.data.bases import Base


class Setting(BaseSetting):
    """How a base is looked at; see each field's description."""

    top_share: float = allowed(
        0.2, "the share of customers whose part of the money is quoted, above 0 and below 1", gt=0,
        lt=1,
    )  # fmt: skip
    curves_by: str = allowed(
        "", "an attribute to split the curves by first; empty: the one that separates most"
    )
    curves: int = allowed(3, "the number of attributes to split the curves by, 1 or more", ge=1)
    freeze_months: int = allowed(
        0, "months without revenue that end a life, 0: those of the base (panels only)", ge=0
    )
    confidence: float = allowed(0.95, "the level of intervals, above 0 and below 1", gt=0, lt=1)
    min_cell: int = allowed(10, "the least customers of a group that is shown, 1 or more", ge=1)

    def refuse_unknown(self, base: Base) -> None:
        """Raise `InputError` for an attribute the base does not have."""
        if not self.curves_by:
            return
        from src.features.portrait import attribute_names  # reads the customers

        names = attribute_names(base)
        if self.curves_by not in names:
            raise refuse("CURVES_BY", self.curves_by, "an attribute of the base", names)
