"""Rows and chances at the true rate of churn."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression

from src.features.true_rate import at_rate, is_kept


@given(st.integers(1, 300), st.integers(1, 300), st.floats(0.02, 0.98))
def test_thinning_keeps_one_class_and_meets_the_rate(churners, stayers, rate):
    churned = pd.Series([True] * churners + [False] * stayers)
    kept = is_kept(churned, rate)
    gone = churned.to_numpy()
    many = stayers * rate / (1 - rate) < churners
    assert kept[gone != many].all()
    number = kept[gone].sum() if many else kept[~gone].sum()
    wanted = stayers * rate / (1 - rate) if many else churners * (1 - rate) / rate
    assert number == min(round(wanted), churners if many else stayers)


def test_without_a_rate_nothing_changes():
    assert is_kept(pd.Series([True, False]), None).all()
    assert at_rate(np.array([0.2]), 0.5, None).tolist() == [0.2]


@given(st.floats(0, 1), st.floats(0.05, 0.95), st.floats(0.01, 0.99))
def test_a_chance_there_and_back_is_the_same(chance, sampled, rate):
    there = at_rate(np.array([chance]), sampled, rate)
    assert 0 <= there[0] <= 1
    assert at_rate(there, rate, sampled)[0] == pytest.approx(chance, abs=1e-9)


def test_chances_of_a_resampled_fit_are_those_of_all_rows():
    """By brute force: a logistic regression on all rows, and on halves with corrected chances."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=200_000)
    y = rng.random(len(x)) < 1 / (1 + np.exp(3.5 - x))
    gone = np.flatnonzero(y)
    half = np.concatenate([gone, rng.choice(np.flatnonzero(~y), len(gone), replace=False)])
    asked = np.linspace(-2, 2, 5)[:, None]
    whole, drawn = (
        LogisticRegression(C=1e6).fit(x[rows, None], y[rows]).predict_proba(asked)[:, 1]
        for rows in (np.arange(len(x)), half)
    )
    assert at_rate(drawn, 0.5, y.mean()) == pytest.approx(whole, rel=0.05)
    assert drawn[2] > 5 * whole[2]
