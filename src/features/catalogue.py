"""What a feature is: one definition that both engines compute and the catalogue lists."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import narwhals as nw
import pandas as pd

from src.data.problems import InputError

KEY = "customer_id"
AT = "at"  # number of the snapshot's month, in every frame on the way
PAIR = (KEY, AT)
COLUMNS = ["name", "family", "meaning", "unit", "window", "source"]


@dataclass(frozen=True)
class Feature:
    """One column of the feature table.

    `value` is an expression over the columns of the customers and of what the family joins to them.
    `unit` is a text such as `money a month`; `window` the months it looks at, empty for a state;
    `is_text` is True for a category.
    """

    name: str
    meaning: str
    unit: str
    window: str
    source: str
    value: nw.Expr = field(compare=False)
    is_text: bool = False

    def column(self) -> nw.Expr:
        """The expression with its final type and name: number (float64) or text."""
        return self.value.cast(nw.String if self.is_text else nw.Float64).alias(self.name)


@dataclass(frozen=True)
class Family:
    """The features of one family, at every snapshot asked for.

    `joined` has one row per `customer_id` and `at`, for the customers who have such records; its
    columns begin with the family's name, so that families cannot collide. None where the customers'
    own columns are enough. `latest` names the column of `joined` that holds the latest month
    (number) of the records used: the guard reads it.
    """

    features: tuple[Feature, ...]
    joined: nw.LazyFrame | None = None
    latest: str = ""


def as_name(text: str) -> str:
    """A word of the data as part of a column name: `Price change!` becomes `price_change`.

    >>> as_name("data.gb (up)")
    'data_gb_up'
    """
    return re.sub(r"\W+", "_", text.strip().lower()).strip("_") or "unnamed"


def refuse_alike(words: Iterable[str], what: str) -> None:
    """Raise `InputError` when two of `words`, which are `what`, would name the same features."""
    named: dict[str, str] = {}
    for word in words:
        other = named.setdefault(as_name(word), word)
        if other != word:
            raise InputError(
                f"{what} {other!r} and {word!r} would give features of one name; rename one of them"
            )


def listing(families: Mapping[str, Iterable[Feature]]) -> pd.DataFrame:
    """The catalogue as a frame: name, family, meaning, unit, window, source."""
    rows = [
        (feature.name, family, feature.meaning, feature.unit, feature.window, feature.source)
        for family, features in families.items()
        for feature in features
    ]
    return pd.DataFrame(rows, columns=COLUMNS)
