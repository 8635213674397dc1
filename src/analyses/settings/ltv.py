"""The setting of a study of lifetime value."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from src.analyses.settings.model import BaseSetting, allowed, refuse, words_of
from src.data.problems import InputError
from src.features.true_rate import LEAST_PER_CLASS, as_customers_are

if TYPE_CHECKING:
    import pandas as pd

    from src.data.bases import Base

SEGMENT = "segment"  # what panels are compared by
_LABELS = ("customer_id", "churned", "tenure_months")
_DRAWS = 10  # of customers for each replicate of the whole chain, which costs far more


class Setting(BaseSetting):
    """Which two groups are compared, over which months, at which discount; see each description."""

    group: str = allowed(SEGMENT, "the column whose two groups are compared; of panels the segment")
    first: str = allowed("B2B", "a value of GROUP")
    second: str = allowed("B2C", "another value of GROUP")
    horizon: int = allowed(36, "months of money that count, 12 or more", ge=12)
    rate: float = allowed(0.12, "yearly discount, 0 to 1, such as 0.12 for 12%", ge=0, le=1)
    margin_share: float = allowed(
        0.5, "margin over revenue where a base has revenue only, above 0, at most 1", gt=0, le=1
    )
    columns: list[str] = allowed(
        [], "of snapshot bases: columns known at the start of a life; empty: all but money to date"
    )
    sub_segment: str = allowed("region", "the column of mix and rate")
    alike: list[str] = allowed(
        ["region", "channel"], "columns of the adjusted comparison, such as [region]"
    )
    back: int = allowed(
        12, "months between the back-test and the end of follow-up, 6 to 14", ge=6, le=14
    )
    top: int = allowed(10, "customers whose value at risk is added up, 1 or more", ge=1)
    every: int = allowed(
        2, "months between the snapshots that the models learn from, 1 or more", ge=1
    )
    shapes: int = allowed(
        3, "hazard models trained again, to know how sure the first is, 2 or more", ge=2
    )
    replicates: int = allowed(200, "replicates of the bootstrap, 50 or more", ge=50)
    seed: int = allowed(0, "a whole number, 0 or more", ge=0)
    confidence: float = allowed(0.95, "the level of intervals, above 0 and below 1", gt=0, lt=1)
    min_cell: int = allowed(10, "the least customers of a group that is shown, 1 or more", ge=1)

    @property
    def names(self) -> tuple[str, str]:
        """Both groups, the first first."""
        return self.first, self.second

    @property
    def drawn(self) -> dict[str, Any]:
        """How often customers alone are drawn, and the level of intervals, as keywords."""
        return {"replicates": _DRAWS * self.replicates, "confidence": self.confidence}

    def refuse_unknown(self, base: Base) -> None:
        """Raise `InputError` for a column or a group that the base does not have.

        A column that is the default may be lacking; what needs it answers `Missing`.
        """
        if base.kind == "panel":
            self._refuse_other_than_segment()
            columns, groups = [], base.table("customers", [SEGMENT])[SEGMENT]
        else:
            table = as_customers_are(base)
            columns = [str(name) for name in table.columns if name not in _LABELS]
            if self.group not in columns:
                raise refuse("GROUP", self.group, "a column of the base", columns)
            groups = table[self.group]
            self._refuse_unknown_columns("COLUMNS", self.columns, columns)
        here = sorted(words_of(groups).dropna().unique())
        for name in ("first", "second"):
            if getattr(self, name) not in here:
                words = f"a value of {self.group}"
                raise refuse(name.upper(), getattr(self, name), words, here)
        if self.first == self.second:
            raise InputError(f"FIRST and SECOND must be two values of {self.group}")
        if base.kind == "snapshot":
            _refuse_lacking(as_customers_are(base))
        defaults = {name: field.get_default() for name, field in type(self).model_fields.items()}
        for parameter, named, usual in (
            ("SUB_SEGMENT", [self.sub_segment], [defaults["sub_segment"]]),
            ("ALIKE", self.alike, defaults["alike"]),
        ):
            set_by_hand = [name for name in named if name not in usual]
            if set_by_hand and base.kind == "panel":
                columns = _columns_of_features(base)
            self._refuse_unknown_columns(parameter, set_by_hand, columns)

    def _refuse_other_than_segment(self) -> None:
        if self.group != SEGMENT:
            raise InputError(f"GROUP must be {SEGMENT} on a panel, not {self.group!r}")
        if self.columns:
            raise InputError("COLUMNS is for snapshot bases; leave it empty for a panel")

    @staticmethod
    def _refuse_unknown_columns(parameter: str, names: list[str], columns: list[str]) -> None:
        for name in names:
            if name not in columns:
                raise refuse(parameter, name, "a column of the base", columns)


def _refuse_lacking(table: pd.DataFrame) -> None:
    """Raise `InputError` for a snapshot without money, without time, or of which too few left."""
    for name in ("monthly_revenue", "tenure_months"):
        if name not in table or table[name].isna().all():
            raise InputError(
                f"04_ltv needs {name}, and this base knows none. If a column of the file holds it, "
                f"write under tables.snapshot of base.yml: `columns: {{{name}: <that column>}}`"
            )
    if (left := int(table["churned"].sum())) < LEAST_PER_CLASS:
        few = f"fewer than {LEAST_PER_CLASS} are" if left else "nobody is"
        raise InputError(
            f"04_ltv needs {LEAST_PER_CLASS} customers who left; in this base {few} marked as "
            "churned"
        )


def _columns_of_features(base: Base) -> list[str]:
    """What is known of a panel's customers today: the columns of its feature tables."""
    from src.features.tables import open_features  # takes half a second, and few settings ask

    return [str(name) for name in open_features(base).catalogue["name"]]
