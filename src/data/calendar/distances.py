"""Months between the rows of a customer, held as two arrays: tables have a hundred million rows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd


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
        return pd.Series(np.bincount(self.place, minlength=len(self.customers)), self.customers)

    def usual(self) -> pd.Series:
        """The lower median of each customer's distances; missing where there is none."""
        numbers = self.numbers().to_numpy()
        ordered = self.months[np.lexsort((self.months, self.place))]
        middle = np.cumsum(numbers) - numbers + (numbers - 1) // 2
        has_any = numbers > 0
        usual = np.full(len(numbers), np.nan)
        usual[has_any] = ordered[middle[has_any]]
        return pd.Series(usual, self.customers)

    def share(self, marked: np.ndarray) -> pd.Series:
        """The share of each customer's distances that are `marked`; 0 where there is none."""
        count = np.bincount(self.place[marked], minlength=len(self.customers))
        return pd.Series(count / np.maximum(self.numbers().to_numpy(), 1), self.customers)


def distances(rows: pd.DataFrame) -> Distances:
    """The distances between the rows (`customer_id`, `month`), rows of one month counted once.

    `customers` are those of `rows`, named `customer_id`, in their order.
    """
    codes, customers = pd.factorize(rows["customer_id"])
    place, month = codes.astype("int32"), month_number(rows["month"]).to_numpy("int32")
    order = np.lexsort((month, place))
    place, month = place[order], month[order]
    steps = np.diff(month)
    is_distance = (np.diff(place) == 0) & (steps > 0)
    ids = pd.Index(customers, name="customer_id")
    return Distances(ids, place[1:][is_distance], steps[is_distance])


def month_number(months: pd.Series) -> pd.Series:
    """Months counted from year 0."""
    return months.dt.year * 12 + months.dt.month - 1
