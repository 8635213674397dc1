"""How long Kaplan-Meier curves take: ours and lifelines', on the same lives.

`python -m benchmarks.survival [rows]` prints the figures and writes them to
`reports/metrics/bench_survival.json`.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from lifelines import KaplanMeierFitter

from benchmarks.figures import shown
from src.data.problems import InputError
from src.models.survival.kaplan_meier import kaplan_meier

OUTPUT = Path("reports/metrics/bench_survival.json")
ROWS = 1_000_000
REPEATS = 5
FIGURES = ["time", "survival", "low", "high"]


def measure(rows: int, repeats: int = REPEATS) -> dict[str, Any]:
    """Processor seconds from a frame of lives to curves with intervals, on one thread.

    Four sorts of lives, a row each: in whole months; half of them watched only from a later month
    on; in two segments, a curve each; in fractions of months, where few durations are equal. Both
    ways run `repeats` times in turns and the best time of each counts. Raises `InputError` when
    the curves differ.
    """
    report: dict[str, Any] = {"rows": rows}
    for name, lives in simulated(rows, np.random.default_rng(0)).items():
        by = "segment" if "segment" in lives else None
        ours, theirs = np.inf, np.inf
        for _ in range(repeats):
            seconds, found = _timed(lambda lives=lives, by=by: kaplan_meier(lives, by))
            ours = min(ours, seconds)
            seconds, fitters = _timed(lambda lives=lives, by=by: by_lifelines(lives, by))
            theirs = min(theirs, seconds)
        report[name] = {
            "ours_seconds": round(ours, 4),
            "lifelines_seconds": round(theirs, 4),
            "speedup": round(theirs / max(ours, 1e-9), 2),
            "largest_difference": largest_difference(found, fitters),
        }
    return report


def simulated(rows: int, random: np.random.Generator) -> dict[str, pd.DataFrame]:
    """Lives of 30 months on average, watched for up to ten years."""
    end = np.ceil(random.exponential(30, rows)).astype("int64")
    entry = np.where(random.random(rows) < 0.5, random.integers(0, 24, rows), 0)
    watched = random.integers(1, 121, rows)
    part = random.random(rows).round(3)
    months = pd.DataFrame({"duration": np.minimum(end, watched), "ended": end <= watched})
    late = pd.DataFrame(
        {
            "duration": entry + months["duration"],
            "ended": months["ended"],
            "entry": entry,
        }
    )
    return {
        "months": months,
        "late_entry": late,
        "segments": months.assign(segment=np.where(random.random(rows) < 0.1, "b2b", "b2c")),
        "fractions": months.assign(duration=months["duration"] - part),
    }


def by_lifelines(lives: pd.DataFrame, by: str | None) -> dict[str, KaplanMeierFitter]:
    groups = [("all", lives)] if by is None else lives.groupby(by)
    return {
        name: KaplanMeierFitter().fit(group["duration"], group["ended"], entry=group.get("entry"))
        for name, group in groups
    }


def largest_difference(found: pd.DataFrame, fitters: dict[str, KaplanMeierFitter]) -> float:
    curves = [
        np.column_stack(
            [of.survival_function_.index, of.survival_function_, of.confidence_interval_]
        )
        for of in fitters.values()
    ]
    expected = np.concatenate(curves)
    if len(found) != len(expected):
        raise InputError(f"lifelines' curves have {len(expected):,} times, ours {len(found):,}")
    difference = float(np.abs(found[FIGURES].to_numpy() - expected).max())
    if not difference < 1e-9:
        raise InputError(f"lifelines' curves differ from ours by {difference:.2g}")
    return difference


def _timed(run: Callable[[], Any]) -> tuple[float, Any]:
    start = time.process_time()
    found = run()
    return time.process_time() - start, found


def main(rows: int = ROWS) -> dict[str, Any]:
    """Measure, print, write and return the figures."""
    return shown(measure(rows), OUTPUT)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else ROWS)
