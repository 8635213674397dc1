"""How long the product matrix and the next best product of a million customers take.

`python -m benchmarks.products [customers]` prints the figures and writes them to
`reports/metrics/bench_products.json`. Where mlxtend is installed, its association rules of the same
baskets are timed beside the matrix; they know no time, no order and no one at risk.
"""

from __future__ import annotations

import importlib.util
import resource
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.figures import shown
from src.features.months import Month
from src.features.standing import Standing, standing, taken_next
from src.features.takings import FOREVER
from src.models.products.counting import counted
from src.models.products.matrix import matrix
from src.models.products.next_best import fit_next

OUTPUT = Path("reports/metrics/bench_products.json")
CUSTOMERS, PRODUCTS, MONTHS, AHEAD = 1_000_000, 40, 36, 6
_FIRST = 24_000
MOST_SECONDS = {"matrix": 20, "next_best": 60}


def simulated(customers: int, rng: np.random.Generator) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Holdings and months watched: 40 products of unequal popularity, three a customer or so."""
    ids = np.array([f"c{number:07}" for number in range(customers)], dtype=object)
    joined = rng.integers(-48, MONTHS, customers)
    appetite = rng.gamma(1.5, 1 / 1.5, customers)
    end = np.minimum(np.maximum(joined, 0) + rng.geometric(0.015, customers), MONTHS) - 1
    parts = []
    for product in range(PRODUCTS):
        wait = rng.exponential(1 / (0.008 / (1 + 0.2 * product) * appetite))
        start = joined + np.ceil(np.minimum(wait, 10_000)).astype(int)
        took = np.flatnonzero(start <= end)
        name = f"product {product + 1:02}"
        parts.append(
            pd.DataFrame({"customer_id": ids[took], "product": name, "start": _FIRST + start[took]})
        )
    held = pd.concat(parts, ignore_index=True).assign(end=FOREVER, is_offered=True)
    seen = pd.DataFrame(
        {
            "customer_id": ids,
            "segment": "B2C",
            "start": _FIRST + np.maximum(joined, 0),
            "end": _FIRST + end,
            "joined": _FIRST + joined,
        }
    )
    return held, seen


def measure(customers: int) -> dict[str, Any]:
    """Seconds of the matrix, and of chances from lists to the best product of every customer.

    Processor seconds of all threads stand beside them: a slow program is no a busy machine.
    """
    rng = np.random.default_rng(0)
    held, seen = simulated(customers, rng)
    started, worked = time.perf_counter(), time.process_time()
    cells = matrix(counted(held, seen))
    of_matrix, work_of_matrix = time.perf_counter() - started, time.process_time() - worked

    products = sorted(held["product"].unique())
    started, worked = time.perf_counter(), time.process_time()

    def list_at(back: int) -> Standing:
        at = Month(_FIRST + MONTHS - 1 - back)
        there = seen[(seen["start"] <= at.number) & (seen["end"] >= at.number)]
        listed = there.assign(revenue=20.0)
        return standing(held, listed, at, products)

    past = [list_at(AHEAD * step) for step in (1, 2, 3)]
    model = fit_next([(now, taken_next(held, now, AHEAD)[0]) for now in past], AHEAD, rng)
    everybody = seen.assign(revenue=20.0)
    now = standing(held, everybody, Month(_FIRST + MONTHS - 1), products)
    best = np.nan_to_num(model.chances(now), nan=-1.0).argmax(axis=1)
    of_next, work_of_next = time.perf_counter() - started, time.process_time() - worked
    return {
        "customers": customers,
        "products": PRODUCTS,
        "holdings": len(held),
        "cells": int(cells["is_shown"].sum()),
        "matrix_seconds": round(of_matrix, 1),
        "matrix_processor_seconds": round(work_of_matrix, 1),
        "next_best_customers": len(best),
        "next_best_seconds": round(of_next, 1),
        "next_best_processor_seconds": round(work_of_next, 1),
        "most_seconds": MOST_SECONDS,
        "rules_seconds": by_rules(held),
        "peak_gb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6, 2),
    }


def by_rules(held: pd.DataFrame) -> float | None:
    """Seconds of mlxtend's rules of two products from the same baskets; None: not installed."""
    if importlib.util.find_spec("mlxtend") is None:
        return None
    from mlxtend.frequent_patterns import association_rules, fpgrowth

    started = time.perf_counter()
    customer, _ = pd.factorize(held["customer_id"])
    product, names = pd.factorize(held["product"], sort=True)
    basket = np.zeros((customer.max() + 1, len(names)), dtype=bool)
    basket[customer, product] = True
    frequent = fpgrowth(
        pd.DataFrame(basket, columns=names), min_support=1e-4, use_colnames=True, max_len=2
    )
    association_rules(frequent, metric="lift", min_threshold=0.0)
    return round(time.perf_counter() - started, 1)


def main(customers: int = CUSTOMERS) -> dict[str, Any]:
    """Measure, print, write and return the figures."""
    return shown(measure(customers), OUTPUT)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else CUSTOMERS)
