"""The setting of a look at the features of a panel."""

from __future__ import annotations

from typing import TYPE_CHECKING

from src.analyses.settings.model import BaseSetting, allowed, refuse
from src.data.problems import InputError

if TYPE_CHECKING:
    from src.data.bases import Base


class Setting(BaseSetting):
    """Which snapshot is judged and by which limits; see each field's description."""

    snapshot: str = allowed(
        "", "a month with features, such as 2025-03; empty: the latest whose labels are known"
    )
    months_back: int = allowed(
        12, "months to the earlier snapshot that stability is judged against, 1 or more", ge=1
    )
    top: int = allowed(12, "features shown per chart, 1 to 30", ge=1, le=30)
    alike: float = allowed(
        0.8, "the absolute rank correlation from which features count as one, above 0 and below 1",
        gt=0, lt=1,
    )  # fmt: skip
    most: float = allowed(
        0.95, "the AUC of one feature alone that is too good to be true, above 0.5 and below 1",
        gt=0.5, lt=1,
    )  # fmt: skip
    earlier: str = allowed("", "an earlier load of the same base, by its name or folder; or empty")
    seed: int = allowed(1, "a whole number, 0 or more", ge=0)
    confidence: float = allowed(0.95, "the level of intervals, above 0 and below 1", gt=0, lt=1)

    def refuse_unknown(self, base: Base) -> None:
        """Raise `InputError` for a base without features, and for a month or load it has not."""
        from src.data.bases import base_folder, base_names, open_base
        from src.features.tables import open_features

        if base.kind != "panel":
            raise InputError(
                f"BASE must be a base of kind panel, as features over time need months; "
                f"{base.name!r} is of kind {base.kind}"
            )
        if self.snapshot:
            months = [f"{at:%Y-%m}" for at in open_features(base).snapshots]
            if self.snapshot not in months:
                raise refuse("SNAPSHOT", self.snapshot, "a month with features", months)
        if self.earlier:
            if not (base_folder(self.earlier) / "base.yml").is_file():
                raise refuse("EARLIER", self.earlier, "an earlier load of the base", base_names())
            open_base(self.earlier)
