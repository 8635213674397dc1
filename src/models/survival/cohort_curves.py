"""The curves of cohorts put to the test: whether a formula holds, and what it projects."""

from __future__ import annotations

import numpy as np
import pandas as pd

from src.models.intervals.numbers import check_columns
from src.models.survival.cohorts import cohort_of_lives
from src.models.survival.retention import (
    fit_bdw,
    fit_sbg,
    likelihood_ratio,
    project,
    projection_errors,
)

FEW = 30  # newcomers; below, the survivors of a month are luck


def cohort_curves(
    lives: pd.DataFrame, by: str, known: int, months: int, confidence: float = 0.95
) -> pd.DataFrame:
    """The sBG and the BdW of each group, the test between them, and what they project.

    Reads `by`, `duration`, `ended`, `entry` (months, as `lifecycle.durations` gives them) and
    `watched`, the months from the start of the life to the end of follow-up. Both models are fitted
    to all lives of a group. Newcomers, seen from their start and watched for `months`, are a cohort
    of their own: the models, and constant churn, learn from its first `known` months and project
    the others. A life that ended in its first month has lasted one.

    Returns `group`, `customers`, `alpha`, `beta` (of the sBG), `c`, `low`, `high` (the power of
    time in the BdW: above 1 each customer's own chance to leave rises with age), `p_value` (of
    c = 1), `limit` (of either fit, see `Retention.limit`; where there is one, c has no interval and
    p is missing), `newcomers`, and the mean absolute percentage errors `constant_churn`, `sbg`,
    `bdw` as shares, missing below 30 newcomers. Newcomers of many months are mixed: a price rise
    meets them at different ages. Raises `InputError` like the fits.
    """
    check_columns(lives, [by, "duration", "ended", "entry", "watched"])
    rows = []
    for group, given in lives.groupby(by, observed=True):
        own = given.assign(duration=given["duration"].clip(lower=1))
        cohort = cohort_of_lives(own[own["duration"] >= own["entry"]])
        sbg, bdw = fit_sbg(cohort), fit_bdw(cohort)
        power, limit = bdw.intervals(confidence).loc["c"], sbg.limit or bdw.limit
        fresh = own[(own["entry"] == 0) & (own["watched"] >= months)]
        errors = {}
        if len(fresh) >= FEW:
            gone = np.where(fresh["ended"], fresh["duration"], months + 1)
            left = [int((gone > month).sum()) for month in range(months + 1)]
            errors = projection_errors(project(left, known)).to_dict()
        rows.append(
            {
                "group": group,
                "customers": len(own),
                "alpha": sbg.parameters.alpha,
                "beta": sbg.parameters.beta,
                "c": power["value"],
                "low": power["low"],
                "high": power["high"],
                "p_value": np.nan if limit else likelihood_ratio(sbg, bdw).p_value,
                "limit": limit,
                "newcomers": len(fresh),
                **{name: errors.get(name, np.nan) for name in ("constant_churn", "sbg", "bdw")},
            }
        )
    return pd.DataFrame(rows)
