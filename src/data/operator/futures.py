"""Courses of events after the panel of a simulated operator: who leaves, what money comes."""

from __future__ import annotations

import numpy as np

from src.data.operator.lives import Block, ticket_rate
from src.data.operator.settings import Settings
from src.data.operator.tables import LINE_ADDED, LINE_HAZARD, PRODUCT_PRICE, TICKET_COST
from src.data.operator.world import World

HORIZON = 36  # months
DISCOUNT = 0.12  # a year


def future(
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


def outcomes(
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
