"""Reading a table as it stands at its source: CSV, Parquet, Excel, or a database."""

from __future__ import annotations

import lzma
import re
import warnings
import zipfile
import zlib
from collections.abc import Iterable
from csv import QUOTE_NONE
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

import pandas as pd

from src.data.databases import read_query
from src.data.manifest import Source
from src.data.problems import InputError

_SEPARATORS = (";", "\t", "|", ",")
_SEPARATOR_WORDS = {"space": r"\s+", "tab": "\t"}
_BROKEN_FILE = (EOFError, KeyError, zipfile.BadZipFile, zlib.error, lzma.LZMAError)


def read_source(source: Source, table: str, folder: Path) -> pd.DataFrame:
    """The table as text or typed cells, with the source's own column names, rows numbered from 0.

    Raises `InputError` when the place does not exist, cannot be read or does not answer.
    """
    frame = read_query(source, table) if source.database else _read_file(source, table, folder)
    if source.file and not source.header:
        frame.columns = range(1, len(frame.columns) + 1)
    frame.columns = _column_names(frame.columns, table)
    return frame.reset_index(drop=True)


def _column_names(names: Iterable[object], table: str) -> pd.Index:
    """Names without outer blanks; `InputError` when two columns have the same one."""
    stripped = pd.Index(["" if pd.isna(name) else str(name).strip() for name in names])
    if repeated := [name for name in stripped[stripped.duplicated()].unique() if name]:
        raise InputError(f"{table}: these columns stand twice in the source: {', '.join(repeated)}")
    return stripped


def _read_file(source: Source, table: str, folder: Path) -> pd.DataFrame:
    assert source.file is not None  # the manifest sees to it
    path = folder / source.file
    if source.package:
        path = _path_in_package(source.package, source.file, table)
    if not path.is_file():
        raise InputError(f"{table}: the file {source.file} does not exist in {path.parent}")
    suffixes = [suffix.lower() for suffix in path.suffixes]
    try:
        if ".parquet" in suffixes:
            frame = pd.read_parquet(path)
            return frame.reset_index(drop=not any(frame.index.names))
        if suffixes[-1:] in ([".xlsx"], [".xlsm"]):
            return _read_excel(path, source, table)
        if source.package and suffixes[-2:] == [".pkl", ".compress"]:
            # A pickle runs code when it is read: only from packages whose hash is locked.
            return pd.read_pickle(path, compression="xz")  # noqa: S301
        return _read_csv(path, source, table)
    except UnicodeError as error:
        raise InputError(
            f"{table}: {source.file} is not written in {source.encoding}; name its `encoding` "
            "(for example cp1251, latin-1, utf-16)"
        ) from error
    except (OSError, ValueError, *_BROKEN_FILE) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise InputError(f"{table}: {source.file} cannot be read: {reason[:200]}") from error


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


def _read_csv(path: Path, source: Source, table: str) -> pd.DataFrame:
    separator = source.separator or _guess_separator(path, source.encoding)
    options: dict[str, Any] = {
        "sep": _SEPARATOR_WORDS.get(separator, separator),
        "encoding": source.encoding,
        "dtype": "object",
        "keep_default_na": False,
        "index_col": False,
        "skipinitialspace": True,
    }
    if source.header:
        # pandas renames the second `x` to `x.1`: the header is looked at as it stands.
        _column_names(pd.read_csv(path, header=None, nrows=1, **options).iloc[0], table)
    with warnings.catch_warnings():
        warnings.simplefilter("error", pd.errors.ParserWarning)
        try:
            return pd.read_csv(path, header=0 if source.header else None, **options)
        except pd.errors.ParserWarning:
            raise InputError(
                f"{table}: the rows of {source.file} have more cells than its header; a cell that "
                f"holds the separator {separator!r} must stand in quotes"
            ) from None


def _guess_separator(path: Path, encoding: str) -> str:
    """The mark that stands most often in the first line; a comma where none does."""
    first_line = pd.read_csv(
        path,
        sep="\x1f",  # stands in no line, so that the line comes as one cell
        header=None,
        nrows=1,
        encoding=encoding,
        dtype="object",
        quoting=QUOTE_NONE,
    )
    text = re.sub(r'"[^"]*"', "", str(first_line.iloc[0, 0]))
    return max(_SEPARATORS, key=lambda mark: (text.count(mark), mark == ","))


def _read_excel(path: Path, source: Source, table: str) -> pd.DataFrame:
    with pd.ExcelFile(path, engine="openpyxl") as book:
        if isinstance(source.sheet, str) and source.sheet not in book.sheet_names:
            sheets = ", ".join(map(str, book.sheet_names))
            raise InputError(
                f"{table}: {source.file} has no sheet {source.sheet!r}; it has {sheets}"
            )
        options: dict[str, Any] = {"dtype": "object", "keep_default_na": False, "na_values": [""]}
        first_row = book.parse(source.sheet, header=None, nrows=1, **options)
        if source.header and len(first_row):
            _column_names(first_row.iloc[0], table)
        return book.parse(source.sheet, header=0 if source.header else None, **options)
