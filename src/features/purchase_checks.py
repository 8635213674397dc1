"""Logs of purchases that no model of buyers should read, and remarks on the others."""

from __future__ import annotations

import pandas as pd

from src.data.order_log import ONE_BUYER
from src.data.privacy import MIN_CELL
from src.data.problems import InputError
from src.features.purchases import PurchaseLog


def check_log(log: PurchaseLog, until: pd.Timestamp, currency: str) -> tuple[str, ...]:
    """What a reader is told of a whole log before buyers are judged on the day `until`.

    Raises `InputError` where more came back than was bought, and where `until` lies after the last
    purchase, when nobody looked, or before the first.
    """
    if log.returned > log.bought:
        raise InputError(
            f"more was returned ({log.returned:,.2f} {currency}) than bought ({log.bought:,.2f} "
            f"{currency}): look whether the signs of `amount` are turned round, and whether orders "
            "before the first return are missing"
        )
    end = pd.Timestamp(until).normalize()
    first, last = log.days["date"].min(), log.days["date"].max()
    if not first <= end <= last:
        where = "after the last" if end > last else "before the first"
        raise InputError(
            f"{end:%Y-%m-%d} lies {where} purchase; the log is of {first:%Y-%m-%d} to "
            f"{last:%Y-%m-%d}"
        )
    told = []
    if log.largest_rows >= ONE_BUYER:
        told.append(
            f"One buyer has {log.largest_rows:.0%} of all orders and {log.largest_money:.0%} of "
            "the money: most likely a test account or the collective account of a till."
        )
    if log.rows_without_buyer:
        money = log.bought + log.money_without_buyer
        told.append(
            f"{log.rows_without_buyer:,} of {log.rows:,} rows without a buyer are left out: "
            f"{log.money_without_buyer / max(money, 1e-9):.1%} of the money spent."
        )
    if log.unmatched:
        told.append(
            f"Of {log.returned:,.2f} {currency} returned, {log.unmatched:,.2f} reduce no purchase: "
            "the rule for returns finds none that could bear them."
        )
    if log.free_days:
        free = f"{log.free_days:,} purchase{'' if log.free_days == 1 else 's'}"
        told.append(f"The log has {free} at no cost, counted like any other.")
    return tuple(told)


def check_buyers(buyers: pd.DataFrame) -> tuple[str, ...]:
    """What a reader is told of `summaries` before a model is fitted.

    Raises `InputError` where nobody bought twice, as no model can tell how often buyers come back,
    and where no purchase after a first cost anything.
    """
    repeats = buyers[buyers["frequency"] > 0]
    if repeats.empty:
        raise InputError(
            f"none of the {len(buyers):,} buyers bought on a second day, so the data cannot tell "
            "how often buyers come back; take a longer time, or look whether each order has a "
            "buyer key of its own"
        )
    is_free = ~(repeats["spend"] > 0)
    if is_free.all():
        raise InputError("no repeated purchase cost anything; look at the column `amount`")
    if not is_free.any():
        return ()
    count = f"{is_free.sum():,}" if is_free.sum() >= MIN_CELL else f"Fewer than {MIN_CELL}"
    return (
        f"{count} of {len(repeats):,} repeat buyers paid nothing after their first purchase; "
        "models of spend leave them out.",
    )
