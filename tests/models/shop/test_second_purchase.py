import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from src.data.problems import InputError
from src.models.shop.second_purchase import by_repeats, further_purchases, time_to_second

UNTIL = pd.Timestamp("2024-02-26")  # 8 weeks after January 1


def log_of(*rows: tuple[str, list[int]]) -> pd.DataFrame:
    """A row per purchase of (buyer, weeks after January 1)."""
    start = pd.Timestamp("2024-01-01")
    return pd.DataFrame(
        [(buyer, start + pd.Timedelta(weeks=week), 1.0) for buyer, weeks in rows for week in weeks],
        columns=["buyer_key", "date", "amount"],
    )


LOG = log_of(("a", [0, 1, 5]), ("b", [0, 3]), ("c", [0]), ("d", [4, 10]), ("e", [0, 3, 4]))


def exponential(count: int, rng: np.random.Generator) -> tuple[pd.DataFrame, pd.Timestamp]:
    """Buyers of whom 6 in 10 come back, after 10 weeks on average; first days over 20 weeks."""
    start = pd.Timestamp("2023-01-02")
    first = start + pd.to_timedelta(rng.integers(0, 140, count), unit="D")
    waits = pd.to_timedelta(np.ceil(rng.exponential(70, count)), unit="D")
    returns = rng.random(count) < 0.6
    rows = pd.DataFrame({"buyer_key": np.arange(count), "date": first, "amount": 1.0})
    again = rows.assign(date=first + waits)[returns]
    until = start + pd.Timedelta(weeks=50)
    return pd.concat([rows, again], ignore_index=True), until


def test_time_to_second_by_hand():
    found = time_to_second(LOG, UNTIL, np.random.default_rng(1))

    assert found.buyers == 5
    assert found.horizon == 8
    expected = pd.DataFrame(
        {
            "time": [0.0, 1.0, 3.0, 4.0, 8.0],
            "at_risk": [5, 5, 4, 2, 1],  # d was watched for 4 weeks, c for 8
            "returned": [0.0, 0.2, 0.6, 0.6, 0.6],
        }
    )
    assert_frame_equal(found.curve[list(expected)], expected)
    assert found.ever.value == pytest.approx(0.6)
    assert found.by.value == 3  # 80 % of 0.6
    assert 1 <= found.by.low <= 3 <= found.by.high <= 8


def test_a_purchase_after_the_day_is_not_read():
    later = log_of(("c", [9]), ("z", [9]))
    both = pd.concat([LOG, later], ignore_index=True)
    one = time_to_second(LOG, UNTIL, np.random.default_rng(1))
    other = time_to_second(both, UNTIL, np.random.default_rng(1))
    assert_frame_equal(one.curve, other.curve)
    assert (one.by, one.ever) == (other.by, other.ever)
    assert_frame_equal(further_purchases(LOG, UNTIL, 4), further_purchases(both, UNTIL, 4))


def test_further_purchases_by_hand():
    found = further_purchases(LOG, UNTIL, 3)
    expected = pd.DataFrame(
        {
            "purchases": ["1", "2", "3"],
            "buyers": [5, 3, 2],
            # After the second: e after 1 week; a after 4; b never in the 5 watched.
            "chance": [0.6, 1 / 3, 0.0],
        }
    )
    assert_frame_equal(found[list(expected)], expected)
    assert (found["low"] <= found["chance"] + 1e-12).all()


@pytest.mark.slow
def test_intervals_hold_the_share_and_the_week_of_those_who_come_back():
    rng = np.random.default_rng(7)
    held = []
    for _ in range(200):
        log, until = exponential(400, rng)
        found = time_to_second(log, until, rng, replicates=100, confidence=0.9)
        share = 0.6 * -np.expm1(-found.horizon / 10)
        week = -10 * np.log1p(-0.8 * -np.expm1(-found.horizon / 10))
        held.append(
            (
                found.ever.low <= share <= found.ever.high,
                found.by.low <= np.ceil(week) <= found.by.high,
            )
        )
    of_share, of_week = np.mean(held, axis=0)
    assert 0.85 <= of_share <= 0.95
    assert 0.85 <= of_week <= 0.98  # to whole weeks, so rather too wide


def test_by_repeats_tells_steps_from_noise():
    rng = np.random.default_rng(2)
    frequency = np.repeat([0, 1, 8], 400)
    value = rng.gamma(4, np.repeat([1.0, 3.0, 3.0], 400))
    found = by_repeats(pd.DataFrame({"frequency": frequency, "value": value}), ["value"])
    assert found["repeats"].tolist() == ["0", "1", "7+"]
    assert found["buyers"].tolist() == [400, 400, 400]
    assert found["times_low"].iloc[1] < 3 < found["times_high"].iloc[1]
    assert found["times_low"].iloc[1] > 2.5
    assert found["times_low"].iloc[2] < 1 < found["times_high"].iloc[2]


def test_what_cannot_be_told():
    rng = np.random.default_rng(1)
    with pytest.raises(InputError, match="nobody made a second purchase by 2024-02-26"):
        time_to_second(log_of(("a", [0]), ("b", [1])), UNTIL, rng)
    with pytest.raises(InputError, match="nobody bought by 2023-12-31"):
        time_to_second(LOG, pd.Timestamp("2023-12-31"), rng)
    with pytest.raises(InputError, match="no column date"):
        further_purchases(LOG.drop(columns="date"), UNTIL, 3)
