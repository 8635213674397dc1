import numpy as np
import pandas as pd
import pytest
from scipy.special import gammaln, hyperu

from src.data.problems import InputError
from src.models.intervals.proportions import Estimate
from src.models.shop import bg_nbd, gamma_gamma, pareto_nbd
from src.models.shop.buyers import patterns_of
from src.models.shop.pareto_nbd import per_pattern
from src.models.shop.residual import DAYS_PER_MONTH, discounted_purchases, residual_value
from src.models.shop.simulated import spends
from tests.models.shop.conftest import buyers_of


def repeat_buyers(rng, buyers, p, q, v):
    frequency = rng.geometric(0.3, buyers) - 1
    return pd.DataFrame({"frequency": frequency, "spend": spends(p, q, v, frequency, rng)})


def test_currency_changes_v_alone(cdnow):
    dollars = gamma_gamma.fit(cdnow.buyers)
    cents = gamma_gamma.fit(cdnow.buyers.assign(spend=100 * cdnow.buyers["spend"]))
    assert cents.parameters == pytest.approx(dollars.parameters * [1, 1, 100], rel=1e-6)
    loss = dollars.buyers * np.log(100)
    assert cents.log_likelihood == pytest.approx(dollars.log_likelihood - loss, abs=1e-6)
    assert cents.mean_interval().high == pytest.approx(100 * dollars.mean_interval().high)


def test_the_mean_interval_holds_the_mean():
    rng = np.random.default_rng(6)
    model = gamma_gamma.fit(repeat_buyers(rng, 4_000, 6.0, 4.0, 15.0))
    mean = model.mean_interval()
    assert mean.value == model.population_mean
    assert mean.low < 6 * 15 / 3 < mean.high
    assert mean.high / mean.low < 1.15


def test_heavy_tails_have_no_mean():
    rng = np.random.default_rng(7)
    buyers = repeat_buyers(rng, 3_000, 6.0, 0.6, 15.0)
    model = gamma_gamma.fit(buyers)
    assert model.q < 1
    assert model.population_mean == np.inf
    assert model.mean_interval().high == np.inf
    expected = model.expected_spend(buyers)
    assert np.isinf(expected[buyers["frequency"] == 0]).all()
    assert np.isfinite(expected[buyers["frequency"] > 0]).all()


def test_everybody_spends_the_same():
    buyers = pd.DataFrame({"frequency": [1, 2, 3, 4, 1], "spend": [20.0] * 5})
    model = gamma_gamma.fit(buyers)
    assert "every buyer spends the same each time" in model.limit
    assert model.expected_spend(buyers).tolist() == pytest.approx([20.0] * 5, rel=1e-2)
    assert np.isnan(model.mean_interval().low)


def test_money_that_cannot_be():
    good = pd.DataFrame({"frequency": [0, 1, 2, 3, 4], "spend": [np.nan, 9.0, 8.0, 7.0, 6.0]})
    with pytest.raises(InputError, match=r"zero or below in 1 of 4 .*first: row 3, 0\)"):
        gamma_gamma.fit(good.assign(spend=[np.nan, 9.0, 0.0, 7.0, 6.0]))
    with pytest.raises(InputError, match="spend is missing or infinite in 1 of 4"):
        gamma_gamma.fit(good.assign(spend=[np.nan, 9.0, np.nan, 7.0, 6.0]))
    with pytest.raises(InputError, match=r"3 of 4 buyers bought again; .* needs 4"):
        gamma_gamma.fit(good.head(4))
    with pytest.raises(InputError, match="a whole number of 0 or more"):
        gamma_gamma.fit(good.assign(frequency=[0, 1, 2, 3, 0.5]))
    with pytest.raises(InputError, match="have no correlation"):
        gamma_gamma.frequency_and_spend(good.assign(frequency=1, spend=5.0))


def test_frequency_and_spend(cdnow):
    rho = gamma_gamma.frequency_and_spend(cdnow.buyers)
    repeat = cdnow.buyers[cdnow.buyers["frequency"] > 0]
    spearman = repeat["frequency"].rank().corr(repeat["spend"].rank())
    assert rho.value == pytest.approx(spearman)
    assert isinstance(rho, Estimate)
    assert rho.low < rho.value < rho.high
    rng = np.random.default_rng(8)
    none = gamma_gamma.frequency_and_spend(repeat_buyers(rng, 3_000, 6.0, 4.0, 15.0))
    assert none.low < 0 < none.high


@pytest.mark.parametrize("fit", [bg_nbd.fit, pareto_nbd.fit])
@pytest.mark.parametrize(("horizon", "discount"), [(36, 0.12), (36, 0.0), (5, 0.3)])
def test_months_are_added_one_by_one(fit, horizon, discount, cdnow, some_buyers):
    model, month = fit(cdnow.buyers), DAYS_PER_MONTH / 7
    by = [model.expected(some_buyers.head(8), month * m) for m in range(horizon + 1)]
    direct = sum((by[m] - by[m - 1]) / (1 + discount) ** (m / 12) for m in range(1, horizon + 1))
    found = discounted_purchases(model, some_buyers.head(8), horizon=horizon, discount=discount)
    assert found.to_numpy() == pytest.approx(direct.to_numpy(), rel=1e-6)
    assert found.name == "discounted_purchases"


def test_a_month_is_a_month_in_days_too(cdnow):
    buyers = cdnow.buyers.head(50)
    weeks = bg_nbd.fit(cdnow.buyers)
    times = {"recency": 7 * cdnow.buyers["recency"], "age": 7 * cdnow.buyers["age"]}
    daily = cdnow.buyers.assign(**times)
    days = bg_nbd.fit(daily, unit_days=1)
    assert discounted_purchases(days, daily.head(50)).to_numpy() == pytest.approx(
        discounted_purchases(weeks, buyers).to_numpy(), rel=1e-6
    )


def test_a_long_horizon_is_the_closed_form_of_pareto(cdnow):
    # Fader, Hardie, Lee 2005, "RFM and CLV", equation 2: discounted expected residual
    # transactions, discounted at every moment; months count at their end, half a month later.
    model = pareto_nbd.fit(cdnow.buyers)
    buyers = buyers_of((0, 0.0, 38.0), (2, 30.43, 38.86), (7, 37.0, 38.0))
    r, alpha, s, beta = model.parameters
    x, age = buyers["frequency"].to_numpy(), buyers["age"].to_numpy()
    delta = np.log(1.12) / (365.25 / 7)
    log_likelihood = per_pattern(model.parameters, patterns_of(buyers)).value
    log_dert = r * np.log(alpha) + s * np.log(beta) + (s - 1) * np.log(delta)
    log_dert = log_dert + gammaln(r + x + 1) - gammaln(r) - (r + x + 1) * np.log(alpha + age)
    dert = np.exp(log_dert - log_likelihood) * hyperu(s, s, delta * (beta + age))
    found = discounted_purchases(model, buyers, horizon=1_200)
    assert found.to_numpy() * 1.12 ** (1 / 24) == pytest.approx(dert, rel=1e-3)


def test_residual_value_is_purchases_times_money_times_share(cdnow):
    model, money = bg_nbd.fit(cdnow.buyers), gamma_gamma.fit(cdnow.buyers)
    buyers = cdnow.buyers.head(4).set_index(pd.Index(list("abcd")))
    spend = money.expected_spend(buyers)
    value = residual_value(model, buyers, spend, 0.3)
    expected = discounted_purchases(model, buyers) * spend * 0.3
    pd.testing.assert_series_equal(value, expected.rename("residual_value"))
    with pytest.raises(InputError, match="index of the buyers"):
        residual_value(model, buyers, spend.reset_index(drop=True), 0.3)
    with pytest.raises(InputError, match="margin_share"):
        residual_value(model, buyers, spend, np.nan)
    with pytest.raises(InputError, match="horizon must be a whole number"):
        discounted_purchases(model, buyers, horizon=0)
    with pytest.raises(InputError, match="discount must be"):
        discounted_purchases(model, buyers, discount=-0.1)
