"""A base in one shape whatever its kind: customers, lives, money, and the words for them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import pandas as pd

from src.data.bases import Base
from src.data.contracts import CONTACTS, TABLES
from src.data.problems import InputError
from src.features.bands import banded
from src.features.edges import old_cohorts, part_months, said_of
from src.features.lifecycle import durations, end_of_follow_up, lives
from src.features.true_rate import as_customers_are, of_whom

WATCHED_MONTHS = 12
RETURN_WEEKS = 26
TENURE_EDGES = (12, 24, 36, 48, 60)
_WORDS_AT_MOST = 60
_MONTHS_AT_MOST = 24
_OF_BUYERS = ("first purchase", "size of first purchase")
_OWN_NAMES = ("money", "outcome", "duration", "ended", "entry")


@dataclass(frozen=True)
class Words:
    """How a report speaks of this base."""

    customer: str  # one row of `Portrait.customers`, in the singular
    money: str  # what `money` measures
    gross: str  # what `Portrait.gross` measures
    outcome: str  # what a customer did when `outcome` is True
    rate: str  # name of the share with a true `outcome`
    share: str  # what those a curve of `lives` counts do
    unit: str  # of `duration`
    vintage: str  # what makes a vintage
    ends_are_losses: bool = True  # False where an end of `lives` is good news: a return


@dataclass(frozen=True)
class Portrait:
    """What an exploration needs of a base; a part that the base cannot carry is None.

    `customers` has one row per customer: `customer_id`, `money` (missing where the base has none),
    `outcome` (yes or no), and the `attributes`, all in named bands. `gross` is their money before
    returns and credits, 0 or more, in the same order. `lives` has `duration`, `ended`, for panels
    `entry`, and the attributes. `revenue` has `vintage`, `period`, `revenue`, `customers`, one row
    per vintage and period. `unranked` are the ids of customers whose groups say nothing of them,
    `aside` what a reader is told of that and of months left out.
    """

    customers: pd.DataFrame
    attributes: tuple[str, ...]
    gross: pd.Series
    lives: pd.DataFrame | None
    revenue: pd.DataFrame | None
    words: Words
    unranked: frozenset[object] = frozenset()
    aside: str = ""


def portrait(base: Base, freeze_months: int | None = None) -> Portrait:
    """The portrait of a base of kind `snapshot`, `orders` or `panel`; None: its own freeze.

    `InputError` for another kind.
    """
    if base.kind == "snapshot":
        return replace(_of_snapshot(as_customers_are(base)), aside=of_whom(base))
    if base.kind == "orders":
        return _of_orders(base.table("orders"))
    _refuse_other(base)
    months = freeze_months or base.freeze_months
    return _of_panel(base.table("customers"), base.table("billing"), months)


def attribute_names(base: Base) -> tuple[str, ...]:
    """The attributes that the portrait of a base has, without making it."""
    if base.kind == "orders":
        return _OF_BUYERS
    if base.kind == "snapshot":
        return tuple(_attributes(as_customers_are(base), TABLES["snapshot"].columns))
    _refuse_other(base)
    return tuple(_attributes(base.table("customers"), TABLES["customers"].columns))


def _refuse_other(base: Base) -> None:
    if base.kind != "panel":
        raise InputError(
            f"an exploration takes bases of kind panel, snapshot or orders, not {base.kind}"
        )


def _of_snapshot(snapshot: pd.DataFrame) -> Portrait:
    attributes = _attributes(snapshot, TABLES["snapshot"].columns)
    customers = pd.DataFrame({"customer_id": snapshot["customer_id"]})
    has_money = "monthly_revenue" in snapshot
    customers["money"] = snapshot["monthly_revenue"] if has_money else float("nan")
    customers["outcome"] = snapshot["churned"]
    customers = customers.join(attributes)
    waits, revenue = None, None
    if "tenure_months" in snapshot:
        months = np.floor(snapshot["tenure_months"])  # those that are over
        durations = {"duration": months, "ended": snapshot["churned"]}
        waits = pd.DataFrame(durations).join(attributes).dropna(subset=["duration"])
        if has_money:
            vintage = _tenure_bands(months)
            revenue = _revenue(vintage, "now", snapshot["monthly_revenue"], snapshot["customer_id"])
    words = Words(
        customer="customer",
        money="monthly charge",
        gross="monthly charges above 0",
        outcome="churned",
        rate="churn_rate",
        share="are still customers",
        unit="months",
        vintage="tenure in months",
    )
    gross = customers["money"].clip(lower=0)
    return Portrait(customers, tuple(attributes), gross, waits, revenue, words)


def _of_orders(orders: pd.DataFrame) -> Portrait:
    """Buyers, and the wait from the first day of purchase to the next one.

    A return (negative amount) lowers the money and is no purchase; who has nothing but returns in
    the data is no buyer.
    """
    bought = orders[orders["amount"] >= 0]
    if bought.empty:
        raise InputError("orders has no purchase: every amount is negative")
    by_day = bought.groupby(["buyer_key", "date"], sort=False)["amount"].sum().reset_index()
    by_day = by_day.sort_values("date", kind="stable")
    days = by_day.groupby("buyer_key", sort=False)
    first = days["date"].first()
    second = days["date"].nth(1).set_axis(by_day.loc[days["date"].nth(1).index, "buyer_key"])
    second = second.reindex(first.index)
    last_day = orders["date"].max()

    by_month = first.dt.to_period("M").nunique() <= _MONTHS_AT_MOST
    cohort = first.dt.strftime("%Y-%m" if by_month else "%Y")
    sizes = banded(days["amount"].first())
    attributes = pd.DataFrame(dict(zip(_OF_BUYERS, (cohort, sizes), strict=True)))
    wait = (second.fillna(last_day) - first).dt.days / 7
    lives_of_buyers = pd.DataFrame({"duration": wait, "ended": second.notna()}).join(attributes)
    customers = pd.DataFrame(
        {
            "customer_id": first.index,
            "money": orders.groupby("buyer_key")["amount"].sum().reindex(first.index),
            "outcome": (second - first).dt.days.le(7 * RETURN_WEEKS),
        },
        index=first.index,
    ).join(attributes)
    is_watched_long_enough = (last_day - first).dt.days >= 7 * RETURN_WEEKS
    customers["outcome"] = customers["outcome"].astype("boolean").mask(~is_watched_long_enough)

    vintage = orders["buyer_key"].map(cohort)
    period = orders["date"].dt.to_period("M").dt.to_timestamp()
    old, parts = old_cohorts(cohort), part_months(orders["date"])
    whole = period.where(~period.isin(parts))
    revenue = _revenue(vintage, whole, orders["amount"], orders["buyer_key"])
    words = Words(
        customer="buyer",
        money="amount spent",
        gross="purchases before returns",
        outcome=f"bought again within {RETURN_WEEKS} weeks",
        rate="repeat_rate",
        share="have bought again",
        unit="weeks",
        vintage=f"{'month' if by_month else 'year'} of first purchase",
        ends_are_losses=False,
    )
    return Portrait(
        customers.reset_index(drop=True),
        tuple(attributes),
        days["amount"].sum().reindex(first.index).reset_index(drop=True),
        lives_of_buyers.reset_index(drop=True),
        revenue,
        words,
        unranked=frozenset(first.index[cohort.isin(old)]),
        aside=said_of(old, parts, words.customer),
    )


def _of_panel(customers: pd.DataFrame, billing: pd.DataFrame, freeze_months: int) -> Portrait:
    first_month, last_month = billing["month"].min(), billing["month"].max()
    follow_up = end_of_follow_up(last_month, freeze_months)
    found = lives(billing, customers, freeze_months)
    if follow_up <= first_month or found.empty:
        raise InputError(
            f"billing is too short: with freeze_months {freeze_months} at least "
            f"{freeze_months + 1} months are needed to see anybody leave"
        )
    attributes = _attributes(customers, TABLES["customers"].columns).set_index(
        customers["customer_id"]
    )
    waits = durations(found, first_month, customers).join(attributes, on="customer_id")
    waits = waits.reset_index(drop=True)

    recent = billing[billing["month"] > last_month - pd.DateOffset(months=WATCHED_MONTHS)]
    money = recent.groupby("customer_id")["revenue"].sum()
    months_known = (follow_up.year - first_month.year) * 12 + follow_up.month - first_month.month
    watched = min(WATCHED_MONTHS, months_known)
    watched_from = follow_up - pd.DateOffset(months=watched)
    alive = found[(found["start"] <= watched_from) & ~(found["end"] <= watched_from)]
    ended = alive.set_index("customer_id")["end"].notna()  # of one life each
    table = pd.DataFrame(
        {
            "customer_id": customers["customer_id"],
            "money": customers["customer_id"].map(money).fillna(0.0),
            "outcome": customers["customer_id"].map(ended).astype("boolean"),
        }
    ).join(attributes, on="customer_id")

    before = f"before {first_month:%Y}"
    signup = customers.set_index("customer_id").get(
        "signup_month", pd.Series(dtype="datetime64[ns]")
    )
    is_older = (found["start"] == first_month) & ~(found["customer_id"].map(signup) >= first_month)
    year = found["start"].dt.strftime("%Y").mask(is_older, before)
    year_won = year.set_axis(found["customer_id"]).groupby(level=0).first()
    billed = billing[billing["customer_id"].isin(year_won.index)]
    years = [before, *sorted(set(year_won) - {before})]
    vintage = pd.Categorical(billed["customer_id"].map(year_won), years, ordered=True)
    vintage = pd.Series(vintage, billed.index)
    revenue = _revenue(vintage, billed["month"], billed["revenue"], billed["customer_id"])
    words = Words(
        customer="customer",
        money=f"revenue of the last {WATCHED_MONTHS} months",
        gross=f"revenue of the last {WATCHED_MONTHS} months before credits",
        outcome=f"left within {watched} month{'s' if watched > 1 else ''}",
        rate="churn_rate",
        share="are still customers",
        unit="months",
        vintage="year won",
    )
    before_credits = recent["revenue"].clip(lower=0).groupby(recent["customer_id"]).sum()
    gross = table["customer_id"].map(before_credits).fillna(0.0)
    watched_lives = None if waits.empty else waits
    return Portrait(table, tuple(attributes), gross, watched_lives, revenue, words)


def _attributes(frame: pd.DataFrame, contract: Collection[str]) -> pd.DataFrame:
    """The columns that describe a customer, in bands: not its id, dates, money, time or label.

    A column whose name the portrait itself uses gets `(of the base)` behind it.
    """
    aside = {"customer_id", "churned", "tenure_months", "monthly_revenue", "acquisition_cost"}
    aside |= set(CONTACTS)
    chosen = {}
    for column in frame.columns:
        values = frame[column]
        is_date = pd.api.types.is_datetime64_any_dtype(values)
        distinct = values.nunique()
        is_free_text = values.dtype == "object" and distinct > _WORDS_AT_MOST
        if column not in aside and not is_date and not is_free_text and distinct >= 2:
            chosen[column] = banded(values)
    in_contract = [column for column in chosen if column in contract]
    others = [column for column in chosen if column not in contract]
    names = {name: f"{name} (of the base)" if name in _OWN_NAMES else name for name in chosen}
    ordered = {names[column]: chosen[column] for column in [*in_contract, *others]}
    return pd.DataFrame(ordered, index=frame.index)


def _tenure_bands(tenure: pd.Series) -> pd.Series:
    edges = [-1, *TENURE_EDGES, float("inf")]
    labels = [f"{low + 1} to {high}" for low, high in pairwise(edges[:-1])]
    labels.append(f"over {TENURE_EDGES[-1]}")
    return pd.cut(tenure, edges, labels=labels)


def _revenue(
    vintage: pd.Series, period: pd.Series | str, revenue: pd.Series, customer: pd.Series
) -> pd.DataFrame:
    rows = pd.DataFrame(
        {"vintage": vintage, "period": period, "revenue": revenue, "customer": customer}
    )
    groups = rows.groupby(["vintage", "period"], observed=True)
    return groups.agg(revenue=("revenue", "sum"), customers=("customer", "nunique")).reset_index()
