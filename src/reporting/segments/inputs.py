"""What the sections read of the answers of a study; `src.analyses.segments.values` has these."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import pandas as pd

from src.reporting.page.prose import Interval


class Terms(Protocol):
    """Names and limits."""

    kind: str
    currency: str
    money: str
    frequency: str
    customer: str
    months: int
    at: str
    apart: int
    periods: int
    rate: float
    change: float
    assumed_margin: float | None
    confidence: float
    min_cell: int
    is_simulated: bool


class Golden(Protocol):
    """The golden customers."""

    customers: int
    share: float
    money: float
    money_share: Interval
    at_risk: Interval | None
    at_risk_share: Interval | None
    churn: pd.DataFrame | None


class Migration(Protocol):
    """Who moved, and what money moved."""

    moves: pd.DataFrame
    segments: tuple[str, ...]
    floors: tuple[float, float] | None
    first: str
    second: str
    worth: pd.DataFrame
    drift: dict[str, float] | None
    changes: pd.DataFrame


class Scenarios(Protocol):
    """Value under changed conditions."""

    today: pd.Series
    table: pd.DataFrame
    responses: dict[str, pd.DataFrame]
    unanswered: dict[str, str]
    past_rise: float
    mix: Mapping[str, Interval]
    change: float
