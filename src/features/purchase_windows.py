"""Purchases in a window of time: what buyers bought between two days."""

from __future__ import annotations

import numpy as np
import pandas as pd

from src.data.problems import InputError


def bought_between(
    days: pd.DataFrame, buyers: pd.Series, after: pd.Timestamp, until: pd.Timestamp
) -> pd.DataFrame:
    """What each of `buyers` bought after the day `after` up to the end of the day `until`.

    `days` of `src.features.purchases.purchase_days`; `buyers`: each key once. Returns, in their
    order: `buyer_key`, `purchases` (days with a purchase), `money` and, where `days` has a margin,
    `margin` (missing where that of a purchase is). Who bought nothing has 0. Purchases of others
    are not counted. A calibration up to `after` and this share no day.

    Raises `InputError` where `until` is not after `after` or lies after the last day of the log,
    as nobody looked then, and where a buyer stands twice.

    >>> days = pd.DataFrame({"buyer_key": "a", "amount": [5.0, 7.0],
    ...     "date": pd.to_datetime(["2024-01-01", "2024-01-08"])})
    >>> at = pd.Timestamp("2024-01-01"), pd.Timestamp("2024-01-08")
    >>> bought_between(days, pd.Series(["a", "b"]), *at)
      buyer_key  purchases  money
    0         a          1    7.0
    1         b          0    0.0
    """
    begin, end = pd.Timestamp(after).normalize(), pd.Timestamp(until).normalize()
    if end <= begin:
        raise InputError(f"the window ends on {end:%Y-%m-%d}, not after {begin:%Y-%m-%d}")
    if end > (last := days["date"].max().normalize()):
        raise InputError(
            f"the window ends on {end:%Y-%m-%d}, after the last purchase of {last:%Y-%m-%d}: "
            "nobody looked then"
        )
    index = pd.Index(buyers, dtype=object)
    if not index.is_unique:
        raise InputError("a buyer stands twice among the buyers to be judged")
    date = days["date"].to_numpy()
    inside = days[(date > _end_of(begin)) & (date <= _end_of(end))]
    place = index.get_indexer(pd.Index(inside["buyer_key"], dtype=object))
    inside, place = inside[place >= 0], place[place >= 0]
    table = {
        "buyer_key": index.to_numpy(),
        "purchases": np.bincount(place, minlength=len(index)),
    }
    for name, column in (("money", "amount"), ("margin", "margin")):
        if column in inside:
            table[name] = np.bincount(place, inside[column].to_numpy("float64"), len(index))
    return pd.DataFrame(table)


def _end_of(day: pd.Timestamp) -> np.datetime64:
    """The last moment of a day."""
    return (day + pd.Timedelta(days=1) - pd.Timedelta(1, "ns")).to_datetime64()
