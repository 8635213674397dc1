"""Rows of a snapshot base as its customers are, where the rows to learn from were resampled.

Churners are often drawn so that they make half of the rows. Models may learn from such rows, but a
rate, a curve of staying, a lift or a profit of them is that of the sample. What stands for the
customers: the rows to be scored, where their labels are known; otherwise the resampled rows thinned
to the rate that base.yml gives.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from src.data.bases import LEARNED, SCORED, Base

if TYPE_CHECKING:
    import pandas as pd

LEAST_PER_CLASS = 10  # labels of a kind among the rows to be scored, to judge on them
_SEED = 0  # of the thinning: one sample of a base, for all reports


def learned(base: Base) -> pd.DataFrame:
    """The rows to learn from, as they are."""
    return base.table(LEARNED)


def scored(base: Base) -> pd.DataFrame:
    """The rows to be scored, `churned` empty where nobody knows; no row where the base has none.

    The columns are those of `learned`; one that these rows lack is empty.
    """
    rows = learned(base)
    if not base.has(SCORED):
        return rows.iloc[:0]
    return base.table(SCORED).reindex(columns=rows.columns)


def labelled(base: Base) -> pd.DataFrame:
    """The rows to be scored whose label is known, if they suffice to judge on; otherwise none.

    They suffice with 10 churners and 10 who stayed.
    """
    rows = scored(base)
    known = rows[rows["churned"].notna()]
    known = known.assign(churned=known["churned"].astype("bool")).reset_index(drop=True)
    churners = int(known["churned"].sum())
    if min(churners, len(known) - churners) < LEAST_PER_CLASS:
        return known.iloc[:0]
    return known


def as_customers_are(base: Base) -> pd.DataFrame:
    """Labelled rows at the true rate of churn, in the columns of the table `snapshot`.

    Those of `labelled`, or the rows to learn from, thinned where `churn_rate` of the base says that
    they were resampled; see `is_kept`.
    """
    if base.has(SCORED) and len(known := labelled(base)):
        return known
    rows = learned(base)
    return rows[is_kept(rows["churned"], base.churn_rate)].reset_index(drop=True)


def of_whom(base: Base) -> str:
    """Whose rates, money and curves are told of a snapshot base; empty where of all its rows."""
    if not base.has(SCORED) and base.churn_rate is None:
        return ""
    judged, rows = len(as_customers_are(base)), len(learned(base))
    if len(labelled(base)):
        return (
            f"Rates and money are those of the {judged:,} rows to be scored whose label is known, "
            f"not of the {rows:,} rows to learn from."
        )
    if base.churn_rate is not None:
        return (
            f"The rows had been resampled: rates and money are those of {judged:,} of {rows:,}, "
            f"thinned to the true rate of churn of {base.churn_rate:.1%} that base.yml gives."
        )
    return ""


def is_kept(churned: pd.Series, rate: float | None) -> np.ndarray:
    """(rows,): which rows stay so that a share `rate` of them churned; all where it is None.

    Rows of the class that is too many are drawn without replacement, all of the other one stay: n0
    rate / (1 - rate) churners beside n0 who stayed.

    >>> import pandas as pd
    >>> churned = pd.Series([True] * 50 + [False] * 50)
    >>> kept = is_kept(churned, 0.2)
    >>> int(kept.sum()), round(float(churned[kept].mean()), 3)
    (62, 0.194)
    """
    gone = churned.to_numpy(bool)
    if rate is None:
        return np.ones(len(gone), dtype=bool)
    churners, stayers = int(gone.sum()), int((~gone).sum())
    wanted = {True: stayers * rate / (1 - rate), False: churners * (1 - rate) / rate}
    many = wanted[True] < churners
    places = np.flatnonzero(gone == many)
    number = min(len(places), round(wanted[many]))
    drawn = np.random.default_rng(_SEED).choice(places, number, replace=False)
    kept = gone != many
    kept[drawn] = True
    return kept


def at_rate(chance: np.ndarray, sampled: float, rate: float | None) -> np.ndarray:
    """Chances learned where a share `sampled` churned, as they are where a share `rate` does.

    odds x rate (1 - sampled) / (sampled (1 - rate)): exact where rows were drawn by their label
    alone and the chances hold in the sample. Unchanged where `rate` is None.
    Source: King and Zeng 2001, Political Analysis 9(2), 137-163; Elkan 2001, IJCAI, 973-978.

    >>> at_rate(np.array([0.5, 0.9]), 0.5, 0.02).round(4).tolist()
    [0.02, 0.1552]
    """
    if rate is None:
        return chance
    factor = rate / (1 - rate) * (1 - sampled) / sampled
    return np.clip(chance * factor / (chance * factor + (1 - chance)), 0, 1)
