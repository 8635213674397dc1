"""Where the header of a file stands, and what its columns are called."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

import pandas as pd

from src.data.contracts import TABLES
from src.data.manifest import ROW_NUMBER, Source
from src.data.problems import InputError


def column_names(names: Iterable[object], table: str) -> pd.Index:
    """Names without outer blanks; `InputError` when two columns have the same one."""
    stripped = pd.Index([_name(name) for name in names])
    if repeated := [name for name in stripped[stripped.duplicated()].unique() if name]:
        raise InputError(f"{table}: these columns stand twice in the source: {', '.join(repeated)}")
    return stripped


def wanted_columns(source: Source, table: str) -> set[str]:
    """Names that the header must have: those that base.yml maps, and the contract's others."""
    needed = {name for name, column in TABLES[table].columns.items() if column.required}
    unmapped = needed - set(source.columns) - set(source.months_in_columns) - {"segment"}
    return (set(source.columns.values()) | unmapped) - {ROW_NUMBER}


def header_elsewhere(
    rows: Sequence[Sequence[object]],
    header: Iterable[object],
    wanted: Collection[str],
    source: Source,
    table: str,
) -> None:
    """`InputError` when another of the first `rows` has more of the wanted names than `header`.

    It shows the line to write into base.yml.
    """
    here = len(set(map(_name, header)) & set(wanted))
    met = [len(set(map(_name, row)) & set(wanted)) for row in rows]
    if met and max(met) > here:
        place = met.index(max(met)) + 1
        raise InputError(
            f"{table}: the header of {source.file} stands in line {place}, not in line "
            f"{source.header_row}; write under tables.{table}: `header_row: {place}`"
        )


def _name(cell: object) -> str:
    return "" if pd.api.types.is_scalar(cell) and pd.isna(cell) else str(cell).strip()
