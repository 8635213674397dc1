"""How customers leave: how often, in which way, and what their last months looked like."""

from __future__ import annotations

import pandas as pd

WINDOW = 12
_BEFORE = 6  # months, the farthest from the exit, that make a customer's own normal


def exits_by(lives: pd.DataFrame, group: pd.Series) -> pd.DataFrame:
    """Ends and exposure per group: `group`, `lives`, `exits`, `frozen`, `months`.

    `lives` is the frame of `src.features.lifecycle.lives`; `group` maps customer_id to a group.
    `months` is the number of months in which a life was watched and could have ended.
    """
    rows = lives.assign(
        group=lives["customer_id"].map(group),
        exits=lives["how"] != "censored",
        frozen=lives["how"] == "frozen",
    )
    table = rows.groupby("group", observed=True).agg(
        lives=("customer_id", "size"),
        exits=("exits", "sum"),
        frozen=("frozen", "sum"),
        months=("months", "sum"),
    )
    return table.reset_index()


def before_exit(
    monthly: pd.DataFrame, measure: str, lives: pd.DataFrame, group: pd.Series
) -> pd.DataFrame:
    """A measure in the twelve months before the exit, as a share of each customer's own normal.

    `monthly` has `customer_id`, `month` and `measure`. Returns `group`, `before` (months until the
    end, 12 to 1), `share`, `low`, `high` (95 %, customers as the unit) and `customers`. Normal is
    the customer's mean of months 12 to 7 before the exit, so only lives of at least a year count;
    customers whose normal is not positive are left out.
    """
    ended = lives.loc[(lives["how"] != "censored") & (lives["months"] >= WINDOW)]
    ended = ended[["customer_id", "end"]]
    rows = monthly[["customer_id", "month", measure]].merge(ended, on="customer_id")
    year, month = rows["end"].dt.year, rows["end"].dt.month
    rows["before"] = (year - rows["month"].dt.year) * 12 + month - rows["month"].dt.month
    rows = rows[rows["before"].between(1, WINDOW)]
    key = ["customer_id", "end"]
    far = rows[rows["before"] > WINDOW - _BEFORE].groupby(key)[measure].mean().rename("normal")
    rows = rows.join(far[far > 0], on=key, how="inner")
    rows["share"] = rows[measure] / rows["normal"]
    rows["group"] = rows["customer_id"].map(group)
    shares = rows.groupby(["group", "before"], observed=True)["share"]
    table = shares.agg(share="mean", spread="sem", customers="size").reset_index()
    table["low"] = table["share"] - 1.96 * table["spread"]
    table["high"] = table["share"] + 1.96 * table["spread"]
    columns = ["group", "before", "share", "low", "high", "customers"]
    return table.sort_values(["group", "before"], ascending=[True, False])[columns].reset_index(
        drop=True
    )
