import numpy as np
import pandas as pd

from src.reporting.churn import alt


def curves(x: str, y: str) -> pd.DataFrame:
    parts = [
        pd.DataFrame({"model": name, x: [0.0, 0.5, 1.0], y: [0.0, height, 1.0]})
        for name, height in (("a", 0.9), ("b", 0.8), ("c", 0.6))
    ]
    return pd.concat(parts, ignore_index=True)


def test_curves_are_read_where_it_matters():
    assert alt.roc(curves("false_positive_rate", "true_positive_rate"), ["a", "b"]) == (
        "ROC curves of 3 models. Contacting 10% of those who stayed in vain finds of the churners: "
        "a 18.0% and b 16.0%; by chance 10%."
    )
    unknown_at_first = curves("recall", "precision")
    unknown_at_first.loc[0, "precision"] = np.nan
    assert alt.precision_recall(unknown_at_first, ["a"], 0.125) == (
        "Precision by recall of 3 models. On the list that finds half of the churners, this share "
        "churns: a 90.0%; by chance 12.5%."
    )
    assert alt.gains(curves("share", "churners_share"), ["a"], 0.25) == (
        "Cumulative gains. The first 10% of customers hold of the churners: a 18.0% (random 10%, "
        "perfect 40%); the first 30%: a 54.0%."
    )


def test_calibration_counts_the_intervals_that_hold():
    bins = pd.DataFrame(
        {"chance": [0.1, 0.4], "rate": [0.12, 0.3], "low": [0.08, 0.2], "high": [0.16, 0.35]}
    )
    assert alt.calibration(bins) == (
        "Calibration curve in 2 bins. Lowest: 10.0% said, 12.0% (8.0 to 16.0) happened. "
        "Highest: 40.0% said, 30.0% (20.0 to 35.0) happened. "
        "What was said lies in the interval of 1 of 2."
    )


PROFIT = pd.DataFrame(
    {
        "share": [0, 0.04, 1.0],
        "profit": [0, 2000.0, -9000],
        "low": [0, 1500.0, -9900],
        "high": [0, 2400.0, -8100],
    }
)


def test_profit_is_read_at_the_depth():
    assert alt.profit(PROFIT, 0.04, "EUR") == (
        "Profit by length of the list. The planned top 4.0%: 2 k EUR (1.5 k to 2.4 k). "
        "Contacting everybody: -9 k EUR."
    )
    assert alt.profit(PROFIT, 0, "EUR") == (
        "Profit by length of the list. It is above zero nowhere. Contacting everybody: -9 k EUR."
    )
    both = pd.concat([PROFIT.assign(ordering="value"), PROFIT.assign(ordering="recency")])
    assert alt.orderings(both, {"value": 0.04, "recency": 0.02}, "EUR") == (
        "Profit by length of the list for 2 orders of it: value 2 k EUR at the top 4.0% and "
        "recency 1 k EUR at the top 2.0%."
    )


def test_differences_name_those_in_the_noise():
    compared = pd.DataFrame(
        {
            "model": ["far", "best", "near"],
            "difference": [0.05, 0.0, 0.001],
            "difference_low": [0.04, 0.0, -0.002],
            "difference_high": [0.06, 0.0, 0.004],
            "in_noise": [False, True, True],
            "is_best": [False, True, False],
        }
    )
    found = alt.differences(compared, "log loss")
    assert found == (
        "Differences in log loss to the best, best: far +0.0500 (+0.0400 to +0.0600) and near "
        "+0.0010 (-0.0020 to +0.0040). In the noise: near."
    )
    assert alt.differences(compared.iloc[:2], "AUC").endswith("None is in the noise.")


def test_months_are_read_at_their_ends():
    quality = pd.DataFrame(
        {
            "group": ["B2B", "B2B"],
            "month": [12, 1],
            "value": [0.7, 0.9],
            "low": [0.65, 0.88],
            "high": [0.75, 0.92],
        }
    )
    assert alt.over_months(quality, "AUC", "months of warning") == (
        "AUC by months of warning: B2B from 0.900 (0.880 to 0.920) at 1 to 0.700 "
        "(0.650 to 0.750) at 12."
    )


def test_importance_is_told_per_column_and_group():
    shares = pd.DataFrame(
        {
            "group": ["B2B"] * 2 + ["B2C"] * 2,
            "column": ["plan", "tenure"] * 2,
            "share": [0.4, 0.6, 0.7, 0.3],
        }
    )
    assert alt.importance(shares.iloc[:2]) == (
        "Bars of the share of all contributions: plan 40.0% and tenure 60.0%."
    )
    assert alt.group_importance(shares) == (
        "Shares of all contributions by group. Strongest for B2B: tenure 60.0% and plan 40.0%; "
        "B2C: plan 70.0% and tenure 30.0%."
    )


def test_a_swarm_says_which_way_a_column_works():
    points = pd.DataFrame(
        {
            "column": ["tenure"] * 3 + ["plan"] * 2 + ["flat"] * 2,
            "contribution": [1.0, 0.0, -1.0, 0.5, 0.5, 0.0, 0.0],
            "kind": ["number"] * 3 + ["category", "missing"] + ["number"] * 2,
            "level": [0.0, 0.5, 1.0, np.nan, np.nan, 0.0, 1.0],
        }
    )
    assert alt.swarm(points, "log-odds") == (
        "A point per customer and column. Nine tenths of the contributions to the chance to churn, "
        "in log-odds, lie within: tenure -0.90 to +0.90, high values lower it; plan +0.50 to "
        "+0.50; flat +0.00 to +0.00."
    )


def test_dependence_gives_the_means():
    numbers = pd.DataFrame(
        {"value": [1.0, 2, 3, np.nan], "contribution": [-1.0, 0, 1, 0.5], "partner": 1.0}
    )
    assert alt.dependence(numbers, "tenure", "plan", "log-odds") == (
        "Contributions of tenure, log-odds, coloured by plan, which acts with it most. Means: "
        "-1.00 in the lowest third, +1.00 in the highest and +0.50 where it is unknown."
    )
    text = numbers.assign(value=pd.Categorical(["a", "a", "b", "b"]))
    assert alt.dependence(text, "plan", None, "chance") == (
        "Contributions of plan, chance. Means: -0.50 for a and +0.75 for b."
    )


def test_stability_says_how_often_in_the_top():
    ranks = pd.DataFrame(
        {"column": ["a"], "mean_rank": [1.25], "low": [1.0], "high": [2.0], "top_share": [0.95]}
    )
    assert alt.stability(ranks, 3) == (
        "Ranks over resamples, mean and interval: a 1.2 (1 to 2), in the top 3 in 95%."
    )
