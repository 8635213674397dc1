"""Habits of usage and payment: how each customer used, paid and bought in the last months."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from src.data.problems import InputError
from src.features.months import Month, month_numbers

MEASURES_AT_MOST = 6  # of usage
_LEAST_MONTHS = 3  # on the books, before a spread or a trend is a habit
_CODE = "place of the customer"


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
    - lines: `lines`, the mean of the months
    - usage, per measure: `<measure>`, `<measure>_spread`, `<measure>_trend`, like bills
    - events: `tickets` a year
    - orders: `purchases` (days), `purchase_amount` (mean of a day), `purchase_gap` (mean days
      between), `categories` (different ones)

    A trend is (later half - earlier half) / (both) of the mean month: 0 steady, -1 stopped, 1 new.
    Spread and trend need three months; one late bill moves neither quartile. Who bought nothing has
    0 purchases, and no amount. Columns in which nobody differs are left out. Raises `InputError`
    where nothing is left.
    """
    who = pd.Index(customers, name="customer_id")
    first = pd.Timestamp(at.back(months - 1).start)
    inside = {
        name: _of(rows[(rows[when] >= first) & (rows[when] < at.end)], who)
        for name, when in (("billing", "month"), ("usage", "month"), ("orders", "date"))
        if (rows := tables.get(name)) is not None
    }
    lines = _lines(tables["lines"], who, at, months) if "lines" in tables else None
    per = None if lines is None else lines.fillna(1).to_numpy(float)
    each = "a month" if per is None else "a line and month"
    middle = pd.Timestamp(at.back((months + 1) // 2 - 1).start)
    parts: list[tuple[Habit, pd.Series]] = []
    billed = pd.Series(float(months), who)
    if "billing" in inside:
        bills = inside["billing"]
        parts += _monthly(
            bills, "revenue", Habit("bill", "bill", f"{currency} {each}"), per, who, middle
        )
        number = np.bincount(bills[_CODE], minlength=len(who)).astype(float)
        billed = pd.Series(number, who).where(number > 0)
        nothing = np.bincount(bills[_CODE], bills["revenue"] <= 0, minlength=len(who))
        parts.append((Habit("no_bill", "months without a bill", "share"), nothing / billed))
    if lines is not None:
        parts.append((Habit("lines", "lines", "lines", is_log=True), lines))
    if "usage" in inside:
        usage = inside["usage"]
        numbers = usage.drop(columns=_CODE).select_dtypes("number").columns
        for name in map(str, numbers[:MEASURES_AT_MOST]):
            parts += _monthly(
                usage, name, Habit(name, name.replace("_", " "), each), per, who, middle
            )
    if "events" in tables:
        parts.append(_tickets(tables["events"], first, at, billed))
    if "orders" in inside:
        parts += _purchases(inside["orders"], who, months, currency)
    frame = pd.DataFrame({habit.name: values.reindex(who) for habit, values in parts}, index=who)
    differs = [name for name in frame if frame[name].min() < frame[name].max()]
    if not differs:
        raise InputError("the customers differ in no habit of usage or payment")
    kept = tuple(habit for habit, _ in parts if habit.name in differs)
    return Habits(frame[differs].astype("float64").reset_index(), kept)


def _of(rows: pd.DataFrame, who: pd.Index) -> pd.DataFrame:
    """The rows of these customers, with the place of each customer."""
    place = who.get_indexer(rows["customer_id"])
    return rows.assign(**{_CODE: place})[place >= 0]


def _monthly(
    rows: pd.DataFrame,
    column: str,
    level: Habit,
    per: np.ndarray | None,
    who: pd.Index,
    middle: pd.Timestamp,
) -> list[tuple[Habit, pd.Series]]:
    """Level, spread and trend of a number of each month; the later half begins at `middle`."""
    rows = rows.dropna(subset=[column])
    place, value = rows[_CODE].to_numpy(), rows[column].to_numpy(float)
    is_late = (rows["month"] >= middle).to_numpy()
    number = np.bincount(place, minlength=len(who))
    order = np.lexsort((value, place))
    first = np.cumsum(number) - number
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = np.bincount(place, value, len(who)) / number
        late, early = (
            np.bincount(place[part], value[part], len(who))
            / np.bincount(place[part], None, len(who))
            for part in (is_late, ~is_late)
        )
        trend = (late - early) / np.where(late + early > 0, late + early, np.nan)
    has_months = number >= _LEAST_MONTHS
    quarters = []
    for share in (0.25, 0.5, 0.75):
        at = first[has_months] + share * (number[has_months] - 1)
        low = value[order[np.floor(at).astype(int)]]
        high = value[order[np.ceil(at).astype(int)]]
        quarters.append(low + (at % 1) * (high - low))
    spread = np.full(len(who), np.nan)
    usual = np.where(quarters[1] > 0, quarters[1], np.nan)
    spread[has_months] = (quarters[2] - quarters[0]) / usual
    uneven, moving = f"unevenness of {level.meaning}", f"trend of {level.meaning}"
    return [
        (replace(level, is_log=True), pd.Series(mean if per is None else mean / per, who)),
        (
            Habit(f"{level.name}_spread", uneven, "of the usual month", is_log=True),
            pd.Series(spread, who),
        ),
        (
            Habit(f"{level.name}_trend", moving, "from -1 to 1, 0 is steady"),
            pd.Series(np.where(has_months, trend, np.nan), who),
        ),
    ]


def _lines(lines: pd.DataFrame, who: pd.Index, at: Month, months: int) -> pd.Series:
    """The mean number of lines in the months in which there was one."""
    first, last = at.back(months - 1).number, at.number
    rows = _of(lines, who)
    begins = month_numbers(rows["start_month"]).clip(lower=first)
    ends = month_numbers(rows["end_month"]) if "end_month" in rows else pd.Series(last, rows.index)
    run = (ends.fillna(last).clip(upper=last) - begins + 1).clip(lower=0)
    groups = run.groupby(rows[_CODE])
    mean = (groups.sum() / groups.max().where(groups.max() > 0)).reindex(range(len(who)))
    return pd.Series(mean.to_numpy(float), who)


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
