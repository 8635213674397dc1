"""Migration by hand, and the Markov value against simulated customers."""

import numpy as np
import pandas as pd
import pandas.testing as pdt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from src.data.problems import InputError
from src.models.segments.migration import (
    moves,
    transition_matrix,
)

SEGMENTS = ["high", "low"]


def side(**customers):
    rows = [(name, *values) for name, values in customers.items()]
    return pd.DataFrame(rows, columns=["customer_id", "segment", "money"])


def test_moves_by_hand():
    before = side(a=("high", 10.0), b=("high", 20.0), c=("low", 1.0), d=("low", 2.0))
    after = side(a=("high", 12.0), b=("low", 5.0), d=("high", 9.0), e=("low", 3.0))
    expected = pd.DataFrame(
        [
            ("high", "high", 1, 0.5, 10.0, 12.0),
            ("high", "low", 1, 0.5, 20.0, 5.0),
            ("high", "gone", 0, 0.0, 0.0, 0.0),
            ("low", "high", 1, 0.5, 2.0, 9.0),
            ("low", "low", 0, 0.0, 0.0, 0.0),
            ("low", "gone", 1, 0.5, 1.0, 0.0),
            ("new", "high", 0, np.nan, 0.0, 0.0),
            ("new", "low", 1, np.nan, 0.0, 3.0),
        ],
        columns=["before", "after", "customers", "share", "money_before", "money_after"],
    )
    found = moves(before, after, SEGMENTS)
    pdt.assert_frame_equal(found, expected)
    wanted = [[0.5, 0.5, 0.0], [0.5, 0.0, 0.5]]
    assert transition_matrix(found, SEGMENTS).tolist() == wanted


people = st.dictionaries(
    st.sampled_from("abcdefgh"),
    st.tuples(st.sampled_from(SEGMENTS), st.integers(-3, 9).map(float)),
    min_size=1,
)


@settings(max_examples=40)
@given(people, people)
def test_nobody_and_no_money_is_lost(before, after):
    before, after = side(**before), side(**after)
    found = moves(before, after, SEGMENTS)
    assert found["customers"].sum() == len({*before["customer_id"], *after["customer_id"]})
    assert found["money_before"].sum() == before["money"].sum()
    assert found["money_after"].sum() == after["money"].sum()
    shares = found.groupby("before")["share"].sum(min_count=1).dropna()
    assert shares.to_numpy() == pytest.approx(np.ones(len(shares)))


def test_what_cannot_be_told_is_said():
    one = side(a=("high", 1.0))
    with pytest.raises(InputError, match="a customer stands in two rows of after"):
        moves(one, pd.concat([one, one]), SEGMENTS)
    with pytest.raises(InputError, match=r"before has segments that are not listed: \['top'\]"):
        moves(side(a=("top", 1.0)), one, SEGMENTS)
    with pytest.raises(InputError, match="there is no customer in after"):
        moves(one, one.head(0), SEGMENTS)
    with pytest.raises(InputError, match="nobody was in low before"):
        transition_matrix(moves(one, one, SEGMENTS), SEGMENTS)
