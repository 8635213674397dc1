"""A study of small logs: what the setting changes, what the future may not, what is refused."""

import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from src.analyses import shop_ltv
from src.analyses.missing import Missing
from src.analyses.shop_ltv import comparing
from src.data.problems import InputError
from tests.analyses.shop_ltv.conftest import BEGIN, BOUND, BUYERS, WEEKS

QUICK = {"holdout": 20, "replicates": 50}
END = BEGIN + pd.Timedelta(weeks=WEEKS)
SPLIT = END - pd.Timedelta(weeks=20)


@pytest.fixture(scope="module")
def study(shop, orders):
    return shop_ltv.open_study(shop(orders), **QUICK)


def without_keys(frame):
    return frame.drop(columns="buyer_key")


def test_terms_name_the_days_and_what_is_assumed(study):
    terms = study.terms()
    assert (terms.begins, terms.split, terms.ends) == (BEGIN, SPLIT, END)
    assert (terms.currency, terms.margin_share, terms.is_assumed) == ("EUR", 0.5, True)
    assert terms.since is None


def test_the_key_of_the_base_changes_no_figure(study, shop, orders):
    other = shop_ltv.open_study(shop(orders, b"another key"), **QUICK)

    assert not set(other.buyers()["buyer_key"]) & set(study.buyers()["buyer_key"])
    assert_frame_equal(without_keys(other.buyers()), without_keys(study.buyers()))
    assert_frame_equal(without_keys(other.calls().first), without_keys(study.calls().first))
    assert_frame_equal(other.said(), study.said())
    assert_frame_equal(other.tenths(), study.tenths())
    assert other.worth() == study.worth()
    assert_frame_equal(other.gaps()["segment"].bars, study.gaps()["segment"].bars)


def test_predictions_read_nothing_after_the_split(study, shop, orders):
    is_later = pd.to_datetime(orders["date"]) > SPLIT
    changed = orders.copy()
    changed.loc[is_later, "amount"] = 999.0
    changed.loc[is_later, "buyer_key"] = "b000"
    said = study.said()
    other = shop_ltv.open_study(shop(changed), **QUICK).said()

    came = ["actual", "money"]
    assert_frame_equal(other.drop(columns=came), said.drop(columns=came))
    assert {"bg_nbd", "hybrid_median", "naive_rate", "last_period"} <= set(said)
    assert other["actual"].sum() < said["actual"].sum()


def test_a_quiet_day_of_the_split_keeps_the_test(study, shop, orders):
    """In a small shop nobody buys on most days: the weeks kept back are judged all the same."""
    is_quiet = pd.to_datetime(orders["date"]).between(SPLIT - pd.Timedelta(days=6), SPLIT)
    quiet = shop_ltv.open_study(shop(orders[~is_quiet]), **QUICK)
    assert quiet.log_before().days["date"].max() < quiet.terms().split == SPLIT
    assert quiet.trial().main in quiet.said()
    assert quiet.trial().rows["actual"].sum() == study.said()["actual"].sum()


def test_last_period_repeats_the_weeks_before_the_split(study, orders):
    said = study.said()
    dates = pd.to_datetime(orders["date"])
    first = dates.groupby(orders["buyer_key"]).transform("min")
    begin = SPLIT - pd.Timedelta(weeks=20)
    inside = orders[(dates > begin) & (dates <= SPLIT) & (dates > first)]
    repeats = inside.drop_duplicates(["buyer_key", "date"])
    assert said["last_period"].sum() == len(repeats)


def test_buyers_of_the_warm_up_are_valued_and_teach_no_model(study, shop, orders):
    warm = shop_ltv.open_study(shop(orders), warm_up=20, **QUICK)
    since = BEGIN + pd.Timedelta(weeks=20)

    assert warm.terms().since == since
    assert warm.cohort()["first"].min() >= since
    assert warm.cohort_before()["first"].min() >= since
    assert len(warm.cohort()) == (study.cohort()["first"] >= since).sum()
    assert len(warm.buyers()) == len(study.buyers()) == BUYERS
    assert (warm.worth().buyers, warm.worth().learned) == (BUYERS, len(warm.cohort()))
    assert warm.worth().total != study.worth().total


def test_the_column_of_orders_parts_the_buyers(study, orders):
    gap = study.gaps()["segment"]
    companies = orders.loc[orders["segment"] == "B2B", "buyer_key"].nunique()
    assert gap.groups["group"].tolist() == ["B2B", "B2C"]
    assert gap.groups["buyers"].tolist() == [companies, BUYERS - companies]
    ratio = gap.value.query("figure == 'mean_value' and of == 'ratio'").iloc[0]
    assert ratio["low"] > 1.5
    bars = gap.bars.set_index("factor")["bar"]
    assert bars["spend"] == bars.drop("gap").max()
    assert bars.drop("gap").sum() == pytest.approx(bars["gap"])
    assert isinstance(study.moved_bound(), Missing)


def test_a_rule_of_base_yml_parts_them_and_its_bound_can_be_moved(study, shop, orders, monkeypatch):
    monkeypatch.setattr(comparing, "_MOVED", (0.5, 1.0))
    rule = {"measure": "median order value", "b2b_from": BOUND}
    ruled = shop_ltv.open_study(shop(orders.drop(columns="segment"), segment=rule), **QUICK)

    assert (ruled.groups()["segment"] == study.groups()["segment"]).all()
    moved = ruled.moved_bound()
    assert moved["bound"].tolist() == [BOUND / 2, BOUND]
    assert (moved[["first", "second"]].sum(axis=1) == BUYERS).all()
    assert moved["first"].is_monotonic_decreasing
    at_rule = study.gaps()["segment"].bars.set_index("factor").loc["gap", "bar"]
    assert moved["gap"].iloc[1] == pytest.approx(at_rule, rel=1e-6)
    assert isinstance(
        shop_ltv.open_study(shop(orders.drop(columns="segment")), **QUICK).gaps(), Missing
    )


def test_who_got_repeat_purchases_for_nothing_is_left_out_and_told(study, shop, orders):
    is_free = orders["buyer_key"].isin([f"b{number:03}" for number in range(1, 40, 3)])
    repeats = orders["buyer_key"].duplicated()
    given = orders.assign(amount=orders["amount"].where(~(is_free & repeats), 0.0))
    free = orders.loc[is_free & repeats, "buyer_key"].nunique()
    generous = shop_ltv.open_study(shop(given), **QUICK)

    assert free >= 10
    assert len(generous.buyers()) == BUYERS - free
    assert any(
        f"{free} of " in remark and "models of spend leave them out" in remark
        for remark in generous.remarks()
    )
    assert generous.worth().buyers == BUYERS - free


def test_margins_of_orders_count_in_place_of_the_assumption(shop, orders):
    margins = orders.assign(margin=(0.3 * orders["amount"]).round(4))
    known = shop_ltv.open_study(shop(margins), **QUICK)
    assert not known.terms().is_assumed
    assert known.terms().margin_share == pytest.approx(0.3, abs=1e-4)


def test_a_shop_of_nobody_overdue_has_nobody_to_call(shop):
    rows = [
        (f"b{buyer}", f"2024-{month:02}-01", 10.0 + buyer % 7 + month)
        for buyer in range(60)
        for month in range(1, 13)
        if buyer % 3 or month > 11
    ]
    log = pd.DataFrame(rows, columns=["buyer_key", "date", "amount"])
    steady = shop_ltv.open_study(shop(log.assign(order_id=range(len(log)))), **QUICK)
    calls = steady.calls()
    assert isinstance(calls, Missing)
    assert "silent for longer" in calls.lacks


def test_a_log_too_short_is_refused_with_its_weeks(shop, orders):
    folder = shop(orders)
    with pytest.raises(
        InputError,
        match=r"the log has 80 weeks, 2024-01-01 to 2025-07-14: with HOLDOUT = 70 and "
        r"WARM_UP = 8 weeks fewer than 4 are left",
    ):
        shop_ltv.open_study(folder, holdout=70, warm_up=8)


def test_bases_of_other_kinds_are_refused(revenue_only):
    with pytest.raises(InputError, match="bases of kind panel or orders, not snapshot"):
        shop_ltv.open_study("ibm_telco")
    with pytest.raises(InputError, match="no table orders"):
        shop_ltv.open_study(str(revenue_only.folder))


def test_buyers_of_whom_none_comes_back_are_refused(shop, orders):
    once = shop_ltv.open_study(shop(orders.drop_duplicates("buyer_key")), holdout=8)
    with pytest.raises(InputError, match="bought on a second day"):
        once.terms()


def test_a_panel_parts_subscribers_from_others_and_companies_from_consumers(small_operator):
    study = shop_ltv.open_study(str(small_operator.folder), warm_up=52, replicates=50)
    groups = study.groups()
    orders = small_operator.table("orders").dropna(subset=["buyer_key"])
    linked = orders.loc[orders["customer_id"].notna(), "buyer_key"].nunique()

    assert (groups["subscription"] == "subscribers").sum() == linked
    assert len(groups["subscription"]) == orders["buyer_key"].nunique()
    assert len(groups["segment"]) == linked
    assert set(groups["segment"]) == {"B2B", "B2C"}
    assert not study.terms().is_assumed


def test_a_buyer_of_several_customers_is_of_the_one_with_most_orders(small_operator, monkeypatch):
    study = shop_ltv.open_study(str(small_operator.folder), warm_up=52)
    people = small_operator.table("customers")
    first = people.drop_duplicates("segment").set_index("segment")["customer_id"]
    company, consumer = first["B2B"], first["B2C"]
    dates = pd.Timestamp("2024-01-05")
    log = pd.DataFrame({"buyer_key": [0, 0, 0, 1, 1, 2], "date": dates, "amount": 5.0})
    log["customer_id"] = [company, consumer, consumer, company, consumer, None]
    monkeypatch.setattr(type(study), "orders", lambda _: log)
    assert study.groups()["segment"].to_dict() == {0: "B2C", 1: "B2B"}
    assert study.groups()["subscription"].tolist() == ["subscribers", "subscribers", "others"]
