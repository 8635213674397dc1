import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal
from statsmodels.stats.proportion import proportion_confint

from src.models.value.partial_churn import line_lives, partial_churn

UNTIL = pd.Timestamp("2024-12-01")


def dated(rows: list[tuple], columns: list[str], dates: list[str]) -> pd.DataFrame:
    found = pd.DataFrame(rows, columns=columns)
    return found.assign(**{name: pd.to_datetime(found[name]) for name in dates})


def lives_of(*rows: tuple[str, str, str | None]) -> pd.DataFrame:
    return dated(list(rows), ["customer_id", "start", "end"], ["start", "end"])


def lines_of(*rows: tuple[str, str, str | None]) -> pd.DataFrame:
    columns = ["customer_id", "start_month", "end_month"]
    return dated(list(rows), columns, columns[1:])


COLUMNS = [
    "group",
    "accounts",
    "lines",
    "account_churn",
    "low",
    "high",
    "line_churn",
    "partial_churn",
    "partial_low",
    "partial_high",
    "shrunk_accounts",
]


def test_lines_and_accounts_of_a_year_by_hand():
    lives = lives_of(
        ("stays", "2022-01", None),
        ("shrinks", "2022-01", "2025-01"),  # after the year
        ("leaves", "2022-01", "2024-12"),  # its last month
        ("new", "2024-01", None),  # began after December 2023
        ("private", "2022-01", "2024-01"),
        ("unknown", "2022-01", None),
    )
    lines = lines_of(
        ("stays", "2022-01", None),
        ("stays", "2024-05", "2024-06"),  # opened meanwhile
        ("stays", "2022-01", "2023-11"),  # gone before
        ("shrinks", "2022-01", "2023-12"),  # the last month is that of the start: ends in the year
        ("shrinks", "2022-01", "2024-11"),
        ("shrinks", "2023-12", "2024-12"),  # gone in January 2025 only
        ("leaves", "2022-01", "2024-05"),
        ("leaves", "2022-01", "2024-11"),
        ("new", "2024-01", "2024-02"),
        ("private", "2022-01", "2023-12"),
        ("unknown", "2022-01", None),
        ("nobody", "2022-01", None),
    )
    segment = pd.Series(
        {"stays": "B2B", "shrinks": "B2B", "leaves": "B2B", "new": "B2B", "private": "B2C"}
    )

    found = partial_churn(lines, lives, segment, UNTIL, confidence=0.9)

    low, high = proportion_confint(1, 3, 0.1, method="wilson")
    alone = proportion_confint(1, 1, 0.1, method="wilson")
    # Lost 0 of 1, 2 of 3 and 0 of 2 lines, 2 of 6 in all: 1/3 less, 1 more, 2/3 less than expected.
    half = 1.644853627 * np.std([-1 / 6, 1 / 2, -1 / 3], ddof=1) / np.sqrt(3)
    assert half > 1 / 3
    expected = pd.DataFrame(
        [
            ("B2B", 3, 6, 1 / 3, low, high, 4 / 6, 2 / 6, 0.0, 1 / 3 + half, 1 / 2),
            ("B2C", 1, 1, 1.0, *alone, 1.0, 0.0, 0.0, 1 - alone[0], np.nan),
        ],
        columns=COLUMNS,
    )
    assert_frame_equal(found, expected)


def test_where_lines_end_with_their_account_both_churn_alike():
    # One account of one line per month of the year and one that stays: the last month of a line is
    # the one before the end of the life.
    ends = pd.date_range("2023-12-01", "2025-02-01", freq="MS")
    lives = pd.DataFrame(
        {"customer_id": [f"c{at:%y%m}" for at in ends], "start": "2022-01-01", "end": ends}
    ).assign(start=pd.Timestamp("2022-01-01"))
    lines = pd.DataFrame(
        {
            "customer_id": lives["customer_id"],
            "start_month": lives["start"],
            "end_month": lives["end"] - pd.DateOffset(months=1),
        }
    )

    found = partial_churn(lines, lives, pd.Series("B2B", lives["customer_id"]), UNTIL).iloc[0]
    assert found[["accounts", "lines", "partial_churn"]].tolist() == [14, 14, 0]
    assert found["account_churn"] == found["line_churn"] == pytest.approx(12 / 14)


def test_accounts_without_lines():
    lines = lines_of(("other", "2022-01", None))
    lives = lives_of(("a", "2022-01", None), ("b", "2022-01", "2024-06"))
    segment = pd.Series({"a": "B2B", "b": "B2B"})

    found = partial_churn(lines, lives, segment, UNTIL, months=6)  # b is gone before

    low, high = proportion_confint(0, 1, 0.05, method="wilson")
    expected = pd.DataFrame(
        [("B2B", 1, 0, 0.0, max(low, 0.0), high, *[np.nan] * 5)], columns=COLUMNS
    )
    assert_frame_equal(found, expected)
    assert partial_churn(lines, lives.tail(1), segment, UNTIL, months=6).empty


def test_line_lives_by_hand():
    lines = lines_of(
        ("a", "2024-03", "2024-05"),  # three months
        ("a", "2024-03", "2024-12"),  # its end is not known by then
        ("b", "2024-03", None),
        ("b", "2022-11", "2024-01"),  # there for 14 months before the data
        ("c", "2022-11", None),
        ("d", "2022-01", "2023-06"),  # never watched
        ("e", "2024-12", None),  # not watched for a month
        ("f", "2024-11", "2024-11"),
    ).assign(role="end_user")

    found = line_lives(lines, UNTIL, pd.Timestamp("2024-01-01"))

    expected = lines.iloc[[0, 1, 2, 3, 4, 7]].assign(
        duration=[3, 9, 9, 15, 25, 1],
        ended=[True, False, False, True, False, True],
        entry=[0, 0, 0, 14, 14, 0],
    )
    assert_frame_equal(found, expected, check_dtype=False)
