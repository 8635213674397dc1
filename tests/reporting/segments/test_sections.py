"""Sections of 05_segments: what is said, what is drawn, and what small groups hide."""

from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
import pytest

from src.reporting import segments as show
from src.reporting.page.results import Absent
from src.reporting.segments import charts


@dataclass
class Share:
    value: float
    low: float
    high: float


@dataclass
class Terms:
    kind: str = "panel"
    currency: str = "EUR"
    money: str = "revenue"
    frequency: str = "active months"
    customer: str = "customer"
    months: int = 12
    at: str = "2025-12"
    apart: int = 12
    periods: int = 3
    rate: float = 0.12
    change: float = 0.05
    assumed_margin: float | None = None
    confidence: float = 0.95
    min_cell: int = 10
    is_simulated: bool = False


@dataclass
class Golden:
    customers: int = 200
    share: float = 0.2
    money: float = 80_000.0
    money_share: Share = field(default_factory=lambda: Share(0.8, 0.78, 0.82))
    at_risk: Share | None = field(default_factory=lambda: Share(9_000.0, 8_000.0, 10_000.0))
    at_risk_share: Share | None = field(default_factory=lambda: Share(0.7, 0.65, 0.75))
    churn: pd.DataFrame | None = None


@dataclass
class Moved:
    moves: pd.DataFrame
    changes: pd.DataFrame
    worth: pd.DataFrame
    segments: tuple = ("A", "B")
    floors: tuple | None = (100.0, 10.0)
    first: str = "2024-12"
    second: str = "2025-12"
    drift: dict | None = field(
        default_factory=lambda: {"moved": 0.05, "chance": 0.02, "one_matrix": 0.0}
    )


class Lacking:
    lacks, adds = "months per customer (a panel)", "what is at risk"


@pytest.fixture
def moved():
    moves = pd.DataFrame(
        [
            ("A", "A", 60, 0.6, 6_000.0, 6_500.0),
            ("A", "B", 5, 0.05, 700.0, 70.0),
            ("A", "gone", 35, 0.35, 4_000.0, 0.0),
            ("B", "A", 20, 0.2, 900.0, 2_500.0),
            ("B", "B", 80, 0.8, 2_000.0, 2_100.0),
            ("B", "gone", 0, 0.0, 0.0, 0.0),
            ("new", "A", 12, np.nan, 0.0, 1_300.0),
            ("new", "B", 0, np.nan, 0.0, 0.0),
        ],
        columns=["before", "after", "customers", "share", "money_before", "money_after"],
    )
    changes = moves[(moves["before"] != moves["after"]) & (moves["customers"] > 0)]
    changes = changes.assign(money=changes["money_after"] - changes["money_before"])
    changes = changes.loc[changes["money"].abs().sort_values(ascending=False).index]
    worth = pd.DataFrame(
        {
            "segment": ["A", "B"], "customers": [92, 80], "money": [110.0, 26.0],
            "stays": [264.0, 62.0], "value": [200.0, 80.0], "low": [180.0, 70.0],
            "high": [220.0, 90.0],
        }
    )  # fmt: skip
    return Moved(moves, changes, worth)


def text_of(shown):
    return shown._repr_mimebundle_()["text/plain"]


def page_of(shown):
    return shown._repr_mimebundle_()["text/html"]


def test_the_answer_names_customers_money_risk_and_the_move(moved):
    text = text_of(show.answer(Golden(), moved, Terms()))
    assert "**200 golden customers**, 20% of all, bring **80% (78 to 82)** of the revenue" in text
    assert "**9 k (8 k to 10 k) EUR** of value at risk, 70% (65 to 75) of that of all" in text
    assert "**A to gone**: 35 customers and **-4 k EUR** of yearly revenue" in text
    assert "who came new brings 1.3 k" in text


def test_the_answer_of_a_shop_says_what_it_cannot(moved):
    golden = Golden(at_risk=None, at_risk_share=None)
    shop = Terms(kind="orders", customer="buyer", money="sales")
    text = text_of(show.answer(golden, Lacking(), shop))
    assert "at risk" not in text.partition("Limit:")[0]
    assert "A shop never knows who is gone" in text
    assert "assumed to be 40%" in text_of(show.answer(golden, moved, Terms(assumed_margin=0.4)))


def test_few_movers_are_not_told(moved):
    page = page_of(show.migration(moved, Terms()))
    assert "700" not in page  # what five customers paid
    assert "few" in page
    assert "does <strong>not</strong> describe the span" in page
    assert "200 (180 to 220)" in page


def test_one_line_where_two_dates_are_lacking():
    shown = show.migration(Lacking(), Terms())
    assert isinstance(shown, Absent)
    assert "This base has no months per customer" in shown.text


def test_the_matrix_hides_cells_of_few():
    cells = pd.DataFrame(
        {
            "abc": list("AAABBBCCC"), "xyz": list("XYZ") * 3,
            "customers": [150, 50, 0, 3, 100, 97, 200, 200, 200],
            "customers_share": 0.1, "money": [70.0, 10, 0, 1, 7, 7, 2, 2, 1],
            "money_share": [0.7, 0.1, 0, 0.01, 0.07, 0.07, 0.02, 0.02, 0.01],
            "at_risk": 100.0,
        }
    )  # fmt: skip
    classes = pd.DataFrame(
        {"abc": list("ABC"), "customers_share": [0.2, 0.2, 0.6], "money_share": [0.8, 0.15, 0.05]}
    )
    churn = pd.DataFrame(
        {
            "group": ["golden", "others"],
            "rate": [0.1, 0.2],
            "low": [0.08, 0.18],
            "high": [0.12, 0.22],
        }
    )
    page = page_of(show.matrix(cells, classes, Golden(churn=churn), Terms()))
    assert "150 customers" in page
    assert "3 customers" not in page
    assert "A 20% of customers with 80%" in page
    assert "The golden leave less often: of those golden 12 months before, 10.0%" in page


def test_flows_are_as_thick_as_the_money(ax, moved):
    charts.draw_flows(ax, moved.moves, moved.segments)
    heights = {round(patch.get_height(), 6) for patch in ax.patches}
    whole = 13_600.0  # of the first date, the larger one
    assert round(10_700 / whole, 6) in heights
    assert round(2_900 / whole, 6) in heights
    words = {text.get_text() for text in ax.texts}
    assert {"A  10.7 k", "B  2.9 k", "new", "gone"} <= words


@dataclass
class Changed:
    today: pd.Series
    table: pd.DataFrame
    responses: dict
    unanswered: dict
    mix: dict
    past_rise: float = 0.07
    change: float = 0.05


def test_scenarios_say_what_was_seen_and_what_was_not():
    names = ["price up", "churn down"]
    table = pd.DataFrame(
        {
            "change": np.repeat(names, 2), "segment": ["B2B", "all"] * 2, "value": 1_050.0,
            "low": 900.0, "high": 1_200.0, "moved": 50.0, "moved_low": 30.0, "moved_high": 70.0,
        }
    )  # fmt: skip
    response = pd.DataFrame(
        {"first": [1], "last": [3], "ratio": [1.8], "low": [1.7], "high": [1.9]}
    )
    changed = Changed(
        pd.Series({"B2B": 1_000.0, "all": 1_000.0}), table, {"B2C": response},
        {"B2B": "too few left"},
        {"B2B": Share(25.0, 20.0, 30.0), "B2C": Share(-40.0, -50.0, -30.0)},
    )  # fmt: skip
    text = text_of(show.scenarios(changed, Terms()))
    assert "from 1 k by +50 (+30 to +70) EUR, as many leaving as after past rises" in text
    assert "months 1 to 3 after a rise, 180% (170 to 190)" in text
    assert "In B2B no answer counts: too few left" in text
    assert "5% more B2B among as many customers" in text
    assert "**+25 (+20 to +30)** EUR" in text
    unknown = replace(changed, responses={}, unanswered={"B2B": "no events", "B2C": "no events"})
    assert "if nobody left for it: nothing is known" in text_of(show.scenarios(unknown, Terms()))
    values = show.metrics(*[Lacking()] * 3, changed, (Lacking(),) * 3, Terms()).values
    assert values["scenario.price_up_5.value"] == 1_050.0
    assert values["scenario.today.value"] == 1_000.0
