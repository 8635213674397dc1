import numpy as np
import pandas as pd
import pytest

from src.data.problems import InputError
from src.models.shop import bg_nbd, bg_nbd_covariates
from src.models.shop.likelihood_ratio import likelihood_ratio
from src.models.shop.simulated import bg_nbd_buyers

TRAITS = ["web", "size"]


@pytest.fixture(scope="module")
def shop():
    """Buyers from the web buy twice as fast; `size` does nothing."""
    rng = np.random.default_rng(9)
    ages = np.full(1_000, 60.0)
    slow = bg_nbd_buyers(0.6, 8.0, 0.8, 2.4, ages, rng)
    fast = bg_nbd_buyers(0.6, 4.0, 0.8, 2.4, ages, rng)
    buyers = pd.concat([slow, fast], ignore_index=True)
    web = np.repeat([0.0, 1.0], 1_000)
    return buyers, pd.DataFrame({"web": web, "size": rng.integers(0, 4, 2_000)})


def test_effects_are_found(shop):
    buyers, traits = shop
    model = bg_nbd_covariates.fit(buyers, traits)
    table = model.effects().set_index(["effect", "covariate"])
    assert list(table.columns) == ["value", "low", "high"]
    rate = table.loc[("rate", "web")]
    assert rate["low"] < np.log(2) < rate["high"]
    assert rate["low"] > 0.3
    rest = table.drop(("rate", "web"))
    assert ((rest["low"] < 0) & (rest["high"] > 0)).all()
    low, high = model.baseline.intervals().loc["alpha", ["low", "high"]]
    assert low < 8 < high
    plain = bg_nbd.fit(buyers)
    test = likelihood_ratio(plain, model)
    assert test.degrees_of_freedom == 6
    assert test.p_value < 1e-6
    # A larger model is no worse.
    assert model.log_likelihood > plain.log_likelihood
    with pytest.raises(InputError, match="a larger one"):
        likelihood_ratio(model, plain)


def test_a_trait_that_says_nothing_leaves_the_plain_model(shop):
    buyers = shop[0].head(1_000)
    # Each buyer twice, with either value: the likelihood has its peak at no effect.
    both = pd.concat([buyers, buyers], ignore_index=True)
    trait = pd.DataFrame({"side": np.repeat([0.0, 1.0], 1_000)})
    model, plain = bg_nbd_covariates.fit(both, trait), bg_nbd.fit(both)
    assert model.coefficients.to_numpy() == pytest.approx(np.zeros((1, 3)), abs=1e-4)
    assert model.baseline.parameters == pytest.approx(plain.parameters, rel=1e-3)
    assert model.log_likelihood == pytest.approx(plain.log_likelihood, abs=1e-5)
    assert likelihood_ratio(plain, model).p_value == pytest.approx(1, abs=1e-4)
    ours = model.expected(both, trait, 10.0)
    assert ours.to_numpy() == pytest.approx(plain.expected(both, 10.0).to_numpy(), rel=1e-3)
    alive = model.alive(both, trait)
    assert alive.to_numpy() == pytest.approx(plain.alive(both).to_numpy(), rel=1e-3)


def test_the_unit_of_a_trait_changes_its_coefficient_alone(shop):
    buyers, traits = shop
    one = bg_nbd_covariates.fit(buyers, traits)
    other = bg_nbd_covariates.fit(buyers, traits.assign(web=10 * traits["web"] + 5))
    assert other.coefficients.loc["web"].to_numpy() == pytest.approx(
        one.coefficients.loc["web"].to_numpy() / 10, rel=1e-3, abs=1e-6
    )
    assert other.log_likelihood == pytest.approx(one.log_likelihood, abs=1e-6)


def test_traits_that_cannot_be(shop):
    buyers, traits = shop
    with pytest.raises(InputError, match="covariate web is missing"):
        bg_nbd_covariates.fit(buyers, traits.assign(web=np.nan))
    with pytest.raises(InputError, match="all buyers have the same web"):
        bg_nbd_covariates.fit(buyers, traits.assign(web=1.0))
    with pytest.raises(InputError, match="one follows from the others"):
        bg_nbd_covariates.fit(buyers, traits.assign(shop=1 - traits["web"]))
    with pytest.raises(InputError, match="index of the buyers"):
        bg_nbd_covariates.fit(buyers, traits.head(5))
    with pytest.raises(InputError, match="no column"):
        bg_nbd_covariates.fit(buyers, traits[[]])
    model = bg_nbd_covariates.fit(buyers, traits[["web"]])
    with pytest.raises(InputError, match="fitted with web, not with size"):
        model.alive(buyers, traits[["size"]])
