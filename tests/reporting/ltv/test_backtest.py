import numpy as np
import pandas as pd
import pytest

from src.reporting.ltv import backtest as words

BARS = pd.DataFrame({"factor": ["lifetime", "margin_share", "gap"], "bar": [100.0, -80.0, 1325.0]})
TESTED = pd.DataFrame(
    {
        "group": ["B2B", "B2B", "B2C", "B2C", "B2C"],
        "estimator": ["main", "constant_churn", "main", "constant_churn", "all_zero"],
        "bias": [0.021, -0.25, -0.0049, -0.1, -1.0],
        "low": [-0.01, -0.3, -0.02, -0.12, -1.0],
        "high": [0.052, -0.2, 0.01, -0.08, -1.0],
        "mae": [100.0, 200, 10, 20, 30],
        "gini": [0.9, 0.5, 0.8, 0.4, np.nan],
    }
)


def test_the_finance_line_and_its_metrics():
    assert words.backtest_sentence(TESTED, 12) == (
        "Fitted 12 months ago, the main estimate misses the margin that came by +2.1% (-1.0 to "
        "+5.2) in B2B and -0.5% (-2.0 to +1.0) in B2C; constant churn by -25.0% (-30.0 to -20.0) "
        "in B2B and -10.0% (-12.0 to -8.0) in B2C."
    )
    assert words.backtest_metrics(TESTED) == {
        "backtest.b2b.bias": 0.021,
        "backtest.b2b.bias.low": -0.01,
        "backtest.b2b.bias.high": 0.052,
        "backtest.b2b.mae": 100.0,
        "backtest.b2b.gini": 0.9,
        "backtest.b2b.constant_churn_bias": -0.25,
        "backtest.b2c.bias": -0.0049,
        "backtest.b2c.bias.low": -0.02,
        "backtest.b2c.bias.high": 0.01,
        "backtest.b2c.mae": 10.0,
        "backtest.b2c.gini": 0.8,
        "backtest.b2c.constant_churn_bias": -0.1,
    }


def test_tenths_inside_their_interval():
    table = pd.DataFrame(
        {"group": ["B2B"] * 10 + ["B2C"] * 3, "is_inside": [True] * 7 + [False] * 4 + [True] * 2}
    )
    assert words.decile_sentence(table) == (
        "Tenths whose prediction lies in the interval of what came: B2B 7 of 10 and B2C 2 of 3."
    )


def test_against_the_truth():
    assert words.truth_sentence(TESTED, 0.973) == (
        "Against the hidden 24 months the main estimate's total is off by +2.1% (-1.0 to +5.2) in "
        "B2B and -0.5% (-2.0 to +1.0) in B2C; its order of customers reaches 97.3% of the fair "
        "oracle's Gini."
    )
    assert words.truth_bias_sentence(TESTED) == (
        "The total of the hidden 24 months is missed in B2B -25.0% by constant churn, +2.1% by the "
        "main estimate and in B2C -10.0% by constant churn, -0.5% by the main estimate."
    )


def test_metrics_of_the_truth():
    true = BARS.assign(bar=BARS["bar"] + 1)
    found = words.truth_metrics(TESTED.iloc[[0, 3]], TESTED.iloc[[4]], 0.97, BARS, true)
    assert found == {
        "truth.gini_ratio": 0.97,
        "truth.b2b.main_bias": 0.021,
        "truth.b2b.main_bias.low": -0.01,
        "truth.b2b.main_bias.high": 0.052,
        "truth.b2c.constant_churn_bias": -0.1,
        "truth.b2c.constant_churn_bias.low": -0.12,
        "truth.b2c.constant_churn_bias.high": -0.08,
        "truth.b2c.expected.all_zero.bias": -1.0,
        "truth.b2c.expected.all_zero.bias.low": -1.0,
        "truth.b2c.expected.all_zero.bias.high": -1.0,
        "truth.b2c.expected.all_zero.mae": 30,
        "truth.gap.bar.lifetime": 101.0,
        "truth.gap.bar.margin": -79.0,
        "truth.gap": 1326.0,
    }
    with pytest.raises(ValueError, match="zip"):
        words.truth_metrics(TESTED, TESTED, 0.97, BARS, true.head(1))


def test_against_the_expectation_with_the_best_of_the_others():
    oracle = pd.DataFrame(
        {"group": ["B2B", "B2C"], "estimator": "oracle", "bias": [0.001, 0], "mae": [60.0, 8]}
    )
    labels = {"constant_churn": "constant churn", "all_zero": "nobody brings anything"}
    table = pd.concat([TESTED, oracle])
    assert words.expected_sentence(table) == (
        "Against the true expectation, without the luck of who left, the main estimate's total is "
        "off by +2.1% (-1.0 to +5.2) in B2B and -0.5% (-2.0 to +1.0) in B2C."
    )
    assert words.errors_sentence(table, labels, "EUR") == (
        "The main estimate misses a customer on average in B2B by 100 EUR (the best of the others, "
        "constant churn, 200; the fair oracle 60) and in B2C by 10 EUR (the best of the others, "
        "constant churn, 20; the fair oracle 8)."
    )
