"""Attributes: what the table customers says of a customer, passed through."""

from __future__ import annotations

import narwhals as nw

from src.features.catalogue import KEY, Family, Feature, as_name

_DATED = {"signup_month", "closed_month"}  # read by other families


def attributes(schema: nw.Schema, left_out: set[str]) -> Family:
    """Every column of customers but identifiers, dates and those in `left_out`.

    They have no date: whether a value is that of the snapshot or of today cannot be seen in one
    load (see `src.features.leaks.changed_attributes`).
    """
    features = []
    for column, kind in schema.items():
        if column in {KEY, *_DATED, *left_out} or kind.is_temporal():
            continue
        is_text = not (kind.is_numeric() or kind == nw.Boolean)
        value = nw.col(column).cast(nw.Int64) if kind == nw.Boolean else nw.col(column)
        unit = "category" if is_text else "yes or no" if kind == nw.Boolean else "number"
        features.append(
            Feature(as_name(column), f"{column}, as loaded", unit, "", "customers", value, is_text)
        )
    return Family(tuple(features))
