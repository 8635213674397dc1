"""The money that a customer brings in a month ahead, given that the customer is still there."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from src.data.problems import InputError

MONTHS = 24  # leads that the drift is read from, at most
_BLENDS = (0.0, 0.25, 0.5, 0.75, 1.0)
_FIRST_YEAR = 12
_LINE = 3  # leads that a line needs


@dataclass(frozen=True)
class Evidence:
    """What the drift was read from, by customer: `customers`, and (customers, leads) of sums.

    `later`: the money of later months; `level`: the levels that the customer had before. Sums over
    customers, weighted as a bootstrap draws them, give the drift again: see `drift_of`.
    """

    customers: pd.Index
    later: np.ndarray
    level: np.ndarray

    def __repr__(self) -> str:
        return f"Evidence: {len(self.customers):,} customers, {self.later.shape[1]} months ahead"

    def drift_of(self, weight: np.ndarray | None = None) -> tuple[float, float]:
        """Start and growth of the drift when every customer counts `weight` times."""
        times = np.ones(len(self.customers)) if weight is None else weight
        later, level = times @ self.later, times @ self.level
        is_known = (level > 0) & (later > 0)
        if not is_known.any():
            raise InputError("the money of the customers sums to nothing, so it has no drift")
        logs = np.log(later[is_known] / level[is_known])
        if is_known.sum() < _LINE:
            return float(logs.mean()), 0.0
        leads = np.arange(1, len(level) + 1)[is_known]
        growth, start = np.polyfit(leads, logs, 1, w=np.sqrt(level[is_known]))
        return float(start), float(growth)


@dataclass(frozen=True)
class MoneyAhead:
    """Expected money of each month ahead: a customer's own level times the drift of all.

    `measure`: `revenue` or `margin`; `recent`: the weight of the last three months in the level,
    the rest being that of the last twelve; `start` and `growth`: the drift of month t ahead is
    exp(start + growth t); `observed`: months ahead that the drift was read from; `evidence`: the
    sums behind it.
    """

    measure: str
    recent: float
    start: float
    growth: float
    observed: int
    evidence: Evidence = field(repr=False)

    def level(self, features: pd.DataFrame) -> np.ndarray:
        """(customers,): the level of money a month today. Unknown money counts as 0."""
        return _level(features, self.measure, self.recent)

    def drift(self, months: int) -> np.ndarray:
        """(months,): what becomes of the level among those who are still there."""
        return np.exp(self.start + self.growth * np.arange(1, months + 1))

    def ahead(self, features: pd.DataFrame, months: int) -> np.ndarray:
        """(customers, months): expected money of each month ahead, given that one is there."""
        return self.level(features)[:, None] * self.drift(months)


def bill_margins(billing: pd.DataFrame) -> pd.Series:
    """The margin of each bill in money: revenue less the cost to serve. Indexed as `billing`.

    Reads `customer_id`, `revenue`, `cost_to_serve`. An unknown cost is not 0, which would make the
    margin too high: it is the mean cost of the customer's other bills or, where none of them is
    known, the bill's revenue times the cost share of all bills with a known cost.

    Assumption: costs go missing by chance. Hand in no bills of a future that must stay unknown.
    Raises `InputError` when no bill has a known cost.
    """
    cost, revenue = billing["cost_to_serve"], billing["revenue"]
    is_known = cost.notna()
    if len(billing) and not is_known.any():
        raise InputError("no bill has a known cost_to_serve, so there is no margin")
    billed = revenue[is_known].sum()
    share = cost.sum() / billed if billed > 0 else 0.0
    own = cost.groupby(billing["customer_id"], observed=True).transform("mean")
    return revenue - cost.fillna(own).fillna(share * revenue)


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
    pairs = _pairs(features, billing, lives, measure, until)
    if pairs.empty:
        raise InputError(f"no month after a snapshot is known up to {until:%Y-%m}")
    year = pairs[pairs["lead"] <= _FIRST_YEAR]
    recent = min(_BLENDS, key=lambda weight: _error(year, weight))
    level = recent * pairs["short"] + (1 - recent) * pairs["long"]
    customers = pd.Index(pairs["customer_id"].unique())
    place = customers.get_indexer(pairs["customer_id"])
    leads = int(pairs["lead"].max())
    cell = place * leads + pairs["lead"].to_numpy() - 1
    sums = (
        np.bincount(cell, values, minlength=len(customers) * leads).reshape(-1, leads)
        for values in (pairs["money"], level)
    )
    evidence = Evidence(customers, *sums)
    start, growth = evidence.drift_of()
    return MoneyAhead(measure, recent, start, growth, leads, evidence)


def _pairs(
    features: pd.DataFrame,
    billing: pd.DataFrame,
    lives: pd.DataFrame,
    measure: str,
    until: pd.Timestamp,
) -> pd.DataFrame:
    """Snapshots and later months of the same life: `customer_id`, `lead`, `short`, `long`, `money`.

    `short` and `long` are the mean money of the last 3 and 12 months at the snapshot.
    """
    known = billing[billing["month"] <= until]
    money, places, first = _money_of_lives(known, lives, measure)
    last = _number(until) - first
    gaps = np.isnan(money).cumsum(axis=1)
    short, long = (_known(features, measure, months) for months in (3, 12))
    place = places.reindex(features["customer_id"]).to_numpy()
    now = _numbers(features["snapshot"]) - first
    rows = np.flatnonzero((now < last) & ~np.isnan(place))
    parts = []
    for lead in range(1, MONTHS + 1):
        own = rows[now[rows] + lead <= last]
        who = place[own].astype("int64")
        found = money[who, now[own] + lead]
        # Outside a life money is missing: as many missing months before both are the same life.
        is_there = ~np.isnan(found) & (gaps[who, now[own] + lead] == gaps[who, now[own]])
        is_there &= ~np.isnan(money[who, now[own]])
        own, found = own[is_there], found[is_there]
        ids = features["customer_id"].to_numpy()[own]
        parts.append(
            pd.DataFrame(
                {"customer_id": ids, "lead": lead, "short": short[own], "long": long[own]}
            ).assign(money=found)
        )
    return pd.concat(parts, ignore_index=True)


def _error(pairs: pd.DataFrame, recent: float) -> float:
    """The sum of absolute errors of a blend of levels, each lead with its own ratio of sums."""
    level = recent * pairs["short"] + (1 - recent) * pairs["long"]
    sums = pd.DataFrame({"money": pairs["money"], "level": level}).groupby(pairs["lead"]).sum()
    ratio = (sums["money"] / sums["level"]).where(sums["level"] > 0, 0.0)
    return float((pairs["money"] - pairs["lead"].map(ratio) * level).abs().sum())


def _money_of_lives(
    billing: pd.DataFrame, lives: pd.DataFrame, measure: str
) -> tuple[np.ndarray, pd.Series, int]:
    money = bill_margins(billing) if measure == "margin" else billing["revenue"]
    amount = money.to_numpy(float)
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


def _level(features: pd.DataFrame, measure: str, recent: float) -> np.ndarray:
    short, long = (_known(features, measure, months) for months in (3, 12))
    return recent * short + (1 - recent) * long


def _known(features: pd.DataFrame, measure: str, months: int) -> np.ndarray:
    return features[f"{measure}_mean_{months}m"].fillna(0).to_numpy(float)


def _number(month: pd.Timestamp) -> int:
    return month.year * 12 + month.month - 1


def _numbers(months: pd.Series) -> np.ndarray:
    return (months.dt.year * 12 + months.dt.month - 1).to_numpy()
