"""Effort against income by hand, and its intervals."""

import numpy as np
import pandas as pd
import pandas.testing as pdt
import pytest

from src.data.problems import InputError
from src.models.segments.effort import effort_shares


def test_shares_by_hand():
    # 50 of 100 below, then 80 with the second: the third begins at 80 and is not of them.
    customers = pd.DataFrame(
        {
            "money": [50.0, 30, 15, 5, -3],
            "tickets": [1.0, 0, 5, 4, 0],
            "contacts": [0.0, 0, 0, 0, 0],
        }
    )
    found = effort_shares(customers, ["tickets", "contacts"], np.random.default_rng(0))
    expected = pd.DataFrame(
        {
            "effort": ["customers", "income", "tickets", "contacts"],
            "total": [5.0, 97, 10, 0],
            "share": [0.4, 80 / 97, 0.1, np.nan],
        }
    )
    pdt.assert_frame_equal(found[["effort", "total", "share"]], expected)
    assert (found["low"] <= found["share"])[:3].all()
    assert (found["high"] >= found["share"])[:3].all()
    assert found.loc[3, ["low", "high"]].isna().all()


def test_neither_order_nor_the_unit_of_money_matters():
    rng = np.random.default_rng(2)
    customers = pd.DataFrame({"money": rng.lognormal(0, 1, 200), "tickets": rng.poisson(1.0, 200)})
    share = effort_shares(customers, ["tickets"], rng)["share"]
    other = customers.sample(frac=1, random_state=1).assign(money=lambda rows: rows["money"] * 7)
    assert effort_shares(other, ["tickets"], rng)["share"].tolist() == pytest.approx(share.tolist())


@pytest.mark.slow
def test_intervals_cover_the_share_of_the_population():
    def drawn(rng, number):
        money = rng.lognormal(0, 1, number)
        return pd.DataFrame({"money": money, "tickets": rng.poisson(0.5 + 0.2 * money)})

    many = np.random.default_rng(0)
    true = effort_shares(drawn(many, 400_000), ["tickets"], many, 2).set_index("effort")["share"]
    inside = []
    for seed in range(1, 121):
        rng = np.random.default_rng(seed)
        found = effort_shares(drawn(rng, 400), ["tickets"], rng, 150).set_index("effort")
        found = found.loc[["customers", "tickets"]]
        inside.append((found["low"] <= true[found.index]) & (true[found.index] <= found["high"]))
    assert (np.mean(inside, axis=0) > 0.88).all()
    assert not np.all(inside)


@pytest.mark.parametrize(
    ("money", "said"),
    [
        ([1.0], "needs 2 customers or more"),
        ([2.0, 2.0, 2.0], "all 3 values are equal, so there are no classes"),
        ([0.0, -1.0], "no value is above 0, so there are no classes"),
        ([1.0, np.nan], "money is missing or infinite in 1 of 2 rows"),
    ],
)
def test_incomes_that_have_no_classes_are_refused(money, said):
    with pytest.raises(InputError, match=said):
        effort_shares(pd.DataFrame({"money": money}), [], np.random.default_rng(0))


def test_negative_efforts_are_refused():
    customers = pd.DataFrame({"money": [2.0, 1.0], "tickets": [1.0, -1.0]})
    with pytest.raises(InputError, match=r"^tickets must be 0 or more$"):
        effort_shares(customers, ["tickets"], np.random.default_rng(0))
