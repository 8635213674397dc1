"""One model for all segments: how it does overall and in each, and what moves it there."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from src.models.explain.importance import importance, importance_by
from src.models.intervals.numbers import check_columns
from src.models.scoring.comparison import paired_bootstrap

ALL = "all"
_FEWEST = 10  # churners


def figures_by_segment(
    rows: pd.DataFrame,
    models: Sequence[str],
    rng: np.random.Generator,
    *,
    replicates: int = 300,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Figures of models over all rows and within each segment, with paired bootstrap intervals.

    Reads `customer_id`, `churned`, `segment` and a column of chances per model, missing in the
    segments that a model is not for. Returns the columns of `comparison.paired_bootstrap` with
    `segment` (`all` first), `customers` and `churners` before them; differences are to the best
    model of the segment. A model counts where it knows every row; segments with fewer than ten
    churners are left out.

    A figure over all is no mean of those within: much of what ranks all customers is the segment.
    """
    check_columns(rows, ["customer_id", "churned", "segment", *models])
    parts = []
    for name in [ALL, *sorted(rows["segment"].dropna().astype(str).unique())]:
        own = rows if name == ALL else rows[rows["segment"] == name]
        known = [model for model in models if own[model].notna().all()]
        left = own.loc[own["churned"].astype(bool), "customer_id"].nunique()
        if not known or left < _FEWEST:
            continue
        found = paired_bootstrap(own, known, rng, replicates=replicates, confidence=confidence)
        found.insert(0, "churners", left)
        found.insert(0, "customers", own["customer_id"].nunique())
        found.insert(0, "segment", name)
        parts.append(found)
    return pd.concat(parts, ignore_index=True)


def importance_by_segment(values: pd.DataFrame, segment: pd.Series | np.ndarray) -> pd.DataFrame:
    """`importance.importance_by` of the segments, with the rows of all customers before them."""
    whole = importance(values)
    whole.insert(0, "rank", np.arange(1, len(whole) + 1))
    whole.insert(0, "customers", len(values))
    whole.insert(0, "group", ALL)
    return pd.concat([whole, importance_by(values, segment)], ignore_index=True)
