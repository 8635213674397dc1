"""Whether the days of purchase would be made faster by the engine that computes features.

`python -m benchmarks.purchases [orders]` prints the figures and writes them to
`reports/metrics/bench_purchases.json`. Both ways read the same Parquet file of orders and end with
a row per buyer and day in pandas, where the models of shop buyers need it: `purchase_log`, and one
grouping by DuckDB in the same expressions as the features. Sums of the engine go over exact
decimals, since floats that are added in the order of its threads may change their last digit from
one run to the next (`float_sums_that_move` counts days of which it does).
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import narwhals as nw
import numpy as np
import pandas as pd

from benchmarks.figures import fastest, shown
from src.features.engines import open_engine
from src.features.purchases import purchase_log

OUTPUT = Path("reports/metrics/bench_purchases.json")
ORDERS, PER_BUYER, DAYS, ROUNDS = 5_000_000, 7, 1_000, 3
_SAME = 1e-9  # of the money of a day


def orders_of_a_shop(count: int, rng: np.random.Generator) -> pd.DataFrame:
    """Orders of hashed buyers over some years, one in fifty a return, a few on one day."""
    buyers = count // PER_BUYER
    keys = np.array([f"{number:032x}" for number in rng.permutation(buyers)], dtype=object)
    buyer = np.sort(rng.integers(0, buyers, count))
    days = pd.to_timedelta(rng.integers(0, DAYS, count), unit="D")
    amount = np.round(rng.lognormal(3, 1, count), 2)
    again = rng.random(count) < 0.05  # several orders of a day, as baskets are split
    days = days.where(~again, np.roll(days, 1))
    return pd.DataFrame(
        {
            "buyer_key": keys[buyer],
            "date": pd.Timestamp("2022-01-01") + days,
            "amount": amount * np.where(rng.random(count) < 0.02, -1, 1),
        }
    )


def ours(path: Path) -> pd.DataFrame:
    """The days by `purchase_log`."""
    return purchase_log(pd.read_parquet(path)).days


def by_engine(path: Path, *, exact: bool = True) -> pd.DataFrame:
    """The days by one grouping of the engine, sorted as ours."""
    amount = nw.col("amount")
    sums = amount.cast(nw.Decimal(38, 9)) if exact else amount
    with tempfile.TemporaryDirectory() as scratch, open_engine("duckdb", Path(scratch)) as engine:
        days = (
            engine.scan(path)
            .with_columns(nw.col("date").dt.truncate("1d"))
            .group_by("buyer_key", "date")
            .agg(sums.sum().cast(nw.Float64).alias("amount"))
            .filter(nw.col("amount") > 0)
            .sort("buyer_key", "date")
        )
        return days.to_native().df()


def measure(orders: int) -> dict[str, Any]:
    """Seconds of both ways, by the clock and of the processor, and how far they agree."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "orders.parquet"
        orders_of_a_shop(orders, np.random.default_rng(0)).to_parquet(path, index=False)
        report: dict[str, Any] = {"orders": orders}
        ways: dict[str, Callable[[Path], pd.DataFrame]] = {"ours": ours, "engine": by_engine}
        days: dict[str, pd.DataFrame] = {}
        for name, way in ways.items():
            days[name], seconds, worked = fastest(partial(way, path), ROUNDS)
            report[f"{name}_seconds"] = round(seconds, 3)
            report[f"{name}_processor_seconds"] = round(worked, 3)
        moved = [by_engine(path, exact=False)["amount"].to_numpy() for _ in range(2)]
    apart = np.abs(days["ours"]["amount"].to_numpy() - days["engine"]["amount"].to_numpy())
    assert days["ours"]["buyer_key"].tolist() == days["engine"]["buyer_key"].tolist()
    assert (apart <= _SAME * days["ours"]["amount"]).all()
    report["days"] = len(days["ours"])
    report["float_sums_that_move"] = int((moved[0] != moved[1]).sum())
    for unit in ("seconds", "processor_seconds"):
        report[f"engine_over_ours_{unit}"] = round(
            report[f"engine_{unit}"] / report[f"ours_{unit}"], 2
        )
    return report


def main(orders: int = ORDERS) -> dict[str, Any]:
    """Measure, print, write and return the figures."""
    return shown(measure(orders), OUTPUT)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else ORDERS)
