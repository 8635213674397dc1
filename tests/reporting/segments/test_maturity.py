"""What is said and drawn of tiers and of effort."""

from types import SimpleNamespace

import pandas as pd
import pytest

from src.reporting.segments import efforts, maturity


@pytest.fixture
def report():
    table = pd.DataFrame({"tier": ["1", "2", "3+"], "customers": [200, 100, 4]})
    table["share"] = table["customers"] / 304
    for name, values in {"fit": [0.5, 0.8, None], "value": [100.0, 250, None]}.items():
        table[name] = values
        table[f"{name}_low"], table[f"{name}_high"] = 0.9 * table[name], 1.1 * table[name]
    return SimpleNamespace(
        table=table, steps=pd.DataFrame(), verdict="supported", value_is="margin", own=True,
        accuracy=SimpleNamespace(value=0.99, low=0.98, high=0.995), currency="EUR",
    )  # fmt: skip


def test_tiers_in_words_without_small_groups(report):
    text = maturity.tiers(report)._repr_mimebundle_()["text/plain"]
    assert "is 100 (90 to 110) in tier 1 and 250 (225 to 275) in tier 2, EUR" in text
    assert "the mean rises from each tier to the next" in text
    assert "by the table of tiers of this base" in text
    assert "fewer than 10" in text
    assert "0.013" not in text  # the share of four customers
    assert "99.0% (98.0 to 99.5) of the customers who are there" in text
    report.accuracy, report.verdict = None, "undecided"
    text = maturity.tiers(report)._repr_mimebundle_()["text/plain"]
    assert "is not decided by these data" in text
    assert "truth" not in text


def test_metrics_of_tiers(report):
    assert maturity.tier_metrics(report) == {
        "tiers.accuracy": 0.99,
        "tiers.accuracy.low": 0.98,
        "tiers.accuracy.high": 0.995,
        "tiers.1.customers": 200,
        "tiers.1.value": 100.0,
        "tiers.2.customers": 100,
        "tiers.2.value": 250.0,
    }
    report.table["customers"] = [10, 9, 20]
    report.accuracy = None
    assert list(maturity.tier_metrics(report)) == [
        "tiers.1.customers", "tiers.1.value", "tiers.3_plus.customers", "tiers.3_plus.value",
    ]  # fmt: skip


def test_value_is_drawn_from_zero(ax, report):
    maturity.draw_value(ax, report.table.head(2), "EUR")
    assert [bar.get_height() for bar in ax.patches] == [100.0, 250.0]
    assert ax.get_ylim() == (0.0, pytest.approx(1.15 * 275))
    assert [label.get_text() for label in ax.get_xticklabels()] == ["tier 1", "tier 2"]


@pytest.fixture
def shares():
    efforts = ["customers", "income", "contacts", "tickets"]
    whole = pd.DataFrame({"effort": efforts, "total": [1000.0, 9e4, 50, 0], "group": "all"})
    whole["share"] = [0.2, 0.8, 0.3, None]
    whole["low"], whole["high"] = whole["share"] - 0.05, whole["share"] + 0.05
    small = whole.assign(group="B2B", total=[40.0, 1e4, 5, 0])
    return pd.concat([whole, small], ignore_index=True)


def test_effort_in_words_without_small_groups(shares):
    text = efforts.effort(shares)._repr_mimebundle_()["text/plain"]
    assert "bring 80% of the income are 20% of the customers and get 30% (25 to 35)" in text
    assert efforts.effort_metrics(shares) == {
        "effort.customers_share": 0.2,
        "effort.income_share": 0.8,
        "effort.contacts_share": 0.3,
    }
    few = efforts.effort(shares[shares["group"] == "B2B"])  # 8 of 40
    assert "Too few customers" in few._repr_mimebundle_()["text/plain"]


def test_effort_is_drawn_beside_the_income(ax, shares):
    efforts.draw_effort(ax, shares.dropna())
    widths = [round(bar.get_width(), 2) for bar in ax.patches]
    assert widths == [0.2, 0.3, 0.2, 0.3]
    assert {"all", "B2B", "20%", "30%"} <= {text.get_text() for text in ax.texts}
