from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from src.reporting.churn import money
from src.reporting.churn import sentences as words

AREA = (0.7512, 0.74, 0.76251)

STAY = "If 30% of the leavers who are contacted stay"


def figure(value: float, low: float, high: float) -> SimpleNamespace:
    return SimpleNamespace(value=value, low=low, high=high)


def compared_of(**models: float) -> pd.DataFrame:
    """Models by their log loss, all other figures alike."""
    rows = []
    for model, loss in models.items():
        for metric in words.HEADINGS:
            value, low, high = (loss, loss - 0.01, loss + 0.01) if metric == "log_loss" else AREA
            if metric in ("lift5", "lift10"):
                value, low, high = 3.04, 2.96, 3.149
            rows.append((model.replace("_", " "), metric, value, low, high))
    return pd.DataFrame(rows, columns=["model", "metric", "value", "low", "high"])


@pytest.mark.parametrize(
    ("horizon", "expected"),
    [
        (None, "who is marked as churned"),
        (SimpleNamespace(months=3, gap=0), "who is gone or leaves within 3 months"),
        (SimpleNamespace(months=1, gap=0), "who is gone or leaves within 1 month"),
        (SimpleNamespace(months=1, gap=1), "who is gone or leaves within 2 months"),
        (SimpleNamespace(months=6, gap=2), "who is gone or leaves within 8 months"),
    ],
)
def test_the_question(horizon, expected):
    assert words.question(horizon) == expected


def test_every_metric_is_shown_in_one_of_the_tables():
    assert sorted([*words.SHOWN, *words.FURTHER]) == sorted(words.HEADINGS)


def test_the_limits_name_what_judged():
    assert words.LIMITS["panel"].format(tests="snapshot May 2024") == (
        "judged on snapshot May 2024 of one base; another price rise or competitor can change what "
        "announces an exit. The intervals know of other customers, not of other times."
    )
    assert "{" not in words.LIMITS["snapshot"]


@pytest.mark.parametrize(
    ("best", "name"),
    [("random forest", "Random forest"), ("XGBoost, tuned", "XGBoost, tuned")],
)
def test_the_headline_capitalises_the_winner_and_nothing_else(best, name):
    compared = compared_of(base_rate=0.5, other=0.4)
    compared["model"] = compared["model"].replace("other", best)

    assert words.headline(best, compared, "who leaves within 3 months", "B2B customers") == (
        f"**{name}** tells best who leaves within 3 months among B2B customers: AUC **0.751 (0.740 "
        "to 0.763)**; the top 10% of its list hold **3.0 (3.0 to 3.1)** times as many churners as "
        "chance."
    )


def test_of_is_one_row():
    found = words.of(compared_of(a=0.3, b=0.4), "b", "log_loss")

    assert found[["model", "metric", "value"]].tolist() == ["b", "log_loss", 0.4]


ORDER = ["base rate", "logistic", "forest", "boosting"]


def standing(best: str, in_noise: tuple[str, ...]) -> SimpleNamespace:
    return SimpleNamespace(best=best, in_noise=in_noise, behind=("base rate",))


def test_nobody_else_in_the_noise():
    assert words.noise_sentence(standing("forest", ()), ORDER) == (
        "No other model is within the noise of **forest** in log loss on these rows."
    )


def test_the_winner_is_the_simplest_of_those_in_the_noise():
    assert words.noise_sentence(standing("logistic", ("boosting",)), ORDER) == (
        "On these rows **logistic** cannot be told in log loss from boosting. It is also the "
        "simplest of them: take it."
    )


def test_a_simpler_model_is_in_the_noise_of_the_winner():
    assert words.noise_sentence(standing("boosting", ("forest", "logistic")), ORDER) == (
        "On these rows **boosting** cannot be told in log loss from forest and logistic. The "
        "simplest of them is **logistic**: nothing here speaks against it."
    )


@pytest.mark.parametrize(
    ("ends", "decimals", "expected"),
    [
        ((0.7512, 0.74, 0.76251), 3, "0.751 (0.740 to 0.763)"),
        ((-0.0004, -0.01, 0.0004), 2, "0.00 (-0.01 to 0.00)"),
        ((-0.4, -0.5, 0.4), 0, "0 (0 to 0)"),
        ((np.nan, np.nan, np.nan), 1, "nan (nan to nan)"),
    ],
)
def test_an_interval_of_a_row_or_of_an_estimate(ends, decimals, expected):
    row = pd.Series(dict(zip(("value", "low", "high"), ends, strict=True)))

    assert words.interval(row, decimals) == expected
    assert words.interval(figure(*ends), decimals) == expected


def test_the_table_has_the_lowest_log_loss_first():
    found = words.comparison_table(compared_of(far=0.5, best=0.30004, second=0.4))

    area = "0.751 (0.740 to 0.763)"
    first = {"auc": area, "savable_auc": area, "savable_log_loss": "0.7512 (0.7400 to 0.7625)"}
    first |= {"pr_auc": area}
    after = {
        "brier": "0.7512 (0.7400 to 0.7625)",
        "brier_skill": "0.751 (0.740 to 0.763)",
        "lift5": "3.0 (3.0 to 3.1)",
        "lift10": "3.0 (3.0 to 3.1)",
        "empc": "0.75 (0.74 to 0.76)",
    }
    losses = {
        "best": "0.3000 (0.2900 to 0.3100)",
        "second": "0.4000 (0.3900 to 0.4100)",
        "far": "0.5000 (0.4900 to 0.5100)",
    }
    expected = pd.DataFrame(
        [{"model": name, **first, "log_loss": loss, **after} for name, loss in losses.items()]
    )
    assert_frame_equal(found, expected)


def test_what_any_model_has_to_beat_stands_first():
    compared = compared_of(worse=0.6, best=0.3, second=0.4, base_rate=0.5)
    for baselines, order in (
        (["base rate", "worse"], ["base rate", "worse", "best", "second"]),
        (["absent"], ["best", "second", "base rate", "worse"]),
    ):
        assert words.comparison_table(compared, baselines)["model"].tolist() == order


def parts(slope: tuple[float, ...], odds: tuple[float, ...]) -> pd.DataFrame:
    """Calibration with this slope and these odds of what happened to what was said."""
    return pd.DataFrame(
        [np.log(odds), slope], index=["intercept", "slope"], columns=["value", "low", "high"]
    )


@pytest.mark.parametrize(
    ("slope", "said"),
    [
        ((1.02, 0.9, 1.14), "are as far apart as they should be: slope **1.02 (0.90 to 1.14)**"),
        ((0.8, 0.7, 0.9), "are too far apart: slope **0.80 (0.70 to 0.90)**"),
        ((1.3, 1.1, 1.5), "are too close together: slope **1.30 (1.10 to 1.50)**"),
        ((1.0, 1.0, 1.2), "are as far apart as they should be: slope **1.00 (1.00 to 1.20)**"),
    ],
)
@pytest.mark.parametrize(
    ("odds", "happened"),
    [
        ((1.05, 0.9, 1.2), "their level fits: the odds were 1.05 (0.90 to 1.20)"),
        (
            (1.5, 1.2, 1.8),
            "more came true than was said: the odds were 1.50 (1.20 to 1.80)",
        ),
        (
            (0.5, 0.4, 0.6),
            "fewer came true than was said: the odds were 0.50 (0.40 to 0.60)",
        ),
    ],
)
def test_calibration_tells_the_slope_and_the_level(slope, said, odds, happened):
    assert words.calibration_sentence(parts(slope, odds), "forest") == (
        f"The chances of forest {said}; and {happened} times those said."
    )


def test_calibration_says_of_what_the_chances_are():
    told = words.calibration_sentence(
        parts((1, 1, 1), (1, 1, 1)), "forest", "that one can be saved"
    )
    assert told.startswith("The chances that one can be saved of forest are as far apart")


def test_equal_chances_have_no_slope():
    assert words.calibration_sentence(parts((np.nan,) * 3, (1.0, 0.9, 1.1)), "base rate") == (
        "base rate gives everybody the same chance, so there is no slope to judge."
    )


def test_how_far_each_group_is_seen():
    quality = pd.DataFrame(
        {
            "group": ["B2B"] * 3 + ["B2C"] * 3,
            "month": [1, 2, 3] * 2,
            "value": [0.812, 0.7, 0.6, np.nan, 0.55, 0.56],
            "low": [0.7, 0.51, 0.5, np.nan, 0.48, 0.49],
        }
    )
    assert words.lead_sentence(quality) == (
        "The list of today, read month by month: B2B starts at 0.81 and beats a coin up to month "
        "2; B2C starts at 0.55 and beats a coin in no month."
    )


@pytest.mark.parametrize(
    ("pays", "expected"),
    [
        ([True] * 3, f"{STAY}, in B2B every list pays, up to exits that begin 3 months ahead."),
        ([True], f"{STAY}, in B2B every list pays, up to exits that begin 1 month ahead."),
        ([False, True], f"{STAY}, in B2B not even the list for the next exits surely pays."),
        (
            [True, True, False],
            f"{STAY}, in B2B lists surely pay up to exits that begin 2 months ahead.",
        ),
        (
            [True, False, True],
            f"{STAY}, in B2B lists surely pay up to exits that begin 1 month ahead.",
        ),
    ],
)
def test_how_far_ahead_a_list_pays(pays, expected):
    by_lead = pd.DataFrame({"lead": range(1, len(pays) + 1), "pays": pays})

    assert money.pays_sentence(by_lead, "B2B", 0.3) == expected


def aged(last: tuple[float, float, float], month: int = 12) -> pd.DataFrame:
    """A model at once, in a month with too few churners, and later."""
    rows = [(0, 0.8, 0.75, 0.85), (1, np.nan, np.nan, np.nan), (month, *last)]
    return pd.DataFrame(rows, columns=["month", "value", "low", "high"])


@pytest.mark.parametrize(
    ("last", "month", "expected"),
    [
        (
            (0.77, 0.7, 0.84),
            12,
            "0.770 (0.700 to 0.840) after 12 months: -0.030, within the noise.",
        ),
        (
            (0.65, 0.6, 0.7),
            12,
            "0.650 (0.600 to 0.700) after 12 months: -0.150, more than the noise.",
        ),
        (
            (0.9, 0.86, 0.94),
            2,
            "0.900 (0.860 to 0.940) after 2 months: +0.100, more than the noise.",
        ),
        (
            (0.7998, 0.75, 0.85),
            1,
            "0.800 (0.750 to 0.850) after 1 month: +0.000, within the noise.",
        ),
    ],
)
def test_what_a_model_loses_with_age(last, month, expected):
    assert words.staying_sentence(aged(last, month)) == (
        "Trained once, the hazard model has an AUC of 0.800 (0.750 to 0.850) at once and of "
        + expected
    )


def spots(marked: int, fine: int) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "attribute": "tariff_plan",
            "level": [f"P{number}" for number in range(marked + fine)],
            "verdict": ["says too little"] * marked + [""] * fine,
        }
    )


@pytest.mark.parametrize(
    ("marked", "fine", "expected"),
    [
        (
            0,
            1,
            "Of 1 group looked at, none stands out: nowhere does forest do worse than it says.",
        ),
        (
            1,
            29,
            "Of 30 groups looked at, forest fails in 1: tariff plan P0 (says too little).",
        ),
        (
            4,
            0,
            "Of 4 groups looked at, forest fails in 4: tariff plan P0 (says too little), tariff "
            "plan P1 (says too little), tariff plan P2 (says too little) and tariff plan P3 (says "
            "too little).",
        ),
        (
            6,
            6,
            "Of 12 groups looked at, forest fails in 6: tariff plan P0 (says too little), tariff "
            "plan P1 (says too little), tariff plan P2 (says too little) and tariff plan P3 (says "
            "too little) and 2 more.",
        ),
    ],
)
def test_where_a_model_fails(marked, fine, expected):
    assert words.weak_sentence(spots(marked, fine), "forest") == expected


ORDERINGS = pd.DataFrame(
    {
        "ordering": ["expected profit", "chance alone", "value alone"],
        "share": [0.04, 0.2, 0.0],
        "profit": [2_100.0, 1_500, 0],
        "low": [1_500.0, -200, 0],
        "high": [2_700.0, 3_000, 0],
        "difference": [0.0, -600, -2_100],
        "difference_low": [0.0, -1_400, -2_700],
        "difference_high": [0.0, 250, -1_500],
        "in_noise": [True, True, False],
    }
)


def test_the_orders_against_the_first():
    assert words.orderings_sentence(ORDERINGS, "EUR") == (
        "Against expected profit: chance alone -600 EUR (-1.4 k to 250), within the noise; value "
        "alone -2.1 k EUR (-2.7 k to -1.5 k)."
    )


def bands(*each: float) -> pd.DataFrame:
    edges = [0, 0.01, 0.05, 0.2, 1][: len(each) + 1]
    return pd.DataFrame(
        {"from_share": edges[:-1], "to_share": edges[1:], "profit_per_contact": each}
    )


@pytest.mark.parametrize(
    ("each", "expected"),
    [
        (
            (1_234.5, 3, 2, 1),
            f"{STAY}, a contact in the top 1.0% "
            f"would have brought 1,234.50 EUR; no stretch of the list "
            "loses money.",
        ),
        (
            (12, 3, 0, -8),
            f"{STAY}, a contact in the top 1.0% "
            f"would have brought 12.00 EUR; the first stretch that loses "
            "money begins at 5.0% of the list.",
        ),
        # One that earns again after it: nothing is said of what comes later.
        (
            (12, -1, 4, 2),
            f"{STAY}, a contact in the top 1.0% "
            f"would have brought 12.00 EUR; the first stretch that loses "
            "money begins at 1.0% of the list.",
        ),
        (
            (-2.5, -3, -4, -5),
            f"{STAY}, a contact in the top 1.0% "
            f"would have brought -2.50 EUR; the first stretch that loses "
            "money begins at 0% of the list.",
        ),
        (
            (-0.001, -3, -4, -5),
            f"{STAY}, a contact in the top 1.0% "
            f"would have brought 0.00 EUR; the first stretch that loses "
            "money begins at 0% of the list.",
        ),
    ],
)
def test_where_one_more_contact_stops_earning(each, expected):
    assert money.band_sentence(bands(*each), 0.3, "EUR") == expected


def test_the_maximum_profit_and_a_campaign_of_nobody():
    found = SimpleNamespace(value=3.456, share=0.051)
    assert words.empc_sentence(found, "forest", "EUR", 200) == (
        "At a value of 200 EUR for everybody the expected maximum profit of forest is **3.46 EUR** "
        "per customer of the base, contacting 5.1% on average over accept rates. It is a bound: "
        "the cut is chosen knowing who left."
    )
    assert words.empc_sentence(SimpleNamespace(value=0.0, share=0.0), "forest", "EUR", 12.5) == (
        "At a value of 12.5 EUR for everybody the expected maximum profit of forest is **zero**: "
        "the best campaign is none."
    )


@pytest.mark.parametrize(
    ("oracle", "model", "gap"),
    [(0.8, 0.75, "0.050"), (0.75, 0.7502, "0.000"), (0.7, 0.71, "-0.010")],
)
def test_how_near_to_the_truth(oracle, model, gap):
    assert words.truth_sentence(oracle, model, "forest", 0.9, 0.95) == (
        "With the true chances as weights, of everybody on the list, forest has an expected AUC "
        f"of **{model:.3f}**; the fair oracle, who learned from the true chances themselves, "
        f"**{oracle:.3f}**: a gap of {gap}. Who also knew what no feature shows would reach "
        "0.900, an insider 0.950."
    )


def test_the_figures_of_a_run():
    compared = compared_of(base_rate=0.5, forest=0.3)
    compared = compared[compared["metric"].isin(["log_loss", "auc"])]
    calibrated = parts((0.9, 0.8, 1.0), (1.0, 1.0, 1.0)).drop("intercept")

    assert words.metrics(compared, calibrated, "forest", oracle__auc=0.8, in_noise=2) == {
        "best.model": "forest",
        "base_rate.auc": 0.7512,
        "base_rate.log_loss": 0.5,
        "forest.auc": 0.7512,
        "best.auc": 0.7512,
        "best.auc.low": 0.74,
        "best.auc.high": 0.76251,
        "forest.log_loss": 0.3,
        "best.log_loss": 0.3,
        "best.log_loss.low": 0.29,
        "best.log_loss.high": 0.31,
        "calibration.slope": 0.9,
        "calibration.slope.low": 0.8,
        "calibration.slope.high": 1.0,
        "oracle.auc": 0.8,
        "in_noise": 2,
    }
