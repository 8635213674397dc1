"""Money: what a customer is billed and leaves as margin, how it moves, and what is missing."""

from __future__ import annotations

import narwhals as nw

from src.features.catalogue import AT, Family, Feature
from src.features.windows import divided

A_MONTH = "money a month"
A_BILL = "money a bill"
_LENGTHS = (1, 3, 6, 12)
_AGE = nw.col("age")


def money(has_cost: bool, has_credits: bool) -> Family:
    """Features of billing; whether the base has `cost_to_serve`, and any credit note at all.

    Reads the columns of `src.features.population.population`. A month without a bill after the
    first one is revenue 0; means of a young customer are over the months since the first bill. A
    credit note (negative revenue) lowers the means and is no month with revenue. Margins are of the
    bills whose cost is known, and so is the revenue that their share is taken of.
    """
    mean = {n: nw.col(f"revenue_sum_{n}") / nw.min_horizontal(_AGE, nw.lit(n)) for n in _LENGTHS}
    levels = [
        _billing(f"revenue_mean_{n}m", "revenue a month", A_MONTH, n, mean[n]) for n in _LENGTHS
    ]
    moves = [
        _billing(
            f"revenue_ratio_{a}_{b}",
            f"revenue of {a} over {b} months",
            "ratio",
            b,
            divided(mean[a], mean[b]),
        )
        for a, b in ((1, 3), (3, 6), (3, 12))
    ]
    before = (nw.col("revenue_sum_6") - nw.col("revenue_sum_3")) / 3
    moves += [
        _billing(
            "revenue_change_3m",
            "last 3 months over the 3 before, less one",
            "share",
            6,
            nw.when(_AGE >= 6).then(divided(mean[3], before) - 1),
        ),
        *(
            _billing(
                f"revenue_slope_{n}m",
                "trend of revenue over its mean",
                "share a month",
                n,
                nw.when(n <= _AGE).then(divided(nw.col(f"revenue_trend_{n}"), mean[n])),
            )
            for n in (6, 12)
        ),
        _billing(
            "revenue_variation_12m",
            "spread of the bills over the mean",
            "ratio",
            12,
            divided(nw.col("revenue_spread"), mean[12]),
        ),
        *(
            _billing(
                f"revenue_share_of_peak_{n}m",
                f"mean of {n} months over the best of 12",
                "share",
                12,
                divided(mean[n], nw.col("revenue_peak")),
            )
            for n in (1, 3)
        ),
    ]
    missing = nw.max_horizontal(mean[12] - mean[3], nw.lit(0.0))
    gaps = [
        Feature(
            "months_since_revenue",
            "months since the last month with revenue",
            "months",
            "",
            "billing",
            nw.col(AT) - nw.col("last_paid"),
        ),
        _billing(
            "months_unpaid_12m",
            "months without revenue since the first bill",
            "months",
            12,
            nw.min_horizontal(_AGE, nw.lit(12)) - nw.col("paid_12"),
        ),
        _billing(
            "arrears_3m",
            "revenue of 3 months missing against the mean of 12",
            "usual months",
            12,
            divided(missing * nw.min_horizontal(_AGE, nw.lit(3)), mean[12]),
        ),
    ]
    if has_credits:
        credit_notes = nw.col("credits")
        gaps.append(
            _billing("credit_notes_12m", "months with a credit note", "months", 12, credit_notes)
        )
    gaps.append(_all("revenue_to_date", "all revenue billed so far"))
    return Family((*levels, *moves, *gaps, *(_margin() if has_cost else ())))


def _margin() -> list[Feature]:
    three, twelve, revenue = (nw.col(name) for name in ("margin_3", "margin_12", "costed_12"))
    return [
        _billing("margin_mean_3m", "margin a bill, cost known", A_BILL, 3, three),
        _billing("margin_mean_12m", "margin a bill, cost known", A_BILL, 12, twelve),
        _billing("margin_change", "mean of 3 less that of 12", A_BILL, 12, three - twelve),
        _billing(
            "margin_share_12m",
            "margin over revenue, cost known",
            "share",
            12,
            divided(twelve, revenue),
        ),
        _all("margin_to_date", "all margin so far, of bills whose cost is known"),
    ]


def _all(name: str, meaning: str) -> Feature:
    return Feature(name, meaning, "money", "all", "billing", nw.col(name))


def _billing(name: str, meaning: str, unit: str, months: int, value: nw.Expr) -> Feature:
    return Feature(name, meaning, unit, _window(months), "billing", value)


def _window(months: int) -> str:
    return "1 month" if months == 1 else f"{months} months"
