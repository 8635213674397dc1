"""RFM by hand, with ties, zeros and returns."""

import numpy as np
import pandas as pd
import pandas.testing as pdt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from src.data.problems import InputError
from src.models.segments.rfm import SEGMENTS, profile, rfm, scored


@pytest.fixture
def activity():
    return pd.DataFrame(
        {
            "customer_id": list("abcdefghij"),
            "recency": [0, 0, 1, 1, 2, 3, 5, 8, 11, 11],
            "frequency": [12, 9, 9, 1, 6, 3, 0, 2, 1, 12],
            "money": [90.0, 40, 55, 5, 30, 12, 0, -4, 5, 80],
        }
    )


def test_scores_and_segments_by_hand(activity):
    expected = pd.DataFrame(
        {
            "customer_id": list("abcdefghij"),
            "r": [5, 5, 4, 4, 3, 3, 2, 2, 1, 1],
            "f": [5, 4, 4, 2, 3, 3, 1, 2, 2, 5],
            "m": [5, 4, 4, 2, 3, 3, 1, 1, 2, 5],
            "segment": pd.Categorical(
                [
                    "champions", "champions", "loyal", "potential loyalists", "need attention",
                    "need attention", "hibernating", "hibernating", "hibernating", "not to lose",
                ],
                categories=list(SEGMENTS),
            ),
        }
    )  # fmt: skip
    pdt.assert_frame_equal(rfm(activity), expected)


def test_a_profile_adds_up(activity):
    found = profile(rfm(activity), activity)
    assert found["segment"].tolist() == [
        "champions", "loyal", "potential loyalists", "need attention", "not to lose", "hibernating",
    ]  # fmt: skip
    assert found["customers"].tolist() == [2, 1, 1, 2, 1, 3]
    assert found["money"].tolist() == [130.0, 55.0, 5.0, 42.0, 80.0, 1.0]
    assert found["share"].sum() == pytest.approx(1)
    assert found["money_share"].sum() == pytest.approx(1)


@given(st.lists(st.integers(-5, 5), min_size=1, max_size=60))
def test_scores_follow_the_values_and_equal_ones_are_alike(values):
    values = np.array(values, float)
    found = scored(values)
    assert found.min() >= 1
    assert found.max() <= 5
    order = np.argsort(values, kind="stable")
    assert (np.diff(found[order]) >= 0).all()
    assert pd.Series(found).groupby(values).nunique().eq(1).all()


def test_fifths_are_of_equal_size_without_ties():
    found = scored(np.random.default_rng(0).permutation(100).astype(float))
    assert np.bincount(found)[1:].tolist() == [20] * 5


def test_a_single_customer_is_in_the_middle():
    one = pd.DataFrame({"customer_id": ["a"], "recency": [3], "frequency": [2], "money": [9.0]})
    assert rfm(one)["segment"].tolist() == ["need attention"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"recency": -1}, "recency must be 0 or more; 10 are not"),
        ({"frequency": np.nan}, "frequency is missing"),
        ({"customer_id": "a"}, "a customer stands in two rows"),
    ],
)
def test_what_cannot_be_scored_is_said(activity, change, message):
    with pytest.raises(InputError, match=message):
        rfm(activity.assign(**change))


def test_an_empty_shop_is_said(activity):
    with pytest.raises(InputError, match="there is no customer to score"):
        rfm(activity.head(0))
