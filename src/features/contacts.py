"""Customers of one campaign of a panel: who was there before, and what came after the contact.

A contact in month s acts from month s + 1. Who is counted, and all that is known of them, is read
up to the end of month s - 1: nothing after the contact decides who is in, so that the arms, drawn
at random, stay comparable.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from src.data.problems import InputError
from src.features.activity import activity, on_list
from src.features.lifecycle import LifeRecord
from src.features.months import Month, month_numbers

CONTACT = "contact"  # number of the month of the first contact
BY_MONTH = ("lost", "orders", "income", "margin")


@dataclass(frozen=True, eq=False)
class Purchases:
    """What customers pay: bills, and where there is a shop whose buyers are linked, its orders.

    `bills`: `customer_id`, `month`, `revenue`, `margin`; `orders`: `customer_id` (missing where a
    buyer is no customer), `date`, `amount`, `margin`, or None.
    """

    bills: pd.DataFrame
    orders: pd.DataFrame | None = None


def listed_before(members: pd.DataFrame, record: LifeRecord) -> pd.DataFrame:
    """The members of a campaign who were on the list at the end of the month before the contact.

    `members`: `customer_id` and `first`, the day of the first contact. On the list is who had
    revenue in one of the last `freeze_months` months and had not closed: all that could be known.
    Members who came in the month of the contact itself, or were known to be gone, are left out, of
    the control group as of the others. Adds `contact`, the number of the month of the contact, and
    `silent`, months without revenue up to the month before it. In the order of `members`.

    Raises `InputError` where the bills do not reach back to the month before the first contact.
    """
    contact = month_numbers(members["first"])
    begin = Month.of(record.billing["month"].min())
    if len(early := members[contact - 1 < begin.number]):
        raise InputError(
            f"the bills begin in {begin.text}, and {len(early):,} members were contacted in that "
            "month or before: nobody knows who was a customer then"
        )
    parts = []
    for number, rows in members.assign(**{CONTACT: contact}).groupby(CONTACT):
        at = Month(int(str(number))).back(1)
        active = activity(record.billing, at, record.freeze_months)
        if record.customers is not None:
            active = on_list(active, record.customers, at, record.freeze_months)
        else:
            active = active[active["recency"] < record.freeze_months]
        silent = active.set_index("customer_id")["recency"]
        is_listed = rows["customer_id"].isin(silent.index)
        parts.append(rows[is_listed].assign(silent=rows["customer_id"].map(silent)))
    return pd.concat(parts).sort_index().reset_index(drop=True)


def followed(members: pd.DataFrame, record: LifeRecord, months: int) -> pd.DataFrame:
    """Members with what became of them: `lost` (within `months` of the contact) and `lost_in`.

    `members` as `listed_before` returns them. `lost` is 1.0 for a life that ended in one of the
    months up to `contact` + `months`, those included that were over before the contact and that
    nobody knew of: as many in each arm. `lost_in` is that month, counted from the contact, at least
    0; missing for who stayed. Lives are those of `lifecycle.lives_as_of` the end of the data.

    Raises `InputError` where the months after a contact are not all known yet.
    """
    follow_up = Month.of(record.follow_up())
    latest = Month(int(members[CONTACT].max()))
    if latest.number + months > follow_up.number:
        raise InputError(
            f"who left within {months} months of a contact in {latest.text} is known at the end of "
            f"{latest.back(-months).text}, and these bills tell it up to {follow_up.text}"
        )
    keyed = members[["customer_id", CONTACT]].assign(row=np.arange(len(members)))
    lives = keyed.merge(record.as_of()[["customer_id", "start", "end"]], on="customer_id")
    lives = lives[month_numbers(lives["start"]) < lives[CONTACT]].sort_values(["row", "start"])
    last = lives.groupby("row").tail(1).set_index("row")["end"].reindex(keyed["row"])
    ended = (month_numbers(last) - members[CONTACT].to_numpy()).clip(lower=0).to_numpy(float)
    is_lost = ended <= months
    return members.assign(lost=is_lost.astype(float), lost_in=np.where(is_lost, ended, np.nan))


def month_by_month(members: pd.DataFrame, purchases: Purchases, months: int) -> pd.DataFrame:
    """What each member did in each month after the contact, a row per member and month.

    `members` as `followed` returns them for as many months or more. Returns `customer_id`, `arm`,
    `month` (1 to `months` after the contact), `lost` (1.0 where the life has ended by the end of
    it), `orders` (number of purchases in the shop; 0 without one), `income` (money of bills and
    purchases) and `margin` (money left of it). Who is lost goes on with what they still pay: most
    of the time nothing. Orders of who is not linked to a customer do not count.
    """
    size = len(members)
    place = pd.Series(np.arange(size), members["customer_id"])
    after = np.arange(1, months + 1)
    sums = {name: np.zeros((size, months)) for name in BY_MONTH}
    sums["lost"] = (members["lost_in"].to_numpy(float)[:, None] <= after).astype(float)
    contact = members[CONTACT].to_numpy()
    for rows, columns in _parts(purchases):
        rows = rows[rows["customer_id"].isin(place.index)]
        at = place.loc[rows["customer_id"]].to_numpy()
        month = month_numbers(rows["when"]).to_numpy() - contact[at] - 1
        is_in = (month >= 0) & (month < months)
        for name, values in columns.items():
            amounts = rows[values].to_numpy(float)[is_in]
            np.add.at(sums[name], (at[is_in], month[is_in]), amounts)
    return pd.DataFrame(
        {
            "customer_id": np.repeat(members["customer_id"].to_numpy(), months),
            "arm": np.repeat(members["arm"].to_numpy(), months),
            "month": np.tile(after, size),
            **{name: values.ravel() for name, values in sums.items()},
        }
    )


def totals(by_month: pd.DataFrame, members: pd.DataFrame) -> pd.DataFrame:
    """Members with `orders`, `income` and `margin` of all months of `month_by_month` together."""
    sums = by_month.groupby("customer_id", sort=False)[list(BY_MONTH[1:])].sum()
    return members.join(sums, on="customer_id")


def before(members: pd.DataFrame, purchases: Purchases, months: int) -> pd.DataFrame:
    """Members with what they paid before: `orders_before`, `income_before`, `margin_before`.

    Sums of the `months` up to the month before the contact: the same outcomes as `totals` of the
    time before, which take most of the noise out of a comparison (CUPED). Where the bills begin
    later, of fewer months, for all alike.
    """
    shifted = members.assign(**{CONTACT: members[CONTACT] - months - 1}, lost_in=np.nan)
    sums = month_by_month(shifted, purchases, months)
    sums = sums.groupby("customer_id", sort=False)[list(BY_MONTH[1:])].sum()
    return members.join(sums.add_suffix("_before"), on="customer_id")


def beside(members: pd.DataFrame, contacts: pd.DataFrame, months: int) -> pd.DataFrame:
    """What else members got: a row per other campaign that meets theirs in time, and arm.

    `contacts`: the table campaigns without the campaign of `members`. A campaign meets theirs where
    a customer's first contact in it lies within `months` months of their own, before or after.
    Returns `customer_id`, `campaign` and `other_arm`, a row per member and campaign met. Where both
    campaigns drew their arms independently of each other, neither biases the other.
    """
    first = contacts.sort_values("date", kind="stable").drop_duplicates(
        ["campaign_id", "customer_id"]
    )
    met = members[["customer_id", CONTACT]].merge(first, on="customer_id")
    is_near = (month_numbers(met["date"]) - met[CONTACT]).abs() <= months
    names = {"campaign_id": "campaign", "arm": "other_arm"}
    met = met.loc[is_near, ["customer_id", *names]].rename(columns=names)
    return met.reset_index(drop=True)


def _parts(purchases: Purchases) -> list[tuple[pd.DataFrame, dict[str, str]]]:
    """Rows with `when`, and which of their columns add to which sum."""
    bills = purchases.bills.assign(when=purchases.bills["month"])
    parts = [(bills, {"income": "revenue", "margin": "margin"})]
    if purchases.orders is not None:
        orders = purchases.orders.dropna(subset=["customer_id"])
        orders = orders.assign(when=orders["date"], one=(orders["amount"] > 0).astype(float))
        parts.append((orders, {"orders": "one", "income": "amount", "margin": "margin"}))
    return parts
