"""The money that a customer brings in a month ahead, given that the customer is still there."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from src.data.problems import InputError

MONTHS = 24  # leads that the drift is read from, at most
_BLENDS = (0.0, 0.25, 0.5, 0.75, 1.0)
_FIRST_YEAR = 12


@dataclass(frozen=True)
class MoneyAhead:
    """Expected money of each month ahead: a customer's own level times the drift of all.

    `measure`: `revenue` or `margin`; `recent`: the weight of the last three months in the level,
    the rest being that of the last twelve; `start` and `growth`: the drift of month t ahead is
    exp(start + growth t); `observed`: months ahead that the drift was read from.
    """

    measure: str
    recent: float
    start: float
    growth: float
    observed: int

    def level(self, features: pd.DataFrame) -> np.ndarray:
        """(customers,): the level of money a month today. Unknown money counts as 0."""
        return _level(features, self.measure, self.recent)

    def drift(self, months: int) -> np.ndarray:
        """(months,): what becomes of the level among those who are still there."""
        return np.exp(self.start + self.growth * np.arange(1, months + 1))

    def ahead(self, features: pd.DataFrame, months: int) -> np.ndarray:
        """(customers, months): expected money of each month ahead, given that one is there."""
        return self.level(features)[:, None] * self.drift(months)


def money_ahead(
    features: pd.DataFrame,
    billing: pd.DataFrame,
    lives: pd.DataFrame,
    measure: str,
    until: pd.Timestamp,
) -> MoneyAhead:
    """Fit the level and the drift on what followed earlier snapshots, up to month `until`.

    Reads `customer_id`, `snapshot`, `<measure>_mean_3m` and `<measure>_mean_12m` of `features`;
    `customer_id`, `month`, `revenue`, and `cost_to_serve` for the margin, of `billing`; `lives` of
    `src.features.lifecycle.lives`. Pairs are a snapshot and a later month in which the same life
    was running; a month of it without a bill brought 0.

    The drift of lead t is the sum of the money t months later over the sum of the levels: a ratio
    of sums, so totals come out right and large customers count with their money. A line through its
    logarithm, weighted by the levels, smooths it. The weight of the last three months is that of
    the smallest sum of absolute errors over a year.

    Assumption: all customers of the frame drift alike, and go on as in the months seen; hand in one
    segment. It fails where growth was an event, such as one price rise, and where a few accounts
    hold most of the money: their luck is the drift. Raises `InputError` when no later month is
    known or the levels sum to nothing.
    """
    money, places, first = _money_of_lives(billing, lives, measure)
    last = _number(until) - first
    later: dict[int, list[tuple[np.ndarray, pd.DataFrame]]] = {}
    for at, rows in features[features["snapshot"] < until].groupby("snapshot"):
        rows = rows[rows["customer_id"].isin(places.index)]
        place = places.loc[rows["customer_id"]].to_numpy()
        now = _number(pd.Timestamp(at)) - first
        for lead in range(1, min(MONTHS, last - now) + 1):
            found = money[place, now + lead]
            is_there = ~np.isnan(found) & ~np.isnan(money[place, now])
            later.setdefault(lead, []).append((found[is_there], rows[is_there]))
    if not later:
        raise InputError(f"no month after a snapshot is known up to {until:%Y-%m}")
    ratios = {weight: _ratios(later, measure, weight) for weight in _BLENDS}
    recent = min(_BLENDS, key=lambda weight: ratios[weight]["error"].iloc[:_FIRST_YEAR].sum())
    table = ratios[recent]
    if not (table["ratio"] > 0).all():
        raise InputError(f"the {measure} of the customers sums to nothing, so it has no drift")
    leads = table.index.to_numpy(float)
    growth, start = np.polyfit(leads, np.log(table["ratio"]), 1, w=np.sqrt(table["level"]))
    if len(leads) < 3:
        start, growth = float(np.log(table["ratio"]).mean()), 0.0
    return MoneyAhead(measure, recent, float(start), float(growth), int(leads[-1]))


def money_per_month(
    billing: pd.DataFrame, lives: pd.DataFrame, measure: str
) -> tuple[np.ndarray, pd.Index, pd.Timestamp]:
    """(customers, months) of money while a life runs, missing outside; customers; first month.

    A month of a life without a bill brought 0. Arguments as in `money_ahead`.
    """
    money, places, first = _money_of_lives(billing, lives, measure)
    start = pd.Timestamp(year=first // 12, month=first % 12 + 1, day=1)
    return money, places.index, start


def _money_of_lives(
    billing: pd.DataFrame, lives: pd.DataFrame, measure: str
) -> tuple[np.ndarray, pd.Series, int]:
    amount = billing["revenue"].to_numpy(float)
    if measure == "margin":
        amount = amount - billing["cost_to_serve"].fillna(0).to_numpy(float)
    numbers = _numbers(billing["month"])
    first, last = int(numbers.min()), int(numbers.max())
    ids = pd.Index(lives["customer_id"].unique(), name="customer_id")
    places = pd.Series(np.arange(len(ids)), ids)
    shape = (len(ids), last - first + 1)
    billed = np.zeros(shape)
    is_known = billing["customer_id"].isin(ids).to_numpy()
    rows = places.loc[billing.loc[is_known, "customer_id"]].to_numpy()
    np.add.at(billed, (rows, numbers[is_known] - first), amount[is_known])
    is_running = np.zeros(shape, dtype=bool)
    month = np.arange(shape[1])
    begins = _numbers(lives["start"]) - first
    known_end = lives["end"].fillna(lives["start"])
    ends = np.where(lives["end"].isna(), shape[1], _numbers(known_end) - first)
    own = places.loc[lives["customer_id"]].to_numpy()
    running = (month >= begins[:, None]) & (month < ends[:, None])
    np.logical_or.at(is_running, own, running)
    return np.where(is_running, billed, np.nan), places, first


def _ratios(
    later: dict[int, list[tuple[np.ndarray, pd.DataFrame]]], measure: str, recent: float
) -> pd.DataFrame:
    """By lead: the ratio of sums, the sum of levels, and the sum of absolute errors."""
    rows = {}
    for lead, parts in sorted(later.items()):
        found = np.concatenate([money for money, _ in parts])
        level = np.concatenate([_level(frame, measure, recent) for _, frame in parts])
        if not level.sum() > 0:
            continue
        ratio = found.sum() / level.sum()
        rows[lead] = (ratio, level.sum(), np.abs(found - ratio * level).sum())
    return pd.DataFrame.from_dict(rows, orient="index", columns=["ratio", "level", "error"])


def _level(features: pd.DataFrame, measure: str, recent: float) -> np.ndarray:
    short, long = (
        features[f"{measure}_mean_{months}m"].fillna(0).to_numpy(float) for months in (3, 12)
    )
    return recent * short + (1 - recent) * long


def _number(month: pd.Timestamp) -> int:
    return month.year * 12 + month.month - 1


def _numbers(months: pd.Series) -> np.ndarray:
    return (months.dt.year * 12 + months.dt.month - 1).to_numpy()
