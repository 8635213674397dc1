"""Columns of a large file, held on disk until one of them is read."""

from __future__ import annotations

import gc
import tempfile
import weakref
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from pandas.api.extensions import ExtensionArray, ExtensionDtype
from pandas.api.types import infer_dtype

from src.data.cells.mapped import kept
from src.data.cells.words import Packed

_AT_ONCE = 8  # parts whose words are joined in one step
_TEXT = ("string", "empty")


@dataclass(frozen=True)
class Part:
    """Cells `start` to `stop` of one piece of a column, a stream of Arrow on a shelf."""

    shelf: Shelf
    offset: int
    size: int
    start: int
    stop: int

    def __len__(self) -> int:
        return self.stop - self.start

    def read(self) -> pa.DictionaryArray:
        """The cells as codes into a dictionary of their words."""
        stream = pa.ipc.open_stream(self.shelf.read(self.offset, self.size))
        return stream.read_next_batch().column(0).slice(self.start, len(self))


class Shelf:
    """A file without a name in `folder`; it goes with the last column that lies in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115  (closed below)
        weakref.finalize(self, self._file.close)

    def read(self, offset: int, size: int) -> bytes:
        """So many bytes from a place in the file."""
        self._file.seek(offset)
        return self._file.read(size)

    def put(self, chunk: pd.DataFrame) -> pd.DataFrame:
        """`chunk` with its columns of text on the shelf; others, and those that are, stay."""
        columns = {name: self._column(chunk[name]) for name in chunk}
        return pd.DataFrame(columns, index=chunk.index, copy=False)

    def _column(self, cells: pd.Series) -> pd.Series:
        is_text = cells.dtype == "object" and infer_dtype(cells, skipna=True) in _TEXT
        return pd.Series(self._write(cells), cells.index) if is_text else cells

    def _write(self, cells: pd.Series) -> Shelved:
        packed = pa.array(cells, pa.large_string()).dictionary_encode()
        batch = pa.record_batch([packed], ["cells"])
        sink = pa.BufferOutputStream()
        options = pa.ipc.IpcWriteOptions(compression="lz4")
        with pa.ipc.new_stream(sink, batch.schema, options=options) as stream:
            stream.write_batch(batch)
        offset, written = self._file.seek(0, 2), sink.getvalue()
        self._file.write(written)
        return Shelved([Part(self, offset, len(written), 0, len(cells))])


_ArrayType = type[ExtensionArray]


class ShelvedDtype(ExtensionDtype):
    """The type of a column that lies on a shelf: text, with gaps."""

    name = "shelved"
    type = str
    na_value = None

    @classmethod
    def construct_array_type(cls) -> _ArrayType:
        """The array of this type."""
        return Shelved


class Shelved(ExtensionArray):
    """A column that lies on a shelf: slices and rows below one another are not read for it.

    `read` gives its cells; whatever else pandas asks of it, it is given as objects.
    """

    def __init__(self, parts: Sequence[Part]) -> None:
        self._parts = tuple(part for part in parts if len(part))

    @property
    def folder(self) -> Path | None:
        """Where the shelf is; None where there is no cell."""
        return self._parts[0].shelf.folder if self._parts else None

    def read(self) -> Packed:
        """The cells as packed text."""
        codes, place = np.empty(len(self), "int32"), 0
        words = pa.array([], pa.large_string())
        for group in self._groups():
            before = pa.DictionaryArray.from_arrays(pa.array([], pa.int32()), words)
            joined = pa.chunked_array([before, *(part.read() for part in group)])
            joined = joined.unify_dictionaries()
            words = joined.chunk(0).dictionary
            for chunk in joined.chunks:
                codes[place : place + len(chunk)] = chunk.indices.fill_null(-1)
                place += len(chunk)
            del before, joined, chunk
            pa.default_memory_pool().release_unused()  # to look words up took more than they do
        return Packed.of(words, codes)

    def _groups(self) -> Iterator[tuple[Part, ...]]:
        for first in range(0, len(self._parts), _AT_ONCE):
            yield self._parts[first : first + _AT_ONCE]

    @property
    def dtype(self) -> ShelvedDtype:
        """The type of the column."""
        return ShelvedDtype()

    @property
    def nbytes(self) -> int:
        """Nothing of it is in memory."""
        return 0

    def __len__(self) -> int:
        return sum(map(len, self._parts))

    def __getitem__(self, item: Any) -> Any:
        if not isinstance(item, slice) or item.step not in (None, 1):
            return _objects(self.read()[item])
        start, stop, _ = item.indices(len(self))
        kept, passed = [], 0
        for part in self._parts:
            first = part.start + min(max(start - passed, 0), len(part))
            last = part.start + min(max(stop - passed, 0), len(part))
            kept.append(replace(part, start=first, stop=max(first, last)))
            passed += len(part)
        return Shelved(kept)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        return self.read().texts().astype(dtype or "object", copy=False)

    def isna(self) -> np.ndarray:
        """Which cells are empty."""
        return self.read().isna()

    def copy(self) -> Shelved:
        """The column itself: nothing changes it."""
        return self

    def take(self, indices: Any, *, allow_fill: bool = False, fill_value: Any = None) -> Any:
        """The cells of these places, -1 for none where `allow_fill`, as objects."""
        return _objects(self.read().take(indices, allow_fill=allow_fill, fill_value=fill_value))

    @classmethod
    def _concat_same_type(cls, to_concat: Sequence[Shelved]) -> Shelved:
        return cls([part for column in to_concat for part in column._parts])

    @classmethod
    def _from_sequence(cls, scalars: Any, *, dtype: Any = None, copy: bool = False) -> Any:  # noqa: ARG003
        return pd.array(np.array(scalars, dtype="object"), dtype="object")


def one_below_another(frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Frames of the same columns as one, rows numbered from 0.

    What lies on a shelf is not read for it: `pd.concat` of whole frames would look for gaps there.
    """
    on_shelf = {
        name: [frame[name] for frame in frames]
        for name in frames[0]
        if all(isinstance(frame[name].array, Shelved) for frame in frames)
    }
    others = pd.concat([frame.drop(columns=[*on_shelf]) for frame in frames], ignore_index=True)
    columns = {
        name: pd.concat(on_shelf[name], ignore_index=True) if name in on_shelf else others[name]
        for name in frames[0]
    }
    return pd.DataFrame(columns, others.index, copy=False)


def back_on_shelf(cells: pd.Series, source: pd.Series) -> pd.Series:
    """`cells` in a file beside the shelf that `source` lies on; as they are where it is on none.

    What reading a column leaves behind is given back: `.str` and `.dt` of pandas close circles that
    keep their cells until Python looks for circles.
    """
    folder = source.array.folder if isinstance(source.array, Shelved) else None
    if folder is None:
        return cells
    on_disk = kept(cells, folder)
    gc.collect()
    pa.default_memory_pool().release_unused()
    return on_disk


def _objects(cells: Any) -> Any:
    """Packed cells as objects; one alone as it is."""
    if isinstance(cells, Packed):
        return pd.arrays.NumpyExtensionArray(cells.texts())
    return cells
