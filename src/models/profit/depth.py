"""How far down a list a campaign should go, and what it earns there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from src.data.problems import InputError
from src.models.intervals.numbers import Numbers, finite, weights_of
from src.models.scoring.comparison import customers_drawn


def profit_curve(
    profit: ArrayLike, score: ArrayLike, weight: ArrayLike | None = None
) -> pd.DataFrame:
    """Profit of contacting the customers with the highest scores, for every length of the list.

    `profit`: of each contact, from `profit.contact_profit`; `score`: what the list is ordered by,
    such as the chance or the expected profit. Returns `contacted` (from 0 to all), `share`,
    `profit` (of all contacts so far), `next_profit` (of the next contact; missing at the end).
    Customers with the same score come in random order: each brings the mean of them. With weights,
    a row counts as so many contacts.

    Raises `InputError` when lengths differ or something is missing.
    """
    earned, ordering = finite("profit", profit), finite("score", score)
    if len(earned) != len(ordering):
        raise InputError(f"profit has {len(earned):,} rows, score has {len(ordering):,}")
    given = weights_of(weight, len(earned))
    weights = np.ones(len(earned)) if given is None else given
    _, tie = np.unique(-ordering, return_inverse=True)
    size = np.bincount(tie, weights)
    mean = np.divide(np.bincount(tie, weights * earned), size, out=0 * size, where=size > 0)
    order = np.argsort(tie, kind="stable")
    each, times = mean[tie[order]], weights[order]
    contacted = np.append(0, np.cumsum(times))
    return pd.DataFrame(
        {
            "contacted": contacted,
            "share": contacted / contacted[-1],
            "profit": np.append(0, np.cumsum(each * times)),
            "next_profit": np.append(each, np.nan),
        }
    )


@dataclass(frozen=True)
class Depth:
    """How far down the list to go. `pays` is False when the best campaign is none."""

    contacted: float
    share: float
    profit: float

    @property
    def pays(self) -> bool:
        """Whether any campaign on this list earns more than it costs."""
        return self.profit > 0


def recommended_depth(curve: pd.DataFrame) -> Depth:
    """The shortest list of the highest profit on a `profit_curve`; nobody when none pays.

    A maximum over many depths is too good on the rows it was found on. Choose the depth on a curve
    of expected profit or on earlier rows, and read its profit elsewhere (`profit_at`).

    >>> recommended_depth(profit_curve([-11, 56, -11], [0.1, 0.9, 0.5]))
    Depth(contacted=1.0, share=0.3333333333333333, profit=56.0)
    """
    best = curve.iloc[int(curve["profit"].argmax())]
    return Depth(float(best["contacted"]), float(best["share"]), float(best["profit"]))


def profit_at(curve: pd.DataFrame, share: float) -> float:
    """The profit of contacting the top `share` on a `profit_curve`; part of a contact counts."""
    if not 0 <= share <= 1:
        raise InputError(f"share must lie between 0 and 1, not {share:g}")
    return float(np.interp(share, curve["share"], curve["profit"]))


def profit_by_band(
    curve: pd.DataFrame, edges: Sequence[float] = (0, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1)
) -> pd.DataFrame:
    """What one more contact brings in each stretch of the list of a `profit_curve`.

    Returns `from_share`, `to_share`, `contacts`, `profit` of the band and `profit_per_contact`.
    The bands' profits add up to that of the whole list between the first and the last edge.
    """
    cuts = np.asarray(edges, float)
    if len(cuts) < 2 or (np.diff(cuts) <= 0).any() or cuts[0] < 0 or cuts[-1] > 1:
        raise InputError("edges must be at least two shares between 0 and 1, in rising order")
    contacts = np.diff(cuts * curve["contacted"].iloc[-1])
    earned = np.diff(np.interp(cuts, curve["share"], curve["profit"]))
    return pd.DataFrame(
        {
            "from_share": cuts[:-1],
            "to_share": cuts[1:],
            "contacts": contacts,
            "profit": earned,
            "profit_per_contact": earned / contacts,
        }
    )


def planned_shares(rows: pd.DataFrame, expected: Mapping[str, ArrayLike]) -> dict[str, float]:
    """How deep each order of a list should go, as planned from chances, before anybody has left.

    `expected`: by name of an ordering, a column of `rows` with its scores, the profit it expects of
    contacting each row, see `contact.contact_profit`. Returns the share of the highest expected
    profit by name, 0 where the best plan is no campaign.
    """
    return {
        name: recommended_depth(profit_curve(profit, rows[name])).share
        for name, profit in expected.items()
    }


def profit_band(
    rows: pd.DataFrame,
    ordering: str,
    depths: ArrayLike,
    rng: np.random.Generator,
    *,
    replicates: int = 300,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """The realised profit of one order at each of `depths` (shares), with intervals.

    Reads the columns of `compare_orderings`. Returns `share` (the depths), `profit`, `low`, `high`
    (money, of all rows; customers drawn with replacement). Each interval holds for its depth alone:
    the highest point of the band is not the profit to expect.
    """
    one = _sorted(rows[ordering], finite("profit", rows["profit"]))
    codes, names = pd.factorize(rows["customer_id"])
    drawn = (customers_drawn(codes, len(names), rng) for _ in range(replicates))
    sampled = np.array([_at_depths(one, depths, weight) for weight in drawn])
    low, high = np.quantile(sampled, [(1 - confidence) / 2, (1 + confidence) / 2], axis=0)
    value = _at_depths(one, depths, np.ones(len(rows)))
    return pd.DataFrame({"share": depths, "profit": value, "low": low, "high": high})


def compare_orderings(
    rows: pd.DataFrame,
    orderings: Sequence[str],
    rng: np.random.Generator,
    *,
    shares: Mapping[str, float] | None = None,
    replicates: int = 1_000,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """The realised profit of several orders of one list, each at its depth, against the first.

    Reads `customer_id`, `profit`, what contacting the row brought (money, see
    `contact.contact_profit`), and one column of scores per name in `orderings`. Returns a row per
    ordering: `ordering`, `share` contacted, `profit` (money, of all rows), `low`, `high`,
    `difference` to the first ordering, `difference_low`, `difference_high`, `in_noise` (the
    interval of the difference contains 0), `pays`.

    `shares` are depths that were chosen beforehand. Without it each ordering gets its recommended
    depth on these rows, which flatters it; the interval does not know of that. Customers are drawn
    with replacement, with all their rows, and the list is cut at the same share each time. With
    heavy-tailed values a few customers make the profit, and percentile ends are too close.

    Raises `InputError` when a column or a share is missing.
    """
    missing = [name for name in ("customer_id", "profit", *orderings) if name not in rows]
    if missing or not orderings:
        raise InputError(f"the frame has no column {', '.join(missing) or 'to order by'}")
    profit = finite("profit", rows["profit"])
    if shares is None:
        curves = {name: profit_curve(profit, rows[name]) for name in orderings}
        shares = {name: recommended_depth(curve).share for name, curve in curves.items()}
    if set(orderings) - set(shares):
        raise InputError(f"shares has no depth for {', '.join(set(orderings) - set(shares))}")
    if not all(0 <= shares[name] <= 1 for name in orderings):
        raise InputError("every depth in shares must lie between 0 and 1")

    lists = [_sorted(rows[name], profit) for name in orderings]
    depths = [shares[name] for name in orderings]
    codes, names = pd.factorize(rows["customer_id"])
    value = _earned(lists, depths, np.ones(len(rows)))
    sampled = np.array(
        [_earned(lists, depths, customers_drawn(codes, len(names), rng)) for _ in range(replicates)]
    )
    tails = [(1 - confidence) / 2, (1 + confidence) / 2]
    low, high = np.quantile(sampled, tails, axis=0)
    difference_low, difference_high = np.quantile(sampled - sampled[:, [0]], tails, axis=0)
    return pd.DataFrame(
        {
            "ordering": list(orderings),
            "share": depths,
            "profit": value,
            "low": low,
            "high": high,
            "difference": value - value[0],
            "difference_low": difference_low,
            "difference_high": difference_high,
            "in_noise": (difference_low <= 0) & (difference_high >= 0),
            "pays": value > 0,
        }
    )


def _sorted(score: pd.Series, profit: Numbers) -> tuple[np.ndarray, Numbers, np.ndarray]:
    """Rows in falling order of the score: positions, profits, the last place of each tie."""
    ordering = finite(str(score.name), score)
    order = np.argsort(-ordering, kind="stable")
    return order, profit[order], np.flatnonzero(np.append(np.diff(ordering[order]), -1))


def _earned(
    lists: Sequence[tuple[np.ndarray, Numbers, np.ndarray]],
    depths: Sequence[float],
    weight: Numbers,
) -> Numbers:
    """Profit of each list at its depth under one set of weights."""
    return np.array(
        [_at_depths(one, [share], weight)[0] for one, share in zip(lists, depths, strict=True)]
    )


def _at_depths(
    one: tuple[np.ndarray, Numbers, np.ndarray], depths: ArrayLike, weight: Numbers
) -> Numbers:
    """Profit of one list at several depths under one set of weights."""
    order, profit, last = one
    times = weight[order]
    contacted = np.append(0, np.cumsum(times)[last])
    earned = np.append(0, np.cumsum(times * profit)[last])
    return np.interp(np.asarray(depths) * contacted[-1], contacted, earned)
