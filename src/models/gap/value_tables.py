"""Tables of customer value: by group, by tenure, at other settings, and at risk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from src.data.problems import InputError
from src.models.gap.value_intervals import Members
from src.models.intervals.numbers import check_columns
from src.models.value.discounting import discounts


def refuse_one_group(rows: pd.DataFrame, by: str, names: Sequence[str]) -> None:
    """Raise `InputError` unless each of the two `names` is a value of the column `by`."""
    check_columns(rows, [by])
    here = sorted(map(str, rows[by].dropna().unique()))
    missing = [name for name in names if name not in here]
    if missing:
        raise InputError(
            f"two groups are compared, but no customer is of {by} {' or '.join(missing)}; the base "
            f"has {', '.join(here)}"
        )


def gap_at(groups: Mapping[str, Members], first: str, months: int, annual_rate: float) -> float:
    """The gap of mean LTV at another horizon, at most that of the members, or discount."""
    means = {}
    for name, group in groups.items():
        today = discounts(months, annual_rate) * group.model.margin.drift(months)
        means[name] = float((group.money["margin"] * (group.survival(months) @ today)).mean())
    other = next(name for name in means if name != first)
    return means[first] - means[other]


def constant_churn_value(
    group: Members, lives: pd.DataFrame, annual_rate: float = 0.12
) -> pd.Series:
    """The LTV of each customer if all left at the mean rate, whatever their tenure.

    Own money as in the main estimate, so that only staying differs: the chance to be there in month
    t is (1 - c)^t, c being exits over months watched of `lives` (`duration`, `ended`, `entry`).
    Indexed by customer.
    """
    months = group.hazards.shape[1]
    churn = lives["ended"].sum() / (lives["duration"] - lives["entry"]).sum()
    stays = (1 - churn) ** np.arange(1, months + 1)
    today = discounts(months, annual_rate) * group.model.margin.drift(months)
    value = group.money["margin"] * float(stays @ today)
    return pd.Series(value, group.worth["customer_id"].to_numpy())


def means_by(
    worth: pd.DataFrame,
    by: str,
    rng: np.random.Generator,
    *,
    min_cell: int = 10,
    replicates: int = 2_000,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Mean LTV (`margin`) at each level of `by`, with percentile intervals over customers.

    Returns `by`, `customers`, `mean`, `low`, `high`, `share` of the value of all. Levels of fewer
    than `min_cell` customers are left out. Where few customers hold the money the interval is too
    short; errors of the models are not in it.
    """
    rows = []
    for level, part in worth.groupby(by, observed=True):
        if len(part) < min_cell:
            continue
        money = part["margin"].to_numpy(float)
        drawn = rng.choice(money, (replicates, len(money))).mean(axis=1)
        low, high = np.quantile(drawn, [(1 - confidence) / 2, (1 + confidence) / 2])
        share = money.sum() / worth["margin"].sum()
        is_whole = isinstance(level, float) and level.is_integer()
        name = f"{level:.0f}" if is_whole else str(level)
        rows.append((name, len(part), money.mean(), low, high, share))
    return pd.DataFrame(rows, columns=[by, "customers", "mean", "low", "high", "share"])


def by_band(
    values: Mapping[str, ArrayLike],
    band: pd.Series,
    group: pd.Series,
    which: str,
    min_cell: int = 1,
) -> pd.DataFrame:
    """Mean value of the customers of group `which` per band: `band`, `estimator`, `value`.

    `values` by name of the estimator, in the order of the rows of `band` and `group`. Bands of
    fewer than `min_cell` customers of the group are left out.
    """
    own = (group == which).to_numpy()
    sizes = band[own].value_counts()
    own &= band.isin(sizes.index[sizes >= min_cell]).to_numpy()
    parts = []
    for name, value in values.items():
        money = pd.Series(np.asarray(value, float)[own])
        means = money.groupby(band[own].to_numpy(), observed=True).mean()
        parts.append(pd.DataFrame({"band": means.index, "estimator": name, "value": means.values}))
    return pd.concat(parts, ignore_index=True)


def value_at_risk(value: np.ndarray, chance: np.ndarray) -> np.ndarray:
    """(customers,): the chance to leave x value (money); nothing where the value is below 0.

    >>> value_at_risk(np.array([90.0, -10.0]), np.array([0.1, 0.1])).tolist()
    [9.0, 0.0]
    """
    return np.maximum(value, 0) * chance


def top_share_at_risk(value: np.ndarray, chance: np.ndarray, top: int = 10) -> float:
    """The part of the value at risk, chance to leave x value, that the `top` customers hold.

    >>> top_share_at_risk(np.array([90.0, 10.0]), np.array([0.1, 0.1]), top=1)
    0.9
    """
    risk = np.sort(value_at_risk(value, chance))[::-1]
    if not risk.sum() > 0:
        raise InputError("no value is at risk, so nobody can hold a part of it")
    return float(risk[:top].sum() / risk.sum())
