"""Mix and rate: whether two groups differ by who is in them, or within each sub-segment.

`worth`, `first` and `count_acquisition` are those of `src.models.value.worth`; of its columns of
money only `margin`, and `acquisition_cost` where it counts, are read, and a column of sub-segments,
such as region or band of size.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from src.data.privacy import in_order
from src.data.problems import InputError
from src.models.intervals.numbers import check_columns
from src.models.intervals.studentised import Cells, Figures, drawn
from src.models.value.worth import by_group, ltv_of, one_row_each, two_groups

OTHER = "other"
TOTALS = ["mix", "rate", "only_in_one", "gap"]


@dataclass(frozen=True)
class MixAndRate:
    """The gap of mean LTV, first less second group, split by sub-segment.

    `totals`: `effect` (mix, rate, only_in_one, and gap, their sum), `value`, `low`, `high` (money
    per customer), `in_noise` (the interval contains 0). `effects`: the same with `sub_segment`, mix
    and rate of those that both groups have, only_in_one of the others; they add up to the totals.
    `sub_segments`: `sub_segment`, `first_customers`, `second_customers`, `first_share`,
    `second_share` (of the group's customers), `first_mean`, `second_mean` (LTV, money; missing
    without customers).
    """

    totals: pd.DataFrame
    effects: pd.DataFrame
    sub_segments: pd.DataFrame

    def __repr__(self) -> str:
        parts = [f"{row.effect} {row.value:,.0f}" for row in self.totals.itertuples()]
        return f"MixAndRate: {', '.join(parts)}"


def mix_and_rate(
    worth: pd.DataFrame,
    first: object,
    by: str,
    rng: np.random.Generator,
    *,
    count_acquisition: bool = False,
    min_cell: int = 30,
    replicates: int = 2_000,
    confidence: float = 0.95,
) -> MixAndRate:
    """Split the gap of mean LTV into mix and rate effects by the column `by`; see `MixAndRate`.

    With p1, p2 the shares of a sub-segment in the two groups and v1, v2 its mean LTV there:

        mix  = (p1 - p2) ((v1 + v2) / 2 - c)      the groups have different shares of it
        rate = (v1 - v2) (p1 + p2) / 2            its customers are worth different amounts

    c is the mean LTV, the mean of that of both groups. Shares differ by 0 in total, so c changes no
    total: it makes the mix of one sub-segment readable, below 0 where the first group has more of a
    sub-segment that is worth less than the mean. The effects add up to the gap exactly.

    What a sub-segment would be worth in a group that does not have it is unknown, so a rate cannot
    be told from a mix. Its effect is `only_in_one`: its share times how much its mean LTV is above
    that of the group's customers in sub-segments that both groups have, with the sign turned for
    the second group. The p, v and c above are then of customers in sub-segments that both have.

    Sub-segments with fewer than `min_cell` customers in a group that has any are pooled as `other`,
    with customers of both groups; `other` may be small itself. Intervals are bootstrap-t, customers
    drawn from each group apart, sub-segments held as they are. Of 90 % intervals, 500 simulated
    bases of 300 lognormal customers per group, five regions: mix and rate 87 %, gap 89 % at sigma
    1; 83, 86 and 88 % at sigma 1.5.

    Assumption: none to add up; to read it, that the mix could change while the means stay. It fails
    where sub-segments are made from the money itself: then all is mix. Raises `InputError` as
    `src.models.value.worth` says, when a sub-segment is missing, a customer has two rows, or the
    groups have no sub-segment in common. Source: Kitagawa 1955; Nopo 2008 for `only_in_one`.

    >>> worth = pd.DataFrame({"customer_id": range(6), "group": ["B2B"] * 3 + ["B2C"] * 3,
    ...     "region": ["N", "N", "S", "N", "S", "S"], "margin": [90, 90, 30, 60, 30, 30]})
    >>> found = mix_and_rate(worth, "B2B", "region", np.random.default_rng(1), min_cell=1)
    >>> found.totals.set_index("effect")["value"].round(1).to_dict()
    {'mix': 15.0, 'rate': 15.0, 'only_in_one': 0.0, 'gap': 30.0}
    """
    rows = one_row_each(worth)
    names, is_first = two_groups(rows, first)
    check_columns(rows, [by])
    if rows[by].isna().any():
        raise InputError(f"{by} is missing in {rows[by].isna().sum():,} rows")
    ltv = ltv_of(rows, count_acquisition=count_acquisition)
    labels, codes = _pooled(rows[by].astype(str), is_first, min_cell)
    sides = []
    for side in (is_first, ~is_first):
        order = np.argsort(codes[side], kind="stable")
        sides.append(Cells(ltv[side][order], codes[side][order], len(labels)))
    sub_segments = _sub_segments(labels, *sides)
    is_common = (sub_segments[["first_customers", "second_customers"]] > 0).all(axis=1).to_numpy()
    if not is_common.any():
        raise InputError(
            f"no value of {by} has customers of both groups, {names[0]} and {names[1]}"
        )
    found = drawn(_figures(is_common), sides[0], sides[1], by_group(names, rng), replicates)
    low, high = found.ends(confidence)
    effects = pd.DataFrame(
        {
            "sub_segment": [*labels] * 3 + ["all"] * len(TOTALS),
            "effect": [*np.repeat(TOTALS[:3], len(labels)), *TOTALS],
            "value": found.value,
            "low": low,
            "high": high,
            "in_noise": (low <= 0) & (high >= 0),
        }
    )
    is_known = np.concatenate([is_common, is_common, ~is_common])
    return MixAndRate(
        totals=effects[3 * len(labels) :].drop(columns="sub_segment").reset_index(drop=True),
        effects=effects[: 3 * len(labels)][is_known].reset_index(drop=True),
        sub_segments=sub_segments,
    )


def _pooled(by: pd.Series, is_first: np.ndarray, min_cell: int) -> tuple[list[str], np.ndarray]:
    """The sub-segments, the largest first, `other` last, and the place of each row among them."""
    sizes = pd.crosstab(by.to_numpy(), is_first)
    is_small = ((sizes > 0) & (sizes < min_cell)).any(axis=1)
    pooled = by.where(~by.isin(is_small.index[is_small]), OTHER)
    counts = pooled.value_counts()
    counts = counts[in_order(counts.index, pooled)].sort_values(ascending=False, kind="stable")
    labels = sorted(counts.index, key=lambda name: name == OTHER)
    return labels, pd.Index(labels).get_indexer(pooled)


def _sub_segments(labels: list[str], first: Cells, second: Cells) -> pd.DataFrame:
    found = pd.DataFrame({"sub_segment": labels})
    sizes = [np.bincount(side.codes, minlength=side.count) for side in (first, second)]
    sums = [np.bincount(side.codes, side.values, side.count) for side in (first, second)]
    for name, size in zip(("first", "second"), sizes, strict=True):
        found[f"{name}_customers"] = size
    for name, size in zip(("first", "second"), sizes, strict=True):
        found[f"{name}_share"] = size / size.sum()
    for name, size, total in zip(("first", "second"), sizes, sums, strict=True):
        found[f"{name}_mean"] = np.divide(total, size, out=0 * total + np.nan, where=size > 0)
    return found


def _figures(is_common: np.ndarray) -> Figures:
    """Mix, rate, only_in_one of each sub-segment, then TOTALS, from shares and means."""
    count = len(is_common)

    def figures(first: np.ndarray, second: np.ndarray) -> np.ndarray:
        shares, means, of_common, common_means = [], [], [], []
        for side in (first, second):
            share, mean = side[..., :count], side[..., count:]
            within = share * is_common
            within = within / within.sum(axis=-1, keepdims=True)
            shares.append(share)
            means.append(mean)
            of_common.append(within)
            common_means.append((within * mean).sum(axis=-1, keepdims=True))
        centre = sum(common_means) / 2
        mix = (of_common[0] - of_common[1]) * (sum(means) / 2 - centre)
        rate = (means[0] - means[1]) * sum(of_common) / 2
        only = [
            ~is_common * share * (mean - common)
            for share, mean, common in zip(shares, means, common_means, strict=True)
        ]
        parts = [mix, rate, only[0] - only[1]]
        totals = [part.sum(axis=-1, keepdims=True) for part in parts]
        return np.concatenate([*parts, *totals, sum(totals)], axis=-1)

    return figures
