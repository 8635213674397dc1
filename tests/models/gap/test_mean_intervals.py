import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from src.models.gap.mean_intervals import mean_ltv_intervals

NAMES = ("B2B", "B2C")


def bars_of(*means: tuple[float, float]) -> pd.DataFrame:
    """A bar that is not read, then the gap of these means of both groups, for each replicate."""
    rows = []
    for replicate, (first, second) in enumerate(means):
        rows.append((replicate, "lifetime", 9.0, 8.0))
        rows.append((replicate, "gap", first, second))
    return pd.DataFrame(rows, columns=["replicate", "factor", "first", "second"])


def test_money_above_zero_is_turned_on_the_logarithmic_scale():
    found = mean_ltv_intervals(
        bars_of((200, 100)), bars_of((100, 100), (200, 80), (800, 160)), NAMES, confidence=1.0
    )

    expected = pd.DataFrame(
        {
            "of": ["B2B", "B2C", "difference", "ratio"],
            "value": [200.0, 100, 100, 2],
            # 200^2 / 800 to 200^2 / 100, 100^2 / 160 to 100^2 / 80; differences of 0, 120 and
            # 640 around 100; ratios of 1, 2.5 and 5 around 2.
            "low": [50, 62.5, 200 - 640, 4 / 5],
            "high": [400.0, 125, 200 - 0, 4 / 1],
        }
    )
    assert_frame_equal(found, expected)


@pytest.mark.parametrize("losing", [(-10.0, -40.0), (10.0, -40.0)])
def test_money_below_zero_keeps_its_own_scale_and_has_no_ratio(losing):
    value, drawn = losing
    found = mean_ltv_intervals(
        bars_of((100, value)), bars_of((50, drawn), (100, 10), (200, 20)), NAMES, confidence=1.0
    )

    expected = pd.DataFrame(
        {
            "of": ["B2B", "B2C", "difference", "ratio"],
            "value": [100, value, 100 - value, np.nan],
            "low": [50, 2 * value - 20, 2 * (100 - value) - 180, np.nan],
            "high": [200, 2 * value + 40, 2 * (100 - value) - 90, np.nan],
        }
    )
    assert_frame_equal(found, expected)


def test_quantiles_are_those_of_the_confidence():
    rng = np.random.default_rng(1)
    logs = rng.normal(0, 0.2, (4_000, 2))
    draws = bars_of(*(np.exp(logs) * [200, 100]))
    found = mean_ltv_intervals(bars_of((200, 100)), draws, NAMES, confidence=0.8)

    low, high = np.quantile(logs[:, 0], [0.1, 0.9])
    ends = found.loc[0, ["low", "high"]].to_numpy(float)
    assert ends == pytest.approx([200 * np.exp(-high), 200 * np.exp(-low)])
    low, high = np.quantile(logs[:, 0] - logs[:, 1], [0.1, 0.9])
    ends = found.loc[3, ["low", "high"]].to_numpy(float)
    assert ends == pytest.approx([2 * np.exp(-high), 2 * np.exp(-low)])


def test_swapped_groups_and_any_unit_of_money():
    draws = [(100.0, 100.0), (200, 80), (800, 160), (300, 90)]
    found = mean_ltv_intervals(bars_of((200, 100)), bars_of(*draws), NAMES)
    swapped = mean_ltv_intervals(
        bars_of((100, 200)), bars_of(*[draw[::-1] for draw in draws]), NAMES[::-1]
    )
    converted = mean_ltv_intervals(
        bars_of((14_000, 7_000)),
        bars_of(*[(70 * one, 70 * other) for one, other in draws]),
        NAMES,
    )

    ends = ["value", "low", "high"]
    assert_frame_equal(swapped.loc[[1, 0]].reset_index(drop=True), found.head(2))
    difference, ratio = found.loc[2, ends].to_numpy(float), found.loc[3, ends].to_numpy(float)
    assert swapped.loc[2, ends].to_numpy(float) == pytest.approx(-difference[[0, 2, 1]])
    assert swapped.loc[3, ends].to_numpy(float) == pytest.approx(1 / ratio[[0, 2, 1]])
    assert converted.loc[:2, ends].to_numpy() == pytest.approx(70 * found.loc[:2, ends].to_numpy())
    assert converted.loc[3, ends].to_numpy(float) == pytest.approx(ratio)
