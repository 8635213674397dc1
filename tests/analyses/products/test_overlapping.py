"""The steps of a study of products that ask for the overlap, on a small simulated operator."""

import shutil
from dataclasses import replace

import pandas as pd
import pytest

from src.analyses import products
from src.analyses.missing import Missing
from src.analyses.products.study import opened
from src.data.bases import open_base
from src.data.building import build_base


@pytest.fixture(scope="module")
def study(made_once):
    def build(folder):
        described = "title: small\nkind: panel\ncurrency: EUR\norigin: simulated\n"
        (folder / "base.yml").write_text(
            f"{described}simulator: operator\ncustomers: 6000\nmonths: 36\n"
        )
        build_base(str(folder))

    return products.open_study(str(made_once("operator_of_overlap", build)))


@pytest.fixture
def variant(study, tmp_path):
    """The study of the base with other tables; None in place of a frame takes the table away."""

    def make(**tables):
        shutil.copytree(study.base.folder / "tables", tmp_path / "tables")
        rows = dict(study.base.rows)
        for name, frame in tables.items():
            rows.pop(name, None)
            if frame is not None:
                frame.to_parquet(tmp_path / "tables" / f"{name}.parquet", index=False)
                rows[name] = len(frame)
        folder = {"folder": tmp_path, "origin": "real", "rows": rows}
        return opened(replace(study.base, **folder), study.setting)

    return make


def test_the_corrected_share_holds_the_truth_and_links_alone_do_not(study):
    found = study.overlap()
    share, of_them = found.shares.share, found.shares.of_subscribers
    assert share.low < found.truth < share.high
    assert of_them.low < found.truth_of_subscribers < of_them.high
    assert found.raw < share.low
    assert found.bounds.loc[0, "low"] == pytest.approx(found.raw)
    assert found.counts is None


def test_growth_adds_up(study):
    overlapped, found = study.overlap(), study.growth()
    share = overlapped.shares.share
    assert found.accounts == overlapped.accounts
    assert found.strangers == pytest.approx(found.accounts * (1 - share.value))
    assert found.strangers_low < found.strangers < found.strangers_high
    bought = found.bought.set_index("what")
    assert bought["total"].drop("all").sum() == pytest.approx(bought.loc["all", "total"])
    assert found.idle["subscribers"].sum() == overlapped.subscribers
    buying = overlapped.shares.of_subscribers.value * overlapped.subscribers
    assert found.idle["buying"].sum() == pytest.approx(buying)


def test_shoppers_are_compared_by_what_was_known_before(study):
    told = study.shoppers()
    assert (told.known_at, told.at) == ("2024-04", "2024-10")
    assert told.found.balance["after"].abs().max() < 1e-6
    effects = told.found.effects.set_index("outcome")
    assert list(effects.index) == ["left", "revenue", "margin"]
    # Buying does nothing in this operator.
    assert effects.loc["left", "matched_low"] < 0 < effects.loc["left", "matched_high"]
    assert 0 < told.hidden < 0.2


def test_without_a_sample_there_are_bounds_and_no_growth(variant):
    study = variant(link_checks=None)
    found = study.overlap()
    assert found.shares is None
    assert found.truth is None
    assert list(found.bounds["assumed"]) == ["every link is right", "any link may be wrong"]
    assert study.growth().lacks.startswith("table link_checks")


def test_an_empty_shop_and_no_links_are_missing(variant):
    study = variant(orders=None)
    for step in (study.overlap, study.growth, study.shoppers):
        assert isinstance(step(), Missing)
        assert step().lacks.startswith("table orders")


def test_purchases_without_links_are_missing(study, variant):
    orders = study.base.table("orders").drop(columns="customer_id")
    assert "phone or email in both" in variant(orders=orders).overlap().lacks


def test_purchases_of_long_ago_are_no_overlap(study, variant):
    orders = study.base.table("orders")
    old = orders[orders["date"] < "2024-01-01"]
    assert "nobody bought in the 12 months" in variant(orders=old).overlap().lacks


def test_keys_link_where_no_customer_is_named(study, variant):
    orders, people = study.base.table("orders"), study.base.table("customers")
    by_phone = orders.assign(phone=orders["customer_id"]).drop(columns="customer_id")
    shop = variant(orders=by_phone, customers=people.assign(phone=people["customer_id"]))
    found, own = shop.overlap(), study.overlap()
    # A wrong link gives two accounts one customer; few are of more accounts than one person has.
    assert found.raw == pytest.approx(own.raw, abs=0.005)
    assert found.counts["key"].tolist() == ["phone"]
    assert found.counts.loc[0, "two_accounts"] > 0


def test_the_shipped_base_has_the_sample(made_once):
    checks = open_base("operator").table("link_checks")
    assert len(checks) == 600
    assert checks["buyer_key"].is_unique
    assert pd.api.types.is_object_dtype(checks["customer_id"])
