"""Markov chains of segments: what a customer is worth if migration goes on, and whether it does."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from src.data.problems import InputError
from src.models.intervals.numbers import Numbers, finite
from src.models.segments.migration import GONE


def markov_value(transitions: Numbers, money: Numbers, periods: int, discount: float) -> Numbers:
    """(segments,): what a customer of each segment brings if migration goes on as it was.

    `transitions` from `transition_matrix`, `money` what a customer of the segment brings in one
    period, `discount` of one period (0.03 for 3 %), `periods` how many count, this one first:

        V(1) = m,   V(n) = m + P V(n - 1) / (1 + discount)

    Who is gone brings nothing and does not come back. Assumption: where a customer goes depends on
    the segment alone, not on how they came there nor on the calendar; see `instability`.
    Source: Pfeifer and Carraway 2000, Journal of Interactive Marketing 14(2), 43-55.

    >>> markov_value(np.array([[0.8, 0.2]]), np.array([10.0]), periods=2, discount=0.0).tolist()
    [18.0]
    """
    if periods < 1 or discount <= -1:
        raise InputError("periods must be 1 or more, and the discount above -1")
    stays = np.asarray(transitions, float)[:, :-1] / (1 + discount)
    each = finite("money", money)
    value = each.copy()
    for _ in range(periods - 1):
        value = each + stays @ value
    return value


def instability(first: Numbers, second: Numbers, customers: Numbers) -> float:
    """How far two transition matrices differ: the share of customers who would go elsewhere.

    The total variation distance between the rows of both, weighted by `customers` of each segment:
    0 where one matrix describes both spans, 1 where nobody would go where they went before.

    >>> round(instability(np.array([[0.9, 0.1]]), np.array([[0.7, 0.3]]), np.array([50.0])), 12)
    0.2
    """
    distance = np.abs(np.asarray(first, float) - np.asarray(second, float)).sum(axis=1) / 2
    return float(np.average(distance, weights=customers))


def values_by_segment(
    before: pd.DataFrame,
    after: pd.DataFrame,
    segments: Sequence[str],
    rng: np.random.Generator,
    *,
    periods: int,
    discount: float,
    replicates: int = 200,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """What a customer of each segment brings in the `periods` spans ahead, with its interval.

    `before` and `after` as in `migration.moves`, a span apart. Returns `segment`, `customers` (of
    `after`), `money` (their mean in the last span), `stays` (the value if everybody stayed where
    they are), `value`, `low`, `high`. The value is that of `markov_value` without the span that is
    over: from the transitions of the customers of `before` and the mean money of those of `after`.

    Intervals draw customers again, each with their move and their money. They know nothing of
    another year's migration; `drift` says how far one span can stand for the next. Segments that
    nobody was in before, or nobody is in now, have no row; who went there counts as brought into
    the value at its mean money, without going on. Raises `InputError` as `moves` does.
    """
    names = [name for name in segments if (before["segment"] == name).any()]
    place = {name: number for number, name in enumerate(segments)}
    ids = pd.Index(pd.concat([before["customer_id"], after["customer_id"]]).unique())
    went = np.full((2, len(ids)), -1)
    money = np.zeros(len(ids))
    for side, rows in enumerate((before, after)):
        at = ids.get_indexer(rows["customer_id"])
        went[side, at] = rows["segment"].map(place).to_numpy()
    money[ids.get_indexer(after["customer_id"])] = finite("money", after["money"])
    spans = np.arange(1, periods + 1)
    annuity = float(((1 + discount) ** -spans).sum())

    def worked_out(times: Numbers) -> tuple[Numbers, Numbers]:
        count = len(segments)
        was, now = went
        moved = was >= 0
        target = np.where(now < 0, count, now)
        cells = np.bincount(
            was[moved] * (count + 1) + target[moved], times[moved], count * (count + 1)
        ).reshape(count, count + 1)
        whole = cells.sum(axis=1)
        shares = np.divide(
            cells, whole[:, None], out=np.zeros_like(cells), where=whole[:, None] > 0
        )
        shares[whole == 0, count] = 1  # nothing is known of where they go
        here = now >= 0
        size = np.bincount(now[here], times[here], count)
        total = np.bincount(now[here], (times * money)[here], count)
        mean = np.divide(total, size, out=np.zeros(count), where=size > 0)
        return mean, markov_value(shares, mean, periods + 1, discount) - mean

    mean, value = worked_out(np.ones(len(ids)))
    drawn = np.stack([worked_out(_times(len(ids), rng))[1] for _ in range(replicates)])
    low, high = np.quantile(drawn, [(1 - confidence) / 2, (1 + confidence) / 2], axis=0)
    sizes = after["segment"].value_counts()
    table = pd.DataFrame(
        {
            "segment": list(segments),
            "customers": [int(sizes.get(name, 0)) for name in segments],
            "money": mean,
            "stays": mean * annuity,
            "value": value,
            "low": low,
            "high": high,
        }
    )
    is_shown = table["segment"].isin(names) & (table["customers"] > 0)
    return table[is_shown].reset_index(drop=True)


def _times(customers: int, rng: np.random.Generator) -> Numbers:
    """How often each customer is drawn."""
    return np.bincount(rng.integers(0, customers, customers), minlength=customers).astype(float)


def drift(
    first: pd.DataFrame,
    second: pd.DataFrame,
    segments: Sequence[str],
    rng: np.random.Generator,
    *,
    replicates: int = 200,
    confidence: float = 0.95,
) -> dict[str, float]:
    """Whether one transition matrix describes two spans: `moved`, `chance` and `one_matrix`.

    `first` and `second` from `migration.moves`. `moved` is the `instability` of the two, weighted
    by the customers of both; `chance` what it would be at most, at this confidence, if both spans
    had one matrix, that of all their moves: drawn from it, customer by customer. `one_matrix` is 1
    where `moved` is at most `chance`. Two spans of half a year tell whether one matrix describes
    the year. Segments that were empty before a span are left out. Raises `InputError` where none is
    left.
    """
    counts = [
        table[table["before"].isin(segments)]
        .pivot(index="before", columns="after", values="customers")
        .reindex(index=list(segments), columns=[*segments, GONE])
        .to_numpy(float)
        for table in (first, second)
    ]
    sizes = np.stack([each.sum(axis=1) for each in counts])
    is_known = (sizes > 0).all(axis=0)
    if not is_known.any():
        raise InputError("no segment had customers before both spans, so they cannot be compared")
    rows = [each[is_known] for each in counts]
    sizes = sizes[:, is_known]
    shares = [each / size[:, None] for each, size in zip(rows, sizes, strict=True)]
    weights = sizes.sum(axis=0)
    moved = instability(shares[0], shares[1], weights)
    pooled = (rows[0] + rows[1]) / weights[:, None]
    pooled /= pooled.sum(axis=1, keepdims=True)
    by_chance = []
    for _ in range(replicates):
        one, other = (rng.multinomial(size.astype("int64"), pooled) for size in sizes)
        pair = (one / sizes[0][:, None], other / sizes[1][:, None])
        by_chance.append(instability(*pair, weights))
    most = float(np.quantile(by_chance, confidence))
    return {"moved": moved, "chance": most, "one_matrix": float(moved <= most)}
