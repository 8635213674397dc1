"""What a new customer brings, by age of the life, and when the cost of winning one is paid back."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from src.data.problems import InputError
from src.models.intervals.numbers import Numbers
from src.models.value.discounting import discounts
from src.models.value.money import bill_margins

LEAST = 30  # lives that an age must have been watched in


@dataclass(frozen=True)
class Newcomers:
    """Lives watched from their start: money by age, and how long each was watched.

    `customers`: who each life is of; `margin`: (lives, ages), 0 after the end; `watched`: (lives,),
    ages of which all is known. An age is counted from 0, the month of the first bill.
    """

    customers: np.ndarray
    margin: np.ndarray
    watched: np.ndarray

    def __repr__(self) -> str:
        return f"Newcomers: {len(self.watched):,} lives, up to {self.margin.shape[1]} months"

    def by_age(self, weight: np.ndarray | None = None) -> Numbers:
        """(ages,): mean margin of a life at each age, those ended counting 0; nobody's: missing.

        Each age is of the lives that were watched that long, so the youngest count where they are
        known and no survivor stands for those who left. `weight`: how often each life counts.
        """
        times = np.ones(len(self.watched)) if weight is None else weight
        is_watched = np.arange(self.margin.shape[1]) < self.watched[:, None]
        lives = times @ is_watched
        money = times @ np.where(is_watched, self.margin, 0.0)
        return np.divide(money, lives, out=np.full(len(lives), np.nan), where=lives > 0)


def newcomers(
    billing: pd.DataFrame, lives: pd.DataFrame, *, months: int, least: int = LEAST
) -> Newcomers:
    """The lives that began after the first month of `billing`, with their margin by age.

    Reads `customer_id`, `month`, `revenue`, `cost_to_serve` of `billing` and the frame of
    `lifecycle.lives_as_of` its last month. Ages go up to `months`, or as far as `least` lives were
    watched. A life that ended has no money from then on, whatever its customer brings in a later
    one. Raises `InputError` where fewer than `least` lives began.
    """
    first, last = _number(billing["month"].min()), _number(billing["month"].max())
    begins = _numbers(lives["start"])
    fresh = lives[begins > first].reset_index(drop=True)
    begins = _numbers(fresh["start"]).to_numpy()
    watched = last - begins + 1
    ages = min(months, int(np.sort(watched)[::-1][least - 1])) if len(fresh) >= least else 0
    if not ages:
        raise InputError(f"only {len(fresh):,} lives began in these months; {least} are needed")
    bills = billing.assign(margin=bill_margins(billing), at=_numbers(billing["month"]))
    places = fresh[["customer_id"]].assign(
        life=fresh.index, begin=begins, end=_numbers(fresh["end"])
    )
    bills = bills[["customer_id", "at", "margin"]].merge(places, on="customer_id")
    age = bills["at"] - bills["begin"]
    is_own = (age >= 0) & (age < ages) & ~(bills["at"] >= bills["end"])
    cell = bills.loc[is_own, "life"] * ages + age[is_own]
    margin = np.bincount(cell.astype("int64"), bills.loc[is_own, "margin"], len(fresh) * ages)
    return Newcomers(
        fresh["customer_id"].to_numpy(), margin.reshape(-1, ages), np.minimum(watched, ages)
    )


def payback_month(margin: Numbers, cost: float, annual_rate: float = 0.12) -> float:
    """The first month in which the discounted margin of a life has paid the `cost`; inf if never.

    `margin`: (months,), what a new life brings by age, the first bill being month 1.

    >>> payback_month(np.array([10.0, 9.0, 8.0]), 15.0, annual_rate=0.0)
    2.0
    """
    earned = np.cumsum(margin * discounts(len(margin), annual_rate))
    reached = np.flatnonzero(earned >= cost)
    return float(reached[0] + 1) if len(reached) else np.inf


def payback_row(
    group: str,
    lives: Newcomers,
    cost: pd.Series,
    rng: np.random.Generator,
    annual_rate: float = 0.12,
    *,
    replicates: int = 500,
    confidence: float = 0.95,
) -> dict[str, object]:
    """What a new customer brings against what it costs to win one.

    `cost`: acquisition cost (money) indexed by customer; missing where not known. Returns `group`,
    `lives`, `months` (ages that were watched), `ltv` (discounted margin of these months, a mean of
    all who started, `ltv_low`, `ltv_high`), `cost` (mean of those known), `times` (ltv over cost)
    with `low`, `high`, `month` of payback with `month_low`, `month_high` (inf: not within the
    months watched). Intervals are of other customers, drawn with all their lives (percentiles).
    Raises `InputError` when no cost is known, or they sum to nothing.
    """
    paid = cost.reindex(lives.customers).to_numpy(float)
    is_known = ~np.isnan(paid)
    if not (is_known.any() and paid[is_known].sum() > 0):
        raise InputError(f"{group} has no acquisition cost, so nothing is to be paid back")
    codes, names = pd.factorize(lives.customers)
    today = discounts(lives.margin.shape[1], annual_rate)

    def figures(times: np.ndarray | None) -> tuple[float, float, float, float]:
        weight = np.ones(len(codes)) if times is None else times[codes].astype(float)
        margin = lives.by_age(weight)
        # Others among whom no cost is known tell nothing of it: that of all stands.
        counts = weight[is_known] if weight[is_known].any() else None
        mean = float(np.average(paid[is_known], weights=counts))
        ltv = float(margin @ today)
        return ltv, mean, ltv / mean, payback_month(margin, mean, annual_rate)

    size = len(names)
    drawn = [
        figures(np.bincount(rng.integers(0, size, size), minlength=size)) for _ in range(replicates)
    ]
    ends = [(1 - confidence) / 2, (1 + confidence) / 2]
    low, high = np.quantile(np.array(drawn), ends, axis=0, method="inverted_cdf")
    ltv, mean, times, month = figures(None)
    return {
        "group": group,
        "lives": len(codes),
        "months": lives.margin.shape[1],
        "ltv": ltv,
        "ltv_low": low[0],
        "ltv_high": high[0],
        "cost": mean,
        "times": times,
        "low": low[2],
        "high": high[2],
        "month": month,
        "month_low": low[3],
        "month_high": high[3],
    }


def _number(month: pd.Timestamp) -> int:
    return month.year * 12 + month.month


def _numbers(months: pd.Series) -> pd.Series:
    return months.dt.year * 12 + months.dt.month
