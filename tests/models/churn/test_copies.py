import numpy as np
import pandas as pd
import pytest

from src.models.churn.copies import copies, copy_codes, kept_together


def test_rows_alike_in_every_column_share_a_code():
    frame = pd.DataFrame(
        {
            "fee": [10.0, np.nan, 10.0, np.nan, 10.0],
            "plan": ["S", None, "S", None, "M"],
            "since": pd.to_datetime(["2024-01-01", None, "2024-01-01", None, "2024-01-01"]),
        },
        index=[7, 7, 3, 2, 1],  # whose row each is tells nothing here
    )
    assert copy_codes(frame).tolist() == [0, 1, 0, 1, 2]
    assert copies(frame) == 2
    assert copies(frame.iloc[[0, 1, 4]]) == 0


def test_the_order_of_columns_and_the_kind_of_text_change_nothing():
    frame = pd.DataFrame({"a": [1, 2, 1, 2], "b": list("xyxx")})
    expected = [0, 1, 0, 2]
    assert copy_codes(frame).tolist() == expected
    assert copy_codes(frame[["b", "a"]]).tolist() == expected
    assert copy_codes(frame.astype({"b": "category"})).tolist() == expected
    assert copy_codes(frame.astype({"b": "string"})).tolist() == expected


def test_a_table_written_three_times_is_kept_together():
    """Noise written three times is told from itself across folds, unless copies share a fold."""
    once = pd.DataFrame({"noise": np.random.default_rng(0).normal(size=100)})
    churned = pd.Series(np.arange(100) % 4 == 0)
    frame = pd.concat([once] * 3, ignore_index=True)
    thrice = pd.concat([churned] * 3, ignore_index=True)
    assert copies(frame) == 200
    assert kept_together(frame, thrice).tolist() == [*range(100)] * 3


@pytest.mark.parametrize(("copied", "expected"), [(1, [99]), (2, [0, 1])])
def test_one_copy_in_a_hundred_is_chance(copied, expected):
    frame = pd.DataFrame({"usage": np.arange(100.0)})
    churned = pd.Series(np.arange(100) % 2 == 0)
    frame.iloc[-copied:] = frame.iloc[:copied].to_numpy()
    churned.iloc[-copied:] = churned.iloc[:copied].to_numpy()
    assert kept_together(frame, churned)[-copied:].tolist() == expected


def test_customers_alike_by_chance_are_customers():
    """Four kinds of customers, of each some left: alike in all columns, and yet no copies."""
    frame = pd.DataFrame({"plan": list("SSMM") * 10, "is_new": [True, False] * 20})
    churned = pd.Series([True] * 12 + [False] * 28)
    assert copies(frame) == 36
    assert kept_together(frame, churned).tolist() == [*range(40)]
