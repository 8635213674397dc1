"""What was known of subscribers at the end of a month: a handful of columns to compare them by."""

from __future__ import annotations

import numpy as np
import pandas as pd

from src.data.bases import Base
from src.data.contracts import CONTACTS
from src.features.lifecycle import lives_as_of
from src.features.months import Month, month_numbers

_RECENT, _LONGER = 3, 6  # months
_KINDS = 6  # kinds of events with a column of their own
_LEVELS = 30  # of a text, for it to be a trait and no name
_NO_TRAITS = {"customer_id", "closed_month", "signup_month", *CONTACTS}


def background(base: Base, at: Month) -> pd.DataFrame:
    """A row per subscriber at the end of month `at`, index `customer_id`; nothing later is read.

    Columns, where the base has their table: `months here` since the first bill; `revenue`, the mean
    of three months, and `revenue change` on the three before; `margin`; means of three months of
    every measure of usage; `products` and `lines` running; contacts of campaigns in six months, and
    events of the six most frequent kinds; the traits of customers with at most 30 levels. A
    subscriber is whose life was open (`src.features.lifecycle.lives_as_of`). Traits have no date:
    they are those of today. Raises `InputError` where nobody had a bill.
    """
    end, start = pd.Timestamp(at.end), pd.Timestamp(at.back(_RECENT - 1).start)
    earlier = pd.Timestamp(at.back(_LONGER - 1).start)
    bills, people = base.table("billing"), base.table("customers")
    lives = lives_as_of(bills, people, pd.Timestamp(at.start), base.freeze_months)
    here = pd.Index(lives.loc[lives["how"] == "open", "customer_id"].unique(), name="customer_id")
    bills = bills[(bills["month"] < end) & bills["customer_id"].isin(here)]
    first = bills[bills["revenue"] > 0].groupby("customer_id")["month"].min()
    columns = {"months here": at.number - month_numbers(first) + 1}

    is_recent, is_before = bills["month"] >= start, bills["month"].between(earlier, start, "left")
    recent = _each(bills[is_recent], "revenue", here) / _RECENT
    columns["revenue"] = recent
    columns["revenue change"] = recent - _each(bills[is_before], "revenue", here) / _RECENT
    if "cost_to_serve" in bills:
        costs = _each(bills[is_recent], "cost_to_serve", here)
        columns["margin"] = recent - costs / _RECENT
    if base.has("usage"):
        used = base.table("usage")
        used = used[used["month"].between(start, end, "left")]
        for measure in used.select_dtypes("number"):
            columns[f"usage {measure}"] = _each(used, str(measure), here) / _RECENT
    for table, noun in (("holdings", "products"), ("lines", "lines")):
        if base.has(table):
            rows = base.table(table)
            is_begun = rows["start_month"] < end
            is_over = rows["end_month"] < pd.Timestamp(at.start) if "end_month" in rows else False
            columns[noun] = _count(rows[is_begun & ~is_over], here)
    if base.has("campaigns"):
        contacts = base.table("campaigns", ["customer_id", "date", "arm"])
        is_inside = contacts["date"].between(earlier, end, "left") & (contacts["arm"] != "control")
        columns["contacts"] = _count(contacts[is_inside], here)
    if base.has("events"):
        events = base.table("events", ["customer_id", "date", "kind"])
        events = events[events["date"].between(earlier, end, "left")]
        for kind in events["kind"].value_counts().index[:_KINDS]:
            columns[f"events {kind}"] = _count(events[events["kind"] == kind], here)
    traits = people.set_index("customer_id").reindex(here)
    kept = [name for name, values in traits.items() if name not in _NO_TRAITS and _is_trait(values)]
    return pd.DataFrame(columns, index=here).join(traits[kept])


def _is_trait(values: pd.Series) -> bool:
    if pd.api.types.is_datetime64_any_dtype(values):
        return False
    is_text = not pd.api.types.is_numeric_dtype(values)
    return not is_text or values.nunique() <= _LEVELS


def _each(rows: pd.DataFrame, column: str, here: pd.Index) -> pd.Series:
    return rows.groupby("customer_id")[column].sum().reindex(here).fillna(0.0).astype(np.float64)


def _count(rows: pd.DataFrame, here: pd.Index) -> pd.Series:
    return rows.groupby("customer_id").size().reindex(here).fillna(0.0).astype(np.float64)
