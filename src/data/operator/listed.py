"""Who is on the list of a simulated operator at the end of the panel, and what shows of them."""

from __future__ import annotations

import numpy as np
import pandas as pd

from src.data.operator.lives import Block, cumulative_baseline, expected_frailty
from src.data.operator.settings import Settings
from src.data.operator.tables import month_dates

LISTED_MONTHS = 3  # without revenue, after which nobody is on a list any more


def listed(
    settings: Settings, customers: pd.DataFrame, billing: pd.DataFrame
) -> tuple[np.ndarray, np.ndarray]:
    """Places in the block of who is on the list at the end of the panel, and months of silence."""
    ids = pd.Index(customers["customer_id"])
    end = pd.Timestamp(month_dates(settings, np.array([settings.months - 1]))[0])
    paid = billing.loc[billing["revenue"] > 0].groupby("customer_id")["month"].max().reindex(ids)
    silent = 12 * (end.year - paid.dt.year) + end.month - paid.dt.month
    has_closed = (customers["closed_month"] <= end).to_numpy()
    is_listed = (silent < LISTED_MONTHS).to_numpy() & ~has_closed
    return np.flatnonzero(is_listed), silent.to_numpy()[is_listed].astype("int64")


def observed_frailty(
    settings: Settings, block: Block, who: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Shape and rate of the hidden factor's gamma, given all that was seen up to now.

    Its mean is 1 among those who join. Who was there before the panel has survived their tenure;
    since then everybody the hazards of factor 1 in the months in which they could leave. Who came
    back had left once, which tells of a higher factor.
    """
    variance, months = block.parameters.frailty_variance, settings.months
    alive = block.alive(months)[who]
    may_leave = np.zeros_like(alive)
    may_leave[:, 1:] = alive[:, 1:] & alive[:, :-1]  # not in the first month of a life
    seen = (block.hazard[who, :months] / block.frailty[who, None] * may_leave).sum(axis=1)
    before = cumulative_baseline(block.parameters, np.maximum(-block.start[who], 0))
    came_back = block.return_start[who] < months
    return 1 / variance + came_back, 1 / variance + before + seen


def observed_gone(
    settings: Settings, block: Block, who: np.ndarray, silent: np.ndarray, gone: np.ndarray
) -> np.ndarray:
    """(customers,): the chance that a silent customer is gone, to who sees bills and usage.

    Who pauses uses a little where `pause_usage` is above 0, and a bill that is late leaves the
    usage of its month: no usage in a silent month gives the exit away. Where pauses are still as
    well, only the odds are known: of a freeze that began with the silence against a pause that has
    lasted as long, P(gone) = e / (e + p) with e the fair hazard of that month, or of the end of
    a decline, x the share of exits that freeze, p the chance that a pause begins then and has
    lasted; late bills apart.
    """
    if settings.pause_usage > 0:
        return gone
    last = settings.months - 1
    began = last - silent + 1
    age = began - block.start[who]
    intensity = block.hazard[who, began] / block.frailty[who]
    fair = -np.expm1(-intensity * expected_frailty(block.parameters, age))
    # Whose usage has been falling is known to be leaving: theirs is how long declines last.
    step = began - block.decided[who]
    leaves = leaves_at(settings)[np.clip(step, 0, max(settings.decline_months))]
    exits = np.where(step >= 1, leaves, fair * block.parameters.abrupt_share)
    exits *= block.parameters.freeze_share
    pauses = block.parameters.pause_rate * settings.pause_lasts(silent)
    is_silent = silent > 0
    odds = np.divide(exits, exits + pauses, out=np.ones(len(who)), where=exits + pauses > 0)
    return np.where(is_silent, odds, 0.0)


def leaves_at(settings: Settings) -> np.ndarray:
    """Chance that a decline ends at each number of months since the decision, if not before."""
    shares = np.zeros(max(settings.decline_months) + 1)
    shares[list(settings.decline_months)] = settings.decline_shares
    still = 1 - np.concatenate([[0], np.cumsum(shares)[:-1]])
    chances = np.divide(shares, still, out=np.zeros_like(shares), where=still > 1e-12)
    return np.minimum(chances, 1)  # the last month may miss it by a digit
