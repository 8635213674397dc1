"""How long the features of billing and usage take, against a plain scan, pandas and Polars.

`python -m benchmarks.features` prints the figures of one million simulated customers and writes
them to `reports/metrics/bench_features.json`; `python -m benchmarks.features large` those of 14.5
million, to `reports/metrics/bench_features_large.json`. docs/benchmarks.md explains them.
"""

from __future__ import annotations

import json
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd

from benchmarks import features_pandas
from src.commands.writing import replace_file
from src.data.bases import Base, open_base
from src.data.problems import InputError
from src.features.building import Plan, feature_frame, plan
from src.features.catalogue import AT, KEY
from src.features.engines import Engine, open_engine
from src.features.leaks import LATEST
from src.features.months import Month

OUTPUT = Path("reports/metrics/bench_features.json")
OUTPUT_LARGE = Path("reports/metrics/bench_features_large.json")
SMALL, MILLION, LARGE = (
    "operator",
    "data/scaled/operator_1000000x24",
    "data/scaled/operator_14500000x24",
)
FAMILIES = ("tenure", "money", "usage")
WITH_VALUE = (*FAMILIES, "value")
ROUNDS = 3
TOLERANCE = 1e-9
READ = {
    "billing": ("customer_id", "month", "revenue", "cost_to_serve"),
    "usage": ("customer_id", "month", "data_gb", "call_minutes", "messages"),
}


def tables_of(base: Base) -> Path:
    return base.folder / "tables"


def compute(
    base: Base,
    finish: Callable[[Engine, Plan, object], object],
    families: tuple[str, ...] = FAMILIES,
    snapshots: int = 1,
) -> object:
    """Open an engine, plan, and hand the lazy features of the last snapshots to `finish`."""
    with tempfile.TemporaryDirectory() as scratch, open_engine("duckdb", Path(scratch)) as engine:
        planned = plan(base, engine, families=families)
        chosen = planned.snapshots[-snapshots:]
        return finish(engine, planned, feature_frame(base, engine, planned, chosen).frame)


def kept(base: Base, families: tuple[str, ...] = FAMILIES, snapshots: int = 1) -> None:
    """Into a table of the engine."""
    compute(base, lambda engine, _, frame: engine.keep(frame), families, snapshots)


def written(base: Base) -> None:
    """Sorted by customer, into a Parquet file that goes away."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "features.parquet"
        compute(base, lambda engine, _, frame: engine.write(frame, path, by=KEY))


def in_memory(base: Base) -> object:
    """Into an Arrow table, as Polars has it at its end."""
    return compute(base, lambda _engine, _, frame: frame.collect(backend="pyarrow").to_native())


def scan(base: Base) -> None:
    """Every column that the features read, once: the least a computation could take."""
    with duckdb.connect() as connection:
        connection.execute("SET preserve_insertion_order = false")
        for table, (customer, month, *values) in READ.items():
            sums = ", ".join(f"sum({value})" for value in values)
            path = tables_of(base) / f"{table}.parquet"
            query = f"SELECT max({customer}), max({month}), {sums} FROM read_parquet('{path}')"
            connection.execute(query).fetchall()


def by_polars(base: Base, at: Month) -> pd.DataFrame:
    from benchmarks import features_polars

    return features_polars.features(tables_of(base), at)


def check_by_hand(base: Base) -> int:
    """Refuse to time versions by hand whose figures are not ours; the number of features."""
    for place in (1, 13):
        found, at = compute(
            base,
            lambda _engine, planned, frame: (
                frame.collect(backend="pandas").to_native(),
                planned.snapshots[-1],
            ),
            snapshots=place,
        )
        at = at.back(place - 1)
        found = found[found[AT] == at.number].drop(columns=[AT, LATEST])
        check_equal(found, features_pandas.features(tables_of(base), at), "pandas")
        check_equal(found, by_polars(base, at).to_pandas(), "Polars")
    return found.shape[1] - 1


def check_equal(ours: pd.DataFrame, by_hand: pd.DataFrame, name: str) -> None:
    """The same customers and features, to `TOLERANCE`; `InputError` names what differs."""
    ours, theirs = (frame.set_index(KEY).sort_index() for frame in (ours, by_hand))
    if set(ours) != set(theirs):
        raise InputError(f"{name} by hand has other features: {sorted(set(ours) ^ set(theirs))}")
    if list(ours.index) != list(theirs.index):
        raise InputError(f"{name} by hand has other customers: {len(theirs):,}, not {len(ours):,}")
    for feature in ours:
        mine, other = ours[feature].to_numpy("float64"), theirs[feature].to_numpy("float64")
        is_same = np.isclose(mine, other, rtol=TOLERANCE, atol=1e-12, equal_nan=True)
        if not is_same.all():
            raise InputError(f"{name} by hand differs in {feature} for {(~is_same).sum():,} rows")


def fastest(runs: dict[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """The least seconds of each, run in turns so that a busy moment of the machine hits all."""
    seconds = dict.fromkeys(runs, np.inf)
    for _ in range(rounds):
        for name, run in runs.items():
            start = time.perf_counter()
            run()
            seconds[name] = min(seconds[name], time.perf_counter() - start)
    return seconds


def alone(base: str) -> dict[str, float]:
    """`seconds` and `peak_gb` of a fresh process that computes and writes the features."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.features", "write", base],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    return json.loads(done.stdout)


def write_alone(base: str) -> None:
    """What `alone` runs."""
    start = time.perf_counter()
    written(open_base(base))
    seconds = time.perf_counter() - start
    print(json.dumps({"seconds": seconds, "peak_gb": peak_memory()}))


def peak_memory() -> float:
    """The most memory this process has held, in GB.

    From Linux's own count of this program: `getrusage` would also count the parent, whose memory a
    new process holds for a moment.
    """
    status = Path("/proc/self/status")
    if status.is_file():
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) * 1024 / 1e9
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e9


def measure(rounds: int = ROUNDS) -> dict[str, object]:
    """The figures of one million customers, one snapshot; see docs/benchmarks.md."""
    features = check_by_hand(open_base(SMALL))
    base = open_base(MILLION)
    with tempfile.TemporaryDirectory() as scratch, open_engine("duckdb", Path(scratch)) as engine:
        at = plan(base, engine).snapshots[-1]
    seconds = fastest(
        {
            "scan": lambda: scan(base),
            "kept": lambda: kept(base),
            "in_memory": lambda: in_memory(base),
            "polars": lambda: by_polars(base, at),
            "written": lambda: written(base),
            "two_snapshots": lambda: kept(base, snapshots=2),
            "kept_with_value": lambda: kept(base, WITH_VALUE),
        },
        rounds,
    )
    # It takes as long as all others together, so it gets fewer turns, each next to one of ours.
    beside = fastest(
        {
            "in_memory": lambda: in_memory(base),
            "pandas": lambda: features_pandas.features(tables_of(base), at),
        },
        min(rounds, 2),
    )
    seconds["pandas"] = beside["pandas"]
    ratios = {
        "scan_ratio": seconds["kept"] / seconds["scan"],
        "scan_ratio_written": seconds["written"] / seconds["scan"],
        "scan_ratio_with_value": seconds["kept_with_value"] / seconds["scan"],
        "pandas_speedup": seconds["pandas"] / beside["in_memory"],
        "polars_ratio": seconds["in_memory"] / seconds["polars"],
        "two_snapshots_ratio": seconds["two_snapshots"] / seconds["kept"],
        "peak_gb": alone(MILLION)["peak_gb"],
    }
    return {
        **{name: round(ratio, 2) for name, ratio in ratios.items()},
        "features": features,
        "customers": base.rows["customers"],
        "rows": sum(base.rows[table] for table in READ),
        **{f"seconds.{name}": round(value, 2) for name, value in seconds.items()},
        **circumstances("duckdb", "pandas", "polars", "narwhals"),
    }


def measure_large(rounds: int = 3) -> dict[str, object]:
    """The figures of 14.5 million customers, once, beside those of one million."""
    million, large = open_base(MILLION), open_base(LARGE)
    before = [alone(MILLION) for _ in range(rounds)]
    after = alone(LARGE)
    seconds = min(run["seconds"] for run in before)
    each, each_large = (
        taken / base.rows["customers"] * 1e6
        for taken, base in ((seconds, million), (after["seconds"], large))
    )
    return {
        "growth": round(each_large / each, 2),
        "seconds_per_million": round(each, 2),
        "seconds_per_million_large": round(each_large, 2),
        "peak_gb": round(max(run["peak_gb"] for run in before), 2),
        "peak_gb_large": round(after["peak_gb"], 2),
        "seconds": round(after["seconds"], 1),
        "customers": large.rows["customers"],
        "billing_rows": large.rows["billing"],
        "usage_rows": large.rows["usage"],
        **circumstances("duckdb", "narwhals"),
    }


def circumstances(*packages: str) -> dict[str, object]:
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30
    return {
        "cores": os.cpu_count(),
        "memory_gb": round(memory, 1),
        "versions.python": platform.python_version(),
        **{f"versions.{name}": version(name) for name in packages},
        "date": time.strftime("%Y-%m-%d"),
    }


def main(arguments: tuple[str, ...] = ()) -> dict[str, object]:
    """Measure, print, write and return the figures; `large` for 14.5 million customers."""
    is_large = arguments == ("large",)
    report = measure_large() if is_large else measure()
    path = OUTPUT_LARGE if is_large else OUTPUT
    print(pd.Series(report).to_string())
    path.parent.mkdir(parents=True, exist_ok=True)
    replace_file(path, json.dumps(report, indent=2) + "\n")
    return report


if __name__ == "__main__":
    if sys.argv[1:2] == ["write"]:
        write_alone(sys.argv[2])
    else:
        main(tuple(sys.argv[1:]))
