import numpy as np
import pandas as pd
import pytest

from src.data.problems import InputError
from src.models.shop import bg_nbd
from src.models.shop.calls import usual_gap, who_to_call

ROWS = [[0, 0, 10]] * 6 + [[3, 8, 10]] * 3 + [[1, 4, 10]] * 4 + [[6, 9.5, 10]] * 2
MODEL = bg_nbd.fit(pd.DataFrame(ROWS, columns=["frequency", "recency", "age"]))
BUYERS = pd.DataFrame(
    {
        "buyer_key": ["fresh", "drifting", "gone", "small", "once"],
        "frequency": [20, 20, 20, 4, 0],
        "recency": [39.5, 35.0, 10.0, 20.0, 0.0],
        "age": 40.0,
        "spend": [10.0, 10.0, 10.0, 1.0, np.nan],
    }
)


def value(buyers: pd.DataFrame) -> pd.Series:
    return MODEL.expected(buyers, 52) * buyers["spend"].fillna(5)


def test_nine_in_ten_gaps_of_a_living_buyer_are_no_longer():
    rng = np.random.default_rng(3)
    buyers = pd.DataFrame({"frequency": [4], "recency": [20.0]})
    rates = rng.gamma(MODEL.r + 4, 1 / (MODEL.alpha + 20), 100_000)
    expected = np.quantile(rng.exponential(1 / rates), 0.9)
    assert usual_gap(MODEL, buyers).iloc[0] == pytest.approx(expected, rel=0.03)


def test_the_overdue_in_the_order_of_what_silence_would_cost():
    found = who_to_call(BUYERS, MODEL, value, 4)
    # Who has just bought and who never came back are not overdue.
    assert set(found["buyer_key"]) == {"drifting", "gone", "small"}
    assert found["buyer_key"].iloc[0] == "drifting"
    assert found["at_risk"].is_monotonic_decreasing
    assert (found["silence"] > found["usual_gap"]).all()
    assert (found["alive_then"] < found["alive"]).all()
    first, own = found.iloc[0], BUYERS[BUYERS["buyer_key"] == "drifting"]
    assert first["value"] == pytest.approx(value(own).iloc[0])
    assert first["value_if_alive"] * first["alive"] == pytest.approx(first["value"])
    later = value(own.assign(age=44.0)).iloc[0]
    assert first["at_risk"] == pytest.approx(first["value"] - later)


def test_nobody_is_overdue():
    found = who_to_call(BUYERS.iloc[[0, 4]], MODEL, value, 4)
    assert found.empty
    assert "at_risk" in found


def test_a_time_ahead_is_needed():
    with pytest.raises(InputError, match="time ahead must be above 0"):
        who_to_call(BUYERS, MODEL, value, 0)
