"""The chance of each customer to take each product next, and the reason in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.optimize import brentq
from scipy.special import expit, logit
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

from src.data.problems import InputError
from src.features.standing import TRAITS, Standing
from src.models.intervals.proportions import wilson

LEAST = 20  # takers that a model of a product needs; below, all have one chance
MOST = 50_000  # customers that a model learns from
_AT_ONCE = 100_000
CONDITIONS = ("segment", "held", "next", "customers", "takers", "share", "others", "times")


@dataclass(frozen=True, eq=False)
class NextBest:
    """Chances within `ahead` months; `fit_next` makes it.

    `weights`: per segment (products, 1 + products + traits), on the log odds: a constant, what is
    held, and the traits as `numbers_of` has them. `conditions`: what those did who hold a product,
    columns CONDITIONS; see `conditions`.
    """

    ahead: int
    products: tuple[str, ...]
    weights: dict[str, np.ndarray]
    conditions: pd.DataFrame

    def __repr__(self) -> str:
        return f"NextBest: {len(self.products)} products, {', '.join(self.weights)}"

    def chances(self, now: Standing) -> np.ndarray:
        """(customers, products): the chance to take each within `ahead` months.

        Missing for what is held, and what nobody took. Raises `InputError` for a segment or
        products that the model has not learned.
        """
        if now.products != self.products:
            raise InputError("the model has learned other products than those of the list")
        segment = now.customers["segment"].to_numpy()
        unknown = sorted(set(segment) - set(self.weights))
        if unknown:
            raise InputError(f"the model has learned nothing of the segment {unknown[0]}")
        found = np.full(now.holds.shape, np.nan)
        for name, weights in self.weights.items():
            rows = np.flatnonzero(segment == name)
            for first in range(0, len(rows), _AT_ONCE):
                some = rows[first : first + _AT_ONCE]
                found[some] = expit(numbers_of(now.part(some)) @ weights.T)
        found[now.holds] = np.nan
        return found


def numbers_of(now: Standing) -> np.ndarray:
    """(customers, 1 + products + traits): one, what is held, logarithms of 1 + trait."""
    traits = np.log1p(np.maximum(now.customers[list(TRAITS)].to_numpy(float), 0))
    ones = np.ones((len(traits), 1))
    return np.hstack([ones, now.holds, np.nan_to_num(traits)])


def fit_next(
    seen: Sequence[tuple[Standing, np.ndarray]], ahead: int, rng: np.random.Generator
) -> NextBest:
    """Learn chances from lists of the past and what was taken within `ahead` months of each.

    `seen`: lists, the newest first, with `taken` of `src.features.standing.taken_next`. Per segment
    and product a logistic regression with a ridge, among those who did not hold the product, on
    what they held, how long they had been customers, how long ago and how often they took
    something, and their revenue; the constant is then moved until as many takers are expected of
    the newest list as it had. Products with fewer than LEAST takers have one chance for all of a
    segment, those that nobody took have none; at most MOST customers are learned from, drawn at
    random.

    Assumes that what is held adds up on the log odds: a pair that matters only with a third is
    seen as its parts. Intervals are not to be had from the weights; the back-test says how far
    chances are off. Raises `InputError` where nobody took anything.
    """
    if not seen or not any(taken.any() for _, taken in seen):
        raise InputError("nobody took a product in the months that chances are learned from")
    segments = pd.unique(np.concatenate([now.customers["segment"] for now, _ in seen]))
    weights = {name: _learned(seen, name, rng) for name in sorted(map(str, segments))}
    return NextBest(ahead, seen[0][0].products, weights, conditions(*seen[0]))


def _learned(
    seen: Sequence[tuple[Standing, np.ndarray]], segment: str, rng: np.random.Generator
) -> np.ndarray:
    """(products, 1 + products + traits): the weights of one segment."""
    numbers, free, taken, sizes = [], [], [], []
    for now, took in seen:
        rows = np.flatnonzero((now.customers["segment"] == segment).to_numpy())
        sizes.append((took[rows].sum(axis=0), (~now.holds[rows]).sum(axis=0)))
        if len(rows) > MOST // len(seen):
            rows = np.sort(rng.choice(rows, MOST // len(seen), replace=False))
        numbers.append(numbers_of(now.part(rows)))
        free.append(~now.holds[rows])
        taken.append(took[rows])
    all_numbers, all_free, all_taken = map(np.vstack, (numbers, free, taken))
    weights = []
    for place in range(all_free.shape[1]):
        takers, eligible = (sum(size[part][place] for size in sizes) for part in (0, 1))
        if not takers:
            weights.append(np.full(all_numbers.shape[1], np.nan))
            continue
        rows = np.flatnonzero(all_free[:, place])
        own = _fitted(all_numbers[rows], all_taken[rows, place], takers / max(eligible, takers + 1))
        newest_takers, newest = (size[place] for size in sizes[0])
        if LEAST <= newest_takers < newest:
            own[0] += _move(numbers[0][free[0][:, place]] @ own, newest_takers / newest)
        weights.append(own)
    return np.vstack(weights)


def _fitted(numbers: np.ndarray, taken: np.ndarray, chance: float) -> np.ndarray:
    """The weights of one product, the constant first; few takers: the constant of a `chance`."""
    weights = np.zeros(numbers.shape[1])
    weights[0] = logit(chance)
    if not LEAST <= taken.sum() <= len(taken) - LEAST:
        return weights
    spread = numbers.std(axis=0)
    use = spread > 0
    mean, spread = numbers[:, use].mean(axis=0), spread[use]
    # The ridge keeps the weight of "never without" finite.
    model = LogisticRegression(solver="newton-cholesky", C=1.0)
    with threadpool_limits(1):  # small products of matrices lose time on two
        model.fit((numbers[:, use] - mean) / spread, taken)
    weights[use] = model.coef_[0] / spread
    weights[0] = model.intercept_[0] - float((model.coef_[0] / spread) @ mean)
    return weights


def _move(score: np.ndarray, rate: float) -> float:
    """By how much all log odds must move so that their mean chance is the rate."""
    move = brentq(lambda by: float(expit(score + by).mean()) - rate, -20, 20, xtol=1e-4)
    return float(move)


def conditions(before: Standing, taken: np.ndarray) -> pd.DataFrame:
    """What those took who hold a product, per segment, `held` and `next`: columns CONDITIONS.

    `customers` hold the one and not the other; `takers` and their `share` took it within the
    months; `others` is the share of those who hold neither, `times` the share over that. `held` is
    empty for all who do not hold `next`.
    """
    names, size = np.array(before.products, dtype=object), len(before.products)
    row, column = np.nonzero(~np.eye(size, dtype=bool))
    segment = before.customers["segment"].to_numpy()
    parts = []
    for name in sorted(set(map(str, segment))):
        holds = before.holds[segment == name].astype("float32")
        took = (taken[segment == name] & ~before.holds[segment == name]).astype("float32")
        with threadpool_limits(1):
            with_row, took_with = holds.T @ (1 - holds), holds.T @ took
        all_free, all_took = (1 - holds).sum(axis=0, dtype=float), took.sum(axis=0, dtype=float)
        free, taken_by = with_row[row, column], took_with[row, column]
        pairs = pd.DataFrame({"held": names[row], "next": names[column]})
        pairs = pairs.assign(
            customers=free,
            takers=taken_by,
            others=_over(all_took[column] - taken_by, all_free[column] - free),
        )
        alone = pd.DataFrame({"held": "", "next": names, "customers": all_free, "takers": all_took})
        both = pd.concat([pairs, alone.assign(others=np.nan)])
        parts.append(both.assign(segment=name))
    table = pd.concat(parts, ignore_index=True)
    table = table.astype({"customers": "int64", "takers": "int64"})
    table["share"] = _over(table["takers"].to_numpy(float), table["customers"].to_numpy(float))
    table["times"] = _over(table["share"].to_numpy(), table["others"].to_numpy(float))
    return table[list(CONDITIONS)]


def reasons(
    now: Standing, offer: np.ndarray, table: pd.DataFrame, ahead: int, floor: int = 30
) -> np.ndarray:
    """Why each customer is offered the product of place `offer` (-1: none), a sentence each.

    `table` of `conditions`. The reason is the product held whose holders took the offered one most
    often, of those with `floor` takers at least who surely took it more often than those who do not
    hold it (Wilson, 99.9%, as many pairs are looked at); else what all did who lacked it.
    """
    segment = now.customers["segment"].to_numpy()
    said = np.full(len(offer), "", dtype=object)
    table = table[table["customers"] > 0]
    table = table.assign(sure=wilson(table["takers"], table["customers"], 0.999)["low"])
    for (name, product), rows in table.groupby(["segment", "next"], sort=False):
        place = now.products.index(product)
        who = np.flatnonzero((segment == name) & (offer == place))
        if not len(who):
            continue
        sentences, score = [""] * (len(now.products) + 1), np.full(len(now.products) + 1, -np.inf)
        for row in rows.itertuples():
            column = now.products.index(row.held) if row.held else len(now.products)
            if row.held and (row.takers < floor or not row.sure > row.others):
                continue
            score[column] = row.share if row.held else -1.0
            sentences[column] = _sentence(row, ahead)
        has = np.hstack([now.holds[who], np.ones((len(who), 1), dtype=bool)])
        best = np.where(has, score, -np.inf).argmax(axis=1)
        said[who] = np.array(sentences, dtype=object)[best]
    return said


def _sentence(row: object, ahead: int) -> str:
    held, times = row.held, row.times  # type: ignore[attr-defined]
    share, number = row.share, row.customers  # type: ignore[attr-defined]
    took = f"{share:.1%} took {row.next} within {ahead} months"  # type: ignore[attr-defined]
    who = f"of {number:,} like them who"
    if not held:
        return f"{who} did not have it, {took}"
    against = f"{times:.1f} times as many as others" if np.isfinite(times) else "others never"
    return f"{who} hold {held}, {took}, {against}"


def _over(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(part / whole)
