"""A base opened at a setting: what all steps of a study of segments stand on."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from src.analyses.once import once
from src.analyses.segments.values import Terms
from src.analyses.settings.segments import Setting
from src.data.bases import Base
from src.data.problems import InputError
from src.features.activity import activity, on_list
from src.features.months import Month
from src.models.value.margins import has_costs

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
    def terms(self) -> Terms:
        """Names, currency and limits that belong beside any figure of the study; see `Terms`."""
        setting = self.setting
        return Terms(
            kind=self.base.kind,
            currency=self.base.currency,
            money="revenue" if self.is_panel else "sales",
            frequency="active months" if self.is_panel else "days with a purchase",
            customer="customer" if self.is_panel else "buyer",
            months=setting.months,
            at=self.last.text,
            apart=setting.apart,
            periods=setting.periods,
            rate=setting.rate,
            change=setting.change,
            assumed_margin=setting.margin_share if self.assumes_margin else None,
            confidence=setting.confidence,
            min_cell=setting.min_cell,
            is_simulated=self.base.origin == "simulated",
        )

    @property
    def assumes_margin(self) -> bool:
        """Whether margins are a share of revenue, since no costs are known."""
        return self.is_panel and not has_costs(self.base.table("billing"))

    @property
    def last(self) -> Month:
        """The last month of the base."""
        return Month.of(self._rows()[self._when].max())

    @property
    def segments(self) -> tuple[str, ...]:
        """The segments of the customers on the list, the larger first."""
        return tuple(self.today()["segment"].value_counts().index)

    def activity_at(self, at: Month, months: int | None = None) -> pd.DataFrame:
        """Recency, frequency and money of the customers on the list at the end of month `at`.

        `customer_id`, `segment`, `recency` (months), `frequency` (active months of a panel, days
        with a purchase of orders), `money` (of so many months, else of `months` of the setting). On
        the list of a panel is who had revenue within as many months as a freeze has and had not
        closed by then; of a shop everybody who bought before.
        """
        table = activity(
            self._rows(),
            at,
            self.setting.months if months is None else months,
            key="customer_id" if self.is_panel else "buyer_key",
            money="revenue" if self.is_panel else "amount",
        )
        if not self.is_panel:
            table.insert(1, "segment", "buyers")
            return table
        people = self.base.table("customers")
        table = on_list(table, people, at, self.base.freeze_months).reset_index(drop=True)
        segment = people.set_index("customer_id")["segment"]
        table.insert(1, "segment", table["customer_id"].map(segment))
        return table

    @once
    def today(self) -> pd.DataFrame:
        """`activity_at` the last month."""
        return self.activity_at(self.last)

    @once
    def history(self) -> pd.DataFrame:
        """`activity_at` the last month, counted over all months of the base."""
        first = Month.of(self._rows()[self._when].min())
        return self.activity_at(self.last, self.last.number - first.number + 1)

    def activity_before(self, spans: float = 1) -> pd.DataFrame | None:
        """`activity_at` the month so many times `apart` before the last one.

        None where the data begin too late for the months of money that count then.
        """
        at = self.last.back(round(spans * self.setting.apart))
        first = Month.of(self._rows()[self._when].min())
        if at.back(self.setting.months - 1) < first:
            return None
        return self.activity_at(at)

    @property
    def _when(self) -> str:
        return "month" if self.is_panel else "date"

    @once
    def _rows(self) -> pd.DataFrame:
        """Bills or orders."""
        if self.is_panel:
            return self.base.table("billing", ["customer_id", "month", "revenue"])
        return self.base.table("orders", ["buyer_key", "date", "amount"])


def refuse_kind(base: Base) -> None:
    """Raise `InputError` for a base whose customers buy in no months."""
    if base.kind not in KINDS:
        raise InputError(f"segments take bases of kind {' or '.join(KINDS)}, not {base.kind}")
