"""Reasons in words that many customers share, for pages that anybody may read."""

from __future__ import annotations

import pandas as pd

from src.data.privacy import MIN_CELL
from src.features.bands import OTHER, banded
from src.models.explain.contributions import Contributions
from src.models.explain.reasons import UNKNOWN, Usual, reason_words

ANOTHER = "another value"
_MOST_BANDS = 8


def shared_reasons(
    found: Contributions, codes: pd.DataFrame, usual: Usual, min_cell: int = MIN_CELL
) -> pd.DataFrame:
    """`codes` of `reason_codes` with words that say no single customer's value.

    Of `found` and `usual` as there. `value`, `usual` and `words` are put anew: a number becomes one
    of at most eight bands (`13 to 24`), a level of text stays. What fewer than `min_cell` of the
    rows of `found` share is `another value`. Contributions stay: they are the model's, not the
    customer's.
    """
    said = codes.copy()
    bands = max(2, min(_MOST_BANDS, len(found.seen) // (2 * min_cell)))
    for column, rows in codes.groupby("column", sort=False):
        name = str(column)
        cells, typical = found.seen[column], usual.values.get(name)
        if not pd.api.types.is_numeric_dtype(cells):
            cells = cells.astype("object")
        both = pd.concat([cells, pd.Series([typical], dtype=cells.dtype)])
        labels = _labels(both, bands, min_cell, name in usual.flags)
        own = _shared(labels.iloc[:-1], min_cell)
        said.loc[rows.index, "value"] = own.loc[rows["customer"]].to_numpy()
        # What is usual is many customers' already; a level may be rare among those explained.
        is_level = isinstance(typical, str)
        said.loc[rows.index, "usual"] = typical if is_level else labels.iloc[-1]
    said["words"] = [
        reason_words(
            str(row.column).replace("_", " "), row.value, row.usual, row.contribution, found.unit
        )
        for row in said.itertuples()
    ]
    return said


def _labels(cells: pd.Series, bands: int, min_cell: int, is_flag: bool) -> pd.Series:
    labels = banded(cells, bands, min_cell).astype("object")
    if not is_flag and pd.api.types.is_numeric_dtype(cells):
        labels = labels.replace({"no": "0", "yes": "1"})  # a count that never went beyond 1
    return labels.mask(cells.isna(), UNKNOWN)


def _shared(labels: pd.Series, min_cell: int) -> pd.Series:
    is_shared = labels.map(labels.value_counts()) >= min_cell
    return labels.where((is_shared & (labels != OTHER)) | (labels == UNKNOWN), ANOTHER)
