"""A study of segments on orders and on a panel: what comes back, and what cannot."""

import numpy as np
import pandas as pd
import pandas.testing as pdt
import pytest

from src.analyses import segments
from src.analyses.missing import Missing
from src.data.building import build_base
from src.data.problems import InputError
from src.features.months import Month


def base(folder, kind, **tables):
    folder.mkdir()
    for name, table in tables.items():
        table.to_csv(folder / f"{name}.csv", index=False)
    files = ", ".join(f"{name}: {{file: {name}.csv}}" for name in tables)
    (folder / "base.yml").write_text(
        f"title: Few\nkind: {kind}\ncurrency: EUR\ntables: {{{files}}}\n"
    )
    build_base(str(folder), key=b"key")
    return str(folder)


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    """Sixty buyers: large ones who fall asleep, small ones who come late, steady ones."""
    rows = []
    for buyer in range(60):
        large = buyer < 20
        months = range(1, 7) if large else range(7, 13) if buyer < 40 else range(1, 13)
        rows += [
            (
                f"o{buyer}-{month}",
                f"b{buyer}",
                f"2024-{month:02d}-0{1 + buyer % 9}",
                90 if large else 10,
            )
            for month in months
        ]
    orders = pd.DataFrame(rows, columns=["order_id", "buyer_key", "date", "amount"])
    return base(tmp_path_factory.mktemp("bases") / "shop", "orders", orders=orders)


def test_buyers_fall_asleep_and_money_is_conserved(shop):
    study = segments.open_study(shop, months=6, apart=6, replicates=50)
    assert study.last == Month.of("2024-12")
    moved = study.migration()
    assert (moved.first, moved.second) == ("2024-06", "2024-12")
    top = moved.changes.iloc[0]
    assert (top["before"], top["after"], top["customers"]) == ("A", "asleep", 20)
    assert top["money"] == -20 * 6 * 90
    then, now = study.activity_before(), study.today()
    assert moved.moves["money_before"].sum() == then["money"].sum()
    assert moved.moves["money_after"].sum() == now["money"].sum()
    first = study.movers().iloc[0]
    assert (first["before"], first["after"], first["money"]) == ("A", "asleep", -540)


def test_a_shop_cannot_say_what_is_at_risk(shop):
    study = segments.open_study(shop, months=6, apart=6)
    for step in (study.members, study.at_risk, study.scenarios):
        assert step().lacks == "months per customer (a panel)"
    golden = study.golden()
    assert golden.at_risk is None
    assert golden.churn is None
    assert "at_risk" not in study.matrix()


def test_two_dates_need_months(shop):
    moved = segments.open_study(shop).migration()
    assert isinstance(moved, Missing)
    assert moved.lacks == "24 months (MONTHS and APART together)"


def test_equal_incomes_have_no_classes(tmp_path):
    orders = pd.DataFrame(
        {"order_id": range(30), "buyer_key": range(30), "date": "2024-05-03", "amount": 10.0}
    )
    study = segments.open_study(base(tmp_path / "equal", "orders", orders=orders))
    assert "all 30 values are equal" in study.customers().lacks
    for step in (study.matrix, study.golden, study.classes):
        assert isinstance(step(), Missing)
    assert study.profile()["customers"].sum() == 30


def test_a_single_customer_is_no_traceback(tmp_path):
    orders = pd.DataFrame(
        {"order_id": [1, 2], "buyer_key": 1, "date": ["2024-05-03", "2024-06-03"], "amount": 10.0}
    )
    study = segments.open_study(base(tmp_path / "one", "orders", orders=orders))
    assert study.profile()["customers"].tolist() == [1]
    for step in (study.golden, study.migration, study.scenarios):
        step()


def test_who_has_closed_is_not_on_the_list(tmp_path):
    months = pd.date_range("2024-01-01", "2024-06-01", freq="MS")
    people = pd.DataFrame(
        {"customer_id": range(12), "segment": "B2C", "closed_month": ["2024-06-01"] + [None] * 11}
    )
    bills = pd.DataFrame(
        [(who, month, 5.0 + who) for who in range(12) for month in months],
        columns=["customer_id", "month", "revenue"],
    )
    folder = base(tmp_path / "panel", "panel", customers=people, billing=bills)
    study = segments.open_study(folder, months=3, apart=3)
    assert len(study.today()) == 11
    assert len(study.activity_before()) == 12
    assert set(study.today()) == {"customer_id", "segment", "recency", "frequency", "money"}
    moved = study.migration()
    gone = moved.moves[moved.moves["after"] == "gone"]
    assert gone["customers"].sum() == 1


def test_snapshots_are_refused():
    with pytest.raises(InputError, match="segments take bases of kind panel or orders"):
        segments.open_study("ibm_telco")


def test_steps_may_come_in_any_order(shop):
    given = {"months": 6, "apart": 6, "replicates": 50}
    one, other = (segments.open_study(shop, **given) for _ in range(2))
    later = one.migration().worth
    other.profile(), other.golden()
    pdt.assert_frame_equal(other.migration().worth, later)
    assert np.isfinite(later["value"]).all()
