import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from src.features.quality import (
    columns_overview,
    missing_together,
    reason_for_gaps,
    tables_overview,
)

CUSTOMERS = """customer_id,segment,signup_month,closed_month,region,vip
c1,B2C,2023-11,,North,yes
c2,B2C,,2024-02,,no
c3,B2B,2024-01,,North,yes
c4,B2B,2024-02,,,no
"""
BILLING = """customer_id,month,revenue,cost_to_serve
c1,2024-01,10,
c1,2024-02,10,4
c3,2024-03,-5,1
"""
SNAPSHOT = "customer_id,churned,total\n" + "\n".join(f"c{n},{n % 2},{n}" for n in range(5)) + "\n"


def test_tables_overview_counts_rows_columns_gaps_and_spans_the_dates(build):
    base = build("panel", customers=CUSTOMERS, billing=BILLING)

    expected = pd.DataFrame(
        {
            "table": ["customers", "billing"],
            "holds": ["One row per customer", "One row per customer and month with a bill"],
            "rows": [4, 3],
            "columns": [6, 4],
            "first": pd.to_datetime(["2023-11-01", "2024-01-01"]),
            "last": pd.to_datetime(["2024-02-01", "2024-03-01"]),
            "missing_share": [6 / 24, 1 / 12],
        }
    )
    assert_frame_equal(tables_overview(base), expected)


def test_a_table_without_dates_has_no_span(build):
    overview = tables_overview(build("snapshot", snapshot=SNAPSHOT))

    assert overview[["first", "last"]].isna().to_numpy().tolist() == [[True, True]]
    assert overview.dtypes[["first", "last"]].tolist() == [np.dtype("datetime64[ns]")] * 2


def test_columns_overview_puts_the_emptiest_column_of_a_table_first(build):
    base = build("panel", customers=CUSTOMERS, billing=BILLING)

    rows = [
        ("customers", "closed_month", "date", 3, 0.75, 1),
        ("customers", "region", "text", 2, 0.5, 1),
        ("customers", "signup_month", "date", 1, 0.25, 3),
        ("customers", "customer_id", "text", 0, 0.0, 4),
        ("customers", "segment", "text", 0, 0.0, 2),
        ("customers", "vip", "text", 0, 0.0, 2),
        ("billing", "cost_to_serve", "number", 1, 1 / 3, 2),
        ("billing", "customer_id", "text", 0, 0.0, 2),
        ("billing", "month", "date", 0, 0.0, 3),
        ("billing", "revenue", "number", 0, 0.0, 2),
    ]
    names = ["table", "column", "type", "missing", "missing_share", "distinct"]
    assert_frame_equal(columns_overview(base), pd.DataFrame(rows, columns=names))


def test_a_flag_is_yes_or_no(build):
    overview = columns_overview(build("snapshot", snapshot=SNAPSHOT)).set_index("column")

    assert overview["type"].to_dict() == {
        "customer_id": "text",
        "churned": "yes or no",
        "total": "number",
    }


def test_the_reason_for_gaps_is_that_of_the_emptiest_column(build):
    rows = [f"c{n},{n % 2},{n // 6},{'' if n < 6 else n},{'' if n == 1 else n}" for n in range(24)]
    text = "\n".join(["customer_id,churned,tenure_months,total,calls", *rows]) + "\n"
    base = build("snapshot", snapshot=text)

    assert reason_for_gaps(base, columns_overview(base)) == ("tenure_months", 0.0)


def test_a_base_without_gaps_needs_no_reason(build):
    base = build("snapshot", snapshot=SNAPSHOT)

    assert reason_for_gaps(base, columns_overview(base)) is None


def gaps(empty: int, filled: int, **columns: list[object]) -> pd.DataFrame:
    return pd.DataFrame({"total": [None] * empty + [1.0] * filled, **columns})


@pytest.mark.parametrize(
    ("frame", "reason"),
    [
        pytest.param(gaps(5, 5, tenure=[0] * 5 + [1, 2, 3, 4, 5]), ("tenure", 0), id="explained"),
        pytest.param(gaps(5, 5, plan=["a"] * 7 + ["b"] * 3), ("plan", "a"), id="rarer elsewhere"),
        pytest.param(gaps(5, 4, plan=["a"] * 7 + ["b"] * 2), None, id="half as frequent elsewhere"),
        pytest.param(gaps(5, 5, plan=["a"] * 10), None, id="the same everywhere"),
        pytest.param(gaps(5, 5, plan=["a"] * 4 + ["b"] * 6), None, id="two values in the gaps"),
        pytest.param(gaps(5, 5, plan=["a"] * 4 + [None] * 6), None, id="empty together"),
        pytest.param(gaps(4, 6, tenure=[0] * 4 + [1] * 6), None, id="too few gaps"),
        pytest.param(gaps(1, 9, customer=list("abcdefghij")), None, id="one gap, one identifier"),
        pytest.param(gaps(5, 0, tenure=[0] * 5), None, id="all empty"),
        pytest.param(gaps(0, 5, tenure=[0] * 5), None, id="none empty"),
        pytest.param(
            gaps(5, 5, plan=["a"] * 6 + ["b"] * 4, tenure=[0] * 5 + [1] * 5),
            ("tenure", 0),
            id="the rarest elsewhere wins",
        ),
        pytest.param(
            gaps(5, 5, vip=pd.array([True] * 5 + [None] * 5, dtype="boolean")),
            ("vip", True),
            id="a flag known only there",
        ),
    ],
)
def test_a_column_explains_the_gaps_of_another(frame, reason):
    assert missing_together(frame, "total") == reason


def test_ibm_blank_total_charges_are_those_of_new_customers(shipped):
    base = shipped("ibm_telco")

    assert missing_together(base.table("snapshot"), "total_charges") == ("tenure_months", 0.0)
