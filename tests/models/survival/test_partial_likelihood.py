"""The peak of the partial likelihood, against sums by hand, differences, and lifelines."""

import numpy as np
import pandas as pd
import pytest
from lifelines import CoxPHFitter

from src.models.survival.efron import Spans
from src.models.survival.partial_likelihood import NoPeakError, _Likelihood, highest


def drawn(seed, lives=300, columns=3, is_late=False):
    """Lives in whole months, many of which end in one."""
    rng = np.random.default_rng(seed)
    design = rng.standard_normal((lives, columns))
    months = np.ceil(rng.exponential(12 * np.exp(-design[:, 0] / 2))).clip(1, 24)
    entry = np.where(rng.random(lives) < 0.4, np.floor(rng.random(lives) * months), 0.0)
    if not is_late:
        entry = np.zeros(lives)
    return design, pd.DataFrame({"entry": entry, "duration": months, "ended": months < 24})


def by_hand(design, lives, weights):
    """Efron's log-likelihood, end by end."""
    total, risk = 0.0, np.exp(design @ weights)
    for time in sorted(set(lives["duration"][lives["ended"]])):
        at_risk = (lives["duration"] >= time) & ((lives["entry"] < time) | (lives["entry"] == 0))
        end = lives["ended"] & (lives["duration"] == time)
        total += (design[end] @ weights).sum()
        for k in range(end.sum()):
            total -= np.log(risk[at_risk].sum() - risk[end].sum() * k / end.sum())
    return total


@pytest.mark.parametrize("is_late", [False, True])
def test_the_likelihood_is_the_sum_over_all_ends_and_its_slopes_are_differences(is_late):
    design, lives = drawn(1, is_late=is_late)
    likelihood = _Likelihood(design, Spans.of(lives))
    weights = np.array([0.3, -0.2, 0.1])
    slope = likelihood.at(weights)
    assert slope.value == pytest.approx(by_hand(design, lives, weights))

    small = 1e-5 * np.eye(3)
    up, down = ([likelihood.at(weights + sign * step) for step in small] for sign in (1, -1))
    pairs = list(zip(up, down, strict=True))
    assert slope.gradient == pytest.approx([(a.value - b.value) / 2e-5 for a, b in pairs], rel=1e-5)
    curved = np.array([(b.gradient - a.gradient) / 2e-5 for a, b in pairs])
    assert slope.information == pytest.approx(curved, rel=1e-5)


@pytest.mark.parametrize("is_late", [False, True])
@pytest.mark.parametrize("seed", range(8))
def test_lifelines_finds_the_same_peak(seed, is_late):
    design, lives = drawn(seed, lives=80 + 60 * seed, columns=1 + seed % 4, is_late=is_late)
    peak = highest(design, Spans.of(lives))
    frame = pd.DataFrame(design).add_prefix("x").join(lives)
    if not is_late:
        frame = frame.drop(columns="entry")
    theirs = CoxPHFitter().fit(frame, "duration", "ended", entry_col="entry" if is_late else None)
    assert peak.weights == pytest.approx(theirs.params_.to_numpy(), abs=1e-5)
    assert peak.errors == pytest.approx(theirs.standard_errors_.to_numpy(), rel=1e-4)
    assert peak.log_likelihood >= theirs.log_likelihood_ - 1e-8
    assert abs(peak.gain) < 1e-9


def test_a_column_that_separates_has_a_very_large_error_and_harms_nothing_else():
    design, lives = drawn(3)
    never = (np.arange(len(lives)) % 20 == 0) & ~lives["ended"].to_numpy()
    design = np.column_stack([design, never])
    peak = highest(design, Spans.of(lives))
    assert peak.errors[-1] > 10
    without = highest(design[:, :-1], Spans.of(lives[["entry", "duration", "ended"]]))
    assert np.isfinite(peak.weights).all()
    assert peak.errors[:-1] == pytest.approx(without.errors, rel=0.1)


def test_who_left_early_at_a_high_risk_leaves_no_rounding_behind():
    design, lives = drawn(4, columns=1)
    first = pd.DataFrame({"entry": [0.0], "duration": [0.5], "ended": [True]})
    spans = Spans.of(pd.concat([lives, first], ignore_index=True))
    slope = _Likelihood(np.vstack([design, [[60.0]]]), spans).at(np.array([1.0]))
    assert np.isfinite(slope.value)
    assert np.isfinite(slope.information).all()


def test_columns_that_are_one_have_no_peak():
    design, lives = drawn(5, columns=1)
    with pytest.raises(NoPeakError):
        highest(np.zeros_like(design), Spans.of(lives))
