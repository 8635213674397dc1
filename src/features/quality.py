"""Size and quality of the tables of a base."""

from __future__ import annotations

import pandas as pd

from src.data.bases import Base
from src.data.contracts import TABLES

_FEWEST_GAPS = 5


def tables_overview(base: Base) -> pd.DataFrame:
    """One row per table: `table`, `holds`, `rows`, `columns`, `first`, `last`, `missing_share`.

    `first` and `last` are the earliest and latest date of the table, missing where it has none;
    `missing_share` is the share of empty cells.
    """
    rows = []
    for name in base.rows:
        frame = base.table(name)
        dates = frame.select_dtypes("datetime")
        rows.append(
            {
                "table": name,
                "holds": TABLES[name].meaning.split(":")[0].rstrip("."),
                "rows": len(frame),
                "columns": frame.shape[1],
                "first": dates.min().min() if not dates.empty else pd.NaT,
                "last": dates.max().max() if not dates.empty else pd.NaT,
                "missing_share": float(frame.isna().to_numpy().mean()),
            }
        )
    overview = pd.DataFrame(rows)
    return overview.astype({"first": "datetime64[ns]", "last": "datetime64[ns]"})


def columns_overview(base: Base) -> pd.DataFrame:
    """One row per column: `table`, `column`, `type`, `missing`, `missing_share`, `distinct`.

    Sorted by table, then by the number of missing cells, most first.
    """
    rows = []
    for name in base.rows:
        frame = base.table(name)
        for column in frame:
            values = frame[column]
            rows.append(
                {
                    "table": name,
                    "column": column,
                    "type": _type_in_words(values),
                    "missing": int(values.isna().sum()),
                    "missing_share": float(values.isna().mean()),
                    "distinct": int(values.nunique()),
                }
            )
    overview = pd.DataFrame(rows)
    order = overview["table"].map({name: place for place, name in enumerate(base.rows)})
    return (
        overview.assign(order=order)
        .sort_values(["order", "missing"], ascending=[True, False], kind="stable")
        .drop(columns="order")
        .reset_index(drop=True)
    )


def reason_for_gaps(base: Base, columns: pd.DataFrame) -> tuple[str, object] | None:
    """What explains the gaps of the emptiest column of `columns_overview`, if anything does."""
    if not columns["missing"].any():
        return None
    worst = columns.loc[columns["missing"].idxmax()]
    return missing_together(base.table(worst["table"]), worst["column"])


def missing_together(frame: pd.DataFrame, column: str) -> tuple[str, object] | None:
    """Another column with one and the same value wherever `column` is empty, and that value.

    It explains a gap: total charges are blank because tenure is 0. The value must be less than half
    as frequent elsewhere, or it would explain nothing, and fewer than five gaps agree by chance too
    easily. None when there is no such column.
    """
    empty = frame[column].isna()
    if empty.sum() < _FEWEST_GAPS or empty.all():
        return None
    best, best_share = None, 0.5
    for other in frame.columns.drop(column):
        values = frame.loc[empty, other]
        if values.isna().any() or (values != values.iloc[0]).any():
            continue
        value = values.iloc[0]
        share_elsewhere = (frame.loc[~empty, other] == value).sum() / (~empty).sum()
        if share_elsewhere < best_share:
            best, best_share = (other, value), share_elsewhere
    return best


def _type_in_words(values: pd.Series) -> str:
    if pd.api.types.is_bool_dtype(values):
        return "yes or no"
    if pd.api.types.is_datetime64_any_dtype(values):
        return "date"
    return "number" if pd.api.types.is_numeric_dtype(values) else "text"
