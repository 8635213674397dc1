"""Whether uplift is found where there is none, and how much of it is earned where there is some.

Each replicate draws members (`of_campaigns.simulated`), every eighth one three sets of them. In the
first the treatments do nothing: the interval of a Qini coefficient should hold 0, and no policy
should be called better than the simple ones, neither at the usual costs nor where contacts cost
nothing and only chance tells rules apart. In the two larger ones they do what they do at the
operator: what the chosen policy earns in truth stands beside what would be earned by who knows
every customer's true uplift (the oracle), by who knows the mean of either segment, by the highest
churn risk and by the highest value at risk with as many contacts.
"""

from __future__ import annotations

from itertools import product

import numpy as np
import pandas as pd

from src.models.campaigns.cross_fitting import CrossFitted, cross_fit
from src.models.campaigns.learners import SMALL
from src.models.campaigns.policy import AT_RISK, CHOSEN, RISK, policies, rule_of, worth_of
from src.models.campaigns.qini import qini
from src.models.campaigns.trial import Trial, trial_of
from src.models.intervals.numbers import Numbers
from src.studies.of_campaigns.simulated import COST, COVARIATES, TREATMENTS, Simulated, simulated

MEMBERS = 5_000
MEMBERS_WITH_EFFECT = {"": 40_000, "large.": 160_000}
EVERY = 8  # replicates: the members with effects are many, and slow
# Contacts at the operator's cost are close to what they earn; an e-mail with an offer is not.
COSTS = {"": 0.25, "dear_": 1.0}
_JUDGED = ("one_ratio", "interactions", "dr")  # by a Qini: a constant uplift has none
_WAYS = {CHOSEN: "policy", RISK: "risk", AT_RISK: "value_at_risk"}
_EARN = (*_WAYS.values(), "segment", "oracle")
_KEYS = tuple(product(MEMBERS_WITH_EFFECT, COSTS, _EARN))


def replicate(seed: int) -> dict[str, float]:
    """1 or 0 of a null trial, and what rules earn in truth, in EUR per customer, of another.

    `null.qini.` and a learner: its interval holds 0 (first treatment); `null.better`,
    `null.better_free`: a policy is called better, at the costs and without any; `earned.`,
    `earned.dear_`, `earned.large.` and `earned.large.dear_` with `policy`, `risk`,
    `value_at_risk`, `segment`, `oracle`, missing but in every eighth.
    """
    rng = np.random.default_rng([seed, 19])
    nothing, trial, fitted = _fitted(MEMBERS, rng, has_effect=False)
    told: dict[str, float] = {}
    for name in _JUDGED:
        found = qini(fitted.gains[:, 0], fitted.uplift[name][:, 0], rng, fitted.fold).coefficient
        told[f"null.qini.{name}"] = float(found.low <= 0 <= found.high)
    for name, share in (("better", 1.0), ("better_free", 0.0)):
        worth = worth_of(trial, nothing.value, _costs(share))
        told[f"null.{name}"] = float(policies(trial, fitted, worth).is_better)

    if seed % EVERY:
        return told | {f"earned.{size}{name}{way}": np.nan for size, name, way in _KEYS}
    for size, members in MEMBERS_WITH_EFFECT.items():
        told |= {f"earned.{size}{key}": money for key, money in _earned(members, rng).items()}
    return told


def _earned(members: int, rng: np.random.Generator) -> dict[str, float]:
    some, trial, fitted = _fitted(members, rng, has_effect=True)
    told: dict[str, float] = {}
    for name, share in COSTS.items():
        worth = worth_of(trial, some.value, _costs(share))
        net = worth.net(some.uplift)
        rules = policies(trial, fitted, worth).rules
        ways = {way: rules[rule] for rule, way in _WAYS.items()}
        ways |= {"segment": rule_of(worth.net(_means(some))), "oracle": rule_of(net)}
        every = np.hstack([np.zeros((len(net), 1)), net])
        for way, rule in ways.items():
            told[f"{name}{way}"] = float(every[np.arange(len(net)), rule].mean())
    return told


def _means(some: Simulated) -> Numbers:
    """The true mean uplift of each customer's segment."""
    is_company = (some.members["segment"] == "B2B").to_numpy()[:, None]
    companies, consumers = (some.uplift[(is_company == side)[:, 0]].mean(0) for side in (1, 0))
    return np.where(is_company, companies, consumers)


def _fitted(
    count: int, rng: np.random.Generator, *, has_effect: bool
) -> tuple[Simulated, Trial, CrossFitted]:
    drawn = simulated(count, rng, has_effect=has_effect)
    trial = trial_of(drawn.members, COVARIATES, "lost", is_loss=True)
    return drawn, trial, cross_fit(trial, SMALL, rng)


def _costs(share: float) -> dict[str, float]:
    return {name: share * COST[name] for name in TREATMENTS}


def summarise(rows: list[dict[str, float]]) -> dict[str, float]:
    """Shares of replicates, 0..1, and ratios of what is earned over all of them.

    `null.qini_includes_zero` (of all learners together, and by learner after a point),
    `null.policy_called_better`, `null.policy_called_better_free`; `policy.oracle_share`,
    `policy.risk_share`, `policy.value_at_risk_share`, `policy.segment_share` (of what the oracle
    earns, with 40,000 members), the same after `dear_`, and both after `large.` (160,000 members).
    """
    table = pd.DataFrame(rows)
    by_learner = {name: float(table[f"null.qini.{name}"].mean()) for name in _JUDGED}
    told = {"null.qini_includes_zero": float(np.mean(list(by_learner.values())))}
    told |= {f"null.qini_includes_zero.{name}": share for name, share in by_learner.items()}
    told["null.policy_called_better"] = float(table["null.better"].mean())
    told["null.policy_called_better_free"] = float(table["null.better_free"].mean())
    for size, name in product(MEMBERS_WITH_EFFECT, COSTS):
        oracle = table[f"earned.{size}{name}oracle"].sum()
        for way, figure in (
            ("policy", "oracle"),
            ("risk", "risk"),
            ("value_at_risk", "value_at_risk"),
            ("segment", "segment"),
        ):
            share = float(table[f"earned.{size}{name}{way}"].sum() / oracle)
            told[f"policy.{size}{name}{figure}_share"] = share
    return told
