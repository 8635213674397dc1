"""How long it takes to value a million customers from a fitted model.

`python -m benchmarks.ltv [customers]` prints the figures and writes them to
`reports/metrics/bench_ltv.json`.
"""

from __future__ import annotations

import resource
import sys
import time
from pathlib import Path

import numpy as np

from benchmarks.figures import shown
from src.data.bases import open_base
from src.features.lifecycle import LifeRecord
from src.features.tables import open_features
from src.models.churn.timesplit import model_columns
from src.models.value.customer_value import HORIZON, fit_value

OUTPUT = Path("reports/metrics/bench_ltv.json")
BASE, SEGMENT = "operator", "B2B"
CUSTOMERS = 1_000_000
AT_ONCE = 100_000


def measure(customers: int) -> dict[str, float]:
    """Seconds of two threads from features to residual LTV over 36 months, and memory.

    The customers are those of the operator's last month, drawn again; they are valued in parts of
    100,000, so that memory does not grow with their number. `growth`: seconds per customer of the
    whole over those of its first tenth; 1 is linear.
    """
    base = open_base(BASE)
    tables = open_features(base)
    bills = base.table("billing")
    rows = tables.read()
    rows = rows[rows["segment"] == SEGMENT]
    record = LifeRecord(bills, base.table("customers"), tables.freeze_months)
    columns = model_columns(tables.catalogue)
    model = fit_value(rows, bills, record.as_of(), columns, record.follow_up())
    for booster in model.hazard.models_:
        booster.set_param({"nthread": 2})
    today = rows[rows["snapshot"] == rows["snapshot"].max()]
    drawn = np.random.default_rng(0).integers(0, len(today), customers)

    started, valued, total, first = time.perf_counter(), 0, 0.0, 0.0
    while valued < customers:
        part = today.iloc[drawn[valued : valued + AT_ONCE]].reset_index(drop=True)
        total += float(model.worth(part, model.survival(part))["margin"].sum())
        valued += len(part)
        if not first and valued >= customers / 10:
            first = (time.perf_counter() - started) / valued
    seconds = time.perf_counter() - started
    return {
        "customers": customers,
        "months": HORIZON,
        "seconds": round(seconds, 1),
        "growth": round(seconds / customers / first, 2),
        "peak_gb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6, 2),
        "mean_ltv": round(total / customers, 2),
    }


def main(customers: int = CUSTOMERS) -> dict[str, float]:
    """Measure, print, write and return the figures."""
    return shown(measure(customers), OUTPUT)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else CUSTOMERS)
