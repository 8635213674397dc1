"""Customers month by month: what they held before the month, what is seen of them, who left.

A product counts from the month after its start: nobody who left in a month could still take one in
it. Months are numbers of `src.features.months.Month`.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from src.data.problems import InputError
from src.features.months import month_numbers

RECENT = {"price_change": 3, "incident": 2, "competitor_offer": 2}  # months in which each counts
TENURES = (3, 6, 12, 18, 24, 36, 48, 72)  # months, the first of each band but the lowest
_TICKET_MONTHS = 2
_MOST_TICKETS = 3  # in those months; more count as so many
_CAMPAIGN_MONTHS = 6
_RENEWAL_MONTHS = 2  # after the end of a term
TRAITS = ("region", "channel", "size", "industry")
_MOST_LEVELS = 12  # of a trait

Tables = Mapping[str, pd.DataFrame]


def watched_lives(lives: pd.DataFrame, customers: pd.DataFrame, first: int) -> pd.DataFrame:
    """The first life of each customer, as far as it is watched: one row each.

    `lives`: the frame of `src.features.lifecycle.lives`; `customers`: `customer_id` and, where
    known, `signup_month`; `first`: the first month of the base. Returns `customer_id`, `signup`,
    `start` (the first month that is seen), `last` (the month of the exit, or the last one watched)
    and `ended`.

    Who was there in the first month counts from the signup; without one the tenure is not known,
    and the customer is left out. Later lives are left out: what was held before them has ended.
    """
    life = lives.drop_duplicates("customer_id").reset_index(drop=True)
    start = month_numbers(life["start"]).astype("int64")
    signup = pd.Series(np.nan, life.index)
    if "signup_month" in customers:
        of_customer = month_numbers(customers.set_index("customer_id")["signup_month"])
        signup = life["customer_id"].map(of_customer)
    was_there = start == first
    signup = signup.where(was_there & (signup <= start), np.nan).where(was_there, start)
    ended = life["how"] != "censored"
    table = pd.DataFrame(
        {
            "customer_id": life["customer_id"],
            "signup": signup,
            "start": start,
            "last": start + life["months"],
            "ended": ended,
        }
    )
    known = table[table["signup"].notna()].reset_index(drop=True)
    return known.astype({"signup": "int64", "last": "int64"})


def decided(lives: pd.DataFrame, lag: int) -> pd.DataFrame:
    """The same lives with every end `lag` months earlier: for exits that are decided long before.

    A life that is shorter than that cannot be placed and is left out.
    """
    moved = lives.assign(last=lives["last"] - lag)
    return moved[moved["last"] > moved["start"]].reset_index(drop=True)


def held_at_end(lives: pd.DataFrame, holdings: pd.DataFrame, first: int, months: int) -> np.ndarray:
    """(lives, months): how many products each customer holds at the end of each month.

    A holding counts from its start to the month of its end, that one included.
    """
    change = np.zeros((len(lives), months + 1), dtype=np.int16)
    who, rows = _places(lives, holdings)
    start = np.clip(month_numbers(rows["start_month"]).to_numpy() - first, 0, months)
    np.add.at(change, (who, start.astype(int)), 1)
    if "end_month" in rows:
        over = (month_numbers(rows["end_month"]) + 1 - first).fillna(months).to_numpy()
        np.add.at(change, (who, np.clip(over, 0, months).astype(int)), -1)
    return np.cumsum(change, axis=1)[:, :months]


def risk_months(lives: pd.DataFrame, tables: Tables, first: int, months: int) -> pd.DataFrame:
    """A row per customer and month in which the customer could leave, with what was seen by then.

    `lives` of `watched_lives`; `tables` has `customers`, `holdings` and, where the base has them,
    `contracts`, `events` and `campaigns`. Months at risk run from the one after `start` to `last`.

    Returns `customer` (the place in `lives`), `month`, `tenure` (months since signup), `held` (at
    the end of the month before), `left`, and what may move an exit, known at the end of the month
    before: `contract` (`free`, `bound`, `renewal` in the two months after the end of a term),
    `tickets` of two months (three at most), whether there was a price change in three months, an
    incident or a competitor's offer in two, a campaign's contact in six (controls have none);
    `old_months`, the tenure at the first month of the base (0 for who came later), and the traits
    `region`, `channel`, `size`, `industry` of customers with two to twelve values.

    Raises `InputError` when nobody is watched for a month.
    """
    count = (lives["last"] - lives["start"]).to_numpy()
    if not len(lives) or not (count > 0).any():
        raise InputError("nobody is watched for a whole month: there is nothing to compare")
    who = np.repeat(np.arange(len(lives)), count)
    start, last = lives["start"].to_numpy()[who], lives["last"].to_numpy()[who]
    month = start + 1 + np.arange(len(who)) - np.repeat(np.cumsum(count) - count, count)
    before = month - 1 - first
    signup = lives["signup"].to_numpy()[who]
    held = held_at_end(lives, tables["holdings"], first, months)
    columns: dict[str, object] = {
        "customer": who,
        "month": month,
        "tenure": month - signup,
        "held": held[who, before].astype("float64"),
        "left": lives["ended"].to_numpy()[who] & (month == last),
        "old_months": np.where(signup < first, first - signup, 0),
    }
    if "contracts" in tables:
        columns["contract"] = _contract_state(lives, tables["contracts"], first, months)[
            who, before
        ]
    if "events" in tables:
        for kind, recent in _recent_events(lives, tables["events"], first, months).items():
            columns[kind] = recent[who, before]
    if "campaigns" in tables:
        contacts = tables["campaigns"][tables["campaigns"]["arm"] != "control"]
        counts = _monthly(lives, contacts, first, months)
        columns["campaign"] = _over(counts, _CAMPAIGN_MONTHS)[who, before] > 0
    frame = pd.DataFrame(columns)
    for name, trait in _traits(lives, tables["customers"]).items():
        frame[name] = trait.array[who]
    return frame


def takings(lives: pd.DataFrame, holdings: pd.DataFrame) -> pd.DataFrame:
    """How long each customer waited for each further product, and whether it was taken.

    Returns `customer` (the place in `lives`), `stage` (products taken before, 0 and up), `months`
    waited up to the taking or the last month watched, that one left out (1 at least), and `taken`.
    The wait starts at signup, or with the product before. Products that were there before signup
    count as taken at once. Assumes that nobody can take more products than anybody has.
    """
    who, rows = _places(lives, holdings)
    signup, last = lives["signup"].to_numpy(), lives["last"].to_numpy()
    start = month_numbers(rows["start_month"]).to_numpy()
    # A product that is taken again is no further one.
    own = pd.DataFrame({"customer": who, "product": rows["product"].to_numpy(), "start": start})
    own = own[own["start"] < last[who]].sort_values(["customer", "start"], kind="stable")
    own = own.drop_duplicates(["customer", "product"])
    own["stage"] = own.groupby("customer").cumcount()
    before = own.groupby("customer")["start"].shift()
    since = before.fillna(pd.Series(signup[own["customer"]], own.index))
    own["months"] = (own["start"] - since).clip(lower=1)
    has_waited = own["start"] > signup[own["customer"]]
    most = rows["product"].nunique()
    total = np.bincount(own["customer"], minlength=len(lives))
    latest = own.groupby("customer")["start"].max().reindex(range(len(lives))).to_numpy()
    since_last = np.fmax(latest, signup)
    waiting = (total < most) & (last - 1 - since_last > 0)
    still = pd.DataFrame(
        {
            "customer": np.flatnonzero(waiting),
            "stage": total[waiting],
            "months": (last - 1 - since_last)[waiting].astype("int64"),
            "taken": False,
        }
    )
    done = own[has_waited].assign(taken=True)[list(still)].astype({"months": "int64"})
    table = pd.concat([done, still], ignore_index=True)
    return table.sort_values(["customer", "stage"], kind="stable", ignore_index=True)


def _places(lives: pd.DataFrame, rows: pd.DataFrame) -> tuple[np.ndarray, pd.DataFrame]:
    """The rows of these customers, and the place of each in `lives`."""
    who = pd.Index(lives["customer_id"]).get_indexer(rows["customer_id"])
    return who[who >= 0], rows[who >= 0]


def _monthly(
    lives: pd.DataFrame, events: pd.DataFrame, first: int, months: int, size: str = ""
) -> np.ndarray:
    """(lives, months): events in each month, or the sum of their `size` (1 where missing)."""
    who, rows = _places(lives, events)
    month = month_numbers(rows["date"]).to_numpy() - first
    amount = rows[size].fillna(1).to_numpy() if size else np.ones(len(rows))
    is_inside = (month >= 0) & (month < months)
    flat = who[is_inside] * months + month[is_inside]
    found = np.bincount(flat.astype(int), amount[is_inside], len(lives) * months)
    return found.reshape(len(lives), months)


def _over(monthly: np.ndarray, months: int) -> np.ndarray:
    """(lives, months): the sum of the `months` up to each month."""
    total = np.cumsum(monthly, axis=1)
    total[:, months:] -= total[:, :-months].copy()
    return total


def _recent_events(
    lives: pd.DataFrame, events: pd.DataFrame, first: int, months: int
) -> dict[str, np.ndarray]:
    """(lives, months) per kind: the tickets of two months, and whether the others happened."""
    of_kind = dict(iter(events.groupby("kind", observed=True)))
    found: dict[str, np.ndarray] = {}
    if "ticket" in of_kind:
        size = "value" if "value" in events else ""
        tickets = _monthly(lives, of_kind["ticket"], first, months, size)
        found["tickets"] = np.minimum(_over(tickets, _TICKET_MONTHS), _MOST_TICKETS)
    for kind, span in RECENT.items():
        if kind in of_kind:
            found[kind] = _over(_monthly(lives, of_kind[kind], first, months), span) > 0
    return found


def _contract_state(
    lives: pd.DataFrame, contracts: pd.DataFrame, first: int, months: int
) -> np.ndarray:
    """(lives, months): the state of the month after each, as the contracts by then tell it."""
    who, rows = _places(lives, contracts)
    start = month_numbers(rows["start_month"]).to_numpy() - first
    end = month_numbers(rows["end_month"]).to_numpy() - first
    running = np.zeros((len(lives), months + 1), dtype=np.int16)
    np.add.at(running, (who, np.clip(start, 0, months)), 1)
    # A term binds the month after this one up to the month before its end.
    np.add.at(running, (who, np.clip(np.maximum(end, start), 0, months)), -1)
    is_bound = np.cumsum(running, axis=1)[:, :months] > 0
    is_renewal = np.zeros_like(is_bound)
    for after in range(_RENEWAL_MONTHS):
        at = end + after
        is_inside = (at >= 0) & (at < months)
        is_renewal[who[is_inside], at[is_inside]] = True
    return np.select([is_renewal, is_bound], ["renewal", "bound"], "free")


def _traits(lives: pd.DataFrame, customers: pd.DataFrame) -> dict[str, pd.Series]:
    """The traits of customers that have two to twelve values, in the order of `lives`."""
    of_customer = customers.drop_duplicates("customer_id").set_index("customer_id")
    found = {}
    for name in TRAITS:
        if name in of_customer:
            trait = of_customer[name].reindex(lives["customer_id"]).astype("object")
            trait = trait.fillna("unknown").astype("category").reset_index(drop=True)
            if 1 < len(trait.cat.categories) <= _MOST_LEVELS:
                found[name] = trait
    return found
