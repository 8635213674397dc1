"""Reading a CSV file: its separator, its header, and whether every line became a row."""

from __future__ import annotations

import csv
import re
import warnings
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import pandas as pd
from pandas.io.common import get_handle
from tqdm import tqdm

from src.data.cells.shelf import Shelf, one_below_another
from src.data.manifest import Source
from src.data.problems import InputError, shorten
from src.data.reading.headers import column_names, header_elsewhere

_SEPARATORS = (";", "\t", "|", ",")
_SEPARATOR_WORDS = {"space": r"\s+", "tab": "\t"}
_HINT = re.compile(r'\ufeff?"?sep=(.)"?', re.IGNORECASE)
_LOOKED_AT = 40
_CHUNK = 500_000  # rows at once, or fewer where they are wide
_CELLS = 5_000_000  # at once: as objects of Python they take 65 bytes each
_BLOCK = 2**22  # characters whose lines are looked at together
_LARGE = 50_000_000  # bytes; from here on progress is shown
_FEWEST_COLUMNS = 4  # from here on a cell with as many separators as a row has swallowed one


def read_csv(
    path: Path,
    source: Source,
    table: str,
    wanted: Collection[str],
    folder: Path,
    say: Callable[[str], None],
) -> pd.DataFrame:
    """The cells as text. `wanted`: names that the header must have, to find it by.

    The columns of a large file are left on disk, in a file without a name in `folder`.

    Raises `InputError` where lines of the file did not become rows: longer or cut ones, rows
    swallowed by a quote, characters of code 0. `say` is told what a reader should know.
    """
    with _opened(path, source.encoding) as file:
        first = [line.rstrip("\r\n") for line in islice(file.handle, _LOOKED_AT)]
    if not any(line.strip() for line in first):
        raise InputError(f"{table}: {source.file} is empty")
    hint = _HINT.fullmatch(first[0].strip())
    above = source.header_row - 1 or int(bool(hint))
    separator = source.separator or (hint.group(1) if hint else _guess_separator(first[above:]))
    options: dict[str, Any] = {
        "sep": _SEPARATOR_WORDS.get(separator, separator),
        "encoding": source.encoding,
        "dtype": "object",
        "keep_default_na": False,
        "index_col": False,
        "skipinitialspace": True,
        "skiprows": above,
    }
    mark = options["sep"] if len(options["sep"]) == 1 else ""
    width = 0
    if source.header:
        if above >= len(first):
            raise InputError(
                f"{table}: {source.file} has no line {source.header_row}; write the line of its "
                f"header under tables.{table}: `header_row: 1`"
            )
        # pandas renames the second `x` to `x.1`: the header is looked at as it stands.
        header = pd.read_csv(path, header=None, nrows=1, **options).iloc[0]
        cells = [_cells(line, source.separator or _guess_separator([line])) for line in first]
        header_elsewhere(cells, header, wanted, source, table)
        column_names(header, table)
        width = len(header)
    lines = _look_through(path, source, table, mark, width)
    options["header"] = 0 if source.header else None
    widest = max(len(_cells(line, separator)) for line in first)
    options["chunksize"] = min(_CHUNK, max(1, _CELLS // max(1, widest)))
    try:
        frame, broken = _rows(path, folder, options, source, table, lines.has_quotes)
    except pd.errors.ParserWarning:
        raise InputError(
            f"{table}: the rows of {source.file} have more cells than its header; a cell that "
            f"holds the separator {separator!r} must stand in quotes; if it is another, write "
            f"under tables.{table}: `separator: '{';' if separator == ',' else ','}'`"
        ) from None
    except pd.errors.ParserError as error:
        if not (opened := re.search(r"EOF inside string starting at row (\d+)", str(error))):
            raise
        raise InputError(
            f"{table}: a quote in {source.file} is opened in row {int(opened.group(1)):,} and "
            "never closed; close or delete it there"
        ) from None
    _say_what_lines_became(frame, broken, lines, source, table, mark, say)
    return frame


def _rows(
    path: Path, folder: Path, options: dict[str, Any], source: Source, table: str, has_quotes: bool
) -> tuple[pd.DataFrame, list[pd.Series]]:
    """The rows, and the cells with a line end in them, by column.

    A large file is read in chunks, and its columns lie on disk in `folder` until one is read.
    """
    shelf: Shelf | None = None
    chunks: list[pd.DataFrame] = []
    broken: list[pd.Series] = []
    bar = tqdm(
        desc=f"{table}: {source.file}",
        unit=" rows",
        unit_scale=True,
        mininterval=5,
        disable=path.stat().st_size < _LARGE,
    )
    with warnings.catch_warnings(), pd.read_csv(path, **options) as reader, bar:
        warnings.simplefilter("error", pd.errors.ParserWarning)
        for chunk in reader:
            for name in chunk if has_quotes else ():
                # Not by `.str`: its circle would keep every chunk until Python looks for circles.
                ends = [_has_line_end(cell) for cell in chunk[name]]
                broken += [chunk[name][ends]] if any(ends) else []
            bar.update(len(chunk))
            if len(chunk) == options["chunksize"] or chunks:
                shelf = shelf or Shelf(folder)
                chunk = shelf.put(chunk)
            chunks.append(chunk)
    return (one_below_another(chunks) if len(chunks) > 1 else chunks[0]), broken


def _has_line_end(cell: object) -> bool:
    return isinstance(cell, str) and ("\n" in cell or "\r" in cell)


def _opened(path: Path, encoding: str) -> Any:
    """The file as text, unpacked where its name says that it is packed; `handle` has the lines."""
    return get_handle(path, "r", encoding=encoding, compression="infer")


@dataclass(frozen=True)
class _Lines:
    """What the lines of a file are, before quotes are read."""

    count: int
    short: int
    first_short: str
    last: str
    is_ended: bool
    has_quotes: bool


def _look_through(path: Path, source: Source, table: str, mark: str, width: int) -> _Lines:
    """Count lines, and those with fewer separators than the header; `InputError` at a code 0."""
    count, short, first_short, line, last, has_quotes = 0, 0, "", "", "", False
    with _opened(path, source.encoding) as file:
        while lines := file.handle.readlines(_BLOCK):
            text = "".join(lines)
            if "\0" in text:
                place = count + 1 + next(n for n, line in enumerate(lines) if "\0" in line)
                raise InputError(
                    f"{table}: {source.file} holds a character of code 0 in line {place:,}; the "
                    "file is damaged there, or it is written in UTF-16: write under "
                    f"tables.{table}: `encoding: utf-16-le`"
                )
            marks = [line.count(mark) for line in lines] if mark else []
            for place in _places_below(width - 1, marks):
                told = lines[place].strip()
                if told and '"' not in told and count + place + 1 > source.header_row:
                    short += 1
                    first_short = first_short or f"line {count + place + 1:,} {shorten(told)}"
            has_quotes = has_quotes or '"' in text
            count, line = count + len(lines), lines[-1]
            last = next((line for line in reversed(lines) if line.strip()), last)
    return _Lines(
        count, short, first_short, last.strip("\r\n"), line.endswith(("\n", "\r")), has_quotes
    )


def _places_below(least: int, numbers: Sequence[int]) -> list[int]:
    if not numbers or min(numbers) >= least:
        return []
    return [place for place, number in enumerate(numbers) if number < least]


def _say_what_lines_became(
    frame: pd.DataFrame,
    broken: Sequence[pd.Series],
    lines: _Lines,
    source: Source,
    table: str,
    mark: str,
    say: Callable[[str], None],
) -> None:
    swallowed, width = 0, len(frame.columns)
    for cells in broken:
        swallowed += int(cells.str.count(r"\r\n|\r|\n").sum())
        whole = cells[cells.str.count(re.escape(mark)) >= width - 1] if mark else cells[:0]
        if len(whole) and width >= _FEWEST_COLUMNS:
            cell, row = " ".join(str(whole.iloc[0]).split()), int(whole.index[0]) + 1
            raise InputError(
                f"{table}: a quote in {source.file} swallows rows: {lines.count:,} lines "
                f"became {len(frame):,} rows; row {row:,} holds in the column "
                f"{cells.name} {shorten(cell)}; close or delete the quote there"
            )
    if swallowed:
        say(
            f"{table}: {lines.count:,} lines of {source.file} became {len(frame):,} rows, as "
            f"{swallowed:,} line ends stand inside quoted cells"
        )
    elif lines.short and lines.last and not lines.is_ended and _is_short(lines.last, mark, frame):
        raise InputError(
            f"{table}: {source.file} is cut: its last line {shorten(lines.last)} has fewer cells "
            "than the header; export it again, or delete that line"
        )
    elif lines.short:
        say(
            f"{table}: {lines.short:,} "
            + ("line has" if lines.short == 1 else "lines have")
            + f" fewer cells than the header of {source.file} ({lines.first_short}); what is "
            "missing was read as empty"
        )
    if not lines.is_ended and len(frame):
        say(
            f"{table}: the last line of {source.file} has no line end, so it may be cut "
            f"(line {lines.count:,} {shorten(lines.last)})"
        )


def _is_short(line: str, mark: str, frame: pd.DataFrame) -> bool:
    return bool(mark) and line.count(mark) < len(frame.columns) - 1


def _guess_separator(lines: Sequence[str]) -> str:
    """The mark that stands most often in the first line that has one; a comma where none does."""
    for line in lines:
        text = re.sub(r'"[^"]*"', "", line)
        counts = Counter({mark: text.count(mark) for mark in _SEPARATORS})
        best = max(_SEPARATORS, key=lambda mark: (counts[mark], mark == ","))
        if counts[best]:
            return best
    return ","


def _cells(line: str, separator: str) -> list[str]:
    """The cells of one line."""
    if separator == "space":
        return line.split()
    mark = _SEPARATOR_WORDS.get(separator, separator)
    try:
        return next(csv.reader([line], delimiter=mark), [])
    except csv.Error:
        return line.split(mark)
