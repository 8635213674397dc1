"""Windows of months before a snapshot, over the rows of a monthly table."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

import narwhals as nw

from src.features.catalogue import AT, KEY
from src.features.months import Month, number_of

WINDOW = 12
LENGTHS = (3, 6, 12)
_OF = "_to_"


def over_window(
    table: nw.LazyFrame, snapshots: Iterable[Month], aggregates: Callable[[Month], Mapping]
) -> nw.LazyFrame:
    """One row per customer and snapshot, for customers with a row in the twelve months up to it.

    `aggregates(at)` maps the names of the new columns to aggregates over those rows. Adds `at`.
    Each snapshot reads its own months only.
    """
    parts = []
    for at in snapshots:
        month = nw.col("month")
        rows = table.filter(month >= at.back(WINDOW - 1).start, month < at.end)
        found = [value.alias(name) for name, value in aggregates(at).items()]
        number = nw.lit(at.number, nw.Int64).alias(AT)
        parts.append(rows.group_by(KEY).agg(*found).with_columns(number))
    return _all_of(parts)


def _all_of(parts: list[nw.LazyFrame]) -> nw.LazyFrame:
    """The rows of all parts: by halves, as each union looks through all that is in it already."""
    if len(parts) == 1:
        return parts[0]
    half = len(parts) // 2
    return nw.concat([_all_of(parts[:half]), _all_of(parts[half:])])


def within(at: Month, months: int, value: nw.Expr) -> nw.Expr:
    """`value` in the last `months` of the window, missing before."""
    if months == WINDOW:
        return value
    return nw.when(nw.col("month") >= at.back(months - 1).start).then(value)


def levels(at: Month, name: str, value: nw.Expr) -> dict[str, nw.Expr]:
    """Mean over 1, 3, 6 and 12 months, peak and spread (standard deviation) over 12.

    Rows without a value are skipped.
    """
    return {
        **{f"{name}_mean_{n}": within(at, n, value).mean() for n in (1, *LENGTHS)},
        f"{name}_peak": value.max(),
        f"{name}_spread": value.std(),
    }


def trend(at: Month, months: int, value: nw.Expr) -> nw.Expr:
    """The least-squares change a month over the last `months`; a month without a row is 0.

    With months x = 0 (oldest) .. n-1 the slope is sum (x - mean x) y / sum (x - mean x)^2.
    """
    centre = at.number - (months - 1) / 2
    spread = months * (months * months - 1) / 12
    weight = number_of(nw.col("month")).cast(nw.Float64) - centre
    return within(at, months, value * weight).sum() / spread


def dated(aggregates: Mapping[str, nw.Expr], at: Month) -> list[nw.Expr]:
    """The aggregates under their names for one snapshot, `<name>_to_<number>`."""
    return [value.alias(f"{name}{_OF}{at.number}") for name, value in aggregates.items()]


def sliced(customers: nw.LazyFrame, snapshots: Iterable[Month]) -> nw.LazyFrame:
    """One row per customer and snapshot, from one row per customer with `dated` columns.

    A column `<name>_to_<number>` comes out as `<name>` for its snapshot, others as they are. Adds
    `at`.
    """
    there = customers.collect_schema().names()
    names = dict.fromkeys(name.rsplit(_OF, 1)[0] for name in there if _OF in name)
    others = [name for name in there if _OF not in name]
    parts = []
    for at in snapshots:
        found = (nw.col(f"{name}{_OF}{at.number}").alias(name) for name in names)
        parts.append(customers.select(*others, nw.lit(at.number, nw.Int64).alias(AT), *found))
    return _all_of(parts)


def divided(part: nw.Expr, whole: nw.Expr) -> nw.Expr:
    """`part / whole` where `whole` is above zero, missing elsewhere."""
    return part / nw.when(whole > 0).then(whole)


def one_if(condition: nw.Expr) -> nw.Expr:
    """1 where the condition holds, 0 where it does not or is unknown."""
    return nw.when(condition).then(1).otherwise(0)
