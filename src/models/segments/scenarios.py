"""What becomes of the value of each segment when price, churn, costs or the mix change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import norm

from src.models.gap.value_intervals import Draw, Members, blocks_drawn, drawn_again
from src.models.intervals.proportions import Estimate
from src.models.value.customer_value import survival_of
from src.models.value.discounting import discounts

ALL = "all"


@dataclass(frozen=True)
class Change:
    """One change of the conditions, the others as they are.

    `price`, `churn`, `cost`: relative, 0.05 for 5 % more. `answers`: whether customers answer a
    higher price by leaving, as far as `price_response` knows.
    """

    name: str
    price: float = 0.0
    churn: float = 0.0
    cost: float = 0.0
    answers: bool = False


def scenarios(
    groups: Mapping[str, Members],
    changes: list[Change],
    rng: np.random.Generator,
    *,
    responses: Mapping[str, pd.DataFrame],
    past_rise: float,
    annual_rate: float = 0.12,
    replicates: int = 100,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """The value of each segment under each change, and how far it is from that of today.

    `groups`: the members of each segment (`gap.value_intervals.members`). Returns `change` (its
    name), `segment` (`all` for the sum), `value` (money over the months of the members,
    discounted), `low`, `high`, and `moved` (value less that of today) with `moved_low`,
    `moved_high`: a draw is the same for both, so the difference is surer than either.

    A price that rises by p raises revenue by p and leaves costs as they are: margin + p x revenue.
    Where the change `answers`, the chance to leave in the months after is taken times the rate
    ratio of `responses` (frames of `price_response` by segment), which were seen after rises of
    `past_rise`, to the power p / past_rise; a segment without a frame does not answer. Churn times
    (1 + c) is every month's hazard times that. Costs times (1 + k): margin - k x (revenue -
    margin).

    Intervals draw customers, blocks of months, who is riskier than whom and the rate ratios, as
    `gap.value_intervals` does. Left out: who would come or stop coming, what competitors do, and a
    change of the rules themselves; a rise beyond those seen is an extrapolation.
    """
    calendar = pd.DatetimeIndex(
        sorted(set().union(*(each.model.levels.calendar for each in groups.values())))
    )
    point = _values(groups, changes, responses, past_rise, annual_rate)
    drawn = []
    for _ in range(replicates):
        months = blocks_drawn(len(calendar), rng)
        again = {
            name: drawn_again(group, months[calendar.get_indexer(group.model.levels.calendar)], rng)
            for name, group in groups.items()
        }
        answers = {
            name: table.assign(
                ratio=table["ratio"]
                * np.exp(rng.standard_normal(len(table)) * table["log_error"].to_numpy())
            )
            for name, table in responses.items()
        }
        drawn.append(_values(groups, changes, answers, past_rise, annual_rate, again))
    ends = (1 - confidence) / 2, (1 + confidence) / 2
    every = np.stack(drawn)  # (replicates, changes and today, segments and all)
    low, high = np.quantile(every, ends, axis=0)
    moved_low, moved_high = np.quantile(every[:, 1:] - every[:, :1], ends, axis=0)
    rows = [
        {
            "change": change.name,
            "segment": segment,
            "value": point[place + 1, column],
            "low": low[place + 1, column],
            "high": high[place + 1, column],
            "moved": point[place + 1, column] - point[0, column],
            "moved_low": moved_low[place, column],
            "moved_high": moved_high[place, column],
        }
        for place, change in enumerate(changes)
        for column, segment in enumerate([*groups, ALL])
    ]
    return pd.DataFrame(rows)


def _values(
    groups: Mapping[str, Members],
    changes: list[Change],
    responses: Mapping[str, pd.DataFrame],
    past_rise: float,
    annual_rate: float,
    drawn: Mapping[str, Draw] | None = None,
) -> np.ndarray:
    """(today and changes, segments and all): the value of all customers."""
    totals = np.zeros((len(changes) + 1, len(groups) + 1))
    for column, (name, group) in enumerate(groups.items()):
        months = group.hazards.shape[1]
        draw = drawn[name] if drawn else _as_fitted(group, months)
        today = discounts(months, annual_rate)
        longer = draw.longer(group.worth["lifetime"].to_numpy())
        for row, change in enumerate([Change("today"), *changes]):
            factors = draw.factors * (1 + change.churn)
            if change.answers and name in responses:
                factors = factors * _answered(responses[name], change.price / past_rise, months)
            survival = survival_of(group.hazards, factors, group.gone)
            sums = {
                measure: group.money[measure] * (survival @ (today * drift)) * longer
                for measure, drift in draw.drifts.items()
            }
            cost = sums["revenue"] - sums["margin"]
            each = sums["revenue"] * (1 + change.price) - cost * (1 + change.cost)
            totals[row, column] = float(each @ draw.times)
    totals[:, -1] = totals[:, :-1].sum(axis=1)
    return totals


def _as_fitted(group: Members, months: int) -> Draw:
    model = group.model
    factors = model.levels.factors(group.size, months)
    drifts = {money.measure: money.drift(months) for money in (model.revenue, model.margin)}
    return Draw(np.ones(len(group.worth)), factors, 0.0, drifts)


def _answered(response: pd.DataFrame, times: float, months: int) -> np.ndarray:
    """(months,): what the chance to leave is multiplied by in each month after the rise."""
    factor = np.ones(months)
    for row in response.itertuples():
        factor[int(row.first) - 1 : int(row.last)] = float(row.ratio) ** times
    return factor


def mix_moved(
    worth: pd.DataFrame, segment: str, change: float, confidence: float = 0.95
) -> Estimate:
    """How far the value of all moves when `segment` has relatively so many more of the customers.

    `worth`: `group`, `margin`. The number of customers stays; the others give way alike:
    customers x share x change x (mean of the segment less mean of the others). The interval is of
    other customers, on the models as they were fitted; a segment of one customer has none.

    >>> worth = pd.DataFrame({"group": ["a", "a", "b", "b"], "margin": [10.0, 12, 2, 4]})
    >>> found = mix_moved(worth, "a", 0.5)
    >>> found.value, round(found.low, 1), round(found.high, 1)
    (8.0, 5.2, 10.8)
    """
    is_inside = (worth["group"] == segment).to_numpy()
    inside, outside = worth["margin"][is_inside], worth["margin"][~is_inside]
    times = is_inside.sum() * change
    value = float(times * (inside.mean() - outside.mean()))
    error = float(times * np.sqrt(inside.var() / len(inside) + outside.var() / len(outside)))
    far = norm.ppf((1 + confidence) / 2) * error
    return Estimate(value, float(value - far), float(value + far))
