"""ABC-XYZ by hand, with ties, zeros and returns."""

import numpy as np
import pandas as pd
import pandas.testing as pdt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from src.data.problems import InputError
from src.models.segments.abc_xyz import abc_xyz, classes, classes_from, floors, matrix


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([80, 15, 5], "ABC"),
        ([5, 80, 15], "CAB"),
        ([79.9, 15.1, 5], "AAC"),  # the second begins below 80 %, and the third at 95 %
        ([40, 40, 15, 5], "AABC"),  # what ends at 80 % is A, what begins there is B
        ([20, 20, 20, 20, 20, 0], "AAAAAC"),  # equal values are of one class
        ([90, 10, 0, -30], "ABCC"),  # a return is no income
        ([3], "A"),
    ],
)
def test_classes_by_hand(values, expected):
    assert "".join(classes(np.array(values, float))) == expected


@given(st.lists(st.integers(0, 50), min_size=2, max_size=60))
def test_classes_follow_the_values_and_hold_their_shares(values):
    values = np.array(values, float)
    if values.sum() == 0 or np.ptp(values) == 0:
        with pytest.raises(InputError):
            classes(values)
        return
    found = classes(values)
    frame = pd.DataFrame({"value": values, "class": found})
    assert frame.groupby("value")["class"].nunique().eq(1).all()
    ends = frame.groupby("class")["value"].agg(["min", "max"]).sort_index()
    assert (ends["min"].to_numpy()[:-1] > ends["max"].to_numpy()[1:]).all()
    # Without its smallest value, the first class holds less than four fifths.
    first = values[found == "A"]
    assert first[first > first.min()].sum() < 0.8 * values.sum()
    assert first.sum() >= 0.8 * values.sum() - 1e-9


def test_the_nine_cells_by_hand():
    activity = pd.DataFrame(
        {
            "customer_id": list("abcde"),
            "money": [70.0, 12, 13, 5, 0],
            "frequency": [40, 45, 10, 0, 5],
            "at_risk": [7.0, 1, 2, 0, 0],
        }
    )
    found = abc_xyz(activity)
    expected = pd.DataFrame(
        {
            "customer_id": list("abcde"),
            "abc": list("AABCC"),
            "xyz": list("XXYZZ"),
            "cell": ["AX", "AX", "BY", "CZ", "CZ"],
            "is_golden": [True, True, False, False, False],
        }
    )
    expected.loc[1, ["abc", "cell", "is_golden"]] = ["B", "BX", False]
    expected.loc[2, ["abc", "cell", "is_golden"]] = ["A", "AY", True]
    pdt.assert_frame_equal(found, expected, check_dtype=False)
    cells = matrix(found.assign(money=activity["money"], at_risk=activity["at_risk"]),
                   ["money", "at_risk"]).set_index(["abc", "xyz"])  # fmt: skip
    assert len(cells) == 9
    assert cells["customers"].sum() == 5
    assert cells.loc[("A", "X"), "money_share"] == 0.7
    assert cells.loc[("A", "Y")].tolist() == [1, 0.2, 13.0, 0.13, 2.0, 0.2]
    assert cells.loc[("C", "X"), "customers"] == 0


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"money": 5.0}, "money: all 3 values are equal, so there are no classes"),
        ({"money": -1.0}, "money: no value is above 0"),
        ({"frequency": 0}, "frequency: no value is above 0"),
        ({"customer_id": "a"}, "a customer stands in two rows"),
    ],
)
def test_what_has_no_classes_is_said(change, message):
    rows = pd.DataFrame({"customer_id": list("abc"), "money": [1.0, 2, 3], "frequency": [1, 2, 3]})
    with pytest.raises(InputError, match=message):
        abc_xyz(rows.assign(**change))


@given(st.lists(st.integers(0, 50), min_size=2, max_size=30).filter(lambda n: len(set(n)) > 1))
def test_bounds_of_a_day_give_its_classes_again(numbers):
    values = np.array(numbers, float)
    letters = classes(values)
    again = classes_from(values, floors(values, letters))
    assert again[values > 0].tolist() == letters[values > 0].tolist()
