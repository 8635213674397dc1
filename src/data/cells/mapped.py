"""Columns of a large table that lie in a file: only what is being read of them is in memory."""

from __future__ import annotations

import mmap
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from src.data.cells.words import Packed

_STEP = 1024 * 1024  # rows


def in_steps(number: int) -> Iterator[slice]:
    """Rows of a large table some at a time: the row groups of a Parquet file; one step at least."""
    for start in range(0, max(number, 1), _STEP):
        yield slice(start, start + _STEP)


def is_one_step(number: int) -> bool:
    """Whether all rows are one step of `in_steps`."""
    return number <= _STEP


class _Map(mmap.mmap):
    """A file without a name as memory; it goes with the last array that lies in it."""

    folder: Path


def kept(cells: pd.Series, folder: Path) -> pd.Series:
    """A column with its numbers, moments, flags or places of words in a file without a name.

    The file lies in `folder`, and its cells can only be read. Text that is not packed, and flags
    with gaps, stay in memory.
    """
    array = cells.array
    if isinstance(array, Packed):
        codes = _on_disk(array.codes, folder)
        return pd.Series(Packed(codes, array.words), cells.index, name=cells.name)
    if not isinstance(cells.dtype, np.dtype) or cells.dtype == "object" or not len(cells):
        return cells
    plain = _on_disk(cells.to_numpy(), folder)
    return pd.Series(plain, cells.index, name=cells.name, copy=False)


def some_rows(frame: pd.DataFrame, is_kept: np.ndarray) -> pd.DataFrame:
    """The rows of `frame` that are kept, with their index; what lies in a file lies in one again.

    Column by column: a filter of the whole frame would copy it twice.
    """
    columns, index = {}, frame.index[is_kept]
    for name in frame:
        cells = frame[name]
        some = pd.Series(cells.array[is_kept], index, name=name, copy=False)
        place = _map_of(cells)
        columns[name] = kept(some, place.folder) if place else some
        let_go(cells)
    return pd.DataFrame(columns, index, copy=False)


def with_columns(frame: pd.DataFrame, columns: Mapping[str, pd.Series]) -> pd.DataFrame:
    """`frame` with these columns in place of those of their names; the others are not copied."""
    return pd.DataFrame({**frame, **columns}, frame.index, copy=False)


def renumbered(frame: pd.DataFrame) -> pd.DataFrame:
    """`frame` with its rows numbered from 0; nothing is copied."""
    return pd.DataFrame({name: frame[name].array for name in frame}, copy=False)


def let_go(*columns: pd.Series) -> None:
    """Give back the memory of columns that lie in a file; they are read anew when they are used."""
    for cells in columns:
        if place := _map_of(cells):
            place.madvise(mmap.MADV_DONTNEED)


def _on_disk(array: np.ndarray, folder: Path) -> np.ndarray:
    if not len(array):
        return array
    with tempfile.TemporaryFile(dir=folder) as file:
        for rows in in_steps(len(array)):
            file.write(np.ascontiguousarray(array[rows]).view("uint8").data)
        file.flush()
        place = _Map(file.fileno(), array.nbytes, access=mmap.ACCESS_READ)
    place.folder = folder
    return np.frombuffer(place, array.dtype)


def _map_of(cells: pd.Series) -> _Map | None:
    """The file in which the cells of a column lie; None where they lie in memory."""
    array: object = cells.array.codes if isinstance(cells.array, Packed) else None
    if array is None and isinstance(cells.dtype, np.dtype) and cells.dtype != "object":
        array = cells.to_numpy()
    while isinstance(array, np.ndarray):
        array = array.base
    if isinstance(array, memoryview):
        array = array.obj
    return array if isinstance(array, _Map) else None
