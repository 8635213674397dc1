"""The first screen: what buyers are worth, whom to call, and what the test says."""

from __future__ import annotations

from typing import Any

from src.reporting.page.prose import assumed_margin
from src.reporting.page.results import Answer, is_missing
from src.reporting.shop_ltv.calling import calls_sentence, second_sentence
from src.reporting.shop_ltv.comparing import gap_sentence, is_shown
from src.reporting.shop_ltv.inputs import Terms
from src.reporting.shop_ltv.testing import verdict_sentence
from src.reporting.shop_ltv.valuing import worth_sentence

_LIMIT = (
    "No buyer says goodbye: who is a buyer still is inferred from silence alone. A season, "
    "a sale or a change of prices is in no model, and what a call changes is known from a control "
    "group only."
)


def answer(worth: Any, calls: Any, trial: Any, second: Any, gaps: Any, terms: Terms) -> Answer:
    """What all buyers are worth, whom to call, how far the models are off, and the groups.

    Parts that the base lacks are left out.
    """
    headline = (
        f"No value can be told: this base has no {worth.lacks}."
        if is_missing(worth)
        else f"{worth_sentence(worth, terms)}."
    )
    parts = []
    if not is_missing(calls) and len(calls.first) >= terms.min_cell:
        parts.append(calls_sentence(calls, terms))
    if not is_missing(second):
        parts.append(second_sentence(second))
    if not is_missing(trial) and trial.judged.buyers >= terms.min_cell:
        parts.append(verdict_sentence(trial))
    if not is_missing(gaps):
        parts += [gap_sentence(gap, terms) for gap in gaps.values() if is_shown(gap, terms)]
    limit = _LIMIT + (assumed_margin(terms.margin_share) if terms.is_assumed else "")
    return Answer(headline, " ".join(f"{part}." for part in parts), limit)
