"""Who moved from one class of money to another, and what money moved."""

from __future__ import annotations

import numpy as np
import pandas as pd

from src.analyses.missing import Missing, minor
from src.analyses.once import once
from src.analyses.segments.dividing import Dividing
from src.analyses.segments.values import Migration
from src.analyses.streams import stream
from src.models.segments import abc_xyz, markov, migration

ASLEEP = "asleep"
_ADDS = "who moved between two dates, and what money moved"


class Moving(Dividing):
    """The steps of a study that compare two dates."""

    @once
    @minor(_ADDS)
    def migration(self) -> Migration | Missing:
        """Who moved within `apart` months, and what money moved; see `Migration`.

        Classes are those of the first date, A, B and C by money, with their bounds held: a customer
        moves by paying more or less, and not because others do. Buyers without a purchase in the
        months that count are `asleep`: nobody can be known to be gone. Missing where the data begin
        too late.
        """
        setting, before = self.setting, self.activity_before()
        if before is None:
            needed = setting.months + setting.apart
            return Missing(f"{needed} months (MONTHS and APART together)", _ADDS)
        least = abc_xyz.floors(before["money"], abc_xyz.classes(before["money"]))
        then, now = (self._classed(rows, least) for rows in (before, self.today()))
        segments = abc_xyz.ABC if self.is_panel else (*abc_xyz.ABC, ASLEEP)
        moves = migration.moves(then, now, segments)
        worth = markov.values_by_segment(
            *(then, now, segments, stream(setting.seed, "value of migration")),
            periods=setting.periods,
            discount=(1 + setting.rate) ** (setting.apart / 12) - 1,
            replicates=setting.replicates,
            confidence=setting.confidence,
        )
        changed = moves[(moves["before"] != moves["after"]) & (moves["customers"] > 0)]
        changed = changed.assign(money=changed["money_after"] - changed["money_before"])
        order = changed["money"].abs().sort_values(ascending=False, kind="stable").index
        return Migration(
            moves=moves,
            segments=segments,
            floors=least,
            first=self.last.back(setting.apart).text,
            second=self.last.text,
            worth=worth,
            drift=self._drift((then, now), segments, least),
            changes=changed.loc[order].reset_index(drop=True),
        )

    @once
    def movers(self) -> pd.DataFrame | Missing:
        """The customers on the list on both dates, who moved with most money first.

        `customer_id`, `segment`, `before`, `after` (classes), `money_before`, `money_after`,
        `money` (after less before).
        """
        moved, before = self.migration(), self.activity_before()
        if isinstance(moved, Missing) or before is None or moved.floors is None:
            return moved if isinstance(moved, Missing) else Missing("two dates", _ADDS)
        then, now = (self._classed(rows, moved.floors) for rows in (before, self.today()))
        both = then.merge(now, on="customer_id", suffixes=("_before", "_after"))
        both = both.rename(columns={"segment_before": "before", "segment_after": "after"})
        both["money"] = both["money_after"] - both["money_before"]
        both = both.merge(self.today()[["customer_id", "segment"]], on="customer_id")
        order = both["money"].abs().sort_values(ascending=False, kind="stable").index
        columns = ["customer_id", "segment", "before", "after"]
        columns += ["money_before", "money_after", "money"]
        return both.loc[order, columns].reset_index(drop=True)

    def _classed(self, rows: pd.DataFrame, least: tuple[float, float]) -> pd.DataFrame:
        """`customer_id`, `segment` (the class), `money`."""
        letters = abc_xyz.classes_from(rows["money"], least)
        if not self.is_panel:
            letters = np.where(rows["frequency"] == 0, ASLEEP, letters)
        return rows[["customer_id", "money"]].assign(segment=letters)

    def _drift(
        self,
        sides: tuple[pd.DataFrame, pd.DataFrame],
        segments: tuple[str, ...],
        least: tuple[float, float],
    ) -> dict[str, float] | None:
        """Whether the two halves of the span had one matrix."""
        if self.setting.apart < 2:
            return None
        middle = self.activity_before(0.5)
        if middle is None:
            return None
        between = self._classed(middle, least)
        halves = [
            migration.moves(start, end, segments)
            for start, end in ((sides[0], between), (between, sides[1]))
        ]
        return markov.drift(
            *(*halves, segments, stream(self.setting.seed, "drift of migration")),
            replicates=self.setting.replicates,
            confidence=self.setting.confidence,
        )
