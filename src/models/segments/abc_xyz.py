"""ABC-XYZ: who brings most of the income, and who most of the purchases or active months."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from src.data.problems import InputError
from src.models.intervals.numbers import Numbers, check_columns, finite

BOUNDS = (0.80, 0.95)  # of the sum, where the first and the second class end
ABC, XYZ = ("A", "B", "C"), ("X", "Y", "Z")
GOLDEN = ("AX", "AY")


def classes(
    values: Numbers, names: Sequence[str] = ABC, bounds: tuple[float, float] = BOUNDS
) -> np.ndarray:
    """The class of each value by its place in the cumulative sum of all, the largest first.

    A value is of the first class while all that are larger hold less than the first bound of the
    sum, of the second up to the second bound, else of the third. Equal values are of one class. 0
    and less add nothing to the sum and are of the third. Raises `InputError` where nothing is
    above 0, or all values are equal: then there are no classes.

    >>> "".join(classes(np.array([50.0, 30, 10, 6, 4])))
    'AABBC'
    """
    values = finite("values", values)
    positive = np.clip(values, 0, None)
    if not positive.sum() > 0:
        raise InputError("no value is above 0, so there are no classes")
    if len(values) > 1 and np.ptp(values) == 0:
        raise InputError(f"all {len(values):,} values are equal, so there are no classes")
    distinct, place = np.unique(positive, return_inverse=True)
    sums = np.bincount(place, weights=positive)
    larger = sums[::-1].cumsum()[::-1] - sums  # what those above hold
    share = larger / positive.sum()
    # A hair below a bound counts as at it: sums of decimals are not exact.
    third = np.searchsorted(np.asarray(bounds) - 1e-12, share, side="right")
    third[distinct <= 0] = 2
    return np.asarray(names, dtype="object")[third[place]]


def floors(values: Numbers, letters: np.ndarray) -> tuple[float, float]:
    """The least value of the first class and of the second, from `values` and their `classes`.

    On another day they tell who would be of which class today: a class by its share of the sum
    moves with the sum. A class that nobody is in begins where the one above does.

    >>> values = np.array([50.0, 30, 10, 6, 4])
    >>> floors(values, classes(values))
    (30.0, 6.0)
    """
    values = finite("values", values)
    first = float(values[letters == ABC[0]].min())
    second = values[letters == ABC[1]]
    return first, float(second.min()) if len(second) else first


def classes_from(values: Numbers, least: tuple[float, float]) -> np.ndarray:
    """A, B or C of each value by the `floors` of another day.

    >>> "".join(classes_from(np.array([31.0, 29, 9]), (30.0, 10.0)))
    'ABC'
    """
    values = finite("values", values)
    return np.asarray(ABC, dtype="object")[
        np.where(values >= least[0], 0, np.where(values >= least[1], 1, 2))
    ]


def abc_xyz(activity: pd.DataFrame) -> pd.DataFrame:
    """The classes of each customer, in the order of the rows.

    Reads `customer_id`, `money` (income) and `frequency`: purchases, or active months of
    subscribers. Returns `customer_id`, `abc`, `xyz`, `cell` (such as `AX`) and `is_golden` (AX and
    AY). Raises `InputError` as `classes` does, naming the column, and for customers that stand
    twice.
    """
    check_columns(activity, ["customer_id", "frequency", "money"])
    if activity["customer_id"].duplicated().any():
        raise InputError("a customer stands in two rows; one row each is needed")
    found = {}
    for name, column, letters in (("abc", "money", ABC), ("xyz", "frequency", XYZ)):
        try:
            found[name] = classes(finite(column, activity[column]), letters)
        except InputError as error:
            raise InputError(f"{column}: {error}") from error
    cell = found["abc"] + found["xyz"]
    return pd.DataFrame(
        {
            "customer_id": activity["customer_id"].to_numpy(),
            **found,
            "cell": cell,
            "is_golden": np.isin(cell, GOLDEN),
        },
        index=activity.index,
    )


def matrix(customers: pd.DataFrame, sums: Sequence[str]) -> pd.DataFrame:
    """The nine cells, A before B before C and X before Y before Z, also those without a customer.

    `customers` has `abc`, `xyz` and the columns `sums`, such as income and value at risk. Returns
    `abc`, `xyz`, `customers`, `customers_share` and, per column of `sums`, its sum and its
    `<column>_share` of the whole (missing where the whole is not above 0).
    """
    check_columns(customers, ["abc", "xyz", *sums])
    cells = pd.MultiIndex.from_product([ABC, XYZ], names=["abc", "xyz"])
    groups = customers.groupby(["abc", "xyz"])
    table = pd.DataFrame({"customers": groups.size().reindex(cells, fill_value=0)})
    table["customers_share"] = table["customers"] / len(customers)
    for name in sums:
        table[name] = groups[name].sum().reindex(cells, fill_value=0.0)
        whole = float(customers[name].sum())
        table[f"{name}_share"] = table[name] / whole if whole > 0 else np.nan
    return table.reset_index()
