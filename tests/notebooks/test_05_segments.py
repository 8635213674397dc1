"""The report of segments on a small operator and on the orders of cdnow."""

import pytest

ENDS = ("golden.money_share", "golden.value_at_risk_share", "migration.a.value")


def check_ends(metrics, *names):
    for name in names:
        assert metrics[f"{name}.low"] < metrics[name] < metrics[f"{name}.high"]


def check_classes(metrics):
    """A brings 80 % and B most of the rest: the classes hold what they are cut by."""
    shares = [metrics[f"abc.{letter}.income"] for letter in "abc"]
    assert sum(shares) == pytest.approx(1)
    assert 0.79 < shares[0] < 0.9
    assert sum(metrics[f"abc.{letter}.customers"] for letter in "abc") == pytest.approx(1)
    assert metrics["golden.money_share"] <= shares[0] + 1e-9


def test_the_operator_has_golden_customers_and_their_risk(report, small_operator):
    given = {"BASE": str(small_operator.folder), "REPLICATES": 60}
    metrics, page, _ = report("05_segments", "operator", **given)
    check_classes(metrics)
    check_ends(metrics, *ENDS)
    assert metrics["migration.top_move.from"] == "a"
    assert metrics["migration.top_move.to"] == "gone"
    assert metrics["migration.top_move.money"] < 0
    # A twentieth more revenue at the same costs, less what the answer of past rises takes.
    price, quiet = (
        metrics[f"scenario.{name}_5.moved"]
        for name in ("price_up", "price_up_nobody_leaves_for_it")
    )
    assert 0 < quiet < 0.12 * metrics["scenario.today.value"]
    assert price != quiet
    assert (
        metrics["scenario.churn_up_5.moved.high"] < 0 < metrics["scenario.churn_down_5.moved.low"]
    )
    assert metrics["scenario.cost_up_5.moved"] < 0
    text = page.read_text()
    assert "simulated base" in text
    for words in ("The golden customers", "value at risk", "whose price stayed", "Left out:"):
        assert words in text


def test_a_shop_has_sleepers_and_no_exits(report):
    metrics, page, _ = report("05_segments", "cdnow", BASE="cdnow", MONTHS=9, APART=9)
    check_classes(metrics)
    check_ends(metrics, "golden.money_share", "migration.a.value")
    assert metrics["migration.top_move.to"] == "asleep"
    assert "golden.value_at_risk_share" not in metrics
    assert "scenario.today.value" not in metrics
    text = page.read_text()
    assert "This base has no months per customer (a panel)" in text
    assert "champions" in text
