"""The lifetime value report on a small simulated operator and on IBM Telco."""

import json
import re

import numpy as np
import pandas as pd
import pytest

from src.data.building import build_base
from src.data.problems import InputError

BARS = ("lifetime", "arpu", "margin", "association")


def check_gap(metrics, first, second):
    """The bars add up, every figure has its interval around it."""
    difference = metrics[f"{first}.ltv"] - metrics[f"{second}.ltv"]
    assert metrics["gap"] == pytest.approx(difference, rel=1e-9)
    assert sum(metrics[f"gap.bar.{bar}"] for bar in BARS) == pytest.approx(difference, rel=1e-9)
    for name in (f"{first}.ltv", f"{second}.ltv", "ratio", "gap", "gap.bar.lifetime"):
        assert metrics[f"{name}.low"] < metrics[name] < metrics[f"{name}.high"]


def check_settings(metrics, text):
    """Among other settings stands the report's own, with the report's gap."""
    row = re.search(r"36 months, 12% a year</td>\s*<td[^>]*>([\d,]+)</td>", text)
    assert row[1] == f"{metrics['gap']:,.0f}"


def test_operator_against_the_truth(value):
    metrics, page, _ = value()
    check_gap(metrics, "b2b", "b2c")
    check_settings(metrics, page.read_text())
    assert metrics["origin"] == "simulated"
    # A tenth of the shipped base: totals within a tenth, where constant churn is off by more.
    for segment in ("b2b", "b2c"):
        assert abs(metrics[f"truth.{segment}.main_bias"]) < 0.10
        assert metrics[f"truth.{segment}.constant_churn_bias"] < -0.08
        assert abs(metrics[f"backtest.{segment}.bias"]) < 0.15
    assert metrics["truth.gini_ratio"] > 0.95
    assert metrics["ratio.low"] > 2
    assert metrics["truth.gap"] == pytest.approx(metrics["gap"], rel=0.25)
    assert metrics["elasticity.b2b.retention"] > 1
    # B2C has hardly any terms, so the sBG projects better than constant churn.
    assert metrics["retention.b2c.sbg"] < metrics["retention.b2c.constant_churn"]
    text = page.read_text()
    for words in (
        "beyond 24 months this is an <strong>extrapolation</strong>",
        "Leaving in part, and value at risk",
        "constant churn",
        "Lines within B2B",
        "paid back in month",
        "the survivors of months 13 to 24 are missed least",
        "simulated operators, 90% intervals made this way held the truth of",
    ):
        assert words in text


def test_ibm_telco_compares_contracts(report):
    given = {"BASE": "ibm_telco", "GROUP": "contract", "FIRST": "Two year"}
    given |= {"SECOND": "Month-to-month", "SUB_SEGMENT": "internet_service", "REPLICATES": 50}
    metrics, page, _ = report("04_ltv", "ibm_telco", **given)
    check_gap(metrics, "two_year", "month_to_month")
    # They stay longer and pay less a month; the margin is one share for all.
    assert metrics["gap.bar.lifetime.low"] > 0 > metrics["gap.bar.arpu.high"]
    assert metrics["gap.bar.margin"] == pytest.approx(0, abs=1e-9)
    text = page.read_text()
    check_settings(metrics, text)
    assert "The margin is assumed to be 50% of revenue" in text
    assert "This base has no months per customer (a panel)" in text


def test_bills_without_costs_have_a_margin_that_is_assumed(report, revenue_only):
    quick = {"REPLICATES": 50, "SHAPES": 2, "EVERY": 4, "MARGIN_SHARE": 0.4}
    metrics, page, _ = report("04_ltv", "revenue_only", BASE=str(revenue_only.folder), **quick)
    check_gap(metrics, "b2b", "b2c")
    # One share for all explains nothing of the gap.
    assert abs(metrics["gap.bar.margin"]) < 0.02 * metrics["gap"]
    text = page.read_text()
    assert "The margin is assumed to be 40% of revenue" in text
    assert "This base has no known truth" in text


def snapshot(folder, plans, churned):
    """A snapshot base of customers with a plan, a tenure and revenue."""
    rng = np.random.default_rng(3)
    rows = len(plans)
    frame = pd.DataFrame(
        {
            "customer_id": range(rows),
            "churned": churned,
            "tenure_months": rng.integers(1, 60, rows),
            "monthly_revenue": rng.gamma(4, 10, rows).round(2),
            "plan": plans,
            "region": rng.choice(["north", "south"], rows),
        }
    )
    folder.mkdir()
    frame.to_csv(folder / "a.csv", index=False)
    (folder / "base.yml").write_text(
        "title: Plans\nkind: snapshot\ncurrency: EUR\ntables: {snapshot: {file: a.csv}}\n"
    )
    return build_base(str(folder), key=b"key")


def test_few_ended_lives_give_an_interval_and_a_warning(report, tmp_path):
    plans = np.repeat(["basic", "rare"], [600, 60])
    churned = np.arange(660) % 4 == 0
    base = snapshot(tmp_path / "thin", plans, churned)
    given = {"BASE": str(base.folder), "GROUP": "plan", "FIRST": "basic", "SECOND": "rare"}
    metrics, page, _ = report("04_ltv", "thin", REPLICATES=50, HORIZON=24, **given)
    assert metrics["rare.ltv"] is None
    assert metrics["rare.ltv.low"] < metrics["rare.ltv.high"]
    assert metrics["basic.ltv"] > 0
    text = page.read_text()
    assert "Too few ended lives for a point" in text
    assert "<strong>between " in text


def test_one_group_says_what_is_missing(tmp_path, monkeypatch):
    from src.commands import notebooks, render_report, run_notebook

    base = snapshot(tmp_path / "one", np.repeat("basic", 200), np.arange(200) % 3 == 0)
    written = tmp_path / "params/04_ltv"
    written.mkdir(parents=True)
    given = {"BASE": str(base.folder), "GROUP": "plan", "FIRST": "basic", "SECOND": "premium"}
    (written / "one.yml").write_text(json.dumps(given))
    for module in (notebooks, run_notebook, render_report):
        monkeypatch.setattr(module, "REPORTS", tmp_path / "reports")
    monkeypatch.setattr(notebooks, "PARAMETERS", tmp_path / "params")
    words = r"SECOND must be a value of plan, not 'premium'\. It has basic"
    with pytest.raises(InputError, match=words):
        run_notebook.main(["04_ltv", "one"])
