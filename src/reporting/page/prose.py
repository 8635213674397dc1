"""Numbers as people read them."""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence
from typing import Protocol

_ROUNDING = 1e-9


class Interval(Protocol):
    """A figure with its interval."""

    @property
    def value(self) -> float: ...  # noqa: D102
    @property
    def low(self) -> float: ...  # noqa: D102
    @property
    def high(self) -> float: ...  # noqa: D102


class OutOfRange(UserWarning):
    """A share below 0 or above 1, or none at all: the figure is wrong, or is no share."""


def percent(value: float, decimals: int = 1) -> str:
    """A share of one as a percentage. Warns `OutOfRange` where it is none; see `ratio`.

    >>> percent(0.2654)
    '26.5%'
    """
    if not -_ROUNDING <= value <= 1 + _ROUNDING:
        warnings.warn(f"{value:.4g} is no share of a whole", OutOfRange, stacklevel=2)
    return ratio(value, decimals)


def ratio(value: float, decimals: int = 1) -> str:
    """A number as a percentage of another, which it may exceed.

    >>> ratio(1.042)
    '104.2%'
    """
    return f"{100 * value:.{decimals}f}%"


def percent_interval(value: float, low: float, high: float, decimals: int = 1) -> str:
    """A share with its interval. Warns `OutOfRange` like `percent`, for the ends too.

    >>> percent_interval(0.2654, 0.255, 0.276)
    '26.5% (25.5 to 27.6)'
    >>> percent_interval(0.2654, float("nan"), float("nan"))
    '26.5% (no interval)'
    """
    for end in (low, high):
        if not math.isnan(end):
            percent(end)
    percent(value)
    return ratio_interval(value, low, high, decimals)


def ratio_interval(value: float, low: float, high: float, decimals: int = 1) -> str:
    """A percentage of another number with its interval; it may exceed 100%."""
    if math.isnan(low) or math.isnan(high):
        return f"{ratio(value, decimals)} (no interval)"
    return f"{ratio(value, decimals)} ({100 * low:.{decimals}f} to {100 * high:.{decimals}f})"


def assumed_margin(share: float) -> str:
    """What the reader of a base without costs has to know; follows on a sentence.

    >>> assumed_margin(0.5)
    ' The margin is assumed to be 50% of revenue.'
    """
    return f" The margin is assumed to be {percent(share, 0)} of revenue."


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


def short_money(value: float) -> str:
    """Money in three digits.

    >>> short_money(0), short_money(-1234.5), short_money(2_600_000)
    ('0', '-1.23 k', '2.6 m')
    """
    for size, letter in ((1e9, " bn"), (1e6, " m"), (1e3, " k")):
        if abs(value) >= 0.9995 * size:
            return f"{value / size:.3g}{letter}"
    return f"{value:.3g}"


def share_words(share: float) -> str:
    """A share of a list, with a decimal where it is short.

    >>> share_words(0.004), share_words(0.07), share_words(0.25)
    ('0.4%', '7.0%', '25%')
    """
    return f"{share:.1%}" if 0 < share < 0.1 else f"{share:.0%}"
