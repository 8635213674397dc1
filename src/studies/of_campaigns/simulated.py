"""Members of a campaign of the simulated operator, without the rest of the operator.

Whole operators take seconds each; what a campaign does to its members takes none. Who leaves, and
what treatments do, is by the parameters of the operator (`src.data.operator`): segments, hazards by
tenure and engagement, unobserved proneness to leave, an effect on the hazard that grows with
engagement and fades by month. What is known of the customers is noisy, or has to do with nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from src.data.operator.lives import ARMS, CAMPAIGNS, campaign_log_effect, campaign_months
from src.data.operator.settings import CHANNELS, REGIONS, Segment, Settings
from src.models.intervals.numbers import Numbers

MONTHS = 6  # after which an outcome counts, as long as a campaign acts
SHARES = (0.2, 0.4, 0.4)  # of the arms, as at the operator
COST = {"bonus": 2.0, "discount": 4.0}  # EUR a contact
TREATMENTS = ("bonus", "discount")
COVARIATES = ("segment", "usage", "tickets", "tenure", "products", "bill", "region", "channel")
_COMPANIES = 0.2  # of the customers
_WORTH = 24.0  # months of margin that a customer who stays brings


@dataclass(frozen=True)
class Simulated:
    """`members` as the rooms of campaigns read them; `uplift`, (customers, treatments): the truth.

    The truth is the rise of the chance to stay six months, given all but what nobody can see.
    """

    members: pd.DataFrame
    uplift: Numbers

    @property
    def value(self) -> Numbers:
        """Money of a customer who stays."""
        return self.members["value"].to_numpy(float)


def simulated(count: int, rng: np.random.Generator, *, has_effect: bool = True) -> Simulated:
    """So many customers of one campaign with a control group and two treatments.

    `members`: `customer_id`, `arm`, `lost` (1: left within six months), `propensity`, `value`
    (EUR), and the columns `COVARIATES`. Without effect the treatments do nothing to anybody.
    """
    settings = Settings()
    is_company = rng.random(count) < _COMPANIES
    engagement = rng.standard_normal(count)
    tenure = rng.integers(1, settings.oldest_months, count).astype(float)
    stays = np.empty((count, len(ARMS)))
    bill, margin, tickets, products = np.empty((4, count))
    for segment, rows in (
        (settings.b2c, np.flatnonzero(~is_company)),
        (settings.b2b, np.flatnonzero(is_company)),
    ):
        tickets[rows] = rng.poisson(6 * segment.ticket_rate * np.exp(-0.25 * engagement[rows]))
        products[rows] = rng.poisson(np.exp(0.3 + 0.4 * engagement[rows])).clip(max=4)
        spread = segment.arpu_spread
        lines = rng.random(len(rows)) ** (-1 / segment.lines_tail) if segment.lines_tail else 1.0
        bill[rows] = np.minimum(lines, 500) * segment.arpu
        bill[rows] *= np.exp(spread * rng.standard_normal(len(rows)) - spread**2 / 2)
        margin[rows] = (1 - segment.cost_share) * bill[rows] - segment.cost_fixed
        factor = np.exp(settings.effects.product * products[rows] + 0.1 * tickets[rows])
        stays[rows] = _stays(
            settings, segment, engagement[rows], tenure[rows], factor, has_effect=has_effect
        )
    arm = rng.choice(len(ARMS), count, p=SHARES)
    lost = rng.random(count) >= stays[np.arange(count), arm]
    members = pd.DataFrame(
        {
            "customer_id": np.arange(count),
            "arm": np.array(ARMS, dtype=object)[arm],
            "lost": lost.astype(int),
            "propensity": np.array(SHARES)[arm],
            "value": np.maximum(_WORTH * margin, 0.0),
            "segment": np.where(is_company, "B2B", "B2C"),
            "usage": engagement + 0.5 * rng.standard_normal(count),
            "tickets": tickets,
            "tenure": tenure,
            "products": products,
            "bill": bill,
            "region": rng.choice(REGIONS, count),
            "channel": rng.choice(CHANNELS, count),
        }
    )
    places = [ARMS.index(name) for name in TREATMENTS]
    return Simulated(members, stays[:, places] - stays[:, :1])


def _stays(
    settings: Settings,
    segment: Segment,
    engagement: Numbers,
    tenure: Numbers,
    factor: Numbers,
    *,
    has_effect: bool,
) -> Numbers:
    """(customers, arms): the chance to stay, the unobserved factor (gamma, mean 1) averaged."""
    young = segment.young_excess * np.exp(-tenure / segment.young_months)
    hazard = segment.hazard * (1 + young) * factor
    hazard = hazard * np.exp(settings.effects.engagement * engagement)
    first = int(campaign_months(settings)[0])
    stays = np.empty((len(engagement), len(ARMS)))
    for arm in range(len(ARMS)):
        drawn = np.full((len(engagement), len(CAMPAIGNS)), -1)
        drawn[:, 0] = arm if has_effect else 0
        effect = campaign_log_effect(settings, segment, drawn, engagement, first + 1 + MONTHS)
        summed = hazard * np.exp(effect[:, first + 1 :]).sum(axis=1)
        variance = segment.frailty_variance
        stays[:, arm] = (1 + variance * summed) ** (-1 / variance)
    return stays
