import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from src.data import keys
from src.data.keys import added_up, repeats, total_row, unknown_customers, whole_numbers
from src.data.manifest import Source

JANUARY, FEBRUARY = pd.Timestamp("2024-01-01"), pd.Timestamp("2024-02-01")
SUM = Source(file="a.csv", repeated="sum")


@given(
    rows=st.lists(
        st.tuples(
            st.sampled_from(["a", "b", None]),
            st.sampled_from([JANUARY, FEBRUARY, pd.NaT]),
            st.sampled_from([1.0, 2.0, None]),
        ),
        min_size=1,
        max_size=6,
    ),
    keep=st.sampled_from(["first", False]),
    largest=st.sampled_from([2**62, 2]),
)
def test_rows_that_repeat_are_those_of_pandas(rows, keep, largest):
    frame = pd.DataFrame(rows, columns=["customer_id", "month", "value"])
    frame = frame.astype({"month": "datetime64[ns]", "value": "float64"})
    packed = frame.astype({"customer_id": "category"})
    for key in (["customer_id"], ["customer_id", "month"], ["month", "value"]):
        expected = frame.duplicated(key, keep=keep).tolist()
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(keys, "_LARGEST", largest)
            assert repeats(frame, key, keep).tolist() == expected
            assert repeats(packed, key, keep).tolist() == expected


@pytest.mark.parametrize(
    ("ids", "whole"),
    [
        (["1.0", "20.0", None], ["1", "20", None]),
        (["1", "20.0"], ["1", "20"]),
        (["1.5", "2.0"], ["1.5", "2.0"]),
        (["a", "2.0"], ["a", "2.0"]),
        (["007", "8"], ["007", "8"]),
    ],
)
def test_identifiers_that_a_program_wrote_as_floats(ids, whole):
    found, remark = whole_numbers(pd.Series(ids, dtype="object"))

    assert found.tolist() == whole
    assert (remark is None) == (ids == whole)


def test_the_remark_on_identifiers_counts_and_shows_one():
    assert whole_numbers(pd.Series(["1", "2,0"]), ",")[1] == (
        "1 identifiers are written with decimals (row 2 '2,0'); they were cut"
    )


@pytest.mark.parametrize(
    "word", ["Total", "grand total:", "Summe", "\u0418\u0442\u043e\u0433\u043e", "Subtotal"]
)
def test_a_total_among_the_last_rows_is_named(word):
    frame = pd.DataFrame({"customer_id": ["a", word, "b"], "churned": ["yes", None, None]})

    assert str(total_row(frame, "snapshot")) == (
        f"snapshot.customer_id: row 2 is a total ({word!r}); delete it, or write under "
        "tables.snapshot: `footer_rows: 2`"
    )


@pytest.mark.parametrize("ids", [["total", "a", "b", "c"], ["a", "totality"], ["a", 1.0, None]])
def test_other_rows_are_no_totals(ids):
    assert total_row(pd.DataFrame({"customer_id": ids}), "snapshot") is None


def test_rows_of_one_key_are_added_up_where_base_yml_says_so():
    bills = pd.DataFrame(
        {
            "customer_id": ["a", "b", "a", "a", "c", "c"],
            "month": [JANUARY, JANUARY, JANUARY, FEBRUARY, JANUARY, JANUARY],
            "revenue": [1.0, 2.0, 10.0, 5.0, 1.0, 1.0],
            "cost_to_serve": [None, 1.0, None, 2.0, 1.0, None],
            "tariff": ["x", "x", "y", "y", "z", "z"],
            "region": ["north", "south", "north", "north", "east", "east"],
            "line": [1.0, 1.0, 2.0, 1.0, 1.0, 2.0],
        }
    )
    expected = pd.DataFrame(
        {
            "customer_id": ["a", "b", "a", "c"],
            "month": [JANUARY, JANUARY, FEBRUARY, JANUARY],
            "revenue": [11.0, 2.0, 5.0, 2.0],
            "cost_to_serve": [None, 1.0, 2.0, 1.0],
            "tariff": [None, "x", "y", "z"],
            "region": ["north", "south", "north", "east"],
        },
        index=[0, 1, 3, 4],
    )

    found, remarks = added_up(bills, "billing", SUM)

    assert_frame_equal(found, expected)
    assert remarks == [
        "billing: 2 rows were added to another of the same customer_id and month, as "
        "`repeated: sum` says; left out, as they differ between such rows: line"
    ]
    assert added_up(bills, "billing", Source(file="a.csv"))[0] is bills


def test_of_averages_the_mean_is_taken():
    usage = pd.DataFrame({"customer_id": ["a", "a"], "month": JANUARY, "gb": [1.0, 2.0]})
    usage = usage.assign(avg_speed=[10.0, 30.0], load=[0.2, 0.4])
    rows = added_up(usage, "usage", Source(file="a.csv", repeated="sum", averages=["load"]))[0]
    assert rows[["gb", "avg_speed"]].to_numpy().tolist() == [[3.0, 20.0]]
    assert rows["load"].tolist() == pytest.approx([0.3])


def test_measures_of_usage_are_added_up():
    usage = pd.DataFrame({"customer_id": ["a", "a"], "month": [JANUARY] * 2, "sms": [1.0, 2.0]})

    assert added_up(usage, "usage", SUM)[0]["sms"].tolist() == [3.0]


def test_unknown_customers_are_quoted_as_the_source_has_them():
    customers, bills = (pd.DataFrame({"customer_id": ids}) for ids in (["01", "02"], ["1", "02"]))
    written = {"billing": pd.Series(["1.0", "02"])}

    [problem] = unknown_customers({"customers": customers, "billing": bills}, written)

    assert str(problem) == (
        "billing.customer_id: is not in the table customers, whose ids are such as '01' "
        "(1 row; first: row 1 '1.0')"
    )
