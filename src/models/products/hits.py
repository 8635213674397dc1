"""How often the product named first, or one of the first three, is the one taken next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from src.data.problems import InputError
from src.features.months import Month
from src.features.standing import Standing
from src.models.intervals.proportions import wilson

ALL = "all"
FIRST = (1, 3)


@dataclass(frozen=True, eq=False)
class HitTest:
    """Chances learned from lists before `cut` against what was taken in the `months` after it.

    `rates` of `hit_rates`, `gains` of `hit_gains`, `calibration` of `calibration`.
    """

    cut: Month
    months: int
    rates: pd.DataFrame
    gains: pd.DataFrame
    calibration: pd.DataFrame

    def __repr__(self) -> str:
        return f"HitTest: lists of {self.cut.text}, {self.months} months ahead"


def popularity(seen: Sequence[tuple[Standing, np.ndarray]], now: Standing) -> np.ndarray:
    """(customers, products): how often each was taken in the past by the segment, held or not."""
    score = np.zeros(now.holds.shape)
    segment = now.customers["segment"].to_numpy()
    for name in np.unique(segment.astype(str)):
        taken = sum(
            past[(before.customers["segment"] == name).to_numpy()].sum(axis=0)
            for before, past in seen
        )
        score[segment == name] = taken
    return score


def after_last(seen: Sequence[tuple[Standing, np.ndarray]], now: Standing) -> np.ndarray:
    """(customers, products): how often each was taken by those with the same last product.

    Ties, and customers whose last product nobody else had, go by popularity. Missing for what is
    held.
    """
    popular = popularity(seen, now)
    score = popular / (1 + np.nanmax(popular, axis=1, keepdims=True))
    segment = now.customers["segment"].to_numpy()
    size = len(now.products) + 1  # the last place: nothing yet
    for name in np.unique(segment.astype(str)):
        after = np.zeros((size, size - 1))
        for before, past in seen:
            rows = (before.customers["segment"] == name).to_numpy()
            np.add.at(after, before.latest[rows], past[rows])
        score[segment == name] += after[now.latest[segment == name]]
    score[now.holds] = np.nan
    return score


def hits(first_taken: np.ndarray, scores: Mapping[str, np.ndarray]) -> pd.DataFrame:
    """A row per customer who took something: `customer` (the place), `method`, `first`, `is_hit`.

    `first_taken`: (customers, products), what was taken next. Each method names the products of the
    highest scores, ties by their order; missing scores are not named. It hits when one of the
    `first` 1 or 3 named is one of those taken next.
    """
    took = np.flatnonzero(first_taken.any(axis=1))
    if not len(took):
        raise InputError("nobody took a product in the months that chances are tested on")
    parts = []
    for method, score in scores.items():
        order = np.argsort(-np.nan_to_num(score[took], nan=-np.inf), axis=1, kind="stable")
        is_named = ~np.isnan(np.take_along_axis(score[took], order, axis=1))
        is_right = np.take_along_axis(first_taken[took], order, axis=1) & is_named
        parts += [
            pd.DataFrame(
                {
                    "customer": took,
                    "method": method,
                    "first": first,
                    "is_hit": is_right[:, :first].any(axis=1),
                }
            )
            for first in FIRST
        ]
    return pd.concat(parts, ignore_index=True)


def hit_rates(table: pd.DataFrame, confidence: float = 0.95) -> pd.DataFrame:
    """`segment`, `method`, `first`, `customers`, `rate`, `low`, `high` (Wilson), `all` first.

    Reads the columns of `hits` and `segment`.
    """
    both = pd.concat([table.assign(segment=ALL), table])
    groups = both.groupby(["segment", "method", "first"], sort=False)["is_hit"].agg(["sum", "size"])
    rates = wilson(groups["sum"], groups["size"], confidence)
    rates.insert(0, "customers", groups["size"])
    return rates.reset_index()


def hit_gains(
    table: pd.DataFrame,
    rng: np.random.Generator,
    *,
    replicates: int = 1_000,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """By how much the first method hits more often: `segment`, `method`, `first`, `gain`, ends.

    The same customers are judged by both, so they are drawn with what both did: a percentile
    interval of `replicates` bootstraps, `low` and `high`. Efron and Tibshirani 1993, chapter 13.
    """
    own = table["method"].iloc[0]
    both = pd.concat([table.assign(segment=ALL), table])
    wide = both.pivot_table("is_hit", ["segment", "first", "customer"], "method", sort=False)
    rows = []
    for (segment, first), part in wide.groupby(level=[0, 1], sort=False):
        for method in [name for name in table["method"].unique() if name != own]:
            moves = (part[own] - part[method]).to_numpy()
            # A customer moves the gain by -1, 0 or 1: a bootstrap draws how many do.
            shares = [(moves == value).mean() for value in (-1, 0, 1)]
            drawn = rng.multinomial(len(moves), shares, replicates)
            gains = (drawn[:, 2] - drawn[:, 0]) / len(moves)
            tails = (1 - confidence) / 2, (1 + confidence) / 2
            low, high = np.quantile(gains, tails)
            rows.append((segment, method, first, float(moves.mean()), float(low), float(high)))
    return pd.DataFrame(rows, columns=["segment", "method", "first", "gain", "low", "high"])


def calibration(chances: np.ndarray, taken: np.ndarray, now: Standing) -> pd.DataFrame:
    """`segment`, `product`, `customers`, `expected` and actual `takers` of those not holding it."""
    rows = []
    segment = now.customers["segment"].to_numpy()
    for name in np.unique(segment.astype(str)):
        here = segment == name
        for place, product in enumerate(now.products):
            chance = chances[here, place]
            free = ~np.isnan(chance)
            number = int(taken[here, place][free].sum())
            rows.append((name, product, int(free.sum()), float(chance[free].sum()), number))
    return pd.DataFrame(rows, columns=["segment", "product", "customers", "expected", "takers"])
