"""Habits of usage and payment: how each customer used, paid and bought in the last months."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from src.data.problems import InputError
from src.features.months import Month

MEASURES_AT_MOST = 6  # of usage
_LEAST_MONTHS = 3  # on the books, before a spread or a trend is a habit
_CATEGORIES_AT_MOST = 5


@dataclass(frozen=True)
class Habit:
    """One habit: `meaning` and `unit` in words; `is_log`: compared as a ratio, not a difference."""

    name: str
    meaning: str
    unit: str
    is_log: bool = False


@dataclass(frozen=True)
class Habits:
    """`frame` has `customer_id` and a column per habit, missing where a customer shows none."""

    frame: pd.DataFrame
    habits: tuple[Habit, ...]

    @property
    def logs(self) -> frozenset[str]:
        """The habits that are compared as ratios."""
        return frozenset(habit.name for habit in self.habits if habit.is_log)


def habits(
    customers: pd.Series,
    tables: Mapping[str, pd.DataFrame],
    at: Month,
    months: int = 12,
    currency: str = "money",
) -> Habits:
    """The habits of these customers in the `months` up to the end of month `at`.

    `tables`, each where the base has it: `billing` (`customer_id`, `month`, `revenue`), `usage`
    (`customer_id`, `month` and measures), `lines` (`customer_id`, `start_month`, `end_month`),
    `events` (`customer_id`, `date`, `kind`, `value`), `orders` (`customer_id`, `date`, `amount`,
    `category` where there are any). Returns a row per customer, in their order:

    - billing: `bill` (mean of a month; per line where lines are known), `bill_spread` (distance of
      the quartiles over the median), `bill_trend`, `no_bill` (share of months with nothing or a
      credit note)
    - lines: `lines` at the end of `at`
    - usage, per measure: `<measure>`, `<measure>_spread`, `<measure>_trend`, like bills
    - events: `tickets` a year
    - orders: `purchases` (days), `purchase_amount` (mean of a day), `purchase_gap` (mean days
      between), `categories` (different ones)

    A trend is (later half - earlier half) / (both) of the mean month: 0 steady, -1 stopped, 1 new.
    Spread and trend need three months. A median spread is one late bill's equal: late bills are no
    habit. Purchases of 0 are a habit, their amount is missing. Columns in which nobody differs are
    left out. Raises `InputError` where nothing is left.
    """
    who = pd.Index(customers, name="customer_id")
    first = pd.Timestamp(at.back(months - 1).start)
    inside = {
        name: rows[(rows[when] >= first) & (rows[when] < at.end)]
        for name, when in (("billing", "month"), ("usage", "month"), ("orders", "date"))
        if (rows := tables.get(name)) is not None
    }
    lines = _lines(tables["lines"], at).reindex(who) if "lines" in tables else None
    per = None if lines is None else lines.clip(lower=1).fillna(1)
    each = "a month" if per is None else "a line and month"
    parts: list[tuple[Habit, pd.Series]] = []
    billed = pd.Series(months, who)
    if "billing" in inside:
        bills = inside["billing"]
        parts += _monthly(bills, "revenue", ("bill", "bill"), f"{currency} {each}", per, at, months)
        billed = bills.groupby("customer_id").size().reindex(who)
        nothing = (bills["revenue"] <= 0).groupby(bills["customer_id"]).mean()
        parts.append((Habit("no_bill", "months without a bill", "share"), nothing))
    if lines is not None:
        parts.append((Habit("lines", "lines", "lines", is_log=True), lines))
    if "usage" in inside:
        numbers = inside["usage"].select_dtypes("number").columns[:MEASURES_AT_MOST]
        for name in map(str, numbers):
            words = (name, name.replace("_", " "))
            parts += _monthly(inside["usage"], name, words, each, per, at, months)
    if "events" in tables:
        parts.append(_tickets(tables["events"], first, at, billed))
    if "orders" in inside:
        parts += _purchases(inside["orders"], who, months, currency)
    frame = pd.DataFrame({habit.name: values.reindex(who) for habit, values in parts}, index=who)
    differs = [name for name in frame if frame[name].nunique() > 1]
    if not differs:
        raise InputError("the customers differ in no habit of usage or payment")
    kept = tuple(habit for habit, _ in parts if habit.name in differs)
    return Habits(frame[differs].astype("float64").reset_index(), kept)


def _monthly(
    rows: pd.DataFrame,
    column: str,
    words: tuple[str, str],
    unit: str,
    per: pd.Series | None,
    at: Month,
    months: int,
) -> list[tuple[Habit, pd.Series]]:
    """Level, spread and trend of a number of each month."""
    name, meaning = words
    owner, value = rows["customer_id"], rows[column]
    groups = value.groupby(owner)
    level = groups.mean()
    quarters = [groups.quantile(share) for share in (0.25, 0.5, 0.75)]
    has_months = groups.count() >= _LEAST_MONTHS
    spread = (quarters[2] - quarters[0]) / quarters[1].where(quarters[1] > 0)
    is_late = rows["month"] >= pd.Timestamp(at.back((months + 1) // 2 - 1).start)
    late, early = (value[part].groupby(owner[part]).mean() for part in (is_late, ~is_late))
    both = late.add(early)
    trend = late.sub(early) / both.where(both > 0)
    if per is not None:
        level = level / per.reindex(level.index)
    return [
        (Habit(name, meaning, unit, is_log=True), level),
        (
            Habit(f"{name}_spread", f"unevenness of {meaning}", "share of the usual month", True),
            spread.where(has_months),
        ),
        (
            Habit(f"{name}_trend", f"trend of {meaning}", "-1 stopped, 0 steady, 1 new"),
            trend.where(has_months),
        ),
    ]


def _lines(lines: pd.DataFrame, at: Month) -> pd.Series:
    runs = lines["start_month"] < at.end
    if "end_month" in lines:
        runs &= lines["end_month"].isna() | (lines["end_month"] >= pd.Timestamp(at.start))
    return lines.loc[runs].groupby("customer_id").size().astype("float64")


def _tickets(
    events: pd.DataFrame, first: pd.Timestamp, at: Month, billed: pd.Series
) -> tuple[Habit, pd.Series]:
    rows = events[(events["kind"] == "ticket") & (events["date"] >= first)]
    rows = rows[rows["date"] < at.end]
    number = rows["value"].fillna(1) if "value" in rows else pd.Series(1.0, rows.index)
    tickets = number.groupby(rows["customer_id"]).sum().reindex(billed.index).fillna(0.0)
    return Habit("tickets", "tickets", "a year"), 12 * tickets / billed


def _purchases(
    orders: pd.DataFrame, who: pd.Index, months: int, currency: str
) -> list[tuple[Habit, pd.Series]]:
    orders = orders.dropna(subset=["customer_id"])
    days = orders.assign(day=orders["date"].dt.normalize())
    bought = days.groupby(["customer_id", "day"], sort=False)["amount"].sum().reset_index()
    bought = bought[bought["amount"] > 0]
    groups = bought.groupby("customer_id")
    number = groups.size()
    passed = (groups["day"].max() - groups["day"].min()).dt.days
    found = [
        (
            Habit("purchases", "purchases", f"days in {months} months", is_log=True),
            number.reindex(who).fillna(0.0) + 0.0,
        ),
        (
            Habit("purchase_amount", "money per purchase", currency, is_log=True),
            groups["amount"].mean(),
        ),
        (
            Habit("purchase_gap", "days between purchases", "days", is_log=True),
            passed / (number - 1).where(number > 1),
        ),
    ]
    if "category" in orders:
        kinds = orders.groupby("customer_id")["category"].nunique().reindex(who).fillna(0.0)
        found.append((Habit("categories", "categories bought", "categories"), kinds))
    return found
