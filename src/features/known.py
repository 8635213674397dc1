"""What was known at the end of a month: the one place that cuts the tables at a snapshot."""

from __future__ import annotations

from collections.abc import Iterable

import narwhals as nw

from src.features.catalogue import AT
from src.features.months import Month, day_of, number_of
from src.features.windows import WINDOW

NUMBER = "number"  # the month a row is dated by
DAYS = "days"  # from the row to the end of the snapshot's month
END_DAY = "end_day"

DATED_BY = {
    "billing": "month",
    "usage": "month",
    "lines": "start_month",
    "contracts": "start_month",
    "holdings": "start_month",
    "events": "date",
    "orders": "date",
    "campaigns": "date",
}


def snapshot_columns(snapshots: Iterable[Month]) -> dict[str, list[int]]:
    """The snapshots as columns: `at`, the number of the month, and `end_day`, the day after it."""
    months = tuple(snapshots)
    return {
        AT: [at.number for at in months],
        END_DAY: [at.end.toordinal() for at in months],
    }


def known(table: str, rows: nw.LazyFrame, snapshots: nw.LazyFrame) -> nw.LazyFrame:
    """The rows of a table that were known at each snapshot, without what came later.

    `snapshots` has the columns of `snapshot_columns`. A row comes out once for every snapshot that
    knows it, with `at`, `number`, the month the row is dated by, and, for tables with a date,
    `days`, which passed from that day to the end of the snapshot's month.

    - A row counts from its own month on.
    - Dated records (events, orders, campaigns) count for twelve months: a snapshot with a long
      history behind it then looks like one with a short history.
    - The last month of a line or product is known once it is over: an `end_month` of the snapshot
      or later is blanked. A line whose last month is the snapshot would give the exit away.
    - A contract's `end_month` is agreed at the start and stays.
    - Opening and answering a message take time: `opened` and `responded` are blanked for contacts
      in the snapshot's own month. For older contacts the answer is taken as known, which the table
      cannot prove: it has no date of the answer.
    """
    there = rows.collect_schema()
    at, number = nw.col(AT), nw.col(NUMBER)
    rows = rows.with_columns(number_of(nw.col(DATED_BY[table])).alias(NUMBER))
    if table in ("lines", "holdings"):
        end = number_of(nw.col("end_month")) if "end_month" in there else nw.lit(None, nw.Int64)
        rows = rows.with_columns(end.alias("end"))
    rows = rows.join(snapshots, how="cross").filter(number <= at)
    if DATED_BY[table] == "date":
        rows = rows.filter(number > at - WINDOW)
        rows = rows.with_columns((nw.col(END_DAY) - day_of(nw.col("date"))).alias(DAYS))
    if table in ("lines", "holdings"):
        return rows.with_columns(nw.when(nw.col("end") < at).then(nw.col("end")).alias("end"))
    if table == "campaigns":
        answers = [name for name in ("opened", "responded") if name in there]
        return rows.with_columns(
            nw.when(number < at).then(nw.col(name)).alias(name) for name in answers
        )
    return rows
