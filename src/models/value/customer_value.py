"""The main estimate of lifetime value: a hazard model of staying times a model of money."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from src.features.snapshots import watched_ahead
from src.models.survival.hazard import LONG_SPANS, HazardModel
from src.models.value.discounting import discounts
from src.models.value.money import MoneyAhead, money_ahead

HORIZON = 36
_EVERY = 3  # snapshots between those that the level of hazards is read from
_STEPS = 50
_LEAST = 1e-9  # months


@dataclass(frozen=True)
class HazardLevels:
    """Exits seen and exits expected, by customer and by calendar month, in each span ahead.

    `ends` and `expected`: (`customers`, `spans`); `ends_then` and `expected_then`: the same exits
    as (`calendar` months, spans); `size`: (customers,), the logarithm of revenue a month,
    standardised by `centre` and `spread`. Trees that are held back to rank well pull everybody to
    the mean: the level of a span can be off, and so can how far large customers leave less often,
    on which the mean value hangs. Both are read again from the sums: hazards of span j become
    h x a_j x exp(b size), a and b by maximum likelihood of the exits (Poisson).

    By calendar month as well, because a price rise or a competitor's wave moves everybody at once:
    how sure a level is, only months can tell, and how sure the slope is, customers.
    """

    customers: pd.Index
    ends: np.ndarray
    expected: np.ndarray
    size: np.ndarray
    centre: float
    spread: float
    calendar: pd.DatetimeIndex
    ends_then: np.ndarray
    expected_then: np.ndarray
    spans: tuple[tuple[int, int], ...]

    def __repr__(self) -> str:
        return f"HazardLevels: {len(self.customers):,} customers, {len(self.calendar)} months"

    def size_of(self, features: pd.DataFrame) -> np.ndarray:
        """(customers,): the standardised logarithm of revenue a month of customers to value."""
        return (_log_revenue(features) - self.centre) / self.spread

    def factors(
        self,
        size: np.ndarray,
        months: int,
        customers: np.ndarray | None = None,
        calendar: np.ndarray | None = None,
    ) -> np.ndarray:
        """(customers, months): what the hazards of customers of this `size` are multiplied by.

        Beyond the last span its factor goes on. `customers` and `calendar`: how often each customer
        and each calendar month counts; the slope follows the one, the levels the other. A span in
        whose months nobody is watched keeps the level of all.
        """
        slope = self._slope(np.ones(len(self.customers)) if customers is None else customers)
        tilted = np.exp(slope * self.size) @ self.expected
        levels = self.ends.sum(axis=0) / np.maximum(tilted, 1e-12)
        if calendar is not None:
            levels = levels * self._against_all(calendar)
        by_month = np.full(months, levels[-1])
        for (first, last), own in zip(self.spans, levels, strict=True):
            by_month[first - 1 : last] = own
        return np.exp(slope * size)[:, None] * by_month

    def _slope(self, times: np.ndarray) -> float:
        """The slope on size, levels fitted with it, by Newton's method."""
        ends = times @ self.ends
        slope = 0.0
        for _ in range(_STEPS):
            tilted = (times * np.exp(slope * self.size))[:, None] * self.expected
            total = np.maximum(tilted.sum(axis=0), 1e-12)
            mean = self.size @ tilted / total
            spread = self.size**2 @ tilted / total - mean**2
            gradient = (times * self.ends.sum(axis=1)) @ self.size - ends @ mean
            step = gradient / max(float(ends @ spread), 1e-9)
            slope += float(np.clip(step, -0.5, 0.5))
            if abs(step) < 1e-8:
                break
        return slope

    def _against_all(self, calendar: np.ndarray) -> np.ndarray:
        """(spans,): exits over expected ones in the months that count, against those of all."""
        ends, expected = calendar @ self.ends_then, calendar @ self.expected_then
        all_ends, all_expected = self.ends_then.sum(axis=0), self.expected_then.sum(axis=0)
        scale = expected * all_ends
        return np.divide(ends * all_expected, scale, out=np.ones(len(scale)), where=scale > 0)


@dataclass(frozen=True)
class ValueModel:
    """Staying and money of the customers of one segment, as known at one month.

    `columns`: the features that staying is read from; `hazard` sees `hazard.spans` months ahead and
    goes on level, and knows who may be gone already; `levels` bring its hazards to the exits seen
    in each span; `revenue` and `margin`
    are those of a month in which the customer is there. `others`: the hazard model and its levels
    trained again, each on another four fifths of the customers: how sure it is of who leaves.
    """

    columns: tuple[str, ...]
    hazard: HazardModel
    levels: HazardLevels = field(repr=False)
    revenue: MoneyAhead
    margin: MoneyAhead
    others: tuple[tuple[HazardModel, HazardLevels], ...] = field(default=(), repr=False)

    def __repr__(self) -> str:
        recent = f"{self.margin.recent:.0%} of the last three months in the level of margin"
        return f"ValueModel: staying from {len(self.columns)} columns, {recent}"

    def hazards(self, features: pd.DataFrame, months: int = HORIZON) -> np.ndarray:
        """(customers, months): the chance to leave in each month, before `levels`."""
        return self.hazard.hazards(features[list(self.columns)], months)

    def gone(self, features: pd.DataFrame) -> np.ndarray:
        """(customers,): the chance to have left unseen, 1 - S(0)."""
        return self.hazard.gone(features[list(self.columns)])

    def shifts(
        self, features: pd.DataFrame, months: int = HORIZON, annual_rate: float = 0.12
    ) -> list[np.ndarray]:
        """Of each of the `others`, (customers,): its discounted lifetimes less the model's own."""
        if not self.others:
            return []
        own, *rest = (
            replace(self, hazard=hazard, levels=levels).survival(features, months)
            @ discounts(months, annual_rate)
            for hazard, levels in ((self.hazard, self.levels), *self.others)
        )
        return [other - own for other in rest]

    def survival(self, features: pd.DataFrame, months: int = HORIZON) -> np.ndarray:
        """(customers, months): the chance to be there in each month ahead."""
        factors = self.levels.factors(self.levels.size_of(features), months)
        return survival_of(self.hazards(features, months), factors, self.gone(features))

    def worth(
        self, features: pd.DataFrame, survival: np.ndarray, annual_rate: float = 0.12
    ) -> pd.DataFrame:
        """What each customer is worth over the months of `survival`, discounted.

        Returns `customer_id`, `lifetime` (discounted expected months), `revenue` and `margin`
        (discounted expected money), as `src.models.value.worth` reads them. The residual LTV is the
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
                # Who surely leaves next month has no month left; a mean a month needs one.
                "lifetime": np.maximum(survival @ today, _LEAST),
                **money,
            }
        )


def survival_of(hazards: np.ndarray, factors: np.ndarray, gone: np.ndarray) -> np.ndarray:
    """(customers, months): the chance to be there, from hazards and the factors on them.

    `gone`: (customers,), the chance that the life had ended before the first month ahead.

    >>> survival_of(np.array([[0.1, 0.5]]), np.array([[1.0, 2.0]]), np.array([0.5])).tolist()
    [[0.45, 0.0]]
    """
    stays = np.cumprod(1 - np.minimum(hazards * factors, 1.0), axis=1)
    return (1 - gone)[:, None] * stays


def fit_value(
    rows: pd.DataFrame,
    billing: pd.DataFrame,
    lives: pd.DataFrame,
    columns: Sequence[str],
    until: pd.Timestamp,
    *,
    again: int = 0,
    seed: int = 0,
) -> ValueModel:
    """Learn staying and money from feature tables, bills and lives up to month `until`.

    `rows`: feature tables of one segment at several snapshots; those after `until` are not read.
    `lives`: `lifecycle.lives_as_of` of a month whose follow-up is `until`. The hazard model is
    trained `again` so many times, for `value_intervals`; to value customers once is enough. Raises
    `InputError` like the two models.
    """
    known = rows[rows["snapshot"] <= until]
    watched = watched_ahead(known, lives, until)
    taught = watched[list(columns)], watched["months_left"], watched["watched"]
    trained = []
    for place in range(again + 1):
        hazard = HazardModel(seed=seed + place, spans=LONG_SPANS)
        hazard.fit(*taught, watched["customer_id"])
        trained.append((hazard, hazard_levels(hazard, watched, columns)))
    revenue, margin = (
        money_ahead(known, billing, lives, measure, until) for measure in ("revenue", "margin")
    )
    hazard, levels = trained[0]
    return ValueModel(tuple(columns), hazard, levels, revenue, margin, tuple(trained[1:]))


def hazard_levels(
    hazard: HazardModel, watched: pd.DataFrame, columns: Sequence[str]
) -> HazardLevels:
    """Exits seen and expected in the rows of `snapshots.watched_ahead`, at every third snapshot.

    Reads `revenue_mean_12m` besides `columns`.
    """
    snapshots = np.sort(watched["snapshot"].unique())[::_EVERY]
    rows = watched[watched["snapshot"].isin(snapshots)]
    customers = pd.Index(watched["customer_id"].unique())
    place = customers.get_indexer(rows["customer_id"])
    ahead = np.arange(1, hazard.spans[-1][1] + 1)
    left = rows["months_left"].to_numpy(float)[:, None]
    is_watched = (ahead <= rows["watched"].to_numpy()[:, None]) & ~(left < ahead)
    seen = (left == ahead) & is_watched
    expected = hazard.hazards(rows[list(columns)], len(ahead)) * is_watched

    begin = pd.Timestamp(snapshots[0])
    since = (rows["snapshot"].dt.year - begin.year) * 12 + rows["snapshot"].dt.month - begin.month
    month = since.to_numpy()[:, None] + ahead - 1
    calendar = pd.date_range(begin, periods=int(month[is_watched].max()) + 2, freq="MS")[1:]
    counts = np.maximum(np.bincount(place, minlength=len(customers)), 1)
    size = np.bincount(place, _log_revenue(rows), len(customers)) / counts
    is_read = np.isin(np.arange(len(customers)), place)
    centre, spread = size[is_read].mean(), max(float(size[is_read].std()), 1e-9)
    ends, due = (_by_span(place, part, hazard.spans, len(customers)) for part in (seen, expected))
    ends_then, due_then = (
        _by_span(month, part, hazard.spans, len(calendar)) for part in (seen, expected)
    )
    standard = np.where(is_read, (size - centre) / spread, 0.0)
    sizes = (standard, float(centre), spread)
    return HazardLevels(customers, ends, due, *sizes, calendar, ends_then, due_then, hazard.spans)


def _by_span(
    place: np.ndarray, part: np.ndarray, spans: Sequence[tuple[int, int]], places: int
) -> np.ndarray:
    """(places, spans): sums of `part` (rows, months) by the place of the row, or of its months."""
    where = np.broadcast_to(place if place.ndim == 2 else place[:, None], part.shape)
    is_counted = part > 0
    return np.stack(
        [
            np.bincount(
                where[:, first - 1 : last][is_counted[:, first - 1 : last]],
                part[:, first - 1 : last][is_counted[:, first - 1 : last]],
                places,
            )
            for first, last in spans
        ],
        axis=1,
    )


def _log_revenue(features: pd.DataFrame) -> np.ndarray:
    return np.log1p(features["revenue_mean_12m"].fillna(0).clip(lower=0).to_numpy(float))
