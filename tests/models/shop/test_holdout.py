import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal
from scipy.stats import spearmanr

from src.data.problems import InputError
from src.models.shop.holdout import baselines, by_past_frequency, judge, value_deciles

ROWS = pd.DataFrame(
    {
        "actual": [0, 0, 3, 1, 0, 6],
        "money": [0.0, 0.0, 90.0, 5.0, 0.0, 60.0],
        "zero": 0.0,
        "flat": 1.0,
        "good": [0.5, 0.0, 2.0, 1.0, 0.5, 5.0],
    }
)


def many(count: int, rng: np.random.Generator) -> pd.DataFrame:
    rate = rng.gamma(0.5, 2.0, count)
    actual = rng.poisson(rate)
    money = actual * rng.gamma(4.0, 10.0, count)
    return pd.DataFrame({"actual": actual, "money": money, "rate": rate, "zero": 0.0})


def test_figures_by_hand():
    judged = judge(ROWS, ["zero", "flat", "good"], np.random.default_rng(1))

    wide = judged.figures.pivot(index="model", columns="metric", values="value")
    expected = pd.DataFrame(
        {
            "total": [0.0, 6.0, 9.0],
            "total_error": [-1.0, -0.4, -0.1],
            "mae": [10 / 6, 10 / 6, 3 / 6],
            "rmse": [np.sqrt(46 / 6), np.sqrt(32 / 6), np.sqrt(2.5 / 6)],
            "spearman": [np.nan, np.nan, spearmanr(ROWS["good"], ROWS["actual"]).statistic],
            "spearman_money": [np.nan, np.nan, spearmanr(ROWS["good"], ROWS["money"]).statistic],
        },
        index=pd.Index(["zero", "flat", "good"], name="model"),
    )
    assert_frame_equal(wide.loc[expected.index, list(expected)], expected, check_names=False)
    assert {judged.best(metric) for metric in ("total_error", "mae", "rmse", "spearman")} == {
        "good"
    }
    assert judged.value("good", "mae") == 0.5
    pair = judged.differences.query("model == 'good' and versus == 'zero' and metric == 'mae'")
    assert pair["difference"].item() == pytest.approx(3 / 6 - 10 / 6)
    mirrored = judged.differences.query("model == 'zero' and versus == 'good' and metric == 'mae'")
    assert mirrored["low"].item() == pytest.approx(-pair["high"].item())


def test_ranks_of_a_draw_are_those_of_the_buyers_drawn():
    # One replicate, so that both ends of an interval are its figure.
    rng = np.random.default_rng(3)
    rows = many(40, rng)
    judged = judge(rows, ["rate"], np.random.default_rng(8), replicates=1)

    taken = np.random.default_rng(8).integers(0, 40, (1, 40))[0]
    again = rows.iloc[taken]
    figures = judged.figures.set_index("metric")
    for metric, column in (("spearman", "actual"), ("spearman_money", "money")):
        expected = spearmanr(again["rate"], again[column]).statistic
        assert figures.loc[metric, "low"] == pytest.approx(expected, abs=1e-12)
    expected = np.abs(again["rate"] - again["actual"]).mean()
    assert figures.loc["mae", "high"] == pytest.approx(expected)


@pytest.mark.slow
def test_nine_in_ten_intervals_hold_the_mean_error_of_all_buyers():
    rng = np.random.default_rng(5)
    everybody = many(200_000, rng)
    truth = np.abs(everybody["rate"] - everybody["actual"]).mean()
    ends = [
        judge(many(150, rng), ["rate"], rng, replicates=100, confidence=0.9)
        .figures.set_index("metric")
        .loc["mae", ["low", "high"]]
        for _ in range(150)
    ]
    covered = np.mean([low <= truth <= high for low, high in ends])
    assert 0.84 <= covered <= 0.95


def test_baselines_without_a_last_period():
    buyers = pd.DataFrame({"frequency": [3], "age": [12.0]})
    assert baselines(buyers, 4).to_dict("list") == {"all_zero": [0.0], "naive_rate": [1.0]}


def test_by_past_frequency_puts_seven_and_more_together():
    rows = pd.DataFrame(
        {"frequency": [0, 0, 1, 7, 9], "actual": [0, 0, 2, 4, 6], "model": [1.0, 2, 3, 4, 5]}
    )
    found = by_past_frequency(rows, ["model"], np.random.default_rng(1))
    expected = pd.DataFrame(
        {
            "frequency": ["0", "1", "7+"],
            "buyers": [2, 1, 2],
            "actual": [0.0, 2.0, 5.0],
            "low": [0.0, 2.0, 4.0],
            "high": [0.0, 2.0, 6.0],
            "model": [1.5, 3.0, 4.5],
        }
    )
    assert_frame_equal(found, expected)


def test_value_deciles_share_all_the_money():
    rows = many(500, np.random.default_rng(2)).assign(value=lambda frame: frame["rate"] * 40)
    found = value_deciles(rows, np.random.default_rng(3))

    assert found["decile"].tolist() == list(range(1, 11))
    assert found["buyers"].sum() == 500
    assert found["share"].sum() == pytest.approx(1)
    top = rows.nlargest(50, "value")["money"]
    assert found["actual"].iloc[-1] == pytest.approx(top.mean())
    assert found["share"].iloc[-1] == pytest.approx(top.sum() / rows["money"].sum())
    assert (found["share_low"] <= found["share"]).all()


@pytest.mark.parametrize(
    ("rows", "models", "message"),
    [
        (ROWS, ["good", "good"], "none twice"),
        (ROWS, ["other"], "no column other"),
        (ROWS.assign(good=-1.0), ["good"], "must be 0 or more"),
        (ROWS.assign(good=np.nan), ["good"], "good is missing or infinite in 6 of 6 rows"),
        (ROWS.assign(actual=0), ["good"], "nobody bought in the hold-out"),
    ],
)
def test_what_cannot_be_judged(rows, models, message):
    with pytest.raises(InputError, match=message):
        judge(rows, models, np.random.default_rng(1))


def test_tenths_need_ten_buyers():
    with pytest.raises(InputError, match="at least ten buyers"):
        value_deciles(ROWS.assign(value=ROWS["good"]), np.random.default_rng(1))


def test_who_bought_first_on_the_last_day_has_a_rate_of_nothing():
    buyers = pd.DataFrame({"frequency": [0, 1], "age": [0.0, 2.0]})
    assert baselines(buyers, 4)["naive_rate"].tolist() == [0.0, 2.0]


def test_a_rate_needs_an_age():
    with pytest.raises(InputError, match="age of 0 or more"):
        baselines(pd.DataFrame({"frequency": [0], "age": [-1.0]}), 4)
