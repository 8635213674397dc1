"""B2B or B2C of each buyer of a shop: by a column of the log, or by how the buyer orders."""

from __future__ import annotations

import numpy as np
import pandas as pd

from src.data.bases import BuyerRule
from src.data.problems import InputError
from src.data.rules import MEASURES
from src.features.purchases import numbered_buyers

_AMOUNT, _ARTICLES = MEASURES


def buyer_segments(
    orders: pd.DataFrame, rule: BuyerRule | None, *, until: pd.Timestamp | None = None
) -> pd.DataFrame:
    """The segment of each buyer as it is known on the day `until`: `buyer_key`, `segment`, ...

    By the rule of the base where it has one (`by_rule`), else by the column `segment` of its orders
    (`by_column`). Raises `InputError` where there is neither, and as these two do.
    """
    if rule is not None:
        return by_rule(orders, rule.measure, rule.b2b_from, until=until)
    if "segment" in orders:
        return by_column(orders, until=until)
    raise InputError(
        "nothing tells companies from consumers among the buyers; write in base.yml `segment: "
        "{column: ..., values: {...: B2B}, otherwise: B2C}`, or, by how they order, `segment: "
        f"{{measure: {_AMOUNT}, b2b_from: 150}}`"
    )


def by_rule(
    orders: pd.DataFrame, measure: str, bound: float, *, until: pd.Timestamp | None = None
) -> pd.DataFrame:
    """B2B of every buyer whose measure is `bound` or more, B2C of the others.

    Reads `buyer_key`, `date`, `amount` of orders, one row per order, and of the measure `median
    articles per order` also `articles`, or `sku`, where each row is one article. Returns, sorted by
    buyer: `buyer_key`, `segment` and the measure, a column of its name: the median over the buyer's
    orders, returns (below 0) left out. Orders after the day `until` are not read: the end of the
    calibration, or the segment of a buyer knows what is to be predicted. With the measure a report
    can move the bound.

    Assumption: companies order more at once. A company that orders little counts as B2C, a big
    spender as B2B, and a gap of money between the segments is in part made by the rule. Who has
    one order is told by that one: close to the bound such buyers are told by chance.

    Raises `InputError` for an unknown measure, a bound that is not above 0, a missing column, and
    where no order is left.

    >>> orders = pd.DataFrame({"buyer_key": ["a", "a", "b"], "amount": [100.0, 300.0, 20.0],
    ...                        "date": pd.Timestamp("2024-01-05")})
    >>> by_rule(orders, "median order value", 150)
      buyer_key segment  median order value
    0         a     B2B               200.0
    1         b     B2C                20.0
    """
    if measure not in MEASURES:
        raise InputError(f"there is no measure {measure!r}; known: {', '.join(MEASURES)}")
    if not 0 < bound < np.inf:
        raise InputError(f"the bound of {measure} must be above 0, not {bound}")
    placed = _up_to(orders, until)
    placed = placed[placed["amount"] >= 0]
    values = placed["amount"] if measure == _AMOUNT else _articles(placed)
    if placed.empty:
        raise InputError("orders has no purchase of a buyer to tell segments by")
    buyer, keys = numbered_buyers(placed["buyer_key"])
    medians = _medians(buyer, values.to_numpy("float64"), len(keys))
    segment = np.where(medians >= bound, "B2B", "B2C").astype(object)
    return pd.DataFrame({"buyer_key": keys, "segment": segment, measure: medians})


def by_column(orders: pd.DataFrame, *, until: pd.Timestamp | None = None) -> pd.DataFrame:
    """The segment that most orders of a buyer have; of as many of both, that of the earliest.

    Reads `buyer_key`, `date` and `segment` (of the order) of orders up to the day `until`. Returns,
    sorted by buyer: `buyer_key`, `segment` and `is_mixed`, whether the buyer has orders of both.
    Fails where an account is shared, such as by a shop owner who also buys for the family.

    Raises `InputError` where no order has a segment.
    """
    told = _up_to(orders, until)
    told = told[told["segment"].notna()]
    if told.empty:
        raise InputError("no order of a buyer has a segment")
    buyer, keys = numbered_buyers(told["buyer_key"])
    is_b2b = (told["segment"] == "B2B").to_numpy()
    rows = np.bincount(buyer)
    b2b = np.bincount(buyer, is_b2b)
    # Of orders of one day those of B2B go first, so that the order of rows does not count.
    order = np.lexsort((~is_b2b, told["date"].to_numpy(), buyer))
    earliest = is_b2b[order][np.flatnonzero(np.diff(buyer[order], prepend=-1))]
    segment = np.where((2 * b2b > rows) | ((2 * b2b == rows) & earliest), "B2B", "B2C")
    return pd.DataFrame(
        {
            "buyer_key": keys,
            "segment": segment.astype(object),
            "is_mixed": (b2b > 0) & (b2b < rows),
        }
    )


def _articles(placed: pd.DataFrame) -> pd.Series:
    """Different articles of each order."""
    if "articles" in placed:
        return placed["articles"].fillna(0)
    if "sku" in placed:
        return placed["sku"].notna().astype("float64")
    raise InputError(
        f"the measure {_ARTICLES!r} needs the articles of orders; write under tables.orders: "
        "`columns: {sku: ...}`"
    )


def _medians(group: np.ndarray, values: np.ndarray, number: int) -> np.ndarray:
    """The median of the values of each group."""
    order = np.lexsort((values, group))
    counts = np.bincount(group, minlength=number)
    begins = np.cumsum(counts) - counts
    low, high = begins + (counts - 1) // 2, begins + counts // 2
    middle: np.ndarray = (values[order][low] + values[order][high]) / 2
    return middle


def _up_to(orders: pd.DataFrame, until: pd.Timestamp | None) -> pd.DataFrame:
    """Orders of a buyer up to the end of a day."""
    is_read = orders["buyer_key"].notna()
    if until is not None:
        is_read &= orders["date"] < pd.Timestamp(until).normalize() + pd.Timedelta(days=1)
    return orders[is_read]
