"""What the steps of a study of segments answer, where it is more than one frame."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from src.models.intervals.proportions import Estimate


@dataclass(frozen=True)
class Terms:
    """Names and limits that belong beside any figure of the study.

    `kind` of base; `currency`; `money`: what is counted, such as revenue; `frequency`: what is
    counted as often; `months` of both; `at`, the last month, such as `2025-12`; `apart`: months
    between the two dates of migration; `periods` of them that a value counts; `rate`: the yearly
    discount; `customer`: the word for one; `change` of the scenarios; `assumed_margin`: the share
    of revenue taken for margin, None where costs are known; `confidence` of intervals; `min_cell`;
    `is_simulated`.
    """

    kind: str
    currency: str
    money: str
    frequency: str
    months: int
    at: str
    apart: int
    periods: int
    rate: float
    customer: str
    change: float
    assumed_margin: float | None
    confidence: float
    min_cell: int
    is_simulated: bool


@dataclass(frozen=True)
class Golden:
    """The golden customers, AX and AY.

    `customers`, `share` of all, `money` of the months that count, `money_share` with its interval;
    `at_risk`: their value at risk (money, with its interval; None where not known),
    `at_risk_share` of that of all, with its interval; `churn`: frame `group` (golden, others),
    `customers`, `rate`, `low`, `high`: who was gone a span after, of those who were golden then and
    of the others; None where nobody leaves, as in a shop.
    """

    customers: int
    share: float
    money: float
    money_share: Estimate
    at_risk: Estimate | None
    at_risk_share: Estimate | None
    churn: pd.DataFrame | None


@dataclass(frozen=True)
class Migration:
    """Who moved between two dates, and what money moved.

    `moves`: frame of `migration.moves`; `segments`: in order, the best first; `floors`: the least
    money of A and of B on the first date; None where segments are not classes of money; `first`,
    `second`: the months; `worth`: frame of `markov.values_by_segment`; `drift`: of `markov.drift`
    of the two halves of the span, None where the base is too short; `changes`: frame `before`,
    `after`, `customers`, `money_before`, `money_after`, `money` (after less before) of the moves of
    one segment to another, to gone and from new, the largest change of money first.
    """

    moves: pd.DataFrame
    segments: tuple[str, ...]
    floors: tuple[float, float] | None
    first: str
    second: str
    worth: pd.DataFrame
    drift: dict[str, float] | None
    changes: pd.DataFrame


@dataclass(frozen=True)
class Scenarios:
    """What becomes of value under changed conditions.

    `today`: the value of each segment and of all, by name; `table`: frame of `scenarios.scenarios`;
    `responses`: frames of `price_response` by segment; `unanswered`: why, by segment, nothing is
    known of what a rise does; `past_rise`: the mean rise of the past, 0.07 for 7 %; `mix`: by name
    of the segment, how far the value moves when it has relatively more of the customers by
    `change`; `change`.
    """

    today: pd.Series
    table: pd.DataFrame
    responses: dict[str, pd.DataFrame]
    unanswered: dict[str, str]
    past_rise: float
    mix: dict[str, Estimate]
    change: float
