"""Columns that a source holds as their factors, such as quantity and price."""

from __future__ import annotations

import pandas as pd

from src.data.cells.conversion import clean, convert
from src.data.contracts import TABLES
from src.data.manifest import Source
from src.data.problems import InputError, Problem, broken_rows


def with_products(
    raw: pd.DataFrame, table: str, source: Source
) -> tuple[pd.DataFrame, list[Problem]]:
    """`raw` with a column for each of `products` of base.yml, and the cells that are no numbers.

    A row without one of the factors has no product. The factors stay, as attributes. Raises
    `InputError` for a product that is no number of the contract or is there already, and for a
    factor that is not there.
    """
    problems: list[Problem] = []
    for name, factors in source.products.items():
        place = f"tables.{table}: `products: {{{name}: [{', '.join(factors)}]}}`"
        declared = TABLES[table].columns.get(name)
        if declared is None or declared.kind != "number":
            numbers = [key for key, one in TABLES[table].columns.items() if one.kind == "number"]
            raise InputError(f"{place}: takes a number of the contract: {', '.join(numbers)}")
        if name in source.columns or (name in raw and name not in source.drop):
            raise InputError(f"{place}: the column {name} is there already; delete one of the two")
        if absent := [factor for factor in factors if factor not in raw]:
            has = ", ".join(map(str, raw.columns[:12]))
            raise InputError(f"{place}: {' and '.join(absent)} is no column; the source has: {has}")
        product = pd.Series(1.0, raw.index)
        for factor in factors:
            cells = clean(raw[factor], source.missing, source.decimal)
            numbers_of, unread, rule = convert(cells, "number", source.decimal, source.thousands)
            if unread.any():
                problems.append(broken_rows(table, factor, rule, cells[unread]))
            product = product * numbers_of
        raw = raw.drop(columns=name, errors="ignore").assign(**{name: product})
    return raw, problems
