import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from src.models.learning.names import clear_of, numbered


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ([], []),
        (["plan", "calls [last 30 d]"], ["plan", "calls [last 30 d]"]),
        (["Duration", "ended"], ["Duration", "ended (of the base)"]),
        (
            ["duration", "duration (of the base)"],
            ["duration (of the base) (of the base)", "duration (of the base)"],
        ),
    ],
)
def test_names_are_clear_of_words_and_of_one_another(names, expected):
    assert clear_of(names, ("duration", "ended")) == dict(zip(names, expected, strict=True))


def test_numbered_columns_have_the_cells_in_their_order():
    frame = pd.DataFrame({"usage <5 GB": [1, 2], "const": ["a", "b"]}, index=[7, 9])
    expected = pd.DataFrame({"c0": [1, 2], "c1": ["a", "b"]}, index=[7, 9])
    assert_frame_equal(numbered(frame), expected)
    assert list(frame) == ["usage <5 GB", "const"]
