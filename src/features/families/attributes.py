"""Attributes: what the table customers says of a customer, passed through."""

from __future__ import annotations

import narwhals as nw

from src.features.catalogue import KEY, Family, Feature, as_name

_DATED = {"signup_month", "closed_month"}  # read by other families
_OWN = "attributes_"
SEGMENTS = ("segment", f"{_OWN}segment")  # as other families read it, and as a feature


def attribute_columns(customers: nw.LazyFrame) -> nw.LazyFrame:
    """The table customers with its attributes under names that collide with nothing.

    A base may well have a column `age` or `lives`, as the frames on the way do. What other families
    read keeps its name too.
    """
    there = customers.collect_schema().names()
    read = (name for name in there if name in {KEY, "segment", *_DATED})
    return customers.select(
        *read, *(nw.col(name).alias(f"{_OWN}{name}") for name in there if name != KEY)
    )


def attributes(schema: nw.Schema, left_out: set[str]) -> Family:
    """Every column of customers but identifiers, dates and those in `left_out`.

    `schema` is that of the table, the values are read from `attribute_columns`.
    They have no date: whether a value is that of the snapshot or of today cannot be seen in one
    load (see `src.features.leaks.changed_attributes`).
    """
    features = []
    for column, kind in schema.items():
        if column in {KEY, *_DATED, *left_out} or kind.is_temporal():
            continue
        is_text = not (kind.is_numeric() or kind == nw.Boolean)
        own = nw.col(f"{_OWN}{column}")
        value = own.cast(nw.Int64) if kind == nw.Boolean else own
        unit = "category" if is_text else "yes or no" if kind == nw.Boolean else "number"
        features.append(
            Feature(as_name(column), f"{column}, as loaded", unit, "", "customers", value, is_text)
        )
    return Family(tuple(features))
