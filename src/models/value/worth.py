"""The frame `worth`, what each customer of two groups is worth, as the comparisons read it.

One row per customer: `customer_id`; `group`, of two values; `lifetime`, discounted expected months,
above 0; `revenue` and `margin`, discounted expected money over the horizon; `acquisition_cost`,
money, read only where it counts. The LTV of a customer is the margin, less the acquisition cost
where `count_acquisition`. Money is in one unit, and figures of money come back in it.

`first` is the group that is compared with the other one. `InputError` is raised when a column is
missing, a cell is missing or infinite, `group` has other than two values or `first` is not one of
them, or a group has one customer.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from src.data.problems import InputError
from src.models.intervals.numbers import Numbers, check_columns, finite

PLACE = "#place"


def two_groups(worth: pd.DataFrame, first: object) -> tuple[tuple[object, object], np.ndarray]:
    """The names of the first and of the other group, and which rows are of the first."""
    check_columns(worth, ["group"])
    if worth["group"].isna().any():
        raise InputError(f"group is missing in {worth['group'].isna().sum():,} rows")
    names = list(worth["group"].unique())
    listed = ", ".join(map(str, names)) or "none"
    if first not in names:
        raise InputError(f"no customer is of the group {first}; the groups are: {listed}")
    if len(names) == 1:
        raise InputError(f"all customers are of the group {listed}; the other group has none")
    if len(names) > 2:
        raise InputError(f"two groups can be compared, not {len(names)}: {listed}")
    second = names[1 - names.index(first)]
    is_first = (worth["group"] == first).to_numpy()
    for name, size in ((first, is_first.sum()), (second, (~is_first).sum())):
        if size < 2:
            raise InputError(f"the group {name} has one customer; each group needs two or more")
    return (first, second), is_first


def one_row_each(worth: pd.DataFrame) -> pd.DataFrame:
    """The rows in one order whatever that of the frame: the order of rows must not change draws.

    By `PLACE` where the frame has it, which `placed` gives, else by `customer_id`. A hashed
    identifier orders by the key of the hashes, which no figure may depend on.
    Raises `InputError` when a `customer_id` is missing or has two rows.
    """
    check_columns(worth, ["customer_id"])
    given = worth["customer_id"]
    if given.isna().any():
        raise InputError(f"customer_id is missing in {given.isna().sum():,} rows")
    if given.duplicated().any():
        repeated = given.duplicated().sum()
        raise InputError(f"each customer has one row; {repeated:,} rows repeat a customer_id")
    return worth.sort_values(PLACE if PLACE in worth else "customer_id")


def placed(worth: pd.DataFrame) -> pd.DataFrame:
    """The frame with its order in a column, for whoever draws customers: see `one_row_each`."""
    return worth.assign(**{PLACE: range(len(worth))})


def ltv_of(worth: pd.DataFrame, *, count_acquisition: bool) -> Numbers:
    """The LTV of each customer, money."""
    columns = ["margin", "acquisition_cost"] if count_acquisition else ["margin"]
    check_columns(worth, columns)
    margin, *cost = (finite(name, worth[name]) for name in columns)
    return margin - cost[0] if cost else margin


def by_group(
    names: tuple[object, object], rng: np.random.Generator
) -> tuple[np.random.Generator, np.random.Generator]:
    """A generator for each group, which stays with the group when the two are swapped."""
    one, other = rng.spawn(2)
    return (one, other) if str(names[0]) < str(names[1]) else (other, one)
