"""How long it takes to divide a million customers: RFM, ABC-XYZ, and clusters by habit.

`python -m benchmarks.segments [customers]` prints the figures and writes them to
`reports/metrics/bench_segments.json`.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import numpy as np
import pandas as pd

from benchmarks.figures import shown
from src.models.segments.abc_xyz import abc_xyz, matrix
from src.models.segments.clusters import find_clusters
from src.models.segments.effort import effort_shares
from src.models.segments.rfm import profile, rfm

OUTPUT = Path("reports/metrics/bench_segments.json")
CUSTOMERS = 1_000_000
HABITS, GROUPS, APART = 8, 3, 6.0
REPLICATES = 200
Answer = TypeVar("Answer")


def measure(customers: int) -> dict[str, float]:
    """Seconds of each way to divide so many simulated customers.

    `rfm` and `abc_xyz` with their tables; `clusters_found` (from a sample) and `clusters_assigned`
    (everybody to one of three planted clusters), with `clusters`, how many were found; `effort`
    with 200 replicates of its bootstrap.
    """
    rng = np.random.default_rng(0)
    people = simulated(customers, rng)
    seconds: dict[str, float] = {"customers": customers}

    def timed(name: str, work: Callable[[], Answer]) -> Answer:
        started = time.perf_counter()
        answer = work()
        seconds[f"{name}_seconds"] = round(time.perf_counter() - started, 2)
        return answer

    timed("rfm", lambda: profile(rfm(people), people))
    timed("abc_xyz", lambda: matrix(abc_xyz(people).assign(money=people["money"]), ["money"]))
    group = rng.integers(GROUPS, size=customers)
    values = rng.standard_normal((customers, HABITS))
    values[np.arange(customers), group] += APART
    habits = pd.DataFrame(values, columns=[f"habit {place}" for place in range(HABITS)])
    found = timed("clusters_found", lambda: find_clusters(habits, frozenset(), rng))
    seconds["clusters"] = found.number
    timed("clusters_assigned", lambda: found.assign(habits))
    timed("effort", lambda: effort_shares(people, ["tickets"], rng, REPLICATES))
    return seconds


def simulated(customers: int, rng: np.random.Generator) -> pd.DataFrame:
    """Customers with ties, returns and a heavy tail of money."""
    frequency = rng.poisson(rng.gamma(1.0, 5.0, customers))
    return pd.DataFrame(
        {
            "customer_id": [f"B2C{number:07d}" for number in range(customers)],
            "recency": rng.integers(0, 36, customers),
            "frequency": frequency,
            "money": (rng.lognormal(3, 1.2, customers) * frequency - 5).round(2),
            "tickets": rng.poisson(0.3, customers).astype(float),
        }
    )


def main(customers: int = CUSTOMERS) -> dict[str, float]:
    """Measure, print, write and return the figures."""
    return shown(measure(customers), OUTPUT)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else CUSTOMERS)
