"""Names of columns that no library trips over: users' own may hold brackets, or a word it keeps."""

from __future__ import annotations

from collections.abc import Collection, Iterable

import pandas as pd


def clear_of(names: Iterable[str], words: Collection[str]) -> dict[str, str]:
    """By name: the name, or a new one where it is one of `words`; no two are alike.

    >>> clear_of(["duration", "plan"], ["duration", "ended"])
    {'duration': 'duration (of the base)', 'plan': 'plan'}
    """
    names = list(names)
    clear = {name: name for name in names}
    for name in names:
        while clear[name] in words or (clear[name] != name and clear[name] in names):
            clear[name] += " (of the base)"
    return clear


def numbered(columns: pd.DataFrame) -> pd.DataFrame:
    """The same columns as `c0`, `c1`, .. in their order.

    >>> list(numbered(pd.DataFrame({"calls [30 d]": [1], "const": [2]})))
    ['c0', 'c1']
    """
    return columns.set_axis([f"c{place}" for place in range(columns.shape[1])], axis=1)
