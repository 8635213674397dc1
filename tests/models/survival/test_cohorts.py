import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from src.data.problems import InputError
from src.models.survival.cohorts import (
    Cohort,
    cohort_of_counts,
    cohort_of_lives,
    cohort_of_survivors,
    constant_churn,
)
from src.models.survival.kaplan_meier import kaplan_meier


def counts_of(cohort: Cohort) -> tuple[list[float], list[float], float]:
    return cohort.ends.tolist(), cohort.at_risk.tolist(), cohort.customers


def lives_of(*rows: tuple[int, bool, int]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["duration", "ended", "entry"])


def test_survivors_by_hand():
    cohort = cohort_of_survivors([10, 7, 7, 4])

    assert counts_of(cohort) == ([3, 0, 3], [10, 7, 7], 10)
    assert cohort.periods == 3


def test_periods_in_which_nobody_is_there_are_left_out():
    assert counts_of(cohort_of_survivors([10, 7, 0, 0, 0])) == ([3, 7], [10, 7], 10)


def test_counts_by_hand():
    # Of 20, two are lost before period 1 is over, one after it, ten are still there after 2.
    cohort = cohort_of_counts([3, 4], [2, 1, 10])

    assert counts_of(cohort) == ([3, 4], [18, 14], 20)


def test_lives_by_hand():
    lives = lives_of(
        (1, True, 0),
        (3, True, 0),
        (3, False, 0),
        (0, False, 0),  # censored before period 1 was over
        (4, True, 2),  # watched from its third period on
        (2, True, 2),  # ended when watching began: never watched
        (3, False, 3),  # lost when watching began: never watched
    )

    assert counts_of(cohort_of_lives(lives)) == ([1, 0, 1, 1], [3, 2, 3, 1], 5)


def test_survivors_are_lives_that_are_all_censored_at_the_end():
    survivors = [50, 41, 30, 30, 12]
    lives = pd.DataFrame(
        {
            "duration": [1] * 9 + [2] * 11 + [4] * 18 + [4] * 12,
            "ended": [True] * 38 + [False] * 12,
        }
    )

    of_lives, of_survivors = cohort_of_lives(lives), cohort_of_survivors(survivors)

    assert counts_of(of_lives) == counts_of(of_survivors)


a_life = st.tuples(st.integers(0, 6), st.booleans(), st.integers(0, 6), st.integers(0, 3))


@settings(deadline=None, max_examples=50)
@given(st.lists(a_life, min_size=1, max_size=30))
def test_at_risk_is_what_kaplan_meier_counts_and_a_weight_is_a_row_written_often(drawn):
    # A first row keeps somebody at risk in every period.
    rows = [(7, False, 0, 1)]
    rows += [
        (entry + max(time, ended), ended, entry, weight) for time, ended, entry, weight in drawn
    ]
    lives = pd.DataFrame(rows, columns=["duration", "ended", "entry", "weight"])
    written = lives.loc[lives.index.repeat(lives["weight"])].drop(columns="weight")

    cohort = cohort_of_lives(lives)

    curve = kaplan_meier(written).set_index("time")
    for time in range(1, cohort.periods + 1):
        if time in curve.index:
            assert cohort.at_risk[time - 1] == curve.loc[time, "at_risk"]
    often = cohort_of_lives(written.sample(frac=1, random_state=1))
    assert counts_of(cohort) == counts_of(often)


def test_constant_churn_is_ends_per_customer_and_period():
    assert constant_churn(cohort_of_counts([3, 4], [2, 1, 10])) == 7 / 32


@pytest.mark.parametrize(
    ("survivors", "message"),
    [
        ([1.0, 0.63, 0.47], "survivors must be whole numbers of 0 or more, not 0.63"),
        ([10, np.nan, 3], "survivors must be whole numbers of 0 or more, not nan"),
        ([10, -1], "survivors must be whole numbers of 0 or more, not -1"),
        ([10, "many"], "survivors must be whole numbers of 0 or more, not many"),
        ([10], "survivors must go from period 0 to period 1 or later"),
        ([], "survivors must go from period 0 to period 1 or later"),
        ([0, 0], "survivors must begin with at least one customer in period 0, not 0"),
        (
            [1000, 900, 1200],
            "survivors must not rise from period to period, but go from 900 to 1,200 in period 2",
        ),
    ],
)
def test_survivors_that_cannot_be_are_refused(survivors, message):
    with pytest.raises(InputError) as refused:
        cohort_of_survivors(survivors)

    assert str(refused.value) == message


@pytest.mark.parametrize(
    ("ends", "censored", "message"),
    [
        (
            [1, 2],
            [1, 2],
            "censored must have one number more than ends, for period 0, not 2 for 2",
        ),
        ([1, -2], [0, 1, 2], "ends must be known and 0 or more in every period"),
        ([1, 2], [0, np.nan, 2], "censored must be known and 0 or more in every period"),
        (
            [0],
            [5, 0],
            "there is no period in which a customer was there to leave or to stay",
        ),
    ],
)
def test_counts_that_cannot_be_are_refused(ends, censored, message):
    with pytest.raises(InputError) as refused:
        cohort_of_counts(ends, censored)

    assert str(refused.value) == message


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"duration": [1.5, 2]}, "duration must be whole numbers of 0 or more, not 1.5"),
        ({"duration": [np.nan, 2]}, "duration must be whole numbers of 0 or more, not nan"),
        ({"entry": [0, -1]}, "entry must be whole numbers of 0 or more, not -1"),
        ({"entry": [0, 3]}, "duration must not be below entry in any life"),
        ({"weight": [1, -1]}, "weight must be known and 0 or more in every life"),
        (
            {"duration": [0, 2]},
            "1 of 2 lives ended at duration 0, but a life that ended in its first period has "
            "duration 1; leave out lives that never began, and say how many",
        ),
        (
            {"duration": [0, 0], "ended": [False, False]},
            "there is no period in which a customer was there to leave or to stay",
        ),
        (
            {"weight": [0, 0]},
            "there is no period in which a customer was there to leave or to stay",
        ),
    ],
)
def test_lives_that_cannot_be_are_refused(columns, message):
    lives = pd.DataFrame({"duration": [1, 2], "ended": [True, False]} | columns)

    with pytest.raises(InputError) as refused:
        cohort_of_lives(lives)

    assert str(refused.value) == message
