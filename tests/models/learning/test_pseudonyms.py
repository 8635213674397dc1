"""Levels that are pseudonyms: what models say does not hang on the key."""

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_series_equal

from src.data.privacy import in_order, pseudonymise
from src.features.bands import banded
from src.models.gap.mix import _pooled
from src.models.learning.design import Design
from src.models.learning.preparation import Tidy

ROWS = 240
DEALERS = pd.Series([f"dealer {number % 6}" for number in range(ROWS)])
KEYS = (b"one key", b"another key", b"and a third")


@pytest.fixture
def hashed():
    return [pseudonymise(DEALERS, key) for key in KEYS]


def test_pseudonyms_stand_in_the_order_in_which_they_come(hashed):
    for cells in hashed:
        first = cells.head(6).tolist()
        assert in_order(sorted(first), cells) == first
        assert in_order([*sorted(first), "unknown", "other"], cells) == [*first, "other", "unknown"]
        assert banded(cells).cat.categories.tolist() == first
    assert len({tuple(np.argsort(cells.head(6).tolist())) for cells in hashed}) > 1


def test_the_design_of_models_is_the_same_under_every_key(hashed):
    designs = []
    for cells in hashed:
        frame = pd.DataFrame({"dealer": cells, "usage": np.arange(ROWS, dtype=float)})
        frame.loc[frame.index[-5:], "dealer"] = None
        read = Tidy().fit(frame).transform(frame)
        designs.append((read["dealer"].cat.codes, Design().fit_transform(read).to_numpy()))
    for codes, design in designs[1:]:
        assert_series_equal(codes, designs[0][0])
        np.testing.assert_array_equal(design, designs[0][1])


def test_sub_segments_of_one_size_keep_their_order(hashed):
    is_first = np.arange(ROWS) < ROWS / 2
    places = [_pooled(cells, is_first, 1)[1].tolist() for cells in hashed]
    assert places == [places[0]] * 3
