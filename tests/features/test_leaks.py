import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from src.data.problems import InputError
from src.features.leaks import changed_attributes, later_rows, refuse_later_rows
from src.features.months import Month


def load(**columns: list) -> pd.DataFrame:
    return pd.DataFrame({"customer_id": list("abcde"), **columns})


# Two loads of the table customers, half a year apart. The tariff of those who left became
# "cancelled", `score` was filled in later, `region` never changes.
EARLIER = load(
    signup_month=pd.to_datetime(["2020-01-01"] * 4 + ["2024-06-01"]),
    region=["north", None, "south", "south", "east"],
    tariff=["S", "S", "M", "L", "S"],
    score=[1.0, None, 3.0, None, 5.0],
    only_before=1,
)
LATER = load(
    region=["north", None, "south", "south", "east"],
    tariff=["S", "cancelled", "cancelled", "L", "cancelled"],
    score=[1.0, 2.0, 3.0, None, 5.0],
    only_after=1,
)


def test_columns_that_were_rewritten_are_found():
    found = changed_attributes(EARLIER, LATER)

    expected = pd.DataFrame(
        {
            "column": ["tariff", "score"],
            "customers": [5, 5],
            "changed": [3, 1],
            "share": [0.6, 0.2],
        }
    )
    assert_frame_equal(found, expected)


def test_only_customers_of_both_loads_and_of_the_time_are_compared():
    later = pd.concat([LATER.iloc[[3, 1, 4]], load(tariff="S").assign(customer_id=list("vwxyz"))])

    found = changed_attributes(EARLIER, later, known_at=pd.Timestamp("2024-05-01"))

    # of d and b: e signed up in June
    expected = pd.DataFrame(
        {"column": ["tariff", "score"], "customers": 2, "changed": 1, "share": 0.5}
    )
    assert_frame_equal(found, expected)


def test_the_order_of_the_rows_does_not_matter_and_loads_that_agree_have_no_change():
    shuffled = LATER.sample(frac=1, random_state=1)

    assert_frame_equal(changed_attributes(EARLIER, shuffled), changed_attributes(EARLIER, LATER))
    nothing = changed_attributes(EARLIER, EARLIER.iloc[::-1])
    assert list(nothing) == ["column", "customers", "changed", "share"]
    assert nothing.empty


def test_loads_without_a_common_customer_are_refused():
    message = "^the two loads have no customer in common; are they hashed with one key\\?$"
    others = LATER.assign(customer_id=list("vwxyz"))
    with pytest.raises(InputError, match=message):
        changed_attributes(EARLIER, others)
    with pytest.raises(InputError, match=message):
        changed_attributes(EARLIER, LATER, known_at=pd.Timestamp("2019-12-01"))


def test_rows_that_read_a_later_record_are_found(tmp_path):
    months = pd.to_datetime(["2024-11-01", "2024-12-01", "2025-01-01", "2025-02-01"])
    features = pd.DataFrame({"snapshot": pd.Timestamp("2024-12-01"), "latest_source": months})
    assert later_rows(features).index.tolist() == [2, 3]
    assert later_rows(features.head(2)).empty

    path = tmp_path / "table.parquet"
    numbers = pd.DataFrame({"latest_source": [Month.of(month).number for month in months]})
    numbers.to_parquet(path)
    with pytest.raises(InputError) as refusal:
        refuse_later_rows(path, Month.of("2024-12"))
    assert str(refusal.value) == (
        "the features of 2024-12 were refused, nothing was written: of 2 of 4 customers a record "
        "dated after that month was read, the latest in 2025-02"
    )
    refuse_later_rows(path, Month.of("2025-02"))
