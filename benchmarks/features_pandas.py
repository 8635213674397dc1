"""The features of the families tenure, money and usage, written by hand in pandas.

A measure for the feature code: same files, same columns, same figures, no loop over customers.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from src.features.lifecycle import FREEZE_MONTHS
from src.features.months import Month

LENGTHS = (1, 3, 6, 12)


def features(tables: Path, at: Month) -> pd.DataFrame:
    """`customer_id` and the features at the end of the month `at`, one row per customer."""
    bills, customers = _read(tables / "billing.parquet", ["revenue", "cost_to_serve"])
    bills["margin"] = bills["revenue"] - bills.pop("cost_to_serve")
    frame = _lives(bills, at)
    billed = _recent(bills[bills["number"].between(at.number - 11, at.number)], at)
    del bills
    frame = frame.join(billed[at.number - billed["last_paid"] < FREEZE_MONTHS], how="inner")

    frame.index = customers[frame.index]
    columns = ["customer_id", "signup_month", "closed_month"]
    attributes = pd.read_parquet(tables / "customers.parquet", columns=columns)
    frame = frame.join(attributes.set_index("customer_id").apply(_number))
    closed = frame["closed_month"]
    frame = frame[closed.isna() | (closed > at.number) | (closed < frame["life_start"])]

    signup = frame["signup_month"]
    age = at.number - frame["life_start"] + 1
    made = {
        "life_months": age.clip(upper=12),
        "has_returned": ((frame["lives"] > 1) & (age <= 12)).astype("int64"),
        "tenure_months": (at.number - signup).where(signup <= at.number),
    }
    result = pd.DataFrame(made | _money(frame, at)).join(_usage(tables, at))
    return result.rename_axis("customer_id").reset_index()


def _read(path: Path, values: list[str]) -> tuple[pd.DataFrame, pd.Index]:
    """The rows with `customer`, a whole number, and the identifiers by that number.

    The dictionary of the file becomes a categorical, so that no text is hashed for every row.
    """
    frame = pd.read_parquet(
        path, columns=["customer_id", "month", *values], read_dictionary=["customer_id"]
    )
    found = frame.pop("customer_id").cat
    frame["customer"], frame["number"] = found.codes, _number(frame.pop("month"))
    return frame, found.categories


def _number(month: pd.Series) -> pd.Series:
    numbers = month.to_numpy().astype("datetime64[M]").astype("int64") + 1970 * 12
    return pd.Series(numbers, index=month.index).where(month.notna())


def _lives(bills: pd.DataFrame, at: Month) -> pd.DataFrame:
    """Who ever paid: `first`, `life_start`, `lives`, `revenue_to_date`, `margin_to_date`."""
    paid = bills.loc[bills["revenue"] > 0, ["customer", "number"]]
    months = paid.groupby("customer", sort=False)["number"]
    found = pd.DataFrame({"first": months.min(), "last": months.max(), "paid": months.size()})
    until = bills[bills["number"] <= at.number]
    sums = until.groupby("customer", sort=False)[["revenue", "margin"]].sum()
    found = found.join(sums.add_suffix("_to_date"))

    unpaid = found["last"] - found["first"] + 1 - found["paid"]
    suspects = found.index[unpaid >= FREEZE_MONTHS]
    paid = paid[paid["customer"].isin(suspects) & (paid["number"] <= at.number)]
    paid = paid.sort_values(["customer", "number"])
    gap = paid["number"] - paid.groupby("customer")["number"].shift()
    starts = paid[gap.isna() | (gap > FREEZE_MONTHS)].groupby("customer")["number"]
    found["life_start"] = starts.max().reindex(found.index).fillna(found["first"])
    found["lives"] = starts.size().reindex(found.index).fillna(1)
    return found


def _recent(rows: pd.DataFrame, at: Month) -> pd.DataFrame:
    """Sums, trends and extremes of revenue and margin in the twelve months up to `at`."""
    revenue = rows["revenue"]
    for length in (6, 12):
        spread = length * (length * length - 1) / 12
        centre = at.number - (length - 1) / 2
        rows = rows.assign(**{f"trend_{length}": revenue * (rows["number"] - centre) / spread})
    paid = rows[revenue > 0].groupby("customer", sort=False)["number"]
    found = {"paid_12": paid.size(), "last_paid": paid.max()}
    for length in reversed(LENGTHS):
        rows = rows[rows["number"] > at.number - length]
        customers = rows.groupby("customer", sort=False)
        found[f"sum_{length}"] = customers["revenue"].sum()
        if length in (6, 12):
            found[f"trend_{length}"] = customers[f"trend_{length}"].sum()
        if length in (3, 12):
            found[f"margin_{length}"] = customers["margin"].mean()
        if length == 12:
            found["peak"], found["spread"] = customers["revenue"].max(), customers["revenue"].std()
            costed = rows[rows["margin"].notna()].groupby("customer", sort=False)
            found["costed_12"] = costed["revenue"].mean()
    frame = pd.DataFrame(found)
    sums = [*(f"sum_{length}" for length in LENGTHS), "trend_6"]
    return frame.fillna(dict.fromkeys(sums, 0.0))


def _money(frame: pd.DataFrame, at: Month) -> dict[str, pd.Series]:
    age = at.number - frame["first"] + 1
    mean = {n: frame[f"sum_{n}"] / age.clip(upper=n) for n in LENGTHS}
    before = (frame["sum_6"] - frame["sum_3"]) / 3
    missing = (mean[12] - mean[3]).clip(lower=0)
    return {
        **{f"revenue_mean_{n}m": mean[n] for n in LENGTHS},
        "revenue_ratio_1_3": _over(mean[1], mean[3]),
        "revenue_ratio_3_6": _over(mean[3], mean[6]),
        "revenue_ratio_3_12": _over(mean[3], mean[12]),
        "revenue_change_3m": (_over(mean[3], before) - 1).where(age >= 6),
        "revenue_slope_6m": _over(frame["trend_6"], mean[6]).where(age >= 6),
        "revenue_slope_12m": _over(frame["trend_12"], mean[12]).where(age >= 12),
        "revenue_variation_12m": _over(frame["spread"], mean[12]),
        "revenue_share_of_peak_1m": _over(mean[1], frame["peak"]),
        "revenue_share_of_peak_3m": _over(mean[3], frame["peak"]),
        "months_since_revenue": at.number - frame["last_paid"],
        "months_unpaid_12m": age.clip(upper=12) - frame["paid_12"],
        "arrears_3m": _over(missing * age.clip(upper=3), mean[12]),
        "revenue_to_date": frame["revenue_to_date"],
        "margin_mean_3m": frame["margin_3"],
        "margin_mean_12m": frame["margin_12"],
        "margin_change": frame["margin_3"] - frame["margin_12"],
        "margin_share_12m": _over(frame["margin_12"], frame["costed_12"]),
        "margin_to_date": frame["margin_to_date"],
    }


def _usage(tables: Path, at: Month) -> pd.DataFrame:
    measures = ["data_gb", "call_minutes", "messages"]
    rows, customers = _read(tables / "usage.parquet", measures)
    rows = rows[rows["number"].between(at.number - 11, at.number)]
    grouped = rows.groupby("customer", sort=False)[measures]
    peak, spread = grouped.max(), grouped.std()
    mean = {12: grouped.mean()}
    for length in (6, 3, 1):
        rows = rows[rows["number"] > at.number - length]
        found = rows.groupby("customer", sort=False)[measures].mean()
        mean[length] = found.reindex(mean[12].index)
    made = {}
    for name in measures:
        for length in LENGTHS:
            made[f"{name}_mean_{length}m"] = mean[length][name]
        for a, b in ((1, 3), (1, 12), (3, 6), (3, 12)):
            made[f"{name}_ratio_{a}_{b}"] = _over(mean[a][name], mean[b][name])
        for length in (1, 3):
            made[f"{name}_share_of_peak_{length}m"] = _over(mean[length][name], peak[name])
        made[f"{name}_variation_12m"] = _over(spread[name], mean[12][name])
    found = pd.DataFrame(made)
    found.index = customers[found.index]
    return found


def _over(part: pd.Series, whole: pd.Series) -> pd.Series:
    return part / whole.where(whole > 0)
