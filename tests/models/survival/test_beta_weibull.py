import numpy as np
import pytest
from scipy.special import betaln

from src.models.survival.beta_weibull import (
    Parameters,
    log_covariance,
    log_likelihood,
    log_retention,
    log_survival,
    maximise,
)

TIMES = np.arange(13.0)
USUAL = [Parameters(0.7, 1.2), Parameters(0.2, 1.4, 1.7), Parameters(3, 40, 0.6)]


@pytest.mark.parametrize("parameters", USUAL)
def test_survival_is_a_ratio_of_beta_functions(parameters):
    alpha, beta, c = parameters

    expected = betaln(alpha, beta + TIMES**c) - betaln(alpha, beta)

    assert log_survival(parameters, TIMES) == pytest.approx(expected, rel=1e-12, abs=1e-14)


@pytest.mark.parametrize("scale", [1e-8, 1e-3, 1.0, 1e3, 1e6, 1e12])
def test_retention_with_c_of_1_is_a_fraction_at_every_scale(scale):
    alpha, beta, before = 0.7 * scale, 1.2 * scale, TIMES[:-1]

    found = np.exp(log_retention(Parameters(alpha, beta), TIMES[1:]))

    assert found == pytest.approx((beta + before) / (alpha + beta + before), rel=1e-9)


def test_customers_alike_leave_as_a_discrete_weibull():
    mean, c = 1e-4, 2.5
    found = log_survival(Parameters(1e8 * mean, 1e8, c), TIMES)

    # Of the order of 1 / alpha the limit and the distribution differ.
    assert found == pytest.approx(np.log1p(-mean) * TIMES**c, rel=1e-2)


@pytest.mark.parametrize("parameters", [*USUAL, Parameters(5e4, 9e4), Parameters(1.5, 1e5, 4)])
def test_slopes_are_those_of_the_likelihood(parameters):
    at_risk = np.array([100.0, 70, 55, 41, 40, 33])
    ends = np.array([30.0, 14, 12, 0, 6, 2])
    expected = [
        (
            log_likelihood(parameters.times(step), ends, at_risk)[0]
            - log_likelihood(parameters.times(-step), ends, at_risk)[0]
        )
        / 2e-5
        for step in 1e-5 * np.eye(3)
    ]

    found = log_likelihood(parameters, ends, at_risk)[1]

    assert found == pytest.approx(expected, rel=1e-5, abs=1e-4)


@pytest.mark.parametrize("parameters", USUAL)
def test_the_likelihood_is_that_of_ends_and_of_the_censored(parameters):
    ends, censored = np.array([30.0, 14, 12]), np.array([5.0, 6, 0, 33])
    at_risk = np.array([95.0, 59, 45])
    alpha, beta, c = parameters
    survival = np.exp(betaln(alpha, beta + np.arange(4.0) ** c) - betaln(alpha, beta))

    expected = ends @ np.log(-np.diff(survival)) + censored @ np.log(survival)

    assert log_likelihood(parameters, ends, at_risk)[0] == pytest.approx(expected)


@pytest.mark.parametrize("free", [2, 3])
def test_no_other_place_has_a_higher_likelihood(free):
    random = np.random.default_rng(1)
    at_risk, ends = np.array([100.0, 70, 55, 41, 35]), np.array([30.0, 15, 14, 6, 3])

    best, highest = maximise(ends, at_risk, [Parameters(1, 1)], free)

    assert highest == pytest.approx(log_likelihood(best, ends, at_risk)[0])
    assert best.limit == ""
    for step in random.normal(0, 1, (200, 3)) * [1, 1, free == 3]:
        for size in (1, 0.1, 0.01):
            assert log_likelihood(best.times(size * step), ends, at_risk)[0] < highest + 1e-9


def test_covariance_is_the_inverse_of_the_curvature():
    at_risk, ends = np.array([100.0, 70, 55, 41, 35]), np.array([30.0, 15, 14, 6, 3])
    best, highest = maximise(ends, at_risk, [Parameters(1, 1)], 2)

    information = np.linalg.inv(log_covariance(best, ends, at_risk, 2))

    # Twice the loss of a small step is the step squared in units of the information.
    for step in 1e-3 * np.array([[1, 0, 0], [0, 1, 0], [1, 1, 0]]):
        ahead, behind = (
            log_likelihood(best.times(sign * step), ends, at_risk)[0] for sign in (1, -1)
        )
        loss = 2 * highest - ahead - behind
        assert loss == pytest.approx(step[:2] @ information @ step[:2], rel=1e-3)


@pytest.mark.parametrize(
    ("parameters", "limit"),
    [
        (Parameters(0.7, 1.2), ""),
        (Parameters(1e-6, 50), ""),
        (Parameters(2e5, 1e9), "customers alike"),
        (Parameters(4e-7, 6e-7), "customers split"),
        (Parameters(0.7, 1.2, 10), "c at an end"),
        (Parameters(0.7, 1.2, 0.1), "c at an end"),
    ],
)
def test_limits_have_names_and_no_covariance(parameters, limit):
    assert parameters.limit == limit
    if limit:
        assert np.isnan(log_covariance(parameters, np.ones(2), 9 * np.ones(2), 3)).all()
