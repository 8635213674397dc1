import numpy as np
import pytest

from src.data.problems import InputError
from src.models.value.discounting import residual_value
from src.models.value.elasticity import elasticities


def values(*given, **setting) -> dict[str, float]:
    return elasticities(*given, **setting).set_index("lever")["value"].to_dict()


def test_elasticities_of_one_month_by_hand():
    survival, margin, cost = np.array([[0.5], [0.5]]), np.array([100.0, 300.0]), np.array([20, 40])
    table = elasticities(survival, margin, cost, annual_rate=0.12)
    found = table.set_index("lever")["value"].to_dict()

    # One month: retention counts a twelfth of its year; so does the rate. A mean of 99.06 today,
    # 69.06 over the cost of 30.
    mean = 100 / 1.12 ** (1 / 12)
    expected = {
        "margin": 1.0,
        "retention": 100 * (1.01 ** (1 / 12) - 1),
        "discount": 100 * ((1.12 / 1.1188) ** (1 / 12) - 1),
        "acquisition": 30 / (mean - 30),
    }
    assert found == pytest.approx(expected)
    assert list(found) == list(expected)
    assert list(elasticities(survival, margin)["lever"]) == ["margin", "retention", "discount"]
    # Both have the same curve, so other customers change nothing about retention.
    ends = table.set_index("lever")[["low", "high"]]
    assert ends.loc["retention"].to_list() == pytest.approx([expected["retention"]] * 2)
    # Of two customers, the standard error of the net share is |x1 - x2| / 2 of what each moves.
    today = 1.12 ** (-1 / 12)
    moved = [
        (mean * (c - 30) - 30 * (v * today - mean)) / (mean - 30) ** 2
        for c, v in ((20, 50), (40, 150))
    ]
    half = 1.959963985 * abs(moved[0] - moved[1]) / 2
    value = expected["acquisition"]
    assert ends.loc["acquisition"].to_list() == pytest.approx([value - half, value + half])


def test_elasticities_against_a_loop():
    rng = np.random.default_rng(1)
    survival, margin = np.cumprod(1 - rng.uniform(0, 0.1, (5, 24)), axis=1), rng.gamma(2, 30, 5)
    found = values(survival, margin, annual_rate=0.2)

    before = more = 0.0
    for customer in range(5):
        for month in range(24):
            today = 1.2 ** (-(month + 1) / 12)
            there = survival[customer, month]
            before += there * margin[customer] * today
            more += min(there * 1.01 ** ((month + 1) / 12), 1) * margin[customer] * today
    assert found["retention"] == pytest.approx(100 * (more / before - 1))
    cheaper = residual_value(survival, margin, 0.198).sum()
    assert found["discount"] == pytest.approx(100 * (cheaper / before - 1))


def test_limits():
    stays, margin = np.ones((1, 12)), np.array([10.0])

    # Nobody leaves: nobody more can be kept. At a rate of 0 there is none to lower.
    assert values(stays, margin, annual_rate=0)["retention"] == 0
    assert values(stays, margin, annual_rate=0)["discount"] == 0
    # Who costs more than they bring has no per cent of the net value; unknown costs are left out.
    assert np.isnan(values(stays, margin, np.array([500.0]))["acquisition"])
    both = values(np.ones((2, 12)), np.array([10.0, 10]), np.array([np.nan, 50]))
    assert both == pytest.approx(values(stays, margin, np.array([50.0])))


def test_any_unit_of_money():
    rng = np.random.default_rng(2)
    survival = np.cumprod(1 - rng.uniform(0, 0.1, (5, 24)), axis=1)
    margin, cost = rng.gamma(2, 30, 5), rng.gamma(2, 10, 5)

    found, converted = (values(survival, unit * margin, unit * cost) for unit in (1, 70))
    assert converted == pytest.approx(found)


@pytest.mark.parametrize(("margin", "told"), [(0.0, "0"), (-2.5, "-30")])
def test_a_value_that_is_not_above_zero_has_no_per_cent(margin, told):
    message = rf"^the mean residual value is {told}, so no per cent of it can be told$"
    with pytest.raises(InputError, match=message):
        elasticities(np.ones((1, 12)), np.array([margin]), annual_rate=0)


def test_nine_in_ten_intervals_hold_the_figures_of_the_population():
    rng = np.random.default_rng(4)
    ahead = np.arange(1, 25)

    def drawn(customers):
        hazard, margin = rng.beta(1, 30, customers), rng.gamma(2, 15, customers)
        cost = np.where(rng.random(customers) < 0.1, np.nan, 40 + 0.5 * margin)
        return (1 - hazard[:, None]) ** ahead, margin, cost

    stays, margin, cost = drawn(200_000)
    true = values(stays, margin, cost)
    held = []
    for _ in range(300):
        stays, margin, cost = drawn(300)
        found = elasticities(stays, margin, cost, confidence=0.9).set_index("lever")
        held.append(
            [
                found.loc[lever, "low"] <= true[lever] <= found.loc[lever, "high"]
                for lever in ("retention", "discount", "acquisition")
            ]
        )
    assert np.mean(held, axis=0) == pytest.approx(np.full(3, 0.9), abs=0.05)
