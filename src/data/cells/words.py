"""Packed text: each word once, as Arrow holds text, and for each cell its place among the words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from pandas.api.extensions import ExtensionArray, ExtensionDtype
from pandas.api.indexers import check_array_indexer

_ArrayType = type[ExtensionArray]


class PackedDtype(ExtensionDtype):
    """The type of packed text, with gaps."""

    name = "packed"
    type = str
    na_value = None

    @classmethod
    def construct_array_type(cls) -> _ArrayType:
        """The array of this type."""
        return Packed


class Packed(ExtensionArray):
    """A column of text: `codes`, the place of each cell's word or -1 for a gap, and `words`.

    A word takes its letters and eight bytes; as an object of Python it would take sixty more. No
    word stands twice. Nothing changes a packed column.
    """

    def __init__(self, codes: np.ndarray, words: pa.LargeStringArray) -> None:
        self.codes = codes
        self.words = words

    @classmethod
    def of(cls, words: pa.LargeStringArray, codes: np.ndarray) -> Packed:
        """These words at these places, in the smallest type of numbers that holds them."""
        return cls(codes.astype(np.min_scalar_type(-len(words) - 1), copy=False), words)

    def texts(self) -> np.ndarray:
        """The cells as objects: one text per word that is used, however many cells hold it."""
        if len(self.codes) >= len(self.words):
            return np.append(as_objects(self.words), np.array([None], "object"))[self.codes]
        used, places = np.unique(self.codes, return_inverse=True)
        return as_objects(self.words.take(pa.array(used, mask=used < 0)))[places]

    def arrow(self) -> pa.LargeStringArray:
        """The cells as a column of Arrow."""
        return self.words.take(pa.array(self.codes, mask=self.codes < 0))

    @property
    def dtype(self) -> PackedDtype:
        """The type of the column."""
        return PackedDtype()

    @property
    def nbytes(self) -> int:
        """What the places and the words take."""
        return int(self.codes.nbytes) + int(self.words.nbytes)

    def __len__(self) -> int:
        return len(self.codes)

    def __getitem__(self, item: Any) -> Any:
        codes = self.codes[check_array_indexer(self, item)]
        if isinstance(codes, np.ndarray):
            return Packed(codes, self.words)
        return None if codes < 0 else self.words[int(codes)].as_py()

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        return self.texts().astype(dtype or "object", copy=False)

    def isna(self) -> np.ndarray:
        """Which cells are empty."""
        return np.asarray(self.codes < 0)

    def copy(self) -> Packed:
        """The column itself: nothing changes it."""
        return self

    def take(self, indices: Any, *, allow_fill: bool = False, fill_value: Any = None) -> Packed:  # noqa: ARG002
        """The cells of these places, a gap for -1 where `allow_fill`."""
        places = np.asarray(indices, "int64")
        if not allow_fill:
            return Packed(self.codes.take(places), self.words)
        codes = np.append(self.codes, self.codes.dtype.type(-1))
        return Packed(codes[places], self.words)

    def unique(self) -> Packed:
        """Each cell once, in the order in which they come."""
        return Packed(pd.unique(self.codes), self.words)

    def factorize(self, use_na_sentinel: bool = True) -> tuple[np.ndarray, Packed]:
        """For each cell its place among the distinct ones, and those."""
        used = pd.unique(self.codes)
        used = used[used >= 0] if use_na_sentinel else used
        places = np.full(len(self.words) + 1, -1)
        places[used] = np.arange(len(used))
        return places[self.codes], Packed(used, self.words)

    @classmethod
    def _concat_same_type(cls, to_concat: Sequence[Packed]) -> Packed:
        columns = [
            pa.DictionaryArray.from_arrays(
                pa.array(each.codes.astype("int32"), mask=each.codes < 0), each.words
            )
            for each in to_concat
        ]
        return joined(columns)

    @classmethod
    def _from_sequence(cls, scalars: Any, *, dtype: Any = None, copy: bool = False) -> Packed:  # noqa: ARG003
        cells = pa.array(np.array(scalars, dtype="object"), pa.large_string(), from_pandas=True)
        return joined([cells.dictionary_encode()])


def as_objects(words: pa.Array) -> np.ndarray:
    """Text of Arrow as objects of Python, a gap as None."""
    return np.asarray(words.to_numpy(zero_copy_only=False), dtype="object")


def joined(columns: Sequence[pa.DictionaryArray]) -> Packed:
    """Columns one below the other, words in the order in which they come."""
    whole = pa.chunked_array(columns).unify_dictionaries()
    words = whole.chunk(0).dictionary
    codes = [chunk.indices.fill_null(-1).to_numpy(zero_copy_only=False) for chunk in whole.chunks]
    return Packed.of(words, np.concatenate(codes))
