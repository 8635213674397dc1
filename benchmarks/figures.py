"""What all benchmarks share: the fastest of some rounds, and where the figures go."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from src.commands.writing import replace_file

_Found = TypeVar("_Found")


def fastest(way: Callable[[], _Found], rounds: int) -> tuple[_Found, float, float]:
    """What a way finds, and seconds by the clock and of the processor, the fewest of each."""
    seconds = worked = float("inf")
    for _ in range(rounds):
        clock, processor = time.perf_counter(), time.process_time()
        found = way()
        seconds = min(seconds, time.perf_counter() - clock)
        worked = min(worked, time.process_time() - processor)
    return found, seconds, worked


def shown(report: dict[str, Any], output: Path) -> dict[str, Any]:
    """The report, printed and written to `output`."""
    text = json.dumps(report, indent=2)
    print(text)
    output.parent.mkdir(parents=True, exist_ok=True)
    replace_file(output, text + "\n")
    return report
