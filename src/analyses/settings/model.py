"""What all settings share: a frozen value with checked fields, and words for what is allowed."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, Field

from src.data.problems import InputError

if TYPE_CHECKING:
    import pandas as pd

    from src.data.bases import Base


def allowed(default: Any, words: str, **limits: Any) -> Any:
    """A field with its default, in words what it may be, and pydantic's limits, such as `ge=1`."""
    return Field(default, description=words, **limits)


class BaseSetting(BaseModel):
    """A frozen setting. Its fields are the parameters of the notebook in lower case."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, validate_default=True)

    base: str = allowed("operator", "a base under data/bases, or the path of its folder")

    def __repr_args__(self) -> Iterator[tuple[str | None, Any]]:
        """The base, and what differs from the defaults: what a reader has to know."""
        for name, field in type(self).model_fields.items():
            value = getattr(self, name)
            if name == "base" or value != field.get_default():
                yield name, value

    def refuse_unknown(self, base: Base) -> None:
        """Raise `InputError` for a value that this base does not have, such as a segment."""


def refuse(name: str, value: object, words: str, has: Iterable[str]) -> InputError:
    """The error for a `value` that the base does not have: says the nearest and all it has.

    >>> print(refuse("SEGMENT", "b2b", "a segment", ["B2B", "B2C"]))
    SEGMENT must be a segment, not 'b2b'; did you mean B2B? It has B2B, B2C
    """
    names = [str(each) for each in has]
    near = nearest(str(value), names)
    hint = f"; did you mean {near}?" if near else "."
    shown = ", ".join(names[:20]) + (f" and {len(names) - 20} more" if len(names) > 20 else "")
    return InputError(f"{name} must be {words}, not {value!r}{hint} It has {shown or 'none'}")


def words_of(values: pd.Series) -> pd.Series:
    """Cells as a person writes them in a parameter: whole numbers without a point, gaps as gaps."""

    def word(cell: object) -> str:
        is_whole = isinstance(cell, float) and cell.is_integer()
        return str(int(cell)) if is_whole else str(cell)  # type: ignore[call-overload]

    return values.astype("object").map(word, na_action="ignore")


def nearest(word: str, known: Iterable[str]) -> str:
    """The known word most like this one, whatever its case; empty where none is like it.

    >>> nearest("segmnt", ["SEGMENT", "SEED"])
    'SEGMENT'
    """
    by_lower = {each.lower(): each for each in known}
    found = difflib.get_close_matches(word.lower(), by_lower, n=1)
    return by_lower[found[0]] if found else ""
