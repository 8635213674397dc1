"""The main estimate of lifetime value: a hazard model of staying times a model of money."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from src.features.snapshots import watched_ahead
from src.models.hazard import LONG_SPANS, HazardModel
from src.models.ltv import discounts
from src.models.money import MoneyAhead, money_ahead

HORIZON = 36


@dataclass(frozen=True)
class ValueModel:
    """Staying and money of the customers of one segment, as known at one month.

    `columns`: the features that staying is read from; `hazard` sees `hazard.spans` months ahead
    and goes on level; `revenue` and `margin` are those of a month in which the customer is there.
    """

    columns: tuple[str, ...]
    hazard: HazardModel
    revenue: MoneyAhead
    margin: MoneyAhead

    def survival(self, features: pd.DataFrame, months: int = HORIZON) -> np.ndarray:
        """(customers, months): the chance to be there in each month ahead."""
        return np.cumprod(1 - self.hazard.hazards(features[list(self.columns)], months), axis=1)

    def worth(
        self, features: pd.DataFrame, survival: np.ndarray, annual_rate: float = 0.12
    ) -> pd.DataFrame:
        """What each customer is worth over the months of `survival`, discounted.

        Returns `customer_id`, `lifetime` (discounted expected months), `revenue` and `margin`
        (discounted expected money), as `src.models.worth` reads them. The residual LTV is the
        `margin`: the sum over t of S(t) x E[margin of month t given that one is there] /
        (1 + r)^(t/12).
        """
        months = survival.shape[1]
        today = discounts(months, annual_rate)
        money = {
            model.measure: model.level(features) * (survival @ (today * model.drift(months)))
            for model in (self.revenue, self.margin)
        }
        return pd.DataFrame(
            {
                "customer_id": features["customer_id"].to_numpy(),
                "lifetime": survival @ today,
                **money,
            }
        )


def fit_value(
    rows: pd.DataFrame,
    billing: pd.DataFrame,
    lives: pd.DataFrame,
    columns: Sequence[str],
    until: pd.Timestamp,
    *,
    seed: int = 0,
) -> ValueModel:
    """Learn staying and money from feature tables, bills and lives up to month `until`.

    `rows`: feature tables of one segment at several snapshots; those after `until` are not read.
    `until` is at most the end of follow-up. Raises `InputError` like the two models.
    """
    known = rows[rows["snapshot"] < until]
    watched = watched_ahead(known, lives, until)
    hazard = HazardModel(seed=seed, spans=LONG_SPANS).fit(
        watched[list(columns)], watched["months_left"], watched["watched"], watched["customer_id"]
    )
    money = (
        money_ahead(known, billing, lives, measure, until) for measure in ("revenue", "margin")
    )
    return ValueModel(tuple(columns), hazard, *money)
