import numpy as np
import pandas as pd
import pytest

from src.models.shop import bg_nbd, mbg_nbd, pareto_nbd
from src.models.shop.buyers import patterns_of
from src.models.shop.refits import likelihood_of, peak_near, to_come
from src.models.shop.simulated import bg_nbd_buyers

BUYERS = bg_nbd_buyers(
    0.6, 8.0, 0.6, 3.0, np.random.default_rng(1).integers(26, 53, 400) * 1.0,
    np.random.default_rng(2),
)  # fmt: skip


@pytest.mark.parametrize("kind", [bg_nbd, mbg_nbd])
def test_a_draw_has_the_peak_that_a_fit_from_scratch_finds(kind):
    model, patterns = kind.fit(BUYERS), patterns_of(BUYERS)
    rng = np.random.default_rng(3)
    for _ in range(5):
        taken = rng.integers(0, len(BUYERS), len(BUYERS))
        counts = np.bincount(patterns.pattern_of[taken], minlength=len(patterns.buyers))
        likelihood = likelihood_of(model)
        place = peak_near(
            lambda logs, own=counts, of=likelihood: (
                of(np.exp(logs).tolist(), patterns).slopes @ own
            ),
            np.log(model.parameters),
            model.covariance.to_numpy(),
        )
        assert place is not None
        again = kind.fit(BUYERS.iloc[taken])
        assert np.exp(place) == pytest.approx(again.parameters, rel=2e-3)
        # The likelihood is flat there: what counts is that none is higher.
        value = likelihood(np.exp(place).tolist(), patterns).value @ counts
        assert value == pytest.approx(again.log_likelihood, abs=1e-6)


def test_a_slope_without_a_peak_is_not_followed_for_ever():
    start, covariance = np.zeros(2), np.eye(2)
    assert peak_near(lambda place: np.ones(2), start, covariance) is None
    assert peak_near(lambda place: np.full(2, np.nan), start, covariance) is None
    assert peak_near(lambda place: np.ones(2), start, np.full((2, 2), np.nan)) is None


@pytest.mark.parametrize("kind", [bg_nbd, mbg_nbd, pareto_nbd])
def test_what_is_to_come_is_that_of_the_models(kind):
    models = [kind.fit(BUYERS), kind.fit(BUYERS.iloc[:300])]
    alike = np.array([[0.0, 30.0], [4.0, 40.0], [0.0, 0.0]])
    ahead, weights = np.array([4.0, 52.0]), np.array([0.3, 0.7])
    found = to_come(models, alike, ahead, weights)
    # The chance to be alive, taken out: the same whenever the last purchase was.
    rows = pd.DataFrame({"frequency": [0, 4, 0], "recency": [0.0, 31.0, 0.0], "age": alike[:, 1]})
    for own, model in zip(found, models, strict=True):
        expected = model.weighted(rows, ahead.tolist(), weights.tolist()) / model.alive(rows)
        assert own == pytest.approx(expected.to_numpy(), rel=1e-9)
