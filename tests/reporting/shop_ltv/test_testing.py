"""Sections of the test of shop models: verdicts, totals, orders, and the names of metrics."""

from types import SimpleNamespace

import pandas as pd
import pytest

from src.reporting import shop_ltv as show
from src.reporting.shop_ltv import testing

TERMS = SimpleNamespace(currency="EUR", min_cell=10)
VALUES = {  # of METRICS
    "bg_nbd": (900.0, -0.1, 0.78, 1.6, 0.45, 0.45),
    "model_median": (400.0, -0.6, 0.66, 1.7, 0.46, 0.46),
    "hybrid_median": (380.0, -0.62, 0.65, 1.7, 0.25, 0.25),
    "all_zero": (0.0, -1.0, 0.80, 2.2, float("nan"), float("nan")),
    "naive_rate": (1500.0, 0.5, 1.02, 2.2, 0.49, 0.49),
}
METRICS = ("total", "total_error", "mae", "rmse", "spearman", "spearman_money")


def judged(mae=(-0.02, -0.03, -0.01), boosting=(-0.01, -0.03, 0.01), order=(0.1, 0.05, 0.15)):
    figures = pd.DataFrame(
        [
            (model, metric, value, value - 0.05, value + 0.05)
            for model, values in VALUES.items()
            for metric, value in zip(METRICS, values, strict=True)
        ],
        columns=["model", "metric", "value", "low", "high"],
    )
    differences = pd.DataFrame(
        [
            ("bg_nbd", "all_zero", "mae", *mae),
            ("hybrid_median", "model_median", "mae", *boosting),
            ("bg_nbd", "naive_rate", "spearman", *order),
        ],
        columns=["model", "versus", "metric", "difference", "low", "high"],
    )
    in_noise = (differences["low"] <= 0) & (differences["high"] >= 0)
    return SimpleNamespace(
        figures=figures, differences=differences.assign(in_noise=in_noise), buyers=2000
    )


def trial(**changed):
    return SimpleNamespace(
        rows=pd.DataFrame({"actual": [600, 400]}),
        judged=judged(**changed),
        money=judged(**changed),
        main="bg_nbd",
        best="hybrid_median",
        weeks=39,
    )


@pytest.mark.parametrize(
    ("mae", "long", "short"),
    [
        ((-0.02, -0.03, -0.01), "the model is **barely better**", "is barely better than"),
        ((-0.20, -0.25, -0.15), "the model is **better**", "is better than"),
        ((0.10, 0.05, 0.15), "the model is **worse**", "is worse than"),
        ((-0.02, -0.05, 0.01), "**the two cannot be told apart**", "cannot be told from"),
    ],
)
def test_the_verdict_against_saying_that_nobody_comes(mae, long, short):
    total = (
        "For the 39 weeks kept back BG/NBD, the likeliest model before them, expected **900 "
        "purchases of 2,000 buyers, and 1,000 came** (-10.0%, -15.0 to -5.0)"
    )
    assert testing.error_sentence(trial(mae=mae)) == (
        f"{total}. Its mean error is 0.780 purchases per buyer, that of saying that nobody buys "
        f"again 0.800: {long} ({mae[0]:+.3f}, {mae[1]:+.3f} to {mae[2]:+.3f})"
    )
    assert testing.verdict_sentence(trial(mae=mae)) == (
        f"{total}; buyer by buyer it {short} saying that nobody buys again"
    )


@pytest.mark.parametrize(
    ("boosting", "words"),
    [
        ((-0.01, -0.03, 0.01), "nothing beyond the median that can be told"),
        ((-0.01, -0.02, -0.005), "more than the median"),
        ((0.02, 0.01, 0.03), "less than the median"),
    ],
)
def test_boosting_is_measured_against_the_plain_median(boosting, words):
    text = testing.median_sentence(trial(boosting=boosting))
    assert text.endswith(
        "Boosting on top of the model, trained for the mean error, is off by 16.7% less than "
        "BG/NBD; the model's own median, without any learning, by 15.4% less: boosting brings "
        f"{words}."
    )
    without = trial()
    without.judged.figures = without.judged.figures.query("model != 'hybrid_median'")
    assert "Boosting" not in testing.median_sentence(without)


@pytest.mark.parametrize(
    ("order", "words"),
    [
        ((0.1, 0.05, 0.15), "the model orders better"),
        ((-0.1, -0.15, -0.05), "the rate orders better"),
        ((0.1, -0.05, 0.15), "the two cannot be told apart"),
    ],
)
def test_money_is_told_with_its_order(order, words):
    assert testing.money_sentence(trial(order=order), "EUR") == (
        "In money 900 EUR were expected and 1 k came (-10.0%, -15.0 to -5.0); the rate so far "
        "would have been +50.0% off. The rank correlation of expected money with the money that "
        f"came is **0.45 (0.40 to 0.50)**, that of the rate so far 0.49: {words}"
    )


def test_the_table_has_the_mean_error_with_its_interval():
    page = show.comparison(trial(), TERMS)._repr_mimebundle_()["text/html"]
    assert "0.780 (0.730 to 0.830)" in page
    assert "nobody buys again" in page
    assert "nan" not in page
    few = trial()
    few.judged.buyers = 9
    assert show.comparison(few, TERMS).text.startswith("Too few buyers")
    lacking = SimpleNamespace(lacks="weeks", adds="the test")
    assert show.comparison(lacking, TERMS).text.startswith("This base has no weeks.")


def weeks(expected=(5.0, 6.0, 4.0, 3.0), actual=(4, 7, 8, 2)):
    table = pd.DataFrame(
        {
            "ends": pd.date_range("2024-01-07", periods=4, freq="7D"),
            "is_holdout": [False, False, True, True],
            "expected": expected,
            "actual": actual,
        }
    )
    table = table.assign(low=table["actual"] * 0.8, high=table["actual"] * 1.2)
    sums = table[["expected", "actual", "low", "high"]].cumsum().add_suffix("_so_far")
    return table.join(sums)


def test_weeks_say_what_came_and_the_week_furthest_off():
    page = show.weeks(weeks())._repr_mimebundle_()["text/plain"]
    assert "10 repeat purchases came where 7 were expected: the model expected 30.0% too f" in page
    assert "The week furthest off ends on 2024-01-21: 8 purchases came, 4.0 were expected" in page
    many = show.weeks(weeks(actual=(4, 7, 1, 0)))._repr_mimebundle_()["text/plain"]
    assert "1 repeat purchase came where 7 were expected: the model expected 600.0% too m" in many
    none = show.weeks(weeks(actual=(4, 7, 0, 0)))._repr_mimebundle_()["text/plain"]
    assert "0 repeat purchases came where 7 were expected\n" in none


def test_a_frequency_of_few_buyers_is_not_drawn():
    table = pd.DataFrame(
        {
            "frequency": ["0", "1", "2"],
            "buyers": [500, 90, 3],
            "actual": [0.2, 0.7, 9.9],
            "low": [0.15, 0.6, 9.0],
            "high": [0.25, 0.8, 10.0],
            "bg_nbd": [0.21, 0.5, 1.0],
            "pareto_nbd": [0.1, 0.5, 1.0],
        }
    )
    assert show.by_frequency(table, TERMS).finding == (
        "**BG/NBD** lies outside the interval of what came in 1 of 2 groups, Pareto/NBD in 2"
    )
    few = table.assign(buyers=3)
    assert "No number of purchases" in show.by_frequency(few, TERMS).text


def test_metrics_have_the_names_of_the_models():
    told = testing.metrics(trial())
    assert told["holdout.bgnbd.mae"] == 0.78
    assert told["holdout.bgnbd.mae.low"] == pytest.approx(0.73)
    assert told["holdout.best.mae"] == 0.65
    assert told["holdout.best"] == "model and boosting, median"
    assert (told["holdout.main"], told["holdout.main.mae"]) == ("BG/NBD", 0.78)
    assert told["holdout.spearman"] == 0.45
    assert told["holdout.actual"] == 1000
    assert "holdout.all_zero.spearman" not in told
    assert testing.metrics(SimpleNamespace(lacks="weeks", adds="the test")) == {}
