"""The gap of two groups at other bounds of the number that tells them apart."""

import numpy as np
import pandas as pd
import pytest

from src.models.gap.moved_bound import gaps_by_bound


@pytest.fixture
def worth():
    number = np.repeat([1.0, 3.0, 6.0, 12.0], 40)
    margin = 100 * number + np.tile([-1.0, 1.0], 80)
    frame = pd.DataFrame({"customer_id": range(160), "lifetime": 10.0, "margin": margin})
    return frame.assign(revenue=2 * margin, group="B2C"), pd.Series(number)


def gaps(worth, bound, least=10):
    drawn = {"min_cell": least, "replicates": 60}
    return gaps_by_bound(*worth, bound, ("B2B", "B2C"), np.random.default_rng(0), **drawn)


def test_a_row_per_bound_that_parts_the_customers_in_another_way(worth):
    found = gaps(worth, 4)
    assert found["bound"].tolist() == [2.0, 4.0, 8.0]  # from 1 on are all, from 16 on is nobody
    assert found["customers"].tolist() == [120, 80, 40]
    assert found["share"].tolist() == [0.75, 0.5, 0.25]
    means = [700 - 100, 900 - 200, 1200 - 1000 / 3]
    assert found["gap"].tolist() == pytest.approx(means, abs=1e-9)
    assert found["is_own"].tolist() == [False, True, False]
    assert (found["low"] < found["gap"]).all()
    assert (found["gap"] < found["high"]).all()


def test_sides_of_few_customers_have_no_row(worth):
    assert gaps(worth, 4, least=50)["bound"].tolist() == [4.0]
