"""What is left to say of a campaign without a control group: little, with its biases named.

No uplift is estimated here: whom the campaign moved cannot be seen where nobody was left out at
random. See `arms.treatments`, which refuses.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from src.data.problems import InputError
from src.models.campaigns.arms import is_yes_or_no
from src.models.campaigns.next_test import Size, customers_for_means, customers_for_shares
from src.models.intervals.numbers import check_columns, finite
from src.models.intervals.proportions import Estimate
from src.models.intervals.ratios import by_delta
from src.models.overlap.comparing import Comparison, compare
from src.models.products.sensitivity import e_value, e_value_of_interval

BIASES = pd.DataFrame(
    [
        ("season and prices", "the months after differ from those before for everybody", "either"),
        ("return to the usual", "who was picked at a low would have come up anyway", "too good"),
        ("only the living", "who was picked was a customer, who may only leave", "too bad"),
        ("other campaigns", "what else was done in these months counts here too", "too good"),
    ],
    columns=["bias", "why", "makes_it_look"],
)
_DOUBT = 0.5  # of a matched difference that a test is planned for


@dataclass(frozen=True)
class BeforeAfter:
    """The change of the contacted, per customer, and why it is not the effect (`BIASES`)."""

    before: float
    after: float
    change: Estimate
    biases: pd.DataFrame


def before_after(contacted: pd.DataFrame, before: str, after: str) -> BeforeAfter:
    """The mean of `after` less `before` of the contacted, with its interval by customer.

    `contacted`: a row per customer, both columns in the same unit (money or orders per month).
    The interval is of chance alone; none of the biases is in it. Raises `InputError` for missing
    numbers.
    """
    check_columns(contacted, [before, after])
    first, second = finite(before, contacted[before]), finite(after, contacted[after])
    change = by_delta(float((second - first).mean()), second - first)
    return BeforeAfter(float(first.mean()), float(second.mean()), change, BIASES)


@dataclass(frozen=True)
class Matched:
    """The contacted beside comparable customers who were not, and how firm that is.

    `comparison`: of `src.models.overlap.comparing`, `buyers` being the contacted. `sensitivity`: a
    row per outcome: `outcome`, `ratio`, `low`, `high` and the E-values `e_value` and
    `e_value_of_end`: how strongly, as a ratio, something unseen would have to go with both being
    contacted and the outcome, to explain the difference, or its nearer end, away; 1 is nothing.
    """

    comparison: Comparison
    sensitivity: pd.DataFrame


def matched(known: pd.DataFrame, is_contacted: pd.Series, outcomes: pd.DataFrame) -> Matched:
    """The contacted against others weighted to be like them in all that was `known` before.

    Rows are customers who could have been contacted on the day of the campaign; `known` holds what
    was known on that day, `outcomes` what came after. Weights by entropy balancing. Assumes that
    nothing unseen moved both who was picked and the outcome; a list picked by risk, or by a
    salesman's feeling, breaks it. For a yes or no the ratio is that of risks, for numbers
    exp(0.91 d), d the difference in standard deviations (VanderWeele and Ding 2017).

    Raises `InputError` as `compare` does: few customers, or none who are alike.
    """
    comparison = compare(known, is_contacted, outcomes)
    rows = []
    for row in comparison.effects.itertuples():
        values = outcomes[row.outcome].to_numpy(float)
        gaps = np.array([row.matched, row.matched_low, row.matched_high], dtype=float)
        if is_yes_or_no(values):
            ratios = 1 + gaps / row.alike if row.alike > 0 else np.full(3, np.nan)
        else:
            ratios = np.exp(0.91 * gaps / values.std()) if values.std() > 0 else np.ones(3)
        # A risk is not below 0, wherever a normal interval of a difference ends.
        told = [float(ratio) for ratio in np.maximum(ratios, 1e-6)]
        values_of = (np.nan, np.nan)
        if np.isfinite(told).all():
            values_of = (e_value(told[0]), e_value_of_interval(told[1], told[2]))
        rows.append((row.outcome, *told, *values_of))
    columns = ["outcome", "ratio", "low", "high", "e_value", "e_value_of_end"]
    return Matched(comparison, pd.DataFrame(rows, columns=columns))


def proposed_test(
    found: Matched, outcomes: pd.DataFrame, outcome: str, control_share: float = 0.5
) -> Size:
    """The size of the test that would settle it: power 80 % for half of the matched difference.

    Half, since what is left unmatched mostly flatters a campaign; an assumption. `outcomes` as
    given to `matched`, `outcome` one of them. Raises `InputError` where there is no difference.
    """
    rows = found.comparison.effects
    if outcome not in rows["outcome"].tolist():
        raise InputError(f"{outcome!r} is not among what was compared")
    row = rows[rows["outcome"] == outcome].iloc[0]
    values, effect = outcomes[outcome].to_numpy(float), _DOUBT * float(row["matched"])
    if is_yes_or_no(values):
        return customers_for_shares(float(row["alike"]), effect, control_share=control_share)
    return customers_for_means(float(values.std()), effect, control_share=control_share)
