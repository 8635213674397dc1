"""Features that say the same: clusters by rank correlation."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import squareform

ALIKE = 0.8


def correlation_clusters(
    frame: pd.DataFrame, features: list[str], alike: float = ALIKE
) -> pd.DataFrame:
    """Numeric features in clusters of like ones, the largest cluster first.

    Distance is 1 - |Spearman's rho|, missing cells at the median; average linkage, cut at
    1 - `alike`. Constant features are left out. Returns `cluster` (from 1), `feature`, `closest`
    (the largest |rho| with another of the cluster, missing where it is alone), `size`. Two features
    of a cluster share one importance in a model, and neither coefficient means much alone.
    """
    numbers = frame[features].select_dtypes("number")
    ranks = numbers.rank().apply(lambda column: column.fillna(column.median()))
    ranks = ranks.loc[:, ranks.min() < ranks.max()]
    if ranks.shape[1] < 2:
        rows = [(1, name, np.nan, 1) for name in ranks]
        return pd.DataFrame(rows, columns=["cluster", "feature", "closest", "size"])
    rho = np.abs(np.corrcoef(ranks.to_numpy(), rowvar=False))
    distance = np.clip(1 - rho, 0, None)
    np.fill_diagonal(distance, 0.0)
    tree = linkage(squareform((distance + distance.T) / 2, checks=False), "average")
    codes = fcluster(tree, 1 - alike, "distance")
    together = (codes[:, None] == codes[None, :]) & ~np.eye(len(codes), dtype=bool)
    closest = np.where(together, rho, -1).max(axis=1)
    found = pd.DataFrame(
        {"code": codes, "feature": ranks.columns, "closest": np.where(closest < 0, np.nan, closest)}
    )
    found["size"] = found.groupby("code")["code"].transform("size")
    found = found.sort_values(["size", "code"], ascending=[False, True], kind="stable")
    found.insert(0, "cluster", pd.factorize(found["code"])[0] + 1)
    return found.drop(columns="code").reset_index(drop=True)
