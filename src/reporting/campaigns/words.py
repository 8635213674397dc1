"""Words that the sections of campaigns share: points, money with its ends, what is undecided."""

from __future__ import annotations

import math
from typing import Any

from src.reporting.page.prose import Interval, short_money

RULES = {
    "chosen": "the chosen model",
    "nobody": "contacting nobody",
    "best single treatment": "the best treatment for all",
    "highest churn risk": "highest churn risk first",
    "highest value at risk": "highest value at risk first",
    "who knows the effects": "who knows all effects",
}
GROUPS = {
    "segment": "Segment",
    "users": "Users of the lines",
    "abc": "Class by revenue",
    "rfm_segment": "By activity (RFM)",
}


def points(figure: Interval) -> str:
    """A difference of shares in points, with its interval.

    >>> class Found: value, low, high = -0.0123, -0.03, 0.0
    >>> points(Found)
    '-1.2 points (-3.0 to 0.0)'
    """
    value, low, high = (round(100 * end, 1) + 0.0 for end in _ends(figure))
    return f"{value:+.1f} points ({low:.1f} to {high:.1f})"


def money_of(figure: Interval, money: str) -> str:
    """A sum of money with its interval, in the currency `money`."""
    value, low, high = _ends(figure)
    if math.isnan(low):
        return f"{short_money(value)} {money} (no interval)"
    return f"{short_money(value)} {money} ({short_money(low)} to {short_money(high)})"


def in_unit(figure: Interval, unit: str, money: str) -> str:
    """An effect in the unit of its outcome: points of a share, money, or a number."""
    if unit == "share":
        return points(figure)
    if unit == "money":
        return money_of(figure, money)
    value, low, high = _ends(figure)
    return f"{value:+.3f} ({low:.3f} to {high:.3f})"


def is_decided(figure: Interval) -> bool:
    """Whether the interval leaves out no effect."""
    return figure.low > 0 or figure.high < 0


def rule_words(rule: str) -> str:
    """A rule for whom to contact, as a reader says it.

    >>> rule_words("everybody: bonus"), rule_words("nobody")
    ('contacting everybody (bonus)', 'contacting nobody')
    """
    if rule.startswith("everybody: "):
        return f"contacting everybody ({rule.removeprefix('everybody: ')})"
    return RULES.get(rule, rule)


class Ends:
    """Value and ends of a row of a frame, by the names of its columns."""

    def __init__(
        self, row: Any, value: str = "effect", low: str = "low", high: str = "high"
    ) -> None:
        self.value, self.low, self.high = (float(row[name]) for name in (value, low, high))


def _ends(figure: Interval) -> tuple[float, float, float]:
    return figure.value, figure.low, figure.high
