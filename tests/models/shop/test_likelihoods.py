"""The likelihoods against what they mean: integrals over the rates of buyers, and differences."""

from itertools import pairwise

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import beta, gamma

from src.models.shop import gamma_gamma, pareto_nbd
from src.models.shop.beta_geometric import per_pattern
from src.models.shop.buyers import patterns_of
from src.models.shop.rising import rising
from tests.models.shop.conftest import buyers_of

PLACES = [(0.25, 4.4, 0.8, 2.4), (2.0, 9.0, 1.5, 1.0)]
FEW = [(0, 0.0, 0.0), (0, 0.0, 30.0), (1, 2.0, 30.0), (3, 20.0, 30.0), (3, 30.0, 30.0)]
LIKELIHOODS = {
    "BG/NBD": lambda parameters, patterns: per_pattern(parameters, patterns, 0),
    "MBG/NBD": lambda parameters, patterns: per_pattern(parameters, patterns, 1),
    "Pareto/NBD": pareto_nbd.per_pattern,
}


def grid(end):
    """Gauss-Legendre places and weights from 0 to `end`, dense enough for 30 weeks."""
    place, weight = np.polynomial.legendre.leggauss(300)
    return end * (place + 1) / 2, end * weight / 2


def of_one_buyer(rate, leave, buyer, earlier):
    """Density of what a buyer of this rate and chance to drop out did, BG or MBG."""
    x, t_x, age = buyer
    moments = x + earlier
    alive = rate**x * np.exp(-rate * age) * (1 - leave) ** moments
    if moments == 0:
        return alive
    return alive + rate**x * np.exp(-rate * t_x) * (1 - leave) ** (moments - 1) * leave


@pytest.mark.parametrize("earlier", [0, 1])
@pytest.mark.parametrize("buyer", FEW)
def test_beta_geometric_mixes_buyers(earlier, buyer):
    r, alpha, a, b = place = (2.0, 9.0, 2.0, 3.0)
    rate, weight = grid(6.0)
    leave, weight_of_leave = grid(1.0)
    chances = weight_of_leave * leave ** (a - 1) * (1 - leave) ** (b - 1) / beta(a, b)
    rates = weight * rate ** (r - 1) * np.exp(-alpha * rate) * alpha**r / gamma(r)
    mixed = rates @ of_one_buyer(rate[:, None], leave, buyer, earlier) @ chances
    found = per_pattern(place, patterns_of(buyers_of(buyer)), earlier).value[0]
    assert found == pytest.approx(np.log(mixed), abs=1e-9)


@pytest.mark.parametrize("buyer", FEW)
def test_pareto_mixes_buyers(buyer):
    x, t_x, age = buyer
    r, alpha, s, beta_ = place = (2.0, 9.0, 2.0, 6.0)
    (rate, weight), (leaving, weight_of_leaving) = grid(6.0), grid(8.0)
    rates = weight * rate ** (r - 1) * np.exp(-alpha * rate) * alpha**r / gamma(r)
    of_leaving = leaving ** (s - 1) * np.exp(-beta_ * leaving) * beta_**s / gamma(s)
    both = rate[:, None] + leaving
    gone = leaving / both * (np.exp(-both * t_x) - np.exp(-both * age))
    likelihood = rate[:, None] ** x * (gone + np.exp(-both * age))
    mixed = rates @ likelihood @ (weight_of_leaving * of_leaving)
    found = pareto_nbd.per_pattern(place, patterns_of(buyers_of(buyer))).value[0]
    assert found == pytest.approx(np.log(mixed), abs=1e-7)


def test_gamma_gamma_mixes_buyers():
    p, q, v, x, z = 6.0, 3.5, 15.0, 3, 28.0

    scale, weight = grid(2.0)
    of_scale = weight * scale ** (q - 1) * np.exp(-v * scale) * v**q / gamma(q)
    of_mean = z ** (p * x - 1) * (scale * x) ** (p * x) * np.exp(-scale * x * z) / gamma(p * x)
    mixed = of_scale @ of_mean
    one = np.array([0])
    found, _ = gamma_gamma.log_likelihood(
        np.array([p, q, v]), np.array([float(x)]), one, np.array([z])
    )
    assert found == pytest.approx(np.log(mixed), abs=1e-8)


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("model", LIKELIHOODS)
def test_slopes_are_differences(model, place, some_buyers):
    patterns, at = patterns_of(some_buyers), np.array(place)
    slopes = LIKELIHOODS[model](at, patterns).slopes
    for row, step in enumerate(1e-5 * np.eye(4)):
        up = LIKELIHOODS[model](at * np.exp(step), patterns).value
        down = LIKELIHOODS[model](at * np.exp(-step), patterns).value
        assert slopes[row] == pytest.approx((up - down) / 2e-5, rel=1e-6, abs=1e-6)


def test_slopes_of_gamma_gamma_are_differences():
    counts, code = np.array([1.0, 3.0, 40.0]), np.array([0, 0, 1, 2])
    spend, at = np.array([3.0, 80.0, 30.0, 12.0]), np.array([6.0, 3.5, 15.0])
    _, slopes = gamma_gamma.log_likelihood(at, counts, code, spend)
    for row, step in enumerate(1e-5 * np.eye(3)):
        up, _ = gamma_gamma.log_likelihood(at * np.exp(step), counts, code, spend)
        down, _ = gamma_gamma.log_likelihood(at * np.exp(-step), counts, code, spend)
        assert slopes[row] == pytest.approx((up - down) / 2e-5, rel=1e-7)


@pytest.mark.parametrize("model", LIKELIHOODS)
def test_thousands_of_purchases_overflow_nothing(model):
    patterns = patterns_of(buyers_of((5_000, 4_000.0, 4_100.0), (5_000, 1.0, 9_000.0)))
    for place in [(0.01, 0.01, 0.01, 0.01), (0.5, 4.0, 1.0, 2.0), (1e4, 1e3, 1e4, 1e5)]:
        each = LIKELIHOODS[model](np.array(place), patterns)
        assert np.isfinite(each.value).all()
        assert np.isfinite(each.slopes).all()
        assert each.log_odds[1] > 20  # bought 5,000 times in one week and never again


def test_pareto_is_exact_for_buyers_who_hypergeometric_functions_overflow_for():
    # The death integral of 400 purchases, piece by piece, by adaptive quadrature.
    r, alpha, s, beta_ = place = (0.7, 8.0, 0.9, 3.0)
    x, t_x, age = 400, 90.0, 100.0

    def after(u):
        of_rate = ((alpha + age) / (alpha + u)) ** (r + x)
        return of_rate * ((beta_ + age) / (beta_ + u)) ** s / (beta_ + u)

    pieces = np.linspace(t_x, age, 20)
    integral = sum(quad(after, *ends, epsrel=1e-11)[0] for ends in pairwise(pieces))
    found = pareto_nbd.per_pattern(place, patterns_of(buyers_of((x, t_x, age)))).log_odds[0]
    assert found == pytest.approx(np.log(s * integral), abs=1e-9)


def test_rising_of_one_start_and_of_many_are_the_same():
    steps = np.array([0.0, 1.0, 2.0, 50.0])
    for alone, each in zip(rising(0.3, steps), rising(np.full(4, 0.3), steps), strict=True):
        assert alone == pytest.approx(each, rel=1e-12)
    # log (1e9 + 1) (1e9) to all digits, where the difference of log-gammas has none left.
    assert rising(1e9, np.array([2.0]))[0][0] == pytest.approx(2 * np.log(1e9) + 1e-9, rel=1e-15)


def test_parameters_of_their_own_per_buyer_give_the_same(some_buyers):
    patterns = patterns_of(some_buyers)
    alone = patterns.chosen(np.arange(len(some_buyers)))
    r, alpha, a, b = PLACES[0]
    each = per_pattern((r, np.full(9, alpha), np.full(9, a), np.full(9, b)), alone, 0)
    assert each.value == pytest.approx(per_pattern(PLACES[0], patterns, 0).value, rel=1e-12)
