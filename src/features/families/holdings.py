"""Holdings: which products a customer has beside the line, and how mature that use is."""

from __future__ import annotations

import narwhals as nw

from src.features.catalogue import AT, PAIR, Family, Feature
from src.features.known import NUMBER

# The tier of business maturity that a product shows: 1 the owner alone, 2 first staff, 3
# departments, 4 (written 3+) many teams with everything integrated.
TIERS = {
    "telephony": 1,
    "call_routing": 2,
    "call_recording": 2,
    "crm_link": 2,
    "call_tracking": 3,
    "analytics": 3,
    "reports": 3,
    "queues": 4,
    "monitoring": 4,
    "integration": 4,
}


def holdings(rows: nw.LazyFrame, has_tiers: bool) -> Family:
    """Features of `holdings` as known at each snapshot.

    `has_tiers` says whether the base sells any product of `TIERS`; then B2B customers have a tier,
    that of the most demanding product they hold, 1 with none.
    """
    end, start, now = nw.col("end"), nw.col(NUMBER), nw.col(AT)
    is_held = end.is_null()
    tier = nw.lit(1)
    for product, level in sorted(TIERS.items(), key=lambda item: item[1]):
        tier = nw.when(nw.col("product") == product).then(nw.lit(level)).otherwise(tier)
    joined = rows.group_by(*PAIR).agg(
        nw.when(is_held).then(1).count().alias("holdings_held"),
        nw.when(~is_held).then(1).count().alias("holdings_dropped"),
        nw.len().alias("holdings_taken"),
        nw.when(start > now - 12).then(1).count().alias("holdings_taken_12"),
        nw.when(is_held).then(tier).max().alias("holdings_tier"),
        start.max().alias("holdings_latest"),
    )
    last = rows.join(joined.select(*PAIR, "holdings_latest"), on=list(PAIR), how="inner")
    last = last.filter(start == nw.col("holdings_latest"))
    last = last.group_by(*PAIR).agg(nw.col("product").max().alias("holdings_last"))
    joined = joined.join(last, on=list(PAIR), how="left")
    number = {
        name: nw.col(f"holdings_{name}").fill_null(0) for name in ("held", "dropped", "taken_12")
    }
    features = [
        _feature("products", "products held", "products", "", number["held"]),
        _feature(
            "products_taken_12m", "products taken", "products", "12 months", number["taken_12"]
        ),
        _feature("products_dropped", "products given up so far", "products", "", number["dropped"]),
        _feature(
            "months_since_product",
            "months since the last product was taken",
            "months",
            "",
            now - nw.col("holdings_latest"),
        ),
        _feature(
            "last_product", "product taken last", "product", "", nw.col("holdings_last"), True
        ),
    ]
    if has_tiers:
        tier_now = nw.when(nw.col("segment") == "B2B").then(
            nw.coalesce(nw.col("holdings_tier"), nw.lit(1))
        )
        features.append(
            _feature(
                "maturity_tier",
                "maturity by products held, 4 is 3+; B2B only",
                "tier",
                "",
                tier_now,
            )
        )
    return Family(tuple(features), joined, "holdings_latest")


def _feature(
    name: str, meaning: str, unit: str, window: str, value: nw.Expr, is_text: bool = False
) -> Feature:
    return Feature(name, meaning, unit, window, "holdings", value, is_text)
