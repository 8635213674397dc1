"""How the gap of two groups moves with the number that tells them apart."""

from __future__ import annotations

import numpy as np
import pandas as pd

from src.models.gap.bars import gap_intervals
from src.models.value.worth import placed

_TIMES = (0.25, 0.5, 1.0, 2.0, 4.0)  # of the bound


def gaps_by_bound(
    worth: pd.DataFrame,
    numbers: pd.Series,
    bound: float,
    names: tuple[str, str],
    rng: np.random.Generator,
    *,
    min_cell: int = 10,
    replicates: int = 2_000,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """The gap of mean LTV where the first group begins at other bounds, a quarter to four times.

    `worth` as in `src.models.value.worth`; `numbers`, in its order, are what the bound is on, and
    `names` the group from the bound on and the group below. Returns `bound`, `customers` (of the
    first group), `share` of all, `gap`, `low`, `high` (money), `is_own` (the bound of the base),
    without bounds that leave fewer than `min_cell` customers on a side, or that part customers as
    one before does.

    Assumption: each customer keeps the value that the models of the declared groups gave; only who
    belongs where is moved. Intervals are of other customers.
    """
    rows, parted = [], set()
    number = numbers.to_numpy(float)
    for times in _TIMES:
        is_first = number >= bound * times
        count = int(is_first.sum())
        if min(count, len(number) - count) < min_cell or count in parted:
            continue
        parted.add(count)
        moved = placed(worth).assign(group=np.where(is_first, *names))
        drawn = gap_intervals(moved, names[0], rng, replicates=replicates, confidence=confidence)
        gap = drawn.bars.set_index("factor").loc["gap"]
        rows.append(
            {
                "bound": bound * times,
                "customers": count,
                "share": count / len(number),
                "gap": gap["bar"],
                "low": gap["low"],
                "high": gap["high"],
                "is_own": times == 1,
            }
        )
    return pd.DataFrame(rows)
