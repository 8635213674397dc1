"""What every fitted model of buyers without a contract can answer."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from src.data.problems import InputError
from src.models.intervals.numbers import Numbers
from src.models.shop.buyers import Patterns, patterns_of
from src.models.shop.fitted_model import FittedModel

# Somebody who has just bought for the first time.
NEW = patterns_of(pd.DataFrame({"frequency": [0], "recency": [0.0], "age": [0.0]}))


@dataclass(frozen=True, eq=False, kw_only=True)
class BuyerModel(FittedModel, ABC):
    """How often buyers buy and whether they still do; times are in units of `unit_days` days.

    All answers take a table of buyers (`frequency`, `recency`, `age` in the model's unit of time),
    or its patterns, and raise `InputError` like `buyers.check_buyers`.
    """

    unit_days: float

    def alive(self, buyers: pd.DataFrame | Patterns) -> pd.Series:
        """The chance that each buyer has not dropped out by the end of observation."""
        patterns = patterns_of(buyers)
        return patterns.per_buyer(self._alive(patterns), "alive")

    def expected(self, buyers: pd.DataFrame | Patterns, ahead: float) -> pd.Series:
        """Expected purchase days of each buyer in the next `ahead` units of time.

        P(alive) times what somebody who is alive buys. Raises `InputError` too when `ahead` is
        negative.
        """
        return self.weighted(buyers, [ahead], [1.0])

    def weighted(
        self, buyers: pd.DataFrame | Patterns, ahead: Sequence[float], weights: Sequence[float]
    ) -> pd.Series:
        """The weighted sum of the purchase days of each buyer expected by several times `ahead`."""
        patterns = patterns_of(buyers)
        if_alive = sum(
            weight * self._if_alive(patterns, _not_negative("ahead", moment))
            for moment, weight in zip(ahead, weights, strict=True)
        )
        return patterns.per_buyer(self._alive(patterns) * if_alive, "expected")

    def expected_new(self, ahead: float) -> float:
        """Expected repeat purchase days of a new buyer in the first `ahead` units of time."""
        return float(self.expected(NEW, ahead).iloc[0])

    def future_chances(
        self, buyers: pd.DataFrame | Patterns, ahead: float, most: int
    ) -> pd.DataFrame:
        """Chances that each buyer has 0, 1, ..., `most` purchase days in the next `ahead` units.

        A row per buyer, a column per count. They add up to 1 over all counts, so to less over
        these. Raises `InputError` too when `ahead` or `most` is negative.
        """
        patterns = patterns_of(buyers)
        _not_negative("most", most)
        alive = self._alive(patterns)[:, None]
        chances = alive * self._counts_if_alive(patterns, _not_negative("ahead", ahead), most)
        chances[:, :1] += 1 - alive
        return pd.DataFrame(chances[patterns.pattern_of], index=patterns.index)

    def count_chances(self, ahead: float, most: int) -> Numbers:
        """Chances that a new buyer has 0, 1, ..., `most` repeat purchase days by `ahead`."""
        return self.future_chances(NEW, ahead, most).to_numpy()[0]

    @abstractmethod
    def _alive(self, patterns: Patterns) -> Numbers:
        """P(alive) of each pattern."""

    @abstractmethod
    def _if_alive(self, patterns: Patterns, ahead: float) -> Numbers:
        """Expected purchases in the next `ahead` units of each pattern, were it alive."""

    @abstractmethod
    def _counts_if_alive(self, patterns: Patterns, ahead: float, most: int) -> Numbers:
        """Chances of 0, 1, ..., `most` purchases of each pattern, were it alive; a column each."""


def _not_negative(name: str, value: float) -> float:
    if not (np.isfinite(value) and value >= 0):
        raise InputError(f"{name} must be a number of 0 or more, not {value:g}")
    return float(value)
