"""What price rises do: by hand, on simulated rises with a known answer, and without any."""

import numpy as np
import pandas as pd
import pytest

from src.data.problems import InputError
from src.models.segments.price_response import price_response

FIRST, LAST = pd.Timestamp("2022-01-01"), pd.Timestamp("2024-12-01")
MONTHS = 36


def simulated(count, ratio, seed, spans=((1, 3),)):
    """Lives whose chance to leave is `ratio` times as high in the months after a yearly rise.

    The young leave more often, and a rise is on record of those alone who were there.
    """
    rng = np.random.default_rng(seed)
    group = rng.integers(0, 3, count)
    start = np.where(rng.random(count) < 0.5, 0, rng.integers(0, MONTHS - 6, count))
    age = np.where(start == 0, rng.integers(1, 60, count), 0)
    month = np.arange(MONTHS)
    rises = (month[None, :] % 12) == (group[:, None] * 3 + 2)
    since = np.full((count, MONTHS), 99)
    for step in range(1, MONTHS):
        since[:, step] = np.where(rises[:, step - 1], 1, since[:, step - 1] + 1)
    after = (since >= spans[0][0]) & (since <= spans[0][1]) & (month - since >= start[:, None])
    young = 1 + 1.5 * np.exp(-(month - start[:, None] + age[:, None]) / 6)
    hazard = 0.02 * young * np.where(after, ratio, 1.0) * (month > start[:, None])
    leaves = rng.random(hazard.shape) < hazard
    end = np.where(leaves.any(axis=1), leaves.argmax(axis=1), MONTHS)
    stamps = pd.date_range(FIRST, periods=MONTHS + 1, freq="MS")
    ids = pd.Series([f"c{number}" for number in range(count)])
    lives = pd.DataFrame(
        {
            "customer_id": ids,
            "start": stamps[start],
            "end": pd.Series(stamps[end]).where(end < MONTHS),
            "signup": stamps[start] - pd.to_timedelta(age * 30.5, "D"),
        }
    )
    alive = (month >= start[:, None]) & (month < end[:, None])
    rows, columns = np.nonzero(rises & alive)
    return lives, pd.DataFrame({"customer_id": ids[rows].to_numpy(), "month": stamps[columns]})


def test_a_known_answer_is_found():
    lives, rises = simulated(4_000, 2.0, seed=1)
    table = price_response(lives, rises, (FIRST, LAST))
    assert table[["first", "last"]].to_numpy().tolist() == [[1, 3], [4, 6], [7, 9]]
    assert table.loc[0, "low"] < 2.0 < table.loc[0, "high"]
    assert table.loc[0, "low"] > 1.5
    assert (table.loc[1:, "low"] < 1).all()
    assert (table.loc[1:, "high"] > 1).all()


@pytest.mark.slow
def test_intervals_hold_the_ratio():
    """Of 100 bases each, without an answer and with one, 95 % intervals hold it."""
    for ratio in (1.0, 1.6):
        held = []
        for seed in range(100):
            lives, rises = simulated(1_500, ratio, seed)
            row = price_response(lives, rises, (FIRST, LAST)).iloc[0]
            held.append(row["low"] <= ratio <= row["high"])
        assert 0.88 <= np.mean(held) <= 1.0


def test_by_hand_one_month_of_two_groups():
    """Four with a rise, one of whom leaves, against ten without, one of whom leaves: 2.5 times."""
    stamps = pd.date_range("2024-01-01", periods=3, freq="MS")
    names = [f"u{n}" for n in range(40)] + [f"d{n}" for n in range(100)]
    lives = pd.DataFrame({"customer_id": names, "start": stamps[0], "signup": stamps[0]})
    lives["end"] = pd.NaT
    lives.loc[lives["customer_id"].isin([f"u{n}" for n in range(10)]), "end"] = stamps[1]
    lives.loc[lives["customer_id"].isin([f"d{n}" for n in range(10)]), "end"] = stamps[1]
    rises = pd.DataFrame({"customer_id": names[:40], "month": stamps[0]})
    table = price_response(lives, rises, (stamps[0], stamps[1]), spans=((1, 1),))
    assert table.loc[0, "exits"] == 10
    assert table.loc[0, "months"] == 40
    assert table.loc[0, "ratio"] == pytest.approx((10 * 100) / (10 * 40))
    spread = 20 * 40 * 100 / 140**2
    assert table.loc[0, "log_error"] == pytest.approx(
        np.sqrt(spread / ((10 * 100 / 140) * (10 * 40 / 140)))
    )


def test_nothing_is_said_where_nobody_can_be_compared():
    lives, rises = simulated(300, 1.0, seed=2)
    with pytest.raises(InputError, match="nothing is known of what a rise does"):
        price_response(lives, rises.head(0), (FIRST, LAST))
