"""Shop: what a customer buys in the operator's online shop."""

from __future__ import annotations

import narwhals as nw

from src.features.catalogue import AT, KEY, PAIR, Family, Feature
from src.features.known import DAYS, NUMBER
from src.features.windows import divided


def shop(orders: nw.LazyFrame) -> Family:
    """Features of `orders` that are linked to a customer, as known at each snapshot.

    A return (negative amount) lowers the amounts and is no purchase. All of twelve months.
    """
    amount, days = nw.col("amount"), nw.col(DAYS)
    is_purchase, is_recent = amount >= 0, nw.col(NUMBER) > nw.col(AT) - 3
    joined = (
        orders.filter(~nw.col(KEY).is_null())
        .group_by(*PAIR)
        .agg(
            nw.when(is_purchase).then(1).count().alias("shop_orders"),
            nw.when(is_purchase, is_recent).then(1).count().alias("shop_orders_3"),
            amount.sum().alias("shop_amount"),
            nw.when(is_purchase).then(days).min().alias("shop_days"),
            nw.col(NUMBER).max().alias("shop_latest"),
        )
    )
    count = nw.col("shop_orders").fill_null(0)
    features = (
        _feature(
            "shop_days_since", "days since the last purchase", "days", 12, nw.col("shop_days")
        ),
        _feature("shop_orders_12m", "purchases", "purchases", 12, count),
        _feature(
            "shop_orders_3m", "purchases", "purchases", 3, nw.col("shop_orders_3").fill_null(0)
        ),
        _feature(
            "shop_amount_12m", "money spent", "money", 12, nw.col("shop_amount").fill_null(0.0)
        ),
        _feature(
            "shop_basket_12m",
            "mean purchase, returns taken off",
            "money",
            12,
            divided(nw.col("shop_amount"), count),
        ),
    )
    return Family(features, joined, "shop_latest")


def _feature(name: str, meaning: str, unit: str, months: int, value: nw.Expr) -> Feature:
    return Feature(name, meaning, unit, f"{months} months", "orders", value)
