"""One block of customers: who they are, what happens to them, when and how they leave.

Everything is an array over the customers of the block, or over customers and months. Month 0 is the
first month of the panel; a customer who was there before starts at a negative month. A life that
has not ended within the simulated months ends at `NEVER`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from src.data.operator.settings import CHANNELS, REGIONS, Segment, Settings
from src.data.operator.world import TARIFFS, World

NEVER = 30_000
BLOCK = 1_000  # customers; a block has a random stream of its own, so chunks do not matter
CAMPAIGNS = ("offer_1", "chain", "offer_2")
_CAMPAIGN_TIMES = (0.4, 0.55, 0.7)  # of the panel
ARMS = ("control", "discount", "bonus")
_BONUS = 0.6  # of a discount's effect


@dataclass(frozen=True)
class Block:
    """Customers of one segment. Arrays are (customers,) unless a comment says otherwise."""

    segment: str
    parameters: Segment
    first_number: int  # of the first customer, for identifiers
    start: np.ndarray  # month of the first revenue
    frailty: np.ndarray  # unobserved factor on the hazard
    engagement: np.ndarray  # standard normal; seen in usage and products
    region: np.ndarray
    channel: np.ndarray
    tariff: np.ndarray
    term: np.ndarray  # months of a contract term, 0 for none
    arpu: np.ndarray  # EUR per line and month, before price rises
    size: np.ndarray  # lines at the start
    taken: np.ndarray  # (customers, products), month each product is taken
    tickets: np.ndarray  # (customers, months), number
    incident: np.ndarray  # (customers, months), bool
    competitor: np.ndarray  # (customers, months), bool
    pause: np.ndarray  # (customers, months), bool: no revenue, though alive
    arm: np.ndarray  # (customers, campaigns), index into ARMS, -1 outside the campaign
    hazard: np.ndarray  # (customers, months), of deciding to leave, frailty and campaigns included
    decided: np.ndarray  # month of the decision to leave
    end: np.ndarray  # month the life ends
    is_frozen: np.ndarray  # the life ends by freezing
    return_start: np.ndarray  # second life of the frozen who come back
    return_end: np.ndarray

    def alive(self, months: int) -> np.ndarray:
        """(customers, months): in a life in this month."""
        month = np.arange(months)
        first = (month >= self.start[:, None]) & (month < self.end[:, None])
        second = (month >= self.return_start[:, None]) & (month < self.return_end[:, None])
        return first | second


def cumulative_baseline(segment: Segment, age: np.ndarray) -> np.ndarray:
    """The cumulative hazard at frailty 1 up to `age` months, with nothing happening."""
    excess = segment.young_excess * segment.young_months * (1 - np.exp(-age / segment.young_months))
    return segment.hazard * (age + excess)


def expected_frailty(segment: Segment, age: np.ndarray) -> np.ndarray:
    """The mean frailty of survivors of `age` months: 1 / (1 + variance x cumulative hazard).

    Gamma frailty, so that cohorts show the falling churn of a shifted beta-geometric. Source:
    Vaupel, Manton and Stallard 1979.
    """
    return 1 / (1 + segment.frailty_variance * cumulative_baseline(segment, age))


def campaign_months(settings: Settings) -> np.ndarray:
    """The month each campaign starts."""
    return np.array([int(settings.months * time) for time in _CAMPAIGN_TIMES])


def simulate_block(settings: Settings, world: World, name: str, index: int, count: int) -> Block:
    """Block `index` of a segment (`B2C` or `B2B`) with `count` customers."""
    segment = settings.b2c if name == "B2C" else settings.b2b
    rng = np.random.default_rng([settings.seed, 1 + (name == "B2B"), index])
    months = world.months
    start, frailty = _starts(settings, segment, count, rng)
    engagement = settings.engagement_spread * rng.standard_normal(count)
    region = rng.integers(len(REGIONS), size=count)
    tariff = rng.integers(TARIFFS, size=count)
    term = rng.choice(segment.contract_terms, count, p=segment.contract_shares)
    spread = segment.arpu_spread
    arpu = segment.arpu * np.exp(spread * rng.standard_normal(count) - spread**2 / 2)
    size = np.ones(count, dtype=np.int64)
    if segment.lines_tail:
        size = np.minimum(rng.random(count) ** (-1 / segment.lines_tail), 500).astype(np.int64)

    shape = (count, months)
    incident = world.incident[region]
    rate = ticket_rate(settings, segment, engagement, incident)
    tickets = rng.poisson(rate, shape).astype(np.int8)
    competitor = world.wave[region] & (rng.random(shape) < settings.wave_reach)
    taken = _products_taken(segment, start, engagement, size, rng)

    log_hazard = _log_hazard(settings, world, start, engagement, tariff, term, segment)
    log_hazard += settings.effects.ticket * np.minimum(_recent(tickets), 3)
    log_hazard += settings.effects.incident * (_recent(incident) > 0)
    log_hazard += settings.effects.competitor * (_recent(competitor) > 0)
    held = (taken[:, None, :] < np.arange(months)[:, None]).sum(axis=2)
    log_hazard += settings.effects.product * held
    arm = _arms(settings, start, rng)
    log_hazard += campaign_log_effect(settings, segment, arm, engagement, months)
    hazard = frailty[:, None] * np.exp(log_hazard)

    decided = _first(hazard, np.maximum(start, 0) + 1, rng)
    is_abrupt = rng.random(count) < segment.abrupt_share
    slow = rng.choice(settings.decline_months, count, p=settings.decline_shares)
    end = np.where(decided == NEVER, NEVER, decided + np.where(is_abrupt, 0, slow))
    is_frozen = rng.random(count) < segment.freeze_share
    comes_back = is_frozen & (rng.random(count) < segment.return_share)
    gap = 3 + rng.geometric(0.2, count)
    return_start = np.where(comes_back & (end + gap < months), end + gap, NEVER)
    second = _first(hazard, return_start + 1, rng)
    # A campaign reaches those who are still there.
    was_there = campaign_months(settings) < end[:, None]
    return Block(
        segment=name,
        parameters=segment,
        first_number=index * BLOCK,
        start=start,
        frailty=frailty,
        engagement=engagement,
        region=region,
        channel=rng.integers(len(CHANNELS), size=count),
        tariff=tariff,
        term=term,
        arpu=arpu,
        size=size,
        taken=taken,
        tickets=tickets,
        incident=incident,
        competitor=competitor,
        pause=_pauses(settings, rng.random(shape) < segment.pause_rate, rng),
        arm=np.where(was_there, arm, -1),
        hazard=hazard,
        decided=decided,
        end=end,
        is_frozen=is_frozen,
        return_start=return_start,
        return_end=np.where(return_start == NEVER, NEVER, second),
    )


def ticket_rate(
    settings: Settings, segment: Segment, engagement: np.ndarray, incident: np.ndarray | float
) -> np.ndarray:
    """(customers, months): expected tickets a month; `incident` is 1 in the months of one."""
    calm = np.exp(-0.25 * engagement)[:, None]
    return segment.ticket_rate * calm * (1 + settings.effects.incident_tickets * incident)


def campaign_log_effect(
    settings: Settings, segment: Segment, arm: np.ndarray, engagement: np.ndarray, months: int
) -> np.ndarray:
    """(customers, months): what the campaigns add to the log hazard; it fades month by month.

    The effect is half as strong again for every standard deviation of engagement above the mean,
    and never turns into harm.
    """
    total = np.zeros((len(arm), months))
    strength = np.maximum(1 + 0.5 * engagement, 0)
    effects = (segment.offer_effect, segment.chain_effect, segment.offer_effect)
    for place, (first, effect) in enumerate(zip(campaign_months(settings), effects, strict=True)):
        of_arm = np.array([0.0, 1.0, _BONUS, 0.0])[arm[:, place]]
        last = min(first + 1 + settings.effects.campaign_months, months)
        fade = settings.effects.fade ** np.arange(max(last - first - 1, 0))
        total[:, first + 1 : last] += effect * (of_arm * strength)[:, None] * fade
    return total


def _starts(
    settings: Settings, segment: Segment, count: int, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """First months and frailties: those who were there before are survivors of their tenure."""
    ages = np.arange(1, settings.oldest_months + 1)
    variance = segment.frailty_variance
    survivors = (1 + variance * cumulative_baseline(segment, ages)) ** (-1 / variance)
    age = rng.choice(ages, count, p=survivors / survivors.sum())
    joined = rng.integers(1, settings.months, count)
    is_old = rng.random(count) < settings.existing_share
    rate = 1 / variance + np.where(is_old, cumulative_baseline(segment, age), 0)
    frailty = rng.gamma(1 / variance, 1 / rate)
    return np.where(is_old, -age, joined), frailty


def _log_hazard(
    settings: Settings,
    world: World,
    start: np.ndarray,
    engagement: np.ndarray,
    tariff: np.ndarray,
    term: np.ndarray,
    segment: Segment,
) -> np.ndarray:
    """(customers, months): tenure, contract state, engagement and price rises."""
    age = np.arange(world.months) - start[:, None]
    young = segment.young_excess * np.exp(-np.maximum(age, 0) / segment.young_months)
    log_hazard = np.log(segment.hazard * (1 + young))
    has_term = term[:, None] > 0
    into_term = np.where(has_term, age % np.maximum(term, 1)[:, None], 0)
    is_renewal = has_term & (into_term <= 1) & (age > 1)
    factor = np.where(is_renewal, segment.renewal_factor, segment.bound_factor)
    log_hazard += np.where(has_term, np.log(factor), 0)
    log_hazard += settings.effects.engagement * engagement[:, None]
    rise = world.price_rise[tariff]
    after = _recent(rise) + np.roll(_recent(rise), 1, axis=1)
    after[:, 0] = 0
    return log_hazard + settings.effects.price_change * (after > 0)


def _recent(happened: np.ndarray) -> np.ndarray:
    """What happened in the two months before each month."""
    recent = np.zeros(happened.shape, dtype=np.int16)
    recent[:, 1:] += happened[:, :-1]
    recent[:, 2:] += happened[:, :-2]
    return recent


def _products_taken(
    segment: Segment,
    start: np.ndarray,
    engagement: np.ndarray,
    size: np.ndarray,
    rng: np.random.Generator,
) -> np.ndarray:
    """Month each product is taken: each waits for the one before it."""
    rates = np.array(segment.product_rates)
    # Larger and more engaged customers take more: the confounder of claims about products.
    pull = np.exp(0.6 * engagement + 0.25 * np.log(size))[:, None]
    waits = rng.exponential(1 / np.maximum(rates * pull, 1e-9))
    taken = start[:, None] + np.cumsum(np.ceil(waits), axis=1)
    return np.minimum(taken, NEVER).astype(np.int64)


def _arms(settings: Settings, start: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """(customers, campaigns): the arm drawn at random, -1 for those not in the campaign."""
    shape = (len(start), len(CAMPAIGNS))
    is_in = rng.random(shape) < settings.campaign_share
    is_in &= start[:, None] <= campaign_months(settings)
    is_control = rng.random(shape) < settings.control_share
    treated = rng.integers(1, 3, shape)
    treated[:, CAMPAIGNS.index("chain")] = 1
    return np.where(is_in, np.where(is_control, 0, treated), -1)


def _pauses(settings: Settings, begins: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """(customers, months): in a pause, from where one begins for as long as it lasts."""
    longest = len(settings.pause_shares)
    if longest == 1:
        return begins
    lasts = np.where(begins, 1 + rng.choice(longest, begins.shape, p=settings.pause_shares), 0)
    paused = begins.copy()
    for after in range(1, longest):
        paused[:, after:] |= lasts[:, :-after] > after
    return paused


def _first(hazard: np.ndarray, from_month: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The first month, from `from_month` on, in which the hazard strikes, or `NEVER`."""
    months = hazard.shape[1]
    strikes = rng.random(hazard.shape) < -np.expm1(-hazard)
    strikes &= np.arange(months) >= from_month[:, None]
    return np.where(strikes.any(axis=1), strikes.argmax(axis=1), NEVER)
