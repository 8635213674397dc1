"""Profiles of clusters: what marks each against all others."""

from __future__ import annotations

import numpy as np
import pandas as pd

from src.models.segments.scales import Scales


def profiles(habits: pd.DataFrame, cluster: np.ndarray, scales: Scales) -> pd.DataFrame:
    """How far each cluster lies from all other customers, habit by habit, the largest first.

    `habits`: the frame the clusters were found in; `cluster`: of each row, from `Clusters.assign`.
    Returns `cluster`, `customers`, `share`, `habit`, `difference` (of the medians, in usual
    differences between customers, see `Scales`), `inside` and `outside` (medians in the units of
    the habit, of customers in the cluster and in all others). Habits that were dropped are in it
    as well, with a missing difference, and stand last: they were not used, and may still tell.
    """
    scaled = pd.DataFrame(scales.scaled(habits), columns=scales.names)
    values = habits.reset_index(drop=True)
    parts = []
    for number in np.unique(cluster):
        is_in = cluster == number
        apart = scaled[is_in].median() - scaled[~is_in].median()
        part = pd.DataFrame(
            {
                "cluster": number,
                "customers": int(is_in.sum()),
                "share": is_in.mean(),
                "habit": list(values),
                "difference": apart.reindex(list(values)).to_numpy(),
                "inside": values[is_in].median().to_numpy(),
                "outside": values[~is_in].median().to_numpy(),
            }
        )
        parts.append(part.sort_values("difference", key=np.abs, ascending=False, kind="stable"))
    return pd.concat(parts, ignore_index=True)
