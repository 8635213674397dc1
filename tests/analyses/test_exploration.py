"""The exploration on small bases of every kind, whose figures can be counted by hand."""

import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from src.analyses import exploration
from src.analyses.missing import Missing
from src.data.building import build_base
from src.data.problems import InputError

LONGEST = 300


def built(folder, kind, **tables):
    """A base of these tables, built; returns the path of its folder."""
    folder.mkdir()
    for name, frame in tables.items():
        frame.to_csv(folder / f"{name}.csv", index=False)
    sources = ", ".join(f"{name}: {{file: {name}.csv}}" for name in tables)
    (folder / "base.yml").write_text(
        f"title: Small\nkind: {kind}\ncurrency: EUR\ntables: {{{sources}}}\n"
    )
    build_base(str(folder), key=b"key")
    return str(folder)


@pytest.fixture(scope="module")
def bases(tmp_path_factory):
    """A snapshot, a bare one, orders and a panel, by name."""
    folder = tmp_path_factory.mktemp("bases")
    # 20 customers of plan a, 5 of them gone; 20 of plan b, 15 of them gone; 3 of plan c.
    plans = ["a"] * 20 + ["b"] * 20 + ["c"] * 3
    gone = [n < 5 for n in range(20)] + [n < 15 for n in range(20)] + [False] * 3
    snapshot = pd.DataFrame(
        {
            "customer_id": range(43),
            "churned": gone,
            "tenure_months": [1 + n % 20 for n in range(43)],
            "monthly_revenue": [100.0] + [1.0] * 42,
            "plan": plans,
        }
    )
    buyers = [f"b{n % 20}" for n in range(30)]
    days = pd.date_range("2023-01-01", periods=30, freq="14D")
    orders = pd.DataFrame(
        {"order_id": range(30), "buyer_key": buyers, "date": days, "amount": 10.0}
    )
    # Two years of bills. Of 15 B2C customers 5 stop paying after the first year; no B2B leaves.
    months = pd.date_range("2022-01-01", periods=24, freq="MS").strftime("%Y-%m")
    lasting = {f"c{n}": 12 if n < 5 else 24 for n in range(15)} | {f"f{n}": 24 for n in range(12)}
    bills = pd.DataFrame(
        [(name, month, 10.0) for name, last in lasting.items() for month in months[:last]],
        columns=["customer_id", "month", "revenue"],
    )
    people = pd.DataFrame(
        {
            "customer_id": list(lasting),
            "segment": ["B2B" if name[0] == "f" else "B2C" for name in lasting],
            "signup_month": "2022-01",
        }
    )
    return {
        "snapshot": built(folder / "snapshot", "snapshot", snapshot=snapshot),
        "bare": built(folder / "bare", "snapshot", snapshot=snapshot[["customer_id", "churned"]]),
        "orders": built(folder / "orders", "orders", orders=orders),
        "panel": built(folder / "panel", "panel", customers=people, billing=bills),
    }


@pytest.fixture(scope="module")
def studies(bases):
    """A study of each base at the defaults."""
    return {name: exploration.open_study(base) for name, base in bases.items()}


def test_the_churn_of_each_plan_with_its_interval_without_small_groups(studies):
    expected = pd.DataFrame(
        {
            "attribute": ["plan", "plan"],
            "level": ["a", "b"],
            "customers": [20, 20],
            "rate": [0.25, 0.75],
            "low": [0.112, 0.531],  # Wilson's interval of 5 of 20, as statsmodels has it
            "high": [0.469, 0.888],
        }
    )
    assert_frame_equal(studies["snapshot"].rates("plan").round(3), expected)
    assert_frame_equal(studies["snapshot"].rates().round(3), expected)


def test_an_unknown_attribute_is_refused_with_the_nearest(studies):
    message = r"^attribute must be one of the base, not 'plam'; did you mean plan\? It has plan$"
    with pytest.raises(InputError, match=message):
        studies["snapshot"].rates("plam")
    with pytest.raises(InputError, match=message):
        studies["snapshot"].curves("plam")


def test_the_summary_says_what_is_known_first(studies):
    summary = studies["snapshot"].summary()
    assert (summary.customers, summary.judged, summary.kind) == (43, 43, "snapshot")
    assert summary.rate["rate"] == pytest.approx(20 / 43)
    assert summary.split_by == "plan"
    assert summary.strongest["level"].tolist() == ["a", "b"]
    assert summary.tables["rows"].tolist() == [43]
    assert summary.reason is None


def test_money_is_spread_over_all_customers(bases):
    money = exploration.open_study(bases["snapshot"], top_share=0.5).money()
    assert (money.total, money.median, money.currency) == (142.0, 1.0, "EUR")
    assert money.mean == pytest.approx(142 / 43)
    assert money.top.value == pytest.approx((100 + 20.5) / 142)
    assert list(money.curve.columns) == ["customers_share", "money_share"]


def test_curves_by_plan_and_of_all(studies):
    study = studies["snapshot"]
    columns = ["group", "time", "at_risk", "survival", "low", "high"]
    assert list(study.curves().columns) == columns
    by_plan = study.curves("plan")
    assert by_plan["group"].unique().tolist() == ["a", "b"]
    # The five of plan a who left had tenures 1 to 5.
    left = by_plan[(by_plan["group"] == "a") & (by_plan["time"] == 5)]["survival"]
    assert left.tolist() == pytest.approx([0.75])

    stay = study.stay()
    assert stay.split_by == "plan"
    assert_frame_equal(stay.groups.drop(columns="attribute"), by_plan)
    assert stay.marks[["group", "time"]].to_numpy().tolist() == [["a", 12.0], ["b", 12.0]]


def test_a_panel_says_how_customers_leave(studies):
    exits = studies["panel"].exits()
    expected = pd.DataFrame(
        {
            "group": ["B2B", "B2C"],
            "lives": [12, 15],
            "exits": [0, 5],
            "frozen": [0, 5],
            "months": [12 * 21, 10 * 21 + 5 * 12],
            "rate": [0.0, 5 / 270],
        }
    )
    assert_frame_equal(exits[list(expected)], expected)
    assert exits["frozen_share"].tolist()[1] == 1
    before = studies["panel"].before_exit()
    assert before["measure"].unique().tolist() == ["revenue"]
    assert before["before"].tolist() == list(range(12, 0, -1))
    assert before["share"].tolist() == [1.0] * 12


def test_orders_say_who_comes_back(studies):
    study = studies["orders"]
    assert study.words.customer == "buyer"
    assert not study.words.ends_are_losses
    assert list(study.vintages().columns) == ["vintage", "period", "revenue", "customers"]
    assert study.vintages()["revenue"].sum() == 300
    assert study.customers()["money"].sum() == 300


@pytest.mark.parametrize(
    ("base", "step", "lacks"),
    [
        ("bare", "money", "money per customer"),
        ("bare", "stay", "time per customer (such as tenure_months)"),
        ("bare", "curves", "time per customer (such as tenure_months)"),
        ("bare", "vintages", "money with a time (tenure, or months)"),
        ("bare", "rates", "attributes"),
        ("bare", "exits", "months per customer (a panel)"),
        ("orders", "before_exit", "months per customer (a panel)"),
        ("snapshot", "leaving", "months per customer (a panel)"),
    ],
)
def test_what_a_base_lacks_is_said(studies, base, step, lacks):
    answer = getattr(studies[base], step)()
    assert isinstance(answer, Missing)
    assert answer.lacks == lacks


def test_a_base_without_attributes_still_has_a_summary(studies):
    summary = studies["bare"].summary()
    assert (summary.split_by, len(summary.strongest), summary.explained) == ("", 0, 0.0)
    assert isinstance(summary.money, Missing)


@pytest.mark.parametrize("base", ["snapshot", "bare", "orders", "panel"])
def test_what_is_no_frame_has_a_short_repr(studies, base):
    study = studies[base]
    steps = (study.summary(), study.money(), study.stay(), study.leaving())
    for answer in (study, study.words, study.setting, study.base, *steps):
        assert len(repr(answer)) < LONGEST
        assert "object at" not in repr(answer)


def test_steps_give_the_same_in_any_order(bases, studies):
    again = exploration.open_study(bases["panel"])
    assert_frame_equal(again.exits(), studies["panel"].exits())
    for step in ("vintages", "rates", "attributes", "columns", "tables", "curves"):
        assert_frame_equal(getattr(again, step)(), getattr(studies["panel"], step)())


def test_what_is_done_to_a_frame_stays_with_who_asked(studies):
    rates = studies["snapshot"].rates()
    rates["rate"] = 0
    assert studies["snapshot"].rates()["rate"].tolist() == [0.25, 0.75]


def test_every_step_says_what_comes_back():
    from src.analyses.exploration import study

    steps = [step for name, step in vars(study.Study).items() if name[0] != "_"]
    assert len(steps) >= 14
    assert all(step.__doc__ for step in steps)


def test_old_buyers_of_the_first_month_are_no_cohort_and_a_part_month_is_not_compared(tmp_path):
    # 60 buyers of old come once a month; in each month 12 others buy for the first time.
    first = [(f"o{n}", f"2023-{month:02d}-{1 + n % 28:02d}") for n in range(60)
             for month in range(1, 13)]  # fmt: skip
    new = [(f"n{month}-{n}", f"2023-{month:02d}-{10 + n:02d}") for month in range(1, 13)
           for n in range(12)]  # fmt: skip
    rows = [row for row in first + new if row[1] <= "2023-12-09"]
    frame = pd.DataFrame(rows, columns=["buyer_key", "date"]).assign(amount=5.0)
    frame.insert(0, "order_id", range(len(frame)))
    study = exploration.open_study(built(tmp_path / "shop", "orders", orders=frame))

    levels = study.rates("first purchase")["level"].tolist()
    assert levels == [f"2023-{month:02d}" for month in range(2, 6)]  # watched 26 weeks
    summary = study.summary()
    assert summary.judged == 60 + 5 * 12 + 1  # one of June was watched for 26 weeks to the day
    assert "Of the first purchases in 2023-01 many are not the first" in summary.aside
    assert study.vintages()["period"].max() == pd.Timestamp("2023-11-01")
    assert "December 2023 is not whole in the data" in summary.aside


def test_shares_are_of_purchases_where_some_returned_more_than_they_bought(tmp_path):
    orders = pd.DataFrame(
        {
            "order_id": range(6),
            "buyer_key": ["a", "b", "b", "c", "d", "e"],
            "date": pd.date_range("2023-01-01", periods=6, freq="90D"),
            "amount": [60.0, 10.0, -90.0, 10.0, 10.0, 10.0],
        }
    )
    money = exploration.open_study(built(tmp_path / "shop", "orders", orders=orders)).money()

    assert (money.below, money.unknown, money.of) == (1, 0, "purchases before returns")
    assert money.top.value == pytest.approx(0.6)  # 60 of 100
    assert 0 <= money.top.low <= money.top.high <= 1
    assert money.gini == pytest.approx(0.4)
    assert money.curve["money_share"].between(0, 1 + 1e-12).all()
    assert money.total == pytest.approx(10.0)


def test_money_that_is_not_known_counts_nowhere_and_is_said(tmp_path):
    rows = pd.DataFrame(
        {
            "customer_id": range(6),
            "churned": [0, 1, 0, 1, 0, 0],
            "tenure_months": [0.5, 1.5, 1.9, None, 30.2, 2.0],
            "monthly_revenue": [60.0, 10, 10, 10, 10, None],
        }
    )
    study = exploration.open_study(built(tmp_path / "gaps", "snapshot", snapshot=rows))

    money = study.money()
    assert (money.unknown, money.total) == (1, 100.0)
    assert money.top.value == pytest.approx(0.6)
    assert study.curves()["time"].tolist() == [0, 1, 2, 30]  # whole months


def test_no_money_above_nothing_is_missing_and_stops_nothing(tmp_path):
    rows = pd.DataFrame({"customer_id": [1, 2], "churned": [0, 1], "monthly_revenue": [0.0, -5.0]})
    study = exploration.open_study(built(tmp_path / "none", "snapshot", snapshot=rows))

    assert isinstance(study.money(), Missing)
    assert isinstance(study.summary().money, Missing)


def test_no_curve_is_drawn_by_what_grows_with_the_time_itself(tmp_path):
    """Money to date is high for who stayed long: its curves would part whatever keeps anybody."""
    tenure = [1 + place % 40 for place in range(200)]
    table = pd.DataFrame({"customer_id": range(200), "tenure_months": tenure})
    table["churned"] = [place % 3 == 0 for place in range(200)]
    table["plan"] = ["flex" if place % 5 else "fixed" for place in range(200)]
    table["total_paid"] = [10.0 * months + place % 7 for place, months in enumerate(tenure)]
    study = exploration.open_study(built(tmp_path / "paid", "snapshot", snapshot=table))

    stay = study.stay()

    assert stay.growing == ("total_paid",)
    assert stay.groups["attribute"].unique().tolist() == ["plan"]
    assert stay.split_by == "plan"
    assert "total_paid" in study.attributes()["attribute"].tolist()
