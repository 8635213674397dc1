"""Value classes: RFM scores and ABC-XYZ, a customer's place among the others at the snapshot."""

from __future__ import annotations

import narwhals as nw

from src.features.catalogue import AT, Family, Feature

GROUP = ("segment", AT)
_MONEY, _MONTHS, _RECENCY = "revenue_sum_12", "paid_12", "last_paid"
_SHARES_OF_TOTAL = (0.80, 0.95)  # A (X) holds the first 80 %, B (Y) the next 15 %
_SHARES_OF_CUSTOMERS = (0.2, 0.4, 0.6, 0.8)


def value(customers: nw.LazyFrame) -> tuple[nw.LazyFrame, Family]:
    """The customers with the cuts of their segment, and the features made from them.

    `customers` comes from `src.features.population.population`.

    ABC: class A are the customers with the most money who together hold 80 % of it, B the next
    15 %, C the rest; XYZ likewise by months with revenue. A customer is in a class when those with
    strictly more hold less than its share, so equals are in one class. RFM: 5 for the best fifth of
    customers, 1 for the last, equals together. All within the segment.
    """
    money, months, recency = nw.col(_MONEY), nw.col(_MONTHS), nw.col(_RECENCY)
    worth = nw.when(money > 0).then(money).otherwise(0.0)
    plans = {
        "abc": (_MONEY, worth, _SHARES_OF_TOTAL),
        "xyz": (_MONTHS, months, _SHARES_OF_TOTAL),
        "r": (_RECENCY, nw.lit(1.0), _SHARES_OF_CUSTOMERS),
        "f": (_MONTHS, nw.lit(1.0), _SHARES_OF_CUSTOMERS),
        "m": (_MONEY, nw.lit(1.0), _SHARES_OF_CUSTOMERS),
    }
    joined = customers
    for name, plan in plans.items():
        joined = joined.join(_cuts(customers, name, *plan), on=list(GROUP), how="left")
    features = (
        _text("abc", "class by revenue", _letters(money, "abc", "ABC")),
        _text("xyz", "class by months with revenue", _letters(months, "xyz", "XYZ")),
        _score("rfm_recency", "score of the last month with revenue", _points(recency, "r")),
        _score("rfm_frequency", "score of months with revenue", _points(months, "f")),
        _score("rfm_money", "score of revenue", _points(money, "m")),
        Feature(
            "is_golden",
            "class AX or AY",
            "yes or no",
            "12 months",
            "billing",
            nw.when((money >= _cut("abc", 0)) & (months >= _cut("xyz", 1))).then(1).otherwise(0),
        ),
    )
    return joined, Family(features)


def _cuts(
    customers: nw.LazyFrame, name: str, by: str, weight: nw.Expr, shares: tuple[float, ...]
) -> nw.LazyFrame:
    """Per group the lowest value of `by` with less than each share of the weight above it."""
    curve = customers.with_columns(weight.cast(nw.Float64).alias("weight"))
    curve = curve.group_by(*GROUP, by).agg(nw.col("weight").sum())
    so_far = nw.col("weight").cum_sum(reverse=True).over(*GROUP, order_by=by)
    curve = curve.with_columns(
        so_far.alias("so_far"), nw.col("weight").sum().over(*GROUP).alias("total")
    )
    above = nw.col("so_far") - nw.col("weight")
    return curve.group_by(*GROUP).agg(
        nw.when(above < nw.col("total") * share).then(nw.col(by)).min().alias(f"{name}_cut_{place}")
        for place, share in enumerate(shares)
    )


def _cut(name: str, place: int) -> nw.Expr:
    return nw.col(f"{name}_cut_{place}")


def _letters(by: nw.Expr, name: str, letters: str) -> nw.Expr:
    second = nw.when(by >= _cut(name, 1)).then(nw.lit(letters[1])).otherwise(nw.lit(letters[2]))
    return nw.when(by >= _cut(name, 0)).then(nw.lit(letters[0])).otherwise(second)


def _points(by: nw.Expr, name: str) -> nw.Expr:
    points = nw.lit(1)
    for place in reversed(range(len(_SHARES_OF_CUSTOMERS))):
        points = nw.when(by >= _cut(name, place)).then(nw.lit(5 - place)).otherwise(points)
    return points


def _text(name: str, meaning: str, letters: nw.Expr) -> Feature:
    return Feature(
        name,
        f"{meaning}, within the segment",
        "class",
        "12 months",
        "billing",
        letters,
        is_text=True,
    )


def _score(name: str, meaning: str, points: nw.Expr) -> Feature:
    return Feature(
        name, f"{meaning}, within the segment", "points 1 to 5", "12 months", "billing", points
    )
