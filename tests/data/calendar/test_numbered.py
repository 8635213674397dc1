"""Customers by number, and back."""

import pandas as pd
from pandas.testing import assert_frame_equal

from src.data.calendar.numbered import numbered, with_ids
from src.data.cells.packed import is_packed, unpacked
from src.data.cells.words import Packed


def frames():
    return {
        "billing": pd.DataFrame({"customer_id": ["b", "a", "b"], "revenue": [1.0, 2.0, 3.0]}),
        "customers": pd.DataFrame({"customer_id": ["a", "b", "c"], "segment": "B2C"}),
        "events": pd.DataFrame({"customer_id": ["a", None]}),
    }


def packed(frame):
    return frame.assign(customer_id=Packed._from_sequence(frame["customer_id"]))


def test_a_customer_has_one_number_in_every_table_and_further_tables_stay():
    before = frames()
    found, ids = numbered(before)

    assert ids.to_pylist() == ["b", "a", "c"]
    assert found["billing"]["customer_id"].tolist() == [0, 1, 0]
    assert found["customers"]["customer_id"].tolist() == [1, 0, 2]
    assert found["events"] is before["events"]


def test_rows_that_are_left_have_their_identifiers_and_tables_that_stay_are_the_same():
    before = frames()
    before["billing"] = packed(before["billing"])
    found, ids = numbered(before)
    left = {**found, "billing": found["billing"].iloc[1:]}
    after = with_ids(left, ids, found, before)

    assert after["customers"] is before["customers"]
    assert is_packed(after["billing"]["customer_id"])
    assert_frame_equal(unpacked(after["billing"]), frames()["billing"].iloc[1:])
