"""The main estimate of lifetime value: a hazard model of staying times a model of money."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from src.features.snapshots import watched_ahead
from src.models.hazard import LONG_SPANS, HazardModel
from src.models.ltv import discounts
from src.models.money import MoneyAhead, money_ahead

HORIZON = 36
_EVERY = 3  # snapshots between those that the level of hazards is read from


@dataclass(frozen=True)
class HazardLevels:
    """Exits seen and exits expected, by customer and span of months ahead.

    `customers`; `ends` and `expected`: (customers, spans). Their sums say by how much the hazards
    of a span are too low, for everybody or for customers as a bootstrap draws them.
    """

    customers: pd.Index
    ends: np.ndarray
    expected: np.ndarray
    spans: tuple[tuple[int, int], ...]

    def factors(self, months: int, weight: np.ndarray | None = None) -> np.ndarray:
        """(months,): exits seen over exits expected in the span of each month ahead.

        Beyond the last span its ratio goes on. `weight`: how often each customer counts.
        """
        times = np.ones(len(self.customers)) if weight is None else weight
        ratio = (times @ self.ends) / np.maximum(times @ self.expected, 1e-12)
        found = np.full(months, ratio[-1])
        for (first, last), own in zip(self.spans, ratio, strict=True):
            found[first - 1 : last] = own
        return found


@dataclass(frozen=True)
class ValueModel:
    """Staying and money of the customers of one segment, as known at one month.

    `columns`: the features that staying is read from; `hazard` sees `hazard.spans` months ahead and
    goes on level; `levels` bring its hazards to the exits seen in each span; `revenue` and `margin`
    are those of a month in which the customer is there.
    """

    columns: tuple[str, ...]
    hazard: HazardModel
    levels: HazardLevels = field(repr=False)
    revenue: MoneyAhead
    margin: MoneyAhead

    def hazards(self, features: pd.DataFrame, months: int = HORIZON) -> np.ndarray:
        """(customers, months): the chance to leave in each month, before `levels`."""
        return self.hazard.hazards(features[list(self.columns)], months)

    def survival(self, features: pd.DataFrame, months: int = HORIZON) -> np.ndarray:
        """(customers, months): the chance to be there in each month ahead."""
        return survival_of(self.hazards(features, months), self.levels.factors(months))

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


def survival_of(hazards: np.ndarray, factors: np.ndarray) -> np.ndarray:
    """(customers, months): the chance to be there, from hazards and the factors on them.

    >>> survival_of(np.array([[0.1, 0.5]]), np.array([1.0, 2.0])).tolist()
    [[0.9, 0.0]]
    """
    return np.cumprod(1 - np.minimum(hazards * factors, 1.0), axis=1)


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
    levels = hazard_levels(hazard, watched, columns)
    money = (
        money_ahead(known, billing, lives, measure, until) for measure in ("revenue", "margin")
    )
    return ValueModel(tuple(columns), hazard, levels, *money)


def hazard_levels(
    hazard: HazardModel, watched: pd.DataFrame, columns: Sequence[str]
) -> HazardLevels:
    """Exits seen and expected in the rows of `snapshots.watched_ahead`, at every third snapshot."""
    snapshots = np.sort(watched["snapshot"].unique())[::_EVERY]
    rows = watched[watched["snapshot"].isin(snapshots)]
    customers = pd.Index(watched["customer_id"].unique())
    place = customers.get_indexer(rows["customer_id"])
    ahead = np.arange(1, hazard.spans[-1][1] + 1)
    left = rows["months_left"].to_numpy(float)[:, None]
    is_watched = (ahead <= rows["watched"].to_numpy()[:, None]) & ~(left < ahead)
    learned = hazard.hazards(rows[list(columns)], len(ahead))
    ends, expected = (
        np.stack(
            [
                np.bincount(place, part[:, first - 1 : last].sum(axis=1), len(customers))
                for first, last in hazard.spans
            ],
            axis=1,
        )
        for part in ((left == ahead) * is_watched, learned * is_watched)
    )
    return HazardLevels(customers, ends, expected, hazard.spans)
