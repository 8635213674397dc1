"""Purchases in a window after the calibration."""

from __future__ import annotations

import pandas as pd
import pytest

from src.data.problems import InputError
from src.features.purchase_windows import bought_between
from src.features.purchases import purchase_days
from tests.features.test_purchases import days_of
from tests.features.test_purchases import sample as sample  # a fixture

DAYS = days_of(
    ("a", "01", 10),
    ("a", "03", 20),
    ("a", "20", 40),
    ("b", "08", 6),
    ("b", "21", 5),
    ("c", "21", 9),
)


def at(day: str) -> pd.Timestamp:
    return pd.Timestamp(f"2024-01-{day}")


def test_window_holds_its_last_day_and_not_its_first() -> None:
    days = DAYS.assign(margin=[1.0, 2.0, 3.0, 4.0, None, 6.0])
    bought = bought_between(days, pd.Series(["b", "z", "a"]), at("03 12:00"), at("21"))
    expected = pd.DataFrame(
        {
            "buyer_key": ["b", "z", "a"],
            "purchases": [2, 0, 1],
            "money": [11.0, 0.0, 40.0],
            "margin": [None, 0.0, 3.0],
        }
    )
    pd.testing.assert_frame_equal(bought, expected)


def test_hold_out_of_cdnow(sample: pd.DataFrame) -> None:
    """1,882 purchases in 39 weeks: Fader, Hardie, Lee (2005)."""
    days = purchase_days(sample)
    buyers = days["buyer_key"].drop_duplicates()
    bought = bought_between(days, buyers, pd.Timestamp("1997-09-30"), pd.Timestamp("1998-06-30"))
    assert (len(bought), bought["purchases"].sum()) == (2357, 1882)


def test_messages() -> None:
    with pytest.raises(InputError, match="ends on 2024-01-03, not after 2024-01-03"):
        bought_between(DAYS, pd.Series(["a"]), at("03"), at("03 18:00"))
    with pytest.raises(InputError, match="after the last purchase of 2024-01-21: nobody looked"):
        bought_between(DAYS, pd.Series(["a"]), at("03"), at("22"))
    with pytest.raises(InputError, match="a buyer stands twice"):
        bought_between(DAYS, pd.Series(["a", "a"]), at("03"), at("21"))
