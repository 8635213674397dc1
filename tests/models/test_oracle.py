import numpy as np
import pandas as pd
import pytest

from src.data.problems import InputError
from src.models.evaluation import roc_auc
from src.models.oracle import expected_auc, observable_chance, window_chance


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


# Chances to have left within 1, 2, 4, 7 and 12 months.
TRUTH = pd.DataFrame(
    {
        "churn_1_fair": [0.0, 0.1, 0.5, 1.0],
        "churn_2_fair": [0.0, 0.19, 0.5, 1.0],
        "churn_4_fair": [0.2, 0.3439, 0.5, 1.0],
        "churn_7_fair": [0.4, 0.5217, 0.75, 1.0],
        "churn_12_fair": [0.4, 0.7176, 1.0, 1.0],
    }
)


@pytest.mark.parametrize(
    ("months", "gap", "expected"),
    [
        (1, 0, [0, 0.1, 0.5, 1]),
        (12, 0, [0.4, 0.7176, 1, 1]),
        # Of those who have not left in the first month: (S_1 - S_7) / S_1.
        (6, 1, [0.4, (0.9 - 0.4783) / 0.9, (0.5 - 0.25) / 0.5, 0]),
        (1, 1, [0, 0.1, 0, 0]),  # the hazard of a level 10 %
        (8, 4, [0.25, (0.6561 - 0.2824) / 0.6561, 1, 0]),
    ],
)
def test_the_chance_of_a_window_after_a_gap(months, gap, expected):
    assert window_chance(TRUTH, months, gap) == pytest.approx(expected)


def test_a_chance_never_falls_below_zero_by_rounding():
    truth = TRUTH.assign(churn_2_fair=TRUTH["churn_1_fair"] - 1e-12)

    assert (window_chance(truth, 1, 1) == 0).all()


@pytest.mark.parametrize(("months", "gap"), [(13, 0), (12, 1), (6, 7)])
def test_a_window_beyond_a_year_is_refused(months, gap):
    message = (
        rf"^the truth knows chances of 12 months, a gap of {gap} and {months} months are more$"
    )
    with pytest.raises(InputError, match=message):
        window_chance(TRUTH, months, gap)


def test_bad_input_is_refused():
    frame = pd.DataFrame({"x": [1.0] * 60})
    with pytest.raises(InputError, match="needs 50 customers, found 10"):
        observable_chance(frame.head(10), np.full(10, 0.5))
    with pytest.raises(InputError):
        expected_auc(np.full(3, 0.5), np.array([0.5, 1.5, 0.1]))
