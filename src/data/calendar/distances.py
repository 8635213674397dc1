"""Months between the rows of a customer, held as two arrays: tables have a hundred million rows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from src.data.cells.packed import in_steps, looked_up

_BITS = 15  # of a month in one number with the place of a customer: the year 2100 has 25,200
_MONTH = 2**_BITS - 1


@dataclass(frozen=True)
class Distances:
    """The months from each row to the next of its customer, where there are any.

    `place` holds the places of the customers in `customers`, in order, and `months` the months, 1
    or more; both are int32.
    """

    customers: pd.Index
    place: np.ndarray
    months: np.ndarray

    def numbers(self) -> pd.Series:
        """How many distances each customer has, 0 included."""
        return pd.Series(counted(self.place, len(self.customers)), self.customers)

    def usual(self) -> pd.Series:
        """The lower median of each customer's distances; missing where there is none."""
        return self._middle()[0]

    def medians(self) -> pd.Series:
        """The median of each customer's distances; missing where there is none."""
        lower, upper = self._middle()
        return (lower + upper) / 2

    def share(self, marked: np.ndarray) -> pd.Series:
        """The share of each customer's distances that are `marked`; 0 where there is none."""
        count = counted(self.place[marked], len(self.customers))
        return pd.Series(count / np.maximum(self.numbers().to_numpy(), 1), self.customers)

    def _middle(self) -> tuple[pd.Series, pd.Series]:
        """The distances below and above the middle of each customer's."""
        numbers = self.numbers().to_numpy()
        ordered = _one_number(self.place, self.months)
        ordered.sort()
        first, has_any = np.cumsum(numbers) - numbers, numbers > 0
        middle = []
        for place in (first + (numbers - 1) // 2, first + numbers // 2):
            distance = np.full(len(numbers), np.nan)
            distance[has_any] = ordered[place[has_any]] & _MONTH
            middle.append(pd.Series(distance, self.customers))
        return middle[0], middle[1]


def distances(rows: pd.DataFrame, counts: pd.Series | None = None) -> Distances:
    """The distances between the rows (`customer_id`, `month`), rows of one month counted once.

    `customers` are those of `rows`, named `customer_id`, in their order. `counts` says which rows
    there are to count; by default all.
    """
    place, month, customers = _numbers(rows, counts)
    ordered = _one_number(place, month)
    del place, month
    ordered.sort()
    places, months, found = np.empty(len(ordered), "int32"), np.empty(len(ordered), "int32"), 0
    for step in in_steps(len(ordered)):
        some = ordered[step.start : step.stop + 1]  # and the first of the next step
        place, steps = some >> _BITS, np.diff(some & _MONTH)
        is_distance = (place[1:] == place[:-1]) & (steps > 0)
        until = found + int(is_distance.sum())
        places[found:until], months[found:until] = place[1:][is_distance], steps[is_distance]
        found = until
    return Distances(customers, places[:found], months[:found])


def lives(rows: pd.DataFrame, counts: pd.Series) -> pd.DataFrame:
    """By customer, in the order of the rows: `min` and `max` of the months, and `size`, their rows.

    Months are by number; `counts` says which rows there are to count.
    """
    place, number, customers = _numbers(rows, counts)
    first, last = np.full(len(customers), _MONTH), np.zeros(len(customers), "int64")
    for some in in_steps(len(place)):
        np.minimum.at(first, place[some], number[some])
        np.maximum.at(last, place[some], number[some])
    size = counted(place, len(customers))
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
    return pd.Series(number, months.index, name=months.name, copy=False)


def _numbers(
    rows: pd.DataFrame, counts: pd.Series | None
) -> tuple[np.ndarray, np.ndarray, pd.Index]:
    """The place of the customer and the month of each row that counts, and the customers."""
    number, ids = month_number(rows["month"]).to_numpy(), rows["customer_id"].to_numpy()
    if counts is not None and not counts.all():
        number, ids = number[counts.to_numpy()], ids[counts.to_numpy()]
    place, customers = _places(ids)
    return place, number, customers


def _places(numbers: np.ndarray) -> tuple[np.ndarray, pd.Index]:
    """For each row the place of its customer, and the customers in the order of the rows."""
    if numbers.dtype.kind != "i":
        codes, customers = pd.factorize(numbers)
        return codes.astype("int32"), pd.Index(customers, name="customer_id")
    customers = pd.unique(numbers)
    place = np.zeros(int(customers.max(initial=0)) + 1, "int32")
    place[customers] = np.arange(len(customers))
    return looked_up(place, numbers), pd.Index(customers, name="customer_id")


def _one_number(place: np.ndarray, month: np.ndarray) -> np.ndarray:
    """Place and month as one number, by which rows are put in order without a list of them."""
    number = place.astype("int64")
    number <<= _BITS
    number += month
    return number
