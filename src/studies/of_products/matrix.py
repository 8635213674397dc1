"""Whether the product matrix marks pairs that only share their customers' appetite.

Each replicate has two sets of simulated customers. All have an appetite of their own (gamma) that
speeds up everything they take and makes them stay longer, as engagement does at the operator; some
were there before the first month. In the first set no product has to do with another; in the second
four products make one other each be taken three times as fast from then on. What is marked of the
first is false; of the planted pairs of the second, what is not marked is missed. Beside it stands
what a matrix would mark that looks at lifts alone, without the order.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from statsmodels.stats.multitest import multipletests

from src.features.takings import FOREVER
from src.models.products.counting import counted
from src.models.products.matrix import matrix

REPLICATES = 100
_CUSTOMERS, _MONTHS, _PRODUCTS, _FACTOR = 8_000, 36, 8, 3.0
_FIRST = 24_000  # the number of the first month watched
_OLD, _OLDEST = 0.6, 60  # share who were there before, and their longest tenure in months
_APPETITE = 1.5  # shape of the gamma distribution of appetites, mean 1
_LEAVING = 0.02  # a month, at an appetite of 1


def customers(rng: np.random.Generator, factor: float) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Holdings and months watched of simulated customers, as `src.features.takings` has them.

    Products come in pairs, `a0` and `b0`, .. : the first makes the second be taken `factor` times
    as fast. Takings of each product are at one rate times the appetite, from joining on.
    """
    appetite = rng.gamma(_APPETITE, 1 / _APPETITE, _CUSTOMERS)
    is_old = rng.random(_CUSTOMERS) < _OLD
    joined = np.where(
        is_old, -rng.integers(1, _OLDEST, _CUSTOMERS), rng.integers(1, _MONTHS, _CUSTOMERS)
    )
    leaves = np.maximum(joined, 0) + rng.geometric(_LEAVING / (0.5 + 0.5 * appetite))
    ids = np.arange(_CUSTOMERS)
    end = np.minimum(leaves, _MONTHS) - 1
    seen = pd.DataFrame(
        {
            "customer_id": ids,
            "start": _FIRST + np.maximum(joined, 0),
            "end": _FIRST + end,
            "joined": _FIRST + joined,
        }
    )
    parts = []
    for pair, pace in enumerate(np.linspace(0.008, 0.02, _PRODUCTS // 2)):
        first = rng.exponential(1 / (pace * appetite))
        slow = pace * appetite
        # The months that the second waits, at the slow pace up to the first and fast from there.
        waits = rng.exponential(1.0, _CUSTOMERS)
        second = np.where(
            waits < slow * first, waits / slow, first + (waits - slow * first) / (factor * slow)
        )
        for name, after in ((f"a{pair}", first), (f"b{pair}", second)):
            start = joined + np.ceil(np.minimum(after, 10_000)).astype(int)
            took = np.flatnonzero(start <= end)
            parts.append(
                pd.DataFrame(
                    {"customer_id": ids[took], "product": name, "start": _FIRST + start[took]}
                )
            )
    held = pd.concat(parts, ignore_index=True).assign(end=FOREVER, is_offered=True)
    return held, seen


def replicate(seed: int) -> dict[str, float]:
    """What is marked: counts of `null.` and `planted.` cells.

    `null.shown` and `null.marked` of independent pairs, `null.by_lift` those marked by the lift
    alone; `planted.pairs`, `planted.found`, and `planted.others`, `planted.others_marked` of all
    other pairs of the second set.
    """
    rng = np.random.default_rng(seed)
    null = matrix(counted(*customers(rng, 1.0)))
    shown = null[null["is_shown"]]
    by_lift = multipletests(shown["p_more"], 0.05, method="fdr_bh")[0] if len(shown) else []
    cells = matrix(counted(*customers(rng, _FACTOR)))
    pair = cells["held"].str[1:] + cells["next"].str[1:]
    is_planted = (cells["held"].str[0] == "a") & (cells["next"].str[0] == "b")
    is_planted &= pair.str[0] == pair.str[1]
    others = cells[~is_planted & cells["is_shown"]]
    return {
        "null.shown": float(len(shown)),
        "null.marked": float(shown["is_marked"].sum()),
        "null.by_lift": float(np.sum(by_lift)),
        "planted.pairs": float(is_planted.sum()),
        "planted.found": float(cells.loc[is_planted, "is_marked"].sum()),
        "planted.others": float(len(others)),
        "planted.others_marked": float(others["is_marked"].sum()),
    }


def summarise(rows: list[dict[str, float]]) -> dict[str, float]:
    """Shares over all replicates.

    `null.flagged`: of independent pairs that are shown those marked; `null.any`: of replicates
    those with one at least; `null.flagged_by_lift`; `planted.power`: of planted pairs those found;
    `planted.flagged`: of the other pairs beside them those marked; `replicates`.
    """
    table = pd.DataFrame(rows)
    total = table.sum()
    return {
        "null.flagged": float(total["null.marked"] / total["null.shown"]),
        "null.any": float((table["null.marked"] > 0).mean()),
        "null.flagged_by_lift": float(total["null.by_lift"] / total["null.shown"]),
        "planted.power": float(total["planted.found"] / total["planted.pairs"]),
        "planted.flagged": float(total["planted.others_marked"] / total["planted.others"]),
        "replicates": float(len(rows)),
    }
