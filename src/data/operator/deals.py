"""Simulated deals of a sales team, with the truth that a scoring model is after."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from src.data.problems import InputError

SOURCES = ("referral", "inbound", "partner", "outbound")
STAGES = ("lead", "qualified", "proposal", "negotiation")


@dataclass(frozen=True)
class DealSettings:
    """How many deals there are, what they are worth, and what decides whether they are won."""

    deals: int = 2_500  # over all months
    managers: int = 12
    b2b_share: float = 0.85  # of deals, 0..1; the others are B2C
    source_shares: tuple[float, ...] = (0.15, 0.30, 0.20, 0.35)  # of deals by SOURCES, sum 1
    b2c_amount: float = 600.0  # EUR, median
    b2b_amount: float = 6_000.0  # EUR, median
    amount_spread: float = 0.9  # standard deviation of the logarithm of the amount
    mean_meetings: float = 2.0  # meetings agreed when the deal is opened
    # the work: hours = median x (amount / median amount) ** growth x noise
    b2c_hours: float = 2.5  # hours, median
    b2b_hours: float = 14.0  # hours, median
    hours_growth: float = 0.45  # exponent of the amount
    hours_spread: float = 0.75  # standard deviation of the logarithm of the noise
    # the time
    b2c_days: float = 20.0  # days from opening to closing, mean
    b2b_days: float = 120.0  # days, mean; a B2B sale takes three to six months
    loss_shares: tuple[float, ...] = (0.30, 0.30, 0.25, 0.15)  # of lost deals by last of STAGES
    # winning
    win_rate: float = 0.24  # of a B2B deal with every effect at zero, 0..1
    b2c_effect: float = 0.5  # log odds of a B2C deal against a B2B deal
    source_effects: tuple[float, ...] = (0.8, 0.3, 0.0, -0.6)  # log odds by SOURCES
    amount_effect: float = -0.35  # log odds per unit of log(amount / median of the segment)
    meeting_effect: float = 0.25  # log odds per meeting above the mean
    manager_spread: float = 0.45  # log odds, standard deviation between managers
    unseen_spread: float = 0.8  # log odds, standard deviation of what no column shows
    # the experts
    expert_skill: float = 0.82  # correlation of their view with log true value per hour, 0..1

    def __post_init__(self) -> None:
        """Refuse settings that cannot be."""
        for name in ("deals", "managers"):
            if not isinstance(getattr(self, name), int) or getattr(self, name) < 1:
                raise InputError(
                    f"{name} must be a whole number of 1 or more, not {getattr(self, name)}"
                )
        for name in ("b2b_share", "win_rate", "expert_skill"):
            if not 0 <= getattr(self, name) <= 1:
                raise InputError(f"{name} must lie in 0..1, not {getattr(self, name)}")
        for name, labels in (("source_shares", SOURCES), ("loss_shares", STAGES)):
            shares = getattr(self, name)
            is_whole = len(shares) == len(labels) and math.isclose(sum(shares), 1, abs_tol=1e-9)
            if not is_whole or not all(0 <= share <= 1 for share in shares):
                raise InputError(
                    f"{name} must be {len(labels)} shares in 0..1 that sum to 1, not {shares}"
                )
        for name in ("b2c_amount", "b2b_amount", "b2c_hours", "b2b_hours", "b2c_days", "b2b_days"):
            if not 0 < getattr(self, name) < math.inf:
                raise InputError(f"{name} must be above 0, not {getattr(self, name)}")
        for name in (
            *("amount_spread", "mean_meetings", "hours_growth", "hours_spread"),
            *("manager_spread", "unseen_spread"),
        ):
            if not 0 <= getattr(self, name) < math.inf:
                raise InputError(f"{name} must be 0 or more, not {getattr(self, name)}")
        for name in ("b2c_effect", "amount_effect", "meeting_effect"):
            if not math.isfinite(getattr(self, name)):
                raise InputError(f"{name} must be a finite number, not {getattr(self, name)}")
        effects = self.source_effects
        if len(effects) != len(SOURCES) or not all(map(math.isfinite, effects)):
            raise InputError(f"source_effects must be {len(SOURCES)} finite numbers, not {effects}")

    @classmethod
    def null(cls) -> DealSettings:
        """Settings under which nothing has an effect and no order of work beats another.

        The win probability is one constant, every deal takes hours in proportion to its amount (so
        that the true value per hour is the same for all, up to rounding), B2C deals are like B2B
        deals, lost deals pass the same stages as won ones, and the experts' order is random.
        """
        usual = cls()
        return cls(
            b2c_amount=usual.b2b_amount,
            b2c_hours=usual.b2b_hours,
            b2c_days=usual.b2b_days,
            hours_growth=1.0,
            hours_spread=0.0,
            loss_shares=(0.0, 0.0, 0.0, 1.0),
            b2c_effect=0.0,
            source_effects=(0.0,) * len(SOURCES),
            amount_effect=0.0,
            meeting_effect=0.0,
            manager_spread=0.0,
            unseen_spread=0.0,
            expert_skill=0.0,
        )


def simulate_deals(
    settings: DealSettings, months: int, first_month: pd.Timestamp, rng: np.random.Generator
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Deals opened in `months` months from `first_month`, in order of opening, and their truth.

    Returns two frames with one row per deal.

    - `deals`, the table of the contract: deal_id ('D0000001' ...), created, stage (the furthest of
      `STAGES` that was reached), amount (EUR), closed, won (missing while open), hours, segment,
      manager ('M01' ...), expert_rank (1 is the best of the deals opened in the same month); and
      source (one of `SOURCES`), meetings (agreed when the deal was opened), qualified, proposal,
      negotiation (days on which the deal reached that stage, missing when it did not).
    - the truth: deal_id, win_probability (when the deal was opened, the unseen part included),
      expected_value (EUR) and value_per_hour (EUR per hour).

    The log odds of winning are linear in segment, source, log amount, meetings and the skill of
    the manager, plus a normal part that no column shows. Stage, its days and `closed` are what
    became of a deal: a score for new deals must not read them.

    Departs from reality in that `hours` are the hours of the whole deal, known from the start
    also for open deals and not shorter for lost ones; that the time to closing does not depend on
    the outcome, so that leaving out open deals does not bias the win rate of a segment; that
    managers get deals at random, at a constant pace, weekends included; and that every month is as
    good as any other. Raises InputError when `months` is below 1.
    """
    if months < 1:
        raise InputError(f"months must be 1 or more, not {months}")
    count = settings.deals
    edges = pd.period_range(first_month, periods=months + 1, freq="M").to_timestamp()
    days = (edges[-1] - edges[0]).days
    opened = np.sort(rng.integers(0, days, count))  # days since the first

    is_b2b = rng.random(count) < settings.b2b_share
    source = rng.choice(len(SOURCES), count, p=settings.source_shares)
    manager = rng.integers(0, settings.managers, count)
    meetings = rng.poisson(settings.mean_meetings, count)
    log_amount = rng.normal(0, settings.amount_spread, count)  # over the median of the segment
    median_amount = np.where(is_b2b, settings.b2b_amount, settings.b2c_amount)
    amount = np.maximum(np.round(median_amount * np.exp(log_amount), 2), 0.01)
    log_hours = settings.hours_growth * log_amount + rng.normal(0, settings.hours_spread, count)
    median_hours = np.where(is_b2b, settings.b2b_hours, settings.b2c_hours)
    hours = np.maximum(np.round(median_hours * np.exp(log_hours), 2), 0.01)

    skill = rng.normal(0, settings.manager_spread, settings.managers)
    log_odds = (
        settings.b2c_effect * ~is_b2b
        + np.asarray(settings.source_effects)[source]
        + settings.amount_effect * log_amount
        + settings.meeting_effect * (meetings - settings.mean_meetings)
        + skill[manager]
        + rng.normal(0, settings.unseen_spread, count)
    )
    # The odds are multiplied instead of added to a logit, so that win rates of 0 and 1 stay whole.
    rate = settings.win_rate
    win_probability = rate / (rate + (1 - rate) * np.exp(-log_odds))
    is_won = rng.random(count) < win_probability
    value_per_hour = win_probability * amount / hours

    mean_days = np.where(is_b2b, settings.b2b_days, settings.b2c_days)
    length = np.ceil(rng.gamma(2.0, mean_days / 2.0)).astype("int64")
    last_stage = len(STAGES) - 1
    lost_in = rng.choice(len(STAGES), count, p=settings.loss_shares)
    reached = np.where(is_won, last_stage, lost_in)
    steps = np.sort(rng.random((count, last_stage)), axis=1)
    stage_days = opened[:, None] + (steps * length[:, None]).astype("int64")
    has_reached = (np.arange(1, last_stage + 1) <= reached[:, None]) & (stage_days < days)
    is_open = opened + length >= days

    start = edges[0].to_datetime64().astype("datetime64[ns]")
    created = pd.Series(start + opened.astype("timedelta64[D]"))
    view = _expert_view(np.log(value_per_hour + 1e-9), settings.expert_skill, rng)
    rank = view.groupby(created.dt.to_period("M")).rank(ascending=False, method="first")
    deal_id = [f"D{number:07d}" for number in range(1, count + 1)]
    stages = np.array(STAGES, dtype=object)
    deals = pd.DataFrame(
        {
            "deal_id": deal_id,
            "created": created,
            "stage": stages[has_reached.sum(axis=1)],
            "amount": amount,
            "closed": _days(start, opened + length, ~is_open),
            "won": pd.arrays.BooleanArray(is_won & ~is_open, is_open),
            "hours": hours,
            "segment": np.where(is_b2b, "B2B", "B2C").astype(object),
            "manager": np.array([f"M{n:02d}" for n in range(1, settings.managers + 1)], object)[
                manager
            ],
            "expert_rank": rank,
            "source": np.array(SOURCES, dtype=object)[source],
            "meetings": meetings.astype("float64"),
        }
    )
    for position, name in enumerate(STAGES[1:]):
        deals[name] = _days(start, stage_days[:, position], has_reached[:, position])
    truth = pd.DataFrame(
        {
            "deal_id": deal_id,
            "win_probability": win_probability,
            "expected_value": win_probability * amount,
            "value_per_hour": value_per_hour,
        }
    )
    return deals, truth


def _expert_view(log_value: np.ndarray, skill: float, rng: np.random.Generator) -> pd.Series:
    """What the experts make of each deal: correlated by `skill` with the true log value."""
    spread = log_value.std() or 1.0  # one deal, or equal deals
    noise = rng.standard_normal(len(log_value))
    seen = (log_value - log_value.mean()) / spread
    return pd.Series(skill * seen + math.sqrt(1 - skill**2) * noise)


def _days(start: np.datetime64, days: np.ndarray, is_known: np.ndarray) -> np.ndarray:
    """Days since `start` as dates, missing where not known."""
    dates = start + days.astype("timedelta64[D]")
    return np.where(is_known, dates, np.datetime64("NaT", "ns"))
