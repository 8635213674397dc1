"""What a product brings once it is taken: margin a month, and for how many months."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import norm

from src.data.problems import InputError
from src.features.months import Month, month_numbers
from src.models.intervals.proportions import event_rate
from src.models.products.counting import spells_of
from src.models.value.discounting import discounts

WINDOW = 3  # months before a taking, and after it, that are compared
LEAST = 20  # takers that a margin is read from
LEVELS = 3  # products held from which on customers are compared with each other
LIMIT = 1.0  # changes beyond the revenue of before count as this much


@dataclass(frozen=True, eq=False)
class Money:
    """Bills as (customers, months) from month `first` on; missing where there is no bill.

    `customers`: `customer_id`, `segment`, in the order of the rows. `margin` is missing too where
    the cost is not known.
    """

    customers: pd.DataFrame
    first: int
    revenue: np.ndarray
    margin: np.ndarray

    def __repr__(self) -> str:
        return f"Money: {self.revenue.shape[0]:,} customers, {self.revenue.shape[1]} months"


def money_of(bills: pd.DataFrame, people: pd.DataFrame) -> Money:
    """Bills side by side. Reads `customer_id`, `month`, `revenue`, `cost_to_serve`.

    `people` has `customer_id` and `segment`; bills of others are left out. Several bills of a month
    are one.
    """
    row = pd.Index(people["customer_id"]).get_indexer(bills["customer_id"])
    month = month_numbers(bills["month"]).to_numpy()
    first = int(month.min())
    shape = (len(people), int(month.max()) - first + 1)
    use = row >= 0
    cell = row[use] * shape[1] + month[use] - first
    has_bill = np.bincount(cell, minlength=shape[0] * shape[1]).reshape(shape) > 0
    revenue = bills["revenue"].to_numpy(float)
    margin = revenue - bills["cost_to_serve"].to_numpy(float)
    filled = []
    for values in (revenue, margin):
        total = np.bincount(cell, values[use], shape[0] * shape[1]).reshape(shape)
        filled.append(np.where(has_bill, total, np.nan))
    return Money(people[["customer_id", "segment"]].reset_index(drop=True), first, *filled)


def margins_of_products(held: pd.DataFrame, money: Money, confidence: float = 0.95) -> pd.DataFrame:
    """What taking a product adds a month, as a share of the revenue of before.

    `held` as `src.features.takings.held_products`. Returns per `segment` and `product`: `takers`,
    `revenue_share` with `revenue_low` and `revenue_high`, `share` of margin with `error`, `low` and
    `high`. A difference in differences: the mean of WINDOW months after the month of taking less
    that of the WINDOW months before, over the revenue before; less the same of customers of the
    segment who took nothing from WINDOW months before to WINDOW months after that month and held as
    many products before, those of LEVELS and more together. Who took another product in these
    months does not count, nor who lacks a bill in one of them. Changes beyond LIMIT times the
    revenue count as that. Normal intervals over customers. Missing, with the number of takers,
    below LEAST of them.

    Assumes that takers would have moved as the others did. A product that is taken because a
    customer is growing gets the growth too.
    """
    rows = []
    changes = _changes(held, money)
    names = pd.unique(held["product"])
    segment = money.customers["segment"].to_numpy()
    for name in sorted(set(map(str, segment))):
        for product in sorted(names):
            values, spread = _taken_against_others(changes, name, product)
            record = {"segment": name, "product": product, "takers": len(values)}
            if len(values) >= LEAST:
                error = np.sqrt(values.var(axis=0, ddof=1) / len(values) + spread)
                z = norm.ppf((1 + confidence) / 2)
                (revenue, margin), (of_revenue, of_margin) = values.mean(axis=0), error
                record |= {
                    "revenue_share": revenue,
                    "revenue_low": revenue - z * of_revenue,
                    "revenue_high": revenue + z * of_revenue,
                    "share": margin,
                    "error": of_margin,
                    "low": margin - z * of_margin,
                    "high": margin + z * of_margin,
                }
            rows.append(record)
    ends = ["revenue_share", "revenue_low", "revenue_high", "share", "error", "low", "high"]
    return pd.DataFrame(rows, columns=["segment", "product", "takers", *ends])


def staying(
    held: pd.DataFrame, watched: pd.DataFrame, follow_up: Month, confidence: float = 0.95
) -> pd.DataFrame:
    """How long products are kept: per `segment` and `product` `ends`, `months`, `rate`, ends.

    `held` and `watched` as in `src.features.takings`; a product is kept until it or the life ends,
    watched up to `follow_up`. `rate` of ends a month with an exact Poisson interval. One rate for
    all months: of products that are given back early or late, the months to come are misjudged.
    """
    parts = []
    for segment, lives in watched.groupby("segment", sort=True):
        names = pd.Index(sorted(held["product"].unique()))
        spells = spells_of(held, lives, names)
        last = np.minimum(spells.end, lives["end"].to_numpy()[spells.life])
        since = np.maximum(spells.start, lives["start"].to_numpy()[spells.life])
        months = np.maximum(np.minimum(last, follow_up.number) - since + 1, 0)
        has_ended = (last < follow_up.number) & (months > 0)
        table = pd.DataFrame(
            {
                "segment": segment,
                "product": names,
                "ends": np.bincount(spells.product, has_ended, len(names)),
                "months": np.bincount(spells.product, months, len(names)),
            }
        )
        table = table[table["months"] > 0]
        parts.append(table.join(event_rate(table["ends"], table["months"], confidence)))
    return pd.concat(parts, ignore_index=True)


def months_kept(rate: np.ndarray, horizon: int, annual_rate: float) -> np.ndarray:
    """The discounted months of `horizon` for which a product is kept at a `rate` of ends a month.

    >>> months_kept(np.array([0.0, 0.5]), 2, 0.0).tolist()
    [2.0, 0.75]
    """
    stays = (1 - np.clip(rate, 0, 1))[..., None] ** np.arange(1, horizon + 1)
    return np.asarray(stays @ discounts(horizon, annual_rate))


def margins_of_orders(
    orders: pd.DataFrame, bought: pd.DataFrame, watched: pd.DataFrame
) -> pd.DataFrame:
    """What buyers of a category bring: margin of the first order, and a month after it.

    `orders` with `customer_id`, `date`, `category`, `margin`; `bought` of
    `src.features.takings.bought_products`. Returns per `segment` and `product`: `takers`,
    `at_once`, `monthly` money, each with `_error`. Months count from the first order to the end of
    the life; the error of `monthly` is that of a ratio over customers.
    """
    linked = orders.dropna(subset=["customer_id", "category", "date", "margin"])
    ends = watched.groupby("customer_id")["end"].max()
    segment = watched.drop_duplicates("customer_id").set_index("customer_id")["segment"]
    bought = bought[bought["customer_id"].isin(ends.index)]
    months = (bought["customer_id"].map(ends) - bought["start"]).clip(lower=0)
    key = pd.MultiIndex.from_frame(bought[["customer_id", "product"]])
    prefix = "shop: " + linked["category"].astype(str)
    linked = linked.assign(product=prefix).sort_values("date", kind="stable")
    groups = linked.groupby(["customer_id", "product"], sort=False)["margin"]
    first, total = groups.first().reindex(key), groups.sum().reindex(key)
    table = pd.DataFrame(
        {
            "segment": bought["customer_id"].map(segment).to_numpy(),
            "product": bought["product"].to_numpy(),
            "first": first.to_numpy(),
            "later": (total - first).to_numpy(),
            "months": months.to_numpy(),
        }
    ).dropna()
    rows = []
    for (name, product), part in table.groupby(["segment", "product"], sort=True):
        if len(part) < LEAST or part["months"].sum() <= 0:
            continue
        monthly = part["later"].sum() / part["months"].sum()
        moves = (part["later"] - monthly * part["months"]) / part["months"].mean()
        rows.append(
            {
                "segment": name,
                "product": product,
                "takers": len(part),
                "at_once": part["first"].mean(),
                "at_once_error": part["first"].std() / np.sqrt(len(part)),
                "monthly": monthly,
                "monthly_error": moves.std() / np.sqrt(len(part)),
            }
        )
    columns = ["segment", "product", "takers", "at_once", "at_once_error", "monthly"]
    return pd.DataFrame(rows, columns=[*columns, "monthly_error"])


def _changes(held: pd.DataFrame, money: Money) -> pd.DataFrame:
    """A row per taking that counts: `segment`, `product`, gains, and the `group` of its others.

    `revenue` and `margin`: the changes less the mean of the others, over the revenue before;
    `revenue_spread`, `margin_spread`: the variance of that mean.
    """
    months = money.revenue.shape[1]
    if months < 2 * WINDOW + 1:
        raise InputError(
            f"bills of {months} months do not show what a product adds: {2 * WINDOW + 1} are needed"
        )
    row = pd.Index(money.customers["customer_id"]).get_indexer(held["customer_id"])
    when = held["start"].to_numpy() - money.first
    use = (row >= 0) & (when >= 0) & (when < months)
    seen = row >= 0
    until = np.clip(held["end"].to_numpy() + 1 - money.first, 0, months)
    shelf = np.zeros((len(money.customers), months + 1), dtype="int16")
    np.add.at(shelf, (row[seen], np.clip(when[seen], 0, months)), 1)
    np.add.at(shelf, (row[seen], np.maximum(until, np.clip(when, 0, months))[seen]), -1)
    shelf = np.minimum(np.cumsum(shelf, axis=1, dtype="int16"), LEVELS)
    row, when, product = row[use], when[use], held["product"].to_numpy()[use]
    takings = np.zeros((len(money.customers), months + 1), dtype="int16")
    np.add.at(takings, (row, when + 1), 1)
    takings = np.cumsum(takings, axis=1, dtype="int16")
    kinds, segment = pd.factorize(money.customers["segment"], sort=True)
    parts = []
    for month in range(WINDOW, months - WINDOW):
        before, after = slice(month - WINDOW, month), slice(month + 1, month + WINDOW + 1)
        was = money.revenue[:, before].mean(axis=1)
        with np.errstate(invalid="ignore", divide="ignore"):
            change = [
                (values[:, after].mean(axis=1) - values[:, before].mean(axis=1)) / was
                for values in (money.revenue, money.margin)
            ]
        changes = np.column_stack(change)
        around = takings[:, month + WINDOW + 1] - takings[:, month - WINDOW]
        is_seen = np.isfinite(changes).all(axis=1) & (was > 0)
        is_seen &= ~np.isnan(money.revenue[:, month])
        changes = np.clip(changes, -LIMIT, LIMIT)
        own = when == month
        took, name = row[own], product[own]
        alone = is_seen[took] & (around[took] == 1)
        took, name = took[alone], name[alone]
        alike = kinds * (LEVELS + 1) + shelf[:, month - 1]
        for kind in np.unique(alike[took]):
            others = changes[is_seen & (around == 0) & (alike == kind)]
            if len(others) < 2:
                continue
            here = alike[took] == kind
            gain = changes[took[here]] - others.mean(axis=0)
            spread = others.var(axis=0, ddof=1) / len(others)
            parts.append(
                pd.DataFrame(
                    {
                        "segment": segment[kind // (LEVELS + 1)],
                        "group": month * len(alike) + kind,
                        "product": name[here],
                        "revenue": gain[:, 0],
                        "margin": gain[:, 1],
                        "revenue_spread": spread[0],
                        "margin_spread": spread[1],
                    }
                )
            )
    columns = ["segment", "group", "product", "revenue", "margin"]
    empty = pd.DataFrame(columns=[*columns, "revenue_spread", "margin_spread"])
    return pd.concat(parts, ignore_index=True) if parts else empty


def _taken_against_others(
    changes: pd.DataFrame, segment: str, product: str
) -> tuple[np.ndarray, np.ndarray]:
    """(takers, 2): gains in revenue and margin; (2,): variance of the mean of the others."""
    part = changes[(changes["segment"] == segment) & (changes["product"] == product)]
    values = part[["revenue", "margin"]].to_numpy(float)
    by_group = part.groupby("group")[["revenue_spread", "margin_spread"]].first()
    weights = (part.groupby("group").size() / max(len(part), 1)).to_numpy()
    return values, (weights[:, None] ** 2 * by_group.to_numpy(float)).sum(axis=0)
