"""The next test: how many customers, how long to wait, what the control group costs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import norm

from src.data.problems import InputError
from src.models.intervals.numbers import check_columns
from src.models.intervals.proportions import Estimate, wilson


@dataclass(frozen=True)
class Size:
    """How many customers a test needs, in all and in each of its two arms."""

    customers: int
    treated: int
    controls: int


def customers_for_shares(
    control_rate: float,
    effect: float,
    *,
    control_share: float = 0.5,
    power: float = 0.8,
    level: float = 0.05,
    variance_reduction: float = 0.0,
) -> Size:
    """Customers that show an effect on a share, such as of those who leave.

    `effect` in points of the share, treated less control; `variance_reduction` of the adjusted
    estimate, 0 to below 1, as reached in a test before. Two-sided test at `level`, found with the
    chance `power`:
    n = (z + z')^2 (1 - reduction) (p1 (1 - p1) / (1 - s) + p0 (1 - p0) / s) / effect^2, s the share
    of controls. The normal approximation needs ten events in each arm. Raises `InputError` for
    rates outside 0..1, no effect and shares that cannot be.

    >>> customers_for_shares(0.10, -0.02)
    Size(customers=6422, treated=3211, controls=3211)
    """
    rates = control_rate + effect, control_rate
    if not all(0 < rate < 1 for rate in rates):
        raise InputError(f"both rates must lie between 0 and 1, not {rates[0]:g} and {rates[1]:g}")
    variances = [rate * (1 - rate) * (1 - _share(variance_reduction)) for rate in rates]
    return _size(variances[0], variances[1], effect, control_share, power, level)


def customers_for_means(
    deviation: float,
    effect: float,
    *,
    control_share: float = 0.5,
    power: float = 0.8,
    level: float = 0.05,
    variance_reduction: float = 0.0,
) -> Size:
    """Customers that show an effect on a mean, such as of income per month.

    `deviation`: the standard deviation of the outcome between customers, in its unit, the same in
    both arms; otherwise as `customers_for_shares`.
    """
    if not deviation > 0:
        raise InputError(f"the standard deviation must be above 0, not {deviation:g}")
    variance = deviation**2 * (1 - _share(variance_reduction))
    return _size(variance, variance, effect, control_share, power, level)


def customers_for_policies(
    gain: float,
    disagree: float,
    deviation: float,
    *,
    odds: tuple[float, float] = (0.5, 0.5),
    power: float = 0.8,
    level: float = 0.05,
) -> int:
    """Customers of a randomised test that tells which of two policies earns more.

    `gain`: of one policy over the other, per customer of the whole test; `disagree`: the share of
    customers whom they treat differently, the only ones who tell; `deviation`: of the outcome about
    its mean by arm; `odds`: the chances with which the test gives a customer the arm of the first
    and of the second policy. Both are valued on the same customers (inverse probability weights on
    what is left of the outcome), where the variance per customer is
    q s^2 (1 / e1 + 1 / e2) + gain^2 (1 / q - 1). Raises `InputError` for shares outside 0..1, no
    gain, and no deviation.

    >>> customers_for_policies(0.5, 0.2, 10.0)
    2544
    """
    if not 0 < disagree <= 1 or not all(0 < chance < 1 for chance in odds) or sum(odds) > 1:
        raise InputError("disagreement and the chances of arms must lie between 0 and 1")
    if not deviation > 0:
        raise InputError(f"the standard deviation must be above 0, not {deviation:g}")
    variance = disagree * deviation**2 * sum(1 / chance for chance in odds)
    variance += gain**2 * (1 / disagree - 1)
    return int(np.ceil(_reach(power, level) ** 2 * variance / _not_none(gain) ** 2))


def smallest_effect(error: float, *, power: float = 0.8, level: float = 0.05) -> float:
    """The effect that a test of this standard error finds with the chance `power`.

    >>> round(smallest_effect(0.01), 3)
    0.028
    """
    if not error > 0:
        raise InputError(f"the standard error must be above 0, not {error:g}")
    return float(_reach(power, level) * error)


def months_to_wait(
    seen: pd.DataFrame, share: float = 0.8, confidence: float = 0.95
) -> pd.DataFrame:
    """Months until so much of what comes within the horizon has come, per segment.

    `seen`: `segment`, `month` (after the contact, from 1), `count` (exits, or responses, in this
    month). Returns `segment`, `total`, `months` (the first by whose end `share` of the total has
    come), `low` and `high`: months in which the Wilson interval of the share that had come reaches
    it first and last. What comes after the last month is not known; a segment that decides in three
    to six months needs a horizon well beyond them. Raises `InputError` for a share outside 0..1 and
    negative counts; segments without any count are left out.
    """
    check_columns(seen, ["segment", "month", "count"])
    if not 0 < share < 1:
        raise InputError(f"the share must lie between 0 and 1, not {share:g}")
    if (seen["count"] < 0).any():
        raise InputError("counts must be 0 or more")
    rows = []
    for segment, part in seen.groupby("segment", sort=True):
        by_month = part.groupby("month")["count"].sum().sort_index()
        total = float(by_month.sum())
        if total == 0:
            continue
        come = wilson(by_month.cumsum(), pd.Series(total, by_month.index), confidence)
        reached = [come[name].ge(share) for name in ("rate", "high", "low")]
        # The last month holds all of it, whatever its interval.
        months = [is_in.idxmax() if is_in.any() else by_month.index[-1] for is_in in reached]
        rows.append((segment, int(total), *(int(month) for month in months)))
    return pd.DataFrame(rows, columns=["segment", "total", "months", "low", "high"])


def cost_of_controls(customers: int, control_share: float, gain: Estimate) -> Estimate:
    """What is forgone by not treating the control group: money of the whole test.

    `gain`: saved margin less cost per treated customer, with its interval. Below 0 where the
    campaign loses money: then the control group saves it.

    >>> cost_of_controls(10_000, 0.1, Estimate(2.0, -1.0, 5.0))
    Estimate(value=2000.0, low=-1000.0, high=5000.0)
    """
    controls = round(customers * _share(control_share))
    return Estimate(controls * gain.value, controls * gain.low, controls * gain.high)


def _size(
    treated: float, control: float, effect: float, control_share: float, power: float, level: float
) -> Size:
    if not 0 < control_share < 1:
        raise InputError(f"the share of controls must lie between 0 and 1, not {control_share:g}")
    variance = treated / (1 - control_share) + control / control_share
    needed = _reach(power, level) ** 2 * variance / _not_none(effect) ** 2
    controls = int(np.ceil(needed * control_share))
    others = int(np.ceil(needed * (1 - control_share)))
    return Size(controls + others, others, controls)


def _reach(power: float, level: float) -> float:
    if not 0 < level < power < 1:
        raise InputError(f"power must lie between the level and 1, not {power:g} at {level:g}")
    return float(norm.ppf(1 - level / 2) + norm.ppf(power))


def _not_none(effect: float) -> float:
    if effect == 0 or not np.isfinite(effect):
        raise InputError("an effect of 0 cannot be found by any number of customers")
    return effect


def _share(value: float) -> float:
    if not 0 <= value < 1:
        raise InputError(f"a share must be 0 or more and below 1, not {value:g}")
    return value
