"""Lives: when a customer starts to bring revenue, when and how that ends, and labels from it."""

from __future__ import annotations

import numpy as np
import pandas as pd

from src.data.problems import InputError

FREEZE_MONTHS = 3


def end_of_follow_up(last_month: pd.Timestamp, freeze_months: int = FREEZE_MONTHS) -> pd.Timestamp:
    """The last month whose ends are all known.

    A freeze that began later than `freeze_months - 1` months before the last month of the data
    cannot be told from a pause yet. Counting those months as survived would flatter the base.

    >>> end_of_follow_up(pd.Timestamp("2024-12-01"))
    Timestamp('2024-10-01 00:00:00')
    """
    return last_month - pd.DateOffset(months=freeze_months - 1)


def lives(
    billing: pd.DataFrame,
    customers: pd.DataFrame | None = None,
    freeze_months: int = FREEZE_MONTHS,
) -> pd.DataFrame:
    """The lives of every customer, one row per life.

    Customers come in the order of their first row with positive revenue, the lives of a customer
    by start.

    Reads `customer_id`, `month`, `revenue` of `billing` and `closed_month` of `customers`, where
    given. Returns `customer_id`; `start`, the first month with positive revenue; `end`, the month
    the life ended, missing when it had not by the end of follow-up; `how` it ended: `closed`,
    `frozen` or `censored`; `months`, from start to end or to the end of follow-up.

    A life ends at the earlier of the closing month and the first month of a run of at least
    `freeze_months` months without positive revenue; on a tie it was closed. Revenue after such a
    run opens a new life; before one, revenue after the closing month is a late bill and opens
    none. A closing month belongs to the life that was running. Credit notes (negative revenue) do
    not keep a life going. Lives that start after the end of follow-up are left out: nothing is
    known of them yet.

    Raises `InputError` when `freeze_months` is below 1 or no row has positive revenue.
    """
    if freeze_months < 1:
        raise InputError(f"freeze_months must be 1 or more, not {freeze_months}")
    paid = billing.loc[billing["revenue"] > 0, ["customer_id", "month"]]
    if paid.empty:
        raise InputError("billing has no row with positive revenue, so there are no lives")
    last = _month_number(billing["month"]).max()
    follow_up = last - (freeze_months - 1)

    order, customer_ids = pd.factorize(paid["customer_id"])
    months = pd.DataFrame({"customer": order, "month": _month_number(paid["month"]).to_numpy()})
    months = months.sort_values(["customer", "month"], kind="stable", ignore_index=True)
    previous = months.groupby("customer")["month"].shift()
    months["life"] = (previous.isna() | (months["month"] - previous > freeze_months)).cumsum()
    result = months.groupby("life").agg(
        customer=("customer", "first"), start=("month", "first"), last_paid=("month", "last")
    )

    frozen = result["last_paid"] + 1.0
    frozen = frozen.where(last - result["last_paid"] >= freeze_months)
    closed = _closing_months(result, customer_ids, customers)
    closed = closed.where(closed.le(frozen.fillna(np.inf)))
    end = closed.fillna(frozen)
    end = end.where(end <= follow_up)
    how = np.select([end.isna(), closed.notna()], ["censored", "closed"], "frozen")
    result = pd.DataFrame(
        {
            "customer_id": customer_ids[result["customer"]],
            "start": _timestamp(result["start"]),
            "end": _timestamp(end),
            "how": how,
            "months": (end.fillna(follow_up) - result["start"]).astype("int64"),
        }
    )
    return result[result["months"] >= 0].reset_index(drop=True)


def durations(
    found: pd.DataFrame, first_month: pd.Timestamp, customers: pd.DataFrame | None = None
) -> pd.DataFrame:
    """The lives as survival work needs them: `customer_id`, `duration`, `ended`, `entry` (months).

    `found` comes from `lives`; `first_month` is the first month of the data. A life that was
    running then is watched only from its `entry` on, its age at that time by `signup_month` of
    `customers`: it has survived so far unseen (left truncation). Where that age is not known the
    life cannot be placed and is left out. Keeps the index of `found`.
    """
    was_running = found["start"] == first_month
    signup = pd.Series(pd.NaT, found.index)
    if customers is not None and "signup_month" in customers:
        months = customers.set_index("customer_id")["signup_month"]
        signup = found["customer_id"].map(months)
    age = _month_number(pd.Series([first_month])).iloc[0] - _month_number(signup)
    entry = age.where(was_running & (signup < first_month), 0).astype("int64")
    table = pd.DataFrame(
        {
            "customer_id": found["customer_id"],
            "duration": found["months"] + entry,
            "ended": found["how"] != "censored",
            "entry": entry,
        }
    )
    return table[~(was_running & signup.isna())]


def labels(
    found: pd.DataFrame,
    snapshot: pd.Timestamp,
    gap: int,
    horizon: int,
    follow_up: pd.Timestamp,
) -> pd.DataFrame:
    """Who of those alive at the end of month `snapshot` left in the months that count.

    `found` comes from `lives`; `follow_up` from `end_of_follow_up`. Returns `customer_id`,
    `snapshot`, `churned` (bool), one row per eligible customer, in the order of `found`. Eligible
    is whose life runs at the end of the snapshot and does not end in the `gap` months after it,
    which are there to act. The label is True when the life ends in months snapshot + gap + 1 to
    snapshot + gap + horizon.

    Eligibility knows what follows the snapshot. A customer who is silent at the snapshot counts as
    alive only when revenue came back in time; on the day itself nobody could tell.

    Raises `InputError` when the label months go beyond the end of follow-up, or for a negative gap
    or a horizon below 1.
    """
    if gap < 0 or horizon < 1:
        raise InputError(
            f"a gap of 0 or more and a horizon of 1 or more are needed, not {gap} and {horizon}"
        )
    acts_until = snapshot + pd.DateOffset(months=gap)
    counts_until = acts_until + pd.DateOffset(months=horizon)
    if counts_until > follow_up:
        raise InputError(
            f"a horizon of {horizon} months after {snapshot:%Y-%m} with a gap of {gap} ends in "
            f"{counts_until:%Y-%m}, but exits are known only up to {follow_up:%Y-%m}"
        )
    is_alive = (found["start"] <= snapshot) & ~(found["end"] <= acts_until)
    alive = found[is_alive]
    return pd.DataFrame(
        {
            "customer_id": alive["customer_id"],
            "snapshot": snapshot,
            "churned": alive["end"] <= counts_until,
        }
    ).reset_index(drop=True)


def _closing_months(
    found: pd.DataFrame, customer_ids: pd.Index, customers: pd.DataFrame | None
) -> pd.Series:
    """The closing month of each life's customer, missing where the life began after it."""
    if customers is None or "closed_month" not in customers:
        return pd.Series(np.nan, found.index)
    by_customer = customers.set_index("customer_id")["closed_month"].reindex(customer_ids)
    closed = pd.Series(
        _month_number(by_customer).to_numpy()[found["customer"]], found.index, dtype="float64"
    )
    return closed.where(closed >= found["start"])


def _month_number(month: pd.Series) -> pd.Series:
    return month.dt.year * 12 + month.dt.month - 1


def _timestamp(number: pd.Series) -> pd.Series:
    """Month numbers back to the first day of the month; missing stays missing."""
    text = number.map(lambda n: f"{int(n) // 12:04d}-{int(n) % 12 + 1:02d}", na_action="ignore")
    return pd.to_datetime(text, format="%Y-%m")
