"""What is wrong with an input, collected so that one message can say all of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

EXAMPLES = 3
EXAMPLE_LENGTH = 60


class InputError(Exception):
    """The user's input cannot be used. The message is complete and needs no traceback.

    Commands print it and end with exit code 2; a notebook shows the message and nothing else.
    """

    def _render_traceback_(self) -> list[str]:
        return [f"error: {self}"]


@dataclass(frozen=True)
class Problem:
    """One broken rule: where, which rule, how many rows, the first examples, what to write."""

    table: str
    column: str
    rule: str
    rows: int = 0
    examples: tuple[str, ...] = ()
    remedy: str = ""

    def __str__(self) -> str:
        where = f"{self.table}.{self.column}" if self.column else self.table
        text = f"{where}: {self.rule}"
        if self.rows:
            text += f" ({self.rows:,} {'row' if self.rows == 1 else 'rows'}"
            text += f"; first: {', '.join(self.examples)})" if self.examples else ")"
        return f"{text}; {self.remedy}" if self.remedy else text


def broken_rows(table: str, column: str, rule: str, values: pd.Series) -> Problem:
    """A problem whose examples are taken from `values`, the offending cells.

    The index of `values` is the zero-based row of the input; messages count rows from 1.
    """
    examples = tuple(
        f"row {int(row) + 1} {shorten(value)}" for row, value in values.head(EXAMPLES).items()
    )
    return Problem(table, column, rule, len(values), examples)


def shorten(value: object) -> str:
    """A cell as it can be shown in a message: quoted, on one line, at most 60 characters.

    >>> shorten("a" * 100)[-25:]
    "aaaaa' ... 100 characters"
    """
    import pandas as pd  # everybody imports errors, and pandas takes a second

    if pd.isna(value):
        return "(empty)"
    text = str(value).removesuffix(" 00:00:00")  # a day, not a moment
    if len(text) <= EXAMPLE_LENGTH:
        return repr(text)
    return f"{text[:EXAMPLE_LENGTH]!r} ... {len(text):,} characters"


def refuse(subject: str, problems: Sequence[Problem] | Iterable[Problem]) -> None:
    """Raise one `InputError` that lists every problem; return when there is none."""
    lines = [f"  - {problem}" for problem in problems]
    if lines:
        rules = "1 rule is broken" if len(lines) == 1 else f"{len(lines)} rules are broken"
        raise InputError(
            "\n".join([f"{subject} was refused, nothing was loaded: {rules}.", *lines])
        )
