"""How strong an unseen trait would have to be to explain an effect away."""

from __future__ import annotations

import math

from src.data.problems import InputError


def e_value(ratio: float) -> float:
    """The E-value of a ratio of risks, or of hazards of a rare event.

    The least ratio by which an unseen trait would have to go with the products and, apart from
    them, with leaving, both, to explain the ratio away, beyond what is seen. It is
    RR + sqrt(RR (RR - 1)), of 1 / RR for ratios below 1. A ratio of 1 needs nothing: 1. Source:
    VanderWeele and Ding 2017.

    Raises `InputError` for a ratio that is not above 0.

    >>> round(e_value(3.9), 2)
    7.26
    """
    if not (math.isfinite(ratio) and ratio > 0):
        raise InputError(f"a ratio must be above 0, not {ratio}")
    strong = max(ratio, 1 / ratio)
    return strong + math.sqrt(strong * (strong - 1))


def e_value_of_interval(low: float, high: float) -> float:
    """The E-value of the end of an interval nearer to 1; 1 where the interval holds 1.

    >>> round(e_value_of_interval(1.8, 8.7), 2), e_value_of_interval(0.9, 1.2)
    (3.0, 1.0)
    """
    if low > high:
        raise InputError(f"an interval must not end before it begins: {low} to {high}")
    if low <= 1 <= high:
        return 1.0
    return e_value(low if low > 1 else high)
