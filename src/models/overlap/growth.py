"""Where the overlap can grow: buyers who are no subscribers, and subscribers who do not buy."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy.stats import norm, t

from src.models.intervals.numbers import check_columns
from src.models.intervals.proportions import Estimate
from src.models.intervals.ratios import ratio_of_means
from src.models.overlap.shares import STRATA, sample_of, stratified

LEAST_SPENDING = 10  # checked accounts of a stratum that spent, for its money to be divided


def strangers_money(
    accounts: pd.DataFrame,
    checks: pd.DataFrame,
    subscribers: pd.Index,
    money: Sequence[str],
    confidence: float = 0.95,
) -> pd.DataFrame:
    """What buyers who are no subscribers spend.

    `accounts`: `buyer_key`, `customer_id` (the link) and the columns `money`, sums of each account.
    Returns a row per column of money: `what`, `total`, `strangers` with `low` and `high`, `share`.
    In each stratum of links the money of strangers over all money is taken from the accounts that
    were looked up (a ratio of means, its error by the delta method times the root of
    1 - checked / accounts), and multiplied with the money of the stratum, which is known. Where
    fewer than `LEAST_SPENDING` of a stratum's looked-up accounts spent anything, its ratio is that
    of the first column, and where that has none the interval is missing. Money has a heavy tail:
    with few checks intervals are too short.

    Assumes what `src.models.overlap.shares.overlap` does. Raises `InputError` without a check.
    """
    check_columns(accounts, ["buyer_key", "customer_id", *money])
    sample = sample_of(accounts, checks, subscribers)
    accounts = sample.accounts
    spent_by_each = accounts.loc[sample.true.index, list(money)].clip(lower=0)
    is_stranger = ~sample.is_subscriber.to_numpy()
    z = float(norm.ppf((1 + confidence) / 2))
    sums = dict.fromkeys(money, 0.0)
    variances = dict.fromkeys(money, 0.0)
    for name in STRATA:
        here = sample.stratum == name
        seen = (sample.strata == name).to_numpy()
        if not here.any():
            continue
        shrink = 1 - seen.sum() / here.sum()
        whole = Estimate(np.nan, np.nan, np.nan)
        for column in money:
            spent = spent_by_each.loc[seen, column].to_numpy(float)
            if (spent > 0).sum() >= LEAST_SPENDING:
                of_them = spent * is_stranger[seen]
                ratio = ratio_of_means(of_them, spent, confidence)
                whole = ratio if column == money[0] else whole
            else:
                ratio = whole
            total = float(accounts.loc[here, column].sum())
            if total == 0:
                continue
            sums[column] += total * ratio.value
            variances[column] += shrink * (total * (ratio.high - ratio.value) / z) ** 2
    rows = []
    for column in money:
        total, value, error = accounts[column].sum(), sums[column], z * np.sqrt(variances[column])
        low, high = np.clip([value - error, value + error], 0, max(total, 0))
        rows.append((column, float(total), value, low, high, value / total if total else np.nan))
    names = ["what", "total", "strangers", "low", "high", "share"]
    return pd.DataFrame(rows, columns=names)


def idle_subscribers(
    accounts: pd.DataFrame,
    checks: pd.DataFrame,
    subscribers: pd.DataFrame,
    by: str,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Subscribers who do not buy, by group: how many, corrected for missed and false links.

    `subscribers`: `customer_id` and the column `by`; `accounts` with `money`, the sum of each.
    Returns `group`, `subscribers`, `buying`, `idle` with `idle_low`, `idle_high`, `idle_share`, and
    `spend`, `spend_low`, `spend_high`: the mean money of those of the group who are linked and buy,
    by account (Student's interval; missing for fewer than two). Groups with most idle ones first.

    An account of a group's subscriber is found at the rate of the looked-up accounts of each
    stratum; see `src.models.overlap.shares`. What idle ones would spend is not what buyers do: who
    buys wanted to. Raises `InputError` without a check.
    """
    check_columns(subscribers, ["customer_id", by])
    check_columns(accounts, ["buyer_key", "customer_id", "money"])
    group = subscribers.set_index("customer_id")[by].astype(str)
    sample = sample_of(accounts, checks, group.index)
    of_links = sample.accounts["customer_id"].map(group)
    of_true = sample.true.map(group)
    rows = []
    for name, size in group.value_counts().items():
        hits = (of_true == name) / sample.owned
        claimed = float((of_links == name).sum() / max(of_links.notna().sum(), 1))
        share = stratified(hits, sample.strata, sample.sizes, confidence, claimed)
        buying = Estimate(
            *(min(len(accounts) * end, size) for end in (share.value, share.low, share.high))
        )
        spent = sample.accounts.loc[of_links == name, "money"]
        mean, low, high = _mean(spent, confidence)
        rows.append(
            {
                "group": str(name),
                "subscribers": int(size),
                "buying": buying.value,
                "idle": size - buying.value,
                "idle_low": size - buying.high,
                "idle_high": size - buying.low,
                "idle_share": 1 - buying.value / size,
                "spend": mean,
                "spend_low": low,
                "spend_high": high,
            }
        )
    return pd.DataFrame(rows).sort_values("idle", ascending=False, ignore_index=True)


def _mean(values: pd.Series, confidence: float) -> tuple[float, float, float]:
    if len(values) < 2:
        return np.nan, np.nan, np.nan
    error = float(t.ppf((1 + confidence) / 2, len(values) - 1) * values.sem())
    mean = float(values.mean())
    return mean, mean - error, mean + error
