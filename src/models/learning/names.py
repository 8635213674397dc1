"""Names of columns that no library trips over: users' own may hold brackets, or a word it keeps."""

from __future__ import annotations

import pandas as pd


def numbered(columns: pd.DataFrame) -> pd.DataFrame:
    """The same columns as `c0`, `c1`, .. in their order.

    >>> list(numbered(pd.DataFrame({"calls [30 d]": [1], "const": [2]})))
    ['c0', 'c1']
    """
    return columns.set_axis([f"c{place}" for place in range(columns.shape[1])], axis=1)
