"""Values of segments when migration goes on, and whether one matrix describes a span."""

import numpy as np
import pandas as pd
import pytest

from src.data.problems import InputError
from src.models.segments.markov import drift, instability, markov_value, values_by_segment
from src.models.segments.migration import moves

SEGMENTS = ["high", "low"]


def test_the_markov_value_is_that_of_simulated_customers():
    transitions = np.array([[0.7, 0.2, 0.1], [0.1, 0.6, 0.3]])
    money, periods, discount = np.array([10.0, 2.0]), 6, 0.05
    found = markov_value(transitions, money, periods, discount)
    rng, many = np.random.default_rng(0), 40_000
    for start in range(2):
        where = np.full(many, start)
        value = np.zeros(many)
        for period in range(periods):
            is_there = where < 2
            value[is_there] += money[where[is_there]] / (1 + discount) ** period
            draws = rng.random(many)
            ends = transitions.cumsum(axis=1)[np.minimum(where, 1)]
            where = np.where(is_there, (draws[:, None] > ends).sum(axis=1), 2)
        error = value.std() / np.sqrt(many)
        assert abs(value.mean() - found[start]) < 4 * error


def test_without_migration_the_value_is_an_annuity():
    found = markov_value(np.array([[1.0, 0.0]]), np.array([3.0]), 12, 0.01)
    assert found[0] == pytest.approx(3 * (1 - 1.01**-12) / (1 - 1 / 1.01))


def test_instability_is_none_for_one_matrix_and_weighs_segments():
    one = np.array([[0.5, 0.5, 0.0], [0.1, 0.8, 0.1]])
    other = np.array([[0.5, 0.0, 0.5], [0.1, 0.8, 0.1]])
    assert instability(one, one, np.array([3.0, 1.0])) == 0
    assert instability(one, other, np.array([30.0, 10.0])) == pytest.approx(0.375)


def test_periods_and_discounts_that_mean_nothing():
    with pytest.raises(InputError, match="periods must be 1 or more"):
        markov_value(np.array([[1.0, 0.0]]), np.array([1.0]), 0, 0.0)


def moved(count, matrix, rng, prefix="c"):
    """Two sides of `count` customers, half of each segment, that move by `matrix`."""
    start = np.arange(count) % 2
    ends = np.array([rng.choice(3, p=matrix[place]) for place in start])
    ids = np.array([f"{prefix}{number}" for number in range(count)])
    names = np.array([*SEGMENTS, "gone"])
    money = np.where(ends == 0, 10.0, 2.0) * rng.lognormal(0, 0.5, count)
    before = pd.DataFrame({"customer_id": ids, "segment": names[start], "money": 1.0})
    after = pd.DataFrame({"customer_id": ids, "segment": names[ends], "money": money})
    return before, after[ends < 2]


MATRIX = np.array([[0.7, 0.2, 0.1], [0.1, 0.6, 0.3]])


def test_values_are_of_what_comes_and_not_of_the_span_that_is_over():
    before, after = moved(40, MATRIX, np.random.default_rng(0))
    rng = np.random.default_rng(1)
    table = values_by_segment(before, after, SEGMENTS, rng, periods=2, discount=0.1, replicates=50)
    means = after.groupby("segment")["money"].mean()
    one = moves(before, after, SEGMENTS).set_index(["before", "after"])["share"].unstack()
    stays = one.loc[SEGMENTS, SEGMENTS].to_numpy()
    first = stays @ means[SEGMENTS].to_numpy() / 1.1
    assert table["value"].to_numpy() == pytest.approx(first + stays @ first / 1.1)
    assert table["stays"].to_numpy() == pytest.approx(means[SEGMENTS] * (1 / 1.1 + 1 / 1.21))
    assert table["customers"].tolist() == [(after["segment"] == name).sum() for name in SEGMENTS]
    assert (table["low"] < table["value"]).all()
    assert (table["value"] < table["high"]).all()


@pytest.mark.slow
def test_intervals_of_values_hold_the_truth():
    """200 bases of 400 customers: the 90 % interval holds the true value nine times in ten."""
    mean = np.exp(0.125)
    true = markov_value(MATRIX, np.array([10.0, 2.0]) * mean, 4, 0.1) - np.array([10.0, 2.0]) * mean
    held = []
    for seed in range(200):
        rng = np.random.default_rng(seed)
        before, after = moved(400, MATRIX, rng)
        table = values_by_segment(
            *(before, after, SEGMENTS, rng),
            periods=3, discount=0.1, replicates=200, confidence=0.9,
        )  # fmt: skip
        held.append(((table["low"] <= true) & (true <= table["high"])).to_numpy())
    coverage = np.mean(held, axis=0)
    assert ((coverage > 0.85) & (coverage < 0.95)).all()


def test_a_segment_that_nobody_is_in_has_no_value():
    before = pd.DataFrame({"customer_id": ["a", "b"], "segment": "high", "money": 1.0})
    after = before.assign(segment=["high", "low"])
    rng = np.random.default_rng(0)
    table = values_by_segment(before, after, SEGMENTS, rng, periods=1, discount=0.0, replicates=50)
    assert table["segment"].tolist() == ["high"]


def test_drift_tells_another_matrix_from_chance():
    rng = np.random.default_rng(3)
    one = moves(*moved(600, MATRIX, rng), SEGMENTS)
    same = moves(*moved(600, MATRIX, rng), SEGMENTS)
    other = moves(*moved(600, MATRIX[::-1], rng), SEGMENTS)
    assert drift(one, same, SEGMENTS, rng)["one_matrix"] == 1
    apart = drift(one, other, SEGMENTS, rng)
    assert apart["one_matrix"] == 0
    assert apart["moved"] > 2 * apart["chance"]


@pytest.mark.slow
def test_drift_cries_wolf_one_time_in_twenty():
    rng = np.random.default_rng(5)
    alarms = 0
    for _ in range(200):
        halves = [moves(*moved(300, MATRIX, rng), SEGMENTS) for _ in range(2)]
        alarms += drift(*halves, SEGMENTS, rng)["one_matrix"] == 0
    assert 2 <= alarms <= 22


def test_nothing_to_compare_is_said():
    rng = np.random.default_rng(0)
    high = pd.DataFrame({"customer_id": ["a"], "segment": "high", "money": 1.0})
    one, other = moves(high, high, SEGMENTS), moves(high.assign(segment="low"), high, SEGMENTS)
    with pytest.raises(InputError, match="no segment had customers before both spans"):
        drift(one, other, SEGMENTS, rng)
