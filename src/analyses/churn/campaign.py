"""What a list earns: customers in an order, planned depths, and the money that would have come."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
import pandas as pd

from src.analyses.missing import Missing
from src.analyses.once import once
from src.analyses.settings.churn import Setting
from src.analyses.streams import stream
from src.models.intervals.numbers import Numbers
from src.models.intervals.proportions import Estimate
from src.models.intervals.ratios import ratio_of_means
from src.models.profit import depth
from src.models.profit.contact import MaximumProfit, contact_profit, empc

LIST, LARGEST, EVERYBODY = "expected profit", "largest first", "everybody"
_HEURISTICS = {"rule of thumb": "one_rule", "recency": "recency", "silent first": "silent_first"}
_EDGES = (0, 0.01, 0.02, 0.05, *np.arange(1, 11) / 10)
_DEPTHS = 201


@dataclass(frozen=True, eq=False)
class Campaign:
    """A list of customers and the orders in which they could be contacted.

    `rows`: `customer_id`, `churned` (lost), `savable`, `unreachable` (gone or too late), `value`
    (money of a customer who stays), `chance` (of the best model, to be lost), on panels `silent`
    (months) and `gone` (the chance of it), `profit` (what a contact would have brought) and a
    column of scores per order. `shares`: how deep each order is planned, before anybody left, the
    planned list first.
    """

    rows: pd.DataFrame
    shares: dict[str, float]
    setting: Setting
    currency: str

    @classmethod
    def planned(cls, rows: pd.DataFrame, best: str, setting: Setting, currency: str) -> Self:
        """The orders of a list: by expected profit, by chance alone, by rules of thumb, by value.

        `rows` from `Population.listed`. The largest first are planned as one who knows no model
        would: with the base rate for everybody. Everybody is contacted without a plan.
        """
        expected = {LIST: _expected(rows, best, setting)}
        scores: dict[str, pd.Series | Numbers] = {LIST: expected[LIST]}
        scores["chance alone"], expected["chance alone"] = rows[f"{best} savable"], expected[LIST]
        for heuristic, model in _HEURISTICS.items():
            if model in rows:
                scores[heuristic], expected[heuristic] = (
                    rows[model],
                    _expected(rows, model, setting),
                )
        scores[LARGEST], expected[LARGEST] = rows["value"], _expected(rows, "base_rate", setting)
        scores[EVERYBODY] = pd.Series(0.0, rows.index)
        came = contact_profit(
            rows["savable"].astype(float),
            rows["value"],
            rows["unreachable"].astype(float),
            **setting.economics,
        )
        rows = rows.assign(**scores, profit=came)
        shares = depth.planned_shares(rows, expected) | {EVERYBODY: 1.0}
        return cls(rows, shares, setting, currency)

    def __repr__(self) -> str:
        return (
            f"Campaign: {len(self.rows):,} customers, of whom {self.depth:.1%} would be contacted"
        )

    @property
    def depth(self) -> float:
        """The planned share of customers to contact, by expected profit."""
        return self.shares[LIST]

    @property
    def alternative(self) -> str:
        """The cheap alternative in words: nobody, everybody, or so many of the largest.

        What one would do who knows no model: the largest first, as far down as the base rate pays.
        """
        share = self.shares[LARGEST]
        if share == 0:
            return "contacting nobody"
        if share == 1:
            return "contacting everybody"
        return f"contacting the largest {share:.{1 if share < 0.1 else 0}%}"

    def list(self) -> pd.DataFrame:
        """Whom to contact first: `customer_id`, `chance`, `value`, `expected profit` (money).

        On panels `silent` (months without revenue) and `gone` (the chance to be gone already) too.
        """
        wanted = ["customer_id", "silent", "gone", "chance", "value", LIST]
        columns = [name for name in wanted if name in self.rows]
        ordered = self.rows[columns].sort_values(LIST, ascending=False, kind="stable")
        return ordered.reset_index(drop=True)

    @once
    def earned(self) -> pd.DataFrame:
        """What each order would have earned at its planned depth, "expected profit" first.

        `ordering`, `share`, `profit`, `low`, `high` (money), `difference` to the first,
        `difference_low`, `difference_high`, `in_noise`; see `depth.compare_orderings`.
        """
        rng = stream(self.setting.seed, "depth")
        return depth.compare_orderings(
            self.rows, list(self.shares), rng, shares=self.shares, **self.setting.drawn
        )

    def gain(self) -> Estimate:
        """What the list would have earned above the cheap `alternative`, money, paired."""
        other = self.earned().set_index("ordering").loc[LARGEST]
        ends = -other[["difference", "difference_high", "difference_low"]].to_numpy(float)
        return Estimate(*(float(end) + 0.0 for end in ends))

    def break_even(self) -> Estimate | Missing:
        """The accept rate at which the planned list would have earned nothing, with its interval.

        A share of the leavers who could be saved; below it the list loses money. Of other
        customers (delta method). Missing where nobody is contacted, or nobody could be saved.
        """
        rows = self.rows
        order = rows[LIST].rank(method="first", ascending=False).to_numpy()
        is_listed = order <= round(self.depth * len(rows))
        saved, lost = rows["savable"].to_numpy(float), rows["unreachable"].to_numpy(float)
        paid = (1 - saved - lost) * self.setting.offer + self.setting.contact
        brought = saved * (rows["value"].to_numpy(float) - self.setting.offer)
        if not (brought * is_listed).sum() > 0:
            return Missing("savable customers on the planned list", "the break-even accept rate")
        return ratio_of_means(paid * is_listed, brought * is_listed, self.setting.confidence)

    def band(self) -> pd.DataFrame:
        """Profit by length of the list by expected profit: `share`, `profit`, `low`, `high`."""
        depths = np.unique([*np.linspace(0, 1, _DEPTHS), self.depth])
        rng = stream(self.setting.seed, "band")
        return depth.profit_band(self.rows, LIST, depths, rng, **self.setting.drawn)

    def curves(self) -> pd.DataFrame:
        """Profit of every order at every length: `ordering`, `contacted`, `share`, `profit`."""
        orders = [name for name in self.shares if name != EVERYBODY]
        return pd.concat([self._curve(name).assign(ordering=name) for name in orders])

    def stretches(self) -> pd.DataFrame:
        """What one more contact brings in each stretch of the list; see `depth.profit_by_band`."""
        return depth.profit_by_band(self._curve(LIST), _EDGES)

    def bound(self, savable: pd.Series, chance: pd.Series) -> MaximumProfit:
        """The expected maximum profit (EMPC) of chances, where everybody is worth `clv`."""
        return empc(savable, chance, **self.setting.maximum)

    def _curve(self, ordering: str) -> pd.DataFrame:
        return depth.profit_curve(self.rows["profit"], self.rows[ordering])


def _expected(rows: pd.DataFrame, model: str, setting: Setting) -> Numbers:
    said = rows[f"{model} savable"], rows["value"], rows[f"{model} unreachable"]
    return contact_profit(*said, **setting.economics)
