"""Customers who leave in part: lines that end while the account goes on."""

from __future__ import annotations

import numpy as np
import pandas as pd

from src.models.intervals.proportions import Estimate, wilson
from src.models.intervals.ratios import ratio_of_means


def partial_churn(
    lines: pd.DataFrame,
    lives: pd.DataFrame,
    segment: pd.Series,
    until: pd.Timestamp,
    months: int = 12,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """What became in the `months` up to `until` of the lines and accounts that were there before.

    Reads `customer_id`, `start_month`, `end_month` (its last month) of `lines`; the frame of
    `lifecycle.lives`; `segment` indexed by customer. Returns per segment: `group`, `accounts`,
    `lines`, `account_churn` (share of accounts that left, `low`, `high`), `line_churn` (share of
    lines that ended), `partial_churn` (share of lines that ended though the account stayed,
    `partial_low`, `partial_high`; accounts with all their lines are what is sampled),
    `shrunk_accounts` (share of staying accounts with fewer lines than before).

    A line that ends with its account counts in `line_churn` only. Lines opened meanwhile do not
    make up for lines lost.
    """
    start = until - pd.DateOffset(months=months)
    alive = lives[(lives["start"] <= start) & ~(lives["end"] <= start)].set_index("customer_id")
    stays = ~(alive["end"] <= until)
    # The life of an account ends in the first month without it, a line in its last month.
    there = (lines["start_month"] <= start) & ~(lines["end_month"] < start)
    held = lines[there & lines["customer_id"].isin(alive.index)]
    has_ended = held["end_month"] < until
    account_stays = held["customer_id"].map(stays).astype(bool)
    frame = pd.DataFrame(
        {
            "customer_id": held["customer_id"],
            "ended": has_ended | ~account_stays,
            "partial": has_ended & account_stays,
        }
    )
    rows = []
    for name, ids in segment[segment.index.isin(alive.index)].groupby(segment):
        own_lines, own = frame[frame["customer_id"].isin(ids.index)], stays.loc[ids.index]
        share = wilson(pd.Series([int((~own).sum())]), pd.Series([len(own)]), confidence).iloc[0]
        kept = own_lines[own_lines["customer_id"].isin(own.index[own])]
        shrunk = kept.groupby("customer_id", sort=False)["partial"].any()
        each = (
            own_lines.groupby("customer_id", sort=False)["partial"]
            .agg(["sum", "size"])
            .to_numpy(float)
        )
        partial = _share_of_lines(each[:, 0], each[:, 1], confidence)
        rows.append(
            {
                "group": name,
                "accounts": len(own),
                "lines": len(own_lines),
                "account_churn": share["rate"],
                "low": share["low"],
                "high": share["high"],
                "line_churn": own_lines["ended"].mean() if len(own_lines) else np.nan,
                "partial_churn": partial.value,
                "partial_low": max(partial.low, 0.0),
                "partial_high": min(partial.high, 1.0),
                "shrunk_accounts": shrunk.mean() if len(shrunk) else np.nan,
            }
        )
    return pd.DataFrame(rows)


def _share_of_lines(ended: np.ndarray, lines: np.ndarray, confidence: float) -> Estimate:
    """The share of lines that ended, accounts being drawn: (accounts,) each."""
    if not len(lines):
        return Estimate(np.nan, np.nan, np.nan)
    found = ratio_of_means(ended, lines, confidence)
    if ended.any():
        return found
    # Where none ended nothing varies; by accounts, since lines of one account go together.
    none = wilson(pd.Series([0]), pd.Series([len(lines)]), confidence).iloc[0]
    return Estimate(found.value, 0.0, float(none["high"]))


def line_lives(lines: pd.DataFrame, until: pd.Timestamp, first: pd.Timestamp) -> pd.DataFrame:
    """Lines as survival work needs them: `duration`, `ended`, `entry` (months), and all columns.

    `end_month` is the last month of a line; those that end after `until` are censored there. A line
    that began before `first`, the first month of the data, is watched from then on.
    """
    begins, ends = (
        lines[name].dt.year * 12 + lines[name].dt.month for name in ("start_month", "end_month")
    )
    last, opening = (at.year * 12 + at.month for at in (until, first))
    ended = (ends < last).fillna(False)
    duration = np.where(ended, ends - begins + 1, last - begins)
    entry = np.maximum(opening - begins, 0)
    known = lines.assign(duration=duration, ended=ended, entry=entry)
    return known[(known["duration"] > 0) & (known["duration"] >= known["entry"])]
