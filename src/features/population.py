"""Who is in the base at the end of a month, as far as was known then, with what was billed."""

from __future__ import annotations

import narwhals as nw

from src.features.catalogue import AT, KEY, PAIR
from src.features.months import Month, number_of
from src.features.windows import dated, over_window, sliced, trend, within

REVENUE = "revenue"


def histories(billing: nw.LazyFrame, snapshots: tuple[Month, ...], has_cost: bool) -> nw.LazyFrame:
    """One row per customer: the life so far, from all bills.

    Columns: `customer_id`; `first`, the number of the first month with positive revenue; `unpaid`,
    the months without between it and the last one; for each snapshot n `revenue_to_date_to_<n>`
    and, of bills whose cost is known, `margin_to_date_to_<n>`. Who never paid is not there.
    """
    month, revenue = nw.col("month"), nw.col(REVENUE)
    paid = nw.when(revenue > 0).then(month)
    columns: list[nw.Expr] = [
        paid.min().alias("first_paid"),
        paid.max().alias("last_paid"),
        paid.count().alias("paid"),
    ]
    for at in snapshots:
        until = month < at.end
        found: dict[str, nw.Expr] = {"revenue_to_date": nw.when(until).then(revenue).sum()}
        if has_cost:
            found["margin_to_date"] = nw.when(until).then(revenue - nw.col("cost_to_serve")).sum()
        columns.extend(dated(found, at))
    lives = billing.group_by(KEY).agg(*columns).filter(nw.col("paid") > 0)
    first, last = number_of(nw.col("first_paid")), number_of(nw.col("last_paid"))
    lives = lives.with_columns(
        first.alias("first"), (last - first + 1 - nw.col("paid")).alias("unpaid")
    )
    return lives.drop("first_paid", "last_paid", "paid")


def returns(billing: nw.LazyFrame, history: nw.LazyFrame, freeze_months: int) -> nw.LazyFrame:
    """`customer_id`, `start`: the lives of customers who may have come back, one row each.

    The same rule as `src.features.lifecycle.lives`. Only customers with as many months without
    revenue as a freeze has are looked at closely: for all others the first month says it all.
    """
    suspects = history.filter(nw.col("unpaid") >= freeze_months).select(KEY)
    paid = (
        billing.filter(nw.col(REVENUE) > 0)
        .select(KEY, number_of(nw.col("month")).alias("start"))
        .join(suspects, on=KEY, how="semi")
        .with_columns(nw.col("start").shift(1).over(KEY, order_by="start").alias("before"))
    )
    is_start = nw.col("before").is_null() | (nw.col("start") - nw.col("before") > freeze_months)
    return paid.filter(is_start).select(KEY, "start")


def recent(
    billing: nw.LazyFrame, snapshots: tuple[Month, ...], freeze_months: int, has_cost: bool
) -> nw.LazyFrame:
    """One row per customer and snapshot: what was billed in the twelve months up to it.

    Columns: `customer_id`, `at`; `revenue_sum_1`, `_3`, `_6`, `_12` (a month without a bill adds
    nothing); `revenue_trend_6`, `_12` (money a month, each month); `revenue_peak` and
    `revenue_spread` over the months with a bill; `paid_12`, the months with positive revenue;
    `credits`, those with a credit note; `last_paid` (number); where costs are known `margin_3`,
    `margin_12` (means) and `costed_12`, the mean revenue, of the bills whose cost is known. Only
    who had revenue in the last `freeze_months` months.
    """
    revenue, month = nw.col(REVENUE), nw.col("month")

    def aggregates(at: Month) -> dict[str, nw.Expr]:
        paid = nw.when(revenue > 0).then(month)
        found = {
            **{f"{REVENUE}_sum_{n}": within(at, n, revenue).sum() for n in (1, 3, 6, 12)},
            f"{REVENUE}_trend_6": trend(at, 6, revenue),
            f"{REVENUE}_trend_12": trend(at, 12, revenue),
            f"{REVENUE}_peak": revenue.max(),
            f"{REVENUE}_spread": revenue.std(),
            "paid_12": paid.count(),
            "last_paid": number_of(paid.max()),
            "credits": nw.when(revenue < 0).then(1).count(),
        }
        if has_cost:
            cost = nw.col("cost_to_serve")
            found |= {f"margin_{n}": within(at, n, revenue - cost).mean() for n in (3, 12)}
            found["costed_12"] = nw.when(~cost.is_null()).then(revenue).mean()
        return found

    frame = over_window(billing, snapshots, aggregates)
    return frame.filter(nw.col(AT) - nw.col("last_paid") < freeze_months)


def population(
    history: nw.LazyFrame,
    returned: nw.LazyFrame,
    billed: nw.LazyFrame,
    customers: nw.LazyFrame,
    snapshots: nw.LazyFrame,
    months: tuple[Month, ...],
) -> nw.LazyFrame:
    """The customers in the base at the end of each snapshot: one row per `customer_id` and `at`.

    In the base is who had revenue in the last `freeze_months` months (`billed`, from `recent`) and
    had not closed: all that can be known then. Some of the silent ones have frozen already, which
    only later months show; `src.features.lifecycle.labels` leaves them out.

    Adds to the columns of customers, `histories` and `recent`: `life_start` (month number) and
    `lives` up to now; `age`, the months since the first bill, that one included. `snapshots` are
    the same `months` as a frame (`src.features.known.snapshot_columns`). The table customers may
    have no row for somebody.
    """
    now = nw.col(AT)
    lived = (
        returned.join(snapshots, how="cross")
        .filter(nw.col("start") <= now)
        .group_by(*PAIR)
        .agg(nw.col("start").max().alias("latest_start"), nw.len().alias("known_lives"))
    )
    frame = billed.join(sliced(history, months), on=list(PAIR), how="inner")
    frame = frame.join(lived, on=list(PAIR), how="left").join(customers, on=KEY, how="left")
    frame = frame.with_columns(
        nw.coalesce(nw.col("latest_start"), nw.col("first")).alias("life_start"),
        nw.coalesce(nw.col("known_lives"), nw.lit(1)).alias("lives"),
        (now - nw.col("first") + 1).alias("age"),
    )
    if "closed_month" in frame.collect_schema():
        closed = number_of(nw.col("closed_month"))
        is_open = closed.is_null() | (closed > now) | (closed < nw.col("life_start"))
        frame = frame.filter(is_open)
    return frame
