import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal, assert_series_equal

from src.data.problems import InputError
from src.models.gap.value_intervals import Members, members
from src.models.gap.value_tables import (
    by_band,
    constant_churn_value,
    gap_at,
    means_by,
    refuse_one_group,
    top_share_at_risk,
)
from src.models.value.customer_value import HazardLevels, ValueModel
from src.models.value.money import Evidence, MoneyAhead

ONE = pd.DatetimeIndex(["2024-01-01"])


class Own:
    """Stands for a hazard model: the chance to leave is the column `hazard`, in every month.

    The chance to have left unseen is the column `gone`.
    """

    def hazards(self, frame: pd.DataFrame, months: int) -> np.ndarray:
        return np.repeat(frame[["hazard"]].to_numpy(float), months, axis=1)

    def gone(self, frame: pd.DataFrame) -> np.ndarray:
        return frame["gone"].to_numpy(float)


def group_of(
    margins: list[float],
    hazard: float,
    growth: float = 0.0,
    months: int = 12,
    gone: list[float] | float = 0.0,
) -> Members:
    """Customers who leave at twice this rate, by their levels, and bring these margins a month."""
    who = pd.Index([f"c{place}" for place in range(len(margins))])
    ones = np.ones((len(who), 1))
    levels = HazardLevels(
        who, 2 * ones, ones, np.zeros(len(who)), 0.0, 1.0, ONE, 2 * ones[:1], ones[:1], ((1, 24),)
    )
    evidence = Evidence(who, ones, ones)
    money = [MoneyAhead(name, 1.0, 0.0, growth, 1, evidence) for name in ("revenue", "margin")]
    names = ("revenue_mean_3m", "revenue_mean_12m", "margin_mean_3m", "margin_mean_12m")
    today = pd.DataFrame({"customer_id": who, "hazard": hazard, "gone": gone})
    today = today.assign(**dict.fromkeys(names, margins))
    return members(ValueModel(("hazard", "gone"), Own(), levels, *money), today, months=months)


def value(monthly: float, stay: float, months: int, rate: float) -> float:
    return sum(monthly * stay**month / (1 + rate) ** (month / 12) for month in range(1, months + 1))


def test_the_gap_at_another_horizon_and_rate():
    groups = {"B2C": group_of([4, 8], 0.05), "B2B": group_of([10, 20, 60], 0.01, growth=0.02)}

    for months, rate in ((12, 0.12), (5, 0.0), (1, 0.5)):
        grown = 0.98 * np.exp(0.02)  # of those who stay, at 2 % a month more than today
        expected = value(30, grown, months, rate) - value(6, 0.9, months, rate)
        assert gap_at(groups, "B2B", months, rate) == pytest.approx(expected)
        assert gap_at(groups, "B2C", months, rate) == pytest.approx(-expected)
    at_home = [group.worth["margin"].mean() for group in groups.values()]
    assert gap_at(groups, "B2B", 12, 0.12) == pytest.approx(at_home[1] - at_home[0])


def test_who_may_be_gone_counts_that_much_less_in_the_gap():
    heard, other = group_of([10, 20, 60], 0.01), group_of([4, 8], 0.05)
    silent = group_of([10, 20, 60], 0.01, gone=[0.0, 0.0, 0.5])

    for months, rate in ((12, 0.12), (5, 0.0)):
        gaps = [gap_at({"B2B": own, "B2C": other}, "B2B", months, rate) for own in (heard, silent)]
        assert gaps[0] - gaps[1] == pytest.approx(value(60 * 0.5 / 3, 0.98, months, rate))


def test_constant_churn_value_by_hand():
    # Two of five ended in 6 + 4 + 10 + 12 + 8 = 40 months watched: 5 % a month.
    lives = pd.DataFrame(
        {
            "duration": [6, 24, 10, 12, 8],
            "ended": [True, False, True, False, False],
            "entry": [0, 20, 0, 0, 0],
        }
    )
    found = constant_churn_value(group_of([10, 0, -4], 0.3, growth=0.01, months=6), lives, 0.2)

    unit = value(1, 0.95 * np.exp(0.01), 6, 0.2)
    assert_series_equal(found, pd.Series([10 * unit, 0, -4 * unit], ["c0", "c1", "c2"]))


def test_means_by_hand():
    worth = pd.DataFrame(
        {
            "size": ["small"] * 3 + ["large"] * 2 + ["lone", None],
            "margin": [10.0, 10, 10, 50, 50, 500, 370],
        }
    )
    found = means_by(worth, "size", np.random.default_rng(1), min_cell=2, replicates=10)

    expected = pd.DataFrame(
        {
            "size": ["large", "small"],
            "customers": [2, 3],
            "mean": [50.0, 10],
            "low": [50.0, 10],
            "high": [50.0, 10],
            "share": [0.1, 0.03],
        }
    )
    assert_frame_equal(found, expected)
    nobody = means_by(worth, "size", np.random.default_rng(1))
    assert (list(nobody), len(nobody)) == (list(expected), 0)


def test_levels_of_whole_numbers_are_named_without_a_point_and_stand_in_their_order():
    worth = pd.DataFrame({"lines": [10.0, 2.0, 0.0, 2.5], "margin": 1.0})
    found = means_by(worth, "lines", np.random.default_rng(1), min_cell=1, replicates=2)
    assert found["lines"].tolist() == ["0", "2", "2.5", "10"]


def test_means_by_ordered_levels_have_percentiles_of_draws():
    rng = np.random.default_rng(3)
    worth = pd.DataFrame({"band": np.repeat(["new", "old"], 400), "margin": rng.gamma(2, 5, 800)})
    worth["band"] = pd.Categorical(worth["band"], ["old", "never", "new"], ordered=True)
    found = means_by(worth, "band", np.random.default_rng(1), confidence=0.9)

    assert found["band"].tolist() == ["old", "new"]
    assert_frame_equal(found, means_by(worth, "band", np.random.default_rng(1), confidence=0.9))
    error = worth.groupby("band", observed=True)["margin"].std(ddof=0).to_numpy() / 20
    assert (found["high"] - found["low"]).to_numpy() == pytest.approx(2 * 1.645 * error, rel=0.1)
    assert found["share"].sum() == pytest.approx(1)


def test_values_by_band_of_one_group():
    band = pd.Series(pd.Categorical(["new", "old", "old", "new", "new"], ["new", "old", "lost"]))
    group = pd.Series(["B2C", "B2C", "B2C", "B2B", "B2C"])
    values = {"main": pd.Series([1, 2, 4, 99, 3], index=[9, 8, 7, 6, 5]), "flat": np.full(5, 7.0)}

    found = by_band(values, band, group, "B2C")

    expected = pd.DataFrame(
        {
            "band": ["new", "old", "new", "old"],
            "estimator": ["main", "main", "flat", "flat"],
            "value": [2.0, 3, 7, 7],
        }
    )
    assert_frame_equal(found.astype({"band": "object"}), expected)
    assert by_band(values, band, group, "B2C", min_cell=3).empty
    few = by_band(values, band, group, "B2C", min_cell=2)
    assert_frame_equal(few.astype({"band": "object"}), expected)


def test_the_share_at_risk_of_the_top():
    value, chance = np.array([100.0, 400, -900, 200]), np.array([0.4, 0.05, 0.9, 0.2])

    # 40, 20, nothing, 40.
    assert top_share_at_risk(value, chance, 1) == 0.4
    assert top_share_at_risk(value, chance, 2) == 0.8
    assert top_share_at_risk(value, chance) == 1
    assert top_share_at_risk(70 * value, chance / 2, 2) == pytest.approx(0.8)
    with pytest.raises(InputError, match=r"^no value is at risk, so nobody can hold a part of it$"):
        top_share_at_risk(-value[:2], chance[:2])


def test_two_groups_are_needed_to_compare():
    rows = pd.DataFrame({"segment": ["B2C", "SOHO", None, "B2C"]})

    refuse_one_group(rows, "segment", ["B2C", "SOHO"])
    message = r"two groups are compared, but no customer is of segment {}; the base has B2C, SOHO$"
    with pytest.raises(InputError, match=message.format("B2B")):
        refuse_one_group(rows, "segment", ["B2B", "B2C"])
    with pytest.raises(InputError, match=message.format("B2B or private")):
        refuse_one_group(rows, "segment", ["B2B", "private"])
    with pytest.raises(InputError, match=r"^the frame has no column kind$"):
        refuse_one_group(rows, "kind", ["B2B", "B2C"])
