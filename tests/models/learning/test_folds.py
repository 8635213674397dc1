import numpy as np
import pandas as pd
import pytest

from src.data.problems import InputError
from src.models.learning.folds import crossed, customer_codes, of_customers


def test_a_frame_says_whose_its_rows_are_and_keeps_its_cells():
    frame = pd.DataFrame({"calls": [1, 2, 3]}, index=[7, 8, 9])

    found = of_customers(frame, pd.Series(["b", "a", "b"]))

    assert found.index.tolist() == ["b", "a", "b"]
    assert found["calls"].tolist() == [1, 2, 3]
    assert frame.index.tolist() == [7, 8, 9]
    assert customer_codes(found.index).tolist() == [0, 1, 0]


def test_rows_of_a_customer_are_held_out_together_and_each_once():
    customers = np.repeat(np.arange(20), [1, 4] * 10)

    held = list(crossed(customers, 5, seed=1))

    assert np.array_equal(np.sum(held, axis=0), np.ones(len(customers)))
    for is_own in held:
        assert set(customers[is_own]).isdisjoint(customers[~is_own])
        assert len(set(customers[is_own])) == 4


def test_few_customers_make_few_folds():
    assert len(list(crossed(["a", "b", "a"], 5))) == 2
    with pytest.raises(InputError, match=r"^folds need two customers or more$"):
        list(crossed(["a", "a"], 5))


def test_rows_of_nobody_are_refused():
    with pytest.raises(InputError, match=r"^the customer is missing in 1 of 3 rows$"):
        customer_codes(["a", None, "b"])
