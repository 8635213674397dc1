"""The value of a list of buyers and of a new one: sums, months, and spend without a mean."""

import numpy as np
import pytest

from src.data.problems import InputError
from src.models.shop import bg_nbd, gamma_gamma
from src.models.shop.residual import residual_value
from src.models.shop.simulated import bg_nbd_buyers, spends
from src.models.shop.whole_value import newcomer_value, whole_value


def few(q: float, buyers: int = 400):
    """Buyers of a BG/NBD whose spend has a tail of `q`, and both models fitted to them."""
    rng = np.random.default_rng(7)
    rows = bg_nbd_buyers(0.6, 6, 0.6, 3, rng.uniform(20, 60, buyers), rng)
    rows = rows.assign(spend=spends(4.0, q, 40.0, rows["frequency"].to_numpy(int), rng))
    return rows, bg_nbd.fit(rows, unit_days=7), gamma_gamma.fit(rows)


def test_the_value_of_a_list_is_the_sum_of_its_buyers():
    rows, model, spending = few(4.0)
    found = whole_value(model, spending, rows, 0.3, np.random.default_rng(1), replicates=60)
    each = residual_value(model, rows, spending.expected_spend(rows), 0.3)
    assert found.value == pytest.approx(each.sum())
    assert found.low < found.value < found.high


def test_a_new_buyer_brings_what_the_model_expects_of_one():
    _, model, spending = few(4.0)
    table = newcomer_value(
        model, spending, 0.3, np.random.default_rng(1), horizon=12, discount=0.0, replicates=60
    )
    expected = 0.3 * spending.population_mean * model.expected_new(12 * 365.25 / 12 / 7)
    assert table["value"].iloc[-1] == pytest.approx(expected, rel=1e-3)
    assert table["month"].tolist() == list(range(13))
    assert (table["low"] <= table["value"]).all()
    assert (table["value"] <= table["high"]).all()


def test_draws_without_a_mean_of_spend_are_drawn_again():
    rows, model, spending = few(1.6, buyers=60)
    drawn = [spending.draw(np.random.default_rng(seed)).q for seed in range(60)]
    assert min(drawn) < 1 < spending.q
    found = whole_value(model, spending, rows, 0.3, np.random.default_rng(1), replicates=60)
    assert np.isfinite([found.low, found.high]).all()
    table = newcomer_value(model, spending, 0.3, np.random.default_rng(1), replicates=60)
    assert np.isfinite(table).all(axis=None)


def test_spend_without_a_mean_is_refused():
    rows, model, spending = few(0.4)
    assert spending.q < 1
    for valued in (
        lambda rng: whole_value(model, spending, rows, 0.3, rng),
        lambda rng: newcomer_value(model, spending, 0.3, rng),
    ):
        with pytest.raises(InputError, match="no bound"):
            valued(np.random.default_rng(1))
