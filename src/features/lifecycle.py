"""Lives: when a customer starts to bring revenue, when and how that ends, as of any month."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pandas as pd

from src.data.bases import FREEZE_MONTHS
from src.data.problems import InputError
from src.features.months import month_numbers


def end_of_follow_up(last_month: pd.Timestamp, freeze_months: int = FREEZE_MONTHS) -> pd.Timestamp:
    """The last month whose ends are all known.

    A freeze that began later than `freeze_months - 1` months before the last month of the data
    cannot be told from a pause yet. Counting those months as survived would flatter the base.

    >>> end_of_follow_up(pd.Timestamp("2024-12-01"))
    Timestamp('2024-10-01 00:00:00')
    """
    return last_month - pd.DateOffset(months=freeze_months - 1)


def lives_as_of(
    billing: pd.DataFrame,
    customers: pd.DataFrame | None,
    at: pd.Timestamp,
    freeze_months: int = FREEZE_MONTHS,
) -> pd.DataFrame:
    """The lives of every customer as they could be told at the end of month `at`, a row per life.

    The only source of labels for anything trained or fitted as of that month: no bill and no
    closing after it is read. A closing is known at once, a freeze `freeze_months - 1` months after
    it began; lives not known to have ended are open. Customers come in the order of their first row
    with positive revenue, the lives of a customer by start.

    Reads `customer_id`, `month`, `revenue` of `billing` and `closed_month` of `customers`, where
    given. Returns `customer_id`; `start`, the first month with positive revenue; `end`, the month
    the life ended, missing while it is open; `how` it ended: `closed`, `frozen` or `open`.

    A life ends at the earlier of the closing month and the first month of a run of at least
    `freeze_months` months without positive revenue; on a tie it was closed. A closing inside a
    silence therefore is the end only until the silence has become a freeze. Revenue after such a
    run opens a new life; before one, revenue after the closing month is a late bill and opens none.
    A closing month belongs to the life that was running. Credit notes (negative revenue) do not
    keep a life going.

    Raises `InputError` when `freeze_months` is below 1 or no row up to `at` has positive revenue.
    """
    if freeze_months < 1:
        raise InputError(f"freeze_months must be 1 or more, not {freeze_months}")
    is_paid = (billing["revenue"] > 0) & (billing["month"] <= at)
    paid = billing.loc[is_paid, ["customer_id", "month"]]
    if paid.empty:
        raise InputError("billing has no row with positive revenue, so there are no lives")
    last = _number(at)
    order, customer_ids = pd.factorize(paid["customer_id"])
    months = pd.DataFrame({"customer": order, "month": month_numbers(paid["month"]).to_numpy()})
    months = months.sort_values(["customer", "month"], kind="stable", ignore_index=True)
    previous = months.groupby("customer")["month"].shift()
    months["life"] = (previous.isna() | (months["month"] - previous > freeze_months)).cumsum()
    result = months.groupby("life").agg(
        customer=("customer", "first"), start=("month", "first"), last_paid=("month", "last")
    )
    result = result.reset_index(drop=True)

    frozen = result["last_paid"] + 1.0
    frozen = frozen.where(last - result["last_paid"] >= freeze_months)
    closed = _closing_months(result, customer_ids, customers)
    closed = closed.where((closed <= last) & closed.le(frozen.fillna(np.inf)))
    end = closed.fillna(frozen)
    how = np.select([end.isna(), closed.notna()], ["open", "closed"], "frozen")
    return pd.DataFrame(
        {
            "customer_id": customer_ids[result["customer"]],
            "start": _timestamp(result["start"]),
            "end": _timestamp(end),
            "how": how,
        }
    )


def lives(
    billing: pd.DataFrame,
    customers: pd.DataFrame | None = None,
    freeze_months: int = FREEZE_MONTHS,
) -> pd.DataFrame:
    """The lives as of the last month of `billing`, followed up to the end of follow-up.

    The lives of `lives_as_of`, censored at `end_of_follow_up`, so that all were watched alike: an
    end after it is blanked, and `how` is `censored` where no end is known by then. Adds `months`,
    from the start to the end or to the end of follow-up. Lives that start after it are left out:
    nothing is known of them yet. Raises `InputError` like `lives_as_of`.
    """
    last = billing["month"].max()
    follow_up = end_of_follow_up(last, max(freeze_months, 1))
    return followed(lives_as_of(billing, customers, last, freeze_months), follow_up)


def followed(told: pd.DataFrame, follow_up: pd.Timestamp) -> pd.DataFrame:
    """The lives of `lives_as_of` watched up to the end of follow-up alike; see `lives`."""
    begun = told[told["start"] <= follow_up].reset_index(drop=True)
    end = begun["end"].where(begun["end"] <= follow_up)
    until = month_numbers(end).fillna(_number(follow_up)).astype("int64")
    return begun.assign(
        end=end,
        how=begun["how"].where(end.notna(), "censored"),
        months=until - month_numbers(begun["start"]),
    )


@dataclass(frozen=True, eq=False)
class LifeRecord:
    """Bills and closings, from which lives are told as of any month.

    `billing` and `customers` as in `lives_as_of`; `customers` may be None.
    """

    billing: pd.DataFrame
    customers: pd.DataFrame | None
    freeze_months: int = FREEZE_MONTHS
    _told: dict[pd.Timestamp, pd.DataFrame] = field(default_factory=dict, repr=False)

    def __repr__(self) -> str:
        return f"LifeRecord: bills up to {self.last:%Y-%m}, freeze of {self.freeze_months} months"

    @cached_property
    def last(self) -> pd.Timestamp:
        """The last month of the bills."""
        return self.billing["month"].max()

    def follow_up(self, at: pd.Timestamp | None = None) -> pd.Timestamp:
        """The last month whose ends were all known at the end of month `at`; None: the last."""
        return end_of_follow_up(self.last if at is None else at, self.freeze_months)

    def followed(self, at: pd.Timestamp | None = None) -> pd.DataFrame:
        """The lives of `as_of`, censored at the follow-up of that month: what survival work reads.

        Columns of `lives`; no customer counts as lost who was not known to be, or kept who was not.
        """
        return followed(self.as_of(at), self.follow_up(at))

    def as_of(self, at: pd.Timestamp | None = None) -> pd.DataFrame:
        """`lives_as_of` of month `at`, worked out once; None: the last."""
        then = self.last if at is None else at
        if then not in self._told:
            told = lives_as_of(self.billing, self.customers, then, self.freeze_months)
            self._told[then] = told
        return self._told[then]


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
    age = month_numbers(pd.Series([first_month])).iloc[0] - month_numbers(signup)
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


def _closing_months(
    found: pd.DataFrame, customer_ids: pd.Index, customers: pd.DataFrame | None
) -> pd.Series:
    """The closing month of each life's customer, missing where the life began after it."""
    if customers is None or "closed_month" not in customers:
        return pd.Series(np.nan, found.index)
    by_customer = customers.set_index("customer_id")["closed_month"].reindex(customer_ids)
    closed = pd.Series(
        month_numbers(by_customer).to_numpy()[found["customer"]], found.index, dtype="float64"
    )
    return closed.where(closed >= found["start"])


def _number(month: pd.Timestamp) -> int:
    return month.year * 12 + month.month - 1


def _timestamp(number: pd.Series) -> pd.Series:
    """Month numbers back to the first day of the month; missing stays missing."""
    text = number.map(lambda n: f"{int(n) // 12:04d}-{int(n) % 12 + 1:02d}", na_action="ignore")
    return pd.to_datetime(text, format="%Y-%m")
