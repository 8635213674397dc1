"""How long a model that is trained once stays good."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from src.features.lifecycle import LifeRecord
from src.features.snapshots import Horizon, labelled, training_snapshots, usable, watched_ahead
from src.models.churn.leadtime import FEWER
from src.models.churn.validation import fitted_hazard
from src.models.scoring.auc import auc_by

MONTHS = 12


def staying_power(
    rows: pd.DataFrame,
    record: LifeRecord,
    columns: Sequence[str],
    horizon: Horizon,
    *,
    seed: int = 0,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """The AUC of one hazard model, trained once and read at the snapshots of the next 12 months.

    `rows`: feature tables of one segment at all snapshots. The model learns from what was known 12
    months before the last snapshot that can be labelled; later where the data begin too late for
    that. It is read on everybody on the list, `churned` being whoever is lost. Returns `month` (age
    of the model), `churners`, `value`, `low`, `high`; missing below ten churners.

    Age and season cannot be told apart with one model: a dip may be the month, not the age.
    Raises `InputError` when no snapshot can be labelled or nothing was known to learn from.
    """
    follow_up, freeze_months = record.follow_up(), record.freeze_months
    known = usable(rows["snapshot"].unique(), horizon, follow_up)
    earliest = training_snapshots(known, known[-1], horizon, freeze_months)[0]
    first = earliest + pd.DateOffset(months=horizon.reach + freeze_months - 1)
    start = max(known[-1] - pd.DateOffset(months=MONTHS), first)
    watched = watched_ahead(rows, record.as_of(start), record.follow_up(start))
    model = fitted_hazard(watched, columns, horizon, seed, most=FEWER)
    later = [at for at in known if at >= start]
    test = labelled(rows[rows["snapshot"].isin(later)], record.as_of(), horizon, follow_up)
    test = test.assign(chance=model.predict_proba(test[list(columns)])[:, 1])
    test["month"] = (test["snapshot"].dt.year - start.year) * 12
    test["month"] += test["snapshot"].dt.month - start.month
    return auc_by(test, "month", confidence=confidence)
