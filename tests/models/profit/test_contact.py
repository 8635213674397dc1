import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate
from scipy.stats import beta as beta_distribution

from src.data.problems import InputError
from src.models.profit.contact import contact_profit, empc, empc_of, mpc
from src.models.scoring.scores import rank

# The docstring of empc_score in earlier releases of empulse has these rows and PUBLISHED.
CHURNED = [0, 1, 0, 1, 0, 1, 0, 1]
CHANCE = [0.1, 0.2, 0.3, 0.4, 0.5, 0.7, 0.8, 0.9]
PUBLISHED = 23.875593418348124

rows = st.lists(
    st.tuples(st.booleans(), st.integers(0, 8), st.integers(0, 3)), min_size=2, max_size=30
).filter(lambda drawn: {churned for churned, _, weight in drawn if weight} == {True, False})


def split(drawn) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    churned, chance, weight = zip(*drawn, strict=True)
    return np.array(churned), np.array(chance) / 8, np.array(weight)


def by_integration(churned, chance, weight=None, **parameters) -> tuple[float, float]:
    """EMPC from its definition: every cut at every accept rate, integrated over a fine grid.

    The empulse package has another implementation, but it needs sympy, which is not a dependency
    here; its published value is asserted in the first test.
    """
    given = {"clv": 200, "offer": 10, "contact": 1, "alpha": 6, "beta": 14} | parameters
    churned, chance = np.asarray(churned, float), np.asarray(chance, float)
    weight = np.ones(len(churned)) if weight is None else weight
    cuts = [np.inf, *np.unique(chance)[::-1]]
    churners, stayers = (
        np.array([(weight * kind)[chance >= cut].sum() for cut in cuts]) / weight.sum()
        for kind in (churned, 1 - churned)
    )
    accept = np.linspace(0, 1, 40_001)[:, None]
    profit = churners * (accept * (given["clv"] - given["offer"]) - given["contact"])
    profit = profit - stayers * (given["offer"] + given["contact"])
    density = beta_distribution.pdf(accept[:, 0], given["alpha"], given["beta"])
    shares = (churners + stayers)[profit.argmax(axis=1)]
    return (
        integrate.simpson(profit.max(axis=1) * density, accept[:, 0]),
        integrate.simpson(shares * density, accept[:, 0]),
    )


def test_the_published_value():
    found = empc(CHURNED, CHANCE)

    assert found.value == pytest.approx(PUBLISHED, rel=1e-9)
    assert found.share == pytest.approx(0.8744, abs=5e-5)
    assert by_integration(CHURNED, CHANCE) == pytest.approx((23.8756, 0.8744), abs=1e-4)


def test_a_perfect_order_with_half_the_customers_churning():
    # Contact the churners: 0.5 (0.3 x 190 - 1) = 28.
    found = empc([0, 0, 0, 1, 1, 1], [0.1, 0.2, 0.3, 0.7, 0.8, 0.9])

    assert (found.value, found.share) == pytest.approx((28, 0.5))


@settings(deadline=None, max_examples=40)
@given(rows)
def test_the_integral_is_exact(drawn):
    churned, chance, weight = split(drawn)
    found = empc(churned, chance, weight)

    value, share = by_integration(churned, chance, weight)
    assert found.value == pytest.approx(value, abs=1e-3)
    assert found.share == pytest.approx(share, abs=1e-3)


@pytest.mark.parametrize(
    "parameters",
    [
        {"clv": 50},
        {"offer": 0, "contact": 0},
        {"offer": 40, "contact": 5},
        {"alpha": 2, "beta": 2},
        {"clv": 12, "contact": 11},
    ],
)
def test_other_economics(parameters):
    rng = np.random.default_rng(1)
    chance = rng.beta(1, 3, 200)
    churned = rng.random(200) < chance
    found = empc(churned, chance, **parameters)

    value, share = by_integration(churned, chance, **parameters)
    assert found.value == pytest.approx(value, abs=1e-3)
    # At no cost every contact is free, and any cut below the last churner is as good.
    if parameters != {"offer": 0, "contact": 0}:
        assert found.share == pytest.approx(share, abs=1e-3)


@settings(deadline=None)
@given(rows, st.floats(0.01, 1_000))
def test_money_only_scales(drawn, rate):
    churned, chance, weight = split(drawn)
    found = empc(churned, chance, weight)
    scaled = empc(churned, chance, weight, clv=200 * rate, offer=10 * rate, contact=rate)

    assert scaled.value == pytest.approx(found.value * rate)
    assert scaled.share == pytest.approx(found.share)


@settings(deadline=None)
@given(rows)
def test_a_weight_is_a_repeated_row_and_only_the_order_counts(drawn):
    churned, chance, weight = split(drawn)
    repeated = np.repeat(churned, weight), np.repeat(chance, weight) ** 2 / 3

    for measure in (empc, mpc):
        found, again = measure(churned, chance, weight), measure(*repeated)
        assert (again.value, again.share) == pytest.approx((found.value, found.share))
    assert empc_of(rank(churned, chance), weight.astype(float)) == pytest.approx(
        empc(churned, chance, weight).value
    )


@settings(deadline=None)
@given(rows)
def test_no_order_beats_the_perfect_one_and_none_loses_money(drawn):
    churned, chance, weight = split(drawn)
    found = empc(churned, chance, weight).value

    assert -1e-9 <= found <= empc(churned, churned.astype(float), weight).value + 1e-9


def test_when_all_accept_rates_are_the_same_it_is_the_maximum_profit():
    rng = np.random.default_rng(2)
    chance = rng.beta(1, 3, 300)
    churned = rng.random(300) < chance
    narrow, fixed = empc(churned, chance, alpha=30_000, beta=70_000), mpc(churned, chance)

    assert narrow.value == pytest.approx(fixed.value, rel=1e-3)
    assert narrow.share == pytest.approx(fixed.share, abs=0.01)


@settings(deadline=None)
@given(rows, st.floats(0, 1))
def test_maximum_profit_is_that_of_the_best_cut(drawn, accept_rate):
    churned, chance, weight = split(drawn)
    profit = contact_profit(churned, np.full(len(churned), 200.0), accept_rate=accept_rate) * weight
    of_cuts = [profit[chance >= cut].sum() / weight.sum() for cut in chance]

    found = mpc(churned, chance, weight, accept_rate=accept_rate)
    assert found.value == pytest.approx(max(0, *of_cuts), abs=1e-9)


def test_a_model_that_tells_nothing_contacts_all_or_nobody():
    # All: 0.5 (0.3 x 190 - 1) - 0.5 x 11 = 22.5; at a worth of 30: 0.5 x 5 - 5.5 is a loss.
    all_of_them = mpc([0, 1], [0.5, 0.5])
    nobody = mpc([0, 1], [0.5, 0.5], clv=30)

    assert (all_of_them.value, all_of_them.share) == pytest.approx((22.5, 1))
    assert (nobody.value, nobody.share) == (0, 0)


def test_profit_of_a_contact_by_hand():
    found = contact_profit(
        [1, 0, 1, 0.5], [100, 100, 5, 0], accept_rate=0.4, offer=10, contact=2
    ).tolist()

    assert found == pytest.approx([34, -12, -4, 0.5 * (-4 - 2) - 0.5 * 12])


def test_profit_of_a_contact_in_vain_by_hand():
    """Who is gone or leaves too soon costs a contact, takes no offer and stays away."""
    economics = {"accept_rate": 0.4, "offer": 10, "contact": 2}
    found = contact_profit([0, 0, 0.5, 0.2], [100, 100, 60, 60], [1, 0, 0.5, 0.3], **economics)

    # With 0.2 to be saved, 0.3 out of reach and 0.5 who stay: 0.2 x 20 - 0.5 x 10 - 2.
    assert found.tolist() == pytest.approx([-2, -12, 0.5 * 20 - 2, 4 - 5 - 2])
    nobody = contact_profit([0.5, 0.2], [60, 60], [0, 0], **economics)
    assert nobody.tolist() == contact_profit([0.5, 0.2], [60, 60], **economics).tolist()


@settings(deadline=None)
@given(
    st.lists(
        st.tuples(st.floats(0, 1), st.floats(0, 1), st.floats(0, 1), st.floats(-50, 500)),
        min_size=1,
        max_size=10,
    )
)
def test_expected_profit_is_the_mean_over_what_can_become_of_a_customer(drawn):
    gone, late, savable, value = map(np.array, zip(*drawn, strict=True))
    total = np.maximum(gone + late + savable, 1.0)
    gone, late, savable = gone / total, late / total, savable / total
    each = {
        "saved": contact_profit(np.ones(len(value)), value, np.zeros(len(value))),
        "in vain": contact_profit(np.zeros(len(value)), value, np.ones(len(value))),
        "stays": contact_profit(np.zeros(len(value)), value, np.zeros(len(value))),
    }
    beyond = np.minimum(gone + late, 1 - savable)
    stays = 1 - savable - beyond

    found = contact_profit(savable, value, beyond)

    mean = savable * each["saved"] + beyond * each["in vain"] + stays * each["stays"]
    assert found == pytest.approx(mean, abs=1e-6)


@pytest.mark.parametrize("measure", [empc, mpc])
@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"offer": 200}, r"^offer must be 0 or more and below clv = 200, not 200$"),
        ({"offer": -1}, r"^offer must be 0 or more and below clv = 200, not -1$"),
        ({"contact": -1}, r"^contact must be 0 or more, not -1$"),
        ({"clv": float("nan")}, r"^offer must be 0 or more and below clv = nan, not 10$"),
    ],
)
def test_economics_outside_their_range_are_refused(measure, parameters, message):
    with pytest.raises(InputError, match=message):
        measure(CHURNED, CHANCE, **parameters)


def test_parameters_of_the_accept_rate_outside_their_range_are_refused():
    with pytest.raises(InputError, match=r"^alpha and beta must be above 0, not 0 and 14$"):
        empc(CHURNED, CHANCE, alpha=0)
    with pytest.raises(InputError, match=r"^accept_rate must lie between 0 and 1, not 30$"):
        mpc(CHURNED, CHANCE, accept_rate=30)
    with pytest.raises(InputError, match=r"^accept_rate must lie between 0 and 1, not -0.1$"):
        contact_profit([1], [1], accept_rate=-0.1)


@pytest.mark.parametrize("measure", [empc, mpc])
def test_one_class_is_refused(measure):
    with pytest.raises(InputError, match=r"^the profit needs both churners and stayers"):
        measure([1, 1], [0.1, 0.2])


@pytest.mark.parametrize(
    ("churn", "value", "message"),
    [
        ([1, 0], [5], r"^churned or chance has 2 rows, value has 1$"),
        ([1, 0], [5, np.inf], r"^value is missing or infinite in 1 of 2 rows$"),
        ([1, np.nan], [5, 5], r"^chance is missing in 1 of 2 rows$"),
        ([], [], r"^value has no rows$"),
    ],
)
def test_rows_that_cannot_be_contacts_are_refused(churn, value, message):
    with pytest.raises(InputError, match=message):
        contact_profit(churn, value)


def test_costs_below_zero_are_refused():
    with pytest.raises(InputError, match=r"^offer and contact must be 0 or more, not -5 and 1$"):
        contact_profit([1], [1], offer=-5)


@pytest.mark.parametrize(
    ("savable", "unreachable", "message"),
    [
        ([0.5, 0.5], [0.4], r"^savable has 2 rows, unreachable has 1$"),
        ([0.5], [0.6], r"^the chances of savable and unreachable sum to more than 1$"),
        ([0.5], [np.nan], r"^chance is missing in 1 of 1 rows$"),
        ([0.5], [-0.1], r"chance"),
    ],
)
def test_chances_that_are_no_outcomes_are_refused(savable, unreachable, message):
    with pytest.raises(InputError, match=message):
        contact_profit(savable, [10.0] * len(savable), unreachable)
