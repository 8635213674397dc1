"""What is seen of customers month by month, as columns of numbers that models take."""

from __future__ import annotations

import numpy as np
import pandas as pd

from src.models.products.exposure import RECENT, TENURES, TRAITS
from src.models.products.usage_levels import UsageLevels

LEAST = 10  # exits (or takings) of a level that gets a column; the others join the commonest
_QUARTER = 3  # months


def seen_columns(months: pd.DataFrame, levels: UsageLevels | None = None) -> pd.DataFrame:
    """Columns of numbers of the rows of `exposure.risk_months`, `held` and `left` not among them.

    A column per band of tenure, quarter of the base, state of contract and level of each trait, the
    commonest left out, such as `contract: bound`; what happened lately as it is; whether the
    customer was there when the base began, and the logarithm of the tenure then. With `levels` of
    the same lives also the mean logarithm of each measure of usage up to the month before the one
    at risk, 0 where none is seen yet, measures at mean 0, and whether none is.
    """
    left = months["left"].to_numpy()
    bands = np.append(0, TENURES)
    band = bands[np.digitize(months["tenure"], TENURES)]
    quarter = (months["month"] - months["month"].min()) // _QUARTER + 1
    named = {"tenure from": pd.Series(band), "quarter": quarter}
    named |= {name: months[name] for name in ("contract", *TRAITS) if name in months}
    columns = {
        label: column
        for name, values in named.items()
        for label, column in level_columns(name, values, left).items()
    }
    for name in ("tickets", *RECENT, "campaign"):
        if name in months and np.ptp(recent := months[name].to_numpy("float64")) > 0:
            columns[name.replace("_", " ")] = recent
    old = months["old_months"].to_numpy("float64")
    if (old > 0).any() and (old == 0).any():
        columns["there at first"] = (old > 0).astype(float)
    if (old > 0).any():
        columns["log tenure at first"] = np.log1p(old)
    if levels is not None:
        columns |= _usage_columns(months, levels)
    return pd.DataFrame(columns, index=months.index)


def level_columns(name: str, values: pd.Series, happened: np.ndarray) -> dict[str, np.ndarray]:
    """A column of 0 and 1 per level in which it `happened` to ten rows, but the commonest.

    >>> levels = pd.Series(["a", "b", "a"] * 10)
    >>> level_columns("trait", levels, np.ones(30, dtype=bool))["trait: b"][:3].tolist()
    [0.0, 1.0, 0.0]
    """
    codes, names = pd.factorize(values, sort=True)
    often = np.bincount(codes, happened, len(names)) >= LEAST
    often[np.bincount(codes, minlength=len(names)).argmax()] = False
    return {
        f"{name}: {names[place]}": (codes == place).astype(float) for place in np.flatnonzero(often)
    }


def _usage_columns(months: pd.DataFrame, levels: UsageLevels) -> dict[str, np.ndarray]:
    before = months["month"].to_numpy() - 1 - levels.first
    to_date = levels.to_date[months["customer"].to_numpy(), before]
    is_unseen = ~np.isfinite(to_date)
    centred = np.where(is_unseen, 0.0, to_date - np.nanmean(to_date, axis=0))
    columns = {
        f"usage: {name}".replace("_", " "): centred[:, place]
        for place, name in enumerate(levels.names)
    }
    if is_unseen.all(axis=1).any():
        columns["no usage yet"] = is_unseen.all(axis=1).astype(float)
    return columns
