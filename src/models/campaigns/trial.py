"""A campaign as a randomised trial: what learners of uplift read, and nothing that came later."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from sklearn.pipeline import Pipeline

from src.data.problems import InputError
from src.models.campaigns.arms import CONTROL, is_yes_or_no, outcome_of, treatments
from src.models.intervals.numbers import Numbers, check_columns, finite
from src.models.learning.design import Design
from src.models.learning.preparation import Tidy

FEWEST = 30  # customers of an arm: fewer teach no model
EVENTS = 20  # customers of either outcome: fewer may all be left out of a fold


@dataclass(frozen=True)
class Customers:
    """Customers as models read them: their `covariates`, and the same as a `design` of numbers."""

    covariates: pd.DataFrame
    design: Numbers

    def __len__(self) -> int:
        """How many there are."""
        return len(self.design)

    def part(self, rows: np.ndarray) -> Customers:
        """Some of them, by a mask or by their places."""
        return Customers(self.covariates.iloc[rows], self.design[rows])


@dataclass(frozen=True)
class Trial:
    """Arrays over the customers of one campaign, in one order.

    `customers`: known before the draw; `preparation`: makes the design of them; `treatments`:
    names; `arm`: 0 for the control group, 1 for the first treatment, and so on; `outcome`: more is
    better (1 for who stayed, or money); `propensity`: chance of the arm that was drawn.
    """

    customers: Customers
    preparation: Pipeline
    treatments: tuple[str, ...]
    arm: np.ndarray
    outcome: Numbers
    propensity: Numbers

    def __len__(self) -> int:
        """How many customers there are."""
        return len(self.arm)

    def part(self, rows: np.ndarray) -> Trial:
        """The trial of some of its customers, by a mask or by their places."""
        return replace(
            self,
            customers=self.customers.part(rows),
            arm=self.arm[rows],
            outcome=self.outcome[rows],
            propensity=self.propensity[rows],
        )

    def read(self, covariates: pd.DataFrame) -> Customers:
        """Other customers, with the same columns, as the models of this trial read them."""
        return Customers(covariates, self.preparation.transform(covariates).to_numpy())

    @property
    def arms(self) -> int:
        """How many arms there are, the control group included."""
        return len(self.treatments) + 1

    @property
    def is_yes_or_no(self) -> bool:
        """Whether the outcome is 1 or 0, not money."""
        return is_yes_or_no(self.outcome)


def trial_of(
    members: pd.DataFrame, covariates: Sequence[str], outcome: str, *, is_loss: bool
) -> Trial:
    """The trial of one campaign, in the order of the rows.

    `members`: `customer_id`, `arm`, `propensity` (chance of the arm that was drawn, by design or
    the share of the arm within its stratum), the columns `covariates`, known before the draw, and
    the column `outcome`. `is_loss`: less of it is better, such as `lost`, 1 for who left; its sign
    is turned, and 1 - lost is the outcome of one of 0 and 1. Uplift is thus always a gain.

    The design (medians, levels, scale) is learned from all customers and from no outcome.

    Raises `InputError` as `arms.treatments` does, for an arm of fewer than 30 customers, a
    propensity that is no chance above 0, and an outcome that is missing, the same for all, or yes
    or no where one of the two is seen of fewer than 20 customers.
    """
    names = treatments(members)
    check_columns(members, ["propensity", *covariates])
    if not covariates:
        raise InputError("no column is known of the customers before the draw: name one or more")
    drawn = members["arm"].astype(str)
    counts = drawn.value_counts()
    for name in [CONTROL, *names]:
        if counts[name] < FEWEST:
            raise InputError(
                f"the arm {name!r} has {counts[name]} customers; effects per customer need "
                f"{FEWEST} or more in every arm"
            )
    values = outcome_of(members, outcome)
    if values.min() == values.max():
        raise InputError(f"{outcome} is {values[0]:g} for everybody: nothing to learn from it")
    if is_yes_or_no(values) and (rare := int(min(values.sum(), (1 - values).sum()))) < EVENTS:
        raise InputError(
            f"{outcome} is {int(values.mean() < 0.5)} for {rare} of {len(values):,} customers; "
            f"models need {EVENTS} or more of either kind"
        )
    if is_loss:
        values = 1 - values if is_yes_or_no(values) else -values
    propensity = finite("propensity", members["propensity"])
    is_chance = (propensity > 0) & (propensity <= 1)
    if not is_chance.all():
        raise InputError(
            "propensity is the chance of the arm that was drawn, above 0 and at most 1, "
            f"not {propensity[~is_chance][0]:g}"
        )
    places = {CONTROL: 0} | {name: place for place, name in enumerate(names, start=1)}
    known = members[list(covariates)].set_axis(pd.Index(members["customer_id"]), axis=0)
    preparation = Pipeline([("tidy", Tidy()), ("design", Design(reference=True, scale=True))])
    design = preparation.fit_transform(known).to_numpy()
    return Trial(
        customers=Customers(known, design),
        preparation=preparation,
        treatments=tuple(names),
        arm=drawn.map(places).to_numpy(np.int64),
        outcome=values,
        propensity=propensity,
    )


def effects(trial: Trial) -> Numbers:
    """(treatments,): the mean outcome of each treatment minus that of the control group.

    Means are weighted by the inverse of the propensity (Hajek): arms drawn at other odds in some
    strata are compared as if the odds were one.
    """
    weight = 1 / trial.propensity
    total = np.bincount(trial.arm, weight, minlength=trial.arms)
    means = np.bincount(trial.arm, weight * trial.outcome, minlength=trial.arms) / total
    return means[1:] - means[0]


def costs_of(cost: Mapping[str, float], names: Sequence[str]) -> Numbers:
    """(treatments,): the cost of a contact by treatment, in money.

    Raises `InputError` where one is missing, negative or not a number.

    >>> costs_of({"mail": 0.1, "call": 5}, ["call", "mail"]).tolist()
    [5.0, 0.1]
    """
    for name in names:
        if name not in cost:
            raise InputError(f"the cost of {name!r} is missing")
        if not 0 <= cost[name] < np.inf:
            raise InputError(f"the cost of {name!r} must be 0 or more, not {cost[name]:g}")
    return np.array([cost[name] for name in names], dtype=float)
