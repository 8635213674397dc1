"""RFM: how lately, how often and for how much customers bought, and ten segments by name."""

from __future__ import annotations

import numpy as np
import pandas as pd

from src.data.problems import InputError
from src.models.intervals.numbers import check_columns, finite

SCORES = 5
# By the scores of recency (rows, 1 to 5) and frequency (columns, 1 to 5).
_NAMES = (
    ("hibernating", "hibernating", "at risk", "at risk", "not to lose"),
    ("hibernating", "hibernating", "at risk", "at risk", "not to lose"),
    ("about to sleep", "about to sleep", "need attention", "loyal", "loyal"),
    ("promising", "potential loyalists", "potential loyalists", "loyal", "loyal"),
    ("new", "potential loyalists", "potential loyalists", "champions", "champions"),
)
SEGMENTS = (
    "champions",
    "loyal",
    "potential loyalists",
    "new",
    "promising",
    "need attention",
    "about to sleep",
    "at risk",
    "not to lose",
    "hibernating",
)


def rfm(activity: pd.DataFrame) -> pd.DataFrame:
    """The scores and the segment of each customer, in the order of the rows.

    Reads `customer_id`, `recency` (time since the last purchase, 0 or more), `frequency` (purchases
    or active months, 0 or more) and `money`. Returns `customer_id`, `r`, `f`, `m` (1 to 5, 5 the
    latest, the most often, the most money) and `segment`, one of `SEGMENTS`.

    A score is the fifth of customers in which the middle rank of equal values lies: customers who
    are alike have one score, whatever their order, and fifths are of equal size as far as ties
    allow. The segment is by `r` and `f` alone, so that money is found in it and not put in. Scores
    are of this base and this day: a base that shrinks has champions too.

    Raises `InputError` for a frame without customers, customers that stand twice, and values that
    are missing or below 0 (money may be negative).
    """
    check_columns(activity, ["customer_id", "recency", "frequency", "money"])
    if activity.empty:
        raise InputError("there is no customer to score")
    if activity["customer_id"].duplicated().any():
        raise InputError("a customer stands in two rows; one row each is needed")
    values = {name: finite(name, activity[name]) for name in ("recency", "frequency", "money")}
    for name in ("recency", "frequency"):
        if (values[name] < 0).any():
            raise InputError(f"{name} must be 0 or more; {(values[name] < 0).sum():,} are not")
    scores = {
        "r": scored(-values["recency"]),
        "f": scored(values["frequency"]),
        "m": scored(values["money"]),
    }
    names = np.array(_NAMES, dtype="object")[scores["r"] - 1, scores["f"] - 1]
    return pd.DataFrame(
        {
            "customer_id": activity["customer_id"].to_numpy(),
            **scores,
            "segment": pd.Categorical(names, categories=list(SEGMENTS)),
        },
        index=activity.index,
    )


def scored(values: np.ndarray, scores: int = SCORES) -> np.ndarray:
    """1 to `scores` by quantile, the highest values highest; equal values have one score.

    >>> scored(np.array([1.0, 2, 3, 4, 5])).tolist(), scored(np.array([7.0, 7, 7, 7])).tolist()
    ([1, 2, 3, 4, 5], [3, 3, 3, 3])
    """
    middle = pd.Series(values).rank(method="average").to_numpy() - 0.5
    return (np.floor(middle / len(values) * scores) + 1).astype(int)


def profile(segments: pd.DataFrame, activity: pd.DataFrame) -> pd.DataFrame:
    """What the customers of each segment are like, the segments in the order of `SEGMENTS`.

    `segments` from `rfm`, `activity` as it reads. Returns `segment`, `customers`, `share` (of the
    customers), `money`, `money_share` (of all money; missing where that is not above 0), and the
    medians `recency`, `frequency`, `money_each`. Segments without a customer have no row.
    """
    rows = activity.assign(segment=segments["segment"].array)
    groups = rows.groupby("segment", observed=True)
    table = groups.agg(
        customers=("customer_id", "size"),
        money=("money", "sum"),
        recency=("recency", "median"),
        frequency=("frequency", "median"),
        money_each=("money", "median"),
    ).reset_index()
    total = float(table["money"].sum())
    table.insert(2, "share", table["customers"] / len(rows))
    table.insert(4, "money_share", table["money"] / total if total > 0 else np.nan)
    return table
