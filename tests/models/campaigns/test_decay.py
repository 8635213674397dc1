"""Fading: counts by hand, the likelihood against a regression, intervals that hold the truth."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from src.data.operator.settings import Effects
from src.data.problems import InputError
from src.models.campaigns.decay import (
    decay_of_amounts,
    decay_of_hazard,
    exits_by_month,
    hazard_by_month,
)
from src.models.campaigns.monthly import MonthlyEffects

TRUE = np.log(2) / -np.log(Effects().fade)  # months


def counted(seed, first=-0.5, fade=0.75, customers=20_000, months=6, hazard=0.03):
    """Counts of a simulated campaign with hazards that move by month for everybody."""
    rng = np.random.default_rng(seed)
    rows = []
    for is_treated in (False, True):
        there = customers
        for month in range(1, months + 1):
            log = np.log(hazard * (1 + 0.3 * (month == 3))) + is_treated * first * fade ** (
                month - 1
            )
            exits = rng.binomial(there, -np.expm1(-np.exp(log)))
            rows.append(("", month, is_treated, there, exits))
            there -= exits
    return pd.DataFrame(rows, columns=["stratum", "month", "is_treated", "at_risk", "exits"])


def test_counts_by_hand():
    members = pd.DataFrame(
        {
            "customer_id": range(5),
            "arm": ["control", "control", "mail", "mail", "call"],
            "left_after": [1.0, np.nan, 2.0, 3.0, 1.0],
        }
    )
    expected = pd.DataFrame(
        [("", 1, False, 2, 1), ("", 1, True, 2, 0), ("", 2, False, 1, 0), ("", 2, True, 2, 1)],
        columns=["stratum", "month", "is_treated", "at_risk", "exits"],
    )
    pd.testing.assert_frame_equal(exits_by_month(members, "left_after", "mail", 2), expected)
    by = exits_by_month(
        members.assign(segment=list("xyxyx")), "left_after", "mail", 2, by="segment"
    )
    assert by["stratum"].tolist() == ["x"] * 4 + ["y"] * 4
    assert by.groupby(["month", "is_treated"])["exits"].sum().tolist() == [1, 0, 0, 1]


def test_ratios_of_hazards_by_hand():
    counts = pd.DataFrame(
        {
            "stratum": "",
            "month": [1, 1, 2, 2],
            "is_treated": [False, True] * 2,
            "at_risk": [100, 100, 80, 90],
            "exits": [20, 10, 4, 0],
        }
    )
    found = hazard_by_month(counts)
    ratio = np.log(0.9) / np.log(0.8)
    error = np.sqrt(0.2 / (0.8 * 100 * np.log(0.8) ** 2) + 0.1 / (0.9 * 100 * np.log(0.9) ** 2))
    assert found["effect"][0] == pytest.approx(ratio)
    assert found["high"][0] == pytest.approx(ratio * np.exp(1.959964 * error), rel=1e-6)
    assert found.loc[1, ["effect", "low", "high"]].isna().all()
    assert found["control"].tolist() == [0.2, 0.05]


def test_the_likelihood_is_that_of_a_regression_at_the_best_half_life():
    counts = pd.concat([counted(1), counted(2).assign(stratum="x")])
    found = decay_of_hazard(counts)
    months = pd.get_dummies(counts["stratum"] + counts["month"].astype(str), dtype=float)

    def fitted(curve):
        design = np.column_stack([curve * counts["is_treated"], months])
        parts = np.column_stack([counts["exits"], counts["at_risk"] - counts["exits"]])
        return sm.GLM(parts, design, sm.families.Binomial(sm.families.links.CLogLog())).fit()

    fade = 0.5 ** (1 / found.half_life.value)
    best = fitted(fade ** (counts["month"].to_numpy() - 1))
    assert found.first == pytest.approx(best.params[0], rel=1e-5)
    # Inside, the likelihood has fallen by less than chi-square / 2, a step outside by more.
    for end, outside in ((found.half_life.low, 1 / 1.013), (found.half_life.high, 1.013)):
        at, beyond = (
            fitted(0.5 ** ((counts["month"].to_numpy() - 1) / half_life))
            for half_life in (end, end * outside)
        )
        assert 2 * (best.llf - at.llf) < 3.8415 < 2 * (best.llf - beyond.llf)


def test_the_half_life_of_the_simulator_is_inside_its_interval():
    inside = told = 0
    for seed in range(100):
        found = decay_of_hazard(counted(seed))
        inside += found.half_life.low <= TRUE <= found.half_life.high
        told += found.is_told
    assert 88 <= inside <= 99
    assert told >= 98


def test_no_effect_has_no_half_life():
    found = [decay_of_hazard(counted(seed, first=0.0, customers=3_000)) for seed in range(40)]
    is_told = [each.is_told for each in found]
    assert sum(is_told) <= 4
    silent = found[is_told.index(False)]
    assert np.isnan(silent.half_life.value)
    assert (silent.half_life.low, silent.half_life.high) == (0, np.inf)
    assert "within chance" in silent.verdict


def test_an_effect_that_stays_and_one_of_a_single_month():
    stays = decay_of_hazard(counted(3, fade=1.0))
    assert stays.half_life.high == np.inf
    assert "does not fade is within chance" in stays.verdict
    short = decay_of_hazard(counted(3, fade=0.0))
    assert short.half_life.low == 0
    assert short.half_life.high < 1
    assert short.verdict.startswith("The effect fades")


def test_swapped_arms_turn_the_sign_and_keep_the_half_life():
    counts = counted(4)
    one = decay_of_hazard(counts)
    other = decay_of_hazard(counts.assign(is_treated=~counts["is_treated"]))
    assert other.half_life == one.half_life
    assert other.first == pytest.approx(-one.first)


def test_amounts_fade_by_least_squares():
    curve = 0.4 * 0.75 ** np.arange(5)
    covariance = 1e-6 * (np.eye(5) + 0.5)
    found = decay_of_amounts(MonthlyEffects(pd.DataFrame(), curve, covariance, is_ratio=True))
    assert found.half_life.value == pytest.approx(TRUE, rel=0.02)
    assert found.first == pytest.approx(0.4, rel=0.01)
    inside = 0
    rng = np.random.default_rng(1)
    for _ in range(100):
        noisy = curve + rng.multivariate_normal(np.zeros(5), 1e3 * covariance)
        told = decay_of_amounts(MonthlyEffects(pd.DataFrame(), noisy, 1e3 * covariance, True))
        inside += told.half_life.low <= TRUE <= told.half_life.high
    assert 88 <= inside <= 99


def test_too_little_is_refused():
    few = counted(5).assign(exits=[5] * 6 + [2, 2, 2, 1, 1, 1])
    with pytest.raises(InputError, match="9 of the treated and 30 of the controls left"):
        decay_of_hazard(few)
    members = pd.DataFrame(
        {"customer_id": [1, 2], "arm": ["control", "mail"], "left_after": [0.0, np.nan]}
    )
    with pytest.raises(InputError, match="left_after is below 1 for 1 members"):
        exits_by_month(members, "left_after", "mail", 3)
    with pytest.raises(InputError, match="no error of their own"):
        decay_of_amounts(MonthlyEffects(pd.DataFrame(), np.ones(2), np.ones((2, 2)), False))
