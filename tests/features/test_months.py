from datetime import date, datetime

import duckdb
import narwhals as nw
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from src.data.problems import InputError
from src.features.months import Month, day_of, number_of


@pytest.mark.parametrize(
    ("text", "number", "start", "end"),
    [
        ("2024-12", 24299, datetime(2024, 12, 1), datetime(2025, 1, 1)),
        (" 2024-01 ", 24288, datetime(2024, 1, 1), datetime(2024, 2, 1)),
        ("1999-12", 23999, datetime(1999, 12, 1), datetime(2000, 1, 1)),
    ],
)
def test_a_month_by_its_text(text, number, start, end):
    month = Month.of(text)

    assert (month.number, month.start, month.end) == (number, start, end)
    assert month.text == text.strip()
    assert Month.of(pd.Timestamp(start)) == Month.of(datetime(start.year, start.month, 17)) == month


@pytest.mark.parametrize("text", ["2024-13", "2024-00", "2024-1", "12-2024", "2024-12-01", "", "x"])
def test_other_texts_are_no_month(text):
    with pytest.raises(InputError, match=f"^{text!r} is not a month; write it as 2024-12$"):
        Month.of(text)


@given(st.dates(date(1970, 1, 1), date(2100, 12, 31)), st.integers(-500, 500))
def test_months_count_back_and_compare_as_calendars_do(day, back):
    month = Month.of(datetime(day.year, day.month, day.day))
    earlier = month.back(back)

    period = pd.Period(f"{month.text}", "M") - back
    assert earlier.text == str(period)
    assert earlier.start == period.to_timestamp().to_pydatetime()
    assert (earlier < month) == (back > 0)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.dates(date(1970, 1, 1), date(2100, 12, 31)), min_size=1, max_size=50))
def test_days_and_months_of_a_column_are_those_of_its_dates(days):
    moments = pd.DataFrame({"date": pd.to_datetime(pd.Series(days)) + pd.Timedelta("23h")})
    with duckdb.connect() as connection:
        frame = nw.from_native(connection.from_df(moments.astype("datetime64[ns]")))
        column = nw.col("date")
        found = frame.select(day_of(column).alias("day"), number_of(column).alias("month"))
        found = found.collect(backend="pandas").to_native()

    assert found["day"].tolist() == [day.toordinal() for day in days]
    months = [Month.of(datetime(day.year, day.month, 1)).number for day in days]
    assert found["month"].tolist() == months
