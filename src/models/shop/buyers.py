"""Buyers without a contract as the models see them: how often, how late, how long watched.

All models of this folder read one table, a row per buyer:

- `frequency`: repeat purchase days, that is days with a purchase after the first; a whole number.
- `recency`: time from the first purchase to the last; 0 where frequency is 0.
- `age`: time from the first purchase to the end of observation, in the same unit as recency.

Buyers of the same three numbers are the same buyer to a model: a million of them are some
thousands of patterns.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from src.data.problems import InputError
from src.models.intervals.numbers import Numbers, check_columns, finite

COLUMNS = ("frequency", "recency", "age")


class Levels(NamedTuple):
    """A column of patterns by its different `values`: pattern i has `values[code[i]]`."""

    values: Numbers
    code: NDArray[np.intp] | slice

    def spread(self, of_values: Numbers) -> Numbers:
        """A figure per different value as a figure per pattern."""
        return of_values[self.code]

    def each(self) -> Numbers:
        """The column, a number per pattern."""
        return self.values[self.code]


@dataclass(frozen=True, eq=False)
class Patterns:
    """Different (frequency, recency, age), each with the number of its `buyers`.

    `pattern_of` is the pattern of each buyer, `index` that of the table they came in.
    """

    frequency: Levels
    recency: Levels
    age: Levels
    buyers: Numbers
    pattern_of: NDArray[np.intp]
    index: pd.Index

    def per_buyer(self, of_patterns: Numbers, name: str) -> pd.Series:
        """A figure per pattern as one per buyer, indexed like the table of buyers."""
        return pd.Series(of_patterns[self.pattern_of], index=self.index, name=name)

    def chosen(self, rows: NDArray[np.intp] | slice) -> Patterns:
        """Some of the patterns, each with values of its own and without the places of buyers."""
        return Patterns(
            frequency=Levels(self.frequency.each()[rows], slice(None)),
            recency=Levels(self.recency.each()[rows], slice(None)),
            age=Levels(self.age.each()[rows], slice(None)),
            buyers=self.buyers[rows],
            pattern_of=np.array([], np.intp),
            index=pd.RangeIndex(0),
        )

    def in_units(self, unit: float) -> Patterns:
        """The patterns with times in another unit, that many of the present ones long."""
        return replace(
            self,
            recency=Levels(self.recency.values / unit, self.recency.code),
            age=Levels(self.age.values / unit, self.age.code),
        )


def patterns_of(buyers: pd.DataFrame | Patterns) -> Patterns:
    """The patterns of a table with `frequency`, `recency`, `age`; patterns come back as they are.

    Who asks a model several times can compress the buyers once and hand over the patterns. Raises
    `InputError` as `check_buyers` does.
    """
    if isinstance(buyers, Patterns):
        return buyers
    frequency, recency, age = check_buyers(buyers)
    columns = [pd.factorize(column) for column in (frequency, recency, age)]
    key = np.zeros(len(frequency), dtype=np.int64)
    for codes, values in columns:
        key = key * len(values) + codes
    pattern_of, kept = pd.factorize(key)
    levels = []
    rest = np.asarray(kept)
    for _, values in reversed(columns):
        rest, code = np.divmod(rest, len(values))
        levels.append(Levels(np.asarray(values, float), code))
    age_levels, recency_levels, frequency_levels = levels
    counts = np.bincount(pattern_of, minlength=len(kept)).astype(float)
    return Patterns(frequency_levels, recency_levels, age_levels, counts, pattern_of, buyers.index)


def check_buyers(buyers: pd.DataFrame) -> tuple[Numbers, Numbers, Numbers]:
    """The columns `frequency`, `recency`, `age` as numbers.

    Raises `InputError`: a column is missing, a cell is missing or infinite, a frequency is negative
    or not whole, a time is negative, a recency is above the age, or is above 0 with a frequency
    of 0 or 0 with a frequency above 0 (two purchase days are never the same day).
    """
    check_columns(buyers, COLUMNS)
    frequency, recency, age = (finite(name, buyers[name]) for name in COLUMNS)
    rules = [
        (frequency < 0, "frequency is negative", frequency),
        (frequency % 1 != 0, "frequency counts purchase days, so it must be whole", frequency),
        (recency < 0, "recency is negative", recency),
        (age < 0, "age is negative: the first purchase is after the end of observation", age),
        (recency > age, "recency is above age: a purchase after the end of observation", recency),
        ((frequency == 0) & (recency > 0), "recency is above 0 though frequency is 0", recency),
        ((frequency > 0) & (recency == 0), "recency is 0 though frequency is above 0", frequency),
    ]
    for is_broken, rule, values in rules:
        if is_broken.any():
            first = int(np.flatnonzero(is_broken)[0])
            raise InputError(
                f"{rule} ({is_broken.sum():,} of {len(age):,} buyers; first: row {first + 1}, "
                f"{values[first]:g})"
            )
    return frequency, recency, age


def check_identified(patterns: Patterns) -> None:
    """Raise `InputError` when nobody bought twice: nothing then tells rates from drop-out."""
    if not patterns.frequency.values.any():
        raise InputError(
            f"all {patterns.buyers.sum():,.0f} buyers have one purchase day, so the model is not "
            "identified: nothing tells how often they buy from how soon they leave; watch longer"
        )
