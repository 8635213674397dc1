"""Takings: which customer took which product in which month, and in which months one looked."""

from __future__ import annotations

import numpy as np
import pandas as pd

from src.data.problems import InputError
from src.features.months import Month, month_numbers

SHOP = "shop: "
FOREVER = 1_000_000  # the month in which what is still held ends
COLUMNS = ("customer_id", "product", "start", "end", "is_offered")


def held_products(holdings: pd.DataFrame) -> pd.DataFrame:
    """What customers took and, where it ended, until when: COLUMNS, a row per product and time.

    Reads `customer_id`, `product`, `start_month` and, where the base has it, `end_month` (the last
    month held; empty: still held). `start` and `end` are numbers of months, `end` is FOREVER where
    there is none. Who gave a product back may take it again.

    Raises `InputError` where there is no row, and where a customer takes what is held already.
    """
    if holdings.empty:
        raise InputError("holdings has no row, so nobody holds a product")
    end = holdings.get("end_month", pd.Series(pd.NaT, holdings.index))
    table = pd.DataFrame(
        {
            "customer_id": holdings["customer_id"],
            "product": holdings["product"].astype(str),
            "start": _numbers(holdings["start_month"], FOREVER),
            "end": _numbers(pd.to_datetime(end), FOREVER),
            "is_offered": True,
        }
    )
    again = table[table.duplicated(["customer_id", "product"], keep=False)]
    again = again.sort_values(["customer_id", "product", "start", "end"], kind="stable")
    before = again.groupby(["customer_id", "product"], sort=False)["end"].shift()
    overlaps = again[again["start"] < before]
    if len(overlaps):
        first = overlaps.iloc[0]
        text = Month(int(first["start"])).text
        raise InputError(
            f"holdings overlap themselves in {len(overlaps):,} rows: a customer takes "
            f"{first['product']!r} in {text} and holds it already; end the earlier row first, or "
            "join the two"
        )
    return table


def bought_products(orders: pd.DataFrame) -> pd.DataFrame:
    """The first purchase of each category by each customer whom the shop knows, as COLUMNS.

    Reads `customer_id`, `date` and `category` of orders; the product is named `shop: <category>`.
    Who bought has bought: it never ends, and is not taken twice. Orders that lack one of the three
    do not count.
    """
    linked = orders.dropna(subset=["customer_id", "category", "date"])
    first = linked.groupby(["customer_id", "category"], sort=False, observed=True)["date"].min()
    table = first.reset_index()
    return pd.DataFrame(
        {
            "customer_id": table["customer_id"],
            "product": SHOP + table["category"].astype(str),
            "start": _numbers(table["date"], FOREVER),
            "end": FOREVER,
            "is_offered": True,
        }
    )


def held_tariffs(people: pd.DataFrame, since: int) -> pd.DataFrame:
    """The tariff of each customer as something held from month `since` on, and never offered.

    Reads `customer_id` and `tariff`, of customers or of lines: of several lines the tariff that
    most of them have. When a customer came to a tariff is not known, so it is no taking.
    """
    some = people.dropna(subset=["tariff"])
    lines = some.groupby(["customer_id", "tariff"], sort=False, observed=True).size()
    most = lines.reset_index(name="lines").sort_values("lines", ascending=False, kind="stable")
    first = most.drop_duplicates("customer_id").sort_index()
    return pd.DataFrame(
        {
            "customer_id": first["customer_id"],
            "product": first["tariff"].astype(str),
            "start": since,
            "end": FOREVER,
            "is_offered": False,
        }
    )


def watched(lives: pd.DataFrame, people: pd.DataFrame, last: Month) -> pd.DataFrame:
    """The months in which takings of a customer would be seen, a row per life.

    `lives` of `src.features.lifecycle.lives_as_of`; `people` with `customer_id`, `segment` and,
    where there is one, `signup_month`. Returns `customer_id`, `segment`, `start` and `end` (the
    first and the last month of the life, at most `last`), `joined` (the month of signing up, else
    the start): numbers of months. Customers without a segment are left out.
    """
    people = people.set_index("customer_id")
    start = _numbers(lives["start"], FOREVER)
    end = _numbers(lives["end"], last.number + 1) - 1
    joined = start
    if "signup_month" in people:
        signup = _numbers(lives["customer_id"].map(people["signup_month"]), FOREVER)
        joined = pd.Series(np.minimum(signup, start), lives.index)
    table = pd.DataFrame(
        {
            "customer_id": lives["customer_id"],
            "segment": lives["customer_id"].map(people["segment"]).astype("object"),
            "start": start,
            "end": np.minimum(end, last.number),
            "joined": joined,
        }
    )
    return table.dropna(subset=["segment"]).reset_index(drop=True)


def _numbers(months: pd.Series, missing: int) -> pd.Series:
    """The numbers of months, `missing` where there is none."""
    return month_numbers(months).fillna(missing).astype("int64")
