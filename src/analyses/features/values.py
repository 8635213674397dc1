"""What a look at features answers where one frame is not enough."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from src.analyses.missing import Missing


@dataclass(frozen=True)
class Leaks:
    """Whether features know what came after their snapshot.

    `later` counts rows that read a record dated after it. `moved` (`feature`, `cells`) are the
    cells that change when all that came later is deleted: none is the proof. `too_good` names the
    features that alone tell churners with an AUC above `most`; None where too few left in every
    segment to judge them. `rewritten` (`column`, `customers`,
    `changed`, `share`) are the static attributes rewritten since an earlier load; `Missing` where
    none is named.
    """

    later: int
    moved: pd.DataFrame
    too_good: list[str] | None
    most: float
    rewritten: pd.DataFrame | Missing

    @property
    def cells(self) -> int:
        """How many cells moved."""
        return int(self.moved["cells"].sum())

    @property
    def violations(self) -> int:
        """Rows, cells and features that fail, together; 0 when all is well."""
        return self.later + self.cells + len(self.too_good or ())

    def __repr__(self) -> str:
        return (
            f"Leaks: {self.later:,} later rows, {self.cells:,} moved cells, "
            f"{len(self.too_good or ())} features with an AUC above {self.most:g}"
        )
