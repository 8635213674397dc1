"""What is known at the end of two months, table by table: the whole frame each time."""

from io import StringIO

import duckdb
import narwhals as nw
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from src.features.known import DATED_BY, known, snapshot_columns
from src.features.months import Month

SNAPSHOTS = [Month.of("2024-11"), Month.of("2024-12")]
NOVEMBER, DECEMBER = (month.number for month in SNAPSHOTS)
DATES = ("month", "start_month", "end_month", "date")


@pytest.fixture
def cut():
    """`known` of a table of CSV text, as a frame by row and snapshot."""
    connection = duckdb.connect()

    def of(table: str, text: str, keep: tuple[str, ...] = ()) -> pd.DataFrame:
        rows = pd.read_csv(StringIO(text))
        for name in rows.columns.intersection(DATES):
            rows[name] = pd.to_datetime(rows[name]).astype("datetime64[ns]")
        for name in rows.columns.intersection(("opened", "responded")):
            rows[name] = rows[name].map({"yes": True, "no": False}).astype("boolean")
        snapshots = pd.DataFrame(snapshot_columns(SNAPSHOTS))
        frame = known(
            table,
            nw.from_native(connection.from_df(rows)),
            nw.from_native(connection.from_df(snapshots)),
        )
        found = frame.sort("row", "at").collect(backend="pandas").to_native()
        dates = rows.columns.intersection(DATES).difference(keep)
        return found.drop(columns=[*dates, "end_day"])

    yield of
    connection.close()


def wanted(**columns: list) -> pd.DataFrame:
    return pd.DataFrame(columns)


def test_snapshots_as_columns():
    assert snapshot_columns([Month.of("2024-02"), Month.of("1999-12")]) == {
        "at": [24289, 23999],
        "end_day": [pd.Timestamp("2024-03-01").toordinal(), pd.Timestamp("2000-01-01").toordinal()],
    }


@pytest.mark.parametrize("table", ["billing", "usage"])
def test_a_month_is_known_from_its_own_end_on(cut, table):
    found = cut(table, "row,month\n1,2020-01-01\n2,2024-11-01\n3,2024-12-01\n4,2025-01-01\n")

    expected = wanted(
        row=[1, 1, 2, 2, 3],
        number=[24240, 24240, NOVEMBER, NOVEMBER, DECEMBER],
        at=[NOVEMBER, DECEMBER, NOVEMBER, DECEMBER, DECEMBER],
    )
    assert_frame_equal(found, expected)


@pytest.mark.parametrize("table", ["lines", "holdings"])
def test_a_last_month_is_known_once_it_is_over(cut, table):
    found = cut(
        table,
        "row,start_month,end_month\n"
        "1,2024-01-01,2024-10-01\n"
        "2,2024-01-01,2024-11-01\n"
        "3,2024-01-01,2024-12-01\n"
        "4,2024-12-01,2024-12-01\n"
        "5,2024-01-01,\n"
        "6,2025-01-01,2025-06-01\n",
    )

    expected = wanted(
        row=[1, 1, 2, 2, 3, 3, 4, 5, 5],
        number=[24288] * 6 + [DECEMBER] + [24288] * 2,
        end=[NOVEMBER - 1, NOVEMBER - 1, None, NOVEMBER, *[None] * 5],
        at=[NOVEMBER, DECEMBER] * 3 + [DECEMBER] + [NOVEMBER, DECEMBER],
    )
    assert_frame_equal(found[list(expected)], expected.astype({"end": "Int64"}))


@pytest.mark.parametrize("table", ["lines", "holdings"])
def test_a_table_without_last_months_has_none(cut, table):
    found = cut(table, "row,start_month\n1,2024-12-01\n")

    assert found[["row", "at"]].to_numpy().tolist() == [[1, DECEMBER]]
    assert found["end"].isna().all()


def test_the_end_of_a_contract_is_agreed_at_its_start(cut):
    found = cut(
        "contracts",
        "row,start_month,end_month\n"
        "1,2024-11-01,2025-10-01\n2,2024-12-01,2024-12-01\n3,2025-01-01,2025-12-01\n",
        keep=("end_month",),
    )

    expected = wanted(
        row=[1, 1, 2],
        end_month=pd.to_datetime(["2025-10-01", "2025-10-01", "2024-12-01"]),
        number=[NOVEMBER, NOVEMBER, DECEMBER],
        at=[NOVEMBER, DECEMBER, DECEMBER],
    )
    assert_frame_equal(found, expected)


@pytest.mark.parametrize("table", ["events", "orders", "campaigns"])
def test_days_count_from_the_first_day_of_a_month_to_the_last(cut, table):
    found = cut(
        table,
        "row,date\n"
        "1,2023-11-30\n2,2023-12-01\n3,2023-12-31\n4,2024-01-01\n"
        "5,2024-11-30\n6,2024-12-01\n7,2024-12-31\n8,2025-01-01\n",
    )

    # Twelve months: December 2023 counts in November, not in December. 2024 has a 29th of February.
    expected = wanted(
        row=[2, 3, 4, 4, 5, 5, 6, 7],
        number=[24287, 24287, 24288, 24288, NOVEMBER, NOVEMBER, DECEMBER, DECEMBER],
        at=[NOVEMBER] * 3 + [DECEMBER, NOVEMBER, DECEMBER, DECEMBER, DECEMBER],
        days=[366, 336, 335, 366, 1, 32, 31, 1],
    )
    assert_frame_equal(found, expected)


def test_answers_to_a_contact_of_the_own_month_are_not_known_yet(cut):
    found = cut(
        "campaigns",
        "row,date,arm,opened,responded\n"
        "1,2024-11-01,offer,yes,no\n"
        "2,2024-11-30,offer,no,yes\n"
        "3,2024-12-01,offer,yes,yes\n"
        "4,2024-11-15,offer,,\n",
    )

    expected = wanted(
        row=[1, 1, 2, 2, 3, 4, 4],
        at=[NOVEMBER, DECEMBER, NOVEMBER, DECEMBER, DECEMBER, NOVEMBER, DECEMBER],
        opened=[None, True, None, False, None, None, None],
        responded=[None, False, None, True, None, None, None],
    )
    answers = dict.fromkeys(("opened", "responded"), "boolean")
    assert_frame_equal(found[list(expected)].astype(answers), expected.astype(answers))


def test_every_dated_table_is_one_of_the_contract():
    from src.data.contracts import TABLES

    assert all(TABLES[table].columns[column].required for table, column in DATED_BY.items())
