"""All that is known of a segment's customers and their products, made ready to be compared."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from src.data.problems import InputError
from src.features.exits import before_exit
from src.features.months import month_numbers
from src.models.products.exposure import (
    Tables,
    decided,
    held_at_end,
    risk_months,
    takings,
    watched_lives,
)
from src.models.products.usage_levels import UsageLevels, usage_levels

MOST = 20_000  # customers; more are drawn from, as their exits tell enough
LAG = 4  # months from the decision to a slow exit, of declines of three to six
QUIET = 6  # months before a slow exit whose usage may be part of it
_STILL_THERE = 0.9  # of the usual bill in the month before the exit; below it an exit is slow


@dataclass(frozen=True, eq=False)
class Watch:
    """Customers of one segment, month by month.

    `lives` of `exposure.watched_lives`, `months` of `exposure.risk_months`, `waits` of
    `exposure.takings`, `levels` of `usage_levels`, None where `no_usage` says why. `lag`: how many
    months before its end an exit counts as decided.
    """

    lives: pd.DataFrame
    months: pd.DataFrame
    waits: pd.DataFrame
    levels: UsageLevels | None
    no_usage: str
    lag: int


def exits_are_slow(billing: pd.DataFrame, lives: pd.DataFrame) -> bool:
    """Whether bills have fallen in the month before the exit: at most nine tenths of the usual.

    `billing`: `customer_id`, `month`, `revenue`; `lives` of `src.features.lifecycle.lives`. The
    usual bill of a customer is that of months 12 to 7 before the exit. True when the whole 95 %
    interval of the mean lies below; nothing is said of a segment without such exits.
    """
    everybody = pd.Series("all", lives["customer_id"].unique())
    shares = before_exit(billing, "revenue", lives, everybody)
    last = shares.loc[shares["before"] == 1, "high"]
    return bool((last < _STILL_THERE).any())


def watched(lives: pd.DataFrame, tables: Tables, rng: np.random.Generator) -> Watch:
    """The customers of a segment made ready: at most 20,000, drawn with `rng`.

    `lives` of `src.features.lifecycle.lives`; `tables`: `customers` of the segment, `billing`,
    `holdings` and, where the base has them, `usage`, `lines`, `contracts`, `events`, `campaigns`,
    which may hold other customers too.

    Where exits are slow, they are decided months before they are seen, and what happens in between
    is part of leaving: all counts as it stood four months before the end, follow-up ends four
    months earlier, and usage of the last six months is not read. This blurs when an exit was
    decided, by a month or two. Only the first life of a customer counts.

    Raises `InputError` when nobody of the segment holds a product, or nobody is watched.
    """
    people = tables["customers"]
    first = int(month_numbers(tables["billing"]["month"]).min())
    months = int(month_numbers(tables["billing"]["month"]).max()) - first + 1
    own = lives[lives["customer_id"].isin(people["customer_id"])]
    lag = LAG if exits_are_slow(tables["billing"], own) else 0
    whole = watched_lives(own, people, first)
    if len(whole) > MOST:
        chosen = np.sort(rng.choice(len(whole), MOST, replace=False))
        whole = whole.iloc[chosen].reset_index(drop=True)
    if not tables["holdings"]["customer_id"].isin(whole["customer_id"]).any():
        raise InputError("nobody holds a product")
    moved = decided(whole, lag)
    levels, no_usage = None, "no table usage"
    if "usage" in tables:
        held = held_at_end(moved, tables["holdings"], first, months)
        quiet = QUIET - LAG if lag else 0
        try:
            lines = tables.get("lines")
            levels = usage_levels(moved, tables["usage"], held, first, lines=lines, quiet=quiet)
        except InputError as error:
            no_usage = str(error)
    return Watch(
        lives=moved,
        months=risk_months(moved, tables, first, months),
        waits=takings(moved, tables["holdings"]),
        levels=levels,
        no_usage="" if levels else no_usage,
        lag=lag,
    )
