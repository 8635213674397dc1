"""What is spent on customers: contacts, offers and tickets of the last months."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from src.features.months import Month

_CONTROL = "control"


def efforts(
    customers: pd.Series, tables: Mapping[str, pd.DataFrame], at: Month, months: int = 12
) -> pd.DataFrame:
    """The efforts of the `months` up to the end of month `at`, a row per customer in their order.

    `tables`, each where the base has it: `campaigns` (`customer_id`, `campaign_id`, `date`, `arm`)
    gives `contacts`, its rows, and `offers`, the different campaigns, those of the control group
    left out, who got nothing; `events` (`customer_id`, `date`, `kind`, `value`) gives `tickets`,
    the sum of `value`, 1 where it is missing. Returns `customer_id` and these columns.
    """
    first = pd.Timestamp(at.back(months - 1).start)
    found = pd.DataFrame(index=pd.Index(customers, name="customer_id"))
    if "campaigns" in tables:
        rows = tables["campaigns"]
        rows = rows[(rows["date"] >= first) & (rows["date"] < at.end)]
        groups = rows[rows["arm"] != _CONTROL].groupby("customer_id")
        found["contacts"] = groups.size().reindex(found.index)
        found["offers"] = groups["campaign_id"].nunique().reindex(found.index)
    if "events" in tables:
        rows = tables["events"]
        rows = rows[(rows["kind"] == "ticket") & (rows["date"] >= first) & (rows["date"] < at.end)]
        number = rows["value"].fillna(1.0) if "value" in rows else pd.Series(1.0, rows.index)
        found["tickets"] = number.groupby(rows["customer_id"]).sum().reindex(found.index)
    return found.fillna(0.0).astype("float64").reset_index()
