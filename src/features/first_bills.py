"""Segments that first bills tell, as they were known at a snapshot."""

from __future__ import annotations

import narwhals as nw

from src.features.catalogue import AT, KEY, PAIR
from src.features.families.attributes import SEGMENTS
from src.features.months import number_of
from src.features.population import REVENUE


def segment_so_far(
    frame: nw.LazyFrame,
    billing: nw.LazyFrame,
    snapshots: nw.LazyFrame,
    months: int,
    bound: float,
) -> nw.LazyFrame:
    """`frame` of customers and snapshots with the segments that could be told at the snapshot.

    The rule is that of `src.data.first_bills`: B2B where the median of the first `months` months
    with a bill is `bound` or more. The table customers knows all of them; a snapshot before the
    last of them has the median of those up to it, or the segment would tell who stays to grow.
    `snapshots` has the column `at`; `frame` comes from `src.features.population.population`.
    """
    number = nw.col("number")
    paid = billing.filter(nw.col(REVENUE) > 0)
    paid = paid.select(KEY, number_of(nw.col("month")).alias("number"), REVENUE)
    paid = paid.with_columns(number.cum_count().over(KEY, order_by="number").alias("place"))
    so_far = (
        paid.filter(nw.col("place") <= months)
        .join(snapshots.select(AT), how="cross")
        .filter(number <= nw.col(AT))
        .group_by(*PAIR)
        .agg(nw.len().alias("bills"), nw.col(REVENUE).median().alias("usual"))
        .filter(nw.col("bills") < months)
        .select(*PAIR, "usual")
    )
    usual = nw.col("usual")
    told = nw.when(usual >= bound).then(nw.lit("B2B")).otherwise(nw.lit("B2C"))
    return (
        frame.join(so_far, on=list(PAIR), how="left")
        .with_columns(
            nw.when(usual.is_null()).then(nw.col(name)).otherwise(told).alias(name)
            for name in SEGMENTS
        )
        .drop("usual")
    )
