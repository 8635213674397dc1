"""The first screen: the offer that earns most, what names it, what products and a shop tell."""

from __future__ import annotations

from typing import Any

from src.reporting.page.prose import assumed_margin, count, percent, percent_interval, short_money
from src.reporting.page.results import Answer, is_missing
from src.reporting.products.effects import between, change
from src.reporting.products.offering import best_offer, hit_sentence, in_money

_LIMIT = (
    "Chances are of what customers take by themselves: what an offer adds is known from a campaign "
    "with controls only. Months beyond those seen go on as they were."
)


def answer(
    offers: Any, test: Any, plan: Any, effect: Any, shared: Any, money: str, assumed: float | None
) -> Answer:
    """The offer that earns most, how well it is named, the plan, and the two claims beside it.

    `shared`: the overlap with a shop; `money`: the currency; `assumed`: the share of revenue taken
    for margin, None where costs are known. Parts that the base lacks are left out.
    """
    parts = []
    if not is_missing(test):
        parts.append(hit_sentence(test))
    if not is_missing(plan):
        parts.append(
            f"The plan of {count(plan.months, 'month')} is worth {in_money(plan.worth, money)}."
        )
    if not is_missing(effect):
        parts.append(_keeping(effect))
    if not is_missing(shared):
        parts.append(_shared(shared))
    limit = _LIMIT + (assumed_margin(assumed) if assumed is not None else "")
    return Answer(_headline(offers, money), " ".join(parts), limit)


def _headline(offers: Any, money: str) -> str:
    if is_missing(offers):
        return f"No offer can be named: this base has no {offers.lacks}."
    best = best_offer(offers)
    if best is None:
        return "No offer goes to customers enough to be shown."
    return (
        f"The next offer that earns most is **{best['product']}** to "
        f"**{count(best['customers'], 'customer')}** of {best['segment']}, "
        f"{percent(best['chance'], 0)} of whom take it by themselves: "
        f"**{short_money(best['expected'])} {money} ({short_money(best['low'])} to "
        f"{short_money(best['high'])})**."
    )


def _keeping(effect: Any) -> str:
    """The main comparison in a sentence."""
    main, raw = effect.main, effect.rows.set_index("estimate").loc["raw", "effect"]
    figure = f"{change(main['effect'])} exits a month ({between(main['low'], main['high'])})"
    is_told = main["high"] < 0 or main["low"] > 0
    verdict = "goes with" if is_told else "cannot be told from none: it goes with"
    return (
        f"A further product {verdict} **{figure}** among {effect.segment} customers alike; the raw "
        f"comparison would promise {change(raw)}."
    )


def _shared(shared: Any) -> str:
    if shared.shares is None:
        first = shared.bounds.iloc[0]
        ends = f"{percent(first['low'], 0)} to {percent(first['high'], 0)}"
        return f"Of the shop's buyers {ends} are subscribers; no links were checked."
    share = shared.shares.share
    of_buyers = percent_interval(share.value, share.low, share.high, 0)
    return f"Of the shop's buyers {of_buyers} are subscribers."
