"""How much each customer uses, apart from the season, the lines and the products held."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from src.data.problems import InputError
from src.features.months import month_numbers
from src.models.products.exposure import held_at_end

_LEAST_SHARE = 0.5  # of a measure's cells above 0, for its logarithm to stand for it
_LEAST_CUSTOMERS = 30  # seen in two months at least


@dataclass(frozen=True, eq=False)
class UsageLevels:
    """Logarithms of usage, cleaned. The arrays have a place for each measure of `names`.

    `first` is the month of the first column of those by month.

    `level` and `seen` (customers, measures): mean and number of months; missing where none was
    seen. `noise` (measures): the variance of one month about a customer's level. `to_date`
    (customers, months, measures): the mean of the months up to each; missing where there are none.
    """

    names: tuple[str, ...]
    first: int
    level: np.ndarray
    seen: np.ndarray
    noise: np.ndarray
    to_date: np.ndarray


def usage_levels(
    lives: pd.DataFrame,
    usage: pd.DataFrame,
    held: np.ndarray,
    first: int,
    *,
    lines: pd.DataFrame | None = None,
    quiet: int = 0,
) -> UsageLevels:
    """The level of each measure of usage per customer, over the months before the last one watched.

    `lives` of `exposure.watched_lives`; `usage`: `customer_id`, `month` and measures; `held` of
    `held_at_end`; `lines`, where known: their usage is shared by all of them. The last `quiet`
    months before `last` are not read: who leaves slowly uses less in them.

    The logarithm is taken off month by month what everybody's usage did, and what changed with the
    products held and the lines of the same customer (regression with an effect per customer and
    month): a product that makes people use more is no sign of habit. Cells of 0 have no logarithm
    and are left out; a measure with more of them than others is left out as a whole.

    Raises `InputError` when no measure is left.
    """
    months = held.shape[1]
    who = pd.Index(lives["customer_id"]).get_indexer(usage["customer_id"])
    month = month_numbers(usage["month"]).to_numpy()
    start, until = lives["start"].to_numpy(), lives["last"].to_numpy() - quiet
    keep = (who >= 0) & (month >= start[who]) & (month < until[who])
    place, rows = who[keep] * months + month[keep] - first, usage[keep]
    drivers = [held.astype("float64")]
    if lines is not None:
        running = held_at_end(lives, lines, first, months)
        drivers.append(np.log(np.maximum(running, 1)))
    names, found = [], []
    for name in rows.columns.difference(["customer_id", "month"], sort=False):
        if not pd.api.types.is_numeric_dtype(rows[name]):
            continue
        amount = rows[name].to_numpy("float64", na_value=np.nan)
        is_used = amount > 0
        if is_used.sum() <= _LEAST_SHARE * np.isfinite(amount).sum():
            continue
        value = np.full(held.shape, np.nan)
        np.put(value, place[is_used], np.log(amount[is_used]))
        cleaned = _cleaned(value, drivers)
        if cleaned is not None:
            names.append(str(name))
            found.append(_to_date(*cleaned))
    if not names:
        raise InputError("no measure of usage is above 0 for enough customers and months")
    level, seen, noise, to_date = zip(*found, strict=True)
    return UsageLevels(
        tuple(names),
        first,
        np.column_stack(level),
        np.column_stack(seen),
        np.array(noise),
        np.stack(to_date, axis=2),
    )


def _cleaned(value: np.ndarray, drivers: list[np.ndarray]) -> tuple[np.ndarray, float] | None:
    """(customers, months) without season and drivers, and the variance of a month about a level.

    None where too few customers are seen twice. Least squares within customers: all is taken from
    its mean over the customer's months.
    """
    is_seen = np.isfinite(value)
    count = is_seen.sum(axis=1, keepdims=True)
    if (count > 1).sum() < _LEAST_CUSTOMERS:
        return None
    weight = is_seen / np.maximum(count, 1)

    def inside(grid: np.ndarray) -> np.ndarray:
        return np.where(is_seen, grid - (weight * np.where(is_seen, grid, 0)).sum(1)[:, None], 0.0)

    columns = [inside(driver) for driver in drivers]
    own = inside(value)
    # Dummies of months have a product with anything that is its sum over customers, month by month.
    of_months = np.diag(is_seen.sum(axis=0).astype(float)) - is_seen.T.astype(float) @ weight
    mixed = np.array([column.sum(axis=0) for column in columns])
    inner = np.array([[(one * other).sum() for other in columns] for one in columns])
    normal = np.block([[inner, mixed], [mixed.T, of_months]])
    target = np.append([(column * own).sum() for column in columns], own.sum(axis=0))
    # Season has one effect too many and drivers may not move: the shortest solution is taken.
    effect = np.linalg.pinv(normal, rcond=1e-9) @ target
    explained = sum(
        (slope * driver for slope, driver in zip(effect, drivers, strict=False)),
        np.broadcast_to(effect[len(drivers) :], value.shape),
    )
    cleaned = value - explained
    free = max(int(is_seen.sum() - (count > 0).sum()) - len(effect), 1)
    return cleaned, float((inside(cleaned) ** 2).sum() / free)


def _to_date(cleaned: np.ndarray, noise: float) -> tuple[np.ndarray, np.ndarray, float, np.ndarray]:
    """Level, months seen and noise of a measure, and its mean up to each month."""
    seen = np.isfinite(cleaned).cumsum(axis=1)
    with np.errstate(invalid="ignore"):
        to_date = np.where(seen > 0, np.nan_to_num(cleaned).cumsum(axis=1) / seen, np.nan)
    return to_date[:, -1], seen[:, -1], noise, to_date
