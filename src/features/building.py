"""The feature tables of a base: every family, every snapshot, one file per snapshot."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import narwhals as nw

from src.data.bases import Base
from src.data.contracts import CONTACTS
from src.data.first_bills import FIRST_BILLS
from src.data.problems import InputError
from src.features.catalogue import KEY, PAIR, Family, Feature, refuse_alike
from src.features.engines import Engine
from src.features.families.attributes import attribute_columns, attributes
from src.features.families.campaigns import campaigns
from src.features.families.contract import contract
from src.features.families.events import events
from src.features.families.holdings import TIERS, holdings
from src.features.families.lines import lines
from src.features.families.money import money
from src.features.families.shop import shop
from src.features.families.tenure import tenure
from src.features.families.usage import usage
from src.features.families.value import value
from src.features.first_bills import segment_so_far
from src.features.known import known, snapshot_columns
from src.features.leaks import LATEST
from src.features.months import Month
from src.features.population import REVENUE, histories, population, recent, returns
from src.features.windows import WINDOW

# The table of the contract that a family stands on.
SOURCES = {
    "attributes": "customers",
    "tenure": "billing",
    "money": "billing",
    "value": "billing",
    "usage": "usage",
    "contract": "contracts",
    "lines": "lines",
    "holdings": "holdings",
    "events": "events",
    "campaigns": "campaigns",
    "shop": "orders",
}
_LEVELS_AT_MOST = 60
_FEW = 4  # snapshots: those of a million customers that are computed together


@dataclass(frozen=True)
class Plan:
    """What is asked for, checked against the base: see `plan`."""

    snapshots: tuple[Month, ...]
    families: tuple[str, ...]
    missing: dict[str, str]  # family -> table that the base lacks
    freeze_months: int


def plan(
    base: Base,
    engine: Engine,
    snapshots: Iterable[Month] = (),
    families: Iterable[str] = (),
) -> Plan:
    """What to build; by default every family, at every month with a year of data behind it.

    Raises `InputError` for a base that is no panel, an unknown family, a family whose table the
    base lacks, or a snapshot outside the data.
    """
    if base.kind != "panel":
        raise InputError(
            f"features over time need a base of kind panel; {base.name!r} is of kind {base.kind}"
        )
    if not 1 <= base.freeze_months <= WINDOW:
        raise InputError(f"freeze_months must be 1 to {WINDOW}, not {base.freeze_months}")
    asked = tuple(dict.fromkeys(families))
    for family in asked:
        if family not in SOURCES:
            raise InputError(f"there is no feature family {family!r}; known: {', '.join(SOURCES)}")
        if not base.has(SOURCES[family]):
            raise InputError(
                f"the family {family!r} needs the table {SOURCES[family]}, "
                f"which base {base.name!r} does not have"
            )
    missing = {family: table for family, table in SOURCES.items() if not base.has(table)}
    first, last = _first_and_last(_scan(base, engine, "billing"))
    wanted = tuple(sorted(set(snapshots))) or tuple(
        Month(number) for number in range(min(first.back(1 - WINDOW), last).number, last.number + 1)
    )
    for at in wanted:
        if not first <= at <= last:
            raise InputError(
                f"snapshot {at.text} is outside the data, "
                f"which goes from {first.text} to {last.text}"
            )
    return Plan(
        snapshots=wanted,
        families=asked or tuple(family for family in SOURCES if family not in missing),
        missing=missing,
        freeze_months=base.freeze_months,
    )


@dataclass(frozen=True)
class Features:
    """Features of several snapshots: `frame` is lazy, one row per `customer_id` and `at`."""

    frame: nw.LazyFrame
    families: dict[str, tuple[Feature, ...]]
    left_out: dict[str, str]  # column of customers -> why


def feature_frame(
    base: Base, engine: Engine, planned: Plan, snapshots: tuple[Month, ...]
) -> Features:
    """The features of some snapshots of the plan, computed when they are written or kept.

    Columns: `customer_id`, `at`, the features, and `latest_source`, the latest month of a record
    that went into the row.
    """
    bills, customers = _scan(base, engine, "billing"), _scan(base, engine, "customers")
    at = engine.rows(snapshot_columns(snapshots))
    has_cost = "cost_to_serve" in bills.collect_schema()
    history = engine.keep(histories(bills, snapshots, has_cost))
    _refuse_duplicates(history)
    returned = engine.keep(returns(bills, history, planned.freeze_months))
    # DuckDB looks through all of a plan at each step: for many snapshots that takes longer than to
    # compute what has a part for each of them once.
    kept = engine.keep if len(snapshots) > _FEW else lambda frame: frame
    billed = kept(recent(bills, snapshots, planned.freeze_months, has_cost))
    known_customers = attribute_columns(customers)
    frame = population(history, returned, billed, known_customers, at, snapshots)
    if base.first_bills and base.b2b_from:
        frame = segment_so_far(frame, bills, at, base.first_bills, base.b2b_from[1])
    if "value" in planned.families:
        frame = engine.keep(frame)

    made: dict[str, Family] = {}
    left_out: dict[str, str] = {}
    for name in planned.families:
        rows = _scan(base, engine, SOURCES[name])
        match name:
            case "attributes":
                left_out = _left_out(customers, planned.snapshots[-1])
                if base.first_bills:
                    left_out[FIRST_BILLS] = "it tells the segment, and may be of later bills"
                made[name] = attributes(customers.collect_schema(), set(left_out))
            case "tenure":
                made[name] = tenure("signup_month" in customers.collect_schema())
            case "money":
                made[name] = money(has_cost, _has_credits(bills, planned.snapshots[-1]))
            case "value":
                frame, made[name] = value(frame)
            case "usage":
                made[name] = usage(rows, _measures(rows), snapshots)
            case "contract":
                made[name] = contract(known("contracts", rows, at))
            case "lines":
                made[name] = lines(known("lines", rows, at))
            case "holdings":
                made[name] = holdings(
                    known("holdings", rows, at), _sells_tiers(rows, planned.snapshots[-1])
                )
            case "events":
                made[name] = events(known("events", rows, at), _kinds(rows, planned.snapshots[-1]))
            case "campaigns":
                made[name] = campaigns(known("campaigns", rows, at))
            case "shop":
                made[name] = shop(known("orders", rows, at))
    _refuse_two_of_a_name(made)
    for name, family in made.items():
        if family.joined is not None:
            joined = kept(family.joined) if name == "usage" else family.joined
            frame = frame.join(joined, on=list(PAIR), how="left")
    bill = nw.col("last_paid")
    latest = [bill, *(nw.col(family.latest) for family in made.values() if family.latest)]
    frame = frame.select(
        *PAIR,
        *(feature.column() for family in made.values() for feature in family.features),
        nw.max_horizontal(*(column.cast(nw.Int64) for column in latest)).alias(LATEST),
    )
    return Features(frame, {name: family.features for name, family in made.items()}, left_out)


def _scan(base: Base, engine: Engine, table: str) -> nw.LazyFrame:
    return engine.scan(base.folder / "tables" / f"{table}.parquet")


def _first_and_last(billing: nw.LazyFrame) -> tuple[Month, Month]:
    month = nw.col("month")
    ends = billing.select(month.min().alias("first"), month.max().alias("last"))
    row = ends.collect(backend="pandas").to_native().iloc[0]
    return Month.of(row["first"]), Month.of(row["last"])


def _refuse_duplicates(history: nw.LazyFrame) -> None:
    """More months paid than there are between the first and the last: two bills for one month."""
    twice = history.filter(nw.col("unpaid") < 0).select(nw.len().alias("n"))
    number = int(twice.collect(backend="pandas").to_native()["n"].iloc[0])
    if number:
        raise InputError(
            f"billing has two rows for one month for {number:,} customers; "
            "the key of billing is customer_id, month"
        )


def _refuse_two_of_a_name(made: dict[str, Family]) -> None:
    """A column of customers may be called as a feature or a key of the feature tables is."""
    taken = dict.fromkeys((*PAIR, "snapshot", LATEST), "the feature tables have")
    for family, features in made.items():
        for feature in features.features:
            if feature.name in taken:
                raise InputError(
                    f"the family {family} gives a feature {feature.name!r}, but "
                    f"{taken[feature.name]} a column of that name; rename it in the base"
                )
            taken[feature.name] = f"the family {family} gives"


def _has_credits(billing: nw.LazyFrame, last: Month) -> bool:
    """Whether any bill up to a month is negative."""
    notes = billing.filter(nw.col(REVENUE) < 0, nw.col("month") < last.end).select(KEY).head(1)
    return bool(len(notes.collect(backend="pandas")))


def _left_out(customers: nw.LazyFrame, last: Month) -> dict[str, str]:
    """Text columns of customers with too many values, up to a month, to be a category."""
    there = customers.collect_schema()
    refuse_alike((name for name in there if name != KEY), "the columns of customers")
    if "signup_month" in there:
        signup = nw.col("signup_month")
        customers = customers.filter(signup.is_null() | (signup < last.end))
    contacts = {
        name: "a key by which tables are linked" for name in there.names() if name in CONTACTS
    }
    aside = {KEY, *contacts}
    texts = [name for name, kind in there.items() if kind == nw.String and name not in aside]
    if not texts:
        return contacts
    counts = customers.select(nw.col(name).n_unique() for name in texts)
    row = counts.collect(backend="pandas").to_native().iloc[0]
    return contacts | {
        name: f"{row[name]:,} different texts are no category"
        for name in texts
        if row[name] > _LEVELS_AT_MOST
    }


def _measures(usage_rows: nw.LazyFrame) -> list[str]:
    there = usage_rows.collect_schema()
    measures = [name for name, kind in there.items() if kind.is_numeric()]
    refuse_alike(measures, "the measures of usage")
    return measures


def _kinds(rows: nw.LazyFrame, last: Month) -> dict[str, bool]:
    """The kinds of events up to a month, and whether any of a kind carries a value."""
    value = nw.col("value") if "value" in rows.collect_schema() else nw.lit(None, nw.Float64)
    seen = rows.filter(nw.col("date") < last.end).with_columns(value.alias("value"))
    counts = seen.group_by("kind").agg(nw.col("value").count().alias("values"))
    table = counts.collect(backend="pandas").to_native().sort_values("kind")
    refuse_alike(table["kind"], "the kinds of events")
    return {kind: number > 0 for kind, number in zip(table["kind"], table["values"], strict=True)}


def _sells_tiers(holding_rows: nw.LazyFrame, last: Month) -> bool:
    """Whether anybody took a product that shows a tier, up to a month."""
    taken = nw.col("start_month") < last.end
    sold = holding_rows.filter(taken, nw.col("product").is_in(list(TIERS))).head(1)
    return bool(len(sold.collect(backend="pandas")))
