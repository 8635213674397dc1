"""Segments by the first bills of a panel's customers, where base.yml has no label to tell them."""

from __future__ import annotations

import numpy as np
import pandas as pd

from src.data.manifest import Manifest
from src.data.mapping import taken_by_rule

FIRST_BILLS = "first_bills"


def first_bills(billing: pd.DataFrame, months: int) -> pd.Series:
    """The median bill of each customer's first `months` months with a bill, by `customer_id`.

    Reads `customer_id`, `month`, `revenue`, a row per customer and month. Only revenue above 0 is a
    bill: a month of nothing, or of a credit note, is passed over. Of two bills in the middle the
    mean is taken; who has fewer bills is judged by those; who has none is not in the result. Later
    bills do not count: who grows, or shrinks before leaving, would change sides in hindsight.

    >>> billing = pd.DataFrame({"customer_id": "a", "month": [1, 2, 3], "revenue": [20, 30, 900]})
    >>> first_bills(billing, 2).to_dict()
    {'a': 25.0}
    """
    paid = billing.loc[billing["revenue"] > 0, ["customer_id", "month", "revenue"]]
    place, _ = pd.factorize(paid["customer_id"])
    order = np.lexsort((paid["month"].to_numpy(), place))
    place = place[order]
    begins = np.flatnonzero(np.diff(place, prepend=-1))  # of each customer, in this order
    is_first = np.arange(len(place)) - begins[place] < months
    first = paid.iloc[order[is_first]]
    return first.groupby("customer_id", sort=False)["revenue"].median()


def with_segments(
    frames: dict[str, pd.DataFrame], manifest: Manifest
) -> tuple[dict[str, pd.DataFrame], list[str]]:
    """The tables with the segments of the rule `first_bills`, and what a reader is told of them.

    Adds to `customers` the column `first_bills` (money a month, see there; empty without a bill)
    and makes `segment` of it: B2B from `b2b_from` on, and B2C below and without a bill. Bills are
    those of the calendar: one of a quarter counts as three months. Tables stay as they are under
    every other rule.

    Assumption: companies pay more than people from the start. It fails for small companies and for
    people who spend much, and where a first bill is no usual one; whose first month lies before the
    data is judged by the first months that the data hold.
    """
    rule = manifest.segment
    if rule is None or rule.first_bills is None or rule.b2b_from is None:
        return frames, []
    people, billing = frames["customers"], frames["billing"]
    notes = [taken_by_rule("customers", FIRST_BILLS)] if FIRST_BILLS in people else []
    usual = people["customer_id"].map(first_bills(billing, rule.first_bills)).astype("float64")
    is_b2b = usual >= rule.b2b_from
    people = people.assign(segment=is_b2b.map({True: "B2B", False: "B2C"}), **{FIRST_BILLS: usual})
    notes += [
        f"customers: {is_b2b.sum():,} of {len(people):,} customers are B2B, as the median of their "
        f"first {rule.first_bills} months with a bill is {rule.b2b_from:,.10g} "
        f"{manifest.currency} or more, or that of the fewer they have; a gap of "
        "money between the segments is in part made by this rule"
    ]
    begin = billing["month"].min()
    if old := int(_began_before(people, billing, begin).sum()):
        notes.append(
            f"customers: {_many(old)} may be older than the bills, which begin in {begin:%Y-%m}; "
            "the first bills that are there tell their segment"
        )
    if silent := int(usual.isna().sum()):
        notes.append(f"customers: {_many(silent)} without any bill above 0, taken for B2C")
    return {**frames, "customers": people}, notes


def _began_before(people: pd.DataFrame, billing: pd.DataFrame, begin: pd.Timestamp) -> pd.Series:
    """Whose signup lies before the bills, or who is billed from their first month and has none."""
    at_once = billing.loc[(billing["month"] == begin) & (billing["revenue"] > 0), "customer_id"]
    is_there = people["customer_id"].isin(at_once)
    has_bill = people[FIRST_BILLS].notna()
    if "signup_month" not in people:
        return is_there
    signup = people["signup_month"]
    return has_bill & ((signup < begin) | (signup.isna() & is_there))


def _many(number: int) -> str:
    return f"{number:,} {'customer' if number == 1 else 'customers'}"
