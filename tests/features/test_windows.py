import duckdb
import narwhals as nw
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from src.features.months import Month
from src.features.windows import (
    dated,
    divided,
    levels,
    one_if,
    over_window,
    sliced,
    trend,
    within,
)

NOVEMBER, DECEMBER = Month.of("2024-11"), Month.of("2024-12")


@pytest.fixture(scope="module")
def lazy():
    connection = duckdb.connect()
    yield lambda frame: nw.from_native(connection.from_df(frame))
    connection.close()


def collected(frame, *by: str) -> pd.DataFrame:
    return frame.sort(*by).collect(backend="pandas").to_native()


def monthly(**values: dict[str, float]) -> pd.DataFrame:
    rows = [(who, month, value) for who, of in values.items() for month, value in of.items()]
    frame = pd.DataFrame(rows, columns=["customer_id", "month", "value"])
    return frame.astype({"month": "datetime64[ns]"})


# 2023-12 is in the window of November only, 2023-11 in none, 2025-01 is not known yet.
TABLE = monthly(
    a={"2023-11": 900, "2023-12": 12, "2024-06": 1, "2024-10": 2, "2024-11": 4, "2024-12": 8},
    b={"2024-12": 3, "2025-01": 900},
    c={"2023-11": 900},
    d={"2024-12": np.nan, "2024-07": 5},
)


def test_a_window_is_the_twelve_months_up_to_the_snapshot(lazy):
    value = nw.col("value")

    def sums(at: Month) -> dict[str, nw.Expr]:
        return {f"sum_{n}": within(at, n, value).sum() for n in (1, 3, 6, 12)}

    found = collected(over_window(lazy(TABLE), [NOVEMBER, DECEMBER], sums), "customer_id", "at")

    expected = pd.DataFrame(
        {
            "customer_id": ["a", "a", "b", "d", "d"],
            "sum_1": [4.0, 8, 3, 0, 0],
            "sum_3": [6.0, 14, 3, 0, 0],
            "sum_6": [7.0, 14, 3, 5, 5],
            "sum_12": [19.0, 15, 3, 5, 5],
            "at": [n.number for n in (NOVEMBER, DECEMBER, DECEMBER, NOVEMBER, DECEMBER)],
        }
    )
    assert_frame_equal(found, expected)


def test_levels_skip_months_without_a_value(lazy):
    frame = over_window(lazy(TABLE), [DECEMBER], lambda at: levels(at, "x", nw.col("value")))

    expected = pd.DataFrame(
        {
            "customer_id": ["a", "b", "d"],
            "x_mean_1": [8.0, 3, np.nan],
            "x_mean_3": [14 / 3, 3, np.nan],
            "x_mean_6": [14 / 3, 3, 5],
            "x_mean_12": [15 / 4, 3, 5],
            "x_peak": [8.0, 3, 5],
            "x_spread": [np.std([1, 2, 4, 8], ddof=1), np.nan, np.nan],
            "at": DECEMBER.number,
        }
    )
    assert_frame_equal(collected(frame, "customer_id"), expected)


@settings(max_examples=30, deadline=None)
@given(
    values=st.lists(st.none() | st.floats(-1e6, 1e6), min_size=12, max_size=12),
    months=st.sampled_from([2, 3, 6, 12]),
)
def test_a_trend_is_the_least_squares_slope_with_absent_months_as_zero(lazy, values, months):
    rows = {
        DECEMBER.back(11 - place).text: value
        for place, value in enumerate(values)
        if value is not None
    }
    frame = lazy(monthly(a=rows | {"2024-12": values[-1] or 0.0}))

    found = over_window(frame, [DECEMBER], lambda at: {"slope": trend(at, months, nw.col("value"))})

    of_window = [value or 0.0 for value in values][-months:]
    slope = np.polyfit(range(months), of_window, 1)[0]
    assert collected(found, "at")["slope"].tolist() == pytest.approx([slope], rel=1e-6, abs=1e-5)


def test_columns_of_a_snapshot_become_rows(lazy):
    wide = pd.DataFrame({"customer_id": ["a", "b"], "first": [1, 2]})
    columns = {"money": nw.col("first") * 10.0, "is_early": nw.col("first") < 2}
    frame = lazy(wide).with_columns(
        *dated(columns, NOVEMBER), *dated({"money": nw.col("first") * 20.0}, DECEMBER)
    )
    frame = frame.drop(f"is_early_to_{NOVEMBER.number}")

    expected = pd.DataFrame(
        {
            "customer_id": ["a", "a", "b", "b"],
            "first": [1, 1, 2, 2],
            "at": [NOVEMBER.number, DECEMBER.number] * 2,
            "money": [10.0, 20.0, 20.0, 40.0],
        }
    )
    found = collected(sliced(frame, [NOVEMBER, DECEMBER]), "customer_id", "at")
    assert_frame_equal(found, expected)


def test_ratios_and_conditions(lazy):
    frame = lazy(pd.DataFrame({"part": [1.0, 0, 3, 4, None], "whole": [2.0, 5, 0, -1, 3]}))

    found = collected(
        frame.with_columns(
            divided(nw.col("part"), nw.col("whole")).alias("ratio"),
            one_if(nw.col("part") > 2).alias("is_more"),
        ),
        "part",
    )

    found = found.sort_values("part", ignore_index=True)
    assert found["ratio"].tolist() == pytest.approx([0, 0.5, np.nan, np.nan, np.nan], nan_ok=True)
    assert found["is_more"].tolist() == [0, 0, 1, 1, 0]
