"""Hit rates: by hand, against baselines, with paired intervals."""

import numpy as np
import pandas as pd
import pytest

from src.data.problems import InputError
from src.features.months import Month
from src.features.standing import Standing
from src.models.products.hits import (
    after_last,
    calibration,
    hit_gains,
    hit_rates,
    hits,
    popularity,
)

NAN = np.nan


def listed(holds, latest, segment=None):
    holds = np.array(holds, bool)
    customers = pd.DataFrame({"segment": segment or ["B2C"] * len(holds)})
    return Standing(Month(9), customers, tuple("xyz"), holds, np.array(latest))


def test_a_hit_is_one_of_those_named():
    first = np.array([[0, 1, 0], [0, 0, 1], [0, 0, 0], [1, 1, 0]], bool)
    scores = {
        "good": np.array([[0.1, 0.9, 0.2], [0.3, 0.2, 0.1], [1, 1, 1], [NAN, 0.1, 0.2]]),
        "silent": np.full((4, 3), NAN),
    }
    found = hits(first, scores)
    wide = found.pivot_table("is_hit", "customer", ["method", "first"], aggfunc="max")
    assert wide["good"].astype(int).to_numpy().tolist() == [[1, 1], [0, 1], [0, 1]]
    assert not wide["silent"].to_numpy().any()
    with pytest.raises(InputError, match="nobody took a product in the months"):
        hits(np.zeros((2, 3), bool), scores)


def test_rates_and_gains_are_of_the_same_customers():
    first = np.zeros((200, 4), bool)
    first[:, 0] = True
    good, poor = np.zeros((200, 4)), np.zeros((200, 4))
    good[:, 1:], poor[:, 1:] = -1, 1
    poor[:50, 1:] = -1
    table = hits(first, {"good": good, "poor": poor})
    table["segment"] = "B2C"
    rates = hit_rates(table).set_index(["segment", "method", "first"])
    assert rates.loc[("all", "good", 1), ["customers", "rate"]].tolist() == [200, 1]
    assert rates.loc[("B2C", "poor", 1), "rate"] == 0.25
    gains = hit_gains(table, np.random.default_rng(0)).set_index(["segment", "method", "first"])
    gain = gains.loc[("all", "poor", 1)]
    assert gain["gain"] == 0.75
    # As the normal interval of a share of 150 in 200 has it.
    assert gain["low"] == pytest.approx(0.75 - 1.96 * 0.0306, abs=0.01)
    assert gain["high"] == pytest.approx(0.75 + 1.96 * 0.0306, abs=0.01)


def test_popularity_is_of_the_segment():
    now = listed([[1, 0, 0], [0, 0, 0]], [0, -1], ["B2B", "B2C"])
    past = np.array([[1, 1, 0], [0, 0, 1]], bool)
    found = popularity([(now, past), (now, past)], now)
    np.testing.assert_array_equal(found, [[2, 2, 0], [0, 0, 2]])


def test_after_the_last_product_comes_what_others_took_then():
    before = listed([[1, 0, 0], [1, 0, 0], [0, 0, 0], [0, 0, 0]], [0, 0, -1, -1])
    past = np.array([[0, 0, 1], [0, 0, 1], [1, 1, 0], [0, 1, 0]], bool)
    now = listed([[1, 0, 0], [0, 0, 0], [0, 1, 0]], [0, -1, 1])
    best = np.nan_to_num(after_last([(before, past)], now), nan=-1).argmax(axis=1)
    # After x comes z, after nothing y; nobody had y last: the most popular that is not held.
    assert best.tolist() == [2, 1, 2]


def test_expected_and_actual_takers_are_of_those_who_could_take():
    now = listed([[1, 0, 0], [0, 0, 0]], [0, -1])
    chances = np.array([[NAN, 0.5, 0.1], [0.25, 0.5, 0.1]])
    taken = np.array([[0, 1, 0], [1, 1, 0]], bool)
    found = calibration(chances, taken, now).set_index("product")
    assert found.loc["x", ["customers", "expected", "takers"]].tolist() == [1, 0.25, 1]
    assert found.loc["y", ["customers", "expected", "takers"]].tolist() == [2, 1.0, 2]
