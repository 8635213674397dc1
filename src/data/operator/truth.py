"""What is true of the simulated customers, and kept apart from their base.

Everything that is a chance comes in two versions: one, the insider's, knows the hidden factor on
each customer's hazard and who has left unseen; `_fair` knows what an operator can observe, with the
hidden factor averaged over survivors of the same course of events, and who is gone as far as bills
and usage tell. No model can beat the first; a perfect one reaches the second.
"""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
import pandas as pd

from src.data.bases import Base
from src.data.operator.futures import future, outcomes
from src.data.operator.listed import leaves_at, listed, observed_frailty, observed_gone
from src.data.operator.lives import (
    ARMS,
    CAMPAIGNS,
    NEVER,
    Block,
    campaign_log_effect,
    campaign_months,
    expected_frailty,
)
from src.data.operator.settings import Settings
from src.data.operator.tables import customer_ids, month_dates, stream
from src.data.operator.world import World
from src.data.problems import InputError

TABLES = ("months", "lives", "effects", "snapshot", "hidden_billing", "deals", "shop")
REPLICATES = 24
EFFECT_MONTHS = 6
# What a business has outgrown that takes this product; 4 is 3+. Who takes none of them is in 1.
MATURITY = {"telephony": 1, "call_recording": 2, "crm_link": 2, "analytics": 3, "monitoring": 4}


def open_truth(base: Base, table: str) -> pd.DataFrame:
    """One table of the truth of a simulated base, for tests and comparisons with the truth.

    Raises `InputError` for a base that is not simulated or a table it does not have, and
    `PermissionError` when a feature or a model asks: what they learn must come from the base.
    """
    asking = str(sys._getframe(1).f_globals.get("__name__", ""))
    if asking.startswith(("src.features", "src.models")):
        raise PermissionError(f"{asking} may not open the truth")
    path = base.folder / "truth" / f"{table}.parquet"
    if table not in TABLES or not path.is_file():
        raise InputError(f"base {base.name!r} has no truth {table!r}")
    return pd.read_parquet(path)


def monthly(settings: Settings, block: Block, margin: np.ndarray) -> pd.DataFrame:
    """Hazards and expected margin of every month of every life, the month of its end included.

    Returns `customer_id`, `month`, `hazard`, `hazard_fair`, `is_alive`, `is_declining`,
    `expected_margin`. A hazard is the chance that the life ends in that month, given the month
    before: for a slow exit it is zero until the decline has run for as long as declines do, and it
    is zero in the first month seen, when nobody can leave yet. Summed, hazards give the number of
    ends to expect. Second lives end at once. The margin
    is missing in the month of the end.
    """
    months = block.hazard.shape[1]
    month = np.arange(months)
    alive = block.alive(months)
    ends = (month == block.end[:, None]) & (block.end > 0)[:, None]
    ends |= month == block.return_end[:, None]
    rows, columns = np.nonzero(alive | ends)
    is_second = columns > block.end[rows]
    first_seen = np.where(is_second, block.return_start[rows], np.maximum(block.start[rows], 0))
    step = columns - block.decided[rows]
    is_leaving = ~is_second & (step >= 1)
    at_once = np.where(is_second, 1.0, block.parameters.abrupt_share)
    leaves = leaves_at(settings)[np.clip(step, 0, max(settings.decline_months))]
    full = block.hazard[rows, columns]
    age = columns - block.start[rows]
    fair = full / block.frailty[rows] * expected_frailty(block.parameters, age)
    hazards = {
        name: np.where(is_leaving, leaves, -np.expm1(-intensity) * at_once) * (columns > first_seen)
        for name, intensity in (("hazard", full), ("hazard_fair", fair))
    }
    is_alive = alive[rows, columns]
    return pd.DataFrame(
        {
            "customer_id": customer_ids(block)[rows],
            "month": month_dates(settings, columns),
            **hazards,
            "is_alive": is_alive,
            "is_declining": is_alive & ~is_second & (step >= 0),
            "expected_margin": np.where(is_alive, margin[rows, columns], np.nan),
        }
    )


def snapshot(
    settings: Settings,
    world: World,
    block: Block,
    running: np.ndarray,
    customers: pd.DataFrame,
    billing: pd.DataFrame,
) -> pd.DataFrame:
    """Per customer on the list at the end of the panel: chances to leave, and money to come.

    On the list is who had revenue in one of the last three months of `billing` and had not closed
    by `customers`, the tables of the block: some of them are gone already. `gone` is the chance of
    that, `churn_0`; `churn_1` .. `churn_12` the chance to be gone or to leave within so many
    months; `margin_12`, `margin_24`, `margin_36` the expected margin of so many months, in EUR,
    undiscounted, of the running life, nothing of who is gone; `lifetime`, `revenue`, `margin` are
    expected months, revenue and margin of 36 months, discounted at 12 % a year; each also with
    `_fair`. By simulated futures: tickets, incidents, offers and products are drawn, leaving is
    integrated over exactly.
    """
    last = settings.months - 1
    who, silent = listed(settings, customers, billing)
    is_there = block.alive(world.months)[who, last]
    gone = np.where(is_there, 0.0, 1.0)
    gone_fair = observed_gone(settings, block, who, silent, gone)
    # Of who is gone, the future that was not: as if the pause it looks like were one.
    shape, rate = observed_frailty(settings, block, who)
    rng = stream(settings, block, 7)
    totals: dict[str, Any] = {}
    for _ in range(REPLICATES):
        intensity, revenue, other_cost = future(settings, world, block, who, running, rng)
        # Who is left has a lower factor the longer it lasts: of a gamma, the mean of exp(-factor x
        # sum) is (1 + sum / rate) ** -shape.
        survived = np.log1p(np.cumsum(intensity, axis=1) / rate[:, None])
        fair = shape[:, None] * np.diff(survived, axis=1, prepend=0)
        for suffix, hazard in (("", block.frailty[who, None] * intensity), ("_fair", fair)):
            part = outcomes(settings, block, who, hazard, revenue, other_cost)
            for name, values in part.items():
                totals[name + suffix] = totals.get(name + suffix, 0.0) + values / REPLICATES
    for suffix, chance in (("", gone), ("_fair", gone_fair)):
        for name in [name for name in totals if name.endswith("_fair") == bool(suffix)]:
            totals[name] = totals[name] * (1 - chance)
            if name.startswith("churn_"):
                totals[name] += chance
    states = {"gone": gone, "gone_fair": gone_fair}
    return pd.DataFrame({"customer_id": customer_ids(block)[who], **states, **totals})


def effects(settings: Settings, block: Block) -> pd.DataFrame:
    """Per campaign and member: `effect`, what treatment does to the chance of leaving.

    The difference of the probability to decide to leave within six months of the campaign, treated
    minus not, along the customer's own course of events. Negative saves customers. Controls have
    the effect that the discount would have had.

    `lost_control`, `lost_discount`, `lost_bonus`: the chance that the life ends within these six
    months had the customer been in that arm, missing for an arm that the campaign does not have.
    Who had decided before leaves in every arm alike, and who decides late may end after them.
    """
    months = block.hazard.shape[1]
    longest = EFFECT_MONTHS - np.arange(1, EFFECT_MONTHS + 1)  # that a decline may last
    is_over = np.array(settings.decline_months) <= longest[:, None]
    abrupt = block.parameters.abrupt_share
    ends_in_time = abrupt + (1 - abrupt) * is_over @ np.array(settings.decline_shares)
    frames = []
    for place, (name, first) in enumerate(zip(CAMPAIGNS, campaign_months(settings), strict=True)):
        members = np.nonzero(block.arm[:, place] >= 0)[0]
        only = np.full((len(members), len(CAMPAIGNS)), -1)
        only[:, place] = np.maximum(block.arm[members, place], 1)
        own = np.full_like(only, -1)
        own[:, place] = block.arm[members, place]
        engagement = block.engagement[members]
        treated = campaign_log_effect(settings, block.parameters, only, engagement, months)
        received = campaign_log_effect(settings, block.parameters, own, engagement, months)
        window = slice(first + 1, first + 1 + EFFECT_MONTHS)
        untreated = (block.hazard[members] * np.exp(-received))[:, window]
        with_it = untreated * np.exp(treated[:, window])
        has_decided = block.decided[members] <= first
        ends = block.end[members] <= first + EFFECT_MONTHS
        lost = {}
        for arm, arm_name in enumerate(ARMS):
            only[:, place] = arm
            by_arm = campaign_log_effect(settings, block.parameters, only, engagement, months)
            decides = _decides(untreated * np.exp(by_arm[:, window]))
            # Fewer months where the simulated ones end before.
            chance = np.where(has_decided, ends, decides @ ends_in_time[: decides.shape[1]])
            is_there = arm in (0, 1) or name != "chain"  # whose treated all get one and the same
            lost[f"lost_{arm_name}"] = chance if is_there else np.full(len(members), np.nan)
        frames.append(
            pd.DataFrame(
                {
                    "campaign_id": name,
                    "customer_id": customer_ids(block)[members],
                    "arm": np.array(ARMS, dtype=object)[block.arm[members, place]],
                    "effect": np.exp(-untreated.sum(axis=1)) - np.exp(-with_it.sum(axis=1)),
                    **lost,
                }
            )
        )
    return pd.concat(frames, ignore_index=True)


def _decides(intensity: np.ndarray) -> np.ndarray:
    """(customers, months): the chance to decide to leave in each month, and in none before."""
    stays = np.exp(-np.cumsum(intensity, axis=1))
    before = np.column_stack([np.ones(len(stays)), stays[:, :-1]])
    return before - stays


def lives(settings: Settings, block: Block) -> pd.DataFrame:
    """Per customer: `end_month` and `how` of the first life, over the hidden months too.

    `return_month` and `return_end`: start and end of a second life, missing where there is none.
    `tier`: the maturity, 1 to 4, of B2B customers who live in the last month of the panel, by what
    they have taken; missing for all others, and where B2B sells none of `MATURITY`.
    """
    months = block.hazard.shape[1]
    end = np.where(block.end < months, block.end, NEVER)
    how = np.where(end == NEVER, "alive", np.where(block.is_frozen, "frozen", "closed"))
    return pd.DataFrame(
        {
            "customer_id": customer_ids(block),
            "end_month": month_dates(settings, end),
            "how": how.astype(object),
            "return_month": month_dates(settings, block.return_start),
            "return_end": month_dates(
                settings, np.where(block.return_end < months, block.return_end, NEVER)
            ),
            "frailty": block.frailty,
            "engagement": block.engagement,
            "tier": _tier(settings, block),
        }
    )


def _tier(settings: Settings, block: Block) -> np.ndarray:
    levels = np.array([MATURITY.get(product, 0) for product in block.parameters.products])
    if block.segment != "B2B" or not levels.any():
        return np.full(len(block.start), np.nan)
    tier = np.max((block.taken < settings.months) * levels, axis=1, initial=1).astype(float)
    return np.where(block.alive(settings.months)[:, -1], tier, np.nan)
