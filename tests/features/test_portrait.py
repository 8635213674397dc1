import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from src.data.problems import InputError
from src.features.portrait import attribute_names, portrait
from src.models.survival.kaplan_meier import kaplan_meier, median_survival, survival_at

TENURE_BANDS = ["0 to 12", "13 to 24", "25 to 36", "37 to 48", "49 to 60", "over 60"]

SNAPSHOT = """customer_id,churned,tenure_months,monthly_revenue,segment,plan
c1,1,0,10,B2C,basic
c2,0,12,20,B2C,plus
c3,0,13,30,B2C,basic
c4,1,60,40,B2C,plus
c5,0,72,50,B2C,basic
c6,0,,60,B2C,basic
"""


def bands(values: list[str], levels: list[str]) -> pd.Categorical:
    return pd.Categorical(values, levels, ordered=True)


def test_snapshot(build, hashed):
    view = portrait(build("snapshot", snapshot=SNAPSHOT))

    churned = [True, False, False, True, False, False]
    plan = ["basic", "plus", "basic", "plus", "basic", "basic"]
    customers = pd.DataFrame(
        {
            "customer_id": hashed("c1", "c2", "c3", "c4", "c5", "c6"),
            "money": [10.0, 20.0, 30.0, 40.0, 50.0, 60.0],
            "outcome": churned,
            "plan": bands(plan, ["basic", "plus"]),
        }
    )
    lives = pd.DataFrame(
        {
            "duration": [0.0, 12.0, 13.0, 60.0, 72.0],
            "ended": churned[:5],
            "plan": bands(plan[:5], ["basic", "plus"]),
        }
    )
    revenue = pd.DataFrame(
        {
            "vintage": bands(["0 to 12", "13 to 24", "49 to 60", "over 60"], TENURE_BANDS),
            "period": "now",
            "revenue": [30.0, 30.0, 40.0, 50.0],
            "customers": [2, 1, 1, 1],
        }
    )
    assert view.attributes == ("plan",)
    assert_frame_equal(view.customers, customers)
    assert_frame_equal(view.lives, lives)
    assert_frame_equal(view.revenue, revenue)
    assert (view.words.rate, view.words.ends_are_losses) == ("churn_rate", True)


def test_snapshot_without_tenure_and_money(build, hashed):
    view = portrait(build("snapshot", snapshot="customer_id,churned\nc1,1\nc2,0\n"))

    customers = pd.DataFrame(
        {
            "customer_id": hashed("c1", "c2"),
            "money": [float("nan")] * 2,
            "outcome": [True, False],
        }
    )
    assert_frame_equal(view.customers, customers)
    assert (view.attributes, view.lives, view.revenue) == ((), None, None)


def test_snapshot_with_tenure_and_no_money_has_lives_and_no_revenue(build):
    text = "customer_id,churned,tenure_months\nc1,1,3\nc2,0,5\n"

    view = portrait(build("snapshot", snapshot=text))

    assert_frame_equal(view.lives, pd.DataFrame({"duration": [3.0, 5.0], "ended": [True, False]}))
    assert view.revenue is None


def test_attributes_leave_out_what_describes_nobody(build):
    rows = [f"c{n},{n % 2},{n},same,note {n},{n % 3}" for n in range(61)]
    head = "customer_id,churned,acquisition_cost,constant,free_text,plan"
    text = "\n".join([head, *rows]) + "\n"

    view = portrait(build("snapshot", snapshot=text))

    assert view.attributes == ("plan",)


def test_attributes_of_the_contract_come_first(build):
    text = "customer_id,churned,plan,segment\nc1,1,a,B2B\nc2,0,b,B2C\n"

    assert portrait(build("snapshot", snapshot=text)).attributes == ("segment", "plan")


def test_a_column_with_a_name_of_the_portrait_is_kept_apart(build):
    text = "customer_id,churned,tenure_months,outcome,entry\nc1,1,3,good,x\nc2,0,5,bad,y\n"

    view = portrait(build("snapshot", snapshot=text))

    assert view.attributes == ("outcome (of the base)", "entry (of the base)")
    assert view.customers["outcome"].tolist() == [True, False]
    assert view.customers["outcome (of the base)"].tolist() == ["good", "bad"]
    assert view.lives.columns.tolist() == ["duration", "ended", *view.attributes]


ORDERS = """order_id,buyer_key,date,amount
1,b1,2024-01-01,10
2,b1,2024-01-01,5
3,b7,2024-01-01,25
4,b4,2024-12-31,2
5,b1,2024-01-15,20
6,b2,2024-01-31,50
7,b3,2024-02-01,30
8,b3,2024-02-10,-10
9,b6,2024-03-01,-5
10,b7,2024-07-01,7
11,b5,2024-07-02,60
12,b4,2024-07-03,40
13,b4,2024-07-10,1
14,b2,2024-08-31,60
"""


def test_orders(build, hashed):
    view = portrait(build("orders", orders=ORDERS))

    attributes = {
        "first purchase": ["2024-01", "2024-01", "2024-01", "2024-02", "2024-07", "2024-07"],
        "size of first purchase": bands(
            ["up to 25", "up to 25", "31 to 50", "26 to 30", "over 50", "31 to 50"],
            ["up to 25", "26 to 30", "31 to 50", "over 50"],
        ),
    }
    # b6 has returned, and never bought. b5 was watched for 26 weeks to the day, b4 for a day less.
    customers = pd.DataFrame(
        {
            "customer_id": hashed("b1", "b7", "b2", "b3", "b5", "b4"),
            "money": [35.0, 32.0, 110.0, 20.0, 60.0, 43.0],
            "outcome": pd.array([True, True, False, False, False, None], dtype="boolean"),
            **attributes,
        }
    )
    lives = pd.DataFrame(
        {
            "duration": [14 / 7, 182 / 7, 213 / 7, 334 / 7, 182 / 7, 7 / 7],
            "ended": [True, True, True, False, False, True],
            **attributes,
        }
    )
    revenue = pd.DataFrame(
        [
            ("2024-01", "2024-01-01", 110.0, 3),
            ("2024-01", "2024-07-01", 7.0, 1),
            ("2024-01", "2024-08-01", 60.0, 1),
            ("2024-02", "2024-02-01", 20.0, 1),
            ("2024-07", "2024-07-01", 101.0, 2),
            ("2024-07", "2024-12-01", 2.0, 1),
        ],
        columns=["vintage", "period", "revenue", "customers"],
    ).astype({"period": "datetime64[ns]"})
    assert view.attributes == ("first purchase", "size of first purchase")
    assert_frame_equal(view.customers, customers)
    assert_frame_equal(view.lives, lives)
    assert_frame_equal(view.revenue, revenue)
    assert (view.words.vintage, view.words.ends_are_losses) == ("month of first purchase", False)


def test_vintages_of_more_than_24_months_are_years(build):
    months = pd.period_range("2020-01", periods=25, freq="M")
    rows = [f"{n},b{n},{month}-05,10" for n, month in enumerate(months)]
    text = "\n".join(["order_id,buyer_key,date,amount", *rows]) + "\n"

    of_25 = portrait(build("orders", orders=text))

    assert of_25.words.vintage == "year of first purchase"
    assert of_25.revenue["vintage"].unique().tolist() == ["2020", "2021", "2022"]


def test_orders_with_nothing_but_returns_are_refused(build):
    base = build("orders", orders="order_id,buyer_key,date,amount\n1,b1,2024-01-01,-1\n")

    with pytest.raises(InputError, match=r"^orders has no purchase: every amount is"):
        portrait(base)


MONTHS = pd.period_range("2023-01", periods=16, freq="M")

CUSTOMERS = """customer_id,segment,signup_month,closed_month
c1,B2C,2022-10,
c2,B2C,2023-01,
c3,B2B,2022-12,2023-02
c4,B2B,2022-06,
c5,B2C,,
c6,B2C,2023-01,
c7,B2C,2022-11,2023-01
c8,B2C,2023-06,
c9,B2C,2023-02,
"""


def panel_billing(**paid: tuple[float, list[int]]) -> str:
    """CSV of billing: per customer the money of a month and the months with a bill, from 0."""
    rows = [
        f"{name},{MONTHS[at]},{money}" for name, (money, at_all) in paid.items() for at in at_all
    ]
    return "\n".join(["customer_id,month,revenue", *rows]) + "\n"


BILLING = panel_billing(
    c1=(10, [*range(16)]),  # was there before the data: 3 months old when first seen
    c2=(20, [*range(5), *range(9, 16)]),  # freezes, comes back
    c3=(30, [0, 1]),  # closes before the year that is watched for the outcome
    c4=(5, [*range(3, 16)]),  # signed up long before, but starts to pay within the data
    c5=(1, [*range(16)]),  # signup unknown, so its age is: no part of the curve
    c6=(0, [0, 15]),  # never pays
    c7=(2, [0]),  # closes in the first month of the data
    c8=(7, [*range(12, 16)]),  # signed up long before it starts to pay, in 2024
    c9=(3, [*range(1, 16)]),  # starts in the month whose lives the outcome follows
)


def test_panel(build, hashed):
    view = portrait(build("panel", customers=CUSTOMERS, billing=BILLING))

    # The data ends in month 15, follow-up in 13; the outcome is that of months 2 to 13, and asks
    # for a life in month 1; money is that of months 4 to 15.
    segment = ["B2C", "B2C", "B2B", "B2B", *["B2C"] * 5]
    customers = pd.DataFrame(
        {
            "customer_id": hashed("c1", "c2", "c3", "c4", "c5", "c6", "c7", "c8", "c9"),
            "money": [120.0, 160.0, 0.0, 60.0, 12.0, 0.0, 0.0, 28.0, 36.0],
            "outcome": pd.array(
                [False, True, None, None, False, None, None, None, False], dtype="boolean"
            ),
            "segment": bands(segment, ["B2B", "B2C"]),
        }
    )
    rows = [
        ("c1", 16, False, 3, "B2C"),
        ("c2", 5, True, 0, "B2C"),
        ("c2", 4, False, 0, "B2C"),
        ("c3", 2, True, 1, "B2B"),
        ("c4", 10, False, 0, "B2B"),
        ("c7", 2, True, 2, "B2C"),
        ("c8", 1, False, 0, "B2C"),
        ("c9", 12, False, 0, "B2C"),
    ]
    lives = pd.DataFrame(rows, columns=["customer_id", "duration", "ended", "entry", "segment"])
    lives["customer_id"] = hashed(*lives["customer_id"])
    lives["segment"] = bands(lives["segment"].tolist(), ["B2B", "B2C"])
    months = [*MONTHS.to_timestamp()]
    before, of_2023 = [43.0, 41.0, *[11.0] * 14], [20.0, 23.0, 23.0, 28.0, 28.0, *[8.0] * 4]
    vintages = ["before 2023", "2023", "2024"]
    revenue = pd.DataFrame(
        {
            "vintage": bands(np.repeat(vintages, [16, 16, 4]).tolist(), vintages),
            "period": [*months, *months, *months[12:]],
            "revenue": [*before, *of_2023, *[28.0] * 7, *[7.0] * 4],
            "customers": [4, 3, *[2] * 14, 1, 2, 2, 3, 3, *[2] * 4, *[3] * 7, *[1] * 4],
        }
    )
    assert view.attributes == ("segment",)
    assert_frame_equal(view.customers, customers)
    assert_frame_equal(view.lives, lives)
    assert_frame_equal(view.revenue, revenue)


def test_a_panel_counts_who_was_there_before_only_from_the_first_month_seen(build):
    view = portrait(build("panel", customers=CUSTOMERS, billing=BILLING))

    curve = kaplan_meier(view.lives).set_index("time")

    # At risk at 0: c2 twice, c4, c8, c9. At 2: c2 twice, c3 (entered at 1), c4, c9; c7 was never
    # watched. At 5: c1 (entered at 3), c2, c4, c9.
    assert curve.loc[[0, 2, 5], "at_risk"].tolist() == [5, 5, 4]
    assert curve.loc[5, "survival"] == pytest.approx(4 / 5 * 3 / 4)


def test_a_short_panel_of_one_segment_without_signup(build):
    customers = "customer_id,segment\nc1,B2C\nc2,B2C\n"
    billing = panel_billing(c1=(10, [0, 1, 2, 3]), c2=(10, [0]))

    view = portrait(build("panel", customers=customers, billing=billing))

    assert view.attributes == ()
    # Both were running when the data began, nobody knows since when: there is no curve.
    assert view.lives is None
    # One month is known to its end, so the outcome is that of one month.
    outcome = pd.Series([False, True], dtype="boolean", name="outcome")
    pd.testing.assert_series_equal(view.customers["outcome"], outcome)
    assert view.words.outcome == "left within 1 month"


@pytest.mark.parametrize("kind", ["panel", "orders", "snapshot"])
def test_the_names_of_attributes_are_those_of_the_portrait(build, kind):
    tables = {
        "panel": {"customers": CUSTOMERS, "billing": BILLING},
        "orders": {"orders": ORDERS},
        "snapshot": {"snapshot": SNAPSHOT},
    }
    base = build(kind, **tables[kind])

    assert attribute_names(base) == portrait(base).attributes != ()


def test_freeze_months_reach_the_lives(build):
    base = build("panel", customers=CUSTOMERS, billing=BILLING)

    assert portrait(base, 3).lives["ended"].sum() == 3
    assert portrait(base, 5).lives["ended"].sum() == 2  # a gap of 4 is a pause now


def test_a_panel_shorter_than_a_freeze_is_refused(build):
    customers = "customer_id,segment\nc1,B2C\n"
    base = build("panel", customers=customers, billing=panel_billing(c1=(10, [0, 1])))

    message = "^billing is too short: with freeze_months 3 at least 4 months are needed"
    with pytest.raises(InputError, match=message):
        portrait(base)


def test_ibm_telco(shipped):
    view = portrait(shipped("ibm_telco"))

    assert len(view.customers) == 7043
    assert view.customers["outcome"].sum() == 1869
    assert len(view.lives) == 7043
    assert view.revenue["customers"].sum() == 7043
    assert {"contract", "internet_service", "payment_method"} <= set(view.attributes)

    # Month-to-month contracts at 12, 24 and 36 months, and their median: recomputed with lifelines.
    monthly = view.lives[view.lives["contract"] == "Month-to-month"]
    curve = kaplan_meier(monthly)
    at_marks = survival_at(curve, [12, 24, 36])["survival"].tolist()
    assert at_marks == pytest.approx([0.703, 0.586, 0.491], abs=5e-4)
    assert median_survival(curve).tolist() == [35.0]


def test_cdnow(shipped):
    base = shipped("cdnow")
    view = portrait(base)

    assert base.rows == {"orders": 69_659}
    assert len(view.customers) == 23_570
    assert view.customers["money"].sum() == pytest.approx(base.table("orders")["amount"].sum())
    assert view.revenue["revenue"].sum() == pytest.approx(view.customers["money"].sum())
    # Buyers of the first quarter of 1997, seen until the end of June 1998: all long enough.
    assert sorted(view.customers["first purchase"].unique()) == ["1997-01", "1997-02", "1997-03"]
    assert view.customers["outcome"].notna().all()
    assert view.customers["outcome"].sum() <= view.lives["ended"].sum()
