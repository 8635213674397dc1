import numpy as np
import pytest
from scipy.stats import norm

from src.models.intervals import studentised
from src.models.intervals.studentised import Cells, Draws, Means, drawn


def generators(seed: int) -> tuple[np.random.Generator, np.random.Generator]:
    one, other = np.random.default_rng(seed).spawn(2)
    return one, other


def ratio(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    return (first[..., 0] / first[..., 1] - second[..., 0])[..., None]


def test_ends_by_hand():
    # t from -5 to 4: of ten draws 5 % are below the lowest, 5 % above the highest.
    values = np.arange(5.0, 15)[:, None]
    draws = Draws(np.array([10.0]), np.array([2.0]), values, np.ones((10, 1)))

    low, high = draws.ends(0.9)
    assert (low.tolist(), high.tolist()) == ([10 - 2 * 4.0], [10 + 2 * 5.0])


def test_ends_without_an_error_are_the_value_and_without_a_draw_there_are_none():
    value = np.array([1.0, 2.0, 3.0, 4.0])
    error = np.array([0.0, 1.0, 1.0, 1.0])
    values = np.array([[1.0, 2.0, 9.0, np.nan], [1.0, 2.0, -9.0, 4.0]])
    errors = np.array([[0.0, 0.0, 0.0, 1.0], [0.0, 0.0, 0.0, 1.0]])

    low, high = Draws(value, error, values, errors).ends(0.9)
    assert low.tolist() == [1, 2, -np.inf, -np.inf]
    assert high.tolist() == [1, 2, np.inf, np.inf]


def test_means_and_covariances_under_weights_are_those_of_repeated_rows():
    rng = np.random.default_rng(1)
    values = np.column_stack([rng.normal(1e6, 1, 30), rng.lognormal(5, 2, 30), np.full(30, 7.0)])
    weights = np.array([np.ones(30), np.bincount(rng.integers(0, 30, 30), minlength=30)])

    means, covariances = Means(values).at(weights)
    for weight, mean, covariance in zip(weights.astype(int), means, covariances, strict=True):
        repeated = np.repeat(values, weight, axis=0)
        assert mean == pytest.approx(repeated.mean(axis=0))
        assert covariance == pytest.approx(np.cov(repeated.T, ddof=0) / 30, rel=1e-6)


def test_cells_under_weights_are_means_of_their_parts():
    rng = np.random.default_rng(2)
    codes = np.array([0] * 5 + [2] * 7 + [3] * 8)
    values = rng.lognormal(5, 1, 20)
    weights = np.array([np.ones(20), np.bincount(rng.integers(0, 20, 20), minlength=20)])
    weights[1] = np.where(codes == 0, 0, weights[1])
    weights[1, 6] += 20 - weights[1].sum()

    means, covariances = Cells(values, codes, 4).at(weights)
    assert means[0, :4].tolist() == [0.25, 0, 0.35, 0.4]
    assert means[0, 4:] == pytest.approx(
        [values[:5].mean(), 0, values[5:12].mean(), values[12:].mean()]
    )
    # The cell that the draw misses keeps its mean, without an error.
    assert (means[1, 0], covariances[1, 4, 4]) == (0, 0)
    assert means[1, 4] == pytest.approx(means[0, 4])
    for weight, mean, covariance in zip(weights.astype(int), means, covariances, strict=True):
        drawn_codes, drawn_values = np.repeat(codes, weight), np.repeat(values, weight)
        is_in = drawn_codes[:, None] == np.arange(4)
        # What one customer moves: the shares, and the mean of the own cell.
        share = np.where(mean[:4] > 0, mean[:4], 1)
        moved = np.hstack([is_in - mean[:4], is_in * (drawn_values[:, None] - mean[4:]) / share])
        assert covariance == pytest.approx(moved.T @ moved / 20**2, rel=1e-9, abs=1e-15)


def test_errors_of_a_ratio_are_those_of_the_textbook():
    rng = np.random.default_rng(3)
    first, second = rng.lognormal(3, 1, (50, 2)), rng.lognormal(3, 1, (80, 1))
    found = drawn(ratio, Means(first), Means(second), generators(1), replicates=0)

    mean = first.mean(axis=0)
    # Variance of a ratio: Cochran 1977, section 2.11.
    of_first = ((first[:, 0] - mean[0] / mean[1] * first[:, 1]) / mean[1]).var() / 50
    assert found.value == pytest.approx(mean[0] / mean[1] - second.mean())
    assert found.error == pytest.approx(np.sqrt(of_first + second.var() / 80))
    assert found.values.shape == (0, 1)


def test_draws_are_repeatable_and_do_not_depend_on_the_size_of_chunks(monkeypatch):
    rng = np.random.default_rng(4)
    first, second = Means(rng.lognormal(3, 1, (50, 2))), Means(rng.lognormal(3, 1, (80, 1)))
    found = drawn(ratio, first, second, generators(1), replicates=100)
    monkeypatch.setattr(studentised, "AT_ONCE", 300)
    in_chunks = drawn(ratio, first, second, generators(1), replicates=100)

    assert found.values.shape == (100, 1)
    assert in_chunks.values == pytest.approx(found.values)
    assert in_chunks.errors == pytest.approx(found.errors)


def test_draws_spread_as_the_error_says():
    rng = np.random.default_rng(5)
    first, second = Means(rng.normal(10, 1, (400, 2))), Means(rng.normal(10, 1, (400, 1)))
    found = drawn(ratio, first, second, generators(1), replicates=2_000)

    assert found.values.std() == pytest.approx(found.error[0], rel=0.05)
    assert found.errors.mean() == pytest.approx(found.error[0], rel=0.05)
    low, high = found.ends(0.9)
    assert [low[0], high[0]] == pytest.approx(
        found.value[0] + norm.ppf([0.05, 0.95]) * found.error[0], rel=0.01
    )


def test_a_skewed_mean_is_covered_better_than_by_percentiles():
    truth = np.exp(1.5**2 / 2) - 1
    of_t, of_percentiles = [], []
    for seed in range(150):
        values = np.random.default_rng(seed).lognormal(0, 1.5, (100, 1))
        found = drawn(
            lambda first, second: first - second,
            Means(values),
            Means(np.ones((2, 1))),
            generators(seed),
            replicates=200,
        )
        (low,), (high,) = found.ends(0.9)
        of_t.append(low <= truth <= high)
        low, high = np.quantile(found.values[:, 0], [0.05, 0.95])
        of_percentiles.append(low <= truth <= high)

    assert np.mean(of_t) > np.mean(of_percentiles) + 0.02
    assert 0.82 <= np.mean(of_t) <= 0.95
