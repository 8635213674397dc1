"""A base opened at a setting: what all steps of a study of segments stand on."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from src.analyses.once import once
from src.analyses.settings.segments import Setting
from src.data.bases import Base
from src.data.problems import InputError
from src.features.activity import activity
from src.features.months import Month

KINDS = ("panel", "orders")


@dataclass(frozen=True, eq=False)
class Opened:
    """A base and its setting."""

    base: Base
    setting: Setting

    @property
    def is_panel(self) -> bool:
        """Whether customers have bills month by month; else they buy."""
        return self.base.kind == "panel"

    @property
    def last(self) -> Month:
        """The last month of the base."""
        when = "month" if self.is_panel else "date"
        return Month.of(self._rows[when].max())

    def activity_at(self, at: Month) -> pd.DataFrame:
        """Recency, frequency and money of the customers on the list at the end of month `at`.

        `customer_id`, `segment`, `recency` (months), `frequency` (active months of a panel, days
        with a purchase of orders), `money` (of the `months` of the setting). On the list of a panel
        is who had revenue within as many months as a freeze has and had not closed by then; of a
        shop everybody who bought before.
        """
        table = activity(
            self._rows,
            at,
            self.setting.months,
            key="customer_id" if self.is_panel else "buyer_key",
            money="revenue" if self.is_panel else "amount",
        )
        if not self.is_panel:
            table.insert(1, "segment", "buyers")
            return table
        people = self.base.table("customers").set_index("customer_id")
        table = table[table["recency"] < self.base.freeze_months]
        if "closed_month" in people:
            closed = table["customer_id"].map(people["closed_month"])
            table = table[~(closed < pd.Timestamp(at.end))]
        table.insert(1, "segment", table["customer_id"].map(people["segment"]))
        return table.reset_index(drop=True)

    @once
    def today(self) -> pd.DataFrame:
        """`activity_at` the last month."""
        return self.activity_at(self.last)

    @property
    def _rows(self) -> pd.DataFrame:
        return self._read()

    @once
    def _read(self) -> pd.DataFrame:
        if self.is_panel:
            return self.base.table("billing", ["customer_id", "month", "revenue"])
        return self.base.table("orders", ["buyer_key", "date", "amount"])


def refuse_kind(base: Base) -> None:
    """Raise `InputError` for a base whose customers buy in no months."""
    if base.kind not in KINDS:
        raise InputError(f"segments take bases of kind {' or '.join(KINDS)}, not {base.kind}")
