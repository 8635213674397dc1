"""Scales on which habits are compared: one unit is one usual difference between customers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import norm

from src.data.problems import InputError
from src.models.intervals.numbers import Numbers

ALIKE = 0.5  # of the customers with one value of a habit: it is a yes or no, not a habit
KNOWN = 0.8  # of the customers, of whom a habit has to be known
_TIES = 0.05  # of the customers with one value: the column counts something
_BEND = 3.0  # usual differences, beyond which a tail is drawn in
_DENSE = 0.25  # of the customers, in the shortest interval that says how large a difference is
_LENGTH = 0.6373  # standard deviations, of that interval of a normal distribution


@dataclass(frozen=True)
class Scales:
    """How each habit becomes a number around 0; made by `Scales.fitted`.

    `middle` and `spread` of habits that are measured; `ranks`, sorted values of those that are
    counted; `logs`, habits on the scale of logarithms; `dropped`, habits that divide nobody.
    """

    middle: Mapping[str, float]
    spread: Mapping[str, float]
    ranks: Mapping[str, Numbers]
    logs: frozenset[str]
    dropped: tuple[str, ...]

    @property
    def names(self) -> list[str]:
        """The habits that are left, in the order of the columns of `scaled`."""
        return [*self.middle, *self.ranks]

    @classmethod
    def fitted(cls, habits: pd.DataFrame, logs: frozenset[str] = frozenset()) -> Scales:
        """The scales of these habits, a column each, missing where not known.

        A habit in which `ALIKE` of the customers or more have one value, and one that is known of
        fewer than `KNOWN` of them, is dropped.
        Habits that count (twenty values or fewer hold everybody, or one value holds `_TIES`) are
        read by their ranks; the others by their distance from the median in usual differences: the
        length of the shortest interval with a quarter of the customers, over that of a normal
        distribution of spread 1. Two lumps far apart do not make it larger, as they do the standard
        deviation and the quartiles, which would shrink the very habits that tell clusters apart.
        Raises `InputError` where fewer than two habits are left.
        """
        middle, spread, ranks, dropped = {}, {}, {}, []
        for name in map(str, habits):
            values = _on(habits[name].to_numpy(float), name in logs)
            known = np.sort(values[np.isfinite(values)])
            distinct, counts = np.unique(known, return_counts=True)
            if len(known) < KNOWN * len(values) or counts.max() >= ALIKE * len(known):
                dropped.append(name)
                continue
            some = max(int(_DENSE * len(known)), 1)
            usual = float((known[some:] - known[:-some]).min()) / _LENGTH
            if len(distinct) <= 20 or counts.max() >= _TIES * len(known) or usual <= 0:
                ranks[name] = known
            else:
                middle[name] = float(np.median(known))
                spread[name] = usual
        if len(middle) + len(ranks) < 2:
            raise InputError("clusters need two habits or more in which customers differ")
        return cls(middle, spread, ranks, logs, tuple(dropped))

    def scaled(self, habits: pd.DataFrame, rng: np.random.Generator | None = None) -> Numbers:
        """(customers, habits): the habits on their scales, in the order of `names`.

        Measured habits: (value - median) / spread, tails beyond `_BEND` drawn in as square roots,
        so that no outlier makes a cluster; logarithms would pile a long tail up to a second lump.
        Counted habits: normal scores of their ranks, of equal values the middle one; with `rng`
        equal values are spread over their ranks at random, so that whole numbers look like no
        lumps. Missing is 0, the middle.
        """
        columns = []
        for name in self.names:
            values = _on(habits[name].to_numpy(float), name in self.logs)
            if name in self.middle:
                far = (values - self.middle[name]) / self.spread[name]
                size = np.abs(far)
                tail = _BEND + 2 * (np.sqrt(1 + np.maximum(size - _BEND, 0)) - 1)
                column = np.where(size > _BEND, np.sign(far) * tail, far)
            else:
                known = self.ranks[name]
                low = np.searchsorted(known, values, side="left")
                high = np.searchsorted(known, values, side="right")
                share = 0.5 if rng is None else rng.random(len(values))
                column = norm.ppf((low + share * (high - low) + 0.5) / (len(known) + 1))
            columns.append(np.where(np.isfinite(values), column, 0.0))
        return np.column_stack(columns)


def _on(values: Numbers, is_log: bool) -> Numbers:
    """The values on their scale; of 0 and less there is no logarithm, and no habit is known."""
    if not is_log:
        return values
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(values > 0, np.log(values), np.nan)
