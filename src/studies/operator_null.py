"""Whether the simulated operator without any difference or effect shows one.

Each replicate is a small operator under `null_settings`, put to the tests that an analyst would
run: thirteen outcomes between the segments, and four after every campaign between those treated and
their controls. Customers are drawn independently, and each counts once in a test, so a test at 5 %
must reject in about 5 % of replicates. More is a difference that the simulator left in, or a test
that does not keep its level.

Not tested are associations within a segment, such as that of tenure with exits: hazards that fall
with tenure are part of the null operator too, as is the hidden factor on them.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
from scipy.stats import chi2_contingency, mannwhitneyu

from src.data.operator.generate import simulate
from src.data.operator.settings import Settings, null_settings
from src.features.lifecycle import lives

REPLICATES = 400
LEVEL = 0.05
_SMALL = null_settings(
    Settings(b2c_customers=2_000, b2b_customers=2_000, months=24, hidden_months=0)
)
_LEAST_EXPECTED = 5  # in a cell of a contingency table, for its p-value to hold


def replicate(seed: int) -> dict[str, float]:
    """The p-value of every test on the operator of this seed.

    Names are `segment.<outcome>` and `<campaign>.<outcome>`. Shares are compared by chi-square,
    amounts and numbers by Mann-Whitney. Raises ValueError when a table is too thin for chi-square.
    """
    tables, _ = simulate(replace(_SMALL, seed=seed))
    first_lives = lives(tables["billing"], tables["customers"]).drop_duplicates("customer_id")
    return {**_between_segments(tables, first_lives), **_between_arms(tables, first_lives)}


def summarise(rows: list[dict[str, float]]) -> dict[str, float]:
    """The share of replicates in which each test rejects at 5 %.

    Returns `rejections.<name>` per test, `rejections.min` and `rejections.max` over the tests, and
    `replicates`. Shares lie in 0..1.
    """
    shares = (pd.DataFrame(rows) < LEVEL).mean()
    return {
        **{f"rejections.{name}": float(share) for name, share in shares.items()},
        "rejections.min": float(shares.min()),
        "rejections.max": float(shares.max()),
        "replicates": len(rows),
    }


def _between_segments(
    tables: dict[str, pd.DataFrame], first_lives: pd.DataFrame
) -> dict[str, float]:
    """B2C against B2B; each outcome among the customers it exists for."""
    customers = tables["customers"].set_index("customer_id")
    of_kind = dict(iter(tables["events"].groupby("kind")))
    life = first_lives.set_index("customer_id")
    ended = life[life["how"] != "censored"]
    bills = tables["billing"]
    is_last = (bills["month"] == bills["month"].max()) & (bills["revenue"] > 0)
    campaigns = tables["campaigns"]
    treated = campaigns[campaigns["arm"] != "control"].groupby("customer_id")
    closed_deals = tables["deals"].dropna(subset=["closed"])

    def everybody(values: pd.Series) -> pd.Series:
        """Customers without a row have none."""
        return values.reindex(customers.index, fill_value=0)

    shares = {
        "churn": life["how"] != "censored",
        "freezing": ended["how"] == "frozen",
        "response": treated["responded"].any(),
        "shop": everybody(tables["orders"].groupby("customer_id").size()) > 0,
    }
    amounts = {
        "revenue": bills[is_last].set_index("customer_id")["revenue"],
        "usage": tables["usage"].groupby("customer_id")["data_gb"].mean(),
        "line_data": tables["lines"].groupby("customer_id")["data_gb"].mean(),
        "line_add_ons": tables["lines"].groupby("customer_id")["add_ons"].mean(),
        "products": everybody(tables["holdings"].groupby("customer_id").size()),
        "tickets": everybody(of_kind["ticket"].groupby("customer_id")["value"].sum()),
        "nps": of_kind["nps"].groupby("customer_id")["value"].mean(),
        "acquisition_cost": customers["acquisition_cost"],
    }
    segment = customers["segment"]
    return {
        **{
            f"segment.{name}": _shares_differ(values, segment[values.index] == "B2B")
            for name, values in shares.items()
        },
        **{
            f"segment.{name}": _ranks_differ(values, segment[values.index] == "B2B")
            for name, values in amounts.items()
        },
        "segment.deals": _shares_differ(closed_deals["won"], closed_deals["segment"] == "B2B"),
    }


def _between_arms(tables: dict[str, pd.DataFrame], first_lives: pd.DataFrame) -> dict[str, float]:
    """Treated against control, campaign by campaign.

    Exits and tickets count in the six months after the month of the campaign, revenue in the three
    after it, orders in that month and the two after it. The last campaign is followed for less
    than six months, both arms alike.
    """
    ends = first_lives.set_index("customer_id")["end"]
    events, bills, orders = tables["events"], tables["billing"], tables["orders"]
    tickets = events[events["kind"] == "ticket"]
    found: dict[str, float] = {}
    for name, rows in tables["campaigns"].groupby("campaign_id"):
        members = rows.drop_duplicates("customer_id").set_index("customer_id")
        is_treated = members["arm"] != "control"
        this_month = members["date"].min()
        following, quarter, half = (this_month + pd.DateOffset(months=n) for n in (1, 4, 7))
        order_end = this_month + pd.DateOffset(months=3)
        is_ordered = orders["date"].between(this_month, order_end, inclusive="left")
        is_ticket = tickets["date"].between(following, half, inclusive="left")
        is_billed = bills["month"].between(following, quarter, inclusive="left")
        has_left = ends.reindex(members.index).between(following, half, inclusive="left")
        has_ordered = members.index.isin(orders.loc[is_ordered, "customer_id"])
        ticket_sums = tickets[is_ticket].groupby("customer_id")["value"].sum()
        bill_sums = bills[is_billed].groupby("customer_id")["revenue"].sum()
        found |= {
            f"{name}.exit": _shares_differ(has_left, is_treated),
            f"{name}.orders": _shares_differ(pd.Series(has_ordered, members.index), is_treated),
            f"{name}.tickets": _ranks_differ(
                ticket_sums.reindex(members.index, fill_value=0), is_treated
            ),
            f"{name}.revenue": _ranks_differ(
                bill_sums.reindex(members.index, fill_value=0), is_treated
            ),
        }
    return found


def _shares_differ(outcome: pd.Series, group: pd.Series) -> float:
    """p-value of a yes-or-no outcome between two groups, by chi-square without correction."""
    yes, is_in = outcome.to_numpy(dtype=bool), group.to_numpy(dtype=bool)
    counts = np.array([[np.sum((yes == y) & (is_in == g)) for g in (0, 1)] for y in (0, 1)])
    least = counts.sum(axis=0).min() * counts.sum(axis=1).min() / counts.sum()
    if least < _LEAST_EXPECTED:
        raise ValueError(f"a cell with {least:.1f} expected is too thin for chi-square")
    return float(chi2_contingency(counts, correction=False).pvalue)


def _ranks_differ(outcome: pd.Series, group: pd.Series) -> float:
    """p-value of an amount or number between two groups, by Mann-Whitney with ties."""
    is_in = group.to_numpy(dtype=bool)
    values = outcome.to_numpy(dtype="float64")
    return float(mannwhitneyu(values[is_in], values[~is_in], method="asymptotic").pvalue)
