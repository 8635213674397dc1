"""Members of the campaigns of small simulated operators, with what treatment truly did to each."""

from __future__ import annotations

import numpy as np
import pandas as pd

from src.data.operator.lives import (
    ARMS,
    BLOCK,
    CAMPAIGNS,
    Block,
    campaign_log_effect,
    campaign_months,
    simulate_block,
)
from src.data.operator.settings import Settings
from src.data.operator.world import make_world

MONTHS = 6  # after the contact: of the effect of a campaign, and of what is looked at
_RECENT = 3  # months of tickets before the contact


def members_of(settings: Settings, campaign: str) -> pd.DataFrame:
    """Who was in the campaign and what came of it: `customer_id`, `arm`, `segment`, and more.

    `left_after`: the month after that of the contact in which the life ended, missing after
    `MONTHS`; `lost`: it ended within them. Known before: `tenure` (months), `products` and
    `tickets` (numbers), `term` (months, a text). `true_effect`: what the arm (of controls, the
    discount) does to the chance of `lost`, along the customer's own course of events; 0 for those
    who had decided to leave before, which nobody sees.
    """
    world = make_world(settings)
    parts = []
    for name, total in (("B2C", settings.b2c_customers), ("B2B", settings.b2b_customers)):
        for index in range(-(-total // BLOCK)):
            count = min(BLOCK, total - index * BLOCK)
            block = simulate_block(settings, world, name, index, count)
            parts.append(_members(settings, block, CAMPAIGNS.index(campaign)))
    members = pd.concat(parts, ignore_index=True)
    return members.rename_axis("customer_id").reset_index()


def _members(settings: Settings, block: Block, place: int) -> pd.DataFrame:
    first = int(campaign_months(settings)[place])
    who = np.flatnonzero(block.arm[:, place] >= 0)
    after = (block.end[who] - first).astype(float)
    is_lost = after <= MONTHS
    recent = slice(max(first - _RECENT, 0), first)
    return pd.DataFrame(
        {
            "arm": np.array(ARMS, dtype=object)[block.arm[who, place]],
            "segment": block.segment,
            "left_after": np.where(is_lost, after, np.nan),
            "lost": is_lost,
            "tenure": first - block.start[who],
            "products": (block.taken[who] < first).sum(axis=1),
            "tickets": block.tickets[who, recent].sum(axis=1),
            "term": block.term[who].astype(str),
            "true_effect": _true_effects(settings, block, who, place, first),
        }
    )


def _true_effects(
    settings: Settings, block: Block, who: np.ndarray, place: int, first: int
) -> np.ndarray:
    """The chance of a life that ends within `MONTHS`, treated less not, per member.

    A slow exit ends some months after it was decided, so that only early decisions are seen.
    """
    only = np.full((len(who), len(CAMPAIGNS)), -1)
    only[:, place] = block.arm[who, place]
    engagement, months = block.engagement[who], block.hazard.shape[1]
    received = campaign_log_effect(settings, block.parameters, only, engagement, months)
    only[:, place] = np.maximum(only[:, place], 1)
    treated = campaign_log_effect(settings, block.parameters, only, engagement, months)
    window = slice(first + 1, first + 1 + MONTHS)
    hazard = (block.hazard[who] * np.exp(-received))[:, window]
    stays = [
        np.exp(-np.cumsum(each, axis=1)) for each in (hazard, hazard * np.exp(treated[:, window]))
    ]
    gap = np.column_stack([np.zeros(len(who)), stays[0] - stays[1]])  # by months of decisions
    abrupt = block.parameters.abrupt_share
    total = abrupt * gap[:, MONTHS]
    for slow, share in zip(settings.decline_months, settings.decline_shares, strict=True):
        total += (1 - abrupt) * share * gap[:, max(MONTHS - slow, 0)]
    return np.where(block.decided[who] > first, total, 0.0)
