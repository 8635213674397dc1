"""What a step answers where the base cannot."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from src.data.problems import InputError

Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Missing:
    """Says what the base `lacks` for a step, and what it `adds` where it is there.

    Both are parts of a sentence: "This base has no <lacks>. With it, this part would show <adds>."
    It is false in a condition, as None is.

    >>> Missing("months per customer (a panel)", "how a model ages")
    Missing: this base has no months per customer (a panel)
    """

    lacks: str
    adds: str

    def __bool__(self) -> bool:
        return False

    def __repr__(self) -> str:
        return f"Missing: this base has no {self.lacks}"


def minor(adds: str) -> Callable[[Callable[[Any], Answer]], Callable[[Any], Answer | Missing]]:
    """A step without which a report stands: what a model cannot work out is Missing, and said.

    `adds` is that of `Missing`. Small bases lack exits in one segment or another, and no report
    ends for one part of it.
    """

    def decorate(step: Callable[[Any], Answer]) -> Callable[[Any], Answer | Missing]:
        @functools.wraps(step)
        def tried(study: Any) -> Answer | Missing:
            try:
                return step(study)
            except InputError as error:
                return Missing(f"rows that suffice ({error})", adds)

        return tried

    return decorate
