"""Effects month by month after the contact, on what happens again and again: orders, income.

Everybody who was drawn counts in every month, whether still there or not: who left brings nothing.
Comparing only those still there would compare survivors of two arms, who are no longer alike.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import norm

from src.data.problems import InputError, shorten
from src.models.campaigns.arms import CONTROL, treatments
from src.models.intervals.numbers import Numbers, check_columns, finite


@dataclass(frozen=True, eq=False)
class MonthlyEffects:
    """The effect of one treatment in each month, and how the months go together.

    `table`: a row per month: `month` (1 is the first after the contact), `treated`, `control`
    (means per member), `effect`, `low`, `high`, and the effect added up since the contact: `sum`,
    `sum_low`, `sum_high`. `effects` and their `covariance`, (months,) and (months, months). Where
    `is_ratio`, effects are logarithms of ratios of means, the table has the ratios, and sums are
    the ratio of what both arms brought since the contact.
    """

    table: pd.DataFrame
    effects: Numbers
    covariance: Numbers
    is_ratio: bool


def by_member(members: pd.DataFrame, followed: pd.DataFrame, amount: str, months: int) -> Numbers:
    """(members, months): the sum of `amount` per member and month since the contact.

    `members`: `customer_id`; `followed`: `customer_id`, `month` (whole months since the contact, 1
    is the first) and `amount`; rows of other customers, of the time before (0 and below) and of
    later months are not read, months without a row are 0. Raises `InputError` for an amount that is
    missing.
    """
    check_columns(followed, ["customer_id", "month", amount])
    if months < 1:
        raise InputError(f"months must be 1 or more, not {months}")
    place = pd.Index(members["customer_id"]).get_indexer(pd.Index(followed["customer_id"]))
    month = followed["month"].to_numpy()
    is_in = (place >= 0) & (month >= 1) & (month <= months)
    if not is_in.any():
        return np.zeros((len(members), months))
    cell = place[is_in] * months + month[is_in].astype(int) - 1
    amounts = finite(amount, followed.loc[is_in, amount])
    sums = np.bincount(cell, amounts, len(members) * months)
    return np.asarray(sums, dtype=float).reshape(-1, months)


def effects_by_month(
    members: pd.DataFrame,
    followed: pd.DataFrame,
    amount: str,
    arm: str,
    months: int,
    *,
    as_ratio: bool = False,
    confidence: float = 0.95,
) -> MonthlyEffects:
    """The effect of `arm` against control on `amount` in each of the first `months`; see above.

    Tables as in `by_member`, `members` with `arm`. Errors are by customer, so that a customer who
    buys every month is one customer. `as_ratio`: treated over control, for numbers of orders; the
    error is that of the logarithm, by the delta method. Raises `InputError` for an arm that is not
    there, with fewer than two customers, or without any amount in a month (`as_ratio`).
    """
    names = treatments(members)
    if arm not in names:
        raise InputError(f"there is no arm {shorten(arm)}; there are {', '.join(names)}")
    amounts, of_member = by_member(members, followed, amount, months), members["arm"].astype(str)
    sides = [amounts[(of_member == name).to_numpy()] for name in (arm, CONTROL)]
    if min(map(len, sides)) < 2:
        raise InputError(f"the arm {arm} and the control group need 2 customers each")
    means = np.array([side.mean(axis=0) for side in sides])
    spreads = [np.atleast_2d(np.cov(side.T)) / len(side) for side in sides]
    z, until = norm.ppf((1 + confidence) / 2), np.tril(np.ones((months, months)))
    if as_ratio:
        if not (means > 0).all():
            raise InputError(f"an arm has no {amount} in a month, so there is no ratio")
        effects, covariance = _log_ratio(means, spreads)
        sums, of_sums = _log_ratio(means @ until.T, [until @ each @ until.T for each in spreads])
    else:
        effects, covariance = means[0] - means[1], spreads[0] + spreads[1]
        sums, of_sums = until @ effects, until @ covariance @ until.T
    columns: dict[str, Numbers] = {}
    for name, value, spread in (("", effects, covariance), ("sum", sums, of_sums)):
        reach = z * np.sqrt(np.diag(spread))
        ends = {f"{name}_low": value - reach, f"{name}_high": value + reach}
        columns |= {
            name or "effect": value,
            **{end.lstrip("_"): told for end, told in ends.items()},
        }
    if as_ratio:
        columns = {name: np.exp(values) for name, values in columns.items()}
    month = np.arange(1, months + 1)
    table = pd.DataFrame({"month": month, "treated": means[0], "control": means[1], **columns})
    return MonthlyEffects(table, effects, covariance, as_ratio)


def _log_ratio(means: Numbers, spreads: list[Numbers]) -> tuple[Numbers, Numbers]:
    scaled = [spread / np.outer(mean, mean) for mean, spread in zip(means, spreads, strict=True)]
    return np.log(means[0] / means[1]), scaled[0] + scaled[1]
