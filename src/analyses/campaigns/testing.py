"""The next test, and what is left to say where nobody was left out at random."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from src.analyses.campaigns.opened import pooled
from src.analyses.campaigns.planning import Planning
from src.analyses.campaigns.population import INCOME, LOST, SEGMENT
from src.analyses.campaigns.values import Beside
from src.analyses.missing import Missing, minor
from src.analyses.once import once
from src.data.problems import InputError
from src.models.campaigns.effect import adjusted_effects
from src.models.campaigns.next_test import (
    Size,
    cost_of_controls,
    customers_for_policies,
    customers_for_shares,
    months_to_wait,
    smallest_effect,
)
from src.models.campaigns.policy import CHOSEN
from src.models.campaigns.without_control import (
    BeforeAfter,
    Matched,
    before_after,
    matched,
    proposed_test,
)
from src.models.intervals.proportions import Estimate

_TEST = "how large the next test has to be"
_NO_CONTROL = "what can be said where nobody was left out at random"
KEPT = (0.2, 0.1)  # shares of leavers that a contact may keep
POWER = 0.8
_MOST_WAIT = 0.8  # of what comes within the months that count


@dataclass(frozen=True, eq=False)
class NextTest:
    """What the next test of a campaign needs.

    `sizes`, a row per effect that one may want to find: `what`, `effect` (in the share that leaves,
    treated less control), `customers`, `treated`, `controls`, as the last test was divided, and
    `share` of the customers of today. `had`, `had_controls`: customers of the last test, which
    could find an effect of `smallest`. `for_policies`: customers of a test that tells the chosen
    rule from the best simple one, None where both do the same or neither is ahead. `waits`:
    `months_to_wait` per segment, None without months. `controls_cost`: money forgone by the control
    group of the last test. `control_rate`: the share that left of the controls; `break_even`: the
    change of it at which a contact pays, None where money is not known.
    """

    sizes: pd.DataFrame
    had: int
    had_controls: int
    smallest: float
    for_policies: int | None
    waits: pd.DataFrame | None
    controls_cost: Estimate | None
    control_rate: float
    break_even: float | None
    power: float


@dataclass(frozen=True, eq=False)
class Uncontrolled:
    """What is left to say of a campaign without a control group; see the parts' own words."""

    campaign: str
    contact: str
    customers: int
    before_after: BeforeAfter
    beside_others: Matched | Missing
    test: Size | Missing


class Testing(Planning):
    """The steps about tests."""

    @once
    @minor(_TEST)
    def next_test(self) -> NextTest | Missing:
        """How large the next test has to be, and how long to wait; see `NextTest`.

        By the campaign that models learn, whose first outcome must be a share.
        """
        main = self.main
        if main.outcome.unit != "share":
            return Missing("outcome of yes or no", _TEST)
        rows = pooled(main)
        found = adjusted_effects(
            *(rows, main.outcome.name, main.adjusting),
            by=main.by,
            confidence=self.setting.confidence,
        ).iloc[0]
        rate, controls = float(found["control"]), int(found["controls"])
        sign = -1 if main.outcome.is_loss else 1
        reduction = min(max(float(found["variance_reduction"]), 0.0), 0.99)
        share, here = controls / len(rows), len(self._today())
        sizes = []
        for what, effect in self._wanted(rate, sign):
            if not 0 < rate + effect < 1:
                continue
            size = customers_for_shares(
                *(rate, effect), control_share=share, power=POWER, variance_reduction=reduction
            )
            sizes.append(
                {
                    "what": what,
                    "effect": effect,
                    "customers": size.customers,
                    "treated": size.treated,
                    "controls": size.controls,
                    "share": size.customers / here,
                }
            )
        if not sizes:
            raise InputError("nobody, or everybody, of the control group left")
        return NextTest(
            sizes=pd.DataFrame(sizes),
            had=len(rows),
            had_controls=controls,
            smallest=smallest_effect(float(found["error"]), power=POWER),
            for_policies=self._for_policies(),
            waits=self._waits(),
            controls_cost=self._controls_cost(len(rows), share),
            control_rate=rate,
            break_even=self._break_even(),
            power=POWER,
        )

    @once
    @minor(_NO_CONTROL)
    def without_control(self) -> Uncontrolled | Missing:
        """The latest campaign without a control group; see `Uncontrolled`. No uplift is told of it.

        Missing where every campaign has a control group.
        """
        names = self.population.uncontrolled()
        if not names:
            return Missing("campaign without a control group", _NO_CONTROL)
        found = self.population.beside_others(names[-1])
        reached = found.rows[found.is_contacted.to_numpy()]
        compared = self._matched(found.rows[list(found.covariates)], found)
        test: Size | Missing = Missing("comparison to plan a test by", _TEST)
        if isinstance(compared, Matched):
            try:
                test = proposed_test(compared, found.outcomes, LOST)
            except InputError as error:
                test = Missing(f"difference to plan a test by ({error})", _TEST)
        return Uncontrolled(
            campaign=names[-1],
            contact=found.contact,
            customers=len(reached),
            before_after=before_after(reached, f"{INCOME}_before", INCOME),
            beside_others=compared,
            test=test,
        )

    def _matched(self, known: pd.DataFrame, found: Beside) -> Matched | Missing:
        try:
            return matched(known, found.is_contacted, found.outcomes)
        except InputError as error:
            return Missing(f"customers who are alike and were not contacted ({error})", _NO_CONTROL)

    def _wanted(self, rate: float, sign: int) -> list[tuple[str, float]]:
        wanted = [(f"one in {1 / kept:.0f} leavers kept", sign * kept * rate) for kept in KEPT]
        if (even := self._break_even()) is not None:
            wanted.append(("a contact that pays for itself", even))
        return wanted

    def _break_even(self) -> float | None:
        """The change of the share at which the cheapest contact pays, for a customer of the mean.

        None where money is not known or contacts cost nothing.
        """
        if not self.has_money or self.main.outcome.unit != "share":
            return None
        cost, value = min(self.main.costs.values()), float(self.worth().value.mean())
        if cost <= 0 or value <= 0:
            return None
        return (-1 if self.main.outcome.is_loss else 1) * cost / value

    def _for_policies(self) -> int | None:
        policy = self.policy()
        if isinstance(policy, Missing):
            return None
        rules, lead = policy.found.rules, policy.lead().value
        first, second = rules[CHOSEN], rules[policy.best_simple]
        disagree = float((first != second).mean())
        if not disagree or lead == 0:
            return None
        trial, fitted, worth = self.trial(), self.fitted(), self.worth()
        expected = fitted.expected[np.arange(len(trial)), trial.arm]
        deviation = float(((trial.outcome - expected) * worth.value)[first != second].std())
        return customers_for_policies(lead, disagree, deviation) if deviation > 0 else None

    def _waits(self) -> pd.DataFrame | None:
        main = self.main
        if main.by_month is None:
            return None
        rows = main.rows[main.rows["lost_in"] >= 1]
        segment = rows[SEGMENT].astype(str) if SEGMENT in rows else pd.Series("all", rows.index)
        counts = rows.groupby([segment, rows["lost_in"].astype(int)]).size()
        seen = counts.rename_axis(["segment", "month"]).reset_index(name="count")
        return months_to_wait(seen, _MOST_WAIT, self.setting.confidence) if len(seen) else None

    def _controls_cost(self, customers: int, share: float) -> Estimate | None:
        policy = self.policy()
        if isinstance(policy, Missing) or not policy.is_money:
            return None
        everybody = [name for name in policy.found.rules if name.startswith("everybody")]
        best = max(everybody, key=lambda name: policy.found.gain(name).value)
        return cost_of_controls(customers, share, policy.found.gain(best))
