import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from src.data.problems import InputError
from src.features.lifecycle import lives_as_of
from src.models.value.discounting import discounts
from src.models.value.newcomers import Newcomers, newcomers, payback_month, payback_row

CALENDAR = pd.date_range("2024-01-01", periods=8, freq="MS")


def bills_of(**customers: str) -> pd.DataFrame:
    """A digit a month is the revenue in tens at a cost of 2; a dot is no bill."""
    rows = [
        (who, CALENDAR[at], 10.0 * int(mark), 2.0)
        for who, marks in customers.items()
        for at, mark in enumerate(marks)
        if mark != "."
    ]
    return pd.DataFrame(rows, columns=["customer_id", "month", "revenue", "cost_to_serve"])


BILLS = bills_of(
    old="99999999",  # was there when the data begin: its first bills are not known
    new=".1234567",
    leaves="..12....",
    twice=".1...567",  # frozen, and back in another life
    pauses="...1..34",
    late="......12",
)


def lives() -> pd.DataFrame:
    return lives_as_of(BILLS, None, CALENDAR[-1])


def test_money_by_age_by_hand():
    found = newcomers(BILLS, lives(), months=12, least=1)

    assert found.customers.tolist() == ["new", "leaves", "twice", "twice", "pauses", "late"]
    margin = [
        [8, 18, 28, 38, 48, 58, 68],
        [8, 18, 0, 0, 0, 0, 0],
        [8, 0, 0, 0, 0, 0, 0],  # what the second life brings is not of the first
        [48, 58, 68, 0, 0, 0, 0],
        [8, 0, 0, 28, 38, 0, 0],
        [8, 18, 0, 0, 0, 0, 0],
    ]
    assert found.margin.tolist() == margin
    # Ages of which all is known, whether the life had ended or not.
    assert found.watched.tolist() == [7, 6, 7, 3, 5, 2]
    assert repr(found) == "Newcomers: 6 lives, up to 7 months"


def test_each_age_is_of_the_lives_that_were_watched_that_long():
    found = newcomers(BILLS, lives(), months=12, least=1)

    sums = [88, 112, 96, 66, 86, 58, 68]
    counts = [6, 6, 5, 4, 4, 3, 2]
    expected = [total / count for total, count in zip(sums, counts, strict=True)]
    assert found.by_age() == pytest.approx(expected)
    # Weights are repeated lives.
    twice = found.by_age(np.array([2.0, 0, 0, 0, 0, 1]))
    assert twice == pytest.approx([8, 18, *found.margin[0, 2:]])
    nobody = found.by_age(np.array([0.0, 0, 0, 1, 0, 0]))
    assert nobody[:3].tolist() == [48, 58, 68]
    assert np.isnan(nobody[3:]).all()


@pytest.mark.parametrize(("least", "ages"), [(1, 7), (2, 7), (3, 6), (4, 5), (5, 3), (6, 2)])
def test_ages_go_as_far_as_enough_lives_were_watched(least, ages):
    assert newcomers(BILLS, lives(), months=12, least=least).margin.shape == (6, ages)
    assert newcomers(BILLS, lives(), months=2, least=least).margin.shape == (6, 2)


def test_a_late_bill_of_a_closed_life_is_not_of_it():
    people = pd.DataFrame({"customer_id": ["new"], "closed_month": [CALENDAR[3]]})
    found = newcomers(BILLS, lives_as_of(BILLS, people, CALENDAR[-1]), months=12, least=1)

    assert found.margin[0].tolist() == [8, 18, 0, 0, 0, 0, 0]


def test_too_few_newcomers_are_refused():
    with pytest.raises(InputError, match=r"^only 6 lives began in these months; 30 are needed$"):
        newcomers(BILLS, lives(), months=12)


def test_the_month_of_payback_by_hand():
    margin = np.array([10.0, 9, 8])
    for cost, month in ((9.99, 1), (10, 1), (10.01, 2), (19, 2), (27, 3), (27.1, np.inf)):
        assert payback_month(margin, cost, annual_rate=0) == month
    assert payback_month(-margin, 5.0) == np.inf


def test_payback_counts_what_later_money_is_worth_today():
    worth = discounts(24, 0.5)
    cost = 10 * worth[:7].sum()

    assert payback_month(np.full(24, 10.0), cost - 1e-9, annual_rate=0.5) == 7
    assert payback_month(np.full(24, 10.0), cost + 1e-9, annual_rate=0.5) == 8


def a_group(margin: np.ndarray, names: str | None = None) -> Newcomers:
    who = np.array(list(names or "abcdefgh"[: len(margin)]))
    return Newcomers(who, margin, np.full(len(margin), margin.shape[1]))


def test_a_row_by_hand():
    lives = a_group(np.array([[10.0, 10, 10], [10, 0, 0]]))
    cost = pd.Series({"a": 14.0, "b": np.nan, "stranger": 500.0})

    found = payback_row("B2B", lives, cost, np.random.default_rng(1), 0.0, replicates=40)

    # The mean life brings 10, 5, 5: a cost of 14 is paid with the second bill.
    rows = pd.DataFrame([found])
    figures = {"group": "B2B", "lives": 2, "months": 3, "ltv": 20.0, "cost": 14.0}
    figures |= {"times": 20 / 14, "month": 2.0}
    assert_frame_equal(rows[list(figures)], pd.DataFrame([figures]))
    # Other customers: twice a brings 30 in two months, twice b 10 and nothing more.
    assert (found["ltv_low"], found["ltv_high"]) == (10, 30)


def test_the_lives_of_a_customer_are_drawn_together():
    alone = a_group(np.array([[10.0], [20], [30], [40]]))
    shared = a_group(np.array([[10.0], [20], [30], [40]]), "aabb")
    cost = pd.Series({"a": 5.0, "b": 5.0, "c": 5.0, "d": 5.0})
    widths = []
    for lives in (alone, shared):
        found = payback_row("B2C", lives, cost, np.random.default_rng(1), replicates=400)
        widths.append(found["ltv_high"] - found["ltv_low"])

    assert found["ltv_low"] == pytest.approx(15 * discounts(1, 0.12)[0])
    assert found["ltv_high"] == pytest.approx(35 * discounts(1, 0.12)[0])
    assert widths[0] < 1.4 * widths[1]


@pytest.mark.parametrize("cost", [0.0, np.nan])
def test_what_cost_nothing_is_not_paid_back(cost):
    lives = a_group(np.array([[10.0, 10]]))
    with pytest.raises(InputError, match=r"^B2B has no acquisition cost, so nothing is to be"):
        payback_row("B2B", lives, pd.Series({"a": cost}), np.random.default_rng(1))


def operator(customers: int, rng: np.random.Generator) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Bills of 24 months and lives: who pays little leaves soon, and prices rise by age.

    A third pays 4 and leaves at 30 % a month, the others pay 12 and leave at 3 %.
    """
    calendar = pd.Series(pd.date_range("2023-01-01", periods=24, freq="MS"))
    start = rng.integers(0, 24, customers)
    is_small = rng.random(customers) < 1 / 3
    last = np.minimum(start + rng.geometric(np.where(is_small, 0.3, 0.03)), 24)
    month = np.arange(24)
    who, when = np.nonzero((month >= start[:, None]) & (month < last[:, None]))
    bills = pd.DataFrame(
        {
            "customer_id": who,
            "month": calendar[when].to_numpy(),
            "revenue": np.where(is_small, 4.0, 12.0)[who] + 0.1 * (when - start[who]),
            "cost_to_serve": 0.0,
        }
    )
    return bills, lives_as_of(bills, None, calendar.iloc[-1])


def true_margin(months: int) -> np.ndarray:
    """Month k of a new life is paid by who was there after k - 1 months."""
    age = np.arange(months)
    small, large = 0.7**age / 3, 2 / 3 * 0.97**age
    return small * (4 + 0.1 * age) + large * (12 + 0.1 * age)


def test_a_new_customer_brings_what_newcomers_brought_and_not_what_survivors_bring():
    bills, lives = operator(12_000, np.random.default_rng(5))
    found = newcomers(bills, lives, months=12)
    margin = found.by_age()

    # Some 8,000 lives at the youngest age and half of them at the oldest: errors of 1 %.
    assert margin == pytest.approx(true_margin(12), rel=0.035)
    today = bills[bills["month"] == bills["month"].max()]["revenue"].mean()
    survivors = today * (np.append(1, np.cumprod(np.full(11, 0.95))))
    assert survivors.sum() > 1.15 * margin.sum()
    # A cost that survivors would pay back months too soon.
    cost = 60.0
    true = payback_month(true_margin(12), cost)
    assert payback_month(margin, cost) == true
    assert payback_month(survivors, cost) < true


@pytest.mark.slow
def test_nine_in_ten_intervals_hold_the_truth():
    truth = true_margin(12) @ discounts(12, 0.12)
    rng = np.random.default_rng(6)
    held = []
    for _ in range(120):
        bills, lives = operator(300, rng)
        found = newcomers(bills, lives, months=12)
        cost = pd.Series(rng.gamma(4, 10, 300))
        row = payback_row("all", found, cost, rng, replicates=150, confidence=0.9)
        held.append(
            [
                row["ltv_low"] <= truth <= row["ltv_high"],
                row["low"] <= truth / 40 <= row["high"],
            ]
        )
    # 120 draws: a standard error of 2.7 points.
    assert np.mean(held, axis=0) == pytest.approx(np.full(2, 0.9), abs=0.08)
