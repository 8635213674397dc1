"""Efforts and accounts by hand."""

import numpy as np
import pandas as pd
import pandas.testing as pdt

from src.features.accounts import account_sums, held_at
from src.features.months import Month
from src.features.spent import efforts

AT = Month.of("2024-12")


def dated(rows, *columns):
    frame = pd.DataFrame(rows, columns=list(columns))
    for name in {"date", "month", "start_month", "end_month"} & set(columns):
        frame[name] = pd.to_datetime(frame[name])
    return frame


def test_contacts_of_controls_and_of_other_years_do_not_count():
    campaigns = dated(
        [("a", "chain", "2024-01-01", "discount"), ("a", "chain", "2024-01-08", "discount"),
         ("a", "call", "2024-12-31", "bonus"), ("b", "call", "2024-12-31", "control"),
         ("b", "old", "2023-12-31", "discount"), ("b", "late", "2025-01-01", "discount")],
        "customer_id", "campaign_id", "date", "arm",
    )  # fmt: skip
    events = dated(
        [("b", "2024-02-01", "ticket", 3.0), ("b", "2024-02-02", "ticket", np.nan),
         ("b", "2024-02-02", "nps", 9.0), ("x", "2024-02-02", "ticket", 1.0)],
        "customer_id", "date", "kind", "value",
    )  # fmt: skip
    found = efforts(pd.Series(["b", "a"]), {"campaigns": campaigns, "events": events}, AT)
    expected = pd.DataFrame(
        {
            "customer_id": ["b", "a"],
            "contacts": [0.0, 3],
            "offers": [0.0, 2],
            "tickets": [4.0, 0],
        }
    )
    pdt.assert_frame_equal(found, expected)


def test_the_last_month_of_a_holding_is_held():
    holdings = dated(
        [("a", "2024-12-01", None), ("b", "2025-01-01", None), ("c", "2020-01-01", "2024-12-01"),
         ("d", "2020-01-01", "2024-11-01")],
        "customer_id", "start_month", "end_month",
    )  # fmt: skip
    assert held_at(holdings, AT)["customer_id"].tolist() == ["a", "c"]
    assert held_at(holdings.drop(columns="end_month"), AT)["customer_id"].tolist() == list("acd")


def test_sums_of_accounts_by_hand():
    bills = dated(
        [("a", "2023-11-01", 50.0, 1.0), ("a", "2024-10-01", 40.0, 10.0),
         ("a", "2024-11-01", 20.0, np.nan), ("b", "2024-12-01", 30.0, 12.0)],
        "customer_id", "month", "revenue", "cost_to_serve",
    )  # fmt: skip
    lines = dated([("a", "2024-01-01"), ("a", "2024-01-01")], "customer_id", "start_month")
    found = account_sums(pd.Series(["a", "b"]), {"billing": bills, "lines": lines}, AT)
    expected = pd.DataFrame(
        {
            "value": [12 * 30.0, 12 * 18],  # the month of unknown cost does not count
            "now": [60.0, np.nan],
            "before": [50.0, np.nan],
            "years": [2 / 12, 1 / 12],
            "lines": [2.0, 0],
        },
        index=pd.Index(["a", "b"], name="customer_id"),
    )
    pdt.assert_frame_equal(found.frame, expected)
    assert found.value_is == "margin"
    bare = account_sums(pd.Series(["a"]), {"billing": bills.drop(columns="cost_to_serve")}, AT)
    assert bare.value_is == "revenue"
    assert bare.frame["value"].tolist() == [12 * 30.0]
