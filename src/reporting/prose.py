"""Numbers as people read them."""

from __future__ import annotations

from collections.abc import Sequence


def percent(value: float, decimals: int = 1) -> str:
    """A share of one as a percentage.

    >>> percent(0.2654)
    '26.5%'
    """
    return f"{100 * value:.{decimals}f}%"


def percent_interval(value: float, low: float, high: float, decimals: int = 1) -> str:
    """A share with its interval.

    >>> percent_interval(0.2654, 0.255, 0.276)
    '26.5% (25.5 to 27.6)'
    """
    return f"{percent(value, decimals)} ({100 * low:.{decimals}f} to {100 * high:.{decimals}f})"


def count(number: float, noun: str = "") -> str:
    """A whole number with its noun in the right form.

    >>> count(7043, "customer"), count(1, "row"), count(1200)
    ('7,043 customers', '1 row', '1,200')
    """
    if not noun:
        return f"{number:,.0f}"
    return f"{number:,.0f} {noun}{'' if number == 1 else 's'}"


def listed(words: Sequence[str]) -> str:
    """Words as a list in a sentence.

    >>> listed(["a"]), listed(["a", "b", "c"])
    ('a', 'a, b and c')
    """
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} and {words[-1]}"
