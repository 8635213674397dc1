"""A study of products of a small simulated operator: what comes back, and what is said instead."""

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from src.analyses import products
from src.analyses.missing import Missing
from src.analyses.once import _KEPT
from src.analyses.products.study import opened
from src.analyses.products.taken import Taken
from src.analyses.settings.products import Setting
from src.data.bases import open_base
from src.data.operator.generate import generate
from src.data.operator.settings import Settings
from src.data.problems import InputError
from src.models.products.next_best import NextBest

STEPS = ("matrices", "best_cells", "hits", "margins", "worth", "offers", "plan", "next_best")
CHAIN = ("unlimited_tariff", "accessory", "insurance", "tv")


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    folder = Path(tmp_path_factory.mktemp("operator"))
    built = {
        "name": "small",
        "title": "Small operator",
        "kind": "panel",
        "currency": "EUR",
        "origin": "simulated",
        "notes": [],
    }
    (folder / "base.yml").write_text("simulator: operator\n")
    settings = Settings(b2c_customers=2_400, b2b_customers=800, months=30, hidden_months=0)
    generate(folder, settings, built, processes=1)
    return open_base(str(folder))


@pytest.fixture(scope="module")
def study(base):
    return opened(base, Setting(base=str(base.folder)))


def test_chains_are_found_and_independent_pairs_rarely_marked(study):
    cells = study.best_cells()
    pairs = set(zip(cells["held"], cells["next"], strict=True))
    assert {("unlimited_tariff", "accessory"), ("accessory", "insurance")} <= pairs
    assert {("telephony", "call_recording"), ("call_recording", "crm_link")} <= pairs
    chains = (CHAIN, ("telephony", "call_recording", "crm_link", "analytics", "monitoring"))
    planted = {(a, b) for chain in chains for n, a in enumerate(chain) for b in chain[n + 1 :]}
    shown = pd.concat([table[table["is_shown"]] for table in study.matrices().values()])
    others = sum(pair not in planted for pair in zip(shown["held"], shown["next"], strict=True))
    assert len(pairs - planted) <= 0.05 * others
    # What shop buyers take beside each other has high lifts, and no order.
    shop = shown[shown["held"].str.startswith("shop: ") & shown["next"].str.startswith("shop: ")]
    assert (shop["low"] > 2).all()
    assert not shop["is_marked"].any()
    assert study.matrix("B2B")["next"].isin(CHAIN).sum() == 0
    assert (cells["low"].diff().dropna() <= 0).all()


def test_the_next_best_product_beats_popularity(study):
    test = study.hits()
    gains = test.gains.set_index(["segment", "method", "first"])
    assert gains.loc[("all", "popularity", 3), "low"] > 0
    assert gains.loc[("all", "naive", 3), "low"] > 0
    assert gains.loc[("all", "conditional", 3), "gain"] > 0
    expected, takers = test.calibration[["expected", "takers"]].sum()
    assert expected == pytest.approx(takers, rel=0.15)


def test_what_products_add_is_what_the_simulator_has_them_add(study):
    """Each adds 8 % of the price without products: of the revenue before, less with each."""
    found = study.margins().dropna()
    chains = (CHAIN, ("telephony", "call_recording", "crm_link", "analytics", "monitoring"))
    true = {name: 0.08 / (1 + 0.08 * n) for chain in chains for n, name in enumerate(chain)}
    truth = found["product"].map(true)
    assert len(found) >= 5
    assert ((found["revenue_low"] <= truth) & (truth <= found["revenue_high"])).mean() >= 0.75
    assert (found["share"] < found["revenue_share"]).all()


def test_offers_are_of_those_on_the_list_and_not_of_what_they_hold(study):
    offers = study.offers()
    assert list(offers.columns) == [
        *("customer_id", "segment", "product", "chance", "margin", "expected"),
        *("low", "high", "reason"),
    ]
    assert offers["customer_id"].is_unique
    assert offers["chance"].between(0, 1).all()
    assert (offers["expected"] > 0).all()
    assert (offers["expected"] == offers["chance"] * offers["margin"]).all()
    held = study.held()
    both = offers.merge(held, on=["customer_id", "product"])
    assert (both["end"] <= study.last.number).all()
    assert offers["reason"].str.match(r"of [\d,]+ like them who .* within 6 months").all()


def test_a_list_of_the_past_reads_nothing_later(study, base):
    at = study.last.back(12)
    tables = {name: base.table(name) for name in base.rows}
    end = pd.Timestamp(at.end)
    cut = {
        "holdings": tables["holdings"][tables["holdings"]["start_month"] < end],
        "orders": tables["orders"][tables["orders"]["date"] < end],
        "billing": tables["billing"][tables["billing"]["month"] < end],
    }
    cut["holdings"] = cut["holdings"].assign(
        end_month=cut["holdings"]["end_month"].where(cut["holdings"]["end_month"] < end)
    )
    people = tables["customers"]
    cut["customers"] = people.assign(
        closed_month=people["closed_month"].where(people["closed_month"] < end)
    )

    class Cut(type(base)):
        def table(self, name, columns=None):
            return cut.get(name, tables[name])

    then = Taken(
        Cut(**{name: getattr(base, name) for name in base.__dataclass_fields__}), study.setting
    )
    found, expected = study.list_at(at), then.list_at(at)
    pd.testing.assert_frame_equal(found.customers, expected.customers)
    places = [found.products.index(name) for name in expected.products]
    assert (found.holds[:, places] == expected.holds).all()
    others = [n for n in range(len(found.products)) if n not in places]
    assert not found.holds[:, others].any()


def test_the_plan_offers_the_focus(study, base):
    plan = study.plan()
    assert plan.months == 3
    assert plan.table["worth"].iloc[:-1].sum() == pytest.approx(plan.worth.value)
    # All but the plan is the same: what is known already is not worked out again.
    focused = opened(base, Setting(base=str(base.folder), focus=["tv"], focus_months=12))
    known = {name: answer for name, answer in vars(study)[_KEPT].items() if name != "plan"}
    vars(focused)[_KEPT] = known
    assert set(focused.plan().offers["product"]) == {"tv"}
    assert focused.plan().months == 12
    with pytest.raises(
        InputError,
        match=r"FOCUS must be products that customers take, not 'radio'\. It has accessory",
    ):
        opened(base, Setting(base=str(base.folder), focus=["radio"])).plan()
    with pytest.raises(InputError, match="there is no segment 'B2X'; there are B2B, B2C"):
        study.matrix("B2X")


@pytest.mark.parametrize("step", STEPS)
def test_without_holdings_every_step_says_so(base, step):
    without = replace(base, rows={name: n for name, n in base.rows.items() if name != "holdings"})
    answer = getattr(opened(without, Setting()), step)()
    assert isinstance(answer, Missing)
    assert answer.lacks == "table holdings (products, and the months they were taken)"


def test_one_product_only_is_said(base, monkeypatch):
    read = type(base).table

    def one_product(self, name, columns=None):
        table = read(self, name, columns)
        return table[table["product"] == "tv"] if name == "holdings" else table

    rows = {name: n for name, n in base.rows.items() if name != "orders"}
    monkeypatch.setattr(type(base), "table", one_product)
    assert opened(replace(base, rows=rows), Setting()).offers().lacks == (
        "second product: all that is held is tv"
    )


def test_too_few_months_are_said(base, monkeypatch):
    read = type(base).table

    def late(self, name, columns=None):
        table = read(self, name, columns)
        return table[table["month"] >= "2024-11-01"] if name == "billing" else table

    monkeypatch.setattr(type(base), "table", late)
    study = opened(base, Setting())
    assert study.last.text == "2025-06"
    # One list of the past: chances can be learned and not tested.
    assert study.hits().lacks == "13 months of bills, as 6 months ahead need"
    assert isinstance(study.next_best(), NextBest)
    assert opened(base, Setting(ahead=9)).offers().lacks.startswith("19 months of bills")


def test_bases_of_other_kinds_are_refused():
    with pytest.raises(InputError, match="products take bases of kind panel, not orders"):
        products.open_study("cdnow")
