"""What a plan earns at each budget, as told by customers that its uplift was not learned from.

The plan is made of expected uplifts; what it earns is the mean of the doubly robust scores of the
same customers under its contacts, in money (as in `policy`). Beside it stand two cheap ways to
spend the same budget with the best single treatment: at the highest risk, and at random.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from src.data.problems import InputError
from src.models.campaigns.budget import plan
from src.models.campaigns.drawing import drawn, ends
from src.models.campaigns.offers import Capacity, Offers, at_lower_end
from src.models.campaigns.policy import earned
from src.models.intervals.numbers import Numbers
from src.models.intervals.proportions import Estimate

PLAN, BY_RISK, AT_RANDOM = "plan", "highest risk", "at random"
STEPS = 8


def steps(offers: Offers, capacities: Sequence[Capacity] = ()) -> Numbers:
    """Budgets in equal steps up to what the best plan without a budget spends."""
    most = plan(offers, None, capacities).spent
    if not most > 0:
        raise InputError("no contact is expected to earn more than it costs: there is no plan")
    return np.linspace(0, most, STEPS + 1)[1:]


def budget_curve(
    offers: Offers,
    money: Numbers,
    risk: Numbers,
    budgets: Sequence[float] | Numbers,
    rng: np.random.Generator,
    capacities: Sequence[Capacity] = (),
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Saved margin minus cost of all customers together, by budget and way to spend it.

    `money`: of `policy.money_of`; `risk`: the customers' chance to leave. Returns `budget`, `way`,
    `contacts`, `spent`, `expected` (by the uplifts of the offers), `earned`, `low`, `high` (by the
    scores, with a bootstrap by customer: the contacts as they are), `price` (of one more unit of
    budget; of the plan alone). The cheap ways heed capacities too, and use the treatment that
    earns most if everybody gets it, by the uplifts of the offers.
    """
    best = int(offers.net[offers.is_free].mean(axis=0).argmax()) + 1
    by_risk = np.argsort(-np.where(offers.is_free, risk, -np.inf), kind="stable")
    free = int(offers.is_free.sum())
    rows, gains = [], []
    for budget in budgets:
        planned = plan(offers, float(budget), capacities)
        cost = offers.cost[best - 1]
        most = [free, *(each.most for each in capacities if _is_in(offers, best, each))]
        within = min(int(budget / cost) if cost > 0 else free, *most, free)
        risky = np.zeros(len(risk), dtype=np.int64)
        risky[by_risk[:within]] = best
        everybody = np.where(offers.is_free, best, 0)
        ways = {
            PLAN: (planned.treatment, 1.0),
            BY_RISK: (risky, 1.0),
            AT_RANDOM: (everybody, within / free),
        }
        for way, (rule, share) in ways.items():
            rows.append(
                {
                    "budget": float(budget),
                    "way": way,
                    "contacts": round(share * (rule > 0).sum()),
                    "spent": share * offers.spent(rule),
                    "expected": share * offers.expected(rule),
                    "price": planned.price["budget"] if way == PLAN else np.nan,
                }
            )
            gains.append(share * earned(money, rule))
    each = np.column_stack(gains)
    table = pd.DataFrame(rows).assign(earned=each.sum(axis=0))
    low, high = ends(np.concatenate([times @ each for times in drawn(len(each), rng)]), confidence)
    order = ["budget", "way", "contacts", "spent", "expected", "earned", "low", "high", "price"]
    return table.assign(low=low, high=high)[order]


def _is_in(offers: Offers, treatment: int, capacity: Capacity) -> bool:
    return offers.treatments[treatment - 1] in capacity.treatments


@dataclass(frozen=True)
class Robust:
    """Two plans, each under two beliefs: `made_for`, `contacts`, `spent`, `if_as_estimated`,
    `if_at_lower_end` (saved margin minus cost); `is_worth_it`: the plan as estimated earns
    something even at the lower end.
    """

    table: pd.DataFrame
    is_worth_it: bool


def robust(
    offers: Offers,
    effects: Sequence[Estimate],
    budget: float | None = None,
    capacities: Sequence[Capacity] = (),
) -> Robust:
    """The plan as estimated and the cautious plan, at the effects and at their lower ends.

    `effects`: the mean effect of each treatment with its interval (see `offers.at_lower_end`).
    """
    low = at_lower_end(offers, effects)
    rows = []
    for name, believed in (("as estimated", offers), ("lower end", low)):
        made = plan(believed, budget, capacities)
        rows.append(
            {
                "made_for": name,
                "contacts": made.contacts,
                "spent": made.spent,
                "if_as_estimated": offers.expected(made.treatment),
                "if_at_lower_end": low.expected(made.treatment),
            }
        )
    table = pd.DataFrame(rows)
    return Robust(table, bool(table["if_at_lower_end"].iloc[0] > 0))
