"""Packed text behaves as the column of objects that it stands for."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pandas.testing import assert_series_equal

from src.data.cells.words import Packed

TEXTS = st.lists(st.sampled_from(["x", "y", "z", "", None]), min_size=1, max_size=9)


def pack(cells):
    return pd.Series(Packed._from_sequence(cells))


def same(packed, plain):
    objects = pd.Series(packed.array.texts(), packed.index, dtype="object")
    assert_series_equal(objects, plain)


@given(cells=TEXTS, seed=st.integers(0, 99))
def test_rows_are_picked_as_of_objects(cells, seed):
    rng = np.random.default_rng(seed)
    plain, packed = pd.Series(cells, dtype="object"), pack(cells)
    is_some, places = rng.random(len(cells)) < 0.5, rng.integers(0, len(cells), 3)

    same(packed, plain)
    same(packed[is_some], plain[is_some])
    same(packed.iloc[places], plain.iloc[places])
    same(packed.head(2), plain.head(2))
    same(packed.dropna(), plain.dropna())
    assert packed.iloc[0] == plain.iloc[0]
    assert packed.isna().tolist() == plain.isna().tolist()
    assert packed.array.arrow().to_pylist() == plain.tolist()
    assert packed.reindex([0, 99]).isna().tolist() == [plain.iloc[0] is None, True]
    assert packed.iloc[:0].reindex([0]).isna().tolist() == [True]


@given(cells=TEXTS, others=TEXTS)
def test_distinct_cells_keys_and_columns_below_one_another(cells, others):
    plain, packed = pd.Series(cells, dtype="object"), pack(cells)

    assert list(packed.unique()) == list(plain.unique())
    codes, words = pd.factorize(packed)
    expected_codes, expected_words = pd.factorize(plain)
    assert codes.tolist() == expected_codes.tolist()
    assert list(words) == list(expected_words)
    number = range(len(cells))
    frame, expected = (pd.DataFrame({"a": c, "n": number}) for c in (packed, plain))
    assert frame.duplicated("a").tolist() == expected.duplicated("a").tolist()
    sizes = frame.groupby("a", sort=False)["n"].sum()
    assert sizes.tolist() == expected.groupby("a", sort=False)["n"].sum().tolist()
    below = pd.concat([packed, pack(others)], ignore_index=True)
    assert isinstance(below.array, Packed)
    same(below, pd.Series([*cells, *others], dtype="object"))


def test_places_take_the_smallest_type_and_words_that_no_cell_holds_are_not_read():
    words = pa.array([f"w{n}" for n in range(200)], pa.large_string())
    packed = Packed.of(words, np.array([199, -1, 3]))

    assert packed.codes.dtype == "int16"
    assert packed.texts().tolist() == ["w199", None, "w3"]
    assert packed.unique().arrow().to_pylist() == ["w199", None, "w3"]


def test_nothing_changes_a_packed_column():
    packed = pack(["a", "b"])
    with pytest.raises((NotImplementedError, TypeError)):
        packed.iloc[0] = "b"
