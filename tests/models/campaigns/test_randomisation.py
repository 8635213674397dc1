"""A draw at random passes; a draw with other shares, or of other customers, is told and named."""

import numpy as np
import pandas as pd
import pytest

from src.data.problems import InputError
from src.models.campaigns.randomisation import LEVEL, check_draw, shares_differ

PLAN = {"control": 1, "bonus": 2, "discount": 2}
KNOWN = ["arpu", "tenure", "region"]


def drawn(seed, customers=1_000):
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "customer_id": range(customers),
            "arm": rng.choice(list(PLAN), customers, p=[0.2, 0.4, 0.4]),
            "arpu": rng.lognormal(3, 0.6, customers),
            "tenure": rng.integers(0, 80, customers),
            "region": rng.choice(["north", "south", "west"], customers),
        }
    )


def test_a_random_draw_is_called_not_random_hardly_ever():
    draws = [check_draw(drawn(seed), KNOWN, planned=PLAN) for seed in range(30)]
    assert sum(not draw.is_random for draw in draws) <= 2
    assert draws[0].verdict == "The arms were drawn at random as far as can be seen."
    # p-values of the tests of balance are even.
    p = np.concatenate([draw.tests["p"].to_numpy()[1:] for draw in draws])
    assert (p < 0.05).mean() < 0.15
    assert 0.4 < p.mean() < 0.6


def test_the_table_by_hand():
    frame = pd.DataFrame(
        {"customer_id": range(4), "arm": ["control", "mail"] * 2, "x": [0.0, 1.0, 2.0, 5.0]}
    )
    draw = check_draw(frame, ["x"])
    # Variances 1 and 4; of the sum of two of four numbers without replacement, 2 x 2 / 4 x s^2.
    unit, spread = np.sqrt(2.5), np.sqrt(14 / 3)
    expected = pd.DataFrame(
        {
            "arm": ["mail"],
            "column": ["x"],
            "treated": [3.0],
            "control": [1.0],
            "difference": [2 / unit],
            "z": [2 / spread],
        }
    )
    pd.testing.assert_frame_equal(draw.balance.drop(columns="p"), expected)
    assert draw.tests["statistic"].tolist() == pytest.approx([4 / spread**2])
    assert draw.ratio["planned"].isna().all()


def test_the_sample_ratio_by_hand():
    frame = pd.DataFrame({"customer_id": range(100), "arm": ["control"] * 30 + ["mail"] * 70})
    draw = check_draw(frame, [], planned={"control": 0.5, "mail": 0.5})
    assert draw.tests["statistic"].item() == pytest.approx(20**2 / 50 * 2)
    assert not draw.is_random
    assert draw.columns == ()
    assert "do not have the planned shares" in draw.verdict


def test_a_column_that_picked_the_arm_is_named():
    frame = drawn(1)
    frame.loc[(frame["tenure"] > 60) & (frame["arm"] == "bonus"), "arm"] = "control"
    draw = check_draw(frame, KNOWN)
    assert not draw.is_random
    assert draw.columns == ("tenure",)
    assert "they differ in tenure" in draw.verdict


def test_a_draw_within_strata_is_judged_within_them():
    rng = np.random.default_rng(3)
    segment = rng.choice(["B2C", "B2B"], 2_000)
    is_control = rng.random(2_000) < np.where(segment == "B2C", 0.2, 0.6)
    frame = pd.DataFrame(
        {
            "customer_id": range(2_000),
            "arm": np.where(is_control, "control", "mail"),
            "segment": segment,
            "arpu": rng.normal(np.where(segment == "B2C", 10, 30), 5),
        }
    )
    assert shares_differ(frame, "segment") < LEVEL
    assert not check_draw(frame, ["arpu"]).is_random
    assert check_draw(frame, ["arpu"], by="segment").is_random
    assert shares_differ(drawn(1), "region") > LEVEL
    assert shares_differ(frame.assign(segment="B2C"), "segment") == 1


def test_all_columns_together_do_not_depend_on_their_units():
    frame = drawn(2)
    scaled = frame.assign(arpu=1_000 * frame["arpu"] - 7, tenure=frame["tenure"] / 12)
    one, other = (check_draw(each, KNOWN).tests for each in (frame, scaled))
    pd.testing.assert_frame_equal(one, other)


def test_plans_that_do_not_fit_are_refused():
    with pytest.raises(InputError, match="the arm 'call' was planned and has nobody"):
        check_draw(drawn(1), [], planned={**PLAN, "call": 1})
    with pytest.raises(InputError, match="the arm 'discount' has customers and no planned share"):
        check_draw(drawn(1), [], planned={"control": 1, "bonus": 1})
    with pytest.raises(InputError, match="no column income"):
        check_draw(drawn(1), ["income"])
