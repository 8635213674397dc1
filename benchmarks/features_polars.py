"""The features of the families tenure, money and usage, written by hand in Polars.

A measure for the feature code: same files, same columns, same figures; lazy, on the streaming
engine. Polars is not part of the environment: `make bench` adds it.
"""

from __future__ import annotations

from pathlib import Path

import polars as pl

from src.features.lifecycle import FREEZE_MONTHS
from src.features.months import Month

LENGTHS = (1, 3, 6, 12)
MEASURES = ("data_gb", "call_minutes", "messages")
KEY = "customer_id"


def features(tables: Path, at: Month) -> pl.DataFrame:
    """`customer_id` and the features at the end of the month `at`, one row per customer."""
    bills = pl.scan_parquet(tables / "billing.parquet")
    margin = pl.col("revenue") - pl.col("cost_to_serve")
    bills = bills.select(KEY, "month", "revenue", margin.alias("margin"))
    billed = _billed(bills, at).collect(engine="streaming").lazy()
    columns = [KEY, _number("signup_month"), _number("closed_month")]
    customers = pl.scan_parquet(tables / "customers.parquet").select(columns)
    closed = pl.col("closed_month")
    is_open = closed.is_null() | (closed > at.number) | (closed < pl.col("life_start"))
    frame = (
        billed.filter(at.number - pl.col("last_paid") < FREEZE_MONTHS)
        .join(_returns(bills, billed, at), on=KEY, how="left")
        .join(customers, on=KEY, how="left")
        .with_columns(pl.col("life_start").fill_null(pl.col("first")), pl.col("lives").fill_null(1))
        .filter(is_open)
        .join(_usage(pl.scan_parquet(tables / "usage.parquet"), at), on=KEY, how="left")
    )
    signup = pl.col("signup_month")
    age = at.number - pl.col("life_start") + 1
    tenure = [
        pl.min_horizontal(age, 12).alias("life_months"),
        ((pl.col("lives") > 1) & (age <= 12)).cast(pl.Int64).alias("has_returned"),
        pl.when(signup <= at.number).then(at.number - signup).alias("tenure_months"),
    ]
    made = frame.select(KEY, *tenure, *_named(_money(at)), *_named(_of_measures()))
    return made.collect(engine="streaming")


def _number(name: str) -> pl.Expr:
    month = pl.col(name)
    return (month.dt.year().cast(pl.Int64) * 12 + month.dt.month() - 1).alias(name)


def _named(values: dict[str, pl.Expr]) -> list[pl.Expr]:
    return [value.alias(name) for name, value in values.items()]


def _since(at: Month, months: int) -> pl.Expr:
    return (pl.col("month") >= at.back(months - 1).start) & (pl.col("month") < at.end)


def _billed(bills: pl.LazyFrame, at: Month) -> pl.LazyFrame:
    """One pass over all bills: the life so far, and the twelve months up to `at`."""
    revenue, margin, month = pl.col("revenue"), pl.col("margin"), pl.col("month")
    until, in_window = month < at.end, _since(at, 12)
    number = _number("month")
    found = {
        "first": pl.when(revenue > 0).then(month).min(),
        "last": pl.when(revenue > 0).then(month).max(),
        "paid": (revenue > 0).sum(),
        "revenue_to_date": pl.when(until).then(revenue).sum(),
        "margin_to_date": pl.when(until).then(margin).sum(),
        **{f"sum_{n}": pl.when(_since(at, n)).then(revenue).sum() for n in LENGTHS},
        **{f"margin_{n}": pl.when(_since(at, n)).then(margin).mean() for n in (3, 12)},
        "costed_12": pl.when(in_window & margin.is_not_null()).then(revenue).mean(),
        "peak": pl.when(in_window).then(revenue).max(),
        "spread": pl.when(in_window).then(revenue).std(),
        "paid_12": ((revenue > 0) & in_window).sum(),
        "last_paid": pl.when((revenue > 0) & in_window).then(month).max(),
    }
    for length in (6, 12):
        weighted = revenue * (number - (at.number - (length - 1) / 2))
        spread = length * (length * length - 1) / 12
        found[f"trend_{length}"] = pl.when(_since(at, length)).then(weighted).sum() / spread
    lives = bills.group_by(KEY).agg(_named(found)).filter(pl.col("paid") > 0)
    return lives.with_columns(_number(name) for name in ("first", "last", "last_paid"))


def _returns(bills: pl.LazyFrame, billed: pl.LazyFrame, at: Month) -> pl.LazyFrame:
    unpaid = pl.col("last") - pl.col("first") + 1 - pl.col("paid")
    suspects = billed.filter(unpaid >= FREEZE_MONTHS).select(KEY)
    gap = pl.col("start") - pl.col("start").shift(1).over(KEY)
    return (
        bills.filter(pl.col("revenue") > 0, pl.col("month") < at.end)
        .select(KEY, _number("month").alias("start"))
        .join(suspects, on=KEY, how="semi")
        .sort(KEY, "start")
        .filter(gap.is_null() | (gap > FREEZE_MONTHS))
        .group_by(KEY)
        .agg(pl.col("start").max().alias("life_start"), pl.len().cast(pl.Int64).alias("lives"))
    )


def _usage(rows: pl.LazyFrame, at: Month) -> pl.LazyFrame:
    found = {}
    for name in MEASURES:
        value = pl.col(name)
        for length in (1, 3, 6):
            found[f"{name}_{length}"] = pl.when(_since(at, length)).then(value).mean()
        found[f"{name}_12"] = value.mean()
        found[f"{name}_peak"], found[f"{name}_spread"] = value.max(), value.std()
    return rows.filter(_since(at, 12)).group_by(KEY).agg(_named(found))


def _money(at: Month) -> dict[str, pl.Expr]:
    age = at.number - pl.col("first") + 1
    mean = {n: pl.col(f"sum_{n}") / pl.min_horizontal(age, n) for n in LENGTHS}
    before = (pl.col("sum_6") - pl.col("sum_3")) / 3
    missing = pl.max_horizontal(mean[12] - mean[3], 0.0)
    three, twelve = pl.col("margin_3"), pl.col("margin_12")
    slopes = {
        f"revenue_slope_{n}m": pl.when(age >= n).then(_over(pl.col(f"trend_{n}"), mean[n]))
        for n in (6, 12)
    }
    return {
        **{f"revenue_mean_{n}m": mean[n] for n in LENGTHS},
        "revenue_ratio_1_3": _over(mean[1], mean[3]),
        "revenue_ratio_3_6": _over(mean[3], mean[6]),
        "revenue_ratio_3_12": _over(mean[3], mean[12]),
        "revenue_change_3m": pl.when(age >= 6).then(_over(mean[3], before) - 1),
        **slopes,
        "revenue_variation_12m": _over(pl.col("spread"), mean[12]),
        "revenue_share_of_peak_1m": _over(mean[1], pl.col("peak")),
        "revenue_share_of_peak_3m": _over(mean[3], pl.col("peak")),
        "months_since_revenue": at.number - pl.col("last_paid"),
        "months_unpaid_12m": pl.min_horizontal(age, 12) - pl.col("paid_12").cast(pl.Int64),
        "arrears_3m": _over(missing * pl.min_horizontal(age, 3), mean[12]),
        "revenue_to_date": pl.col("revenue_to_date"),
        "margin_mean_3m": three,
        "margin_mean_12m": twelve,
        "margin_change": three - twelve,
        "margin_share_12m": _over(twelve, pl.col("costed_12")),
        "margin_to_date": pl.col("margin_to_date"),
    }


def _of_measures() -> dict[str, pl.Expr]:
    made = {}
    for name in MEASURES:
        mean = {n: pl.col(f"{name}_{n}") for n in LENGTHS}
        for length in LENGTHS:
            made[f"{name}_mean_{length}m"] = mean[length]
        for a, b in ((1, 3), (1, 12), (3, 6), (3, 12)):
            made[f"{name}_ratio_{a}_{b}"] = _over(mean[a], mean[b])
        for length in (1, 3):
            made[f"{name}_share_of_peak_{length}m"] = _over(mean[length], pl.col(f"{name}_peak"))
        made[f"{name}_variation_12m"] = _over(pl.col(f"{name}_spread"), mean[12])
    return made


def _over(part: pl.Expr, whole: pl.Expr) -> pl.Expr:
    return part / pl.when(whole > 0).then(whole)
