"""Columns in a file give what they would give in memory."""

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal, assert_series_equal

from src.data.cells import mapped
from src.data.cells.mapped import in_steps, kept, let_go, renumbered, some_rows, with_columns
from src.data.cells.packed import is_packed, unpacked
from src.data.cells.words import Packed

FRAME = pd.DataFrame(
    {
        "number": [1.5, np.nan, -3.0, 0.0],
        "month": pd.to_datetime(["2024-01-01", None, "2024-03-01", "2024-04-01"]),
        "flag": [True, False, True, True],
        "word": ["a", None, "b", "a"],
    },
    index=[0, 1, 3, 4],
)


@pytest.fixture
def in_a_file(tmp_path):
    packed = FRAME.assign(word=Packed._from_sequence(FRAME["word"]))
    columns = {name: kept(packed[name], tmp_path) for name in packed}
    yield pd.DataFrame(columns, packed.index, copy=False)
    assert list(tmp_path.iterdir()) == []  # the files have no names


def lies_in_a_file(cells):
    array = cells.array.codes if is_packed(cells) else cells.to_numpy()
    return not array.flags.owndata and not array.flags.writeable


def test_cells_are_the_same_and_can_be_let_go_and_read_again(in_a_file):
    for _ in range(2):
        assert_frame_equal(unpacked(in_a_file), FRAME)
        assert all(lies_in_a_file(in_a_file[name]) for name in in_a_file)
        let_go(*(in_a_file[name] for name in in_a_file))


def test_large_columns_are_written_in_steps(tmp_path, monkeypatch):
    monkeypatch.setattr(mapped, "_STEP", 3)
    cells = pd.Series(np.arange(10, dtype="int16"), name="a")

    assert_series_equal(kept(cells, tmp_path), cells)


def test_rows_that_are_left_lie_in_a_file_again_and_can_be_numbered_anew(in_a_file):
    is_kept = np.array([True, False, False, True])
    some = some_rows(in_a_file, is_kept)

    assert all(lies_in_a_file(some[name]) for name in some)
    assert_frame_equal(unpacked(some), FRAME[is_kept])
    again = renumbered(some)
    assert all(lies_in_a_file(again[name]) for name in again)
    assert_frame_equal(unpacked(again), FRAME[is_kept].reset_index(drop=True))
    assert len(some_rows(in_a_file, ~is_kept & is_kept)) == 0


def test_a_column_is_replaced_and_the_others_stay_in_their_files(in_a_file):
    changed = with_columns(in_a_file, {"number": pd.Series(0.0, FRAME.index)})

    assert_frame_equal(unpacked(changed), FRAME.assign(number=0.0))
    assert lies_in_a_file(changed["month"])


def test_columns_in_memory_stay_there(tmp_path):
    text = pd.Series(["a", "b"])
    let_go(text)

    assert kept(text, tmp_path) is text
    assert some_rows(FRAME, FRAME["flag"].to_numpy())["number"].to_numpy().flags.writeable


def test_steps_cover_all_rows_and_there_is_one_at_least(monkeypatch):
    monkeypatch.setattr(mapped, "_STEP", 2)

    assert [list(range(5))[rows] for rows in in_steps(5)] == [[0, 1], [2, 3], [4]]
    assert len(list(in_steps(0))) == 1
