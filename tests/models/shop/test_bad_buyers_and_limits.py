"""What is refused, and what a model says where the likelihood runs away."""

import numpy as np
import pandas as pd
import pytest

from src.data.problems import InputError
from src.models.shop import bg_nbd, mbg_nbd, pareto_nbd
from src.models.shop.buyers import patterns_of
from src.models.shop.simulated import bg_nbd_buyers
from tests.models.shop.conftest import buyers_of

GOOD = (2, 3.0, 9.0)
FITS = {"BG/NBD": bg_nbd.fit, "MBG/NBD": mbg_nbd.fit, "Pareto/NBD": pareto_nbd.fit}


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ((1, 10.0, 9.0), r"recency is above age: .* \(1 of 2 buyers; first: row 2, 10\)"),
        ((-1, 0.0, 9.0), "frequency is negative"),
        ((1.5, 2.0, 9.0), "frequency counts purchase days, so it must be whole"),
        ((1, -2.0, 9.0), "recency is negative"),
        ((0, 0.0, -1.0), "the first purchase is after the end of observation"),
        ((0, 2.0, 9.0), "recency is above 0 though frequency is 0"),
        ((1, 0.0, 9.0), "recency is 0 though frequency is above 0"),
        ((1, np.nan, 9.0), "recency is missing or infinite in 1 of 2 rows"),
        ((1, 2.0, np.inf), "age is missing or infinite in 1 of 2 rows"),
    ],
)
def test_a_buyer_who_cannot_be(row, message):
    with pytest.raises(InputError, match=message):
        bg_nbd.fit(buyers_of(GOOD, row))


@pytest.mark.parametrize("name", FITS)
def test_nobody_bought_twice(name):
    with pytest.raises(InputError, match=r"all 2 buyers have one purchase day.*not identified"):
        FITS[name](buyers_of((0, 0.0, 9.0), (0, 0.0, 3.0)))


def test_other_tables():
    with pytest.raises(InputError, match="no column age"):
        bg_nbd.fit(buyers_of(GOOD).drop(columns="age"))
    with pytest.raises(InputError, match="frequency has no rows"):
        bg_nbd.fit(buyers_of())
    with pytest.raises(InputError, match="unit_days must be a number of days above 0, not 0"):
        bg_nbd.fit(buyers_of(GOOD), unit_days=0)


def test_patterns_count_buyers_who_are_the_same():
    buyers = buyers_of(GOOD, (0, 0.0, 9.0), GOOD).set_index(pd.Index(list("abc")))
    patterns = patterns_of(buyers)
    assert patterns.buyers.tolist() == [2, 1]
    columns = (patterns.frequency, patterns.recency, patterns.age)
    assert [column.each().tolist() for column in columns] == [[2, 0], [3, 0], [9, 9]]
    told = patterns.per_buyer(np.array([5.0, 7.0]), "told")
    assert told.to_dict() == {"a": 5, "b": 7, "c": 5}
    assert patterns_of(patterns) is patterns


@pytest.mark.parametrize("name", FITS)
def test_nobody_drops_out(name):
    rng = np.random.default_rng(1)
    buyers = bg_nbd_buyers(2.0, 4.0, 1e-9, 1.0, np.full(600, 80.0), rng)
    # All bought again, the last time on the last day.
    buyers = buyers[buyers["frequency"] > 0].assign(recency=80.0)
    model = FITS[name](buyers)
    assert "nobody drops out" in model.limit
    assert model.at_limit == model.PARAMETERS[2:]
    ends = model.intervals(0.999)
    assert ends.loc[list(model.at_limit), ["low", "high"]].isna().all(axis=None)
    assert ends.loc["r", "low"] < 2.0 < ends.loc["r", "high"]
    assert ends.loc["alpha", "low"] < 4.0 < ends.loc["alpha", "high"]
    # Without drop-out a buyer buys on at the mean rate that is known of him.
    expected = (model.r + buyers["frequency"]) / (model.alpha + 80.0) * 10.0
    assert model.expected(buyers, 10.0).to_numpy() == pytest.approx(expected, rel=5e-3)
    assert np.isfinite(model.draw(rng).expected_new(10.0))


@pytest.mark.parametrize("name", FITS)
def test_all_buy_at_one_rate(name):
    # Ten purchases of everybody are less scattered than chance at one rate is.
    buyers = buyers_of(*[(10, 38.0, 40.0)] * 150, *[(10, 36.0, 40.0)] * 150)
    model = FITS[name](buyers)
    assert "all buyers buy at one rate" in model.limit
    assert {"r", "alpha"} <= set(model.at_limit)
    assert model.intervals().loc[["r", "alpha"], ["low", "high"]].isna().all(axis=None)
    assert 0.25 < model.r / model.alpha < 0.3
    assert model.expected(buyers, 4.0).between(0.8, 1.2).all()


@pytest.mark.parametrize("name", FITS)
@pytest.mark.parametrize(
    "rows",
    [
        [(1, 5.0, 10.0)] * 20,
        [(1, 1e-3, 100.0)] * 5 + [(0, 0.0, 100.0)] * 5,
        [(5_000, 3_999.0, 4_000.0)] + [(0, 0.0, 1.0)] * 50,
    ],
    ids=["all the same", "gone at once", "one buyer buys all"],
)
def test_strange_shops_have_answers(name, rows):
    buyers = buyers_of(*rows)
    model = FITS[name](buyers)
    assert np.isfinite(model.log_likelihood)
    assert model.alive(buyers).between(0, 1).all()
    assert np.isfinite(model.expected(buyers, 50.0)).all()
    assert model.limit or np.isfinite(model.covariance).all(axis=None)
