"""What each feature alone says about the label."""

from __future__ import annotations

import numpy as np
import pandas as pd
from sklearn.feature_selection import mutual_info_classif
from sklearn.metrics import mutual_info_score

from src.models.churn.guards import univariate_auc
from src.models.scoring.auc import LEAST_PER_CLASS

COLUMNS = ("feature", "auc", "low", "high", "direction", "mutual_information")
_FEW = 20


def has_enough(churned: pd.Series) -> bool:
    """Whether ten left and ten stayed, so that features can be judged."""
    gone = int(churned.sum())
    return min(gone, len(churned) - gone) >= LEAST_PER_CLASS


def signal(
    frame: pd.DataFrame, features: list[str], churned: pd.Series, seed: int, confidence: float
) -> pd.DataFrame:
    """`feature`, `auc`, `low`, `high`, `direction`, `mutual_information`, highest AUC first.

    AUC by `src.models.churn.guards.univariate_auc`. Mutual information (nats) between feature and
    label, by nearest neighbours for numbers of more than 20 values (Ross 2014), by counting for
    others, sees relations that rise and fall again; missing is a value below all others. Features
    are judged one by one: what two say together is not seen, and associations are no effects.
    """
    found = univariate_auc(frame[features], churned, seed=seed, confidence=confidence)
    labels = churned.to_numpy().astype("int64")
    information = {name: _information(frame[name], labels, seed) for name in features}
    found = found.rename(columns={"column": "feature"})
    return found.assign(mutual_information=found["feature"].map(information))


def _information(values: pd.Series, labels: np.ndarray, seed: int) -> float:
    if not pd.api.types.is_numeric_dtype(values) or values.nunique() <= _FEW:
        return float(mutual_info_score(pd.factorize(values)[0], labels))
    spread = float(values.max() - values.min())
    column = values.fillna(values.min() - spread).to_numpy(dtype="float64")[:, None]
    return float(mutual_info_classif(column, labels, random_state=seed)[0])
