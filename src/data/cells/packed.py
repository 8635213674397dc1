"""What is asked of the cells of packed text is asked of each word once."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pandas as pd
import pyarrow as pa

from src.data.cells.mapped import in_steps
from src.data.cells.shelf import Shelved
from src.data.cells.words import Packed, as_objects


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
    return isinstance(values.array, Packed)


def packed_of(values: pd.Series) -> Packed:
    """The places and words of a column that is packed."""
    assert isinstance(values.array, Packed)
    return values.array


def expanded(values: pd.Series) -> pd.Series:
    """A column on a shelf, or packed, as objects: one text per word, however many cells hold it."""
    if isinstance(values.array, Shelved):
        values = pd.Series(values.array.read(), values.index, name=values.name)
    if not is_packed(values):
        return values
    return pd.Series(packed_of(values).texts(), values.index, name=values.name)


def words_of(values: pd.Series) -> Iterator[pd.Series]:
    """The filled cells of a column, of packed text each word once, some words at a time."""
    if not is_packed(values):
        yield values.dropna()
        return
    words = packed_of(values).words
    for some in in_steps(len(words)):
        yield pd.Series(as_objects(words[some]), dtype="object", name=values.name)


def unpacked(frame: pd.DataFrame) -> pd.DataFrame:
    """`frame` with every column as `expanded` gives it."""
    columns = {name: expanded(frame[name]) for name in frame}
    return pd.DataFrame(columns, index=frame.index, copy=False)


def once(read: Callable[[pd.Series], pd.Series], values: pd.Series) -> pd.Series:
    """`read` of a column; where all of it is text, each distinct cell is read once.

    `read` takes any cells and reads each by itself. Packed text stays packed where `read` gives
    text.
    """
    if is_packed(values):
        return _once(read, values)
    if not is_all_text(values):
        return read(values)
    codes, distinct = pd.factorize(values.astype("object"))
    result = read(pd.Series([*distinct, None], dtype="object"))
    return result.iloc[codes].set_axis(values.index).rename(values.name)


def _once(read: Callable[[pd.Series], pd.Series], values: pd.Series) -> pd.Series:
    """`once` of packed text: words, a gap behind them, some at a time."""
    packed = packed_of(values)
    parts: list[pd.Series | pa.Array] = []
    for words in words_of(values):
        result = read(pd.Series([*words, None], dtype="object"))
        is_text = result.dtype == "object"
        parts.append(_arrow(result.iloc[:-1]) if is_text else result.iloc[:-1])
        of_gap = result.iloc[-1:]
    whole = [*parts, of_gap]
    if any(isinstance(part, pa.Array) for part in parts):
        texts = [part if isinstance(part, pa.Array) else _arrow(part) for part in whole]
        return _text(pa.concat_arrays(texts), packed, values)
    if len({part.dtype for part in whole}) == 1 and isinstance(of_gap.dtype, np.dtype):
        cells = np.concatenate([part.to_numpy() for part in whole])
        return pd.Series(looked_up(cells, packed.codes), values.index, name=values.name, copy=False)
    result = pd.concat(whole)
    return result.iloc[packed.codes].set_axis(values.index).rename(values.name)


def _arrow(texts: pd.Series) -> pa.LargeStringArray:
    return pa.array(texts.astype("object"), pa.large_string(), from_pandas=True)


def _text(texts: pa.LargeStringArray, packed: Packed, like: pd.Series) -> pd.Series:
    """The column of `packed` with these texts for its words, the last of them for a gap."""
    if texts[-1].as_py() is None and texts[:-1].equals(packed.words):
        return like
    encoded = texts.dictionary_encode()
    places = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False)
    is_same = places[-1] < 0 and (places[:-1] == np.arange(len(places) - 1)).all()
    codes = packed.codes if is_same else looked_up(places, packed.codes)
    cells = Packed.of(encoded.dictionary, codes)
    return pd.Series(cells, like.index, name=like.name, copy=False)


def is_all_text(values: pd.Series) -> bool:
    """Whether every filled cell is text."""
    return is_packed(values) or pd.api.types.infer_dtype(values, skipna=True) == "string"


def looked_up(words: np.ndarray, codes: np.ndarray) -> np.ndarray:
    """`words[codes]`, in steps, as places of 64 bits for all codes would take eight bytes each."""
    cells = np.empty(len(codes), words.dtype)
    for rows in in_steps(len(codes)):
        cells[rows] = words[codes[rows]]
    return cells


def _in_use(values: pd.Series) -> pd.Series:
    """Packed text with the words that its cells hold, in the order in which they come."""
    codes, words = packed_of(values).codes, packed_of(values).words
    used = pd.unique(codes)
    used = used[used >= 0]
    if len(used) == len(words) and (used == np.arange(len(words))).all():
        return values
    places = np.full(len(words) + 1, -1)
    places[used] = np.arange(len(used))
    cells = Packed.of(words.take(pa.array(used)), looked_up(places, codes))
    return pd.Series(cells, values.index, name=values.name, copy=False)
