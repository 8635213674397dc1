"""Every parameter of the simulated operator, with its unit, and its source where one is known."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, is_dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from src.data.operator.deals import DealSettings
from src.data.operator.shop import ShopSettings
from src.data.problems import InputError

REGIONS = ("north", "south", "east", "west", "capital")
FIRST_MONTH = pd.Timestamp("2023-01-01")
CHANNELS = ("shop", "web", "partner", "outbound")


@dataclass(frozen=True)
class Segment:
    """How customers of one segment behave."""

    # leaving
    hazard: float  # of leaving a month at long tenure, frailty 1, nothing happening
    young_excess: float  # hazard at tenure 0 over that of long tenure, minus 1
    young_months: float  # after which the excess has fallen to a third
    frailty_variance: float  # of the unobserved multiplier of the hazard, mean 1 (gamma)
    contract_terms: tuple[int, ...]  # months; 0 is no term
    contract_shares: tuple[float, ...]  # of customers by term, summing to 1
    bound_factor: float  # on the hazard inside a term
    renewal_factor: float  # on the hazard in the month a term ends and the next
    abrupt_share: float  # of exits that come without decline, 0..1
    freeze_share: float  # of exits that freeze instead of closing, 0..1
    return_share: float  # of the frozen who come back, 0..1
    pause_rate: float  # a month: a month without revenue that is no exit
    # money, a month
    arpu: float  # EUR per line and month, mean
    arpu_spread: float  # standard deviation of its logarithm
    lines_tail: float  # Pareto exponent of the number of lines; 0 is one line for all
    cost_share: float  # of revenue that serving costs, 0..1
    cost_fixed: float  # EUR a month
    acquisition_cost: float  # EUR, mean
    # what happens
    ticket_rate: float  # tickets a month at mean engagement
    products: tuple[str, ...]  # in the order they build on each other
    product_rates: tuple[float, ...]  # monthly rate of taking the next product
    leader_gap: float  # in log usage, of a line's end user over a decision maker
    open_share: float  # of campaign messages that are opened, 0..1
    response_share: float  # of those, answered, 0..1
    offer_effect: float  # log hazard ratio of a retention offer in its first month
    chain_effect: float  # log hazard ratio of the e-mail chain in its first month


B2C = Segment(
    hazard=0.0165,  # 1.5-3 % a month is what mobile operators report
    young_excess=1.3,
    young_months=6.0,
    frailty_variance=0.4,
    contract_terms=(0, 12),
    contract_shares=(0.6, 0.4),
    bound_factor=0.35,
    renewal_factor=3.0,
    abrupt_share=1.0,
    freeze_share=0.48,
    return_share=0.12,
    pause_rate=0.004,
    arpu=19.0,
    arpu_spread=0.62,
    lines_tail=0.0,
    cost_share=0.42,
    cost_fixed=1.5,
    acquisition_cost=45.0,
    ticket_rate=0.06,
    products=("unlimited_tariff", "accessory", "insurance", "tv"),
    product_rates=(0.035, 0.02, 0.015, 0.01),
    leader_gap=0.0,
    open_share=0.45,
    response_share=0.2,
    offer_effect=-0.45,
    chain_effect=-0.30,
)
B2B = Segment(
    hazard=0.0070,  # 0.5-1.2 % a month
    young_excess=0.8,
    young_months=12.0,
    frailty_variance=0.6,
    contract_terms=(12, 24),
    contract_shares=(0.6, 0.4),
    bound_factor=0.6,
    renewal_factor=4.5,
    abrupt_share=0.1,
    freeze_share=0.35,
    return_share=0.08,
    pause_rate=0.002,
    arpu=15.0,
    arpu_spread=0.35,
    lines_tail=0.88,
    cost_share=0.34,
    cost_fixed=9.0,
    acquisition_cost=420.0,
    ticket_rate=0.14,
    products=("telephony", "call_recording", "crm_link", "analytics", "monitoring"),
    product_rates=(0.06, 0.035, 0.025, 0.018, 0.012),
    leader_gap=0.5,
    open_share=0.3,
    response_share=0.08,
    offer_effect=-0.12,
    chain_effect=-0.02,
)


@dataclass(frozen=True)
class Effects:
    """What moves the hazard for everybody: log hazard ratios, all zero in the null scenario."""

    engagement: float = -0.65  # per standard deviation of engagement
    product: float = (
        -0.06
    )  # per product held: weaker than the raw association, which engagement feeds
    price_change: float = 0.70  # for three months after a price rise
    incident_tickets: float = 1.0  # relative rise of tickets in the month of an incident
    incident: float = 0.35  # in the month of a network incident and the next
    ticket: float = 0.50  # per ticket of this month and the last, at most three count
    competitor: float = 0.80  # in the month of a competitor's offer
    fade: float = 0.75  # of a campaign's effect that is left a month later, 0..1
    campaign_months: int = 6  # after which a campaign has no effect


@dataclass(frozen=True)
class Settings:
    """The simulated operator as a whole."""

    b2c_customers: int = 16_000
    b2b_customers: int = 4_000
    months: int = 36
    hidden_months: int = 36
    seed: int = 20_240_101
    first_month: pd.Timestamp = FIRST_MONTH
    b2c: Segment = B2C
    b2b: Segment = B2B
    effects: Effects = field(default_factory=Effects)
    engagement_spread: float = 1.0  # standard deviation of engagement between customers
    existing_share: float = 0.62  # of customers who were there before the first month, 0..1
    oldest_months: int = 84  # tenure of the oldest of them
    incident_share: float = 0.06  # of region-months with a network incident, 0..1
    wave_share: float = 0.10  # of region-months with a competitor's wave, 0..1
    wave_reach: float = 0.25  # of customers that a wave reaches, 0..1
    decline_months: tuple[int, ...] = (3, 4, 5, 6)  # of a slow exit
    decline_shares: tuple[float, ...] = (0.25, 0.30, 0.25, 0.20)
    decline_depth: float = 0.75  # of usage and revenue lost by the end of a decline, 0..1
    price_rise: float = 0.07  # of a yearly price rise
    missing_share: float = 0.01  # of optional cells that are missing, 0..1
    pause_usage: float = 0.3  # of the usual usage in a pause, 0..1
    pause_shares: tuple[float, ...] = (1.0,)  # of pauses that last 1, 2, .. months
    later_price_change: float | None = None  # of a year, after the panel; None: as before
    later_wave_share: float | None = None  # of region-months, after the panel; None: as before
    recorded_share: float = 1.0  # of competitors' offers that are on record, 0..1
    late_share: float = 0.004  # of bills that come a month late, added to the next one, 0..1
    campaign_share: float = 0.35  # of customers in each campaign, 0..1
    control_share: float = 0.20  # of those, 0..1
    nps_share: float = 0.25  # of customers who answer a quarterly question, 0..1
    nps_effect: float = 1.0  # on the NPS answer, per unit of log hazard, with the sign turned
    shop: ShopSettings = field(default_factory=ShopSettings)
    deals: DealSettings = field(default_factory=DealSettings)
    strangers: float = 0.25  # buyers of the shop who are not subscribers, per subscriber

    def pause_lasts(self, months: np.ndarray) -> np.ndarray:
        """The chance that a pause lasts at least so many months."""
        longest = len(self.pause_shares)
        left = np.append(np.cumsum(self.pause_shares[::-1])[::-1], 0.0)
        return left[np.clip(months - 1, 0, longest)]

    @property
    def later_waves(self) -> float:
        """The share of region-months with a competitor's wave after the panel."""
        return self.wave_share if self.later_wave_share is None else self.later_wave_share

    def __post_init__(self) -> None:
        """Refuse settings that cannot be."""
        for name in ("b2c_customers", "b2b_customers"):
            if getattr(self, name) < 0:
                raise InputError(f"{name} must be 0 or more, not {getattr(self, name)}")
        if self.b2c_customers + self.b2b_customers < 1:
            raise InputError("b2c_customers and b2b_customers are both 0: nothing to simulate")
        if self.months < 6:
            raise InputError(f"months must be 6 or more, not {self.months}")
        if self.hidden_months < 0:
            raise InputError(f"hidden_months must be 0 or more, not {self.hidden_months}")
        _refuse_impossible("", self)


# Where the default flatters: a pause never looks like a freeze there, the world goes on as it was,
# and every competitor's offer is on record.
SCENARIOS: dict[str, dict[str, Any]] = {
    # Pauses of up to four months without any usage: those of three and more are taken for a freeze.
    "pauses": {"pause_shares": (0.4, 0.3, 0.2, 0.1), "pause_usage": 0.0},
    # After the panel prices fall, and competitors come twice as often: no interval can know of it.
    "price_war": {"later_price_change": -0.08, "later_wave_share": 0.20},
    "unseen_offers": {"recorded_share": 0.3},
}


def scenario_settings(settings: Settings, scenario: str) -> Settings:
    """The same operator under a scenario of `SCENARIOS`; `InputError` for another name."""
    if scenario not in SCENARIOS:
        raise InputError(f"there is no scenario {scenario!r}; known: {', '.join(SCENARIOS)}")
    changed = replace(settings, **SCENARIOS[scenario])
    if scenario != "pauses":
        return changed
    more = {name: replace(getattr(changed, name), pause_rate=0.01) for name in ("b2c", "b2b")}
    return replace(changed, **more)


def null_settings(settings: Settings) -> Settings:
    """The same operator without any difference between segments and without any effect."""
    nothing = Effects(
        engagement=0,
        product=0,
        price_change=0,
        incident_tickets=0,
        incident=0,
        ticket=0,
        competitor=0,
    )
    alike = replace(
        settings.b2c, bound_factor=1.0, renewal_factor=1.0, offer_effect=0.0, chain_effect=0.0
    )
    return replace(
        settings,
        b2c=alike,
        b2b=alike,
        effects=nothing,
        engagement_spread=0.0,
        nps_effect=0.0,
        shop=ShopSettings.null(),
        deals=DealSettings.null(),
    )


def _refuse_impossible(place: str, settings: object) -> None:
    """Rates below zero, shares outside 0..1, shares that do not sum to 1, by the field's name."""
    for item in fields(settings):  # type: ignore[arg-type]
        name, value = place + item.name, getattr(settings, item.name)
        if value is None or isinstance(value, ShopSettings | DealSettings):
            continue  # as by default; or they refuse by themselves
        if is_dataclass(value):
            _refuse_impossible(f"{name}.", value)
        elif item.name.endswith("_shares"):
            if min(value) < 0 or abs(sum(value) - 1) > 1e-9:
                raise InputError(f"{name} must be 0 or more and sum to 1, not {value}")
        elif item.name.endswith(("_share", "_reach", "_depth")) or item.name == "fade":
            if not 0 <= value <= 1:
                raise InputError(f"{name} must lie between 0 and 1, not {value}")
        elif item.name.endswith("_rates"):
            if min(value) < 0:
                raise InputError(f"{name} must be 0 or more, not {value}")
        elif isinstance(value, int | float) and value < 0 and not _may_be_negative(name):
            raise InputError(f"{name} must be 0 or more, not {value}")


def _may_be_negative(name: str) -> bool:
    return name.startswith("effects.") or name.endswith(("_effect", "_change"))
