"""The customers of one campaign by arm: one control group, one or more treatments.

All rooms of this folder read `members`: one row per customer of one campaign, with `customer_id`
and `arm`, the arm drawn for the customer, whatever happened afterwards. Other columns are named by
the caller. Columns that are not named are not read: what came after the contact cannot slip in.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from src.data.problems import InputError, shorten
from src.models.intervals.numbers import Numbers, check_columns, finite

CONTROL = "control"


def treatments(members: pd.DataFrame) -> list[str]:
    """The arms besides the control group, in the order of their names.

    `members`: `customer_id`, `arm`. Raises `InputError` where a customer is in two arms or listed
    twice, where an arm is not known, where there is no control group or nothing else, and where a
    categorical `arm` has a category with nobody.

    >>> treatments(pd.DataFrame({"customer_id": [1, 2, 3], "arm": ["control", "mail", "call"]}))
    ['call', 'mail']
    """
    check_columns(members, ["customer_id", "arm"])
    arm = members["arm"]
    if members.empty:
        raise InputError("the campaign has no members")
    if arm.isna().any():
        raise InputError(f"the arm is missing for {arm.isna().sum():,} of {len(arm):,} members")
    _refuse_twice(members)
    if isinstance(arm.dtype, pd.CategoricalDtype):
        for name in arm.cat.categories.difference(arm.unique()):
            raise InputError(f"the arm {shorten(name)} has nobody in it")
    names = sorted(str(name) for name in arm.unique())
    if CONTROL not in names:
        raise InputError(
            "the campaign has no control group: what its customers would have done without it was "
            "never seen, so there is no effect to estimate; draw one next time (arm 'control')"
        )
    names.remove(CONTROL)
    if not names:
        raise InputError("everybody in the campaign is in the control group: nothing was tried")
    return names


def one_campaign(contacts: pd.DataFrame) -> pd.DataFrame:
    """Members of one campaign from its contacts: a row per customer, as drawn.

    `contacts`: the rows of one campaign of the table campaigns, `customer_id`, `date`, `arm`, and
    where there are such `cost` (0 where missing), `opened`, `responded`. Returns `customer_id`,
    `arm`, `first` (day of the first contact), `contacts` (how many), `cost` (their sum), `opened`
    and `responded` (of any contact). Raises `InputError` for a negative cost, for customers in two
    arms and as `treatments` does.
    """
    check_columns(contacts, ["customer_id", "date", "arm"])
    arms = contacts.groupby("customer_id", observed=True)["arm"].nunique()
    if (arms > 1).any():
        raise InputError(_in_two_arms(arms[arms > 1].index))
    cost = contacts["cost"] if "cost" in contacts else pd.Series(0.0, contacts.index)
    if (cost < 0).any():
        raise InputError(f"the cost of a contact must be 0 or more, not {cost.min():g}")
    flags = [name for name in ("opened", "responded") if name in contacts]
    rows = contacts[["customer_id", "date", "arm"]].assign(
        cost=cost.fillna(0.0).astype(float),
        **{name: contacts[name].fillna(value=False).astype(bool) for name in flags},
    )
    by_customer = rows.groupby("customer_id", observed=True, sort=True)
    members = by_customer.agg(
        arm=("arm", "first"),
        first=("date", "min"),
        contacts=("date", "size"),
        cost=("cost", "sum"),
        **{name: (name, "any") for name in flags},
    ).reset_index()
    treatments(members)
    return members


def check_after_contact(members: pd.DataFrame, happened: str) -> None:
    """Raise `InputError` where something happened before the contact that should have caused it.

    `members`: `first`, the day of the first contact, and the column `happened`, the day of the
    response or of the exit; missing where it did not happen.
    """
    check_columns(members, ["first", happened])
    too_early = (members[happened] < members["first"]).sum()
    if too_early:
        raise InputError(
            f"{happened} lies before the first contact for {too_early:,} of {len(members):,} "
            "members; take only what came after, and only members who were still there"
        )


def outcome_of(members: pd.DataFrame, outcome: str) -> Numbers:
    """The outcome as numbers; `InputError` where it is missing for a member.

    A missing outcome is refused and not left out: who has none may differ by arm.
    """
    check_columns(members, [outcome])
    return finite(outcome, members[outcome])


def is_yes_or_no(values: Numbers) -> bool:
    """Whether all values are 0 or 1."""
    return bool(np.isin(values, (0.0, 1.0)).all())


def _refuse_twice(members: pd.DataFrame) -> None:
    is_again = members["customer_id"].duplicated(keep=False)
    if not is_again.any():
        return
    arms = members[is_again].groupby("customer_id", observed=True)["arm"].nunique()
    if (arms > 1).any():
        raise InputError(_in_two_arms(arms[arms > 1].index))
    raise InputError(
        f"{len(arms):,} customers are listed more than once, such as {shorten(arms.index[0])}; "
        "members has one row per customer"
    )


def _in_two_arms(customers: pd.Index) -> str:
    count = len(customers)
    who = f"{count:,} customers are" if count > 1 else "1 customer is"
    return (
        f"{who} in two arms of one campaign, such as {shorten(customers[0])}; "
        "take the arm that was drawn first"
    )
