"""Who of the shop is which customer: accounts linked by the keys of phone and e-mail."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from src.models.intervals.numbers import check_columns

KEYS = ("phone", "email")  # the order in which links are made: a number has one owner more often
MOST_ACCOUNTS = 3  # of one key, for them to be one person's


@dataclass(frozen=True)
class Linked:
    """Orders with `customer_id`, and how the links came about.

    `counts` has a row per key: `key`; `accounts`, linked by it; `several_customers`, keys that more
    than one customer has, and `many_accounts`, keys of more than `MOST_ACCOUNTS` accounts: neither
    links anybody; `two_accounts`, keys of 2 to `MOST_ACCOUNTS` accounts, which are taken as one
    person's; `torn`, accounts whose keys lead to several customers, not linked by this key;
    `contradicted`, accounts linked by an earlier key to somebody else. Keys count that an account
    has.
    """

    orders: pd.DataFrame
    counts: pd.DataFrame


def link_accounts(orders: pd.DataFrame, customers: pd.DataFrame) -> Linked:
    """Orders with a `customer_id`, by the hashed keys that the two tables have in common.

    `orders`: `buyer_key` and `phone`, `email` or both; `customers`: `customer_id` and the same. An
    account is linked by its phone, and where that leads to nobody by its e-mail. A key is used
    where it leads to one customer only: the phone of a family, or of the shop's own desk, names
    nobody. What the rules leave open is counted, never taken silently.

    Assumes that keys are in one form (`src.data.cells.contacts`). Numbers that operators hand on to
    new owners make wrong links, several numbers of one person missed ones: see
    `src.models.overlap.shares`, which corrects for both. Raises `InputError` without the columns.
    """
    check_columns(orders, ["buyer_key"])
    check_columns(customers, ["customer_id"])
    links = pd.Series(dtype="object")
    counts = []
    for key in KEYS:
        if key not in orders or key not in customers:
            continue
        held = orders[["buyer_key", key]].dropna().drop_duplicates()
        known = customers[["customer_id", key]].dropna().drop_duplicates()
        owners = known.groupby(key)["customer_id"].nunique().reindex(held[key].unique()).dropna()
        holders = held.groupby(key)["buyer_key"].nunique().reindex(owners.index)
        good = owners.index[(owners == 1) & (holders <= MOST_ACCOUNTS)]
        pairs = held[held[key].isin(good)].merge(known, on=key)
        pairs = pairs[["buyer_key", "customer_id"]].drop_duplicates()
        is_torn = pairs["buyer_key"].duplicated(keep=False)
        found = pairs[~is_torn].set_index("buyer_key")["customer_id"]
        before = links.reindex(found.index)
        fresh = found[before.isna()]
        links = pd.concat([links, fresh]) if len(links) else fresh
        counts.append(
            {
                "key": key,
                "accounts": len(fresh),
                "several_customers": int((owners > 1).sum()),
                "many_accounts": int((holders > MOST_ACCOUNTS).sum()),
                "two_accounts": int(holders.between(2, MOST_ACCOUNTS).sum()),
                "torn": int(pairs.loc[is_torn, "buyer_key"].nunique()),
                "contradicted": int((before.notna() & (before != found)).sum()),
            }
        )
    columns = ["key", "accounts", "several_customers", "many_accounts", "two_accounts"]
    table = pd.DataFrame(counts, columns=[*columns, "torn", "contradicted"])
    customer = orders["buyer_key"].map(links).astype("object")
    return Linked(orders.assign(customer_id=customer.where(customer.notna(), None)), table)
