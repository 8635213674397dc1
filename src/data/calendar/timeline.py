"""The months of a base: which of them count, and which of them each bill covers."""

from __future__ import annotations

import numpy as np
import pandas as pd

from src.data.calendar import span
from src.data.calendar.averages import averages
from src.data.calendar.distances import counted, distances, month_number
from src.data.calendar.numbered import numbered, with_ids
from src.data.calendar.rhythm import PERIODS, WORDS, rhythms, spread
from src.data.calendar.silences import check_silences
from src.data.calendar.span import Span, month_text
from src.data.cells.mapped import let_go, renumbered, some_rows
from src.data.lines import one_line
from src.data.manifest import Manifest
from src.data.privacy import MIN_CELL
from src.data.problems import InputError

Frames = dict[str, pd.DataFrame]

_OLD = 0.1  # of the customers: where bills of so many began before the data, months are cut off
_FUTURE = 0.01  # of the orders that may be dated after today: wrong dates
_DATED_BY = {"usage": "month", "events": "date", "campaigns": "date", "orders": "date"}


def in_time(frames: Frames, manifest: Manifest) -> tuple[Frames, list[str]]:
    """The tables of a base as its calendar has them, and remarks on all that was left out.

    Bills and orders far from all others are left out, and so is a last month that is not over;
    bills in a rhythm longer than a month are spread over the months that they cover. `last_month`,
    `first_month`, `period` and `freeze_months` of base.yml decide where they are given.

    Raises `InputError` with the line to write where the months cannot be read without it.
    """
    if manifest.kind == "orders":
        orders, remarks = _orders(frames["orders"], manifest)
        return {**frames, "orders": orders}, remarks
    has_bills = manifest.kind == "panel" and (frames["billing"]["revenue"] > 0).any()
    if not has_bills:
        return frames, []
    by_number, ids = numbered(frames)
    in_order, remarks = _panel(by_number, manifest)
    return with_ids(in_order, ids, by_number, frames), remarks


def _panel(frames: Frames, manifest: Manifest) -> tuple[Frames, list[str]]:
    people = frames["customers"]
    bills, remarks = _dated_right(frames["billing"], "month", "billing", manifest)
    covers, said = _covered_months(bills, manifest)
    remarks += said
    let_go(bills["month"], bills["revenue"])
    first = _first_covered(bills, covers, people, manifest)
    last = _number(manifest.last_month) or int(month_number(bills["month"]).max())
    if (covers > 1).any():
        bills = spread(bills, covers, _amounts(bills, covers))
    number = month_number(bills["month"])
    if not manifest.last_month:
        last, words = span.last_whole(_by_month(number[number <= last]), last, "billing")
        remarks += [words] if words else []
    remarks += _said_of_ends(bills, number, Span(first, last), manifest)
    inside = Span(first, last).holds(number)
    if not inside.all():
        bills = _some(bills, inside, bills["month"], "billing")
    let_go(bills["month"], bills["revenue"])
    del number, inside  # of a large table they take more than what follows
    remarks += _holes(bills, manifest)
    remarks += check_silences(bills, people, manifest)
    frames = {**frames, "billing": bills}
    if "usage" in frames and (covers > 1).any():
        stated = manifest.tables["usage"].averages
        frames["usage"], said = _usage(frames["usage"], covers, stated)
        remarks += said
    return frames, remarks + _later_dates(frames, last)


def _orders(orders: pd.DataFrame, manifest: Manifest) -> tuple[pd.DataFrame, list[str]]:
    dates = orders["date"]
    orders, remarks = _dated_right(orders, "date", "orders", manifest)
    number = month_number(orders["date"])
    last_day = orders["date"].max()
    usual = 0.0 if manifest.last_month else span.too_few_days(_by_month(number), last_day)
    if usual:
        late = number == number.max()
        remarks.append(
            f"orders: {_listed(orders.loc[late, 'date'])} left out as wrongly dated: {usual:,.0f} "
            "would be usual up to that day. If they are right, write "
            f"`last_month: {last_day:%Y-%m}` in base.yml"
        )
        orders = orders[~late]
    if not manifest.last_month:
        orders, said = _up_to_today(orders, pd.Timestamp.today().normalize())
        remarks += said
    before = month_number(orders["date"]) < (_number(manifest.first_month) or 0)
    if before.any():
        remarks.append(
            f"orders: {before.sum():,} rows before {manifest.first_month} left out, as "
            "`first_month` says"
        )
        orders = orders[~before]
    every = pd.Series(True, orders.index)
    return (_some(orders, every, dates, "orders") if remarks else orders), remarks


def _up_to_today(orders: pd.DataFrame, today: pd.Timestamp) -> tuple[pd.DataFrame, list[str]]:
    """The orders without a handful that are dated after today; `InputError` where it is more."""
    late = orders["date"] >= today + pd.Timedelta(days=1)
    if not late.any():
        return orders, []
    told = f"orders: {_listed(orders.loc[late, 'date'])} dated after today, {today:%Y-%m-%d}"
    if late.mean() > _FUTURE:
        raise InputError(
            f"{told}: if day and month are mixed up, write under tables.orders: `dates: ...`; if "
            f"they are right, write `last_month: {orders['date'].max():%Y-%m}` in base.yml, and to "
            f"leave them out `last_month: {today:%Y-%m}`"
        )
    return _some(orders, ~late, orders["date"], "orders"), [f"{told}, left out"]


def _dated_right(
    rows: pd.DataFrame, column: str, table: str, manifest: Manifest
) -> tuple[pd.DataFrame, list[str]]:
    """`rows` up to `last_month`, without a handful at either end that a hole parts from the rest.

    What lies before `first_month` stays: a bill may cover months after it.
    """
    number, remarks = month_number(rows[column]), []
    first, last = _number(manifest.first_month), _number(manifest.last_month)
    after = number > (last or number.max())
    if after.any():
        remarks.append(
            f"{table}: {after.sum():,} rows after {manifest.last_month} left out, as `last_month` "
            "says"
        )
        rows = _some(rows, ~after, rows[column], table)
        number = number[~after].reset_index(drop=True)
    most = span.without_islands(number, first and int(number.min()), last)
    stray = ~most.holds(number)
    if stray.any():
        lines = [f"`last_month: {month_text(int(number.max()))}`"] * bool(number.max() > most.last)
        lines += [f"`first_month: {month_text(int(number.min()))}`"] * bool(
            number.min() < most.first
        )
        remarks.append(
            f"{table}: {_listed(rows.loc[stray, column])} left out as wrongly dated: all others "
            f"are of {most}. If they are right, write {' and '.join(lines)} in base.yml"
        )
        rows = _some(rows, ~stray, rows[column], table)
    return rows, remarks


def _covered_months(bills: pd.DataFrame, manifest: Manifest) -> tuple[pd.Series, list[str]]:
    """Months that a bill of each customer covers, as base.yml says or as found."""
    customers = pd.Index(bills["customer_id"].unique(), name="customer_id")
    if manifest.billed_by:
        return pd.Series(PERIODS[manifest.billed_by], customers), []
    covers = rhythms(bills).reindex(customers, fill_value=1)
    counts = covers[covers > 1].value_counts()
    if counts.empty:
        return covers, []
    parts = [f"{_many(number)} are billed {WORDS[months]}" for months, number in counts.items()]
    named = {months: period for period, months in PERIODS.items()}
    for_all = counts.iloc[0] == len(covers) and named.get(int(counts.index[0]))
    stated = f"`period: {for_all}`, or " if for_all else ""
    return covers, [
        f"billing: of {len(covers):,} customers {', '.join(parts)}; each of their bills is spread "
        f"over the months it covers. To state it, write under tables.billing: {stated}"
        "`period: month` to take bills as they are"
    ]


def _amounts(bills: pd.DataFrame, covers: pd.Series) -> list[str]:
    """The columns to divide; not costs that stand in the months without a bill too."""
    long = bills[bills["customer_id"].isin(covers.index[covers > 1])]
    is_every_month = (long["revenue"] == 0).sum() > (long["revenue"] > 0).sum()
    has_costs = "cost_to_serve" in bills and not is_every_month
    return ["revenue", "cost_to_serve"] if has_costs else ["revenue"]


def _first_covered(
    bills: pd.DataFrame, covers: pd.Series, customers: pd.DataFrame, manifest: Manifest
) -> int:
    """The first month from which bills in the data cover everybody who was a customer.

    A bill of the year before covers the first months too, but is not in the data: who had signed up
    long before would look new. Where that is so for many customers these months are cut off.
    """
    first = int(month_number(bills["month"]).min())
    if manifest.first_month:
        return max(first, _number(manifest.first_month) or 0)
    if not (covers > 1).any():
        return first
    paid = bills[bills["revenue"] > 0]
    begun = month_number(paid.groupby("customer_id")["month"].min())
    months = covers.reindex(begun.index)
    unseen = (months > 1) & (begun > first) & (begun < first + months)
    if "signup_month" in customers:
        signup = customers.set_index("customer_id")["signup_month"].reindex(begun.index)
        unseen &= ~(month_number(signup) >= begun - 1)
    if unseen.sum() <= _OLD * len(begun):
        return first
    return first + int(months[unseen].max()) - 1


def _said_of_ends(
    bills: pd.DataFrame, number: pd.Series, kept: Span, manifest: Manifest
) -> list[str]:
    """The money that is not counted as it is for months before or after those that are kept."""
    remarks = []

    def money(rows: pd.DataFrame) -> str:
        customers = rows["customer_id"].nunique()
        noun = "customer" if customers == 1 else "customers"
        return f"{rows['revenue'].sum():,.2f} {manifest.currency} of {customers:,} {noun}"

    if (before := number < kept.first).any():
        asked = "as `first_month` says"
        if not manifest.first_month:
            asked = (
                "customers of these months had bills from before the data begin. To keep them, "
                f"write `first_month: {month_text(int(number.min()))}` in base.yml"
            )
        remarks.append(
            f"billing: {money(bills[before])} for months before "
            f"{month_text(kept.first)} left out: {asked}"
        )
    if (after := number > kept.last).any():
        remarks.append(
            f"billing: {money(bills[after])} for months after {month_text(kept.last)} not counted"
        )
    return remarks


def _holes(bills: pd.DataFrame, manifest: Manifest) -> list[str]:
    """What is said of months without any bill inside the data."""
    number = month_number(bills["month"])
    remarks = []
    for hole in span.holes(_by_month(number), int(number.min())):
        rows = int(hole.holds(number).sum())
        customers = bills.loc[number == hole.first - 1, "customer_id"].nunique()
        remarks.append(span.said_of_hole(hole, "billing", rows, customers, manifest.freeze))
    return remarks


def _usage(
    usage: pd.DataFrame, covers: pd.Series, stated: tuple[str, ...]
) -> tuple[pd.DataFrame, list[str]]:
    """Usage of customers whose rows are as rare as their bills, spread alike; averages stay."""
    usual = distances(usage).usual()
    months = covers.reindex(usual.index).fillna(1).astype("int64").mask(usual <= 1, 1)
    if not (months > 1).any():
        return usage, []
    measures = [name for name in usage if name not in ("customer_id", "month")]
    whole = averages(measures, stated)
    divided = [name for name in measures if name not in whole]
    kept = f"; {', '.join(whole)} as averages, which stay as they are" if whole else ""
    return spread(usage, months, divided), [
        f"usage: rows of {(months > 1).sum():,} customers are spread over months as their bills "
        f"are{kept}. Which measures are averages base.yml can say: write under tables.usage: "
        f"`{one_line({'averages': whole or ['...']})}`"
    ]


def _later_dates(frames: Frames, last: int) -> list[str]:
    """What is dated after the last month of bills, where no figure reads it."""
    dates = {
        f"{table}.{column}": frames[table][column]
        for table, column in _DATED_BY.items()
        if table in frames
    }
    people = frames["customers"]
    if "signup_month" in people:
        dates["customers.signup_month"] = people["signup_month"]
    later = {name: values[month_number(values) > last] for name, values in dates.items()}
    return [
        f"{name}: {_listed(values)} after {month_text(last)}, the last month of bills: not read"
        for name, values in later.items()
        if len(values)
    ]


def _listed(dates: pd.Series) -> str:
    """How many rows, and of which months: `3 rows (2025-12, 2031-01 to 2031-04)`."""
    number = month_number(dates)
    months = str(Span(int(number.min()), int(number.max())))
    return f"{len(dates):,} {'row' if len(dates) == 1 else 'rows'} ({months})"


def _many(customers: int) -> str:
    """How many customers, as a page may say it."""
    return f"{customers:,}" if customers >= MIN_CELL else f"fewer than {MIN_CELL}"


def _some(rows: pd.DataFrame, kept: pd.Series, dates: pd.Series, table: str) -> pd.DataFrame:
    """The rows that are `kept`, of those dated so; `InputError` where none is."""
    if not kept.any():
        first, last = (f"{day:%Y-%m}" for day in (dates.min(), dates.max()))
        raise InputError(
            f"{table}: no row is left; its rows are of {first} to {last}: write `first_month: "
            f"{first}` and `last_month: {last}` in base.yml"
        )
    return renumbered(some_rows(rows, kept.to_numpy()))


def _by_month(number: pd.Series) -> np.ndarray:
    """Rows of every month from the first to the last."""
    return counted(number.to_numpy())[int(number.min()) :]


def _number(month: str | None) -> int | None:
    return int(month[:4]) * 12 + int(month[5:]) - 1 if month else None
