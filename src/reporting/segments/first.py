"""The first screen: the golden customers, what is at risk among them, the move of most money."""

from __future__ import annotations

from typing import Any

from src.reporting.page.prose import assumed_margin, count, percent, percent_interval, short_money
from src.reporting.page.results import Answer, is_missing
from src.reporting.page.small_groups import many
from src.reporting.segments.inputs import Golden, Terms
from src.reporting.segments.moving import move_sentence

_LIMITS = {
    "panel": (
        "Classes are of one day and of money billed, not of profit; value at risk is by the models "
        "of 04_ltv. What moves is described: nobody was moved on purpose."
    ),
    "orders": (
        "A shop never knows who is gone: asleep is who bought nothing in these months. What is at "
        "risk needs a model of buying; 09_shop_ltv has it."
    ),
}


def answer(golden: Any, moved: Any, terms: Terms) -> Answer:
    """Who the golden customers are in number and money, what is at risk, the one move of money."""
    limit = _LIMITS[terms.kind]
    if terms.assumed_margin is not None:
        limit += assumed_margin(terms.assumed_margin)
    detail = [] if is_missing(moved) else [move_sentence(moved, terms)]
    if is_missing(golden):
        return Answer(f"This base has no {golden.lacks}.", " ".join(detail), limit)
    if golden.customers >= terms.min_cell:
        detail.insert(0, _classes_line(golden, terms))
    return Answer(_headline(golden, terms), " ".join(detail), limit)


def _headline(golden: Golden, terms: Terms) -> str:
    if golden.customers < terms.min_cell:
        few = many(golden.customers, f"golden {terms.customer}", terms.min_cell)
        return f"There are {few}; nothing more is shown of so few."
    who = count(golden.customers, f"golden {terms.customer}")
    share = golden.money_share
    line = (
        f"**{who}**, {percent(golden.share, 0)} of all, bring "
        f"**{percent_interval(share.value, share.low, share.high, 0)}** of the {terms.money}"
    )
    if golden.at_risk is None or golden.at_risk_share is None:
        return f"{line}."
    risk, at_risk = golden.at_risk_share, golden.at_risk
    low, value, high = map(short_money, (at_risk.low, at_risk.value, at_risk.high))
    return (
        f"{line}, and hold **{value} ({low} to {high}) {terms.currency}** of value at risk, "
        f"{percent_interval(risk.value, risk.low, risk.high, 0)} of that of all."
    )


def _classes_line(golden: Golden, terms: Terms) -> str:
    return (
        f"Golden is AX and AY: the {terms.customer}s at the top who bring 80% of the "
        f"{terms.money} of the last {terms.months} months, {short_money(golden.money)} "
        f"{terms.currency} here, without those who are last by {terms.frequency}."
    )
