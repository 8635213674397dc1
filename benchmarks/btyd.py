"""How fast models of buyers without a contract are fitted, beside the libraries that do the same.

`python -m benchmarks.btyd [customers]` prints the figures and writes them to
`reports/metrics/bench_btyd.json`. The BG/NBD of all 23,570 buyers of CDNOW, and of a million
simulated buyers from their table to P(alive) and expected purchases of each. lifetimes is called as
its users do; likelihoods are those of one function at the parameters of each.
"""

from __future__ import annotations

import importlib.util
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.figures import fastest, shown
from src.models.shop import bg_nbd
from src.models.shop.beta_geometric import per_pattern
from src.models.shop.buyers import patterns_of
from src.models.shop.simulated import bg_nbd_buyers

OUTPUT = Path("reports/metrics/bench_btyd.json")
CUSTOMERS, AHEAD, ROUNDS = 1_000_000, 39.0, 3
MOST_SECONDS, LEAST_SPEEDUPS = 3, {"full": 7, "1m": 5}
_TRUE = {"r": 0.25, "alpha": 4.4, "a": 0.8, "b": 2.4}
_LAST_DAY = pd.Timestamp("1998-06-30")


def cdnow() -> pd.DataFrame:
    """All buyers of CDNOW by day, in weeks, to the end of its log."""
    spec = importlib.util.find_spec("lifetimes")
    assert spec is not None
    assert spec.submodule_search_locations is not None
    path = Path(spec.submodule_search_locations[0]) / "datasets" / "CDNOW_master.txt"
    names = ["customer", "date", "cds", "money"]
    log = pd.read_csv(path, sep=r"\s+", header=0, names=names, parse_dates=["date"])
    days = log.drop_duplicates(["customer", "date"]).groupby("customer")["date"]
    first, last = days.min(), days.max()
    return pd.DataFrame(
        {
            "frequency": days.size() - 1,
            "recency": (last - first).dt.days / 7,
            "age": (_LAST_DAY - first).dt.days / 7,
        }
    )


def simulated(customers: int) -> pd.DataFrame:
    """Buyers of two years, known by the day."""
    rng = np.random.default_rng(0)
    ages = rng.integers(1, 731, customers) / 7
    buyers = bg_nbd_buyers(**_TRUE, ages=ages, rng=rng)
    return buyers.assign(recency=np.minimum(np.ceil(7 * buyers["recency"]) / 7, ages))


def ours(buyers: pd.DataFrame) -> list[float]:
    """Compress, fit and score; the parameters."""
    patterns = patterns_of(buyers)
    model = bg_nbd.fit(patterns)
    model.alive(patterns)
    model.expected(patterns, AHEAD)
    return model.parameters.tolist()


def of_lifetimes(buyers: pd.DataFrame) -> list[float]:
    """Fit and score with lifetimes; the parameters."""
    from lifetimes import BetaGeoFitter

    columns = buyers["frequency"], buyers["recency"], buyers["age"]
    model = BetaGeoFitter().fit(*columns)
    model.conditional_probability_alive(*columns)
    model.conditional_expected_number_of_purchases_up_to_time(AHEAD, *columns)
    return [float(model.params_[name]) for name in ("r", "alpha", "a", "b")]


def of_pymc(buyers: pd.DataFrame) -> list[float]:
    """Fit with pymc-marketing by maximum a posteriori; the parameters."""
    from pymc_marketing.clv import BetaGeoModel

    data = buyers.rename(columns={"age": "T"}).rename_axis("customer_id").reset_index()
    model = BetaGeoModel(data=data)
    model.fit(method="map")
    told = model.fit_result.mean()
    return [float(told[name]) for name in ("r", "alpha", "a", "b")]


def measure(customers: int) -> dict[str, Any]:
    """Seconds, likelihoods and speed-ups of all contestants there are, on both tables.

    Processor seconds of all threads stand beside them: a slow program is not a busy machine.
    """
    ways: dict[str, Callable[[pd.DataFrame], list[float]]] = {"ours": ours}
    if importlib.util.find_spec("lifetimes"):
        ways["lifetimes"] = of_lifetimes
    if importlib.util.find_spec("pymc_marketing"):
        ways["pymc_marketing"] = of_pymc
    report: dict[str, Any] = {"customers": customers, "most_seconds": MOST_SECONDS}
    for table, buyers, rounds in (("full", cdnow(), ROUNDS), ("1m", simulated(customers), 1)):
        patterns = patterns_of(buyers)
        report |= {f"buyers_{table}": len(buyers), f"patterns_{table}": len(patterns.buyers)}
        for name, way in ways.items():
            turns = rounds if name != "pymc_marketing" else 1
            parameters, seconds, worked = fastest(_quietly(way, buyers), turns)
            likelihood = patterns.buyers @ per_pattern(parameters, patterns, 0).value
            report[f"{name}_seconds_{table}"] = round(seconds, 3)
            report[f"{name}_processor_seconds_{table}"] = round(worked, 3)
            report[f"{name}_log_likelihood_{table}"] = round(float(likelihood), 3)
        for name in set(ways) - {"ours"}:
            speedup = report[f"{name}_seconds_{table}"] / report[f"ours_seconds_{table}"]
            report[f"speedup_vs_{name}_{table}"] = round(speedup, 1)
    return {**report, "least_speedups": LEAST_SPEEDUPS}


def _quietly(
    way: Callable[[pd.DataFrame], list[float]], buyers: pd.DataFrame
) -> Callable[[], list[float]]:
    def run() -> list[float]:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return way(buyers)

    return run


def main(customers: int = CUSTOMERS) -> dict[str, Any]:
    """Measure, print, write and return the figures."""
    return shown(measure(customers), OUTPUT)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else CUSTOMERS)
