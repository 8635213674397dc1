import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal, assert_series_equal

from src.data.problems import InputError
from src.models.intervals.proportions import wilson
from src.models.intervals.rates import explained_share, overall_rate, rates_by


@pytest.fixture
def customers() -> pd.DataFrame:
    plan = ["plus", "basic", "basic", "plus", "basic", "plus"]
    return pd.DataFrame(
        {
            "left": [True, False, True, False, False, True],
            "plan": pd.Categorical(plan, ["plus", "basic", "never taken"], ordered=True),
            "calls": [1, 2, 1, 2, 2, 1],
        }
    )


def test_overall_rate():
    found = overall_rate(pd.Series([True] * 5 + [False] * 15))

    assert found.index.tolist() == ["rate", "low", "high"]
    assert found.round(3).tolist() == [0.25, 0.112, 0.469]


def test_overall_rate_leaves_unknown_outcomes_out():
    known = pd.Series([True, False, False], dtype="boolean")
    with_unknown = pd.Series([True, None, False, None, False], dtype="boolean")

    assert_series_equal(overall_rate(with_unknown), overall_rate(known))


def test_no_known_outcome_has_no_rate():
    with pytest.raises(InputError, match=r"^the outcome is not known for any customer, so there"):
        overall_rate(pd.Series([None, None], dtype="boolean"))


def test_rates_by_attribute_and_level(customers):
    found = rates_by(customers, "left", ["calls", "plan"])

    # Wilson by hand: 3 of 3, 0 of 3, 2 of 3, 1 of 3, with z squared 3.8414588.
    expected = pd.DataFrame(
        {
            "attribute": ["calls", "calls", "plan", "plan"],
            "level": ["1", "2", "plus", "basic"],
            "customers": [3, 3, 3, 3],
            "rate": [1.0, 0.0, 2 / 3, 1 / 3],
            "low": [0.4385030, 0.0, 0.2076596, 0.0614921],
            "high": [1.0, 0.5614970, 0.9385079, 0.7923404],
        }
    )
    assert_frame_equal(found, expected, atol=1e-6)


def test_rates_take_the_confidence(customers):
    found = rates_by(customers, "left", ["plan"], confidence=0.5)

    expected = wilson(pd.Series([2, 1]), pd.Series([3, 3]), 0.5)
    assert_frame_equal(found[["rate", "low", "high"]], expected)


def test_unknown_outcomes_do_not_count_in_rates(customers):
    more = pd.concat([customers, customers.assign(left=pd.NA)]).astype({"left": "boolean"})

    assert_frame_equal(
        rates_by(more, "left", ["plan", "calls"]), rates_by(customers, "left", ["plan", "calls"])
    )
    assert_series_equal(
        explained_share(more, "left", ["plan", "calls"]),
        explained_share(customers, "left", ["plan", "calls"]),
    )


def test_rates_without_attributes_are_an_empty_table(customers):
    found = rates_by(customers, "left", [])

    assert found.columns.tolist() == ["attribute", "level", "customers", "rate", "low", "high"]
    assert found.empty


def test_explained_share_is_epsilon_squared():
    frame = pd.DataFrame(
        {"left": [1, 1, 1, 0, 0, 0, 0, 1], "plan": ["a", "a", "a", "a", "b", "b", "b", "b"]}
    )

    # Within: 2 x (3/4 x 1/4 x 4) = 1.5, total: 8 x 1/4 = 2; 1 - 7/6 x 1.5/2 = 1/8.
    expected = pd.Series({"plan": 1 / 8})
    assert_series_equal(explained_share(frame, "left", ["plan"]), expected)


def test_attributes_come_with_the_strongest_first(customers):
    found = explained_share(customers, "left", ["plan", "calls"])

    # calls tells exactly who left; plan: 1 - 5/4 x (4/3)/(3/2) is below 0.
    assert_series_equal(found, pd.Series({"calls": 1.0, "plan": 0.0}))


@pytest.mark.parametrize("outcome", [True, False])
def test_a_constant_outcome_leaves_nothing_to_explain(customers, outcome):
    found = explained_share(customers.assign(left=outcome), "left", ["plan", "calls"])

    assert_series_equal(found, pd.Series({"plan": 0.0, "calls": 0.0}))


def test_a_level_per_customer_explains_nothing(customers):
    found = explained_share(customers.assign(name=list("abcdef")), "left", ["name"])

    assert_series_equal(found, pd.Series({"name": 0.0}))


def test_missing_levels_are_a_level():
    frame = pd.DataFrame({"left": [1, 1, 0, 0, 1, 0], "plan": ["a", "a", "b", "b", None, None]})

    # 1 - 5/3 x (1/2)/(3/2)
    assert_series_equal(explained_share(frame, "left", ["plan"]), pd.Series({"plan": 4 / 9}))


def test_noise_with_many_levels_comes_out_near_zero_on_average():
    random = np.random.default_rng(5)
    customers, levels, runs = 600, 60, 200
    shares, unshrunk = [], []
    for _ in range(runs):
        frame = pd.DataFrame(
            {"left": random.random(customers) < 0.3, "code": random.integers(0, levels, customers)}
        )
        shares.append(explained_share(frame, "left", ["code"])["code"])
        means = frame.groupby("code")["left"].transform("mean")
        unshrunk.append(means.var() / frame["left"].astype(float).var())

    assert np.mean(unshrunk) == pytest.approx((levels - 1) / (customers - 1), abs=0.005)
    assert np.mean(shares) < 0.01
    assert np.median(shares) < 0.005
