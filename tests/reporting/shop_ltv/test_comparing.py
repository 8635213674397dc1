"""Sections of groups of buyers: the gap in words, small groups hidden, the bound moved."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from src.reporting import shop_ltv as show
from src.reporting.shop_ltv import comparing

TERMS = SimpleNamespace(currency="EUR", min_cell=10)
FACTORS = ("time", "rate", "spend", "margin_share", "association")


def gap(apart=(80.0, 50.0, 110.0), ratio=(3.0, 2.0, 4.0), noise=("time",), buyers=(60, 240)):
    groups = pd.DataFrame(
        {
            "group": ["B2B", "B2C"],
            "buyers": buyers,
            "again": [40, 150],
            "is_small": [False, False],
            "mean_value": [120.0, 40.0],
            "new_value": [150.0, 55.0],
        }
    ).assign(time=19.0, rate=0.2, spend=90.0, margin_share=0.2, association=1.1)
    value = pd.DataFrame(
        [("mean_value", "difference", *apart), ("mean_value", "ratio", *ratio)],
        columns=["figure", "of", "value", "low", "high"],
    )
    bars = pd.DataFrame(
        {"factor": [*FACTORS, "gap"], "bar": [-5.0, 10.0, 70.0, 2.0, 3.0, 80.0]}
    ).assign(first=120.0, second=40.0)
    bars = bars.assign(
        low=bars["bar"] - 9, high=bars["bar"] + 9, in_noise=bars["factor"].isin(noise)
    )
    return SimpleNamespace(groups=groups, value=value, bars=bars)


@pytest.mark.parametrize(
    ("changed", "text"),
    [
        (
            {},
            "Among B2B a buyer is worth **3.00 times (2.00 to 4.00)** as much as among B2C: the "
            "gap is 80 (50 to 110) EUR, its largest part money per purchase (+70.00, +61.00 to "
            "+79.00); in the noise: how long they buy",
        ),
        (
            {"apart": (80.0, -5.0, 110.0), "noise": ()},
            "In the value of a buyer, B2B and B2C cannot be told apart: the gap is 80 (-5 to 110) "
            "EUR, its largest part money per purchase (+70.00, +61.00 to +79.00)",
        ),
        (
            {"apart": (2.0, -5.0, 11.0), "noise": FACTORS},
            "In the value of a buyer, B2B and B2C cannot be told apart: the gap is 2 (-5 to 11) "
            "EUR, and every part of it is in the noise",
        ),
        (
            {"ratio": (np.nan,) * 3, "noise": ()},
            "Among B2B a buyer is worth more than among B2C: the gap is 80 (50 to 110) EUR, its "
            "largest part money per purchase (+70.00, +61.00 to +79.00)",
        ),
    ],
)
def test_the_gap_in_a_sentence(changed, text):
    assert comparing.gap_sentence(gap(**changed), TERMS) == text


def test_gaps_are_drawn_with_what_makes_them():
    page = show.gaps({"segment": gap()}, TERMS)._repr_mimebundle_()["text/html"]
    assert "What makes the mean value: 60 buyers among B2B, 240 among B2C" in page
    assert "Fewer than 30 buyers" not in page
    small = gap()
    small.groups["is_small"] = [True, False]
    assert "Fewer than 30 buyers" in show.gaps({"a": small}, TERMS)._repr_mimebundle_()["text/html"]


def test_a_group_of_few_buyers_is_on_no_page():
    few = {"segment": gap(buyers=(4, 240))}
    page = show.gaps(few, TERMS)._repr_mimebundle_()["text/html"]
    assert "Of B2B and B2C one group has too few buyers to be shown." in page
    assert "240" not in page
    assert "120" not in page
    lacking = SimpleNamespace(lacks="groups", adds="a gap")
    terms = SimpleNamespace(**vars(TERMS), is_assumed=False, margin_share=0.2)
    assert show.answer(lacking, lacking, lacking, lacking, few, terms).detail == ""
    enough = show.answer(lacking, lacking, lacking, lacking, {"segment": gap()}, terms)
    assert enough.detail.startswith("Among B2B a buyer is worth **3.00 times")


def moved(first=(120, 60, 8)):
    return pd.DataFrame(
        {
            "bound": [30.0, 60.0, 90.0],
            "first": first,
            "second": [300 - size for size in first],
            "gap": [40.0, 80.0, 999.0],
            "low": [20.0, 50.0, 900.0],
            "high": [60.0, 110.0, 1100.0],
            "ratio": [2.0, 3.0, 9.0],
        }
    )


def test_the_bound_moves_the_ratio_and_few_are_left_out():
    found = show.moved_bound(moved(), TERMS)
    assert found.caption == (
        "With a bound between 30 and 60 a buyer of B2B is worth **2.00 to 3.00 times** as much as "
        "one of B2C: a part of the gap is made by where the line is drawn"
    )
    assert found.frame["bound"].tolist() == [30.0, 60.0]
    one = show.moved_bound(moved(first=(120, 6, 3)), TERMS)
    assert one.caption == "Only with a bound of 30 do both groups have buyers enough"
    none = show.moved_bound(moved(first=(1, 1, 1)), TERMS)
    assert none.text == "At no bound have both groups buyers enough to be shown."


def test_metrics_of_gaps_have_their_bars():
    told = comparing.metrics({"segment": gap(ratio=(np.nan,) * 3)})
    assert told["gap.segment"] == 80.0
    assert told["gap.segment.low"] == 50.0
    assert sum(told[f"gap.segment.{name}"] for name in FACTORS) == told["gap.segment"]
    assert "gap.segment.ratio" not in told
    assert comparing.metrics(SimpleNamespace(lacks="groups", adds="a gap")) == {}
