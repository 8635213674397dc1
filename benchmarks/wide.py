"""A snapshot base of any size as other people have them: many columns, text of many values, gaps.

`wide_snapshot` makes it, by a seed; `python -m benchmarks.wide` runs 03_churn on 50,000 rows of 60
columns, with plain XGBoost on the same folds beside it, and writes both to
`reports/metrics/bench_wide.json`.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from scipy.special import expit

OUTPUT = Path("reports/metrics/bench_wide.json")
ROWS, COLUMNS, MOST_SECONDS = 50_000, 60, 240
_LEVELS = (3, 5, 12, 40, 300, 2_000)  # of the columns of text
_GAPS = 0.15  # of the cells of every fifth number


def wide_snapshot(rows: int = ROWS, columns: int = COLUMNS, seed: int = 0) -> pd.DataFrame:
    """`customer_id`, `churned`, `tenure_months`, `monthly_revenue`, and further columns.

    A tenth of the columns are text, of 3 to 2,000 levels; a fifth are flags; the others are numbers
    in groups that move together, half of them skewed as money is, every fifth with gaps. A dozen of
    the columns tell who churns, two of them only together and one by a middle range; about one in
    five churns.
    """
    rng = np.random.default_rng(seed)
    made: dict[str, np.ndarray] = {
        "tenure_months": rng.gamma(1.2, 20, rows).round().clip(1, 240),
        "monthly_revenue": rng.lognormal(3.2, 0.6, rows).round(2),
    }
    further = columns - len(made)
    texts, flags = further // 10 or 1, further // 5
    score = -0.5 * np.log(made["tenure_months"]) + 0.3 * np.log(made["monthly_revenue"])
    for place in range(texts):
        levels = _LEVELS[place % len(_LEVELS)]
        popularity = 1 / np.arange(1, levels + 1)
        codes = rng.choice(levels, rows, p=popularity / popularity.sum())
        made[f"text_{place + 1}"] = np.array([f"level {code + 1}" for code in range(levels)])[codes]
        score += 0.35 * rng.normal(size=levels)[codes] if place < len(_LEVELS) else 0.0
    for place in range(flags):
        made[f"flag_{place + 1}"] = rng.random(rows) < rng.uniform(0.05, 0.6)
    score += 0.8 * made["flag_1"] * made["flag_2"] - 0.4 * made["flag_1"]
    shared = rng.normal(size=(rows, 6))
    for place in range(further - texts - flags):
        values = 0.8 * shared[:, place % 6] + 0.6 * rng.normal(size=rows)
        if place in (0, 3, 4):
            score += 0.4 * values
        if place == 5:
            score -= 0.7 * (np.abs(values) < 0.5)
        values = np.exp(values).round(2) if place % 2 else values.round(3)
        if place % 5 == 4:
            values = np.where(rng.random(rows) < _GAPS, np.nan, values)
        made[f"number_{place + 1}"] = values
    churned = rng.random(rows) < expit(score - np.quantile(score, 0.87))
    customers = pd.Series([f"c{place}" for place in range(rows)], name="customer_id")
    return pd.DataFrame({"customer_id": customers, "churned": churned, **made})
