"""The calendar of a base: wrong dates, months that are not over, holes, silences, what is said."""

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from src.data.building import build_base
from src.data.calendar.timeline import in_time
from src.data.manifest import parse
from src.data.problems import InputError
from src.features.portrait import portrait

CASES = Path(__file__).parents[2] / "cases"
MONTHS = pd.date_range("2022-01-01", periods=36, freq="MS")
PANEL = "title: T\nkind: panel\ncurrency: EUR\n"
PANEL += "tables: {customers: {file: c.csv}, billing: {file: b.csv}}\n"
ORDERS = "title: T\nkind: orders\ncurrency: EUR\ntables: {orders: {file: o.csv}}\n"


def panel(customers: int = 40, months: pd.DatetimeIndex = MONTHS) -> dict[str, pd.DataFrame]:
    """Customers who are all billed 10 in every month."""
    names = [f"c{number}" for number in range(customers)]
    bills = pd.MultiIndex.from_product([names, months], names=["customer_id", "month"])
    people = pd.DataFrame({"customer_id": names, "segment": "B2C"})
    return {"customers": people, "billing": bills.to_frame(index=False).assign(revenue=10.0)}


def dated(frames, rows, month):
    """The frames with the first `rows` of some customer's bills dated in `month`."""
    bills = frames["billing"].copy()
    bills.loc[rows, "month"] = pd.Timestamp(month)
    return {**frames, "billing": bills}


def read(frames, keys="", text=PANEL):
    """The table of bills or orders, and the remarks."""
    read, remarks = in_time(frames, parse(text + keys))
    return read["billing" if "billing" in read else "orders"], remarks


def refusal(frames, keys=""):
    with pytest.raises(InputError) as error:
        read(frames, keys)
    return str(error.value)


# --- the cases ----------------------------------------------------------------------------------


def judged(tmp_path, case, keys=""):
    """How many left, of how many, and the money, as the exploration has them."""
    folder = shutil.copytree(CASES / case, tmp_path / case)
    (folder / "base.yml").write_text((folder / "base.yml").read_text() + keys)
    base = build_base(str(folder))
    customers = portrait(base).customers
    known = customers["outcome"].dropna()
    return (int(known.sum()), len(known), round(customers["money"].sum(), 2)), base


def test_one_bill_dated_a_year_ahead_is_left_out(tmp_path):
    found, base = judged(tmp_path, "03-one-bill-a-year-ahead")

    assert found == (53, 249, 319_711.66)  # 319,947.00 less the one bill of 235.34
    assert base.rows["billing"] == 7765
    assert base.notes == (
        "billing: 1 row (2025-12) left out as wrongly dated: all others are of 2022-01 to 2024-12. "
        "If they are right, write `last_month: 2025-12` in base.yml",
    )


def test_subscribers_billed_once_a_year_have_not_left(tmp_path):
    found, base = judged(tmp_path, "04-billed-once-a-year")

    assert found[:2] == (0, 270)
    assert base.notes[0].startswith("billing: of 300 customers 300 are billed once a year; ")


def test_customers_billed_by_quarter_leave_when_their_last_bill_is_over(tmp_path):
    found, _ = judged(tmp_path, "35-billed-by-quarter")
    assert found[:2] == (57, 325)


def test_bills_can_be_taken_as_they_are(tmp_path):
    found, base = judged(tmp_path, "35-billed-by-quarter", "\nperiod: month\n")

    assert found[:2] == (52, 312)
    assert base.rows["billing"] == 4279


# --- the ends -----------------------------------------------------------------------------------


def test_a_panel_without_a_fault_stays_as_it_is():
    frames = panel()
    found, remarks = read(frames)
    assert found is frames["billing"]
    assert remarks == []


def test_two_wrong_dates_ahead_and_one_long_ago():
    frames = dated(dated(dated(panel(), [5], "2025-08-01"), [40], "2026-03-01"), [80], "1998-03-01")
    found, remarks = read(frames)

    assert len(found) == 40 * 36 - 3
    assert (found["month"].min(), found["month"].max()) == (MONTHS[0], MONTHS[-1])
    assert remarks == [
        "billing: 3 rows (1998-03 to 2026-03) left out as wrongly dated: all others are of 2022-01 "
        "to 2024-12. If they are right, write `last_month: 2026-03` and `first_month: 1998-03` in "
        "base.yml"
    ]


def test_a_wrong_date_in_the_month_after_the_last():
    found, remarks = read(dated(panel(), [5], "2025-01-01"))

    assert found["month"].max() == MONTHS[-1]
    assert remarks[0] == (
        "billing: 2025-01: 1 row where 40 a month are usual; left out as wrongly dated. If they "
        "are right, write `last_month: 2025-01` in base.yml"
    )


def test_a_month_that_is_not_over_is_left_out_unless_base_yml_says_it_is():
    frames = panel(60)
    is_there = (frames["billing"]["month"] < MONTHS[-1]) | (frames["billing"].index % 180 < 36)
    frames["billing"] = frames["billing"][is_there].reset_index(drop=True)

    found, remarks = read(frames)
    assert found["month"].max() == MONTHS[-2]
    assert remarks[0] == (
        "billing: 2024-12: 12 rows where 60 a month are usual; left out, as the month is not over. "
        "If it is, write `last_month: 2024-12` in base.yml"
    )
    kept, remarks = read(frames, "last_month: 2024-12\n")
    assert kept is frames["billing"]
    assert remarks == []


def test_several_thin_months_are_refused_with_both_ways_out():
    frames = panel(60)
    late = frames["billing"]["month"] >= MONTHS[-4]
    gone = frames["billing"]["customer_id"].str.len() == 3  # c10 and later
    frames["billing"] = frames["billing"][~(late & gone)].reset_index(drop=True)

    assert refusal(frames) == (
        "billing: 2024-09 to 2024-12: 40 rows where 60 a month are usual. Where rows are missing, "
        "write `last_month: 2024-08` in base.yml; where customers did leave, write "
        "`last_month: 2024-12` in base.yml"
    )
    read(frames, "last_month: 2024-12\n")
    assert read(frames, "last_month: 2024-08\n")[0]["month"].max() == MONTHS[-5]


def test_more_than_a_handful_beyond_a_hole_is_refused():
    frames = dated(panel(), list(range(5, 40 * 36, 36)), "2026-06-01")
    message = refusal(frames)
    assert message.startswith("billing: 2025-01 to 2026-05: no rows at all: with a freeze of 3 ")
    assert message.endswith(
        "write `first_month: 2026-06` or `last_month: 2024-12` to read one side"
    )


def test_a_base_that_fades_out_keeps_its_last_bills():
    frames = panel()
    number = frames["billing"]["customer_id"].str[1:].astype(int)
    kept = (frames["billing"]["month"] <= MONTHS[4 + 0]) | (number * 36 // 40 > 0)
    lasts = MONTHS[np.clip(number * 28 // 40, 4, 30)]
    frames["billing"] = frames["billing"][kept & (frames["billing"]["month"] <= lasts)]
    last = pd.DataFrame({"customer_id": ["c39"], "month": [MONTHS[35]], "revenue": [10.0]})
    frames["billing"] = pd.concat([frames["billing"], last], ignore_index=True)

    found, remarks = read(frames)
    assert found["month"].max() == MONTHS[35]
    assert not any("wrongly dated" in remark for remark in remarks)


def test_first_and_last_month_cut_the_bills_and_say_so():
    found, remarks = read(panel(), "first_month: 2022-07\nlast_month: 2024-06\n")

    assert (found["month"].min(), found["month"].max()) == (MONTHS[6], MONTHS[29])
    assert remarks == [
        "billing: 240 rows after 2024-06 left out, as `last_month` says",
        "billing: 2,400.00 EUR of 40 customers for months before 2022-07 left out: as "
        "`first_month` says",
    ]
    assert refusal(panel(), "last_month: 2019-06\n").endswith("in base.yml")


@pytest.mark.parametrize(("months", "is_refused"), [(2, False), (3, True)])
def test_months_without_any_bill_inside_the_data(months, is_refused):
    frames = panel()
    hole = frames["billing"]["month"].isin(MONTHS[10 : 10 + months])
    frames["billing"] = frames["billing"][~hole].reset_index(drop=True)
    if is_refused:
        assert refusal(frames) == (
            "billing: 2022-11 to 2023-01: no rows at all: with a freeze of 3 months all 40 "
            "customers of 2022-10 would count as gone. In base.yml write `first_month: 2023-02` or "
            "`last_month: 2022-10` to read one side, or `freeze_months: 4` if nobody is billed then"
        )
        read(frames, "freeze_months: 4\n")
    else:
        assert read(frames)[1] == [
            "billing: 2022-11 to 2022-12: no rows at all; the customers of 2022-10 are silent then"
        ]


def test_dates_that_no_figure_reads_are_said():
    frames = panel()
    frames["events"] = pd.DataFrame({"date": pd.to_datetime(["2024-05-05", "2031-02-01"])})
    frames["customers"]["signup_month"] = pd.Timestamp("2021-01-01")
    frames["customers"].loc[3, "signup_month"] = pd.Timestamp("2042-01-01")
    assert read(frames)[1] == [
        "events.date: 1 row (2031-02) after 2024-12, the last month of bills: not read",
        "customers.signup_month: 1 row (2042-01) after 2024-12, the last month of bills: not read",
    ]


# --- rhythm and silences ------------------------------------------------------------------------


def by_quarter(**people):
    frames = panel(months=MONTHS[2::3])
    return {**frames, "customers": frames["customers"].assign(**people)}


def test_a_panel_of_quarters_is_spread_whether_found_or_stated():
    frames = by_quarter()
    found, remarks = read(frames)
    stated, said = read(frames, "period: quarter\n")

    assert_frame_equal(found, stated)
    assert len(found) == 40 * 34  # from the first bill to the month of the last
    assert set(found["revenue"]) == {10 / 3}
    assert (
        remarks[1:]
        == said
        == ["billing: 266.67 EUR of 40 customers for months after 2024-12 not counted"]
    )


def test_the_last_bills_count_in_full_up_to_a_stated_last_month():
    found, remarks = read(by_quarter(), "last_month: 2025-02\n")
    assert found["month"].max() == pd.Timestamp("2025-02-01")
    assert len(remarks) == 1


def test_months_before_all_are_covered_are_cut_where_old_customers_would_look_new():
    frames = by_quarter(signup_month=pd.Timestamp("2015-01-01"))
    phase = frames["billing"]["customer_id"].str[1:].astype(int) % 3
    place = np.arange(len(frames["billing"])) % 12 * 3 + 2 - phase
    frames["billing"]["month"] = MONTHS[place]

    found, remarks = read(frames)
    assert found["month"].min() == MONTHS[2]
    # Of 10 a bill: 13 customers begin in January with two months of it, 13 in February with one.
    assert remarks[1] == (
        "billing: 130.00 EUR of 26 customers for months before 2022-03 left out: customers "
        "of these months had "
        "bills from before the data begin. To keep them, write `first_month: 2022-01` in base.yml"
    )
    new = {**frames, "customers": frames["customers"].assign(signup_month=MONTHS[1])}
    assert read(new)[0]["month"].min() == MONTHS[0]


def irregular(mean: float, customers: int = 120) -> dict[str, pd.DataFrame]:
    """Bills at random distances of this mean."""
    rng = np.random.default_rng(5)
    names = [f"c{number}" for number in range(customers)]
    rows = [
        (name, MONTHS[number], 10.0)
        for name in names
        for number in np.cumsum(rng.geometric(1 / mean, 36))
        if number < 36
    ]
    bills = pd.DataFrame(rows, columns=["customer_id", "month", "revenue"])
    return {"customers": pd.DataFrame({"customer_id": names, "segment": "B2C"}), "billing": bills}


def test_a_log_of_purchases_in_the_clothes_of_a_panel_is_refused():
    message = refusal(irregular(4))
    assert "end with a new bill" in message
    assert message.endswith(
        '`kind: orders` and under tables `orders: {file: b.csv, columns: {order_id: "#row", '
        "buyer_key: customer_id, date: month, amount: revenue}}`; `freeze_months: 3` keeps it as "
        "it is"
    )
    assert "freeze_months" not in "".join(read(irregular(4), "freeze_months: 12\n")[1])


def test_a_freeze_too_short_for_prepaid_customers_is_said():
    frames = panel(320)
    paused = frames["billing"]["customer_id"].isin([f"c{number}" for number in range(30)])
    paused &= frames["billing"]["month"].isin(MONTHS[10:14])
    frames["billing"] = frames["billing"][~paused].reset_index(drop=True)

    assert read(frames)[1] == [
        "billing: of 30 silences of 3 months or more, 30 (100%) end with a new bill: who counts as "
        "gone often is not; write `freeze_months: 5` in base.yml"
    ]
    assert read(frames, "freeze_months: 5\n")[1] == []


def test_customers_of_one_bill_each_are_refused():
    frames = panel(months=MONTHS[:1])
    frames["billing"]["month"] = MONTHS[np.arange(40) % 12]
    message = refusal(frames)
    assert "have no other, and would count as gone" in message
    assert "write under tables.billing: `period: year`" in message
    read(frames, "period: year\n")


# --- orders -------------------------------------------------------------------------------------


def orders(*extra: str) -> dict[str, pd.DataFrame]:
    days = [*pd.date_range("2022-01-01", "2023-12-31"), *map(pd.Timestamp, extra)]
    names = [f"b{number % 50}" for number in range(len(days))]
    return {"orders": pd.DataFrame({"buyer_key": names, "date": days, "amount": 5.0})}


@pytest.mark.parametrize("day", ["2024-12-03", "2024-01-29", "2003-05-01"])
def test_orders_with_a_wrong_date_are_left_out(day):
    found, remarks = read(orders(day), text=ORDERS)

    assert len(found) == 730
    assert remarks[0].startswith(f"orders: 1 row ({day[:7]}) left out as wrongly dated: ")
    assert "_month: " + day[:7] in remarks[0]


def test_orders_up_to_the_first_days_of_a_month_stay():
    frames = orders("2024-01-01", "2024-01-02")
    found, remarks = read(frames, text=ORDERS)
    assert found is frames["orders"]
    assert remarks == []


def of_days(begin: pd.Timestamp, end: pd.Timestamp) -> dict[str, pd.DataFrame]:
    days = pd.date_range(begin, end).repeat(3)
    names = [f"b{number % 50}" for number in range(len(days))]
    return {"orders": pd.DataFrame({"buyer_key": names, "date": days, "amount": 5.0})}


def test_a_handful_of_orders_dated_after_today_is_left_out():
    today = pd.Timestamp.today().normalize()
    begin, end = today - pd.DateOffset(years=2), today + pd.Timedelta(days=2)
    found, remarks = read(of_days(begin, end), text=ORDERS)
    assert found["date"].max() == today
    assert len(remarks) == 1
    assert remarks[0].startswith("orders: 6 rows (")
    assert remarks[0].endswith(f"dated after today, {today:%Y-%m-%d}, left out")


def test_many_orders_dated_after_today_are_refused():
    frames = of_days(pd.Timestamp("2080-01-01"), pd.Timestamp("2081-12-31"))
    told = r"2,193 rows \(2080-01 to 2081-12\) dated after today.*write `last_month: 2081-12` in"
    with pytest.raises(InputError, match=told):
        read(frames, text=ORDERS)
    assert len(read(frames, "last_month: 2081-12\n", ORDERS)[0]) == 2193


def test_orders_between_two_months():
    found, remarks = read(orders(), "first_month: 2022-03\nlast_month: 2022-04\n", ORDERS)
    assert len(found) == 61
    assert len(remarks) == 2


# --- what base.yml may say ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (PANEL + "last_month: 2024-13\n", "last_month: takes a month such as 2024-12"),
        (PANEL + "freeze_months: 13\n", "freeze_months: Input should be less than or equal to 12"),
        (PANEL + "first_month: 2024-02\nlast_month: 2024-01\n", "`first_month` is after"),
        (ORDERS + "freeze_months: 4\n", "`freeze_months` is for bases of kind panel"),
        (
            "title: T\nkind: panel\ncurrency: EUR\norigin: simulated\nsimulator: operator\n"
            "freeze_months: 4\n",
            "`freeze_months` is not for a base that a `simulator` makes",
        ),
        (
            "title: T\nkind: snapshot\ncurrency: EUR\nlast_month: 2024-01\n"
            "tables: {snapshot: {file: s.csv}}\n",
            "a snapshot has no months",
        ),
    ],
)
def test_misplaced_keys_are_refused(text, message):
    with pytest.raises(InputError, match=message):
        parse(text)


def test_the_freeze_of_base_yml_is_that_of_the_base(tmp_path):
    _, base = judged(tmp_path, "03-one-bill-a-year-ahead", "\nfreeze_months: 5\n")
    assert base.freeze_months == 5
