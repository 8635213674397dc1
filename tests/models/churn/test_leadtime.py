import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal, assert_series_equal

from src.features.lifecycle import LifeRecord
from src.features.snapshots import Horizon, watched_ahead
from src.models.churn.leadtime import (
    FEWER,
    longest_paying_lead,
    looked_ahead,
    profit_by_lead,
    quality_by_lead,
)
from src.models.churn.validation import fitted_hazard
from src.models.profit.contact import contact_profit
from src.models.profit.depth import compare_orderings
from src.models.scoring.auc import auc_interval

COSTS = {"accept_rate": 0.3, "offer": 10, "contact": 1}
NEVER = np.nan


def rng() -> np.random.Generator:
    return np.random.default_rng(1)


def test_quality_of_each_month_by_hand():
    left = pd.Series(np.repeat([0, 1, 2, 3, NEVER], [10, 10, 10, 2, 18]))
    gone = np.repeat([0.7, 0.0], [10, 40])  # who is gone already is seen without an error
    hazards = np.column_stack(
        [
            np.repeat([0.5, 0.9, 0.1], [10, 10, 30]),  # month 1 as well, among those still there
            np.full(50, 0.2),  # nothing is seen of month 2
            np.arange(50) / 100,  # two leave in month 3: too few
        ]
    )
    found = quality_by_lead(gone, hazards, left)

    expected = pd.DataFrame(
        {
            "month": [0, 1, 2, 3],
            "churners": [10, 10, 10, 2],
            "value": [1, 1, 0.5, np.nan],
            "low": [1, 1, 0.5, np.nan],
            "high": [1, 1, 0.5, np.nan],
        }
    )
    assert_frame_equal(found, expected)


def test_who_has_left_is_not_judged_again():
    draws = np.random.default_rng(2)
    gone, hazards = draws.random(300), draws.random((300, 4))
    left = pd.Series(draws.integers(0, 9, 300)).astype(float)
    left = left.where(left <= 4)
    found = quality_by_lead(gone, hazards, left, confidence=0.9)

    assert found["month"].tolist() == [0, 1, 2, 3, 4]
    for ahead, (_, row) in enumerate(found.iterrows()):
        there = (left.isna() | (left >= ahead)).to_numpy()
        score = np.column_stack([gone, hazards])[there, ahead]
        area = auc_interval((left == ahead)[there], score, confidence=0.9)
        assert row[["value", "low", "high"]].tolist() == [area.value, area.low, area.high]


def test_profit_of_each_lead_by_hand():
    # All of three leave in month 2, which the model knows: 0.3 (200 - 10) - 1 = 56 from each.
    hazards = np.tile([0.0, 1.0], (3, 1))
    found = profit_by_lead(
        np.zeros(3),
        hazards,
        pd.Series([2, 2, 2]),
        [200, 200, 200],
        1,
        rng(),
        replicates=20,
        **COSTS,
    )

    expected = pd.DataFrame(
        {
            "lead": [1, 2],
            "churners": [0, 3],
            "share": [0.0, 1.0],
            "profit": [0.0, 168.0],
            "low": [0.0, 168.0],
            "high": [0.0, 168.0],
            "pays": [False, True],
        }
    )
    assert_frame_equal(found, expected)


def test_an_exit_counts_in_every_lead_whose_months_hold_it():
    # `a` leaves in month 1, `b` in month 3; two months count. What is expected is another matter:
    # `c`, who stays, is thought to leave in month 2.
    hazards = np.array([[1.0, 0, 0, 0], [0, 0, 1.0, 0], [0, 1.0, 0, 0], [0, 0, 0, 0]])
    left = pd.Series([1, 3, NEVER, NEVER])
    found = profit_by_lead(np.zeros(4), hazards, left, [200, 100, 300, 400], 2, rng(), **COSTS)

    expected = pd.DataFrame(
        {
            "lead": [1, 2, 3],
            "churners": [1, 1, 1],
            # `a` has left before lead 2 and `c` is thought to have left before lead 3: in vain.
            "share": [2 / 4, 2 / 4, 1 / 4],
            # a earns 56, b 26, and c, who takes the offer and would have stayed, costs 11.
            "profit": [56.0 - 11, 26 - 11, 26],
        }
    )
    assert_frame_equal(found[list(expected)], expected)
    assert (found["low"] < found["profit"]).all()
    assert (found["profit"] <= found["high"]).all()


def test_who_is_out_of_reach_is_paid_for_and_saves_nobody():
    # The model thinks that all leave in month 2. `gone` had left already, `soon` leaves in month 1.
    hazards = np.tile([0.0, 1.0], (3, 1))
    left = pd.Series([0, 1, 2])
    found = profit_by_lead(np.zeros(3), hazards, left, [200.0] * 3, 1, rng(), **COSTS)

    assert found["churners"].tolist() == [1, 1]
    assert found["share"].tolist() == [0, 1]
    assert found["profit"].tolist() == [0, 56 - 1 - 1]
    # Who is known to be gone is not contacted: nothing is expected of them but the cost.
    known = profit_by_lead(np.array([1.0, 0, 0]), hazards, left, [200.0] * 3, 1, rng(), **COSTS)
    assert known["share"].tolist() == [0, pytest.approx(2 / 3)]
    assert known["profit"].tolist() == [0, 56 - 1]


def simulated(
    count: int = 400, months: int = 6
) -> tuple[np.ndarray, np.ndarray, pd.Series, np.ndarray]:
    """True chances to be gone and hazards, exits drawn from them, and values of a heavy tail."""
    draws = np.random.default_rng(3)
    hazards = np.repeat(draws.beta(1, 9, count)[:, None], months, axis=1)
    gone = np.where(draws.random(count) < 0.1, 0.6, 0.0)
    has_left = draws.random((count, months + 1)) < np.column_stack([gone, hazards])
    left = np.where(has_left.any(axis=1), has_left.argmax(axis=1).astype(float), NEVER)
    return gone, hazards, pd.Series(left), draws.lognormal(5, 1, count)


def test_the_list_is_planned_on_expected_profit_and_read_on_what_happened():
    gone, hazards, left, value = simulated()
    found = profit_by_lead(
        gone, hazards, left, value, 3, rng(), replicates=50, confidence=0.8, **COSTS
    ).iloc[0]

    chance = (1 - gone) * (1 - (1 - hazards[:, :3]).prod(axis=1))
    expected = contact_profit(chance, value, gone, **COSTS)
    chosen = expected > 0
    happened = contact_profit((left >= 1) & (left <= 3), value, left == 0, **COSTS)
    assert found["share"] == pytest.approx(chosen.mean())
    assert found["profit"] == pytest.approx(happened[chosen].sum())
    rows = pd.DataFrame({"customer_id": np.arange(400), "profit": happened})
    compared = compare_orderings(
        rows.assign(list=expected),
        ["list"],
        rng(),
        shares={"list": chosen.mean()},
        replicates=50,
        confidence=0.8,
    ).loc[0]
    assert found[["low", "high"]].tolist() == compared[["low", "high"]].tolist()


def test_a_list_that_expects_to_lose_contacts_nobody_and_earns_nothing():
    gone, hazards, left, value = simulated()
    found = profit_by_lead(
        gone,
        hazards,
        left,
        value,
        2,
        rng(),
        accept_rate=0.3,
        offer=10,
        contact=5_000,
        replicates=20,
    )

    assert found["lead"].tolist() == [1, 2, 3, 4, 5]
    assert (found[["share", "profit", "low", "high"]] == 0).all(axis=None)
    assert not found["pays"].any()
    assert longest_paying_lead(found) == 0


def test_profit_is_in_the_unit_of_the_arguments():
    gone, hazards, left, value = simulated()
    euros = profit_by_lead(gone, hazards, left, value, 2, rng(), replicates=30, **COSTS)
    in_cents = {"accept_rate": 0.3, "offer": 1_000, "contact": 100}
    cents = profit_by_lead(gone, hazards, left, value * 100, 2, rng(), replicates=30, **in_cents)

    money = ["profit", "low", "high"]
    assert_frame_equal(cents, euros.assign(**{name: euros[name] * 100 for name in money}))


@pytest.mark.parametrize(
    ("pays", "expected"),
    [
        ([True, True, True], 3),
        ([True, True, False], 2),
        ([True, False, True], 1),
        ([False, True, True], 0),
        ([False], 0),
    ],
)
def test_the_longest_lead_up_to_which_every_list_pays(pays, expected):
    by_lead = pd.DataFrame({"lead": range(1, len(pays) + 1), "pays": pays})

    assert longest_paying_lead(by_lead) == expected


COLUMNS = ["risk", "noise", "months_since_revenue"]


def test_looking_ahead_from_twelve_months_before_the_end(risky_panel):
    rows, record = risky_panel
    model, now = looked_ahead(rows, record, COLUMNS, seed=2)

    at, follow_up = pd.Timestamp("2023-06-01"), pd.Timestamp("2024-06-01")
    assert record.follow_up() == follow_up
    # Everybody on the list of that day, those who were gone among them, watched for twelve months.
    listed = rows[rows["snapshot"] == at].reset_index(drop=True)
    assert_frame_equal(now[list(listed)], listed)
    assert now["watched"].unique().tolist() == [12]
    begun = record.as_of()[record.as_of()["start"] <= at]
    latest = begun.drop_duplicates("customer_id", keep="last").set_index("customer_id")
    end = now["customer_id"].map(latest["end"])
    months_left = ((end.dt.year - at.year) * 12 + end.dt.month - at.month).clip(lower=0)
    assert_series_equal(now["months_left"], months_left.where(months_left <= 12), check_names=False)
    gone = now[now["months_left"] == 0]
    assert len(gone) > 5
    assert (gone["months_since_revenue"] > 0).all()
    # The model is that of the bills and closings up to that day.
    bills = record.billing[record.billing["month"] <= at]
    closed = record.customers["closed_month"]
    then = LifeRecord(bills, record.customers.assign(closed_month=closed.where(closed <= at)))
    known = watched_ahead(rows[rows["snapshot"] <= at], then.as_of(), then.follow_up())
    own = fitted_hazard(known, COLUMNS, Horizon(12), seed=2, most=FEWER)
    assert model.hazards(now[COLUMNS]).tolist() == own.hazards(now[COLUMNS]).tolist()
    assert model.gone(now[COLUMNS]).tolist() == own.gone(now[COLUMNS]).tolist()


def test_the_list_of_a_risk_that_lasts_sees_far_ahead(risky_panel):
    rows, record = risky_panel
    model, now = looked_ahead(rows, record, COLUMNS)
    frame = now[COLUMNS]
    found = quality_by_lead(model.gone(frame), model.hazards(frame), now["months_left"])

    assert found["month"].tolist() == list(range(13))
    assert found["churners"].sum() == now["months_left"].notna().sum()
    known = found[found["month"] > 0].dropna()
    assert len(known) >= 6
    assert known["value"].mean() > 0.6
    # Who has fallen silent is nearly all there is to know of who is gone.
    assert found.loc[0, "value"] > 0.95
