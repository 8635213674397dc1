"""Expected margins of offers by hand, and the plan against the most popular product."""

import numpy as np
import pandas as pd
import pytest

from src.features.months import Month
from src.features.standing import Standing
from src.models.products.offers import WORTH, Worth, best_offers, margins, worth_of
from src.models.products.plan import drift, focus_of, plan_of, within
from src.models.products.worth import months_kept

NAN = np.nan


def listed(holds, revenue):
    holds = np.array(holds, bool)
    customers = pd.DataFrame(
        {"customer_id": [f"c{n}" for n in range(len(holds))], "segment": "B2C", "revenue": revenue}
    )
    return Standing(Month(9), customers, ("tv", "phone"), holds, np.full(len(holds), -1))


def worth():
    table = pd.DataFrame(
        {
            "segment": "B2C",
            "product": ["tv", "phone"],
            "takers": 50,
            "kept": 10.0,
            "share": [0.5, 0.0],
            "money": [0.0, 8.0],
        }
    )
    spread = np.array([[0.8], [1.0], [1.2]])
    return Worth(table, spread * table["share"].to_numpy(), spread * table["money"].to_numpy())


def test_an_offer_is_chance_times_margin():
    now = listed([[0, 0], [0, 0], [1, 0]], [100.0, 10.0, 100.0])
    chances = np.array([[0.1, 0.2], [0.1, 0.2], [NAN, 0.2]])
    np.testing.assert_allclose(margins(now, worth()), [[50, 8], [5, 8], [50, 8]])
    found = best_offers(now, chances, worth(), confidence=0.9)
    assert found["product"].tolist() == ["tv", "phone", "phone"]
    assert found["expected"].tolist() == pytest.approx([5, 1.6, 1.6])
    assert found["low"].tolist() == pytest.approx([5 * 0.82, 1.6 * 0.82, 1.6 * 0.82])
    only = best_offers(now, chances, worth(), among=["tv"])
    assert only["customer_id"].tolist() == ["c0", "c1"]


def test_nothing_is_offered_that_brings_nothing():
    now = listed([[0, 0], [0, 0]], [100.0, 0.0])
    chances = np.array([[NAN, NAN], [0.5, NAN]])
    assert best_offers(now, chances, worth()).empty


def test_worth_is_margin_over_the_months_kept():
    parts = pd.DataFrame(
        [
            ("B2C", "tv", 50, 0.05, 0.01, NAN, NAN, NAN, NAN, 10, 1000, 0.01),
            ("B2C", "phone", 50, NAN, NAN, 8.0, 0.5, 0.3, 0.1, 0, 400, 0.0),
            ("B2C", "unknown", 3, NAN, NAN, NAN, NAN, NAN, NAN, 1, 100, 0.01),
        ],
        columns=WORTH,
    )
    found = worth_of(parts, np.random.default_rng(0), horizon=12, annual_rate=0.1, replicates=4000)
    kept = months_kept(np.array([0.01, 0.0]), 12, 0.1)
    assert found.table["product"].tolist() == ["tv", "phone"]
    assert found.table["share"].tolist() == pytest.approx([0.05 * kept[0], 0])
    assert found.table["money"].tolist() == pytest.approx([0, 8 + 0.3 * kept[1]])
    assert found.shares[:, 0].mean() == pytest.approx(0.05 * kept[0], rel=0.03)
    assert found.shares[:, 0].std() == pytest.approx(0.01 * kept[0], rel=0.1)
    assert not found.shares[:, 1].any()
    assert found.moneys[:, 1].std() > 0


def test_the_plan_by_hand():
    now = listed([[0, 0]] * 4, [100.0, 100.0, 10.0, 10.0])
    chances = np.tile([0.1, 0.2], (4, 1))
    popular = np.tile([9.0, 5.0], (4, 1))
    seen = pd.DataFrame(
        {
            "segment": "B2C",
            "product": ["tv", "phone"],
            "expected": [400.0, 100],
            "takers": [400, 100],
        }
    )
    plan = plan_of(
        now, chances, worth(), popular, seen, np.random.default_rng(0), focus=["tv", "phone"]
    )
    # tv to the two of high revenue, phone to the others; the popular one is tv for all.
    assert plan.worth.value == pytest.approx(2 * 5 + 2 * 1.6)
    assert plan.popular.value == pytest.approx(2 * 5 + 2 * 0.5)
    assert plan.gain.value == pytest.approx(2 * 1.1)
    assert plan.table["customers"].tolist() == [2, 2, 4]
    assert plan.table["takers"].tolist() == pytest.approx([0.2, 0.4, 0.6])
    assert plan.table["worth"].iloc[:2].sum() == pytest.approx(plan.worth.value)
    assert plan.worth.low < plan.worth.value < plan.worth.high
    assert repr(plan) == "Plan: 4 offers over 3 months"


def test_drift_is_what_luck_does_not_explain():
    steady = pd.DataFrame({"expected": [100.0, 100.0], "takers": [105, 95]})
    assert drift(steady) == 0
    moved = pd.DataFrame({"expected": [10_000.0, 10_000.0], "takers": [12_000, 12_000]})
    assert drift(moved) == pytest.approx(np.log(1.2), rel=0.01)
    assert drift(steady.assign(takers=0)) == 0


def test_the_focus_is_of_each_segment():
    offers = pd.DataFrame(
        {
            "segment": ["B2B", "B2B", "B2C", "B2C"],
            "product": ["crm", "phone", "tv", "phone"],
            "expected": [90.0, 1.0, 5.0, 4.0],
        }
    )
    assert focus_of(offers, 1) == ["crm", "tv"]
    assert focus_of(offers, 2) == ["crm", "phone", "tv"]
    assert within(np.array([NAN, 0.0, 1.0]), 6, 3)[1:].tolist() == [0.0, 1.0]
