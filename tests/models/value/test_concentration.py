import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm

from src.data.problems import InputError
from src.models.intervals.proportions import Estimate
from src.models.value.concentration import gini, pareto_curve, top_share

amounts = st.lists(st.integers(min_value=0, max_value=10_000), min_size=2, max_size=40).filter(sum)


def money(*values: float) -> pd.Series:
    return pd.Series(values, dtype="float64")


@pytest.mark.parametrize(
    ("values", "share", "expected"),
    [
        pytest.param([50, 20, 15, 10, 5], 0.2, 0.50, id="one of five"),
        pytest.param([5, 50, 10, 20, 15], 0.4, 0.70, id="two of five, in any order"),
        pytest.param([50, 30, 20], 0.5, 0.65, id="one and a half of three"),
        pytest.param([50, 30, 20], 0.1, 0.15, id="a part of the first"),
        pytest.param([60, 40, 0, 0], 0.75, 1.0, id="customers with nothing count"),
        pytest.param([90, 30, -20], 1 / 3, 0.9, id="net credit at the end"),
    ],
)
def test_top_share_by_hand(values, share, expected):
    assert top_share(money(*values), share).value == pytest.approx(expected)


@pytest.mark.parametrize("share", [0.01, 0.2, 0.37, 0.99])
def test_equal_customers_bring_exactly_their_share(share):
    found = top_share(money(*[7.0] * 50), share)

    assert [found.value, found.low, found.high] == pytest.approx([share] * 3)


def test_one_customer_with_everything():
    found = top_share(money(*[0.0] * 9, 5.0), 0.2)

    assert found == Estimate(1.0, 1.0, 1.0)


@settings(deadline=None)
@given(amounts, st.floats(0.01, 0.99), st.randoms(use_true_random=False), st.floats(0.01, 1e6))
def test_neither_order_nor_currency_matter(values, share, order, rate):
    shuffled = list(values)
    order.shuffle(shuffled)
    found, of_shuffled = top_share(money(*values), share), top_share(money(*shuffled), share)
    scaled = top_share(money(*values) * rate, share)

    assert of_shuffled == found
    assert (scaled.value, scaled.low, scaled.high) == pytest.approx(
        (found.value, found.low, found.high), abs=1e-6
    )
    assert gini(money(*values) * rate) == pytest.approx(gini(money(*shuffled)), abs=1e-9)


@settings(deadline=None)
@given(amounts, st.floats(0.01, 0.99))
def test_top_share_is_a_point_of_the_pareto_curve(values, share):
    curve = pareto_curve(money(*values), points=len(values) + 1)
    found = top_share(money(*values), share)

    on_curve = np.interp(share, curve["customers_share"], curve["money_share"])
    assert found.value == pytest.approx(on_curve, abs=1e-9)
    assert found.value >= share - 1e-9
    assert 0 <= found.low <= found.value + 1e-12
    assert found.value - 1e-12 <= found.high <= 1


def test_interval_by_hand():
    # Top half of four: 80 of 100, T = 0.8, q = 20, m = 25. Influences ((x - 20)+ + 10 - 0.8 x) / 25
    # of 50, 30, 20, 0: 0, -4, -6, 10 over 25; their variance is 38 / 625.
    margin = norm.ppf(0.975) * np.sqrt(38 / 625 / 4)

    found = top_share(money(50, 30, 20, 0), 0.5)

    assert found.value == pytest.approx(0.8)
    assert found.low == pytest.approx(0.8 - margin)
    assert found.high == 1.0  # and not 0.8 + margin


@pytest.mark.parametrize(("sigma", "share"), [(0.5, 0.2), (1.0, 0.2), (1.0, 0.05)])
def test_the_interval_is_as_wide_as_that_of_a_bootstrap(sigma, share):
    random = np.random.default_rng(11)
    values = random.lognormal(3, sigma, 2_000)
    resampled = np.sort(random.choice(values, (1_000, len(values))), axis=1)
    top = int(share * len(values))
    shares = resampled[:, -top:].sum(axis=1) / resampled.sum(axis=1)
    low, high = np.quantile(shares, [0.025, 0.975])

    found = top_share(money(*values), share)

    assert found.high - found.low == pytest.approx(high - low, rel=0.15)
    assert found.low == pytest.approx(low, abs=0.2 * (high - low))


def coverage(samples: np.ndarray, truth: float) -> float:
    found = [top_share(pd.Series(sample), 0.2) for sample in samples]
    return float(np.mean([estimate.low <= truth <= estimate.high for estimate in found]))


def test_the_interval_covers_the_truth_for_lognormal_money():
    samples = np.random.default_rng(1).lognormal(3, 1, (400, 1_000))
    # Of a lognormal, the top share p holds the part 1 - Phi(Phi^-1(1 - p) - sigma).
    truth = 1 - norm.cdf(norm.ppf(0.8) - 1)

    assert 0.90 <= coverage(samples, truth) <= 0.98


def test_the_interval_is_too_short_for_a_very_heavy_tail():
    tail = 1.1
    samples = 1 + np.random.default_rng(2).pareto(tail, (400, 1_000))
    # Of a Pareto distribution, the top share p holds the part p^(1 - 1/tail).
    truth = 0.2 ** (1 - 1 / tail)

    assert coverage(samples, truth) < 0.6


def test_pareto_curve_by_hand():
    found = pareto_curve(money(10, 60, 30, 0), points=5)

    expected = pd.DataFrame(
        {"customers_share": [0, 0.25, 0.5, 0.75, 1], "money_share": [0, 0.6, 0.9, 1.0, 1.0]}
    )
    pd.testing.assert_frame_equal(found, expected)


@settings(deadline=None)
@given(amounts, st.integers(min_value=2, max_value=120))
def test_pareto_curve_rises_ever_slower_from_nothing_to_everything(values, points):
    curve = pareto_curve(money(*values), points)

    steps = curve["money_share"].diff().dropna()
    assert len(curve) == points
    assert curve.iloc[0].tolist() == [0.0, 0.0]
    assert curve.iloc[-1].tolist() == [1.0, 1.0]
    assert (steps >= -1e-12).all()
    assert (steps.diff().dropna() <= 1e-12).all()


def test_credits_lift_the_curve_above_everything():
    curve = pareto_curve(money(90, 30, -20), points=4)

    assert curve["money_share"].tolist() == pytest.approx([0, 0.9, 1.2, 1.0])
    two_thirds = top_share(money(90, 30, -20), 2 / 3)
    assert two_thirds.low < two_thirds.value < two_thirds.high
    assert two_thirds.value == pytest.approx(1.2)


@settings(deadline=None)
@given(amounts)
def test_gini_is_half_the_relative_mean_difference(values):
    differences = np.abs(np.subtract.outer(values, values))

    expected = differences.mean() / (2 * np.mean(values))
    assert gini(money(*values)) == pytest.approx(expected, abs=1e-9)


def test_gini_of_one_customer_with_everything():
    assert gini(money(0, 0, 0, 10)) == pytest.approx(3 / 4)


@pytest.mark.parametrize("figure", [top_share, pareto_curve, gini])
@pytest.mark.parametrize(
    ("values", "message"),
    [
        ([0.0, 0.0], r"^the money sums to 0; shares need a positive total$"),
        ([5.0, -8.0], r"^the money sums to -3; shares need a positive total$"),
        ([], r"^the money sums to 0; shares need a positive total$"),
        ([5.0, np.nan, 1.0], r"^money is missing for 1 of 3 customers$"),
    ],
)
def test_money_without_a_positive_total_is_refused(figure, values, message):
    with pytest.raises(InputError, match=message):
        figure(money(*values))


@pytest.mark.parametrize("share", [0.0, 1.0, -0.2, 20.0])
def test_a_share_outside_0_and_1_is_refused(share):
    with pytest.raises(InputError, match=rf"^share must lie between 0 and 1, not {share:g}$"):
        top_share(money(1, 2), share)
