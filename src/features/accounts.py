"""Accounts today: what is held, and the money, tickets and lines of the last months."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from src.features.months import Month
from src.features.spent import efforts

_QUARTER, _YEAR = 3, 12  # months


@dataclass(frozen=True)
class AccountSums:
    """`frame` by `customer_id`; `value_is` says whether `value` is `margin` or `revenue`."""

    frame: pd.DataFrame
    value_is: str


def held_at(holdings: pd.DataFrame, at: Month) -> pd.DataFrame:
    """The rows of `holdings` (`start_month`, `end_month`) that are held at the end of month `at`.

    An `end_month` is the last month of a holding: one of `at` itself is still held.
    """
    is_held = holdings["start_month"] < at.end
    if "end_month" in holdings:
        ends = holdings["end_month"]
        is_held &= ends.isna() | (ends >= pd.Timestamp(at.start))
    return holdings[is_held]


def account_sums(
    customers: pd.Series, tables: Mapping[str, pd.DataFrame], at: Month, months: int = 12
) -> AccountSums:
    """Money, tickets and lines of each customer in the `months` up to the end of month `at`.

    `tables`: `billing` (`customer_id`, `month`, `revenue`, `cost_to_serve` where known), and where
    the base has them `events` and `lines`. Returns, indexed by `customer_id` in their order:
    `value`, twelve times the mean month's margin, of months whose cost is known, or without any
    costs revenue; `now` and `before`, the revenue of the last three months and of the same three a
    year before, missing for who had none in either; `years`, months with a bill over twelve;
    `tickets`; `lines` at the end of `at`.
    """
    who = pd.Index(customers, name="customer_id")
    bills = tables["billing"]
    bills = bills[bills["customer_id"].isin(who)]
    inside = _between(bills, at, months)
    has_costs = "cost_to_serve" in inside and bool(inside["cost_to_serve"].notna().any())
    value = inside["revenue"] - inside["cost_to_serve"] if has_costs else inside["revenue"]
    found = pd.DataFrame(index=who)
    found["value"] = _YEAR * value.groupby(inside["customer_id"]).mean().reindex(who)
    now = _between(bills, at, _QUARTER).groupby("customer_id")["revenue"].sum().reindex(who)
    before = _between(bills, at.back(_YEAR), _QUARTER).groupby("customer_id")["revenue"].sum()
    before = before.reindex(who)
    is_there = (now > 0) & (before > 0)
    found["now"], found["before"] = now.where(is_there), before.where(is_there)
    number = inside.groupby("customer_id").size().reindex(who).fillna(0)
    found["years"] = number / _YEAR
    if "events" in tables:
        spent = efforts(customers, {"events": tables["events"]}, at, months)
        found["tickets"] = spent["tickets"].to_numpy()
    if "lines" in tables:
        lines = held_at(tables["lines"], at).groupby("customer_id").size()
        found["lines"] = lines.reindex(who).fillna(0).astype("float64")
    return AccountSums(found.astype("float64"), "margin" if has_costs else "revenue")


def _between(rows: pd.DataFrame, at: Month, months: int) -> pd.DataFrame:
    first = pd.Timestamp(at.back(months - 1).start)
    return rows[(rows["month"] >= first) & (rows["month"] < at.end)]
