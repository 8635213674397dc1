"""Purchases: the days on which a buyer bought, as the models of shop buyers read them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import pandas as pd

from src.data.problems import InputError

Returns = Literal["same day", "last purchase"]
WEEK = 7
_NOTHING = 1e-9  # of the money involved: what adding up in another order may leave over
_NEEDED = ("buyer_key", "date", "amount")


@dataclass(frozen=True)
class PurchaseLog:
    """Purchase days, and what of the orders is not in them.

    `days`: see `purchase_days`. Money is that of the orders read; `bought` is all above 0,
    `returned` all below 0 with its sign turned, each of rows with a buyer.
    """

    days: pd.DataFrame
    rows: int
    rows_without_buyer: int
    money_without_buyer: float  # above 0, of rows without a buyer
    bought: float
    returned: float
    unmatched: float  # returned, and no purchase found that it could reduce
    unmatched_days: int  # of a buyer, on which that happened
    undone_days: int  # of a buyer, with a purchase of which nothing is left
    free_days: int  # purchases that cost nothing
    largest_rows: float  # share of the rows that one buyer has
    largest_money: float  # share of the money bought of the same buyer


def purchase_days(
    orders: pd.DataFrame, *, returns: Returns = "same day", until: pd.Timestamp | None = None
) -> pd.DataFrame:
    """A row per buyer and day on which something was bought and not all of it returned.

    Reads `buyer_key`, `date`, `amount` and, where there is one, `margin` of orders. Returns
    `buyer_key`, `date` (the day), `amount` (money left of the day's orders) and `margin` (money
    left after the cost of goods; missing where an order of the day has none), sorted by buyer and
    day. Several orders of a day are one purchase (Fader, Hardie, Lee 2005). Rows without a buyer
    are left out; rows after the day `until` are not read.

    A row below 0 is a return. By `same day` it reduces the purchases of its own day. By `last
    purchase` what its own day cannot bear reduces the buyer's last purchase before it, then the
    one before that; the margin falls in proportion. A day of which nothing is left is no purchase.
    What no purchase can bear is left aside: `purchase_log` counts it. An order that cost nothing
    from the start is a purchase: the published summary of CDNOW counts eight such buyers.

    Fails where goods come back late and the rule is `same day`: then purchases that were undone
    count. With `last purchase` a later return changes an earlier day: whoever asks how things
    stood on a day gives it as `until`, or the future leaks.

    Raises `InputError` for a missing column or cell, an unknown rule, and where no purchase is
    left.

    >>> orders = pd.DataFrame({"buyer_key": "a", "date": pd.to_datetime(["2024-01-05"] * 3),
    ...                        "amount": [30.0, 20.0, -10.0]})
    >>> purchase_days(orders)["amount"].tolist()
    [40.0]
    """
    return purchase_log(orders, returns=returns, until=until).days


def purchase_log(
    orders: pd.DataFrame, *, returns: Returns = "same day", until: pd.Timestamp | None = None
) -> PurchaseLog:
    """`purchase_days` of the orders, with counts of what is not in them; the same errors."""
    _refuse_unreadable(orders, returns)
    day = orders["date"].to_numpy().astype("datetime64[D]").astype("int64")
    buyer, keys = numbered_buyers(orders["buyer_key"])
    amount = orders["amount"].to_numpy(dtype="float64")
    is_read = np.ones(len(day), bool) if until is None else day <= _day_number(until)
    has_buyer = (buyer >= 0) & is_read
    lost = amount[is_read & ~has_buyer]
    if not has_buyer.any():
        raise InputError("orders has no row with a buyer" + _up_to(until))
    buyer, day, amount = buyer[has_buyer], day[has_buyer], amount[has_buyer]
    rows_of = np.bincount(buyer)
    begin = day.min()
    span = int(day.max() - begin) + 1
    cell, of_row = np.unique(buyer * span + (day - begin), return_inverse=True)
    paid = np.bincount(of_row, np.maximum(amount, 0))
    back = np.bincount(of_row, np.maximum(-amount, 0))
    of_cell = cell // span
    left, unmatched = _after_returns(of_cell, paid, back, returns)
    is_purchase = (left > _NOTHING * paid) | ((paid == 0) & (back == 0))
    if not is_purchase.any():
        raise InputError("orders has no purchase of which anything is left" + _up_to(until))
    days = {
        "buyer_key": keys[of_cell[is_purchase]],
        "date": (cell[is_purchase] % span + begin).astype("datetime64[D]").astype("datetime64[ns]"),
        "amount": left[is_purchase],
    }
    if "margin" in orders:
        margin = orders["margin"].to_numpy(dtype="float64")[has_buyer]
        net = np.where(paid - back > 0, paid - back, 1.0)
        days["margin"] = (np.bincount(of_row, margin) * np.where(paid > 0, left / net, 1.0))[
            is_purchase
        ]
    return PurchaseLog(
        days=pd.DataFrame(days),
        rows=int(is_read.sum()),
        rows_without_buyer=len(lost),
        money_without_buyer=float(np.maximum(lost, 0).sum()),
        bought=float(paid.sum()),
        returned=float(back.sum()),
        unmatched=float(unmatched.sum()),
        unmatched_days=int((unmatched > 0).sum()),
        undone_days=int(((paid > 0) & ~is_purchase).sum()),
        free_days=int(((paid == 0) & is_purchase).sum()),
        largest_rows=float(rows_of.max() / len(buyer)),
        largest_money=float(paid[of_cell == rows_of.argmax()].sum() / max(paid.sum(), _NOTHING)),
    )


def _after_returns(
    buyer: np.ndarray, paid: np.ndarray, back: np.ndarray, returns: Returns
) -> tuple[np.ndarray, np.ndarray]:
    """Money left of each day, and money returned on it that no purchase can bear.

    The days are sorted by buyer and date. Purchases of a buyer are a pile, where a return takes
    from the top. The height of the pile is the running sum, held at 0 from below; what is left of
    a day is how far the lowest height from then on lies above the height before it.
    """
    net = paid - back
    if returns == "same day" or not (net < 0).any():
        return np.maximum(net, 0), np.maximum(-net, 0)
    total = pd.Series(net).groupby(buyer).cumsum()
    lowest = total.groupby(buyer).cummin().clip(upper=0)
    height = total - lowest
    before = height.groupby(buyer).shift(fill_value=0.0)
    from_now = height[::-1].groupby(buyer[::-1]).cummin()[::-1]
    left = (from_now - before).clip(0, np.maximum(net, 0)).to_numpy()
    none = left <= _NOTHING * (before.to_numpy() + paid)
    unmatched = lowest.groupby(buyer).shift(fill_value=0.0) - lowest
    scale = total.abs().groupby(buyer).cummax() + 1
    return np.where(none, 0.0, left), unmatched.where(unmatched > _NOTHING * scale, 0.0).to_numpy()


def summaries(
    days: pd.DataFrame,
    until: pd.Timestamp,
    *,
    since: pd.Timestamp | None = None,
    unit_days: float = WEEK,
) -> pd.DataFrame:
    """What the models of shop buyers read: a row per buyer with a purchase by the day `until`.

    `days` of `purchase_days`; those after `until` are not read. Returns, sorted by buyer:
    `buyer_key`, `first` (day of the first purchase), `frequency` (purchase days after the first),
    `recency` (from the first to the last purchase), `age` (from the first purchase to the end of
    `until`), both in units of `unit_days` days, `spend` (mean money of a purchase day after the
    first; missing without one), `spend_all` (mean money of a purchase day, with the first), and,
    where `days` has a margin, `margin_share` (margin over money of the days whose margin is known;
    missing without money). Definitions of Fader, Hardie and Lee (2005); spend of Fader, Hardie
    (2013), who leave the first purchase out.

    Assumption: the first purchase in the log is the buyer's first. Where a log begins in the
    middle of its buyers' lives, old buyers look like new ones with too short an age; they are those
    who stayed, so a model takes newcomers for more loyal than they are. `since` keeps only buyers
    whose first purchase in the log is of that day or later; see `newcomers_from`.

    Raises `InputError` where `unit_days` is not above 0 and where nobody is left.

    >>> days = pd.DataFrame({"buyer_key": "a", "amount": [5.0, 7.0, 9.0],
    ...     "date": pd.to_datetime(["2024-01-01", "2024-01-08", "2024-01-15"])})
    >>> summaries(days, pd.Timestamp("2024-01-29"))[["frequency", "recency", "age", "spend"]]
       frequency  recency  age  spend
    0          2      2.0  4.0    8.0
    """
    if not 0 < unit_days < np.inf:
        raise InputError(f"unit_days must be above 0, not {unit_days}")
    end = pd.Timestamp(until).normalize()
    seen = days[days["date"].to_numpy() <= end.to_datetime64()]
    buyer, keys = numbered_buyers(seen["buyer_key"])
    date = seen["date"].to_numpy().astype("datetime64[D]").astype("int64")
    first, last = np.full(len(keys), np.iinfo("int64").max), np.zeros(len(keys), "int64")
    np.minimum.at(first, buyer, date)
    np.maximum.at(last, buyer, date)
    amount = seen["amount"].to_numpy(dtype="float64")
    frequency = np.bincount(buyer, minlength=len(keys)) - 1
    is_repeat = date > first[buyer]
    repeated = np.bincount(buyer, amount * is_repeat, len(keys))
    money = np.bincount(buyer, amount, len(keys))
    table = {
        "buyer_key": keys,
        "first": first.astype("datetime64[D]").astype("datetime64[ns]"),
        "frequency": frequency,
        "recency": (last - first) / unit_days,
        "age": (_day_number(end) - first) / unit_days,
        "spend": np.where(frequency > 0, repeated / np.maximum(frequency, 1), np.nan),
        "spend_all": money / (frequency + 1),
    }
    if "margin" in seen:
        margin = seen["margin"].to_numpy(dtype="float64")
        is_known = ~np.isnan(margin)
        known = np.bincount(buyer, amount * is_known, len(keys))
        gained = np.bincount(buyer, np.where(is_known, margin, 0.0), len(keys))
        table["margin_share"] = np.where(known > 0, gained / np.where(known > 0, known, 1), np.nan)
    buyers = pd.DataFrame(table)
    if since is not None:
        buyers = buyers[buyers["first"] >= pd.Timestamp(since)].reset_index(drop=True)
    if buyers.empty:
        begins = "" if since is None else f" and not before {pd.Timestamp(since):%Y-%m-%d}"
        raise InputError(f"no buyer bought first by {end:%Y-%m-%d}{begins}")
    return buyers


def newcomers_from(days: pd.DataFrame, share: float = 0.9) -> pd.Timestamp:
    """The day from which a first purchase in the log is most likely the buyer's first of all.

    Reads `buyer_key` and `date` of `purchase_days`. It is the first day of the log, and after it as
    many days as pass between two purchases of a buyer in `share` of the cases: an old buyer would
    have been seen before. Assumption: gaps in the log are those of all buyers. Gaps longer than the
    log are not in it, so some old buyers are still taken for new ones. A log of newcomers by design
    (a cohort, such as CDNOW) needs no such day.

    Raises `InputError` where nobody bought twice.

    >>> days = pd.DataFrame({"buyer_key": ["a", "a", "b"], "amount": 1.0,
    ...     "date": pd.to_datetime(["2024-01-01", "2024-01-08", "2024-03-01"])})
    >>> f"{newcomers_from(days):%Y-%m-%d}"
    '2024-01-08'
    """
    buyer, _ = numbered_buyers(days["buyer_key"])
    date = days["date"].to_numpy().astype("datetime64[D]").astype("int64")
    order = np.lexsort((date, buyer))
    gaps = np.diff(date[order])[np.diff(buyer[order]) == 0]
    if not len(gaps):
        raise InputError("nobody bought twice, so nothing tells new buyers from old ones")
    quiet = int(np.ceil(np.quantile(gaps, share)))
    return pd.Timestamp(days["date"].min()).normalize() + pd.Timedelta(days=quiet)


def numbered_buyers(buyer_key: pd.Series) -> tuple[np.ndarray, np.ndarray]:
    """The number of each row's buyer, and the buyers in order; keys in order are not sorted again.

    >>> numbered_buyers(pd.Series(["b", "a", "b"]))[0].tolist()
    [1, 0, 1]
    """
    keys = buyer_key.to_numpy(dtype=object)
    begins = np.ones(len(keys), bool)
    begins[1:] = keys[1:] != keys[:-1]
    distinct = pd.Index(keys[begins], dtype=object)
    if distinct.hasnans or not (distinct.is_monotonic_increasing and distinct.is_unique):
        numbers, found = pd.factorize(buyer_key, sort=True)
        return numbers, np.asarray(found, dtype=object)
    return np.cumsum(begins) - 1, distinct.to_numpy()


def _refuse_unreadable(orders: pd.DataFrame, returns: str) -> None:
    if returns not in get_args(Returns):
        raise InputError(f"returns must be one of {', '.join(get_args(Returns))}, not {returns!r}")
    if lacking := [name for name in _NEEDED if name not in orders]:
        raise InputError(f"orders lacks {', '.join(lacking)}")
    for name in ("date", "amount"):
        if gaps := int(orders[name].isna().sum()):
            raise InputError(f"orders.{name} is empty in {gaps:,} rows")


def _day_number(day: pd.Timestamp) -> int:
    """Days since 1970 of a day, of which the time is cut."""
    return int(np.datetime64(pd.Timestamp(day), "D").astype("int64"))


def _up_to(until: pd.Timestamp | None) -> str:
    return "" if until is None else f" up to {pd.Timestamp(until):%Y-%m-%d}"
