"""Months between the rows of a customer, a number each: tables have a hundred million rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from src.data.cells.mapped import in_steps, let_go

_BITS = 15  # of a month in one number with the place of a customer: the year 2100 has 25,200
_MONTH = 2**_BITS - 1


@dataclass(frozen=True)
class Distances:
    """The months from each row to the next of its customer, where there are any.

    `ordered` holds them as one number each, the place of the customer in `customers` and the
    months, 1 or more, in order: 8 bytes a row are all that is held.
    """

    customers: pd.Index
    ordered: np.ndarray

    def numbers(self) -> pd.Series:
        """How many distances each customer has, 0 included."""
        return pd.Series(self._counted(lambda _, months: months > 0), self.customers)

    def lengths(self) -> np.ndarray:
        """How many distances there are of each number of months from 0 on."""
        count = np.zeros(_MONTH + 1, "int64")
        for _, months in self._steps():
            count += np.bincount(months, minlength=len(count))
        return count

    def usual(self) -> pd.Series:
        """The lower median of each customer's distances; missing where there is none."""
        return self._middle()[0]

    def medians(self) -> pd.Series:
        """The median of each customer's distances; missing where there is none."""
        lower, upper = self._middle()
        return (lower + upper) / 2

    def share(self, is_meant: Callable[[np.ndarray, np.ndarray], np.ndarray]) -> pd.Series:
        """The share of each customer's distances that are meant; 0 where there is none.

        `is_meant` is asked of the places of customers and the months of distances.
        """
        count = self._counted(is_meant)
        return pd.Series(count / np.maximum(self.numbers().to_numpy(), 1), self.customers)

    def _steps(self) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        for rows in in_steps(len(self.ordered)):
            some = self.ordered[rows]
            yield some >> _BITS, some & _MONTH

    def _counted(self, is_meant: Callable[[np.ndarray, np.ndarray], np.ndarray]) -> np.ndarray:
        count = np.zeros(len(self.customers), "int64")
        for place, months in self._steps():
            meant = place[is_meant(place, months)]
            if len(meant):  # in order: those of a step lie between its first and last
                first = int(meant[0])
                counts = np.bincount(meant - first)
                count[first : first + len(counts)] += counts
        return count

    def _middle(self) -> tuple[pd.Series, pd.Series]:
        """The distances below and above the middle of each customer's."""
        numbers = self.numbers().to_numpy()
        first, has_any = np.cumsum(numbers) - numbers, numbers > 0
        middle = []
        for place in (first + (numbers - 1) // 2, first + numbers // 2):
            distance = np.full(len(numbers), np.nan)
            distance[has_any] = self.ordered[place[has_any]] & _MONTH
            middle.append(pd.Series(distance, self.customers))
        return middle[0], middle[1]


def distances(rows: pd.DataFrame, counts: pd.Series | None = None) -> Distances:
    """The distances between the rows (`customer_id`, `month`), rows of one month counted once.

    `customers` are those of `rows`, named `customer_id`, in their order. `counts` says which rows
    there are to count; by default all.
    """
    customers, steps = _numbers(rows, counts)
    ordered, until = np.empty(len(rows), "int64"), 0
    for place, month in steps():
        ordered[until : until + len(place)] = (place.astype("int64") << _BITS) + month
        until += len(place)
    ordered = ordered[:until]
    ordered.sort()
    found = 0
    for step in in_steps(len(ordered)):
        some = ordered[step.start : step.stop + 1]  # and the first of the next step
        place, months = some >> _BITS, np.diff(some & _MONTH)
        is_distance = (place[1:] == place[:-1]) & (months > 0)
        until = found + int(is_distance.sum())  # never beyond the rows that are read already
        ordered[found:until] = (place[1:][is_distance] << _BITS) + months[is_distance]
        found = until
    ordered = ordered[:found]
    ordered.sort()
    return Distances(customers, ordered)


def lives(rows: pd.DataFrame, counts: pd.Series) -> pd.DataFrame:
    """By customer, in the order of the rows: `min` and `max` of the months, and `size`, their rows.

    Months are by number; `counts` says which rows there are to count.
    """
    customers, steps = _numbers(rows, counts)
    first, last = np.full(len(customers), _MONTH), np.zeros(len(customers), "int64")
    size = np.zeros(len(customers), "int64")
    for place, month in steps():
        np.minimum.at(first, place, month)
        np.maximum.at(last, place, month)
        size += np.bincount(place, minlength=len(size))
    return pd.DataFrame({"min": first, "max": last, "size": size}, index=customers)


def counted(numbers: np.ndarray, least: int = 0) -> np.ndarray:
    """How often each number from 0 on comes, as `np.bincount`, which would copy all of them."""
    count = np.zeros(max(least, int(numbers.max(initial=-1)) + 1), "int64")
    for rows in in_steps(len(numbers)):
        count += np.bincount(numbers[rows], minlength=len(count))
    return count


def month_number(months: pd.Series) -> pd.Series:
    """Months counted from year 0."""
    if months.isna().any() or months.dtype != "datetime64[ns]":
        return months.dt.year * 12 + months.dt.month - 1
    moments, number = months.to_numpy(), np.empty(len(months), "int32")
    for rows in in_steps(len(moments)):
        number[rows] = moments[rows].astype("datetime64[M]").astype("int64") + 1970 * 12
        let_go(months)
    return pd.Series(number, months.index, name=months.name, copy=False)


def _numbers(
    rows: pd.DataFrame, counts: pd.Series | None
) -> tuple[pd.Index, Callable[[], Iterator[tuple[np.ndarray, np.ndarray]]]]:
    """The customers of the rows that count, in their order, and a way through those rows.

    It gives the places of customers and the months by number, some rows at a time.
    """
    ids, names = rows["customer_id"].to_numpy(), None
    if ids.dtype.kind != "i":
        ids, names = pd.factorize(ids)
    is_counted = None if counts is None else counts.to_numpy()
    place = np.full(int(ids.max(initial=0)) + 1, -1, "int32")
    order: list[np.ndarray] = []
    for some in in_steps(len(ids)):
        distinct = pd.unique(ids[some] if is_counted is None else ids[some][is_counted[some]])
        new = distinct[place[distinct] < 0]
        start = sum(map(len, order))
        place[new] = np.arange(start, start + len(new))
        order.append(new)
    customers = np.concatenate(order)
    customers = customers if names is None else names[customers]

    def steps() -> Iterator[tuple[np.ndarray, np.ndarray]]:
        for some in in_steps(len(ids)):
            places = place[ids[some]]
            month = month_number(rows["month"].iloc[some]).to_numpy()
            is_one = slice(None) if is_counted is None else is_counted[some]
            let_go(rows["month"], rows["customer_id"])
            yield places[is_one], month[is_one]

    return pd.Index(customers, name="customer_id"), steps
