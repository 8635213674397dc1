"""The exploration on every kind of base, and its figures against known ones."""

import re
from pathlib import Path

import pandas as pd
import pytest

from src.data.bases import open_base
from src.data.building import build_base

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def hostile(tmp_path_factory):
    """A snapshot whose names attack the page, and whose groups are too small to show."""
    folder = tmp_path_factory.mktemp("bases") / "hostile"
    folder.mkdir()
    rows = 60
    frame = pd.DataFrame(
        {
            "customer_id": range(rows),
            "churned": [row % 3 == 0 for row in range(rows)],
            "tenure_months": [row % 24 for row in range(rows)],
            "plan <script>alert(1)</script>": ["<img src=x onerror=alert(1)>", "$x^2$ **b**"] * 30,
            "region": ["rare place"] * 3 + ["north", "south", "west"] * 19,
        }
    )
    frame.to_csv(folder / "a.csv", index=False)
    (folder / "base.yml").write_text(
        'title: "<script>alert(2)</script>"\nkind: snapshot\ncurrency: "<b>"\n'
        "tables: {snapshot: {file: a.csv}}\n"
    )
    return build_base(str(folder), key=b"key")


def test_ibm_telco_figures(report):
    metrics, page, _ = report("01_exploration", "ibm_telco")
    assert metrics["rows"] == 7043
    assert metrics["churn_rate"] == pytest.approx(0.2654, abs=5e-5)
    for month, share in ((12, 0.703), (24, 0.586), (36, 0.491)):
        assert metrics[f"km.month_to_month.{month}"] == pytest.approx(share, abs=5e-4)
    assert metrics["missing.cells"] == 11
    assert metrics["fingerprint"] == open_base("ibm_telco").fingerprint
    text = page.read_text()
    assert "<strong>11 cells</strong> of total_charges are empty" in text
    assert "all of them where tenure_months is 0" in text
    assert "published sample" in text


def test_cdnow_figures(report):
    metrics, page, _ = report("01_exploration", "cdnow")
    orders = open_base("cdnow").table("orders")
    assert metrics["rows"] == 69659
    assert metrics["customers"] == 23570
    assert metrics["money.total"] == pytest.approx(orders["amount"].sum())
    assert metrics["money.total"] == pytest.approx(2_500_315.63)
    first = orders.groupby("buyer_key")["date"].transform("min")
    wait = (orders["date"] - first).dt.days
    again = orders.loc[(wait > 0) & (wait <= 182), "buyer_key"].nunique()
    assert metrics["repeat_rate"] == pytest.approx(again / 23570)
    assert "Kaplan-Meier curves by first purchase" in page.read_text()  # the cohorts
    assert 0.66 < metrics["pareto.top20_share.low"] < metrics["pareto.top20_share.high"] < 0.7
    assert "have bought again" in page.read_text()


def test_operator_figures(report):
    metrics, page, _ = report("01_exploration", "operator")
    assert metrics["origin"] == "simulated"
    assert 0.015 < metrics["b2c.monthly_churn"] < 0.03
    assert 0.005 < metrics["b2b.monthly_churn"] < 0.012
    assert 0.7 < metrics["pareto.top20_share"] < 0.85
    assert 0.3 < metrics["exit.frozen_share"] < 0.6
    text = page.read_text()
    assert "simulated base" in text
    for measure in ("revenue", "data_gb"):
        assert f"In the last month before the exit, {measure} is this share of normal" in text


def test_a_panel_brought_by_the_walkthrough(report, walkthrough):
    metrics, page, _ = report(
        "01_exploration", "stadtfunk", BASE=str(walkthrough.folder), CURVES_BY="segment"
    )
    assert metrics["rows.customers"] == 202
    assert 0 < metrics["churn_rate.low"] < metrics["churn_rate"] < metrics["churn_rate.high"] < 1
    assert {"b2b.monthly_churn", "b2c.monthly_churn", "exit.frozen_share"} <= set(metrics)
    assert metrics["km.b2b.12"] != metrics["km.b2c.12"]
    assert "customers.E-Mail looks like personal data" in page.read_text()
    assert "x@y.de" not in page.read_text()
    assert "100003" not in page.read_text()


def test_a_base_without_money_or_attributes_says_what_is_missing(report, tmp_path):
    folder = tmp_path / "bare"
    folder.mkdir()
    lines = [f"{number},{'yes' if number % 4 == 0 else 'no'}" for number in range(40)]
    (folder / "a.csv").write_text("\n".join(["customer_id,churned", *lines]))
    (folder / "base.yml").write_text(
        "title: Bare\nkind: snapshot\ncurrency: EUR\ntables: {snapshot: {file: a.csv}}\n"
    )
    build_base(str(folder), key=b"key")
    metrics, page, _ = report("01_exploration", "bare", BASE=str(folder))
    text = page.read_text()
    assert metrics["churn_rate"] == 0.25
    assert not [name for name in metrics if name.startswith(("pareto", "km", "money"))]
    for lack in ("money per customer", "time per customer", "money with a time", "attributes"):
        assert f"This base has no {lack}" in text


def test_names_from_the_data_are_shown_and_not_run(report, hostile):
    _, page, _ = report("01_exploration", "hostile", BASE=str(hostile.folder))
    text = page.read_text()
    assert "<script>alert" not in text
    assert "<img src=x" not in text
    assert "&lt;script&gt;alert(2)&lt;/script&gt;" in text
    assert "&lt;img src=x onerror=alert(1)&gt;" in text
    assert "$x^2$ **b**" in re.sub(r"</?strong>", "**", text)


def test_groups_below_the_smallest_cell_are_not_shown(report, hostile):
    _, page, _ = report("01_exploration", "hostile", BASE=str(hostile.folder))
    assert "rare place" not in page.read_text()
    assert "south" in page.read_text()


def test_parameters_reach_the_notebook_and_its_header(report):
    metrics, page, _ = report(
        "01_exploration", "ibm_telco", BASE="ibm_telco", TOP_SHARE=0.1, CURVES_BY="partner"
    )
    assert "pareto.top10_share" in metrics
    assert {"km.no.12", "km.yes.12"} <= set(metrics)
    assert "<span>CURVES_BY = partner</span>" in page.read_text()


def test_the_readme_and_the_digest_say_what_the_reports_say(report):
    """Answers and figure; after a change: `make report`, then copy the answers to the README."""
    readme, digest = (
        (ROOT / name).read_text(encoding="utf-8") for name in ("README.md", "reports/README.md")
    )
    for variant in ("operator", "ibm_telco", "cdnow"):
        metrics = report("01_exploration", variant)[0]
        assert metrics["answer"] in readme
        assert f"`01_exploration__{variant}`): {metrics['answer']} *Limit:* " in digest
        assert metrics["pareto.top20_share.high"] < 0.8  # the 80/20 rule holds on none
    shown = "reports/figures/01_exploration__ibm_telco.svg"
    assert "](figures/01_exploration__ibm_telco.svg)" in digest
    _, page, _ = report("01_exploration", "ibm_telco")
    fresh = page.parent / "metrics" / "01_exploration__ibm_telco.svg"
    assert (ROOT / shown).read_bytes() == fresh.read_bytes()
