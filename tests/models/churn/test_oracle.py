import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from src.data.problems import InputError
from src.models.churn.oracle import expected_auc, observable_chance, observable_worth, true_outcomes
from src.models.scoring.scores import roc_auc


def test_expected_auc_is_the_mean_over_draws():
    rng = np.random.default_rng(1)
    chance = rng.beta(1, 8, 400)
    score = np.clip(chance + rng.normal(0, 0.05, 400), 0.001, 0.999)
    draws = [roc_auc(rng.random(400) < chance, score) for _ in range(600)]
    error = np.std(draws) / np.sqrt(600)
    # The ratio of means is not the mean of ratios: a bias of the order 1 / churners stays.
    assert expected_auc(score, chance) == pytest.approx(np.mean(draws), abs=4 * error + 0.003)


def test_no_score_beats_the_chance_itself():
    rng = np.random.default_rng(2)
    chance = rng.random(200)
    best = expected_auc(chance, chance)
    for score in (rng.random(200), 1 - chance, np.sqrt(chance), np.round(chance, 1)):
        assert expected_auc(score, chance) <= best + 1e-12
    assert expected_auc(np.sqrt(chance), chance) == pytest.approx(best)
    assert expected_auc(np.full(200, 0.5), chance) == pytest.approx(0.5)


def test_what_features_do_not_show_is_averaged():
    """Half of the risk hides: the oracle finds the mean over the hidden half, and no more."""
    rng = np.random.default_rng(3)
    seen, hidden = rng.normal(size=(2, 4000))
    chance = 1 / (1 + np.exp(2.5 - seen - hidden))
    features = pd.DataFrame({"seen": seen, "noise": rng.normal(size=4000)})
    grid = np.linspace(-4, 4, 801)
    weight = np.exp(-(grid**2) / 2)
    exact = np.array([np.average(1 / (1 + np.exp(2.5 - at - grid)), weights=weight) for at in seen])
    found = observable_chance(features, chance)
    best = expected_auc(exact, chance)
    assert best - 0.01 < expected_auc(found, chance) <= best + 0.002
    assert expected_auc(chance, chance) > best + 0.05
    assert np.abs(found - exact).mean() < 0.03


# Chances to be gone, and to be gone or have left within 1, 2, 4, 7 and 12 months.
TRUTH = pd.DataFrame(
    {
        "churn_0_fair": [0.0, 0.0, 0.3, 1.0],
        "churn_1_fair": [0.0, 0.1, 0.5, 1.0],
        "churn_2_fair": [0.0, 0.19, 0.5, 1.0],
        "churn_4_fair": [0.2, 0.3439, 0.5, 1.0],
        "churn_7_fair": [0.4, 0.5217, 0.75, 1.0],
        "churn_12_fair": [0.4, 0.7176, 1.0, 1.0],
    }
)


@pytest.mark.parametrize(
    ("months", "gap", "late", "savable"),
    [
        (1, 0, [0, 0, 0, 0], [0, 0.1, 0.2, 0]),
        (12, 0, [0, 0, 0, 0], [0.4, 0.7176, 0.7, 0]),
        (6, 1, [0, 0.1, 0.2, 0], [0.4, 0.4217, 0.25, 0]),
        (1, 1, [0, 0.1, 0.2, 0], [0, 0.09, 0, 0]),
        (8, 4, [0.2, 0.3439, 0.2, 0], [0.2, 0.3737, 0.5, 0]),
    ],
)
def test_the_true_chances_of_the_four_outcomes(months, gap, late, savable):
    found = true_outcomes(TRUTH, months, gap)

    gone = [0, 0, 0.3, 1]
    stays = 1 - np.sum([gone, late, savable], axis=0)
    assert found == pytest.approx(np.column_stack([gone, late, savable, stays]))
    assert found.sum(axis=1) == pytest.approx(np.ones(4))


def test_an_insider_knows_other_chances():
    insider = TRUTH.rename(columns=lambda name: name.removesuffix("_fair"))
    both = pd.concat([TRUTH * 0.5, insider], axis=1)

    found = true_outcomes(both, 6, 1, suffix="")
    assert found == pytest.approx(true_outcomes(TRUTH, 6, 1))
    assert true_outcomes(both, 6, 1)[:, :3] == pytest.approx(found[:, :3] / 2)


def test_a_chance_never_falls_below_zero_by_rounding():
    truth = TRUTH.assign(
        churn_1_fair=TRUTH["churn_0_fair"] - 1e-12, churn_2_fair=TRUTH["churn_0_fair"] - 2e-12
    )

    found = true_outcomes(truth, 1, 1)
    assert (found[:, 1:3] == 0).all()
    assert (found <= 1).all()


@pytest.mark.parametrize(("months", "gap"), [(13, 0), (12, 1), (6, 7)])
def test_a_window_beyond_a_year_is_refused(months, gap):
    message = (
        rf"^the truth knows chances of 12 months, a gap of {gap} and {months} months are more$"
    )
    with pytest.raises(InputError, match=message):
        true_outcomes(TRUTH, months, gap)


def test_bad_input_is_refused():
    frame = pd.DataFrame({"x": [1.0] * 60})
    with pytest.raises(InputError, match="needs 50 customers, found 10"):
        observable_chance(frame.head(10), np.full(10, 0.5))
    with pytest.raises(InputError):
        expected_auc(np.full(3, 0.5), np.array([0.5, 1.5, 0.1]))


def test_observable_worth_by_hand():
    truth = pd.DataFrame(
        {
            "customer_id": ["a", "b", "c"],
            "lifetime": [20.0, 10, 0],
            "revenue": [260.0, 90, 0],
            # b is about to leave and brings little of what it brings today.
            "margin": [100.0, 5, 0],
        }
    )
    found = observable_worth(
        truth, {"revenue": np.array([10.0, 15, 8]), "margin": np.array([4.0, 2, 1])}
    )

    # Revenue is 350 for 20 x 10 + 10 x 15 = 350 months of today's money, margin 105 for 100.
    expected = pd.DataFrame(
        {
            "customer_id": ["a", "b", "c"],
            "lifetime": [20.0, 10, 1e-6],
            "revenue": [200.0, 150, 8e-6],
            "margin": [84.0, 21, 1.05e-6],
        }
    )
    assert_frame_equal(found, expected, rtol=1e-5)
    assert found[["revenue", "margin"]].sum().tolist() == pytest.approx([350, 105])


def test_observable_worth_scales_with_the_truth_and_not_with_today():
    rng = np.random.default_rng(8)
    truth = pd.DataFrame(rng.gamma(2, 5, (50, 3)), columns=["lifetime", "revenue", "margin"])
    truth.insert(0, "customer_id", range(50))
    today = {name: rng.gamma(2, 3, 50) for name in ("revenue", "margin")}
    found = observable_worth(truth, today)

    assert_frame_equal(observable_worth(truth, {k: 7 * v for k, v in today.items()}), found)
    twice = observable_worth(truth.assign(margin=2 * truth["margin"]), today)
    assert_frame_equal(twice, found.assign(margin=2 * found["margin"]))


def test_money_that_sums_to_nothing_is_refused():
    truth = pd.DataFrame({"customer_id": [1], "lifetime": [5.0], "margin": [3.0]})
    with pytest.raises(InputError, match="the margin of today sums to nothing"):
        observable_worth(truth, {"margin": np.array([-1.0])})
