import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from src.data.problems import InputError
from src.models.value.worth import by_group, ltv_of, one_row_each, two_groups

WORTH = pd.DataFrame(
    {
        "customer_id": ["c", "a", "d", "b"],
        "group": ["B2B", "B2C", "B2B", "B2C"],
        "margin": [100, 10, -50, 20],
        "acquisition_cost": [30, 5, 0, 0],
    }
)


def test_the_first_group_is_the_one_that_was_asked_for():
    names, is_first = two_groups(WORTH, "B2C")

    assert names == ("B2C", "B2B")
    assert is_first.tolist() == [False, True, False, True]


def test_a_category_without_customers_is_no_group():
    given = pd.Categorical(WORTH["group"], categories=["B2G", "B2C", "B2B"])

    assert two_groups(WORTH.assign(group=given), "B2B")[0] == ("B2B", "B2C")


def test_rows_come_in_the_order_of_customers():
    assert_frame_equal(one_row_each(WORTH), WORTH.iloc[[1, 3, 0, 2]])


def test_acquisition_is_taken_off_where_it_counts():
    assert ltv_of(WORTH, count_acquisition=False).tolist() == [100, 10, -50, 20]
    assert ltv_of(WORTH, count_acquisition=True).tolist() == [70, 5, -50, 20]


def test_generators_stay_with_their_groups():
    one, other = by_group(("B2B", "B2C"), np.random.default_rng(1))
    of_swapped = by_group(("B2C", "B2B"), np.random.default_rng(1))

    drawn = one.random(), other.random()
    assert drawn == (of_swapped[1].random(), of_swapped[0].random())
    assert drawn[0] != drawn[1]


@pytest.mark.parametrize(
    ("group", "message"),
    [
        ("B2B", r"^all customers are of the group B2B; the other group has none$"),
        ("B2C", r"^no customer is of the group B2B; the groups are: B2C$"),
        (["B2B", "B2B", None, None], r"^group is missing in 2 rows$"),
        (["B2B", "B2B", "B2C", "B2G"], r"^two groups can be compared, not 3: B2B, B2C, B2G$"),
        (
            ["B2B", "B2B", "B2B", "B2C"],
            r"^the group B2C has one customer; each group needs two or more$",
        ),
    ],
)
def test_what_is_not_two_groups_is_refused(group, message):
    with pytest.raises(InputError, match=message):
        two_groups(WORTH.assign(group=group), "B2B")


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (WORTH.drop(columns="customer_id"), r"^the frame has no column customer_id$"),
        (WORTH.assign(customer_id=["a", "b", None, "c"]), r"^customer_id is missing in 1 rows$"),
        (
            WORTH.assign(customer_id=["a", "a", "a", "c"]),
            r"^each customer has one row; 2 rows repeat a customer_id$",
        ),
    ],
)
def test_rows_that_are_not_one_per_customer_are_refused(rows, message):
    with pytest.raises(InputError, match=message):
        one_row_each(rows)


def test_ltv_needs_every_amount():
    with pytest.raises(InputError, match=r"^margin is missing or infinite in 1 of 4 rows$"):
        ltv_of(WORTH.assign(margin=[1, 2, None, 4]), count_acquisition=False)
    with pytest.raises(InputError, match=r"^the frame has no column acquisition_cost$"):
        ltv_of(WORTH.drop(columns="acquisition_cost"), count_acquisition=True)
