"""How far ahead a list can see, and how far ahead it still pays."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from src.features.lifecycle import LifeRecord
from src.features.snapshots import Horizon, watched_ahead
from src.models.churn.validation import fitted_hazard
from src.models.profit.contact import contact_profit
from src.models.profit.depth import compare_orderings, profit_curve, recommended_depth
from src.models.scoring.auc import auc_interval
from src.models.survival.hazard import MONTHS, HazardModel

FEWER = 30_000  # months without an end of a span: a curve over months needs no more


def looked_ahead(
    rows: pd.DataFrame,
    record: LifeRecord,
    columns: Sequence[str],
    *,
    seed: int = 0,
) -> tuple[HazardModel, pd.DataFrame]:
    """A hazard model as of twelve months before the end of follow-up, and the list of then.

    `rows`: feature tables of one segment. The model learns what was known that month. Everybody on
    its list comes with `months_left`, 0 for who was gone already, all watched for twelve months, so
    every lead time is judged on the same people and by a model that knew nothing of it.
    """
    follow_up = record.follow_up()
    at = follow_up - pd.DateOffset(months=MONTHS)
    watched = watched_ahead(rows, record.as_of(at), record.follow_up(at))
    model = fitted_hazard(watched, columns, Horizon(MONTHS), seed, most=FEWER)
    return model, watched_ahead(rows[rows["snapshot"] == at], record.as_of(), follow_up)


def quality_by_lead(
    gone: np.ndarray, hazards: np.ndarray, months_left: pd.Series, confidence: float = 0.95
) -> pd.DataFrame:
    """How well the list made today ranks who is gone already, and who leaves in each month ahead.

    `gone`: (customers,), the chance to have left unseen; `hazards`: (customers, months), the chance
    to leave in each month given that one is there; `months_left`: months to the end of the life, 0
    for who was gone, missing when it had not ended while watched. The customers must all have been
    watched for as many months. Returns a row per month, 0 being the day of the list: `month`,
    `churners`, `value` (AUC among those still there), `low`, `high`; missing below ten churners.
    """
    left = months_left.to_numpy("float64")
    by_month = np.column_stack([gone, hazards])
    rows = []
    for ahead in range(by_month.shape[1]):
        is_there = ~(left < ahead)
        leaves = left[is_there] == ahead
        area = auc_interval(leaves, by_month[is_there, ahead], confidence=confidence)
        rows.append((ahead, int(leaves.sum()), area.value, area.low, area.high))
    return pd.DataFrame(rows, columns=["month", "churners", "value", "low", "high"])


def profit_by_lead(
    gone: np.ndarray,
    hazards: np.ndarray,
    months_left: pd.Series,
    value: Sequence[float] | np.ndarray,
    months: int,
    rng: np.random.Generator,
    *,
    accept_rate: float,
    offer: float,
    contact: float,
    replicates: int = 300,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """What the list made today earns on exits that are `months` months long, by when they begin.

    `gone`, `hazards` and `months_left` as in `quality_by_lead`; `value`: money that a customer who
    stays is worth. For each lead k, who leaves in months k .. k + months - 1 can be saved; a
    contact of those gone already or before month k is paid for and saves nobody. The depth of the
    list is chosen on expected profit, what it earned is read on what happened. Returns `lead`,
    `churners` (who could be saved), `share` contacted, `profit` (money, of all customers), `low`,
    `high`, `pays` (the interval lies above zero). A list that the model itself expects to lose on
    contacts nobody.
    """
    left, worth = months_left.to_numpy("float64"), np.asarray(value, dtype="float64")
    economics = {"accept_rate": accept_rate, "offer": offer, "contact": contact}
    there = np.column_stack([1 - gone, (1 - gone)[:, None] * np.cumprod(1 - hazards, axis=1)])
    rows = []
    for lead in range(1, hazards.shape[1] - months + 2):
        until = lead + months - 1
        leaves, is_late = (left >= lead) & (left <= until), left < lead
        expected = contact_profit(
            there[:, lead - 1] - there[:, until], worth, 1 - there[:, lead - 1], **economics
        )
        depth = recommended_depth(profit_curve(expected, expected))
        came = contact_profit(leaves, worth, is_late, **economics)
        frame = pd.DataFrame(
            {"customer_id": np.arange(len(came)), "profit": came, "list": expected}
        )
        earned = compare_orderings(
            frame,
            ["list"],
            rng,
            shares={"list": depth.share},
            replicates=replicates,
            confidence=confidence,
        ).iloc[0]
        rows.append(
            (lead, int(leaves.sum()), depth.share, earned["profit"], earned["low"], earned["high"])
        )
    found = pd.DataFrame(rows, columns=["lead", "churners", "share", "profit", "low", "high"])
    return found.assign(pays=found["low"] > 0)


def longest_paying_lead(by_lead: pd.DataFrame) -> int:
    """The last lead up to which every list of `profit_by_lead` pays; 0 when the first does not.

    >>> longest_paying_lead(pd.DataFrame({"lead": [1, 2, 3], "pays": [True, False, True]}))
    1
    """
    stops = by_lead.loc[~by_lead["pays"], "lead"]
    return int(stops.iloc[0] - 1) if len(stops) else int(by_lead["lead"].iloc[-1])
