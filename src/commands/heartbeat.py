"""A line now and then while a run is silent: what it does, and for how long."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tqdm import tqdm

SECONDS = 15.0


@contextmanager
def heartbeat(name: str, told: Path, seconds: float = SECONDS) -> Iterator[None]:
    """Print a line of `name` every so many seconds until the block ends.

    `told`: a file in which the run may say what it does, see `src.analyses.progress`. A bar of
    progress goes on below the line.
    """
    is_done, began = threading.Event(), time.monotonic()

    def beat() -> None:
        while not is_done.wait(seconds):
            what = told.read_text(encoding="utf-8") if told.is_file() else "at work"
            with tqdm.external_write_mode():
                print(f"{name}: {what}, {time.monotonic() - began:.0f} s", flush=True)

    thread = threading.Thread(target=beat, daemon=True)
    thread.start()
    try:
        yield
    finally:
        is_done.set()
        thread.join()
