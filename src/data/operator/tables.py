"""The tables of one block of customers, as an operator's systems would hold them.

Each function takes a block and gives one table of the contract up to the last month of the panel.
What the systems cannot see (frailty, engagement, decisions) is in none of them.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from src.data.operator.lives import ARMS, CAMPAIGNS, NEVER, Block, campaign_months
from src.data.operator.settings import CHANNELS, REGIONS, Settings
from src.data.operator.world import World

_INDUSTRIES = ("retail", "services", "construction", "logistics", "health", "manufacturing")
PRODUCT_PRICE = 0.08  # of the arpu, per product held
LINE_HAZARD = 0.006  # a month, of one line of an account
LINE_ADDED = 0.004  # lines added a month, per line at the start
TICKET_COST = 4.0  # EUR
_ZERO_BILLS = 2  # bills of nothing that a frozen customer still gets
_CHAIN_STEPS = 6


def stream(settings: Settings, block: Block, room: int) -> np.random.Generator:
    """The random stream of one room (a table) of a block, apart from all others."""
    is_b2b = block.segment == "B2B"
    return np.random.default_rng([settings.seed, 10 + room, is_b2b, block.first_number])


def customer_ids(block: Block) -> np.ndarray:
    """Identifiers such as `B2C0000001`, unique over all blocks."""
    numbers = np.arange(block.first_number, block.first_number + len(block.start))
    return np.char.add(block.segment, np.char.zfill(numbers.astype(str), 7)).astype(object)


def month_dates(settings: Settings, months: np.ndarray) -> np.ndarray:
    """First days of month numbers, as datetime64[ns]; `NEVER` and beyond become missing."""
    first = settings.first_month.to_period("M").ordinal
    known = months < NEVER - 1
    stamps = (np.where(known, months, 0) + first).astype("datetime64[M]").astype("datetime64[ns]")
    return np.where(known, stamps, np.datetime64("NaT", "ns"))


def decline(settings: Settings, block: Block, months: int) -> np.ndarray:
    """(customers, months): factor on usage and revenue of those who are leaving slowly."""
    month = np.arange(months)
    length = block.end - block.decided
    step = month - block.decided[:, None] + 1
    leaving = (step >= 1) & (month < block.end[:, None]) & (length > 0)[:, None]
    lost = settings.decline_depth * step / (length + 1)[:, None]
    return np.where(leaving, 1 - lost, 1.0)


def customers(settings: Settings, block: Block) -> pd.DataFrame:
    """The table customers."""
    rng = stream(settings, block, 0)
    count = len(block.start)
    is_b2b = block.segment == "B2B"
    closed = np.where(block.is_frozen | (block.end >= settings.months), NEVER, block.end)
    has_closed_later = (block.return_end < settings.months) & (rng.random(count) < 0.5)
    closed = np.where(has_closed_later, block.return_end, closed)
    region = np.array(REGIONS, dtype=object)[block.region]
    region[rng.random(count) < settings.missing_share] = None
    cost = block.parameters.acquisition_cost * rng.gamma(4, 0.25, count)
    sizes = pd.cut(block.size, [0, 1, 5, 20, 1000], labels=["1", "2-5", "6-20", "over 20"])
    return pd.DataFrame(
        {
            "customer_id": customer_ids(block),
            "segment": block.segment,
            "signup_month": month_dates(settings, block.start),
            "closed_month": month_dates(settings, closed),
            "region": region,
            "industry": rng.choice(_INDUSTRIES, count).astype(object) if is_b2b else None,
            "size": np.asarray(sizes, dtype=object) if is_b2b else None,
            "channel": np.array(CHANNELS, dtype=object)[block.channel],
            "acquisition_cost": cost.round(2),
            "tariff": np.char.add("tariff ", (block.tariff + 1).astype(str)).astype(object),
        }
    ).astype({"industry": "object", "size": "object"})


def lines(settings: Settings, block: Block, months: int) -> tuple[pd.DataFrame, np.ndarray]:
    """The table lines, and (customers, months) how many run in each month.

    The first line of an account stays as long as the account; the others come and go.
    """
    rng = stream(settings, block, 1)
    count = len(block.start)
    added = rng.poisson(LINE_ADDED * block.size * months * (block.parameters.lines_tail > 0))
    owner = np.repeat(np.arange(count), block.size + added)
    place = np.arange(len(owner)) - np.repeat(np.cumsum(block.size + added), block.size + added)
    place += np.repeat(block.size + added, block.size + added)
    is_added = place >= block.size[owner]
    start = block.start[owner]
    start = np.where(is_added, np.maximum(start, 0) + rng.integers(1, months, len(owner)), start)
    end = np.maximum(start, 0) + rng.geometric(LINE_HAZARD, len(owner))
    last_life_end = np.where(block.return_start < NEVER, block.return_end, block.end)
    end = np.minimum(np.where(place == 0, NEVER, end), last_life_end[owner])
    is_real = start < np.minimum(end, last_life_end[owner])
    owner, place, start, end = (array[is_real] for array in (owner, place, start, end))

    change = np.zeros((count, months + 1), dtype=np.int64)
    np.add.at(change, (owner, np.clip(start, 0, months)), 1)
    np.add.at(change, (owner, np.clip(end, 0, months)), -1)
    running = np.cumsum(change, axis=1)[:, :months]

    is_seen = start < settings.months
    owner, place, start, end = (array[is_seen] for array in (owner, place, start, end))
    is_leader = (block.segment == "B2B") & (
        rng.random(len(owner)) < np.where(place == 0, 0.9, 0.08)
    )
    level = 0.45 * block.engagement[owner] + 0.5 * rng.standard_normal(len(owner))
    gap = block.parameters.leader_gap * is_leader
    ids = customer_ids(block)[owner]
    frame = pd.DataFrame(
        {
            "line_id": ids + np.char.add("-", place.astype(str)).astype(object),
            "customer_id": ids,
            "start_month": month_dates(settings, start),
            "end_month": month_dates(settings, np.where(end < settings.months, end - 1, NEVER)),
            "tariff": np.char.add("tariff ", (block.tariff[owner] + 1).astype(str)).astype(object),
            "user_role": np.where(is_leader, "decision_maker", "end_user").astype(object),
            # Averages of the line: end users of companies use lines as private people do.
            "data_gb": np.exp(1.9 + level - gap).round(2),
            "call_minutes": np.exp(4.6 + 0.3 * level + 1.6 * gap).round(1),
            "add_ons": rng.poisson(1.2 * np.exp(-2.2 * gap)).astype(float),
        }
    )
    return frame, running


def money(
    settings: Settings, world: World, block: Block, running: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """(customers, months): expected revenue and margin in EUR while the customer is alive.

    `running` is the number of lines of each month. Noise and late bills come in `billing`.
    """
    months = world.months
    held = (block.taken[:, None, :] <= np.arange(months)[:, None]).sum(axis=2)
    # Large accounts pay less per line.
    per_line = block.arpu * block.size**-0.08
    revenue = per_line[:, None] * running * (1 + PRODUCT_PRICE * held)
    revenue *= world.price_index[block.tariff] * (0.5 + 0.5 * world.season)
    revenue *= decline(settings, block, months)
    cost = block.parameters.cost_share * revenue + block.parameters.cost_fixed
    return revenue, revenue - cost - TICKET_COST * block.tickets


def billing(
    settings: Settings, block: Block, revenue: np.ndarray, margin: np.ndarray, hidden: bool = False
) -> pd.DataFrame:
    """The table billing; with `hidden`, the months after the panel instead of the panel's."""
    months = revenue.shape[1]
    rng = stream(settings, block, 2)
    alive = block.alive(months)
    noise = rng.lognormal(0, 0.05, revenue.shape)
    billed = np.where(alive & ~block.pause, revenue * noise, 0.0)
    # A late bill is added to the next one; the last month of a life is billed in time.
    goes_on = np.zeros_like(alive)
    goes_on[:, :-1] = alive[:, 1:]
    is_late = alive & goes_on & (rng.random(revenue.shape) < settings.late_share)
    late = np.where(is_late, billed, 0.0)
    billed -= late
    billed[:, 1:] += late[:, :-1]
    frozen_at = np.where(block.is_frozen, block.end, NEVER)[:, None]
    month = np.arange(months)
    still_billed = (month >= frozen_at) & (month < frozen_at + _ZERO_BILLS)
    has_row = (alive | still_billed) & ((month >= settings.months) == hidden)
    rows, columns = np.nonzero(has_row)
    cost = np.where(alive, revenue - margin, 0.0)[rows, columns]
    cost[rng.random(len(cost)) < settings.missing_share] = np.nan
    return pd.DataFrame(
        {
            "customer_id": customer_ids(block)[rows],
            "month": month_dates(settings, columns),
            "revenue": billed[rows, columns].round(2),
            "cost_to_serve": np.maximum(cost, 0).round(2),
        }
    )


def usage(settings: Settings, world: World, block: Block, running: np.ndarray) -> pd.DataFrame:
    """The table usage: data, calls and messages of the month."""
    rng = stream(settings, block, 3)
    months = settings.months
    alive = block.alive(world.months)[:, :months]
    rows, columns = np.nonzero(alive)
    own = 0.35 * rng.standard_normal((3, len(block.start)))
    volume = running[:, :months] ** 0.9 * decline(settings, block, months) * world.season[:months]
    volume = (volume * np.where(block.pause[:, :months], settings.pause_usage, 1.0))[rows, columns]
    lift = 0.45 * block.engagement[rows]
    measures = {}
    for place, (name, level) in enumerate(
        {"data_gb": 1.9, "call_minutes": 4.7, "messages": 2.8}.items()
    ):
        noise = 0.15 * rng.standard_normal(len(rows))
        pull = lift if name == "data_gb" else 0.5 * lift
        measures[name] = (volume * np.exp(level + own[place, rows] + pull + noise)).round(2)
    measures["messages"][rng.random(len(rows)) < settings.missing_share] = np.nan
    return pd.DataFrame(
        {
            "customer_id": customer_ids(block)[rows],
            "month": month_dates(settings, columns),
            **measures,
        }
    )


def contracts(settings: Settings, block: Block) -> pd.DataFrame:
    """The table contracts: terms that follow each other while the customer stays."""
    rng = stream(settings, block, 4)
    last = np.minimum(block.end, settings.months) - 1
    stays = np.maximum(last - block.start + 1, 1)
    terms = np.where(block.term > 0, -(-stays // np.maximum(block.term, 1)), 0)
    owner = np.repeat(np.arange(len(terms)), terms)
    place = np.arange(len(owner)) - np.repeat(np.cumsum(terms) - terms, terms)
    start = block.start[owner] + place * block.term[owner]
    ids = customer_ids(block)[owner]
    return pd.DataFrame(
        {
            "contract_id": ids + np.char.add("/", (place + 1).astype(str)).astype(object),
            "customer_id": ids,
            "start_month": month_dates(settings, start),
            "end_month": month_dates(settings, start + block.term[owner] - 1),
            "auto_renew": (rng.random(len(terms)) < 0.6)[owner],
        }
    )


def holdings(settings: Settings, block: Block) -> pd.DataFrame:
    """The table holdings: products in the order they build on each other."""
    last = np.minimum(block.end, settings.months)
    rows, products = np.nonzero(block.taken < last[:, None])
    ended = np.where(block.end < settings.months, block.end - 1, NEVER)[rows]
    start = block.taken[rows, products]
    return pd.DataFrame(
        {
            "customer_id": customer_ids(block)[rows],
            "product": np.array(block.parameters.products, dtype=object)[products],
            "start_month": month_dates(settings, start),
            "end_month": month_dates(settings, np.maximum(ended, start)),
        }
    )


def events(settings: Settings, world: World, block: Block) -> pd.DataFrame:
    """The table events: tickets, incidents, price rises, competitors' offers, NPS answers."""
    rng = stream(settings, block, 5)
    months = settings.months
    alive = block.alive(world.months)[:, :months]
    quarter = np.arange(months) % 3 == 2
    answers = alive & quarter & (rng.random(alive.shape) < settings.nps_share)
    # People answer from what they feel: how likely they are to leave, known to nobody.
    mood = np.log(np.maximum(block.hazard[:, :months], 1e-9))
    mood = settings.nps_effect * (mood - np.log(block.parameters.hazard))
    score = 7.6 - 0.9 * mood + 1.6 * rng.standard_normal(alive.shape)
    recorded = block.competitor[:, :months]
    if settings.recorded_share < 1:
        recorded = recorded & (rng.random(alive.shape) < settings.recorded_share)
    kinds = {
        "ticket": (alive & (block.tickets[:, :months] > 0), block.tickets[:, :months]),
        "incident": (alive & block.incident[:, :months], None),
        "price_change": (alive & world.price_rise[block.tariff][:, :months], None),
        "competitor_offer": (alive & recorded, None),
        "nps": (answers, np.clip(score.round(), 0, 10)),
    }
    ids = customer_ids(block)
    frames = []
    for kind, (happened, value) in kinds.items():
        rows, columns = np.nonzero(happened)
        day = rng.integers(0, 28, len(rows)).astype("timedelta64[D]")
        amount = np.full(len(rows), np.nan) if value is None else value[rows, columns].astype(float)
        if kind == "price_change":
            day, amount = day * 0, np.full(len(rows), settings.price_rise)
        date = month_dates(settings, columns) + day
        frames.append(
            pd.DataFrame({"customer_id": ids[rows], "date": date, "kind": kind, "value": amount})
        )
    return pd.concat(frames, ignore_index=True)


def campaigns(settings: Settings, block: Block) -> pd.DataFrame:
    """The table campaigns: two offers and an e-mail chain of six weekly steps, with controls."""
    rng = stream(settings, block, 6)
    ids = customer_ids(block)
    frames = []
    for place, (name, month) in enumerate(zip(CAMPAIGNS, campaign_months(settings), strict=True)):
        members = np.nonzero(block.arm[:, place] >= 0)[0]
        steps = _CHAIN_STEPS if name == "chain" else 1
        rows, step = np.repeat(members, steps), np.tile(np.arange(steps), len(members))
        arm = block.arm[rows, place]
        is_treated = arm > 0
        opened = is_treated & (rng.random(len(rows)) < block.parameters.open_share)
        week = (7 * step).astype("timedelta64[D]")
        frames.append(
            pd.DataFrame(
                {
                    "campaign_id": name,
                    "customer_id": ids[rows],
                    "date": month_dates(settings, np.full(len(rows), month)) + week,
                    "arm": np.array(ARMS, dtype=object)[arm],
                    "channel": "e-mail" if name == "chain" else "call",
                    "step": (step + 1).astype(float),
                    "cost": np.where(is_treated, 0.05 if name == "chain" else 4.0, 0.0),
                    "opened": opened,
                    "responded": opened & (rng.random(len(rows)) < block.parameters.response_share),
                }
            )
        )
    return pd.concat(frames, ignore_index=True)
