"""The sections of growth points and of matched buyers."""

from types import SimpleNamespace

import pandas as pd
import pytest

from src.analyses.missing import Missing
from src.reporting.page.results import Absent
from src.reporting.products import buying as show

LACKING = Missing("table orders (the purchases of a shop)", "the overlap")


@pytest.fixture
def shoppers():
    effects = pd.DataFrame(
        {
            "outcome": ["left", "revenue"],
            "buyers": [0.2, 50.0],
            "others": [0.1, 40.0],
            "alike": [0.25, 51.0],
            "raw": [0.1, 10.0],
            "matched": [-0.05, -1.0],
            "matched_low": [-0.09, -4.0],
            "matched_high": [-0.01, 2.0],
        }
    )
    balance = pd.DataFrame(
        {"column": ["age", "revenue"], "before": [0.4, -0.05], "after": [-1e-9, 0.004]}
    )
    found = SimpleNamespace(
        effects=effects, balance=balance, buyers=150, others=900, effective=300.4
    )
    return SimpleNamespace(
        found=found,
        known_at="2024-04",
        at="2024-10",
        months=12,
        hidden=0.05,
        currency="EUR",
        confidence=0.95,
    )


def page(section):
    bundle = section._repr_mimebundle_()
    return bundle["text/html"], bundle["text/plain"]


def test_growth_points():
    bought = pd.DataFrame({"what": ["all", "phones"], "total": [9_000.0, 5_000.0]})
    bought = bought.assign(strangers=4_000.0, low=3_000.0, high=5_000.0, share=0.44)
    idle = pd.DataFrame({"group": ["B2C", "B2B"], "subscribers": [500, 6], "idle": [400.0, 5.0]})
    idle = idle.assign(idle_low=380.0, idle_high=420.0, idle_share=0.8)
    idle = idle.assign(spend=30.0, spend_low=25.0, spend_high=35.0)
    found = SimpleNamespace(
        accounts=1000,
        strangers=480.2,
        strangers_low=440.0,
        strangers_high=520.0,
        bought=bought,
        idle=idle,
        currency="EUR",
        months=12,
    )
    html, text = page(show.growth(found))
    assert "480 buyers" in text
    assert "they spend 4 k (3 k to 5 k) EUR a month" in text
    assert "everything" in html
    assert "B2B" not in text  # six customers are no group of a page
    assert "Most subscribers who do not buy are **B2C**: 400, 80% of that segment" in text


@pytest.mark.parametrize(
    ("low", "high", "verdict"),
    [
        (-0.09, -0.01, "buyers leave less"),
        (-0.09, 0.01, "no difference can be told from chance"),
    ],
)
def test_the_matched_difference_decides(shoppers, low, high, verdict):
    shoppers.found.effects.loc[0, ["matched_low", "matched_high"]] = [low, high]
    assert verdict in show.shoppers_sentence(shoppers)


def test_shoppers_with_balance_and_limits(shoppers):
    html, text = page(show.shoppers(shoppers))
    assert (
        "-5.0 points of leaving within 12 months (-9.0 to -1.0); beside all others it is +10.0"
        in (text)
    )
    assert "1 of 2 traits differed by more than 0.1 standard deviations" in text
    assert "5.0% of the others buy unseen" in text
    assert "<details>" in html
    assert "-0.00" not in html
    shoppers.hidden = None
    assert "buy unseen" not in page(show.shoppers(shoppers))[1]


@pytest.mark.parametrize("section", [show.growth, show.shoppers])
def test_what_the_base_lacks_is_one_line(section):
    shown = section(LACKING)
    assert isinstance(shown, Absent)
    assert "table orders" in shown.text
