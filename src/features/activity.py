"""Activity: how lately, how often and for how much customers bought, up to the end of a month."""

from __future__ import annotations

import pandas as pd

from src.data.problems import InputError
from src.features.months import Month, month_numbers


def activity(
    rows: pd.DataFrame, at: Month, months: int, *, key: str = "customer_id", money: str = "revenue"
) -> pd.DataFrame:
    """A row per customer of `rows` up to month `at`, in the order in which they first stand there.

    `rows`: `key`, `money` and `month` or `date`; bills, or orders. Rows after `at` are not read.
    Returns `customer_id`, `recency` (months from the last row with money above 0 to `at`; 0: in
    that month), `frequency` and `money` of the `months` up to `at`: of bills the months with money
    above 0, of orders the days on which money was left after returns, and the sum of all money,
    returns and credit notes taken off. Who had nothing above 0 up to `at` is not there.

    Raises `InputError` where nobody is left.
    """
    when = "month" if "month" in rows else "date"
    seen = rows.loc[rows[when] < at.end, [key, when, money]].rename(columns={key: "customer_id"})
    seen = seen.dropna(subset=["customer_id"])
    # Several rows of a day are one purchase, and a day on which all was returned is none.
    seen[when] = seen[when].dt.normalize()
    days = seen.groupby(["customer_id", when], sort=False)[money].sum().reset_index()
    paid = days[days[money] > 0]
    if paid.empty:
        raise InputError(f"nobody bought anything up to {at.text}")
    last = paid.groupby("customer_id", sort=False)[when].max()
    is_inside = days[when] >= pd.Timestamp(at.back(months - 1).start)
    inside = days[is_inside].groupby("customer_id")[money].sum()
    counted = paid[paid[when] >= pd.Timestamp(at.back(months - 1).start)]
    table = pd.DataFrame(
        {
            "recency": at.number - month_numbers(last),
            "frequency": counted.groupby("customer_id").size().reindex(last.index).fillna(0),
            "money": inside.reindex(last.index).fillna(0.0),
        }
    )
    whole = {"recency": "int64", "frequency": "int64", "money": "float64"}
    return table.astype(whole).rename_axis("customer_id").reset_index()


def on_list(
    active: pd.DataFrame, people: pd.DataFrame, at: Month, freeze_months: int
) -> pd.DataFrame:
    """The rows of `activity` of those on the list of a panel at the end of month `at`.

    On the list is who had revenue within the last `freeze_months` months and had not closed: all
    that can be known then. Reads `customer_id` and, where there is one, `closed_month` of `people`.
    """
    active = active[active["recency"] < freeze_months]
    if "closed_month" not in people:
        return active
    closed = active["customer_id"].map(people.set_index("customer_id")["closed_month"])
    return active[~(closed < pd.Timestamp(at.end))]
