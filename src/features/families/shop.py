"""Shop: what a customer buys in the operator's online shop."""

from __future__ import annotations

import narwhals as nw

from src.features.catalogue import AT, KEY, PAIR, Family, Feature
from src.features.known import DAYS, NUMBER
from src.features.windows import divided


def shop(orders: nw.LazyFrame) -> Family:
    """Features of `orders` that are linked to a customer, as known at each
    snapshot.

    A return (negative amount) lowers the amounts and is no purchase.
    """
    amount, now = nw.col("amount"), nw.col(AT)
    is_purchase, is_recent = amount >= 0, nw.col(NUMBER) > now - 12
    aggregates = [
        nw.when(is_purchase).then(1).count().alias("shop_orders"),
        nw.when(is_purchase, is_recent).then(1).count().alias("shop_orders_12"),
        nw.when(is_recent).then(amount).sum().alias("shop_amount_12"),
        amount.sum().alias("shop_amount"),
        nw.when(is_purchase).then(nw.col(DAYS)).min().alias("shop_days"),
        nw.col(NUMBER).max().alias("shop_latest"),
    ]
    joined = orders.filter(~nw.col(KEY).is_null()).group_by(*PAIR).agg(*aggregates)
    features = [
        _feature(
            "shop_days_since",
            "days since the last purchase",
            "days",
            "",
            nw.col("shop_days"),
        ),
        _feature(
            "shop_orders_12m",
            "purchases",
            "purchases",
            "12 months",
            nw.col("shop_orders_12").fill_null(0),
        ),
        _feature(
            "shop_amount_12m",
            "money spent",
            "money",
            "12 months",
            nw.col("shop_amount_12").fill_null(0.0),
        ),
        _feature(
            "shop_orders",
            "purchases so far",
            "purchases",
            "all",
            nw.col("shop_orders").fill_null(0),
        ),
        _feature(
            "shop_basket",
            "mean purchase so far, returns taken off",
            "money",
            "all",
            divided(nw.col("shop_amount"), nw.col("shop_orders")),
        ),
    ]
    return Family(tuple(features), joined, "shop_latest")


def _feature(name: str, meaning: str, unit: str, window: str, value: nw.Expr) -> Feature:
    return Feature(name, meaning, unit, window, "orders", value)
