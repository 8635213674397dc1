"""What a product adds: by hand, against growth that all have, and simulated coverage."""

import numpy as np
import pandas as pd
import pytest

from src.data.problems import InputError
from src.features.months import Month
from src.features.takings import FOREVER
from src.models.products.worth import (
    Money,
    margins_of_orders,
    margins_of_products,
    money_of,
    months_kept,
    staying,
)


def simulated(rng, size=600, effect=0.1, months=12, growth=0.02):
    """Takers of `tv` in month 6 pay `effect` more from then on; all grow alike."""
    level = rng.lognormal(3, 0.5, size)[:, None] * (1 + growth) ** np.arange(months)
    takes = rng.random(size) < 0.3
    level = np.where(takes[:, None] & (np.arange(months) >= 6), 1 + effect, 1.0) * level
    revenue = level * rng.lognormal(0, 0.05, level.shape)
    ids = [f"c{n}" for n in range(size)]
    people = pd.DataFrame({"customer_id": ids, "segment": "B2C"})
    held = pd.DataFrame({"customer_id": ids, "product": "tv", "start": 106, "end": FOREVER})
    return held[takes].assign(is_offered=True), Money(people, 100, revenue, 0.6 * revenue)


def test_bills_side_by_side():
    bills = pd.DataFrame(
        {
            "customer_id": ["b", "a", "a", "a", "z"],
            "month": pd.to_datetime(
                ["2024-03-01", "2024-01-01", "2024-01-01", "2024-03-01", "2024-01-01"]
            ),
            "revenue": [5.0, 1.0, 2.0, 4.0, 9.0],
            "cost_to_serve": [1.0, 0.5, 0.5, np.nan, 0.0],
        }
    )
    people = pd.DataFrame({"customer_id": ["a", "b"], "segment": ["B2C", "B2B"]})
    found = money_of(bills, people)
    assert found.first == Month.of("2024-01").number
    np.testing.assert_array_equal(found.revenue, [[3, np.nan, 4], [np.nan, np.nan, 5]])
    np.testing.assert_array_equal(found.margin, [[2, np.nan, np.nan], [np.nan, np.nan, 4]])


def test_growth_of_all_is_no_effect_of_the_product():
    held, money = simulated(np.random.default_rng(0), effect=0.0, growth=0.05)
    row = margins_of_products(held, money).iloc[0]
    assert row["revenue_low"] < 0 < row["revenue_high"]
    # Before and after alone would say what all have.
    assert money.revenue[:, 7:10].mean() / money.revenue[:, 3:6].mean() > 1.15


def test_who_takes_another_product_around_does_not_count():
    held, money = simulated(np.random.default_rng(0))
    other = held.assign(product="phone", start=104)
    assert margins_of_products(held, money)["takers"].tolist() == [len(held)]
    assert margins_of_products(pd.concat([held, other]), money)["takers"].tolist() == [0, 0]
    assert margins_of_products(held.head(19), money)["share"].isna().all()


def test_too_few_months_are_said():
    held, money = simulated(np.random.default_rng(0), months=6)
    with pytest.raises(InputError, match="bills of 6 months do not show what a product adds: 7"):
        margins_of_products(held, money)


@pytest.mark.slow
def test_intervals_hold_the_effect_as_often_as_they_say():
    inside = 0
    for seed in range(200):
        held, money = simulated(np.random.default_rng(seed), size=300, growth=0.0)
        row = margins_of_products(held, money).iloc[0]
        inside += row["revenue_low"] <= 0.1 <= row["revenue_high"]
    assert 0.9 <= inside / 200 <= 0.985


def test_products_are_kept_until_they_or_the_life_end():
    held = pd.DataFrame(
        {
            "customer_id": ["a", "b", "c"],
            "product": "tv",
            "start": [2, 5, 9],
            "end": [4, FOREVER, FOREVER],
            "is_offered": True,
        }
    )
    watch = pd.DataFrame(
        {"customer_id": list("abc"), "segment": "B2C", "start": 0, "end": [20, 7, 20], "joined": 0}
    )
    found = staying(held, watch, Month(10)).iloc[0]
    # Three months each for a and b, who end; two for c up to the follow-up.
    assert found[["ends", "months"]].tolist() == [2, 8]
    assert found["low"] < found["rate"] == 0.25 < found["high"]


def test_months_kept_are_a_geometric_sum():
    stays = 0.9 ** np.arange(1, 25)
    discount = 1.12 ** (-np.arange(1, 25) / 12)
    assert months_kept(np.array([0.1]), 24, 0.12)[0] == pytest.approx((stays * discount).sum())


def test_buyers_bring_the_first_order_and_more_a_month():
    ids = [f"c{n}" for n in range(20)]
    dates = pd.to_datetime(["2024-01-05"] * 20 + ["2024-03-05"] * 20)
    orders = pd.DataFrame(
        {
            "customer_id": ids * 2,
            "date": dates,
            "category": "phone",
            "margin": [10.0] * 20 + [4.0] * 20,
        }
    )
    start = Month.of("2024-01").number
    bought = pd.DataFrame({"customer_id": ids, "product": "shop: phone", "start": start})
    watch = pd.DataFrame({"customer_id": ids, "segment": "B2C", "start": start, "end": start + 4})
    found = margins_of_orders(orders, bought, watch).iloc[0]
    assert found[["takers", "at_once", "monthly"]].tolist() == [20, 10.0, 1.0]
    assert found[["at_once_error", "monthly_error"]].tolist() == [0.0, 0.0]
