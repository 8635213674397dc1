import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from src.data.problems import InputError
from src.models.shop.tracking import tracked

LOG = pd.DataFrame(
    [
        ("a", "2024-01-01"),
        ("a", "2024-01-05"),
        ("a", "2024-01-16"),
        ("b", "2024-01-08"),
        ("b", "2024-01-15"),
        ("late", "2024-01-16"),
        ("late", "2024-01-17"),
        ("a", "2024-01-23"),  # in a week that the log does not cover to its end
    ],
    columns=["buyer_key", "date"],
).assign(date=lambda frame: pd.to_datetime(frame["date"]))


def test_weeks_by_hand():
    found = tracked(
        LOG, lambda weeks: 2 * weeks, pd.Timestamp("2024-01-14"), np.random.default_rng(1)
    )
    expected = pd.DataFrame(
        {
            "unit": [1, 2, 3],
            "ends": pd.to_datetime(["2024-01-07", "2024-01-14", "2024-01-21"]),
            "is_holdout": [False, False, True],
            # a: 6, 13, 20 days after the first; b: -, 6, 13
            "expected": [12 / 7, 26 / 7, 28 / 7],
            "actual": [1.0, 0.0, 2.0],
            "expected_so_far": [12 / 7, 38 / 7, 66 / 7],
            "actual_so_far": [1.0, 1.0, 3.0],
        }
    )
    assert_frame_equal(found[list(expected)], expected)
    assert (found["low"] <= found["actual"]).all()
    assert (found["actual"] <= found["high"]).all()
    assert found["high_so_far"].tolist() == [2.0, 2.0, 4.0]  # a twice: two and two purchases


def test_no_buyer_yet():
    with pytest.raises(InputError, match="nobody has bought by 2023-12-31"):
        tracked(LOG, lambda weeks: weeks, pd.Timestamp("2023-12-31"), np.random.default_rng(1))


def test_a_log_of_a_day():
    with pytest.raises(InputError, match="shorter than 7 days"):
        tracked(
            LOG.iloc[:2], lambda weeks: weeks, pd.Timestamp("2024-01-31"), np.random.default_rng(1)
        )
