"""The rhythm of billing: how many months a bill covers, and bills spread over those months."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import pandas as pd

from src.data.calendar.distances import Distances, distances, month_number
from src.data.cells.mapped import let_go

PERIODS = {"month": 1, "quarter": 3, "half-year": 6, "year": 12}
WORDS = {
    2: "every two months",
    3: "every three months",
    4: "every four months",
    6: "twice a year",
    12: "once a year",
}
_NEAREST = {1: 1, 2: 2, 3: 3, 4: 4, 5: 6, 6: 6, 7: 6, 11: 12, 12: 12, 13: 12}  # by distance
_LATE = {2: 0, 3: 1, 4: 1, 6: 1, 12: 1}  # months by which a bill may be early or late
_LONG = 6  # rhythms of so many months hardly come about by chance
_FEWEST = 5  # customers who make a rhythm of the base
_NO_CHANCE = 4  # times a long rhythm may be rarer than none at all


def month_start(numbers: pd.Series) -> pd.Series:
    """The first day of each month of `month_number`."""
    since_1970 = numbers.to_numpy("int64") - 1970 * 12
    starts = since_1970.astype("datetime64[M]").astype("datetime64[ns]")
    return pd.Series(starts, numbers.index)


def rhythms(bills: pd.DataFrame) -> pd.Series:
    """The months that one bill of a customer covers, by `customer_id`: 1, 2, 3, 4, 6 or 12.

    `bills` are `customer_id`, `month`, `revenue`; those above 0 count. A customer has a rhythm when
    half of the distances between bills keep it, and three quarters keep it or are pauses; a bill
    may be a month early or late, of short rhythms not half of them, unless the base keeps that
    rhythm. Two bills decide where most customers of two bills keep that distance. One bill alone
    has the rhythm of the customers whose bills are most like it. 1 is also for those without any
    rhythm: their bills stay as they are. A rhythm that few customers keep, or of less than half a
    year that fewer keep than have none, is by chance.
    """
    is_paid = bills["revenue"] > 0
    let_go(bills["revenue"])
    steps = distances(bills, is_paid)
    usual, numbers = steps.usual(), steps.numbers()
    kept = _kept(steps, usual.map(_NEAREST).fillna(0).astype("int64"))
    real = _of_the_base(kept[numbers >= 2], kept[numbers == 1])
    if not real:
        return pd.Series(1, usual.index)
    told = kept.where(kept.isin([0, 1, *real]), 0)
    for period in real:
        late = _kept(steps, pd.Series(period, told.index), exactly=False)
        told = told.mask((told == 0) & (numbers >= 2), late)
    common = int(told[numbers > 0].mode().iloc[0])
    paused = (numbers == 1) & (told == 0) & (usual >= 2 * common - 1)
    told = told.mask(paused, common)
    alone = told.index[numbers == 0]
    if len(alone):
        typical = np.log(bills[is_paid].groupby("customer_id")["revenue"].median())
        told.loc[alone] = _most_alike(typical, told[numbers > 0], alone)
    return told.clip(lower=1).astype("int64")


def spread(rows: pd.DataFrame, covers: pd.Series, amounts: Collection[str]) -> pd.DataFrame:
    """Rows of `customer_id`, `month` divided over the months they cover: their own and the next.

    `covers` is the number of months by customer. The columns `amounts` are divided and, where two
    rows cover a month, added; of the others the first row's cell counts. Rows that cover one month
    stay as they are, in their order.
    """
    if not (covers > 1).any():
        return rows
    months = rows["customer_id"].map(covers).fillna(1).astype("int64")
    if not (months > 1).any():
        return rows
    is_long = rows["customer_id"].isin(covers.index[covers > 1])
    long = rows[is_long]
    times = months[is_long]
    place = np.repeat(np.arange(len(long)), times)
    covered = long.iloc[place].copy()
    ahead = np.arange(len(covered)) - np.repeat((times.cumsum() - times).to_numpy(), times)
    covered["month"] = month_start(month_number(covered["month"]) + ahead)
    divided = list(amounts)
    covered[divided] = covered[divided].div(times.to_numpy()[place], axis=0)
    key = ["customer_id", "month"]
    groups = covered.groupby(key, sort=False)
    single = groups.first()
    single[divided] = groups[divided].sum(min_count=1)
    single.index = single.index.set_names(key)
    single = single.reset_index()[list(rows.columns)]
    single.index = covered.index[~covered.duplicated(key).to_numpy()]
    return pd.concat([rows[~is_long], single]).sort_index(kind="stable").reset_index(drop=True)


def _kept(steps: Distances, nearest: pd.Series, exactly: bool = True) -> pd.Series:
    """`nearest` where the customer's distances keep it, otherwise 0; see `rhythms`."""
    allowance, period = nearest.map(_LATE).fillna(0).to_numpy("int8"), nearest.to_numpy("int8")

    def is_near(place: np.ndarray, months: np.ndarray) -> np.ndarray:
        return np.abs(months - period[place]) <= allowance[place]

    def is_near_or_pause(place: np.ndarray, months: np.ndarray) -> np.ndarray:
        return is_near(place, months) | (months >= 2 * period[place] - 1)

    is_kept = (steps.share(is_near) >= 0.5) & (steps.share(is_near_or_pause) >= 0.75)
    is_exact = steps.share(lambda place, months: months == period[place]) >= 0.5
    is_kept &= is_exact | (nearest >= _LONG) | (not exactly)
    return nearest.where(is_kept | (nearest == 1), 0)


def _of_the_base(sure: pd.Series, of_two: pd.Series) -> list[int]:
    """The rhythms longer than a month that are no chance; see `rhythms`."""
    real = []
    for period in WORDS:
        number, without = int((sure == period).sum()), int((sure == 0).sum())
        pairs = int((of_two == period).sum())
        if period >= _LONG and 2 * pairs >= len(of_two):
            number += pairs
        times = _NO_CHANCE if period >= _LONG else 1
        if number >= _FEWEST and times * number >= without:
            real.append(period)
    return real


def _most_alike(amount: pd.Series, sure: pd.Series, alone: pd.Index) -> np.ndarray:
    """Of each customer in `alone` the rhythm of those whose usual bill is most like theirs.

    Normal distributions of the logarithm of the bill, weighted by the size of the groups.
    """
    groups = amount.reindex(sure.index).groupby(sure).agg(["size", "mean", "std"])
    groups = groups[groups["size"] >= min(_FEWEST, groups["size"].max())]
    width = groups["std"].fillna(0).clip(lower=0.1).to_numpy()
    away = (amount.reindex(alone).to_numpy()[:, None] - groups["mean"].to_numpy()) / width
    likely = np.log(groups["size"].to_numpy() / width) - away**2 / 2
    return groups.index.to_numpy()[likely.argmax(axis=1)]
