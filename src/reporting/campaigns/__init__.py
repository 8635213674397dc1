"""The sections of 06_campaigns, in the order of its page.

Each takes what a step of `src.analyses.campaigns` answers; it returns what is displayed, or the
line that says what the base lacks.
"""

from typing import Any

from src.reporting.campaigns.choosing import metrics as choosing_metrics
from src.reporting.campaigns.choosing import order, rules
from src.reporting.campaigns.first import answer
from src.reporting.campaigns.first import metrics as effect_metrics
from src.reporting.campaigns.lasting import chain, fading
from src.reporting.campaigns.lasting import metrics as chain_metrics
from src.reporting.campaigns.spending import budgets, next_list, weaker
from src.reporting.campaigns.spending import metrics as plan_metrics
from src.reporting.campaigns.testing import next_test, truth, without_control
from src.reporting.campaigns.working import drawn, groups, largest, opened, what_came
from src.reporting.page.results import Metrics

__all__ = [
    "answer",
    "budgets",
    "chain",
    "drawn",
    "fading",
    "groups",
    "largest",
    "metrics",
    "next_list",
    "next_test",
    "opened",
    "order",
    "rules",
    "truth",
    "weaker",
    "what_came",
    "without_control",
]


def metrics(
    effects: Any,
    campaign: str,
    order: Any,
    policy: Any,
    truth: Any,
    plan: Any,
    curve: Any,
    chain: Any,
    fading: Any,
) -> Metrics:
    """The figures of the run; those of what the base lacks are None."""
    return Metrics(
        effect_metrics(effects, campaign)
        | choosing_metrics(policy, order, truth)
        | plan_metrics(plan, curve)
        | chain_metrics(chain, fading)
    )
