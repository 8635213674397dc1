"""The ROC AUC with its standard error in closed form, for rows of one customer or of many."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.stats import norm, rankdata

from src.data.problems import InputError
from src.models.intervals.numbers import Numbers, labels_of
from src.models.intervals.proportions import Estimate

LEAST_PER_CLASS = 10  # below, a standard error says nothing


def placements(score: ArrayLike, labels: Numbers) -> Numbers:
    """For each row the share of the other class that its score stands on the right side of.

    For a churner the share of stayers with a lower score, for a stayer that of churners with a
    higher one, ties counting one half. Their mean over the rows of either class is the AUC.

    >>> placements([0.1, 0.4, 0.35, 0.8], np.array([0, 0, 1, 1])).tolist()
    [1.0, 0.5, 0.5, 1.0]
    """
    values = np.asarray(score)
    is_churner = labels == 1
    churners, stayers = values[is_churner], values[~is_churner]
    ranks = rankdata(values)
    found = np.empty(len(values))
    found[is_churner] = (ranks[is_churner] - rankdata(churners)) / len(stayers)
    found[~is_churner] = 1 - (ranks[~is_churner] - rankdata(stayers)) / len(churners)
    return found


def delong(score: ArrayLike, labels: Numbers) -> tuple[float, float]:
    """AUC and its standard error, each row a customer. Source: DeLong et al. 1988."""
    placed = placements(score, labels)
    above, below = placed[labels == 1], placed[labels != 1]
    variance = above.var(ddof=1) / len(above) + below.var(ddof=1) / len(below)
    return float(above.mean()), float(np.sqrt(variance))


def auc_interval(
    churned: ArrayLike,
    score: ArrayLike,
    customer_id: ArrayLike | None = None,
    confidence: float = 0.95,
) -> Estimate:
    """The AUC with its interval; rows of the same customer count as one observation of it.

    `churned`: 0/1 or bool; `score`: higher is riskier; `customer_id`: who the row is of (None: each
    row is a customer). With fewer than ten churners or stayers all three values are missing.

    Every row moves the AUC by (its placement - AUC) / rows of its class. These moves are summed per
    customer; the sum of their squares is the variance. Ends are normal and stay within 0 and 1.
    Fails near a perfect order, where the variance goes to zero before the uncertainty does.

    Raises `InputError` when lengths differ or a score is missing. Source: Obuchowski 1997,
    Biometrics 53, 567-578.
    """
    labels = labels_of(churned)
    values = np.asarray(score, dtype="float64")
    given = np.arange(len(labels)) if customer_id is None else np.asarray(customer_id)
    who, _ = pd.factorize(given)
    for name, column in (("the score", values), ("customer_id", who)):
        if len(column) != len(labels):
            raise InputError(f"churned has {len(labels):,} rows, {name} has {len(column):,}")
    if np.isnan(values).any():
        missing = np.isnan(values).sum()
        raise InputError(f"the score is missing in {missing:,} of {len(values):,} rows")
    churners = labels.sum()
    if min(churners, len(labels) - churners) < LEAST_PER_CLASS:
        return Estimate(np.nan, np.nan, np.nan)
    placed = placements(values, labels)
    auc = float(placed[labels == 1].mean())
    moves = (placed - auc) / np.where(labels == 1, churners, len(labels) - churners)
    by_customer = np.bincount(who, moves)
    customers = len(by_customer)
    error = np.sqrt((by_customer**2).sum() * customers / (customers - 1))
    reach = float(norm.ppf((1 + confidence) / 2) * error)
    return Estimate(auc, max(auc - reach, 0.0), min(auc + reach, 1.0))


def auc_by(
    rows: pd.DataFrame, by: str, chance: str = "chance", confidence: float = 0.95
) -> pd.DataFrame:
    """The AUC within each value of the column `by`, such as a month, in rising order of it.

    Reads `customer_id`, `churned`, `chance` and `by`. Returns `by`, `churners`, `value`, `low`,
    `high`; the last three are missing where `auc_interval` has none.
    """
    found = []
    for value, part in rows.groupby(by, observed=True):
        area = auc_interval(part["churned"], part[chance], part["customer_id"], confidence)
        found.append((value, int(part["churned"].sum()), area.value, area.low, area.high))
    return pd.DataFrame(found, columns=[by, "churners", "value", "low", "high"])
