"""Whom to treat next, and with what, under a budget."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from src.analyses.campaigns.choosing import Choosing
from src.analyses.missing import Missing, minor
from src.analyses.once import once
from src.analyses.streams import stream
from src.models.campaigns.budget import Plan as Programme
from src.models.campaigns.budget import plan
from src.models.campaigns.budget_curve import Robust, budget_curve, robust, steps
from src.models.campaigns.offers import Capacity, Offers, offers_of
from src.models.campaigns.outcome_models import by_arm
from src.models.campaigns.policy import money_of
from src.models.intervals.proportions import Estimate
from src.models.intervals.ratios import by_delta

CONTACTS = "contacts"
_CENT = 0.01
_CURVE = "what more or less budget would earn"
_ADDS = "whom to treat next, and with what"


@dataclass(frozen=True, eq=False)
class Plan:
    """Whom to contact next, with what, and what that is expected to earn.

    `rows`, a row per customer to be contacted, those expected to earn most first: `customer_id`,
    `segment` where there is one, `treatment`, `saved` (expected money kept), `cost`, `expected`
    (what is left), `risk` (chance to leave uncontacted; of an outcome of money missing). `gain`:
    what the list is expected to earn, with the interval of the mean effects: both ends take the
    effects of all treatments there. `by_risk`: what the same money earns at the highest risk first;
    `everybody`: spent on customers as they come, with the same models. `budget`: money, None for as
    much as pays; `is_assumed`: nobody set it; `price`: what one more unit of budget, and one more
    contact, would earn. `blocked`: customers who were contacted less than `rest` weeks ago. `bound`
    and `greedy` as in `budget.Plan`. `is_shown`: the rule behind the list was shown to be
    better than every cheap one.
    """

    rows: pd.DataFrame
    gain: Estimate
    by_risk: float
    everybody: float
    budget: float | None
    is_assumed: bool
    capacity: int | None
    price: dict[str, float]
    spent: float
    bound: float
    greedy: float
    customers: int
    blocked: int
    rest: int
    learner: str
    campaign: str
    is_shown: bool


class Planning(Choosing):
    """The steps that plan the next campaign."""

    @once
    @minor(_ADDS)
    def plan(self) -> Plan | Missing:
        """The list of today: whom to contact, with what, in what order; see `Plan`.

        Of a panel the customers on the list of the last month, of an experiment its customers.
        """
        policy, offers = self.policy(), self._offers()
        if isinstance(policy, Missing) or isinstance(offers, Missing):
            return Missing("money of a customer who is kept", _ADDS)
        found = plan(offers, self.budget, self._capacities())
        people = self._today()
        rows = np.flatnonzero(found.treatment > 0)
        place = found.treatment[rows] - 1
        listed = people[[name for name in ("customer_id", "segment") if name in people]]
        table = listed.iloc[rows].assign(
            treatment=np.array(offers.treatments)[place],
            saved=offers.saved[rows, place],
            cost=offers.cost[place],
            expected=offers.net[rows, place],
            risk=self._risk()[rows],
        )
        return Plan(
            rows=table.sort_values("expected", ascending=False, kind="stable", ignore_index=True),
            gain=self._with_ends(offers, found),
            by_risk=_in_order(offers, self._risk(), found.spent),
            everybody=_as_they_come(offers, found.spent),
            budget=self.budget,
            is_assumed=self.setting.budget == 0,
            capacity=self.setting.capacity or None,
            price=found.price,
            spent=found.spent,
            bound=found.bound,
            greedy=found.greedy,
            customers=len(people),
            blocked=int((~offers.is_free).sum()),
            rest=self.setting.rest,
            learner=policy.learner,
            campaign=self.main.name,
            is_shown=policy.found.is_better,
        )

    @property
    def budget(self) -> float | None:
        """What may be spent: that of the setting, else what the campaign cost; None: no limit."""
        if self.setting.budget:
            return self.setting.budget
        sizes = self.main.rows["arm"].astype(str).value_counts()
        spent = sum(cost * int(sizes[arm]) for arm, cost in self.main.costs.items())
        return float(spent) if spent > 0 else None

    @once
    @minor("what the plan earns if effects are weaker")
    def robust(self) -> Robust | Missing:
        """What the plan earns, and the plan that would be made, if effects are at the lower end."""
        offers = self._offers()
        if isinstance(offers, Missing):
            return offers
        return robust(offers, self._mean_effects(), self.budget, self._capacities())

    @once
    @minor(_CURVE)
    def budget_curve(self) -> pd.DataFrame | Missing:
        """What budgets of all sizes earn, judged on customers whom the models have not seen.

        The table of `src.models.campaigns.budget_curve.budget_curve` of the customers of the
        campaign, its sums brought to the number of today's customers.
        """
        if not self.has_money:
            return Missing("money of a customer who is kept or won", _CURVE)
        trial, fitted, worth = self.trial(), self.fitted(), self.worth()
        if not (worth.cost > 0).any():
            return Missing("cost of a contact", _CURVE)
        uplift = fitted.uplift[self.chosen.name]
        offers = offers_of(uplift, worth.value, self.main.costs, self.main.treatments)
        curve = budget_curve(
            offers,
            money_of(fitted.scores, worth.value, worth.cost),
            1 - fitted.expected[:, 0],
            steps(offers),
            stream(self.setting.seed, "budget curve"),
            confidence=self.setting.confidence,
        )
        sums = ["budget", "contacts", "spent", "expected", "earned", "low", "high"]
        curve[sums] = curve[sums] * (len(self._today()) / len(trial))
        return curve

    @once
    def _offers(self) -> Offers | Missing:
        if not self.has_money:
            return Missing("money of a customer who is kept or won", _ADDS)
        people, worth = self._today(), self.worth()
        value = people["value"].clip(lower=0) if "value" in people else worth.value
        return offers_of(
            self._uplift(), value, self.main.costs, self.main.treatments, people["is_free"]
        )

    @once
    def _today(self) -> pd.DataFrame:
        return self.population.today(self.main)

    @once
    def _uplift(self) -> np.ndarray:
        """By the learner that most folds chose, learned from the whole campaign."""
        trial, learner = self.trial(), self.chosen
        if not self.population.has_list:
            return self.fitted().uplift[learner.name]
        rng = stream(self.setting.seed, "uplift today")
        people = self._today().set_index("customer_id")[list(self.main.covariates)]
        return learner.learn(trial, rng)(trial.read(people))

    def _risk(self) -> np.ndarray:
        """(customers,): the chance to leave without a contact, of today's list."""
        trial = self.trial()
        if not trial.is_yes_or_no:
            return np.full(len(self._today()), np.nan)
        if not self.population.has_list:
            return 1 - self.fitted().expected[:, 0]
        people = self._today().set_index("customer_id")[list(self.main.covariates)]
        return 1 - by_arm(trial).under_each_arm(trial.read(people))[:, 0]

    def _capacities(self) -> list[Capacity]:
        most = self.setting.capacity
        return [Capacity(CONTACTS, self.main.treatments, most)] if most else []

    def _mean_effects(self) -> list[Estimate]:
        """The mean gain of each treatment, in the unit of the outcome, doubly robust."""
        return [
            by_delta(float(gain.mean()), gain - gain.mean(), self.setting.confidence)
            for gain in self.fitted().gains.T
        ]

    def _with_ends(self, offers: Offers, found: Programme) -> Estimate:
        listed = np.flatnonzero(found.treatment > 0)
        place = found.treatment[listed] - 1
        saved, cost = offers.saved[listed, place], offers.cost[place]
        ends = []
        for end in ("low", "high"):
            share = np.array(
                [
                    getattr(each, end) / each.value if each.value > 0 else 0.0
                    for each in self._mean_effects()
                ]
            )
            ends.append(float((saved * share[place] - cost).sum()))
        return Estimate(found.earned, *ends)


def _in_order(offers: Offers, score: np.ndarray, budget: float) -> float:
    """What a budget earns at the highest scores first, each with the treatment that earns most."""
    order = np.argsort(-np.where(offers.is_free, score, -np.inf), kind="stable")
    order = order[: int(offers.is_free.sum())]
    place = offers.net[order].argmax(axis=1)
    is_paid = np.cumsum(offers.cost[place]) <= budget + _CENT
    return float(offers.net[order, place][is_paid].sum())


def _as_they_come(offers: Offers, budget: float) -> float:
    """What a budget earns on customers as they come, each with the treatment that earns most."""
    net = offers.net[offers.is_free]
    if not len(net):
        return 0.0
    place = net.argmax(axis=1)
    whole = offers.cost[place].sum()
    share = min(budget / whole, 1.0) if whole > 0 else 1.0
    return float(share * net[np.arange(len(net)), place].sum())
