"""A chain of messages: what it did step by step and in all, and whether it paid.

Everybody treated gets all steps, so that the effect of one step by itself is never seen, only what
had gathered by its date and what was added before the next one. Steps whose effect takes longer
than the time to the next step look weaker than they are, and the next one stronger.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy.stats import norm

from src.data.problems import InputError
from src.models.campaigns.arms import outcome_of, treatments
from src.models.campaigns.effect import adjusted_effects, effects
from src.models.campaigns.monthly import by_member, effects_by_month
from src.models.intervals.numbers import Numbers, check_columns


def exits_as_amounts(members: pd.DataFrame, left_after: str) -> pd.DataFrame:
    """Exits as a table of `monthly.by_member`: `customer_id`, `month`, `left` (1).

    `members`: `customer_id` and `left_after`, the month after the contact in which the customer
    left, missing for those who stayed. The `sum` of `effects_by_month` is then the effect on the
    share of customers lost since the contact.
    """
    check_columns(members, ["customer_id", left_after])
    gone = members[members[left_after].notna()]
    return pd.DataFrame(
        {
            "customer_id": gone["customer_id"].to_numpy(),
            "month": gone[left_after].to_numpy(int),
            "left": np.ones(len(gone)),
        }
    )


def effects_by_step(
    members: pd.DataFrame,
    happened: pd.DataFrame,
    amount: str,
    arm: str,
    step_days: Sequence[int],
    until_day: int,
    *,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """The effect between one step and the next, and all of it since the first.

    `members`: `customer_id`, `arm`; `happened`: `customer_id`, `day` (days since the first contact
    of the chain, which is day 0) and `amount` (1 for an order or an exit, or money), after the
    contact: earlier days are not read. `step_days`: the day of each step, rising from 0;
    `until_day`: where the time of the last step ends. Returns `step`, `from_day`, `to_day` (not
    included), `treated`, `control` (means per member of the arm as drawn), `effect`, `low`, `high`,
    `sum`, `sum_low`, `sum_high`. Exits known by month only fall into the step of their day.

    Raises `InputError` for days that do not rise and for an arm that is not there.
    """
    check_columns(happened, ["customer_id", "day", amount])
    days = np.array([*step_days, until_day])
    if len(days) < 2 or days[0] != 0 or (np.diff(days) <= 0).any():
        raise InputError(f"the days of steps must rise from 0 to the end, not {days.tolist()}")
    step = np.searchsorted(days, happened["day"].to_numpy(), side="right")
    within = happened[["customer_id", amount]].assign(month=step)
    steps = len(days) - 1
    table = effects_by_month(members, within, amount, arm, steps, confidence=confidence).table
    table = table.rename(columns={"month": "step"})
    table.insert(1, "from_day", days[:-1])
    table.insert(2, "to_day", days[1:])
    return table


def extra_per_month(
    members: pd.DataFrame,
    followed: pd.DataFrame,
    amount: str,
    months: int,
    covariates: Sequence[str] = (),
    *,
    by: str | None = None,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """What a month brings more per member who was drawn for treatment, over `months` months.

    Tables as in `monthly.by_member`; `covariates` of `members` as in `adjusted_effects`, best the
    same amount before the contact. Returns the table of `effects`, or of `adjusted_effects` where
    there are covariates, in units of `amount` per member and month.
    """
    mean = by_member(members, followed, amount, months).mean(axis=1)
    columns = ["customer_id", "arm", *covariates, *([by] if by else [])]
    rows = members[columns].assign(per_month=mean)
    if not covariates:
        return effects(rows, "per_month", by=by, confidence=confidence)
    return adjusted_effects(rows, "per_month", covariates, by=by, confidence=confidence)


def return_on_cost(
    members: pd.DataFrame,
    margin: str,
    covariates: Sequence[str] = (),
    *,
    cost: str = "cost",
    by: str | None = None,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Extra margin less cost, per member and over the cost, adjusted as `adjusted_effects` are.

    `members`: `customer_id`, `arm`, `margin` (money over the months looked at, before the cost of
    the campaign) and `cost` (of all contacts of the member). Per treatment: `arm`, `customers`,
    `controls`, `extra` (margin of treated less controls), `cost` (likewise), `net` = extra - cost
    with `net_low`, `net_high`, and `ratio` = net / cost with `low`, `high`: 0 is even, 1 is a
    second euro for every euro. Its interval is by the delta method, normal: too short with
    heavy-tailed margins and few customers. Costs of planning and of the offer itself count only
    where they are in `cost`. Raises `InputError` for a negative cost, and where treatment costs
    nothing.
    """
    treatments(members)
    money, spent = outcome_of(members, margin), outcome_of(members, cost)
    if (spent < 0).any():
        raise InputError(f"the cost of contacts must be 0 or more, not {spent.min():g}")

    def of(values: Numbers) -> pd.DataFrame:
        told = members.assign(**{margin: values})
        return adjusted_effects(told, margin, covariates, by=by, confidence=confidence)

    price_of = effects(members, cost, by=by).set_index("arm")["effect"]
    z = norm.ppf((1 + confidence) / 2)
    rows = []
    for place, row in enumerate(of(money - spent).itertuples()):
        price = float(price_of[row.arm])
        if not price > 0:
            raise InputError(f"the arm {row.arm} costs no more than control: no return on cost")
        extra = row.effect + price
        moved = of(money - extra / price * spent).iloc[place]
        ratio, far = extra / price - 1, z * moved["error"] / price
        ends = (row.effect, row.low, row.high, ratio, ratio - far, ratio + far)
        rows.append((row.arm, row.customers, row.controls, extra, price, *ends))
    columns = ["arm", "customers", "controls", "extra", "cost", "net"]
    return pd.DataFrame(rows, columns=[*columns, "net_low", "net_high", "ratio", "low", "high"])
