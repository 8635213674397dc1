"""The report of products on a small operator, and on bases that lack a part of it."""

import numpy as np
import pytest


@pytest.fixture(scope="module")
def ran(report, small_operator):
    given = {"BASE": str(small_operator.folder), "REPLICATES": 60}
    metrics, page, _ = report("07_products", "operator", **given)
    return metrics, page.read_text()


def test_the_next_best_product_beats_popularity_for_certain(ran):
    metrics, text = ran
    assert metrics["nbp.hit3"] > metrics["nbp.popularity_hit3"] > metrics["nbp.naive_hit3"]
    assert metrics["nbp.hit3_gain.low"] > 0
    assert metrics["nbp.hit1"] < metrics["nbp.hit3"] <= 1
    assert metrics["nbp.hit3_gain"] == pytest.approx(
        metrics["nbp.hit3"] - metrics["nbp.popularity_hit3"]
    )
    assert metrics["plan.worth.low"] < metrics["plan.worth"] < metrics["plan.worth.high"]
    assert "The next offer that earns most is" in text
    assert "what an offer adds is known from a campaign" in text


def test_planted_orders_are_marked_in_both_segments(ran):
    metrics, text = ran
    for segment in ("b2b", "b2c"):
        assert 1 <= metrics[f"matrix.{segment}.marked"] < metrics[f"matrix.{segment}.shown"]
    assert "surely follow" in text


def test_a_product_keeps_less_than_the_raw_comparison_says(ran):
    metrics, text = ran
    raw, seen, main = (metrics[f"product_effect{name}"] for name in (".raw", ".seen", ""))
    assert raw < seen < main
    assert metrics["product_effect.low"] < main < metrics["product_effect.high"]
    assert metrics["product_effect.truth"] == pytest.approx(np.expm1(-0.06))
    assert raw < metrics["product_effect.low"]
    assert "E-value" in text


def test_the_overlap_is_more_than_the_links_say(ran):
    metrics, text = ran
    assert metrics["overlap.low"] < metrics["overlap.share"] < metrics["overlap.high"]
    assert metrics["overlap.raw"] < metrics["overlap.low"]
    assert abs(metrics["overlap.share"] - metrics["overlap.truth"]) < 0.08
    assert "Points of growth" in text
