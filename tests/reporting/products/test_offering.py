"""Sections of offers: what they say, what they hide, what they hand to the machine."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from src.reporting.page.results import Metrics
from src.reporting.products import matrix, offering
from src.reporting.products.charts import draw_hits, draw_matrix


def cells():
    rows = [
        ("tv", "phone", 400, 3.0, True),
        ("phone", "tv", 50, 0.9, False),
        ("shop: a", "shop: b", 90, 9.0, False),
        ("tariff", "tv", 8, 1.0, False),
        ("shop: a", "tv", 4, 1.0, False),
    ]
    table = pd.DataFrame(rows, columns=["held", "next", "takers", "shrunk", "is_marked"])
    return table.assign(
        segment="B2C",
        lift=table["shrunk"],
        low=0.8 * table["shrunk"],
        high=1.2 * table["shrunk"],
        share=0.1,
        confidence=0.2,
        is_shown=table["takers"] >= 5,
    )


def shown(section):
    return section._repr_mimebundle_()


def lacking():
    return SimpleNamespace(lacks="table holdings", adds="what to offer")


def test_the_matrix_draws_what_is_shown_and_hides_few(ax):
    found = matrix.heat_map(cells(), "B2C")
    assert found.finding == (
        "In B2C **1 of 3 pairs** surely follows in this order. The strongest: who holds tv takes "
        "phone **3.0 times** as often as comparable customers (2.4 to 3.6). Of 1 further pair with "
        "a lift surely above 2 the same people take both, and which comes first is not sure."
    )
    assert "tariff" not in found.svg
    assert "9.0" in found.svg
    draw_matrix(ax, cells().head(3), ["tv", "phone", "shop: a"], ["phone", "tv", "shop: b"])
    texts = [text.get_text() for text in ax.texts]
    assert texts == ["3.0", "0.9", "9.0"]
    assert [patch.get_linewidth() > 0 for patch in ax.patches] == [True, False, False]


def test_a_matrix_without_pairs_says_so():
    few = cells().assign(is_shown=False)
    assert "no pair of products has takers enough" in matrix.heat_map(few, "B2C").text
    none = cells().assign(is_marked=False)
    assert "none of 3 pairs surely follows" in matrix.heat_map(none, "B2C").finding
    assert "No pair of products surely follows" in matrix.marked_cells(few, 6).text


def test_a_wide_matrix_is_cut_and_says_by_how_much():
    names = [f"p{n:02}" for n in range(11)]
    pairs = [(a, b, 100 + n) for n, a in enumerate(names) for b in names if a != b]
    wide = pd.DataFrame(pairs, columns=["held", "next", "takers"]).assign(
        is_shown=True, is_marked=False, shrunk=1.0, low=0.9, high=1.1
    )
    found = matrix.heat_map(wide, "B2C")
    assert "110 pairs" in found.finding
    assert "further pairs with fewer takers not drawn" in found.finding


def test_marked_cells_are_a_table():
    page = shown(matrix.marked_cells(cells()[lambda rows: rows["is_marked"]], 6))["text/html"]
    assert "Pairs that surely follow in this order" in page
    assert "Take it within 6 months" in page


def test_margins_say_their_span():
    table = pd.DataFrame(
        {
            "segment": "B2C",
            "product": ["tv", "phone", "rare"],
            "takers": [50, 60, 3],
            "revenue_share": [0.08, 0.06, np.nan],
            "share": [0.04, 0.03, np.nan],
            "low": [0.03, -0.01, np.nan],
            "high": [0.05, 0.07, np.nan],
        }
    )
    found = offering.margins(table)
    assert found.caption == (
        "Taking a product adds **3.0% to 4.0%** of the revenue before as margin, each month, "
        "against customers with as many products who took nothing; surely more than nothing in 1 "
        "of 2 products"
    )
    assert "rare" not in shown(found)["text/html"]


def offers():
    return pd.DataFrame(
        {
            "segment": ["B2C"] * 12 + ["B2B"] * 3,
            "product": ["tv"] * 12 + ["crm"] * 3,
            "chance": 0.1,
            "margin": 50.0,
            "expected": 5.0,
            "low": 4.0,
            "high": 6.0,
            "reason": "of 900 like them who hold x, 10.0% took tv within 6 months",
        }
    )


def test_offers_are_shown_by_product_and_never_of_few():
    page = shown(offering.next_offers(offers(), "EUR", 6))["text/html"]
    assert "The next offer that earns most is <strong>tv</strong> to 12 customers of B2C" in page
    assert "<strong>60 EUR (48 to 72)</strong>" in page
    assert "of 900 like them who hold x" in page
    assert "crm" not in page
    few = shown(offering.next_offers(offers().tail(3), "EUR", 6))["text/html"]
    assert "No offer goes to customers enough" in few


def hits():
    methods = list(offering.METHODS)
    rates = pd.DataFrame(
        [
            ("all", m, f, 500, 0.9 - 0.1 * n, 0.8, 0.95)
            for n, m in enumerate(methods)
            for f in (1, 3)
        ],
        columns=["segment", "method", "first", "customers", "rate", "low", "high"],
    )
    gains = pd.DataFrame(
        [("all", m, f, 0.1 * n, 0.05, 0.3) for n, m in enumerate(methods) if n for f in (1, 3)],
        columns=["segment", "method", "first", "gain", "low", "high"],
    )
    calibration = pd.DataFrame({"expected": [90.4, 10.0], "takers": [95, 9]})
    return SimpleNamespace(months=6, rates=rates, gains=gains, calibration=calibration)


def test_hit_rates_stand_beside_the_alternatives(ax):
    section = shown(offering.hit_rates(hits()))
    assert (
        "Of 500 customers who took something within 6 months <strong>90%</strong> took one of the "
        "three named: <strong>20.0 points (5.0 to 30.0)</strong> more than the most taken that "
        "they did not hold, 10.0 points (5.0 to 30.0) more than what others took after the same "
        "last product."
    ) in section["text/html"]
    assert "100 takings were expected and 104 came" in section["text/html"]
    rates = hits().rates.assign(label=lambda rows: rows["method"])
    draw_hits(ax, rates)
    assert [text.get_text() for text in ax.get_yticklabels()] == list(offering.METHODS)


def plan(low=100.0, high=900.0):
    def figure(value, low, high):
        return SimpleNamespace(value=value, low=low, high=high)

    table = pd.DataFrame(
        {
            "segment": ["B2C", "B2B", "all"],
            "product": ["tv", "crm", "all"],
            "customers": [40, 4, 44],
            **{name: [5.0, 1.0, 6.0] for name in ("takers", "takers_low", "takers_high")},
            **{name: [500.0, 100.0, 600.0] for name in ("worth", "worth_low", "worth_high")},
        }
    )
    return SimpleNamespace(
        months=3,
        table=table,
        worth=figure(600.0, 400.0, 800.0),
        popular=figure(100.0, 50.0, 150.0),
        gain=figure((low + high) / 2, low, high),
    )


def test_the_plan_says_what_it_is_worth_and_against_what():
    page = shown(offering.quarter(plan(), "EUR"))["text/html"]
    assert "One offer each of tv and crm over 3 months: about 6 of 44 customers" in page
    assert "<strong>600 EUR (400 to 800)</strong>" in page
    assert "worth 100 EUR (50 to 150); the plan brings 500 EUR (100 to 900) more." in page
    assert offering.CAUTION in page


@pytest.mark.parametrize(
    ("ends", "words"),
    [
        ((-900.0, -100.0), "the plan brings 500 EUR (100 to 900) less."),
        ((-100.0, 300.0), "no sure gain: the plan brings 100 EUR (-100 to 300) more."),
    ],
)
def test_no_gain_is_said(ends, words):
    assert offering.against_sentence(plan(*ends), "EUR").endswith(words)


def test_metrics_are_those_of_the_digest():
    found = offering.metrics({"B2C": cells()}, hits(), plan(), offers())
    assert Metrics(found).values == found
    assert found["matrix.b2c.shown"] == 4
    assert found["matrix.b2c.marked"] == 1
    assert found["nbp.hit3"] == 0.9
    assert found["nbp.popularity_hit3"] == pytest.approx(0.7)
    assert found["nbp.hit3_gain"] == pytest.approx(0.2)
    assert (found["nbp.hit3_gain.low"], found["nbp.hit3_gain.high"]) == (0.05, 0.3)
    assert (found["plan.worth"], found["plan.worth.low"], found["plan.worth.high"]) == (
        600,
        400,
        800,
    )
    assert found["offers.customers"] == 15


def test_what_a_base_lacks_is_one_line():
    missing = lacking()
    for section in (
        matrix.heat_map(missing, "B2C"),
        matrix.marked_cells(missing, 6),
        offering.margins(missing),
        offering.next_offers(missing, "EUR", 6),
        offering.hit_rates(missing),
        offering.quarter(missing, "EUR"),
    ):
        assert section.text.startswith("This base has no table holdings.")
    assert offering.metrics(missing, missing, missing, missing) == {}
