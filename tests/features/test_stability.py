import numpy as np
import pandas as pd
import pytest

from src.features.stability import stability


def test_index_of_two_hand_made_columns():
    before = pd.DataFrame({"plan": ["S"] * 30 + ["M"] * 10, "size": [1.0] * 20 + [2.0] * 20})
    after = pd.DataFrame({"plan": ["S"] * 10 + ["M"] * 30, "size": [1.0] * 20 + [2.0] * 20})
    found = stability(before, after, ["size", "plan"])
    b, a = 30.5 / 41, 10.5 / 41  # half a customer is added to every bin
    psi = (a - b) * np.log(a / b) + (b - a) * np.log((1 - a) / (1 - b))
    expected = pd.DataFrame(
        {
            "feature": ["plan", "size"],
            "psi": [psi, 0.0],
            "noise": [3.841459 * (1 / 40 + 1 / 40)] * 2,  # 0.95 quantile of chi-square, 1 df
            "bins": [2, 2],
        }
    )
    pd.testing.assert_frame_equal(found, expected, rtol=1e-6)


def test_a_gap_that_opens_is_a_shift():
    before = pd.DataFrame({"x": np.arange(100.0)})
    after = before.where(before["x"] < 50)
    found = stability(before, after, ["x"]).iloc[0]
    assert found["psi"] > 1
    assert found["bins"] == 11  # ten deciles and the missing


def test_a_constant_or_empty_feature_has_no_shift():
    frame = pd.DataFrame({"empty": [np.nan] * 5, "one": [1.0] * 5})
    assert stability(frame, frame, ["empty", "one"])["psi"].tolist() == [0.0, 0.0]


def test_unchanged_features_stay_below_the_noise_in_about_95_of_100():
    rng = np.random.default_rng(7)
    names = [f"x{place}" for place in range(400)]
    before = pd.DataFrame(rng.normal(size=(2000, 400)), columns=names)
    after = pd.DataFrame(rng.normal(size=(1500, 400)), columns=names)
    found = stability(before, after, names)
    # The deciles are themselves drawn; 0.95 +- 4 standard errors of 400 draws.
    assert (found["psi"] < found["noise"]).mean() == pytest.approx(0.95, abs=0.044)


def test_scale_and_order_of_rows_do_not_matter():
    rng = np.random.default_rng(1)
    before, after = (pd.DataFrame({"x": rng.gamma(2, 1, 500)}) for _ in range(2))
    psi = stability(before, after, ["x"])["psi"].iloc[0]
    moved = stability(100 * before, (100 * after).sample(frac=1, random_state=1), ["x"])
    assert moved["psi"].iloc[0] == pytest.approx(psi)
