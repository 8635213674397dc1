"""Columns on disk: what is put on a shelf comes back cell by cell."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from src.data.cells.packed import expanded, packed_of, taken_down
from src.data.cells.shelf import Part, Shelf, Shelved, one_below_another


@pytest.fixture(scope="module")
def shelf(tmp_path_factory):
    return Shelf(tmp_path_factory.mktemp("shelf"))


def on(shelf, *chunks):
    frames = [shelf.put(pd.DataFrame({"a": pd.Series(chunk, dtype="object")})) for chunk in chunks]
    return pd.concat(frames, ignore_index=True)["a"]


TEXTS = st.lists(st.sampled_from(["x", "y", "z", "", " x", None]), max_size=5)


@given(
    chunks=st.lists(TEXTS, min_size=1, max_size=20), start=st.integers(0, 9), size=st.integers(0, 9)
)
def test_chunks_below_one_another_and_slices_of_them(shelf, chunks, start, size):
    cells = on(shelf, *chunks)
    every = [cell for chunk in chunks for cell in chunk]

    assert isinstance(cells.array, Shelved)
    assert expanded(cells).tolist() == every
    some = cells.iloc[start : start + size]
    assert isinstance(some.array, Shelved)
    assert expanded(some).tolist() == every[start : start + size]
    assert cells.isna().tolist() == [cell is None for cell in every]


@pytest.mark.parametrize("others", [{}, {"b": 1.5}])
def test_frames_below_one_another_are_not_read_for_it(shelf, monkeypatch, others):
    texts = [["x", None], ["y", "x"], ["z"]]
    frames = [pd.DataFrame({"a": pd.Series(cells, dtype="object"), **others}) for cells in texts]
    on_shelf = [shelf.put(frame) for frame in frames]
    with monkeypatch.context() as patch:
        patch.delattr(Part, "read")
        whole = one_below_another([on_shelf[0], *(part[[*part][::-1]] for part in on_shelf[1:])])

    assert_frame_equal(whole.astype({"a": "object"}), pd.concat(frames, ignore_index=True))


def test_a_column_that_is_taken_down_is_packed(shelf):
    packed = packed_of(taken_down(on(shelf, ["b", "a"], ["b", None])))

    assert packed.words.to_pylist() == ["b", "a"]
    assert packed.codes.tolist() == [0, 1, 0, -1]


def test_words_that_only_rows_left_out_hold_are_gone(shelf):
    cells = taken_down(on(shelf, ["z", "b", "a"], ["b", "a"] * 3 + ["Summe"]).iloc[1:-1])

    assert packed_of(cells).words.to_pylist() == ["b", "a"]


def test_rows_that_are_picked_are_objects_and_places_may_be_missing(shelf):
    cells = on(shelf, ["a", "b", "a"], ["a", None])

    assert cells[np.array([True, False, False, True, True])].tolist() == ["a", "a", None]
    assert cells.reindex([4, 1, 9]).isna().tolist() == [True, False, True]
    assert cells.loc[[1, 0]].dtype == "object"
    assert cells.iloc[1] == "b"
    assert np.asarray(cells).tolist() == ["a", "b", "a", "a", None]


def test_columns_that_are_no_text_stay(shelf):
    frame = pd.DataFrame({"number": [1.5], "mixed": pd.Series([1], dtype="object"), "text": ["a"]})
    put = shelf.put(frame)

    assert [str(dtype) for dtype in put.dtypes] == ["float64", "object", "shelved"]
    assert shelf.put(put)["text"].array is put["text"].array


def test_a_shelf_has_no_name_and_goes_with_its_columns(tmp_path):
    cells = on(Shelf(tmp_path), ["a"] * 3)
    file = cells.array._parts[0].shelf._file

    assert list(tmp_path.iterdir()) == []
    assert not file.closed
    del cells
    assert file.closed
