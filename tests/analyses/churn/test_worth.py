"""What a customer who stays is worth, as a snapshot base tells it."""

import numpy as np
import pandas as pd
import pytest

from src.analyses.churn.worth import Worth
from src.analyses.settings.churn import Setting
from src.models.value.discounting import residual_value
from src.models.value.own_curve import stays_from_now

COLUMNS = ["plan"]


@pytest.fixture
def rows():
    place = np.arange(60)
    return pd.DataFrame(
        {
            "churned": place % 4 == 0,
            "tenure_months": (1 + place % 12).astype(float),
            "monthly_revenue": 10.0 + place % 3,
            "plan": np.where(place % 2, "a", "b"),
        }
    )


def by_margin(rows, margin):
    setting = Setting()
    stays = stays_from_now(rows, COLUMNS, setting.value_months)
    return residual_value(stays, margin, setting.rate)


def test_a_share_of_revenue_is_assumed_where_nothing_else_is_known(rows):
    worth = Worth(rows, COLUMNS, Setting(margin_share=0.4))
    assert (worth.is_known, worth.assumes_margin) == (True, True)
    assert worth.of(rows) == pytest.approx(by_margin(rows, 0.4 * rows["monthly_revenue"]))


@pytest.mark.parametrize("name", ["monthly_margin", "monthly_cost"])
def test_the_margin_of_the_base_goes_first(rows, name):
    rows[name] = 3.0
    worth = Worth(rows, COLUMNS, Setting())
    assert (worth.is_known, worth.assumes_margin) == (True, False)
    margin = rows[name] if name == "monthly_margin" else rows["monthly_revenue"] - 3
    assert worth.of(rows) == pytest.approx(by_margin(rows, margin))


def test_a_value_of_the_base_is_taken_as_it_is_and_gaps_have_the_median(rows):
    rows["customer_value"] = [np.nan, *range(1, 60)]
    worth = Worth(rows, COLUMNS, Setting())
    assert (worth.is_known, worth.assumes_margin) == (True, False)
    assert worth.of(rows).tolist() == [30.0, *map(float, range(1, 60))]
    assert worth.gaps().to_dict() == {"customer_value": 1}


@pytest.mark.parametrize("absent", ["tenure_months", "monthly_revenue"])
def test_without_tenure_or_money_everybody_is_worth_the_same(rows, absent):
    worth = Worth(rows.drop(columns=absent), COLUMNS, Setting(clv=70))
    assert (worth.is_known, worth.assumes_margin) == (False, False)
    assert set(worth.of(rows.drop(columns=absent))) == {70.0}
    assert worth.gaps().empty


def test_other_rows_follow_the_curves_of_the_labelled(rows):
    others = rows.head(5).drop(columns="churned")
    worth = Worth(rows, COLUMNS, Setting())
    assert worth.of(others) == pytest.approx(worth.of(rows)[:5])
