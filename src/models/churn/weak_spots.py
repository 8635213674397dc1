"""Groups of customers in which a model does worse than it says."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from src.models.churn.oracle import expected_auc
from src.models.intervals.proportions import wilson
from src.models.scoring.auc import auc_interval

RANKS_WORSE, TOO_LOW, TOO_HIGH = "ranks worse than it says", "says too little", "says too much"


def weak_spots(
    rows: pd.DataFrame,
    attributes: Sequence[str],
    *,
    chance: str = "chance",
    min_cell: int = 10,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """How well one model does at each level of each attribute, the worst first.

    Reads `customer_id`, `churned`, the column `chance` and the attributes, which are texts or
    bands. Returns `attribute`, `level`, `customers`, `churners`, `rate` (share who churned), `said`
    (mean chance), `ratio` (rate / said), `auc`, `low`, `high`, `promised`, `verdict`. It is
    `ranks worse than it says` when the interval of the group's AUC lies below the AUC that its
    chances promise, `says too little` or `says too much` when the mean chance lies outside the
    interval of the rate; empty otherwise.

    `promised` is the AUC to expect in the group if all its chances were true. The AUC of everybody
    would be the wrong yardstick: within a group that is alike in a strong column, less is left to
    tell.

    Intervals hold for all groups at once (Bonferroni): with thirty groups one would else be
    marked by chance. The AUC counts customers; the rate's interval is Wilson's on as many
    observations as there are customers, since rows of one customer repeat each other. Groups of
    fewer than `min_cell` customers are left out; an AUC of fewer than ten churners is missing.
    """
    cells = [
        (attribute, level, part)
        for attribute in attributes
        for level, part in rows.groupby(attribute, observed=True)
        if part["customer_id"].nunique() >= min_cell
    ]
    each = 1 - (1 - confidence) / max(len(cells), 1)
    found = []
    for attribute, level, part in cells:
        customers = part["customer_id"].nunique()
        rate, said = part["churned"].mean(), part[chance].mean()
        known = wilson(pd.Series([rate * customers]), pd.Series([customers]), each).iloc[0]
        area = auc_interval(part["churned"], part[chance], part["customer_id"], each)
        promised = expected_auc(part[chance].to_numpy(), part[chance].to_numpy())
        verdicts = [
            (area.high < promised, RANKS_WORSE),
            (known["low"] > said, TOO_LOW),
            (known["high"] < said, TOO_HIGH),
        ]
        marked = " and ".join(text for is_so, text in verdicts if is_so)
        ratio = rate / said if said > 0 else np.nan
        about = [attribute, str(level), customers, int(part["churned"].sum()), rate, said, ratio]
        found.append([*about, area.value, area.low, area.high, promised, marked])
    columns = ["attribute", "level", "customers", "churners", "rate", "said"]
    columns += ["ratio", "auc", "low", "high", "promised", "verdict"]
    table = pd.DataFrame(found, columns=columns)
    order = np.lexsort([table["auc"].fillna(2.0), table["verdict"] == ""])
    return table.iloc[order].reset_index(drop=True)
