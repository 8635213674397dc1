"""Two groups compared as if they had the same customers: standardisation over strata."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from src.data.problems import InputError
from src.models.intervals.numbers import check_columns
from src.models.intervals.studentised import Cells, Figures, drawn
from src.models.value.worth import by_group, ltv_of, one_row_each, two_groups

ESTIMANDS = ["unadjusted", "common_strata", "standardised"]


@dataclass(frozen=True)
class Adjusted:
    """The gap of mean LTV before and after adjustment.

    `table`: `estimand`, mean LTV of the `first` and the `second` group, `difference`, `low`, `high`
    (money per customer), `in_noise` (the interval of the difference contains 0). Estimands:
    `unadjusted`, all customers; `common_strata`, the same of customers in common strata;
    `standardised`, those with the pooled distribution of strata. `support`: `group`, `customers`,
    `outside`, `outside_share` (customers in no common stratum). `strata`: how many are common.
    """

    table: pd.DataFrame
    support: pd.DataFrame
    strata: int

    def __repr__(self) -> str:
        parts = [f"{row.estimand} {row.difference:,.0f}" for row in self.table.itertuples()]
        return f"Adjusted: {', '.join(parts)}, {self.strata} common strata"


def standardised_gap(
    worth: pd.DataFrame,
    first: object,
    by: Sequence[str],
    rng: np.random.Generator,
    *,
    count_acquisition: bool = False,
    min_cell: int = 5,
    replicates: int = 2_000,
    confidence: float = 0.95,
) -> Adjusted:
    """The gap of mean LTV between customers who are alike in the columns `by`; see `Adjusted`.

    `worth`, `first`, `count_acquisition`: as in `src.models.value.worth`, which of money reads the
    margin only, and the acquisition cost where it counts. A stratum is one combination of values of
    `by` (region, band of tenure, channel: bands, not numbers). With v1, v2 the mean LTV of a
    stratum in the two groups, and q its share of the customers of both groups together:

        standardised = sum over common strata of q (v1 - v2)

    that is, g-computation by stratum means: the gap if both groups had the customers that they have
    together. Common strata have at least `min_cell` customers of each group. Others tell nothing
    about a comparison; `outside_share` says of how many customers nothing is said. Intervals are
    bootstrap-t, customers drawn from each group apart; q is drawn with them. Of 90 % intervals 91 %
    held the truth, 300 lognormal customers (sigma 1) per group in 40 strata.

    Assumption: strata are all that has to be alike. It compares customers, it does not say what
    would happen to one who changed the group: what else differs between groups, and what follows
    from the group (a column such as the tariff), is adjusted away or not at all. It fails where
    few customers are in common strata. Raises `InputError` as `src.models.value.worth` says, when
    `by` is empty or one of its cells is, a customer has two rows, or no stratum is common. Source:
    Kitagawa 1955 for direct standardisation; Robins 1986; Hernan and Robins 2020, section 13.3.

    >>> worth = pd.DataFrame({"customer_id": range(6), "group": ["B2B"] * 3 + ["B2C"] * 3,
    ...     "region": ["N", "N", "S", "N", "S", "S"], "margin": [90, 90, 30, 60, 30, 30]})
    >>> found = standardised_gap(worth, "B2B", ["region"], np.random.default_rng(1), min_cell=1)
    >>> found.table.set_index("estimand")["difference"].round(1).to_dict()
    {'unadjusted': 30.0, 'common_strata': 30.0, 'standardised': 15.0}
    """
    rows = one_row_each(worth)
    names, is_first = two_groups(rows, first)
    if isinstance(by, str) or not by:
        raise InputError("by must be a list of at least one column")
    check_columns(rows, by)
    for column in by:
        if rows[column].isna().any():
            raise InputError(f"{column} is missing in {rows[column].isna().sum():,} rows")
    ltv = ltv_of(rows, count_acquisition=count_acquisition)
    stratum = rows.groupby(list(by), observed=True).ngroup().to_numpy()
    sizes = np.stack(
        [np.bincount(stratum[side], minlength=stratum.max() + 1) for side in (is_first, ~is_first)]
    )
    is_common = (sizes >= min_cell).all(axis=0)
    strata = int(is_common.sum())
    if not strata:
        raise InputError(
            f"no stratum of {', '.join(by)} has {min_cell} customers of each group, "
            f"{names[0]} and {names[1]}"
        )
    # All other strata are one cell behind the common ones.
    codes = np.where(is_common, np.cumsum(is_common) - 1, strata)[stratum]
    sides, support = [], []
    for name, side in zip(names, (is_first, ~is_first), strict=True):
        order = np.argsort(codes[side], kind="stable")
        sides.append(Cells(ltv[side][order], codes[side][order], strata + 1))
        support.append((name, int(side.sum()), int((codes[side] == strata).sum())))
    found = drawn(
        _figures(sides[0].customers, sides[1].customers),
        sides[0],
        sides[1],
        by_group(names, rng),
        replicates,
    )
    low, high = found.ends(confidence)
    values, gap = found.value.reshape(3, 3), slice(2, None, 3)
    table = pd.DataFrame({"estimand": ESTIMANDS})
    table[["first", "second", "difference"]] = values
    table = table.assign(low=low[gap], high=high[gap])
    frame = pd.DataFrame(support, columns=["group", "customers", "outside"])
    return Adjusted(
        table.assign(in_noise=(table["low"] <= 0) & (table["high"] >= 0)),
        frame.assign(outside_share=frame["outside"] / frame["customers"]),
        strata,
    )


def _figures(first_customers: int, second_customers: int) -> Figures:
    """Of each estimand both means and their difference, from shares and means of the cells."""

    def figures(first: np.ndarray, second: np.ndarray) -> np.ndarray:
        count = first.shape[-1] // 2
        shares = [side[..., :count] for side in (first, second)]
        means = [side[..., count:] for side in (first, second)]
        pooled = first_customers * shares[0] + second_customers * shares[1]
        found = []
        for end, weights in ((count, shares), (count - 1, shares), (count - 1, [pooled, pooled])):
            one, other = (
                (weight[..., :end] * mean[..., :end]).sum(axis=-1) / weight[..., :end].sum(axis=-1)
                for weight, mean in zip(weights, means, strict=True)
            )
            found += [one, other, one - other]
        return np.stack(np.broadcast_arrays(*found), axis=-1)

    return figures
