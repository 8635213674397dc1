"""Habits of shop buyers on a day: how often, how lately, how evenly, for how much they bought."""

from __future__ import annotations

import numpy as np
import pandas as pd

from src.data.problems import InputError

WINDOWS = (4, 13, 26)  # units back from the day


def purchase_habits(
    days: pd.DataFrame,
    until: pd.Timestamp,
    orders: pd.DataFrame | None = None,
    *,
    unit_days: int = 7,
) -> pd.DataFrame:
    """The habits of every buyer known on the day `until`, from what was known on that day.

    `days`: a row per buyer and day of purchase with `buyer_key`, `date`, `amount`
    (`src.features.purchases`); `orders`, where given: `buyer_key`, `date` and, where there are any,
    `sku` and `category`. Nothing after `until` is read. Times are in units of `unit_days` days.

    Returns a row per buyer, indexed by `buyer_key` in sorted order:

    - `frequency` (purchase days after the first), `recency` (first to last purchase), `age` (first
      purchase to `until`), `silence` (last purchase to `until`)
    - `purchases_4`, `money_4`, and of 13 and 26 units: purchase days and money of the last units
    - `mean_gap`, `longest_gap` between purchases, `overdue` (silence over the mean gap); missing
      with one purchase
    - `trend`: purchases after the first in the later half of the age, less those in the earlier
      half, over both: 0 steady, -1 stopped; missing without any
    - `money` to date, and `first_amount`, `last_amount`, `mean_amount`, `largest_amount` of a day
    - from `orders`: `lines` (rows to date), `skus` and `categories` (different ones to date)

    Raises `InputError` when a column is missing or nobody bought by `until`.

    >>> days = pd.DataFrame({"buyer_key": "a", "amount": [5.0, 7.0],
    ...                      "date": pd.to_datetime(["2024-01-01", "2024-01-08"])})
    >>> found = purchase_habits(days, pd.Timestamp("2024-01-29"))
    >>> found[["silence", "purchases_4", "overdue", "trend"]].iloc[0].tolist()
    [3.0, 1.0, 3.0, -1.0]
    """
    for table, needed in ((days, ("buyer_key", "date", "amount")), (orders, ("buyer_key", "date"))):
        if table is not None and (lacking := [name for name in needed if name not in table]):
            raise InputError(f"the purchases lack {', '.join(lacking)}")
    end = pd.Timestamp(until).normalize()
    known = days[days["date"] < end + pd.Timedelta(days=1)].sort_values(["buyer_key", "date"])
    if known.empty:
        raise InputError(f"nobody bought by {end:%Y-%m-%d}, so nobody has habits")
    buyer, keys = pd.factorize(known["buyer_key"])
    count, amount = len(keys), known["amount"].to_numpy(float)
    ago = (end - known["date"].dt.normalize()).dt.days.to_numpy() / unit_days
    number = np.bincount(buyer)
    first = np.cumsum(number) - number
    last = first + number - 1
    age, silence = ago[first], ago[last]
    is_repeat = np.ones(len(buyer), bool)
    is_repeat[first] = False
    gap = np.where(is_repeat, -np.diff(ago, prepend=ago[0]), 0.0)
    has_repeat = number > 1
    mean_gap = np.where(has_repeat, (age - silence) / np.maximum(number - 1, 1), np.nan)
    later = np.bincount(buyer, is_repeat & (ago < age[buyer] / 2), count)
    earlier = number - 1 - later
    money = np.bincount(buyer, amount, count)
    habits = {
        "frequency": number - 1.0,
        "recency": age - silence,
        "age": age,
        "silence": silence,
    }
    for window in WINDOWS:
        inside = ago < window
        habits[f"purchases_{window}"] = np.bincount(buyer, inside, count)
        habits[f"money_{window}"] = np.bincount(buyer, amount * inside, count)
    habits |= {
        "mean_gap": mean_gap,
        "longest_gap": np.where(has_repeat, np.maximum.reduceat(gap, first), np.nan),
        "overdue": silence / mean_gap,
        "trend": np.where(has_repeat, (later - earlier) / np.maximum(number - 1, 1), np.nan),
        "money": money,
        "first_amount": amount[first],
        "last_amount": amount[last],
        "mean_amount": money / number,
        "largest_amount": np.maximum.reduceat(amount, first),
    }
    found = pd.DataFrame(habits, index=pd.Index(keys, name="buyer_key"))
    return found if orders is None else found.join(_bought(orders, end), how="left")


def _bought(orders: pd.DataFrame, end: pd.Timestamp) -> pd.DataFrame:
    """How much of what a buyer had ordered by then: rows, different articles and categories."""
    known = orders[orders["date"] < end + pd.Timedelta(days=1)].groupby("buyer_key")
    parts = {"lines": known.size().astype(float)}
    for column, name in (("sku", "skus"), ("category", "categories")):
        if column in orders:
            parts[name] = known[column].nunique().astype(float)
    return pd.DataFrame(parts)
