import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from src.data.problems import InputError
from src.models.value.discounting import discounts, kept_value, residual_value

YEAR = 0.12
# Chances to leave in each of six months, and a level margin, of five customers.
hazards = arrays(float, (5, 6), elements=st.floats(0, 0.95))
margins = arrays(float, 5, elements=st.floats(-100, 1_000))


def survival(hazard: np.ndarray) -> np.ndarray:
    return np.cumprod(1 - hazard, axis=1)


def test_the_table_of_a_customer_by_hand():
    # Three years at 10 a month, of which one in four leaves each year; S only changes then.
    stays = np.repeat([[1, 0.75, 0.75**2]], 12, axis=1)
    table = [
        (1, 1.0, 0.990600),  # month, S, 1.12 ^ (-month / 12)
        (2, 1.0, 0.981289),
        (12, 1.0, 0.892857),
        (13, 0.75, 0.884465),
        (24, 0.75, 0.797194),
        (36, 0.5625, 0.711780),
    ]
    worth = discounts(36, YEAR)
    for month, there, factor in table:
        assert stays[0, month - 1] == there
        assert worth[month - 1] == pytest.approx(factor, abs=5e-7)

    # 12 % a year are 0.948879 % a month. So a year of 10 a month is worth 10 (1 - 1 / 1.12) /
    # 0.00948879 = 112.9152 at its start, and the next one 1 / 1.12 of that.
    expected = 112.9152 * (1 + 0.75 / 1.12 + 0.75**2 / 1.12**2)
    assert residual_value(stays, np.array([10.0])) == pytest.approx([expected], abs=1e-3)


def test_nobody_leaves_is_an_annuity():
    value = residual_value(np.ones((1, 24)), np.array([30.0]))
    monthly = 1.12 ** (1 / 12) - 1

    assert value == pytest.approx([30 * (1 - (1 + monthly) ** -24) / monthly])


def test_a_constant_churn_has_its_textbook_value():
    # Margin x r / (1 + i - r), here up to a horizon so long that the rest is below a cent.
    stays = np.cumprod(np.full((1, 600), 0.97), axis=1)
    monthly = 1.12 ** (1 / 12) - 1

    assert residual_value(stays, np.array([30.0])) == pytest.approx([30 * 0.97 / (0.03 + monthly)])


def test_limits():
    everyone_leaves = np.zeros((2, 12))
    assert residual_value(everyone_leaves, np.array([10.0, -10])).tolist() == [0, 0]
    assert residual_value(np.ones((1, 12)), np.array([0.0])).tolist() == [0]
    assert residual_value(np.ones((1, 12)), np.array([10.0]), annual_rate=0) == pytest.approx([120])
    # Who costs more than they bring is worth less than nothing, the more so the longer they stay.
    short, long = residual_value(
        np.array([[1.0, 0, 0], [1, 1, 1]]), np.array([-5.0, -5]), annual_rate=0
    )
    assert (short, long) == pytest.approx((-5, -15))


@given(hazards, margins, st.floats(0.01, 100), st.floats(-0.5, 2))
def test_value_is_in_the_unit_of_the_margin(hazard, margin, unit, annual_rate):
    stays = survival(hazard)

    for value in (
        lambda money: residual_value(stays, money, annual_rate),
        lambda money: kept_value(stays, money, 3, annual_rate),
    ):
        assert value(margin * unit) == pytest.approx(value(margin) * unit, abs=1e-6)


@given(hazards, margins)
def test_later_money_is_worth_less(hazard, margin):
    worth = discounts(6)
    positive = np.abs(margin)

    assert (np.diff(worth) < 0).all()
    near, far = (residual_value(survival(hazard), positive, rate) for rate in (0.05, 0.2))
    assert (far <= near).all()


@given(hazards, margins)
def test_a_level_margin_is_the_same_as_one_given_for_each_month(hazard, margin):
    stays = survival(hazard)
    monthly = np.repeat(margin[:, None], 6, axis=1)

    assert residual_value(stays, monthly) == pytest.approx(residual_value(stays, margin))
    assert kept_value(stays, monthly, 2) == pytest.approx(kept_value(stays, margin, 2))


def test_margins_of_each_month_meet_the_chance_of_that_month():
    stays = np.array([[1.0, 0.5, 0.25], [0.8, 0.8, 0.8]])
    margin = np.array([[10.0, 20, 40], [0, 0, 100]])

    assert residual_value(stays, margin, annual_rate=0) == pytest.approx([30, 80])
    half = 1.21**0.5  # two months at 21 % a half-year: 1.1 a month
    expected = [10 / 1.1 + 10 / half**2 + 10 / 1.1**3, 80 / 1.1**3]
    assert residual_value(stays, margin, annual_rate=1.1**12 - 1) == pytest.approx(expected)


def test_kept_through_the_months_and_then_on_one_s_own():
    stays = np.array([[0.8, 0.4, 0.2, 0.1]])

    # 1, 1, then S(3) / S(2) and S(4) / S(2).
    found = kept_value(stays, np.array([10.0]), 2, annual_rate=0)
    assert found == pytest.approx([10 * (1 + 1 + 0.5 + 0.25)])
    assert kept_value(stays, np.array([10.0]), 4, annual_rate=0) == pytest.approx([40])
    monthly = np.array([[1.0, 2, 4, 8]])
    assert kept_value(stays, monthly, 2, annual_rate=0) == pytest.approx([1 + 2 + 2 + 2])


@given(hazards, margins, st.integers(1, 6))
def test_who_is_kept_is_worth_at_least_as_much(hazard, margin, months):
    stays, positive = survival(hazard), np.abs(margin)
    kept = kept_value(stays, positive, months)

    assert (kept >= residual_value(stays, positive) - 1e-9).all()
    assert (kept <= residual_value(np.ones((5, 6)), positive) + 1e-9).all()


def test_keeping_whom_nobody_leaves_or_everyone():
    assert kept_value(np.ones((1, 6)), np.array([10.0]), 3) == pytest.approx(
        residual_value(np.ones((1, 6)), np.array([10.0]))
    )
    # Sure to leave: kept for the two months, gone after them.
    gone = np.zeros((1, 6))
    assert kept_value(gone, np.array([10.0]), 2, annual_rate=0) == pytest.approx([20])
    leaves_later = np.array([[1.0, 1, 0, 0]])
    assert kept_value(leaves_later, np.array([10.0]), 3, annual_rate=0) == pytest.approx([30])
    assert kept_value(leaves_later, np.array([-10.0]), 2, annual_rate=0) == pytest.approx([-20])


@pytest.mark.parametrize(
    ("survival", "margin", "message"),
    [
        (np.ones((2, 3)), np.ones(3), r"^survival is \(2, 3\), the margin is \(3, 1\)$"),
        (np.ones((2, 3)), np.ones((2, 2)), r"^survival is \(2, 3\), the margin is \(2, 2\)$"),
        (np.ones(3), np.ones(3), r"^survival is \(3,\), the margin is \(3, 1\)$"),
        ([[1.2, 1.1]], [1.0], r"^survival must lie between 0 and 1 in every month$"),
        ([[1.0, -0.1]], [1.0], r"^survival must lie between 0 and 1 in every month$"),
        ([[1.0, np.nan]], [1.0], r"^survival must lie between 0 and 1 in every month$"),
    ],
)
def test_survival_and_margin_that_do_not_fit_are_refused(survival, margin, message):
    with pytest.raises(InputError, match=message):
        residual_value(survival, margin)
    with pytest.raises(InputError, match=message):
        kept_value(survival, margin, 1)


@pytest.mark.parametrize("months", [0, 4, -1])
def test_months_beyond_survival_are_refused(months):
    with pytest.raises(InputError, match=rf"^months must be 1 to 3, not {months}$"):
        kept_value(np.ones((2, 3)), np.ones(2), months)


@pytest.mark.parametrize(("months", "rate"), [(0, 0.12), (12, -1), (12, np.nan)])
def test_discounts_need_a_month_and_a_rate(months, rate):
    message = rf"^months must be 1 or more and annual_rate above -1, not {months} and {rate:g}$"
    with pytest.raises(InputError, match=message):
        discounts(months, rate)
