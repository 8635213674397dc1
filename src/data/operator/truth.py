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
from src.data.operator.lives import (
    ARMS,
    CAMPAIGNS,
    NEVER,
    Block,
    campaign_log_effect,
    campaign_months,
    cumulative_baseline,
    expected_frailty,
    ticket_rate,
)
from src.data.operator.settings import Settings
from src.data.operator.tables import (
    LINE_ADDED,
    LINE_HAZARD,
    PRODUCT_PRICE,
    TICKET_COST,
    customer_ids,
    month_dates,
    stream,
)
from src.data.operator.world import World
from src.data.problems import InputError

TABLES = ("months", "lives", "effects", "snapshot", "hidden_billing", "deals")
REPLICATES = 24
HORIZON = 36
DISCOUNT = 0.12  # a year
EFFECT_MONTHS = 6
LISTED_MONTHS = 3  # without revenue, after which nobody is on a list any more


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
    leaves = _leaves_at(settings)[np.clip(step, 0, max(settings.decline_months))]
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
    who, silent = _listed(settings, customers, billing)
    is_there = block.alive(world.months)[who, last]
    gone = np.where(is_there, 0.0, 1.0)
    gone_fair = observed_gone(settings, block, who, silent, gone)
    # Of who is gone, the future that was not: as if the pause it looks like were one.
    shape, rate = observed_frailty(settings, block, who)
    rng = stream(settings, block, 7)
    totals: dict[str, Any] = {}
    for _ in range(REPLICATES):
        intensity, revenue, other_cost = _future(settings, world, block, who, running, rng)
        # Who is left has a lower factor the longer it lasts: of a gamma, the mean of exp(-factor x
        # sum) is (1 + sum / rate) ** -shape.
        survived = np.log1p(np.cumsum(intensity, axis=1) / rate[:, None])
        fair = shape[:, None] * np.diff(survived, axis=1, prepend=0)
        for suffix, hazard in (("", block.frailty[who, None] * intensity), ("_fair", fair)):
            part = _outcomes(settings, block, who, hazard, revenue, other_cost)
            for name, values in part.items():
                totals[name + suffix] = totals.get(name + suffix, 0.0) + values / REPLICATES
    for suffix, chance in (("", gone), ("_fair", gone_fair)):
        for name in [name for name in totals if name.endswith("_fair") == bool(suffix)]:
            totals[name] = totals[name] * (1 - chance)
            if name.startswith("churn_"):
                totals[name] += chance
    states = {"gone": gone, "gone_fair": gone_fair}
    return pd.DataFrame({"customer_id": customer_ids(block)[who], **states, **totals})


def observed_frailty(
    settings: Settings, block: Block, who: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Shape and rate of the hidden factor's gamma, given all that was seen up to now.

    Its mean is 1 among those who join. Who was there before the panel has survived their tenure;
    since then everybody the hazards of factor 1 in the months in which they could leave. Who came
    back had left once, which tells of a higher factor.
    """
    variance, months = block.parameters.frailty_variance, settings.months
    alive = block.alive(months)[who]
    may_leave = np.zeros_like(alive)
    may_leave[:, 1:] = alive[:, 1:] & alive[:, :-1]  # not in the first month of a life
    seen = (block.hazard[who, :months] / block.frailty[who, None] * may_leave).sum(axis=1)
    before = cumulative_baseline(block.parameters, np.maximum(-block.start[who], 0))
    came_back = block.return_start[who] < months
    return 1 / variance + came_back, 1 / variance + before + seen


def observed_gone(
    settings: Settings, block: Block, who: np.ndarray, silent: np.ndarray, gone: np.ndarray
) -> np.ndarray:
    """(customers,): the chance that a silent customer is gone, to who sees bills and usage.

    Who pauses uses a little where `pause_usage` is above 0, and a bill that is late leaves the
    usage of its month: no usage in a silent month gives the exit away. Where pauses are still as
    well, only the odds are known: of a freeze that began with the silence against a pause that has
    lasted as long, P(gone) = e / (e + p) with e the fair hazard of that month, or of the end of
    a decline, x the share of exits that freeze, p the chance that a pause begins then and has
    lasted; late bills apart.
    """
    if settings.pause_usage > 0:
        return gone
    last = settings.months - 1
    began = last - silent + 1
    age = began - block.start[who]
    intensity = block.hazard[who, began] / block.frailty[who]
    fair = -np.expm1(-intensity * expected_frailty(block.parameters, age))
    # Whose usage has been falling is known to be leaving: theirs is how long declines last.
    step = began - block.decided[who]
    leaves = _leaves_at(settings)[np.clip(step, 0, max(settings.decline_months))]
    exits = np.where(step >= 1, leaves, fair * block.parameters.abrupt_share)
    exits *= block.parameters.freeze_share
    pauses = block.parameters.pause_rate * settings.pause_lasts(silent)
    is_silent = silent > 0
    odds = np.divide(exits, exits + pauses, out=np.ones(len(who)), where=exits + pauses > 0)
    return np.where(is_silent, odds, 0.0)


def _listed(
    settings: Settings, customers: pd.DataFrame, billing: pd.DataFrame
) -> tuple[np.ndarray, np.ndarray]:
    """Places in the block of who is on the list at the end of the panel, and months of silence."""
    ids = pd.Index(customers["customer_id"])
    end = pd.Timestamp(month_dates(settings, np.array([settings.months - 1]))[0])
    paid = billing.loc[billing["revenue"] > 0].groupby("customer_id")["month"].max().reindex(ids)
    silent = 12 * (end.year - paid.dt.year) + end.month - paid.dt.month
    has_closed = (customers["closed_month"] <= end).to_numpy()
    is_listed = (silent < LISTED_MONTHS).to_numpy() & ~has_closed
    return np.flatnonzero(is_listed), silent.to_numpy()[is_listed].astype("int64")


def effects(settings: Settings, block: Block) -> pd.DataFrame:
    """Per campaign and member: `effect`, what treatment does to the chance of leaving.

    The difference of the probability to decide to leave within six months of the campaign, treated
    minus not, along the customer's own course of events. Negative saves customers. Controls have
    the effect that the discount would have had.
    """
    months = block.hazard.shape[1]
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
        frames.append(
            pd.DataFrame(
                {
                    "campaign_id": name,
                    "customer_id": customer_ids(block)[members],
                    "arm": np.array(ARMS, dtype=object)[block.arm[members, place]],
                    "effect": np.exp(-untreated.sum(axis=1)) - np.exp(-with_it.sum(axis=1)),
                }
            )
        )
    return pd.concat(frames, ignore_index=True)


def lives(settings: Settings, block: Block) -> pd.DataFrame:
    """Per customer: `end_month` and `how` of the first life, over the hidden months too.

    `return_month` and `return_end`: start and end of a second life, missing where there is none.
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
        }
    )


def _leaves_at(settings: Settings) -> np.ndarray:
    """Chance that a decline ends at each number of months since the decision, if not before."""
    shares = np.zeros(max(settings.decline_months) + 1)
    shares[list(settings.decline_months)] = settings.decline_shares
    still = 1 - np.concatenate([[0], np.cumsum(shares)[:-1]])
    chances = np.divide(shares, still, out=np.zeros_like(shares), where=still > 1e-12)
    return np.minimum(chances, 1)  # the last month may miss it by a digit


def _future(
    settings: Settings,
    world: World,
    block: Block,
    who: np.ndarray,
    running: np.ndarray,
    rng: np.random.Generator,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """One course of events after the panel: intensity at frailty 1, revenue, and other costs."""
    now, shape = settings.months, (len(who), HORIZON)
    month = np.arange(now, now + HORIZON)
    known = block.hazard[np.ix_(who, month)] / block.frailty[who, None]
    effects_of = settings.effects
    share = settings.incident_share
    rate = ticket_rate(settings, block.parameters, block.engagement[who], share)
    # What the base's own future holds is replaced by another course of the same chances.
    tickets = np.concatenate(
        [
            block.tickets[who, now - 2 : now],
            rng.poisson(rate, shape),
        ],
        axis=1,
    )
    held_then = (block.taken[who, None, :] < month[:, None]).sum(axis=2)
    held = _held(block, who, now, rng)
    log_change = effects_of.product * (held - held_then)
    region = block.region[who]
    for own, chance, reach, effect in (
        (block.incident, settings.incident_share, 1.0, effects_of.incident),
        (block.competitor, settings.later_waves, settings.wave_reach, effects_of.competitor),
    ):
        wave = rng.random((len(world.incident), HORIZON)) < chance
        drawn = wave[region] & (rng.random(shape) < reach)
        log_change += effect * (_in_two(np.hstack([own[who, now - 2 : now], drawn])) > 0)
        log_change -= effect * (_in_two(own[np.ix_(who, np.arange(now - 2, now + HORIZON))]) > 0)
    own_tickets = block.tickets[np.ix_(who, np.arange(now - 2, now + HORIZON))]
    log_change += effects_of.ticket * np.minimum(_in_two(tickets), 3)
    log_change -= effects_of.ticket * np.minimum(_in_two(own_tickets), 3)

    ahead = np.arange(1, HORIZON + 1)
    kept = (1 - LINE_HAZARD) ** ahead
    has_lines = block.parameters.lines_tail > 0
    extra = LINE_ADDED * has_lines * block.size[who, None] * (1 - kept) / LINE_HAZARD
    lines = 1 + (running[who, now - 1, None] - 1).clip(min=0) * kept + extra
    revenue = (block.arpu * block.size**-0.08)[who, None] * lines * (1 + PRODUCT_PRICE * held)
    revenue *= world.price_index[block.tariff[who]][:, month] * (0.5 + 0.5 * world.season[month])
    lasts = np.arange(1, len(settings.pause_shares) + 1) @ np.array(settings.pause_shares)
    revenue *= 1 - block.parameters.pause_rate * lasts
    other = block.parameters.cost_fixed + TICKET_COST * tickets[:, 2:]
    return known * np.exp(log_change), revenue, other


def _outcomes(
    settings: Settings,
    block: Block,
    who: np.ndarray,
    intensity: np.ndarray,
    revenue: np.ndarray,
    other_cost: np.ndarray,
) -> dict[str, np.ndarray]:
    """Chances and money along one course of events, leaving integrated over."""
    stays = np.exp(-np.cumsum(intensity, axis=1))
    decides = np.concatenate([np.ones((len(who), 1)), stays[:, :-1]], axis=1) - stays
    # A second life ends at once, and knows no decline.
    last = settings.months - 1
    is_second = block.return_start[who] <= last
    abrupt = np.where(is_second, 1.0, block.parameters.abrupt_share)[:, None]
    is_alive, pays = stays.copy(), stays.copy()
    longest = max(settings.decline_months)
    share = dict(zip(settings.decline_months, settings.decline_shares, strict=True))
    for step in range(longest):
        alive_then = sum(part for length, part in share.items() if step < length)
        pays_then = sum(
            part * (1 - settings.decline_depth * (step + 1) / (length + 1))
            for length, part in share.items()
            if step < length
        )
        moved = np.zeros_like(decides)
        moved[:, step:] = decides[:, : HORIZON - step] * (1 - abrupt)
        is_alive += moved * alive_then
        pays += moved * pays_then
    # Who is declining already: their exit is a matter of how long declines last.
    since = np.where(is_second | (block.end[who] <= last), -1, last - block.decided[who])
    for length in range(longest):
        declining = since == length
        if not declining.any():
            continue
        left = {at: part for at, part in share.items() if at > length}
        total = sum(left.values())
        ahead = length + np.arange(1, HORIZON + 1)
        is_alive[declining] = sum(part * (ahead < at) for at, part in left.items()) / total
        pays[declining] = (
            sum(
                part * (ahead < at) * (1 - settings.decline_depth * (ahead + 1) / (at + 1))
                for at, part in left.items()
            )
            / total
        )
    margin = revenue * (1 - block.parameters.cost_share) * pays - other_cost * is_alive
    sums = np.cumsum(margin, axis=1)
    today = (1 + DISCOUNT) ** (-np.arange(1, HORIZON + 1) / 12)
    return {
        "churn_0": np.zeros(len(who)),
        **{f"churn_{months}": 1 - is_alive[:, months - 1] for months in range(1, 13)},
        **{f"margin_{months}": sums[:, months - 1] for months in (12, 24, 36)},
        "lifetime": is_alive @ today,
        "revenue": (revenue * pays) @ today,
        "margin": margin @ today,
    }


def _held(block: Block, who: np.ndarray, now: int, rng: np.random.Generator) -> np.ndarray:
    """(customers, horizon): products held when those not taken yet are drawn anew.

    Waits are geometric, so what has been waited for so far does not matter.
    """
    rates = np.array(block.parameters.product_rates)
    pull = np.exp(0.6 * block.engagement[who] + 0.25 * np.log(block.size[who]))[:, None]
    waits = np.ceil(rng.exponential(1 / np.maximum(rates * pull, 1e-9)))
    has_it = block.taken[who] < now
    ahead = np.cumsum(np.where(has_it, 0, waits), axis=1)
    taken = np.where(has_it, -1, ahead - 1)
    return (taken[:, None, :] < np.arange(HORIZON)[:, None]).sum(axis=2)


def _in_two(happened: np.ndarray) -> np.ndarray:
    """Sums of the two months before each month, the first two months being history."""
    happened = happened.astype(np.int16)
    return happened[:, 1:-1] + happened[:, :-2]
