"""What a step answers where the base cannot."""

from __future__ import annotations

from dataclasses import dataclass


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
