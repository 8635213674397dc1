"""A bar while something long runs: in an open notebook, never on a page or in a test."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from html import escape
from pathlib import Path
from typing import Any, TypeVar

from tqdm import tqdm

TOLD = "CVM_PROGRESS"  # the environment variable that names the file for `tell`
_WIDTH = 80  # characters of a bar
Item = TypeVar("Item")
Name = TypeVar("Name")


def is_shown() -> bool:
    """Whether somebody watches: the code runs in a kernel that no report is made with."""
    if os.environ.get("TQDM_DISABLE"):
        return False
    try:
        return get_ipython().has_trait("kernel")  # type: ignore[name-defined]  # a builtin of IPython
    except NameError:
        return False


def tell(what: str) -> None:
    """Write what is being done into the file that `TOLD` names, for who runs the notebook."""
    if path := os.environ.get(TOLD):
        with suppress(OSError):  # who runs it may have gone
            Path(path).write_text(what, encoding="utf-8")


def watched(items: Iterable[Item], what: str, total: int | None = None) -> Iterator[Item]:
    """The items, one by one, with a bar that vanishes at the end.

    >>> list(watched([1, 2], "counting"))
    [1, 2]
    """
    return iter(_bar(items, what, total))


class _Line:
    """A line in the output of a cell, written anew each time; empty, it takes no room.

    Standard error would leave a red box where a bar has been.
    """

    def __init__(self) -> None:
        self._handle: Any = None

    def write(self, text: str) -> None:
        """Show the text in place of what stood there."""
        from IPython.display import display  # only a notebook needs it

        line = text.strip()
        shown = {"text/html": f"<pre>{escape(line)}</pre>" if line else ""}
        if self._handle:
            self._handle.update(shown, raw=True)
        elif line:
            self._handle = display(shown, raw=True, display_id=True)

    def flush(self) -> None:
        """Nothing waits: every text is shown at once."""


def _bar(items: Iterable[Item] | None, what: str, total: int | None) -> Any:
    if not is_shown():
        return tqdm(items, what, total=total, disable=True)
    return tqdm(items, what, total=total, leave=False, file=_Line(), ncols=_WIDTH)


class Watched(dict[Name, Item]):
    """A mapping whose `items` move one bar on, over all `rounds` that walk through it."""

    def __init__(self, items: Mapping[Name, Item], what: str, rounds: int = 1) -> None:
        super().__init__(items)
        self._what, self._done, self._total = what, 0, rounds * len(items)
        self._bar = _bar(None, what, self._total)

    def items(self) -> Iterator[tuple[Name, Item]]:  # type: ignore[override]
        """Pairs of name and item; the bar moves when one is done with."""
        for pair in super().items():
            tell(f"{self._what}, {self._done + 1} of {self._total}")
            yield pair
            self._done += 1
            if self._done == self._total:
                tell("at work")
            self._bar.update()
            if self._bar.n >= (self._bar.total or 0):
                self._bar.close()
