"""Takings counted in time: who held what before, for how long, and which product came first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from src.data.problems import InputError

BAND = 6  # months of a band of calendar time, and of a cohort of those who joined
_TENURES = (12, 36)  # months; bounds of the tenure of those who were there from the start


@dataclass(frozen=True)
class Counts:
    """Takings and months at risk of one segment; products are those of `products`, in order.

    A month is at risk for a product when the customer is watched and does not hold it from before.
    Strata are bands of calendar time times cohorts of joining, so that customers of a stratum have
    about the same tenure in about the same months.
    """

    products: tuple[str, ...]
    is_offered: np.ndarray  # (products,): can be taken next
    taken: np.ndarray  # (strata, column): takings
    at_risk: np.ndarray  # (strata, column): months
    taken_with: np.ndarray  # (strata, row, column): takings by those who held the row before
    at_risk_with: np.ndarray  # (strata, row, column): months in which the row was held before
    before: np.ndarray  # (cohorts, row, column): took both while watched, the row first
    when_both: np.ndarray  # (cohorts, row, column, months): took both, when they took the row

    def __repr__(self) -> str:
        return f"Counts: {self.taken.sum():,.0f} takings of {len(self.products)} products"


@dataclass(frozen=True)
class Spells:
    """Holdings side by side per life, as arrays of the same length, sorted by life."""

    life: np.ndarray
    product: np.ndarray
    start: np.ndarray
    end: np.ndarray


def counted(held: pd.DataFrame, watched: pd.DataFrame) -> Counts:
    """Takings and months at risk of the customers of `watched`.

    `held`: `customer_id`, `product`, `start`, `end`, `is_offered` as
    `src.features.takings.held_products` has them; `watched`: `customer_id`, `start`, `end`,
    `joined`, a row per life, of one segment. What a customer has in the first month watched is
    held, not taken: only later months count. Rows of customers who are not watched are not read.
    What is taken in the same month has no order.

    The work grows with the pairs of products of a customer, not with months. Raises `InputError`
    where nobody is watched for two months.
    """
    if not (watched["end"] > watched["start"]).any():
        raise InputError("nobody is watched for two months, so nobody was seen to take a product")
    names = held.groupby("product")["is_offered"].any().sort_index()
    products, offered = tuple(names.index), names.to_numpy("bool")
    first, last = int(watched["start"].min()), int(watched["end"].max())
    bands = -(-(last - first) // BAND)
    cohort = _cohorts(watched, first)
    cohorts, size = int(cohort.max()) + 1, len(products)
    spells = spells_of(held, watched, pd.Index(products))
    low, high = watched["start"].to_numpy() + 1, watched["end"].to_numpy()

    def in_bands(start: np.ndarray, end: np.ndarray) -> Iterator[tuple[int, np.ndarray]]:
        for band in range(bands):
            begins = first + 1 + BAND * band
            months = np.minimum(end, begins + BAND - 1) - np.maximum(start, begins) + 1
            yield band, np.maximum(months, 0)

    months_watched = np.zeros((bands, cohorts))
    for band, months in in_bands(low, high):
        months_watched[band] = np.bincount(cohort, months, cohorts)

    own_cohort = cohort[spells.life]
    since = np.maximum(spells.start + 1, low[spells.life])
    until = np.minimum(spells.end, high[spells.life])
    months_held = np.zeros((bands, cohorts, size))
    place = own_cohort * size + spells.product
    for band, months in in_bands(since, until):
        months_held[band] = np.bincount(place, months, cohorts * size).reshape(cohorts, size)

    is_taken = (spells.start >= low[spells.life]) & (spells.start <= high[spells.life])
    is_taken &= offered[spells.product]
    when = spells.start - first - 1
    taken = np.zeros((bands, cohorts, size))
    index = np.flatnonzero(is_taken)
    np.add.at(taken, (when[index] // BAND, own_cohort[index], spells.product[index]), 1)

    both = np.zeros((bands, cohorts * size * size))
    taken_with = np.zeros(bands * cohorts * size * size)
    before = np.zeros(cohorts * size * size)
    when_both = np.zeros(cohorts * size * size * bands * BAND)
    for left, right in _pairs(spells.life):
        cell = (own_cohort[left] * size + spells.product[left]) * size + spells.product[right]
        shared = np.maximum(since[left], since[right]), np.minimum(until[left], until[right])
        for band, months in in_bands(*shared):
            both[band] += np.bincount(cell, months, both.shape[1])
        for a, b in ((left, right), (right, left)):
            code = (own_cohort[a] * size + spells.product[a]) * size + spells.product[b]
            took_both = is_taken[a] & is_taken[b] & (spells.start[a] != spells.start[b])
            month = code[took_both] * bands * BAND + when[a[took_both]]
            when_both += np.bincount(month, minlength=when_both.size)
            is_next = is_taken[b] & (spells.start[a] < spells.start[b])
            a, b, code = a[is_next], b[is_next], code[is_next]
            was_held = spells.end[a] >= spells.start[b]
            of_band = when[b] // BAND * (cohorts * size * size) + code
            taken_with += np.bincount(of_band[was_held], minlength=taken_with.size)
            before += np.bincount(code[is_taken[a]], minlength=before.size)

    shape = (bands * cohorts, size, size)
    held_both = both.reshape(bands, cohorts, size, size)
    held_both = (held_both + held_both.swapaxes(2, 3)).reshape(shape)
    held_one = months_held.reshape(bands * cohorts, size)
    return Counts(
        products=products,
        is_offered=offered,
        taken=taken.reshape(bands * cohorts, size),
        at_risk=months_watched.reshape(-1, 1) - held_one,
        taken_with=taken_with.reshape(shape),
        at_risk_with=(held_one[:, :, None] - held_both) * ~np.eye(size, dtype=bool),
        before=before.reshape(cohorts, size, size),
        when_both=when_both.reshape(cohorts, size, size, bands * BAND),
    )


def _cohorts(watched: pd.DataFrame, first: int) -> np.ndarray:
    """A number per life: by tenure of who was there from the start, else by when one joined."""
    tenure = np.digitize(first - watched["joined"].to_numpy(), _TENURES)
    came = len(_TENURES) + 1 + (watched["start"].to_numpy() - first) // BAND
    return np.where(watched["start"].to_numpy() == first, tenure, came)


def spells_of(held: pd.DataFrame, watched: pd.DataFrame, products: pd.Index) -> Spells:
    """The holdings of each life; what a customer with two lives holds stands in both."""
    customers = pd.Index(watched["customer_id"].unique())
    owner = customers.get_indexer(watched["customer_id"])
    by_owner = np.argsort(owner, kind="stable")
    lives = np.bincount(owner, minlength=len(customers))
    first = np.cumsum(lives) - lives
    holder = customers.get_indexer(held["customer_id"])
    rows = np.flatnonzero(holder >= 0)
    times = lives[holder[rows]]
    step = np.arange(times.sum()) - np.repeat(np.cumsum(times) - times, times)
    rows = np.repeat(rows, times)
    life = by_owner[first[holder[rows]] + step]
    order = np.argsort(life, kind="stable")
    rows = rows[order]
    product = products.get_indexer(held["product"])[rows]
    start, end = (held[name].to_numpy("int64")[rows] for name in ("start", "end"))
    return Spells(life[order], product, start, end)


def _pairs(life: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """The places of every two holdings of a life, each pair once, those at one distance at once."""
    distance = 1
    while distance < len(life):
        left = np.flatnonzero(life[:-distance] == life[distance:])
        if not len(left):
            return
        yield left, left + distance
        distance += 1
