"""What fitted models say of buyers: against lifetimes, closed forms, and what must hold."""

import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import hyp2f1

from src.data.problems import InputError
from src.models.shop import bg_nbd, mbg_nbd, pareto_nbd
from src.models.shop.bg_nbd import BgNbd
from src.models.shop.mbg_nbd import MbgNbd
from src.models.shop.pareto_nbd import ParetoNbd
from src.models.shop.simulated import bg_nbd_buyers
from src.models.shop.still_to_come import Alive, _integrated, _summed, purchases
from tests.models.shop.conftest import buyers_of

FITS = {"BG/NBD": bg_nbd.fit, "MBG/NBD": mbg_nbd.fit, "Pareto/NBD": pareto_nbd.fit}
MODELS = {"BG/NBD": BgNbd, "MBG/NBD": MbgNbd, "Pareto/NBD": ParetoNbd}


def at(name, *parameters, covariance=None):
    """A model of these parameters, as if fitted."""
    kind = MODELS[name]
    covariance = np.zeros((4, 4)) if covariance is None else covariance
    return kind(
        **dict(zip(kind.PARAMETERS, map(float, parameters), strict=True)),
        unit_days=7.0,
        buyers=1,
        log_likelihood=0.0,
        covariance=pd.DataFrame(covariance, kind.PARAMETERS, kind.PARAMETERS),
        limit="",
        at_limit=(),
    )


def random_buyers(rng, rows):
    age = rng.uniform(1, 80, rows)
    frequency = np.where(rng.random(rows) < 0.4, 0, rng.integers(1, 30, rows))
    recency = np.where(frequency > 0, age * rng.uniform(0.05, 1, rows), 0.0)
    return pd.DataFrame({"frequency": frequency, "recency": recency, "age": age})


@pytest.mark.parametrize("name", MODELS)
def test_lifetimes_says_the_same(name):
    with warnings.catch_warnings():
        # It was written for older versions of what it stands on.
        warnings.filterwarnings("ignore", category=DeprecationWarning, module="lifetimes|dill")
        import lifetimes
    other = {
        "BG/NBD": lifetimes.BetaGeoFitter,
        "MBG/NBD": lifetimes.ModifiedBetaGeoFitter,
        "Pareto/NBD": lifetimes.ParetoNBDFitter,
    }[name]()
    rng = np.random.default_rng(5)
    buyers = random_buyers(rng, 60)
    columns = buyers["frequency"], buyers["recency"], buyers["age"]
    for place in rng.uniform([0.2, 3, 0.3, 1.2], [1.5, 15, 0.9, 4], (5, 4)):
        model = at(name, *place)
        other.params_ = pd.Series(dict(zip(model.PARAMETERS, place, strict=True)))
        alive = other.conditional_probability_alive(*columns)
        assert model.alive(buyers).to_numpy() == pytest.approx(np.asarray(alive), rel=1e-6)
        for ahead in (0.5, 13.0, 39.0):
            later = other.conditional_expected_number_of_purchases_up_to_time(ahead, *columns)
            assert model.expected(buyers, ahead).to_numpy() == pytest.approx(
                np.asarray(later), rel=1e-6
            )
            new = other.expected_number_of_purchases_up_to_time(ahead)
            assert model.expected_new(ahead) == pytest.approx(float(new), rel=1e-6)


@pytest.mark.parametrize("leave", [1e-5, 0.4, 0.999999, 1.0, 3.0, 500.0])
def test_sum_and_integral_of_purchases_agree(leave):
    rng = np.random.default_rng(2)
    rows = 200
    shape, time, stay = 10 ** rng.uniform([[-2], [-0.5], [-2]], [[2], [2], [2]], (3, rows))
    alive = Alive(shape, time, np.full(rows, leave), stay)
    for ahead in (0.01, 1.0, 30.0):
        short = alive.rows(np.flatnonzero((shape * ahead < 300 * time) & (ahead < 30 * time)))
        assert _summed(short, ahead) == pytest.approx(_integrated(short, ahead), rel=1e-11)


def test_purchases_are_the_closed_form_where_that_can_be_computed():
    # Fader, Hardie, Lee 2005, equation 9, with its division by a - 1.
    r, alpha, a, b, ahead = 0.5, 4.0, 0.7, 2.5, 50.0
    power = (alpha / (alpha + ahead)) ** r
    gauss = hyp2f1(r, b, a + b - 1, ahead / (alpha + ahead))
    closed = (a + b - 1) / (a - 1) * (1 - power * gauss)
    one = Alive(*(np.array([value]) for value in (r, alpha, a, b)))
    assert purchases(one, ahead)[0] == pytest.approx(closed, rel=1e-12)


@pytest.mark.parametrize("name", MODELS)
def test_counts_are_chances_whose_mean_is_expected(name, some_buyers):
    model = at(name, 0.6, 7.0, 0.9, 2.5)
    counts = np.arange(401)
    chances = model.future_chances(some_buyers.head(8), 20.0, 400).to_numpy()
    assert chances.sum(axis=1) == pytest.approx(1, abs=1e-9)
    assert chances @ counts == pytest.approx(
        model.expected(some_buyers.head(8), 20.0).to_numpy(), rel=1e-8
    )
    new = model.count_chances(20.0, 400)
    assert new.sum() == pytest.approx(1, abs=1e-6)
    assert new @ counts == pytest.approx(model.expected_new(20.0), rel=1e-4)
    # Nobody buys in no time.
    assert model.count_chances(0.0, 3).tolist() == [1, 0, 0, 0]


def test_counts_of_simulated_buyers():
    rng = np.random.default_rng(3)
    buyers = bg_nbd_buyers(0.6, 7.0, 0.9, 2.5, np.full(40_000, 30.0), rng)
    shares = buyers["frequency"].value_counts(normalize=True)[[0, 1, 2, 3]].to_numpy()
    expected = at("BG/NBD", 0.6, 7.0, 0.9, 2.5).count_chances(30.0, 3)
    # Four standard errors.
    assert shares == pytest.approx(expected, abs=4 * np.sqrt(0.25 / 40_000))


@pytest.mark.parametrize("name", FITS)
def test_the_unit_of_time_changes_times_alone(name, cdnow):
    buyers = cdnow.buyers
    weeks = FITS[name](buyers)
    daily = buyers.assign(recency=7 * buyers["recency"], age=7 * buyers["age"])
    days = FITS[name](daily, unit_days=1)
    in_days = [7 if parameter in ("alpha", "beta") else 1 for parameter in weeks.PARAMETERS]
    assert days.parameters == pytest.approx(weeks.parameters * in_days, rel=1e-6)
    repeats = buyers["frequency"].sum()
    likelihood = weeks.log_likelihood - repeats * np.log(7)
    assert days.log_likelihood == pytest.approx(likelihood, abs=1e-6)
    assert days.covariance.to_numpy() == pytest.approx(weeks.covariance.to_numpy(), rel=1e-4)
    assert days.alive(daily).to_numpy() == pytest.approx(weeks.alive(buyers).to_numpy(), rel=1e-6)
    assert days.expected(daily, 273).to_numpy() == pytest.approx(
        weeks.expected(buyers, 39).to_numpy(), rel=1e-6
    )


def test_order_and_copies_of_buyers(cdnow):
    few = cdnow.buyers.sample(300, random_state=1)
    once, twice = bg_nbd.fit(few), bg_nbd.fit(pd.concat([few, few], ignore_index=True))
    assert twice.parameters == pytest.approx(once.parameters, rel=1e-5)
    assert twice.log_likelihood == pytest.approx(2 * once.log_likelihood, rel=1e-9)
    half = once.covariance.to_numpy() / 2
    assert twice.covariance.to_numpy() == pytest.approx(half, rel=1e-3)
    turned = once.expected(few.iloc[::-1], 10)
    pd.testing.assert_series_equal(turned.iloc[::-1], once.expected(few, 10))


def test_who_never_bought_again_is_alive_in_bg_alone():
    once = buyers_of((0, 0.0, 30.0))
    assert at("BG/NBD", 0.5, 7, 0.9, 2.5).alive(once).tolist() == [1.0]
    # Gone at once with a / (a + b), or still there and silent.
    assert 0.2 < at("MBG/NBD", 0.5, 7, 0.9, 2.5).alive(once).iloc[0] < 2.5 / 3.4
    assert at("MBG/NBD", 0.5, 7, 0.9, 2.5).alive(buyers_of((0, 0.0, 0.0))).iloc[0] == (
        pytest.approx(2.5 / 3.4)
    )
    # Bought a moment ago: Pareto/NBD knows of no time to have dropped out in.
    today = buyers_of((3, 30.0, 30.0))
    assert at("Pareto/NBD", 0.5, 7, 0.9, 2.5).alive(today).tolist() == [1.0]


BUYER = st.tuples(st.integers(0, 5_000), st.floats(0.001, 1), st.floats(0.1, 5_000)).map(
    lambda buyer: (buyer[0], buyer[1] * buyer[2] if buyer[0] else 0.0, buyer[2])
)
PLACE = st.tuples(*[st.floats(-3, 3)] * 4).map(lambda logs: tuple(np.exp(logs)))


@settings(max_examples=25, deadline=None)
@given(buyer=BUYER, place=PLACE, name=st.sampled_from(sorted(MODELS)))
def test_chances_lie_in_0_to_1_and_purchases_rise_ever_slower(buyer, place, name):
    model, one = at(name, *place), buyers_of(buyer)
    assert 0 <= model.alive(one).iloc[0] <= 1
    expected = np.array([model.expected(one, ahead).iloc[0] for ahead in (0.0, 1.0, 2.0, 3.0)])
    assert np.isfinite(expected).all()
    assert expected[0] == 0
    tolerance = 1e-9 * expected[-1]
    assert (np.diff(expected) >= -tolerance).all()
    assert (np.diff(expected, 2) <= tolerance).all()


def test_draws_spread_as_the_covariance_says(cdnow):
    model = bg_nbd.fit(cdnow.buyers)
    rng = np.random.default_rng(4)
    drawn = np.log([model.draw(rng).parameters for _ in range(800)])
    errors = np.sqrt(np.diag(model.covariance))
    scaled = model.covariance.to_numpy() / np.outer(errors, errors)
    assert np.cov(drawn.T / errors[:, None]) == pytest.approx(scaled, abs=0.15)
    assert model.draw(np.random.default_rng(1)).r == model.draw(np.random.default_rng(1)).r
    with pytest.raises(InputError, match="no standard errors"):
        at("BG/NBD", 1, 1, 1, 1, covariance=np.full((4, 4), np.nan)).draw(rng)


def test_times_ahead_that_are_none():
    model = at("BG/NBD", 0.5, 7, 0.9, 2.5)
    with pytest.raises(InputError, match="ahead must be a number of 0 or more, not -1"):
        model.expected_new(-1)
    with pytest.raises(InputError, match="most must be"):
        model.count_chances(1, -1)
