"""The figures of the CD shop.

Parameters: Fader, Hardie, Lee 2005 (BG/NBD: Marketing Science 24(2), table 2; Pareto/NBD: the
same), Fader, Hardie 2013 (gamma-gamma note). Hold-out figures were recomputed.
"""

import numpy as np
import pytest

from src.models.shop import bg_nbd, gamma_gamma, mbg_nbd, pareto_nbd
from tests.models.shop.conftest import buyers_of


def test_bg_nbd(cdnow):
    model = bg_nbd.fit(cdnow.buyers)
    assert model.parameters == pytest.approx([0.2426, 4.4136, 0.7929, 2.4259], abs=1e-3)
    assert model.log_likelihood == pytest.approx(-9582.43, abs=0.01)
    assert (model.buyers, model.unit_days, model.limit) == (2357, 7, "")
    new = [model.expected_new(week) for week in (1, 32, 78)]
    assert new == pytest.approx([0.0532, 1.0437, 1.8576], abs=5e-4)
    one = model.expected(buyers_of((2, 30.43, 38.86)), 39)
    assert one.iloc[0] == pytest.approx(1.2259, abs=1e-4)


def test_pareto_nbd(cdnow):
    model = pareto_nbd.fit(cdnow.buyers)
    assert model.parameters[[0, 2]] == pytest.approx([0.5531, 0.6062], abs=1e-3)
    assert model.parameters[[1, 3]] == pytest.approx([10.578, 11.67], abs=3e-3)
    assert model.log_likelihood == pytest.approx(-9594.98, abs=0.01)


def test_dropping_out_at_the_first_purchase_fits_this_shop_a_little_better(cdnow):
    # As BTYDplus and lifetimes find: r 0.525, alpha 6.183, a 0.891, b 1.614.
    model = mbg_nbd.fit(cdnow.buyers)
    assert model.parameters == pytest.approx([0.5248, 6.183, 0.8914, 1.614], abs=1e-3)
    assert model.log_likelihood == pytest.approx(-9582.13, abs=0.01)


def test_what_came(cdnow):
    actual = cdnow.later
    assert actual.sum() == 1882
    totals, errors = {}, {"all-zero": np.abs(actual).mean()}
    for name, fit in {"bg": bg_nbd.fit, "pareto": pareto_nbd.fit}.items():
        expected = fit(cdnow.buyers).expected(cdnow.buyers, 39)
        totals[name], errors[name] = expected.sum(), np.abs(expected - actual).mean()
    rate = cdnow.buyers["frequency"] / cdnow.buyers["age"]
    errors["naive rate"] = np.abs(39 * rate - actual).mean()
    assert totals == pytest.approx({"bg": 1653, "pareto": 1665}, abs=1)
    assert errors == pytest.approx(
        {"bg": 0.785, "pareto": 0.755, "all-zero": 0.798, "naive rate": 1.024}, abs=1e-3
    )


def test_gamma_gamma(cdnow):
    model = gamma_gamma.fit(cdnow.buyers)
    assert model.buyers == 946
    assert model.parameters == pytest.approx([6.25, 3.74, 15.44], abs=0.01)
    assert model.log_likelihood == pytest.approx(-4055.92, abs=0.01)
    assert model.population_mean == pytest.approx(35.17, abs=0.01)
    # Fader and Hardie 2013, section 4: buyers 1 and 2 of the sample.
    expected = model.expected_spend(cdnow.buyers.head(3))
    assert expected.tolist() == pytest.approx([24.66, 18.91, 35.17], abs=0.01)
