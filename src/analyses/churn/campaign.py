"""What a list earns: customers in an order, planned depths, and the money that would have come."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
import pandas as pd

from src.analyses.once import once
from src.analyses.settings.churn import Setting
from src.analyses.streams import stream
from src.models.profit import depth
from src.models.profit.contact import MaximumProfit, contact_profit, empc

_HEURISTICS = {"rule of thumb": "one_rule", "recency": "recency"}
_EDGES = (0, 0.01, 0.02, 0.05, *np.arange(1, 11) / 10)
_DEPTHS = 201


@dataclass(frozen=True, eq=False)
class Campaign:
    """A list of customers and the orders in which they could be contacted.

    `rows`: `customer_id`, `churned`, `chance` (of the best model), `value` (money of a customer who
    stays) and a column of scores per order. `orders`: the column of chances that each order plans
    with, "expected profit" first. `shares`: how deep each order is planned, before anybody left.
    """

    rows: pd.DataFrame
    orders: dict[str, str]
    shares: dict[str, float]
    setting: Setting
    currency: str

    @classmethod
    def planned(
        cls, rows: pd.DataFrame, models: Sequence[str], setting: Setting, currency: str
    ) -> Self:
        """The orders of a list: by expected profit, chance alone, rules of thumb, value alone."""
        expected = contact_profit(rows["chance"], rows["value"], **setting.economics)
        rows = rows.assign(**{"expected profit": expected, "value alone": rows["value"]})
        rows["chance alone"], rows["everybody alike"] = rows["chance"], rows["churned"].mean()
        orders = {"expected profit": "chance", "chance alone": "chance"}
        for heuristic, model in _HEURISTICS.items():
            if model in models:
                rows[heuristic], orders[heuristic] = rows[model], model
        orders["value alone"] = "everybody alike"
        shares = depth.planned_shares(rows, orders, **setting.economics)
        return cls(rows, orders, shares, setting, currency)

    def __repr__(self) -> str:
        share = self.shares["expected profit"]
        return f"Campaign: {len(self.rows):,} customers, of whom {share:.1%} would be contacted"

    @property
    def depth(self) -> float:
        """The planned share of customers to contact, by expected profit."""
        return self.shares["expected profit"]

    def list(self) -> pd.DataFrame:
        """Whom to contact first: `customer_id`, `chance`, `value`, `expected profit` (money)."""
        columns = ["customer_id", "chance", "value", "expected profit"]
        ordered = self.rows[columns].sort_values("expected profit", ascending=False, kind="stable")
        return ordered.reset_index(drop=True)

    @once
    def earned(self) -> pd.DataFrame:
        """What each order would have earned at its planned depth, "expected profit" first.

        `ordering`, `share`, `profit`, `low`, `high` (money), `difference` to the first,
        `difference_low`, `difference_high`, `in_noise`; see `depth.compare_orderings`.
        """
        rng = stream(self.setting.seed, "depth")
        given = {"shares": self.shares, **self.setting.drawn, **self.setting.economics}
        return depth.compare_orderings(self.rows, list(self.orders), rng, **given)

    def band(self) -> pd.DataFrame:
        """Profit by length of the list by expected profit: `share`, `profit`, `low`, `high`."""
        depths = np.unique([*np.linspace(0, 1, _DEPTHS), self.depth])
        rng = stream(self.setting.seed, "band")
        given = {**self.setting.drawn, **self.setting.economics}
        return depth.profit_band(self.rows, "expected profit", depths, rng, **given)

    def curves(self) -> pd.DataFrame:
        """Profit of every order at every length: `ordering`, `contacted`, `share`, `profit`."""
        return pd.concat([self._curve(name).assign(ordering=name) for name in self.orders])

    def stretches(self) -> pd.DataFrame:
        """What one more contact brings in each stretch of the list; see `depth.profit_by_band`."""
        return depth.profit_by_band(self._curve("expected profit"), _EDGES)

    def bound(self, churned: pd.Series, chance: pd.Series) -> MaximumProfit:
        """The expected maximum profit (EMPC) of chances, where everybody is worth `clv`."""
        return empc(churned, chance, **self.setting.maximum)

    def _curve(self, ordering: str) -> pd.DataFrame:
        rows = self.rows
        came = contact_profit(
            rows["churned"].astype(float), rows["value"], **self.setting.economics
        )
        return depth.profit_curve(came, rows[ordering])
