import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from src.features.months import Month
from src.features.tables import build_features

# Snapshot 2024-12. `steady` pays the same for longer than a year; `young` has two bills, one of
# unknown cost; `credited` has a month without a bill and a credit note; `silent` has paid last two
# months ago, at unknown cost; `gone` and `unpaid` have no revenue in three months. The bill of 2025
# is not known yet.
BILLS = {
    "steady": "10/4 " * 14 + "999/1",
    "young": "30/10 60 .",
    "credited": "20/8 " * 9 + ". -6/0 10/4 .",
    "silent": "12 " * 6 + ". . .",
    "gone": "12/1 . . . .",
    "unpaid": "12/1 0/0 -5/0 0/0 0/0 70/1",
}


def test_money_by_hand(features, bills):
    found = features("money", "2024-12", billing=bills("2025-01", **BILLS))

    bills_of_credited = [20] * 9 + [-6, 10]
    columns = {
        "customer_id": ["credited", "silent", "steady", "young"],
        "snapshot": pd.Timestamp("2024-12-01"),
        # a month without a bill is zero; a young customer's mean is over the months there are
        "revenue_mean_1m": [10, 0, 10, 60],
        "revenue_mean_3m": [4 / 3, 4, 10, 45],
        "revenue_mean_6m": [64 / 6, 48 / 6, 10, 45],
        "revenue_mean_12m": [184 / 12, 72 / 8, 10, 45],
        "revenue_ratio_1_3": [7.5, 0, 1, 60 / 45],
        "revenue_ratio_3_6": [1 / 8, 1 / 2, 1, 1],
        "revenue_ratio_3_12": [4 / 46, 4 / 9, 1, 1],
        # 4/3 against 20 before; 4 against 12 before
        "revenue_change_3m": [1 / 15 - 1, 4 / 12 - 1, 0, np.nan],
        # months 0..5: 20 20 20 0 -6 10 and 12 12 12 12 0 0, sum (x - 2.5) y over 17.5
        "revenue_slope_6m": [-74 / 17.5 / (64 / 6), -48 / 17.5 / 8, 0, np.nan],
        # months 0..11: 20 nine times, 0, -6, 10, sum (x - 5.5) y over 143
        "revenue_slope_12m": [-242 / 143 / (184 / 12), np.nan, 0, np.nan],
        "revenue_variation_12m": [
            np.std(bills_of_credited, ddof=1) / (184 / 12),
            0,
            0,
            np.sqrt(450) / 45,
        ],
        "revenue_share_of_peak_1m": [10 / 20, 0, 1, 1],
        "revenue_share_of_peak_3m": [4 / 3 / 20, 4 / 12, 1, 45 / 60],
        "months_since_revenue": [0, 2, 0, 0],
        "months_unpaid_12m": [2, 2, 0, 0],
        # (mean of 12 less mean of 3) times the months, over the mean of 12
        "arrears_3m": [14 * 3 / (184 / 12), 5 * 3 / 9, 0, 0],
        "credit_notes_12m": [1, 0, 0, 0],
        "revenue_to_date": [184, 72, 140, 90],
        "margin_mean_3m": [0, np.nan, 6, 20],
        "margin_mean_12m": [108 / 11, np.nan, 6, 20],
        "margin_change": [-108 / 11, np.nan, 0, 0],
        # over the revenue of the same bills
        "margin_share_12m": [108 / 184, np.nan, 0.6, 20 / 30],
        "margin_to_date": [108, 0, 84, 20],
        "latest_source": pd.to_datetime(["2024-12-01", "2024-10-01", "2024-12-01", "2024-12-01"]),
    }
    wanted = pd.DataFrame(columns)
    numbers = dict.fromkeys(wanted.columns[2:-1], "float64")
    dates = dict.fromkeys(("snapshot", "latest_source"), "datetime64[ns]")
    assert_frame_equal(found, wanted.astype(numbers | dates))


def test_without_costs_there_is_no_margin(features, bills):
    found = features("money", "2024-12", billing=bills("2024-12", a="10 10"))

    assert not [name for name in found if "margin" in name]
    assert found["revenue_to_date"].tolist() == [20]


def test_margin_over_revenue_does_not_depend_on_months_without_a_bill(features, bills):
    every_second = "10/4 . " * 6 + "10/4"

    found = features("money", "2024-12", billing=bills("2024-12", a=every_second, b="10/4 " * 12))

    assert found["margin_share_12m"].tolist() == pytest.approx([0.6, 0.6])


@pytest.mark.parametrize(
    ("words", "slope"),
    [
        ("1 2 3 4 5 6", 1 / 3.5),
        ("6 5 4 3 2 1", -1 / 3.5),
        ("1 2 3 4 5", None),  # five months are no trend of six
        ("9 . . . . . . . . . 1 2 3", 11 / 17.5),  # 0 0 0 1 2 3 over a mean of 1
    ],
)
def test_a_slope_is_the_change_a_month_over_the_mean(features, bills, words, slope):
    found = features("money", "2024-12", billing=bills("2024-12", a=words))

    assert found["revenue_slope_6m"].tolist() == pytest.approx([slope or np.nan], nan_ok=True)


def test_money_scales_with_the_currency_and_ratios_do_not(tmp_path, write_base, bills):
    billing = bills("2024-12", a="20/8 5/1 . -6/0 10/4", b="3/1 " * 12, c="8/2 9/2 7/2 1/1")
    in_cents = billing.assign(
        revenue=billing["revenue"] * 100, cost_to_serve=billing["cost_to_serve"] * 100
    )
    tables = []
    for name, frame in (("euro", billing), ("cent", in_cents)):
        base = write_base(tmp_path / name, billing=frame)
        at = [Month.of("2024-12")]
        tables.append(build_features(base, snapshots=at, families=["money"]))
    units = tables[0].catalogue.set_index("name")["unit"]
    is_money = units.str.startswith("money")
    euro, cent = (table.read()[list(units.index)] for table in tables)

    assert is_money.sum() == 9
    assert_frame_equal(cent.loc[:, is_money], euro.loc[:, is_money] * 100)
    assert_frame_equal(cent.loc[:, ~is_money], euro.loc[:, ~is_money])


def test_a_base_without_credit_notes_does_not_count_them(features, bills):
    found = features("money", "2024-12", billing=bills("2025-01", a="10 10 10", b="10 -5 10"))
    assert found["credit_notes_12m"].tolist() == [0, 1]
    # The first credit note comes after the snapshot.
    later = features("money", "2024-12", billing=bills("2025-02", a="10 10 10 10", b="10 10 10 -5"))
    assert "credit_notes_12m" not in later
