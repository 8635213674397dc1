"""What a rule for whom to treat, and with what, would have earned, against the cheap rules.

A rule is an array over the customers of the trial: 0 for no contact, 1 for the first treatment, and
so on. What it earns is counted per customer, against contacting nobody, in money: outcome x value -
cost. Two estimates: doubly robust (the mean of the scores of `cross_fitting` under the arm the rule
chooses) and inverse probability weighted (Hajek: the mean of those whom chance put in the arm
the rule chooses, weighted by the inverse of its propensity). Rules are compared customer by
customer, so that what they share cancels. Intervals are normal, of first order; with few customers
and very unequal values they are too short. Sources: Dudik, Langford, Li 2011; Athey, Wager 2021,
Econometrica 89(1), 133-161.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from src.data.problems import InputError
from src.models.campaigns.cross_fitting import CrossFitted
from src.models.campaigns.trial import Trial, costs_of
from src.models.intervals.numbers import Numbers, finite
from src.models.intervals.proportions import Estimate
from src.models.intervals.ratios import by_delta

NOBODY, CHOSEN = "nobody", "chosen"
RISK, AT_RISK = "highest churn risk", "highest value at risk"
BEST_SINGLE = "best single treatment"
# Standard errors that a learner has to be ahead of a simpler one (one-sided, 95 %). Money of a few
# large customers decides what a rule seems to earn: at one error chance chooses too often.
SURE = 1.645


@dataclass(frozen=True)
class Worth:
    """Money of a trial: `value` of one unit of the outcome, `cost` of a contact by treatment."""

    value: Numbers
    cost: Numbers

    def net(self, uplift: Numbers) -> Numbers:
        """(customers, treatments): what a contact earns."""
        return uplift * self.value[:, None] - self.cost


def worth_of(trial: Trial, value: ArrayLike, cost: Mapping[str, float]) -> Worth:
    """`value` per customer of the trial, in its order: of staying, or 1 where the outcome is money.

    Raises `InputError` where a value is missing or negative, and as `costs_of` does.
    """
    money = finite("value", value)
    if len(money) != len(trial):
        raise InputError(f"the campaign has {len(trial):,} customers, value has {len(money):,}")
    if (money < 0).any():
        raise InputError(f"value must be 0 or more, not {money[money < 0][0]:g}")
    return Worth(money, costs_of(cost, trial.treatments))


def rule_of(net: Numbers) -> np.ndarray:
    """The treatment that earns most by `net`, (customers, treatments); 0 where none earns anything.

    >>> rule_of(np.array([[1.0, 2.0], [-1.0, 0.0], [3.0, 3.0]])).tolist()
    [2, 0, 1]
    """
    return np.where(net.max(axis=1) > 0, net.argmax(axis=1) + 1, 0)


@dataclass(frozen=True)
class Policies:
    """What rules earn per customer against contacting nobody, and which of them to follow.

    `table`: a row per rule: `rule`, `treated` (share of customers), `gain`, `low`, `high` (doubly
    robust), `weighted`, `weighted_low`, `weighted_high` (inverse probability weighted), and what
    `chosen` earns more than it: `ahead`, `ahead_low`, `ahead_high`. `chosen` is the rule of the
    learner that the other folds chose; `chosen_from`: the learner by fold. `best_simple`: the
    simple rule of the highest gain. `is_better`: `chosen` is ahead of every simple rule, by
    the lower ends of the paired intervals.
    """

    table: pd.DataFrame
    rules: dict[str, np.ndarray]
    chosen_from: tuple[str, ...]
    best_simple: str
    is_better: bool

    @property
    def verdict(self) -> str:
        """What is to be made of it, in a sentence."""
        if self.is_better:
            return f"Choosing whom to treat by a model earns more than {self.best_simple}."
        return f"No model is shown to be better than {self.best_simple}."

    def gain(self, rule: str) -> Estimate:
        """What a rule earns per customer, doubly robust."""
        row = self.table.set_index("rule").loc[rule]
        return Estimate(float(row["gain"]), float(row["low"]), float(row["high"]))


def policies(
    trial: Trial,
    fitted: CrossFitted,
    worth: Worth,
    risk: ArrayLike | None = None,
    confidence: float = 0.95,
) -> Policies:
    """Rules of the learners against nobody, everybody, risk and value at risk.

    The rule of a learner treats whom its uplift, learned on the other folds, makes worth the cost,
    with what earns most. For each fold the other folds choose among learners: the first, simplest
    one, unless a later one is ahead for sure (one-sided, 95 %). So `chosen` is judged on
    customers who took no part in learning its uplift, and its lead needs no correction for the
    best of many; it must hold against each simple rule at once.

    Simple rules: nobody; everybody with each treatment; the best single treatment for everybody or
    nobody, as the other folds have it; and as many customers as `chosen` treats, at the highest
    `risk` (where it is given, else the chance to leave that the control group's model expects), or
    at the highest risk x value, with the better treatment of the other folds. Without `risk` an
    outcome of money has no such rules.

    Raises `InputError` where `risk` does not fit the trial.
    """
    money = money_of(fitted.scores, worth.value, worth.cost)
    learned = {name: rule_of(worth.net(uplift)) for name, uplift in fitted.uplift.items()}
    chosen, names = _chosen(money, learned, fitted.fold)
    rules = {CHOSEN: chosen} | _simple(trial, fitted, worth, money, chosen, risk)
    simple = [name for name in rules if name != CHOSEN]
    rules |= learned
    table = _compared(trial, worth, money, rules, confidence)
    of_simple = table.set_index("rule").loc[simple]
    return Policies(
        table=table,
        rules=rules,
        chosen_from=names,
        best_simple=str(of_simple["gain"].idxmax()),
        is_better=bool((of_simple["ahead_low"] > 0).all()),
    )


def money_of(scores: Numbers, value: Numbers, cost: Numbers) -> Numbers:
    """(customers, arms): unbiased money of each customer under each arm: score x value - cost."""
    money = scores * value[:, None]
    money[:, 1:] -= cost
    return money


def earned(money: Numbers, rule: np.ndarray) -> Numbers:
    """(customers,): the money of each under a rule minus that under no contact, in expectation."""
    return money[np.arange(len(rule)), rule] - money[:, 0]


def _chosen(
    money: Numbers, learned: dict[str, np.ndarray], fold: np.ndarray
) -> tuple[np.ndarray, tuple[str, ...]]:
    chosen, names = np.zeros(len(fold), dtype=np.int64), []
    earns = {name: earned(money, rule) for name, rule in learned.items()}
    for held in range(int(fold.max()) + 1):
        others = fold != held
        first, *later = learned
        for name in later:
            ahead = (earns[name] - earns[first])[others]
            if ahead.mean() > SURE * ahead.std(ddof=1) / np.sqrt(len(ahead)):
                first = name
        chosen[~others] = learned[first][~others]
        names.append(first)
    return chosen, tuple(names)


def _simple(
    trial: Trial,
    fitted: CrossFitted,
    worth: Worth,
    money: Numbers,
    chosen: np.ndarray,
    risk: ArrayLike | None,
) -> dict[str, np.ndarray]:
    everybody = {
        f"everybody: {name}": np.full(len(trial), arm)
        for arm, name in enumerate(trial.treatments, start=1)
    }
    gains = np.column_stack([earned(money, rule) for rule in everybody.values()])
    single, best = np.zeros((2, len(trial)), dtype=np.int64)
    for held in range(int(fitted.fold.max()) + 1):
        others = gains[fitted.fold != held].mean(axis=0)
        is_held = fitted.fold == held
        best[is_held] = others.argmax() + 1
        single[is_held] = others.argmax() + 1 if others.max() > 0 else 0
    rules = {NOBODY: np.zeros(len(trial), dtype=np.int64), **everybody}
    if len(everybody) > 1:
        rules[BEST_SINGLE] = single
    if risk is None and not trial.is_yes_or_no:
        return rules
    chance = 1 - fitted.expected[:, 0] if risk is None else finite("risk", risk)
    if len(chance) != len(trial):
        raise InputError(f"the campaign has {len(trial):,} customers, risk has {len(chance):,}")
    for name, order in ((RISK, chance), (AT_RISK, chance * worth.value)):
        is_in = np.zeros(len(trial), dtype=bool)
        for held in range(int(fitted.fold.max()) + 1):
            rows = np.flatnonzero(fitted.fold == held)
            as_many = int((chosen[rows] > 0).sum())
            is_in[rows[np.argsort(-order[rows], kind="stable")[:as_many]]] = True
        rules[name] = np.where(is_in, best, 0)
    return rules


def _compared(
    trial: Trial, worth: Worth, money: Numbers, rules: dict[str, np.ndarray], confidence: float
) -> pd.DataFrame:
    seen = trial.outcome * worth.value - np.append(0.0, worth.cost)[trial.arm]
    nobody = _weighted(trial, seen, np.zeros(len(trial), dtype=np.int64))
    rows = []
    for name, rule in rules.items():
        gained = earned(money, rule)
        mean, moves = _weighted(trial, seen, rule)
        estimates = {
            "gain": by_delta(gained.mean(), gained - gained.mean(), confidence),
            "weighted": by_delta(mean - nobody[0], moves - nobody[1], confidence),
        }
        ahead = earned(money, rules[CHOSEN]) - gained
        estimates["ahead"] = by_delta(ahead.mean(), ahead - ahead.mean(), confidence)
        row: dict[str, object] = {"rule": name, "treated": float((rule > 0).mean())}
        for figure, estimate in estimates.items():
            ends = "" if figure == "gain" else f"{figure}_"
            row[figure] = estimate.value
            row |= {f"{ends}low": estimate.low, f"{ends}high": estimate.high}
        rows.append(row)
    return pd.DataFrame(rows)


def _weighted(trial: Trial, seen: Numbers, rule: np.ndarray) -> tuple[float, Numbers]:
    """The weighted mean of those whose arm is that of the rule, and how each moves it.

    Nobody may be in it: then the mean is missing.
    """
    weight = (trial.arm == rule) / trial.propensity
    if not weight.any():
        return np.nan, np.full(len(rule), np.nan)
    mean = float((weight * seen).sum() / weight.sum())
    return mean, weight * (seen - mean) / weight.mean()
