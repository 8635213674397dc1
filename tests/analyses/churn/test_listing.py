"""The list of today from what models said of three customers."""

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from src.analyses.churn.listing import Scored, todays_list
from src.analyses.settings.churn import Setting
from src.features.snapshots import OUTCOMES
from src.models.explain import contributions as explain
from src.models.explain.reasons import reason_codes, usual_values
from src.models.learning.candidates import TunedXGBoost

COLUMNS = ["tenure_months", "plan", "bill", "calls"]
CHANCES = ["gone_already", "too_late", "can_be_saved", "stays"]
SETTING = Setting()  # an accept rate of 30%, an offer of 10, a contact of 1


@pytest.fixture(scope="module")
def learned():
    rng = np.random.default_rng(6)
    rows = 240
    return pd.DataFrame(
        {
            "tenure_months": rng.integers(1, 60, rows),
            "plan": rng.choice(["flex", "fixed"], rows),
            "bill": rng.gamma(3, 10, rows).round(1),
            "calls": rng.poisson(2, rows),
        }
    )


@pytest.fixture(scope="module")
def model(learned):
    rng = np.random.default_rng(7)
    odds = 1.5 - learned["tenure_months"] / 15 + 2 * (learned["plan"] == "flex")
    churned = rng.random(len(learned)) < 1 / (1 + np.exp(-odds))
    return TunedXGBoost(trials=1).fit(learned, churned.to_numpy())


@pytest.fixture
def scored(learned, model):
    rows = learned.head(3).assign(
        customer_id=["a", "b", "c"], segment=["B2C", "B2C", "B2B"], silent=[0, 1, 2]
    )
    outcomes = np.array([[0, 0.1, 0.2, 0.7], [0.5, 0.1, 0.4, 0], [0.98, 0.01, 0.01, 0]])
    worth = pd.DataFrame(
        {
            "ltv": [200.0, 90.0, 10.0],
            "lost_in_a_year": [0.4, 0.7, 1.0],
            "kept": [210.0, 310.0, 500.0],
        }
    )
    # Numbers of rows are no places: a filtered frame has holes in its index.
    return Scored(rows.set_axis([7, 3, 5]), outcomes, worth, model, learned)


def test_the_list_by_hand(scored):
    assert OUTCOMES == ("gone already", "too late", "can be saved", "stays")
    found = todays_list(scored, COLUMNS, SETTING)
    # 0.4 x 0.3 x 300 - 1; 0.2 x 0.3 x 200 - 0.7 x 10 - 1; 0.01 x 0.3 x 490 - 1.
    expected = pd.DataFrame(
        {
            "customer_id": ["b", "a", "c"],
            "segment": ["B2C", "B2C", "B2B"],
            "state": [
                "silent for 1 month, 50% gone already",
                "active",
                "silent for 2 months, 98% gone already",
            ],
            "silent": [1, 0, 2],
            "gone_already": [0.5, 0.0, 0.98],
            "too_late": [0.1, 0.1, 0.01],
            "can_be_saved": [0.4, 0.2, 0.01],
            "stays": [0.0, 0.7, 0.0],
            "ltv": [90.0, 200.0, 10.0],
            "value_at_risk": [63.0, 80.0, 10.0],
            "gain_of_contact": [35.0, 4.0, 0.47],
        }
    )
    assert_frame_equal(found[list(expected)], expected)
    assert found.columns.tolist() == [*expected, "reason_1", "reason_2", "reason_3"]


def test_three_reasons_are_those_of_the_model_for_that_customer(scored, learned, model):
    found = todays_list(scored, COLUMNS, SETTING).set_index("customer_id")
    rows = scored.rows.set_index("customer_id")[COLUMNS]
    codes = reason_codes(
        explain.contributions(model, rows),
        ["a", "b", "c"],
        usual=usual_values(explain.as_read(model, learned[COLUMNS])),
        reasons=3,
    )
    for customer, told in codes.groupby("customer"):
        words = found.loc[customer, ["reason_1", "reason_2", "reason_3"]].tolist()
        assert words == told["words"].tolist()
        assert len(words) == 3
    for number in (1, 2, 3):
        assert found[f"reason_{number}"].str.contains(r"(?:raises|lowers) the odds by").all()


def test_without_months_or_segments_there_is_no_state(scored):
    plain = Scored(
        scored.rows.drop(columns=["segment", "silent"]),
        scored.outcomes,
        scored.worth,
        scored.explained,
        scored.learned,
    )
    found = todays_list(plain, COLUMNS, SETTING)
    assert found.columns.tolist()[:5] == ["customer_id", *CHANCES]
    with_them = todays_list(scored, COLUMNS, SETTING)
    assert_frame_equal(found, with_them.drop(columns=["segment", "state", "silent"]))


def test_equal_gains_keep_their_order_and_costs_are_those_of_the_setting(scored):
    free = Setting(offer=0, contact=0)
    same = Scored(
        scored.rows,
        np.tile([0.2, 0.1, 0.3, 0.4], (3, 1)),
        scored.worth.assign(kept=100.0),
        scored.explained,
        scored.learned,
    )
    found = todays_list(same, COLUMNS, free)
    assert found["customer_id"].tolist() == ["a", "b", "c"]
    assert found["gain_of_contact"].tolist() == pytest.approx([9.0] * 3)


def test_a_customer_without_any_reason_has_empty_words(scored):
    found = explain.contributions(scored.explained, scored.rows.set_index("customer_id")[COLUMNS])
    flat = explain.Contributions(found.values.mul([0, 1, 1], axis=0), 0.0, found.margin, found.seen)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(explain, "contributions", lambda model, frame: flat)
        told = todays_list(scored, COLUMNS, SETTING).set_index("customer_id")
    assert told.loc["a", ["reason_1", "reason_2", "reason_3"]].tolist() == ["", "", ""]
    assert (told.loc[["b", "c"], "reason_1"] != "").all()
