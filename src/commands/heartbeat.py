"""A line now and then while a run is silent: what it does, and for how long."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tqdm import tqdm

SECONDS = 10.0  # a step of the libraries may keep a line waiting for some more
AT_WORK = "at work"


@contextmanager
def heartbeat(name: str, doing: Callable[[], str], seconds: float = SECONDS) -> Iterator[None]:
    """Print a line of `name` every so many seconds until the block ends.

    `doing` gives what the run does at that moment. A bar of progress goes on below the line.
    """
    is_done, began = threading.Event(), time.monotonic()

    def beat() -> None:
        while not is_done.wait(seconds):
            what, passed = doing(), time.monotonic() - began
            with tqdm.external_write_mode():
                print(f"{name}: {what}, {passed:.0f} s", flush=True)

    thread = threading.Thread(target=beat, daemon=True)
    thread.start()
    try:
        yield
    finally:
        is_done.set()
        thread.join()


def told_in(file: Path) -> str:
    """What another process says in `file` that it does, see `src.analyses.progress`."""
    with suppress(OSError):  # it has not said anything yet
        return file.read_text(encoding="utf-8") or AT_WORK
    return AT_WORK
