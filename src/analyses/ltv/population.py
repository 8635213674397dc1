"""Who is valued, and how: the interface behind which panels and snapshots answer alike."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import pandas as pd

from src.analyses.missing import Missing
from src.models.gap.value_intervals import Members
from src.models.value.newcomers import Newcomers

MONTHS = "months per customer (a panel)"  # what a base of one row per customer lacks


@dataclass(frozen=True)
class Truth:
    """What a simulated base knows of its customers.

    `guesses`: as `Population.guesses`, with `actual` (hidden margin), `expected` (true expectation)
    and `oracle` (the same, of who knows no decision to leave), money; `worth`: the true frame
    `worth` at what can be known of money, with `group`.
    """

    guesses: pd.DataFrame
    worth: pd.DataFrame


class Population(Protocol):
    """The customers of two groups of a base at a setting, and what each is worth.

    `is_residual`: whether value is that of today's customers from now on, or that of a life from
    its start; `assumes_margin`: whether margins are an assumed share of revenue.
    """

    @property
    def is_residual(self) -> bool: ...  # noqa: D102
    @property
    def assumes_margin(self) -> bool: ...  # noqa: D102

    def remarks(self) -> list[str]:
        """What was done to columns and gaps before anything was valued, in sentences."""

    def worth(self) -> pd.DataFrame:
        """`customer_id`, `group`, `lifetime`, `revenue`, `margin`; see `src.models.value.worth`."""

    def replicates(self, rng: np.random.Generator) -> pd.DataFrame:
        """The bars of the gap with the whole chain run again, for `bars.replicate_intervals`."""

    def lives(self) -> pd.DataFrame:
        """`customer_id`, `group`, `duration`, `ended`, `entry`, `watched` (months)."""

    def traits(self) -> pd.DataFrame:
        """What is known of each customer, indexed by `customer_id`."""

    def tenure(self) -> pd.Series | Missing:
        """Months as a customer, in the order of `worth`; Missing where they are the outcome."""

    def acquisition_cost(self) -> pd.Series | Missing:
        """What it cost to win each customer (money), in the order of `worth`."""

    def costs(self) -> pd.Series | Missing:
        """What it cost to win each customer (money), indexed by `customer_id`."""

    def newcomers(self) -> dict[str, Newcomers] | Missing:
        """By group, the lives that were watched from their start; see `value.newcomers`."""

    def margin_so_far(self) -> pd.Series | Missing:
        """What each customer has brought (money), indexed by `customer_id`."""

    def members(self) -> dict[str, Members] | Missing:
        """Today's customers by group with their models."""

    def gap_at(self, months: int, rate: float) -> float:
        """The gap of mean LTV (money) at another horizon and discount."""

    def gap_by_freeze(self) -> pd.DataFrame | Missing:
        """`freeze_months`, `gap`: by Kaplan-Meier and mean margin, under other freeze rules."""

    def line_lives(self) -> pd.DataFrame | Missing:
        """Lines of the first group: `user_role`, `duration`, `ended`, `entry` (months)."""

    def partial_churn(self) -> pd.DataFrame | Missing:
        """Accounts and lines that left in twelve months; see `partial_churn.partial_churn`."""

    def guesses(self) -> pd.DataFrame | Missing:
        """Estimates of some months ago: `customer_id`, `segment`, `actual`, one per estimator."""

    def truth(self) -> Truth | Missing:
        """What a simulated base knows of its customers."""
