"""Packed text gives what its cells give one by one."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from src.data.cells import mapped
from src.data.cells.conversion import as_text, clean, convert, too_long, word_of
from src.data.cells.packed import expanded, is_packed, once, packed_of, unpacked
from src.data.cells.words import Packed

WORDS = [
    "a",
    " a",
    "b ",
    "NA",
    "1",
    "1.0",
    "-2.5",
    "2024-02",
    "2024-02-03",
    "yes",
    "no",
    "x" * 11_000,
]


def pack(cells):
    return pd.Series(Packed._from_sequence(cells))


@pytest.mark.parametrize(
    "read",
    [
        clean,
        as_text,
        too_long,
        lambda cells: word_of(cells, ["a", "1.00"]),
        lambda cells: convert(cells, "number")[0],
        lambda cells: convert(cells, "number")[1],
        lambda cells: convert(cells, "month")[0],
        lambda cells: convert(cells, "date")[0],
        lambda cells: convert(cells, "flag")[0],
        lambda cells: once(lambda texts: texts.str.upper(), cells),
    ],
)
@given(cells=st.lists(st.sampled_from([*WORDS, None]), min_size=1, max_size=9))
def test_packed_cells_are_read_as_others(read, cells):
    others = pd.Series(cells, dtype="object")

    found, expected = expanded(read(pack(cells))), read(others)

    assert found.dtype == expected.dtype
    assert found.index.equals(expected.index)
    assert found.isna().tolist() == expected.isna().tolist()
    assert found.dropna().tolist() == expected.dropna().tolist()


def test_text_stays_packed_and_words_that_become_one_are_one():
    cleaned = once(clean, pack(["a", " a", "b", None, "NA", "a"]))

    assert is_packed(cleaned)
    assert packed_of(cleaned).words.to_pylist() == ["a", "b"]
    assert packed_of(cleaned).codes.tolist() == [0, 0, 1, -1, -1, 0]


def test_each_word_is_read_once(monkeypatch):
    monkeypatch.setattr(mapped, "_STEP", 2)
    seen = []

    def read(texts):
        seen.append(texts.tolist())
        return texts.str.len().astype("float64")

    lengths = once(read, pack(["ab", "a", "ab", None, "ab"]))

    assert seen == [["ab", "a", None]]
    np.testing.assert_array_equal(lengths, [2, 1, 2, np.nan, 2])


NUMBERS = ["1", "2.50", "1,889", "$3", "1,889.50", "(12.50)", "ten", None]


@given(cells=st.lists(st.sampled_from(NUMBERS), min_size=1, max_size=9))
def test_a_decimal_mark_says_how_words_of_other_steps_are_meant(cells):
    expected = convert(pd.Series(cells, dtype="object"), "number")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(mapped, "_STEP", 2)
        found = convert(pack(cells), "number")

    np.testing.assert_array_equal(found[0], expected[0])
    np.testing.assert_array_equal(found[1], expected[1])


@given(cells=st.lists(st.sampled_from([*WORDS, None]), min_size=1, max_size=9))
def test_words_are_cleaned_in_steps_as_at_once(cells):
    expected = once(clean, pack(cells))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(mapped, "_STEP", 2)
        found = once(clean, pack(cells))

    assert expanded(found).tolist() == expanded(expected).tolist()
    assert packed_of(found).words.equals(packed_of(expected).words)


def test_a_frame_is_unpacked_and_other_columns_stay():
    frame = pd.DataFrame({"word": pack(["a", None]), "number": [1.0, 2.0]})

    assert_frame_equal(unpacked(frame), pd.DataFrame({"word": ["a", None], "number": [1.0, 2.0]}))
