"""Clusters, tiers and effort of a study: what a base can answer, and against the truth."""

import shutil

import pandas as pd
import pytest

from src.analyses import segments
from src.analyses.missing import Missing
from src.data.building import build_base
from src.data.problems import InputError

QUICK = {"replicates": 50, "clusters": 2}


@pytest.fixture(scope="module")
def study(small_operator):
    return segments.open_study(str(small_operator.folder), **QUICK)


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    """Orders of 30 buyers and no customers: too few for clusters."""
    folder = tmp_path_factory.mktemp("bases") / "shop"
    folder.mkdir()
    days = pd.date_range("2024-01-01", periods=60, freq="5D")
    orders = pd.DataFrame({"buyer_key": [f"k{n % 30}" for n in range(60)], "date": days})
    orders.assign(order_id=range(60), amount=range(1, 61)).to_csv(folder / "o.csv", index=False)
    (folder / "base.yml").write_text(
        "title: Shop\nkind: orders\ncurrency: EUR\ntables: {orders: {file: o.csv}}\n"
    )
    return segments.open_study(str(build_base(str(folder), key=b"key").folder), **QUICK)


def test_tiers_are_the_true_ones(study):
    found = study.tiers()
    assert found.accuracy.low > 0.95
    today = study.today()
    business = today.loc[today["segment"] == "B2B", "customer_id"]
    assert found.customers["customer_id"].tolist() == business.tolist()
    assert found.table["customers"].sum() == len(business)
    assert found.table["tier"].tolist() == ["1", "2", "3", "3+"]
    assert (found.table["products"].diff().dropna() > 0).all()
    assert found.value_is == "margin"
    assert not found.own


def test_the_table_of_the_base_goes_first_and_its_mistakes_are_said(small_operator, tmp_path):
    folder = tmp_path / "operator"
    shutil.copytree(small_operator.folder, folder)
    table = folder / "tiers.yml"
    table.write_text("1: {}\n2: {products: [analytics], lines: 2}\n")
    found = segments.open_study(str(folder), **QUICK).tiers()
    assert found.own
    assert found.table["tier"].tolist() == ["1", "2"]
    table.write_text("1: {}\n2: {products: [analytcs]}\n")
    with pytest.raises(InputError, match=r"'analytcs' of tier 2; did you mean analytics\?"):
        segments.open_study(str(folder), **QUICK).tiers()
    table.write_text("1: {}\n3: {products: [analytics]}\n")
    with pytest.raises(InputError, match=r"tiers\.yml has a gap"):
        segments.open_study(str(folder), **QUICK).tiers()


def test_effort_is_of_all_and_of_each_segment(study):
    found = study.effort()
    assert found["group"].unique().tolist() == ["all", "B2B", "B2C"]
    of = found.set_index(["group", "effort"])
    assert (of.xs("income", level="effort")["share"] >= 0.8).all()
    customers = of["total"].xs("customers", level="effort")
    assert customers["all"] == len(study.today()) == customers["B2B"] + customers["B2C"]
    tickets = of["total"].xs("tickets", level="effort")
    assert tickets["all"] == tickets["B2B"] + tickets["B2C"] > 0


def test_private_customers_of_the_operator_shade_into_each_other(study):
    found = study.clusters()
    assert list(found.number) == ["B2B", "B2C"]
    assert found.number["B2C"] == 0
    of = found.customers.groupby("segment")["cluster"].unique()
    assert of["B2C"].tolist() == [0]
    assert found.customers["customer_id"].is_unique
    assert {"bill", "lines", "data_gb", "tickets"} <= {habit.name for habit in found.habits}


def test_what_a_shop_lacks_is_said(shop):
    assert shop.tiers() == Missing(
        "products held by customers (the table holdings)",
        "tiers of B2B customers by the products they hold",
    )
    assert shop.effort().lacks == "contacts or tickets (the tables campaigns and events)"
    assert shop.clusters().lacks == "rows that suffice (no segment has 500 customers)"
