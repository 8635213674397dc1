"""Text of a large file in memory: each word once, and for each cell its place among the words.

Packed text is a pandas categorical of words; a gap is -1. What is asked of each cell is asked of
each word, by `once`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pandas as pd

from src.data.cells.shelf import Shelved

_STEP = 1024 * 1024  # rows


def taken_down(values: pd.Series) -> pd.Series:
    """A column that lies on a shelf as packed text, or as objects; other columns as they are.

    Categories of a source are the cells that they stand for.
    """
    if isinstance(values.array, Shelved):
        return _in_use(pd.Series(values.array.read(), values.index, name=values.name))
    if isinstance(values.dtype, pd.CategoricalDtype):
        return values.astype("object").infer_objects()
    return values


def is_packed(values: pd.Series) -> bool:
    """Whether a column is packed text."""
    return isinstance(values.dtype, pd.CategoricalDtype) and (
        values.cat.categories.inferred_type in ("string", "empty")
    )


def expanded(values: pd.Series) -> pd.Series:
    """A column on a shelf, or packed, as objects: one text per word, however many cells hold it."""
    if isinstance(values.array, Shelved):
        values = taken_down(values)
    if not is_packed(values):
        return values
    words = np.array([*values.cat.categories, None], dtype="object")
    return pd.Series(words[values.cat.codes.to_numpy()], values.index, name=values.name)


def words_of(values: pd.Series) -> pd.Series:
    """The filled cells of a column, of packed text each word once."""
    if is_packed(values):
        return pd.Series(values.cat.categories, dtype="object", name=values.name)
    return values.dropna()


def unpacked(frame: pd.DataFrame) -> pd.DataFrame:
    """`frame` with every column as `expanded` gives it."""
    columns = {name: expanded(frame[name]) for name in frame}
    return pd.DataFrame(columns, index=frame.index, copy=False)


def once(read: Callable[[pd.Series], pd.Series], values: pd.Series) -> pd.Series:
    """`read` of a column; where all of it is text, each distinct cell is read once.

    Packed text stays packed where `read` gives text.
    """
    if is_packed(values):
        result = read(pd.Series([*values.cat.categories, None], dtype="object"))
        codes = values.cat.codes.to_numpy()
        if result.dtype == "object":
            places, words = pd.factorize(result)
            return _packed(looked_up(places, codes), words, values)
        if isinstance(result.dtype, np.dtype):
            cells = looked_up(result.to_numpy(), codes)
            return pd.Series(cells, values.index, name=values.name, copy=False)
    elif is_all_text(values):
        codes, distinct = pd.factorize(values.astype("object"))
        result = read(pd.Series([*distinct, None], dtype="object"))
    else:
        return read(values)
    return result.iloc[codes].set_axis(values.index).rename(values.name)


def is_all_text(values: pd.Series) -> bool:
    """Whether every filled cell is text."""
    return is_packed(values) or pd.api.types.infer_dtype(values, skipna=True) == "string"


def looked_up(words: np.ndarray, codes: np.ndarray) -> np.ndarray:
    """`words[codes]`, in steps, as places of 64 bits for all codes would take eight bytes each."""
    cells = np.empty(len(codes), words.dtype)
    for rows in in_steps(len(codes)):
        cells[rows] = words[codes[rows]]
    return cells


def in_steps(number: int) -> Iterator[slice]:
    """Rows of a large table some at a time: the row groups of a Parquet file; one step at least."""
    for start in range(0, max(number, 1), _STEP):
        yield slice(start, start + _STEP)


def _in_use(values: pd.Series) -> pd.Series:
    """Packed text with the words that its cells hold, in the order in which they come."""
    if not is_packed(values):
        return values
    codes, words = values.cat.codes.to_numpy(), values.cat.categories
    used = pd.unique(codes)
    used = used[used >= 0]
    if len(used) == len(words) and (used == np.arange(len(words))).all():
        return values
    places = np.full(len(words) + 1, -1)
    places[used] = np.arange(len(used))
    return _packed(looked_up(places, codes), words.take(used), values)


def _packed(codes: np.ndarray, words: pd.Index | np.ndarray, like: pd.Series) -> pd.Series:
    smallest = codes.astype(np.min_scalar_type(-len(words) - 1))
    cells = pd.Categorical.from_codes(smallest, pd.Index(words, dtype="object"))
    return pd.Series(cells, like.index, name=like.name, copy=False)
