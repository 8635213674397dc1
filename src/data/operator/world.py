"""What happens to everybody at once: incidents, competitors' waves, price rises, seasons."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from src.data.operator.settings import REGIONS, Settings

TARIFFS = 3
_SEASON = (0.97, 0.96, 1.0, 1.0, 1.01, 1.01, 1.03, 1.03, 1.0, 0.99, 0.99, 1.05)


@dataclass(frozen=True)
class World:
    """Arrays by region or tariff and month, over the panel and the hidden months."""

    incident: np.ndarray  # (regions, months), bool
    wave: np.ndarray  # (regions, months), bool
    price_index: np.ndarray  # (tariffs, months), 1 in the first month
    price_rise: np.ndarray  # (tariffs, months), bool: the price rises in this month
    season: np.ndarray  # (months,), factor on usage and, damped, on revenue

    @property
    def months(self) -> int:
        """Panel and hidden months together."""
        return self.incident.shape[1]


def make_world(settings: Settings) -> World:
    """The world of these settings; the same seed makes the same world."""
    months = settings.months + settings.hidden_months
    rng = np.random.default_rng([settings.seed, 0])
    regions = len(REGIONS)
    rise = np.zeros((TARIFFS, months), dtype=bool)
    for tariff, first in enumerate(rng.permutation(12)[:TARIFFS]):
        rise[tariff, first + 3 :: 12] = True
    start = settings.first_month.month - 1
    is_later = np.arange(months) >= settings.months
    waves = np.where(is_later, settings.later_waves, settings.wave_share)
    later = (
        settings.price_rise if settings.later_price_change is None else settings.later_price_change
    )
    change = np.where(is_later, later, settings.price_rise) * rise
    return World(
        incident=rng.random((regions, months)) < settings.incident_share,
        wave=rng.random((regions, months)) < waves,
        price_index=np.cumprod(1 + change, axis=1),
        price_rise=rise & (change > 0),
        season=np.array([_SEASON[(start + month) % 12] for month in range(months)]),
    )
