"""What each customer of a list holds at the end of a month, and what was taken after it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from src.features.months import Month

RECENT = 12  # months whose takings count as recent
TRAITS = ("tenure", "since", "recent", "revenue")


@dataclass(frozen=True, eq=False)
class Standing:
    """A list of customers at the end of month `at`: nothing later is in it.

    `customers`: `customer_id`, `segment`, `tenure` (months since joining), `since` (months since
    the last taking, else since joining), `recent` (takings of the last RECENT months), `revenue` (a
    month). `holds`: (customers, products), of `products`. `latest`: the place of the product taken
    last, -1 for none.
    """

    at: Month
    customers: pd.DataFrame
    products: tuple[str, ...]
    holds: np.ndarray
    latest: np.ndarray

    def __repr__(self) -> str:
        return f"Standing: {len(self.customers):,} customers at {self.at.text}"

    def part(self, rows: np.ndarray) -> Standing:
        """The customers of these rows, a mask or places."""
        return Standing(
            self.at,
            self.customers.iloc[np.flatnonzero(rows) if rows.dtype == bool else rows],
            self.products,
            self.holds[rows],
            self.latest[rows],
        )


def standing(
    held: pd.DataFrame,
    listed: pd.DataFrame,
    at: Month,
    products: Sequence[str],
) -> Standing:
    """What the customers of `listed` hold at the end of month `at`.

    `held` as `src.features.takings.COLUMNS`; `listed`: `customer_id`, `segment`, `joined` (number
    of a month), `revenue`. An end after `at` is not known then: the product is held. What is none
    of `products`, those that can be taken, is left out: since when a tariff is held nobody knows.
    """
    names = pd.Index(products)
    held = held[held["start"] <= at.number]
    row = pd.Index(listed["customer_id"]).get_indexer(held["customer_id"])
    product = names.get_indexer(held["product"])
    start, end = held["start"].to_numpy(), held["end"].to_numpy()
    then = (row >= 0) & (product >= 0)
    holds = np.zeros((len(listed), len(names)), dtype=bool)
    is_held = then & (end > at.number)
    holds[row[is_held], product[is_held]] = True

    place, month, of = row[then], start[then], product[then]
    joined = listed["joined"].to_numpy("int64")
    last = joined.copy()
    np.maximum.at(last, place, month)
    is_recent = (month > at.number - RECENT) & (month > joined[place])
    order = np.argsort(month, kind="stable")
    latest = np.full(len(listed), -1)
    latest[place[order]] = of[order]
    customers = pd.DataFrame(
        {
            "customer_id": listed["customer_id"].to_numpy(),
            "segment": listed["segment"].to_numpy(),
            "tenure": np.maximum(at.number - joined, 0),
            "since": np.maximum(at.number - last, 0),
            "recent": np.bincount(place[is_recent], minlength=len(listed)),
            "revenue": listed["revenue"].to_numpy(float),
        }
    )
    return Standing(at, customers, tuple(products), holds, latest)


def taken_next(held: pd.DataFrame, before: Standing, months: int) -> tuple[np.ndarray, np.ndarray]:
    """(customers, products) twice: taken within `months` after `before.at`; taken first of those.

    What a customer held at the time is not taken. Several products of the first month are all
    first.
    """
    number = before.at.number
    held = held[(held["start"] > number) & (held["start"] <= number + months)]
    row = pd.Index(before.customers["customer_id"]).get_indexer(held["customer_id"])
    product = pd.Index(before.products).get_indexer(held["product"])
    ahead = held["start"].to_numpy() - number
    is_next = (row >= 0) & (product >= 0)
    month = np.full(before.holds.shape, months + 1, dtype="int16")
    np.minimum.at(month, (row[is_next], product[is_next]), ahead[is_next].astype("int16"))
    month[before.holds] = months + 1
    taken = month <= months
    return taken, taken & (month == month.min(axis=1, keepdims=True))
