"""Reading a table as it stands at its source: CSV, Parquet, Excel, or a database."""

from __future__ import annotations

import difflib
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

import pandas as pd

from src.data.cells.shelf import Shelf, one_below_another
from src.data.lines import one_line
from src.data.manifest import Source
from src.data.problems import InputError
from src.data.reading.databases import read_query
from src.data.reading.delimited import read_csv
from src.data.reading.headers import column_names, header_elsewhere, wanted_columns
from src.data.reading.parts import (
    name_of,
    not_a_table,
    partition,
    parts_of,
    same_columns,
)

_LOOKED_AT = 40
_MANY = 500_000  # rows


def read_source(
    source: Source, table: str, folder: Path, say: Callable[[str], None] = lambda _: None
) -> pd.DataFrame:
    """The table as text or typed cells, with the source's own column names, rows numbered from 0.

    `say` is told what a reader should know of the way it was read. Raises `InputError` when the
    place does not exist, cannot be read or does not answer.
    """
    if source.database:
        frame = read_query(source, table)
        frame.columns = column_names(frame.columns, table)
    else:
        frame = _read_files(source, table, folder, say)
    if source.footer_rows:
        frame = frame.iloc[: -source.footer_rows]
    return frame.reset_index(drop=True)


def _read_files(
    source: Source, table: str, folder: Path, say: Callable[[str], None]
) -> pd.DataFrame:
    """One file, or all parts that a pattern or a folder names, one below the other."""
    assert source.file is not None  # the manifest sees to it
    if source.package:
        path = _path_in_package(source.package, source.file, table)
        return _read_file(path, source, table, folder, say)
    parts = parts_of(folder, source.file, table)
    if len(parts) == 1:
        return _read_file(parts[0], source, table, folder, say).assign(
            **partition(parts[0], folder)
        )
    frames: list[pd.DataFrame] = []
    rows, shelf = 0, None
    for path in parts:
        one = source.model_copy(update={"file": name_of(path, folder)})
        frames.append(_read_file(path, one, table, folder, say).assign(**partition(path, folder)))
        rows += len(frames[-1])
        if rows > _MANY:  # together they are a large file
            shelf = shelf or Shelf(folder)
            frames = [shelf.put(frame) for frame in frames]
    same_columns(frames, parts, table)
    first, last = parts[0].name, parts[-1].name
    say(f"{table}: {len(parts):,} files were read as one table, from {first} to {last}")
    return one_below_another(frames)


def _read_file(
    path: Path, source: Source, table: str, folder: Path, say: Callable[[str], None]
) -> pd.DataFrame:
    suffixes = [suffix.lower() for suffix in path.suffixes]
    if way_out := not_a_table(path):
        raise InputError(f"{table}: {source.file} {way_out}")
    try:
        if ".parquet" in suffixes:
            frame = _read_parquet(path)
        elif suffixes[-1:] in ([".xlsx"], [".xlsm"]):
            frame = _read_excel(path, source, table)
        elif source.package and suffixes[-2:] == [".pkl", ".compress"]:
            # A pickle runs code when it is read: only from packages whose hash is locked.
            frame = pd.read_pickle(path, compression="xz")  # noqa: S301
        else:
            frame = read_csv(path, source, table, wanted_columns(source, table), folder, say)
    except InputError:
        raise
    except UnicodeError as error:
        raise InputError(
            f"{table}: {source.file} is not written in {source.encoding}; name its encoding under "
            f"tables.{table}, for example `encoding: cp1251` (or latin-1, utf-16)"
        ) from error
    except Exception as error:  # a damaged file can raise anything in the libraries that read it
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise InputError(f"{table}: {source.file} cannot be read: {reason[:200]}") from error
    if not source.header:
        frame.columns = range(1, len(frame.columns) + 1)
    frame.columns = column_names(frame.columns, table)
    filled = _filled(frame)
    if spare := len(frame) - filled:
        rows = "row" if spare == 1 else "rows"
        say(f"{table}: {spare:,} empty {rows} at the end of {source.file} left out")
    return frame.iloc[:filled] if spare else frame


def _filled(frame: pd.DataFrame) -> int:
    """How many rows there are up to the last one with a cell; spreadsheets write empty ones on."""
    number, looked_at = len(frame), _LOOKED_AT
    while number:
        chunk = frame.iloc[max(0, number - looked_at) : number]
        texts = chunk.astype("object").map(lambda cell: "" if cell is None else str(cell).strip())
        is_filled = ((texts != "") & chunk.notna()).any(axis=1).to_numpy()
        if is_filled.any():
            return number - int(is_filled[::-1].argmax())
        number, looked_at = number - len(chunk), 2 * looked_at
    return number


def _read_parquet(path: Path) -> pd.DataFrame:
    try:
        frame = pd.read_parquet(path, partitioning=None)
    except UnicodeError as error:
        raise ValueError(str(error)) from error  # damaged bytes, not an encoding of the user's
    return frame.reset_index(drop=not any(frame.index.names))


def _path_in_package(package: str, file: str, table: str) -> Path:
    try:
        installed = distribution(package)
    except PackageNotFoundError as error:
        raise InputError(
            f"{table}: the package {package!r} is not installed; run `make setup`"
        ) from error
    # Only what the package itself brought: no way out of it through `..`.
    if file not in {path.as_posix() for path in installed.files or ()}:
        raise InputError(f"{table}: the package {package!r} has no file {file}")
    return Path(str(installed.locate_file(file)))


def _read_excel(path: Path, source: Source, table: str) -> pd.DataFrame:
    with pd.ExcelFile(path, engine="openpyxl") as book:
        if isinstance(source.sheet, str) and source.sheet not in book.sheet_names:
            sheets = list(map(str, book.sheet_names))
            near = difflib.get_close_matches(source.sheet, sheets, n=1, cutoff=0.0)[0]
            raise InputError(
                f"{table}: {source.file} has no sheet {source.sheet!r}; it has "
                f"{', '.join(sheets)}; write under tables.{table}: `{one_line({'sheet': near})}`"
            )
        options: dict[str, Any] = {"dtype": "object", "keep_default_na": False, "na_values": [""]}
        above = source.header_row - 1
        if source.header:
            first = book.parse(source.sheet, header=None, nrows=_LOOKED_AT, **options)
            if above and above >= len(first):
                raise InputError(
                    f"{table}: {source.file} has no line {source.header_row}; write the line of "
                    f"its header under tables.{table}: `header_row: 1`"
                )
            if len(first):
                rows, wanted = first.to_numpy().tolist(), wanted_columns(source, table)
                header_elsewhere(rows, first.iloc[above], wanted, source, table)
                column_names(first.iloc[above], table)
        return book.parse(source.sheet, header=above if source.header else None, **options)
