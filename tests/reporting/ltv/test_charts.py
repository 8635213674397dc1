import numpy as np
import pandas as pd
import pytest

from src.reporting.ltv import charts
from src.reporting.page.style import PALETTE


def texts(ax) -> list[str]:
    return [text.get_text() for text in ax.texts]


def ticks(axis) -> list[str]:
    return [label.get_text() for label in axis.get_ticklabels()]


def legend(ax) -> list[str]:
    return [text.get_text() for text in ax.get_legend().get_texts()]


AHEAD = pd.DataFrame(
    {
        "group": ["B2B"] * 4 + ["B2C"] * 4,
        "month": [0, 12, 24, 36] * 2,
        "value": [1, 0.95, 0.9, 0.85, 1, 0.8, 0.65, 0.5],
    }
)


def test_what_is_beyond_the_months_seen_is_dashed(ax):
    charts.draw_ahead(ax, AHEAD, 24)

    lines = [line.get_xydata().tolist() for line in ax.lines[:4]]
    assert lines == [
        [[0, 1], [12, 0.95], [24, 0.9]],
        [[24, 0.9], [36, 0.85]],
        [[0, 1], [12, 0.8], [24, 0.65]],
        [[24, 0.65], [36, 0.5]],
    ]
    assert [line.get_linestyle() for line in ax.lines[:4]] == ["-", "--", "-", "--"]
    assert [line.get_color() for line in ax.lines[:4]] == [*[PALETTE[0]] * 2, *[PALETTE[1]] * 2]
    assert list(ax.lines[4].get_xdata()) == [24, 24]
    assert texts(ax) == ["extrapolated", "B2C", "B2B"]
    assert (ax.get_xlim(), ax.get_ylim()) == ((0, 36), (0, 1.01))
    assert ax.yaxis.get_major_formatter()(0.5, 0) == "50%"


def test_within_the_months_seen_nothing_is_extrapolated(ax):
    charts.draw_ahead(ax, AHEAD, 36)
    assert texts(ax) == ["B2C", "B2B"]


def test_value_by_tenure_has_the_first_estimator_heavy(ax):
    bands = pd.Categorical(["0-11", "12+"] * 2, ["0-11", "12+"], ordered=True)
    table = pd.DataFrame(
        {"band": bands, "estimator": ["main"] * 2 + ["flat"] * 2, "value": [100.0, 400, 150, 1500]}
    )
    charts.draw_by_tenure(ax, table, "EUR")

    assert [line.get_xydata().tolist() for line in ax.lines] == [
        [[0, 100], [1, 400]],
        [[0, 150], [1, 1500]],
    ]
    assert ax.lines[0].get_linewidth() > ax.lines[1].get_linewidth()
    assert ticks(ax.xaxis) == ["0-11", "12+"]
    assert texts(ax) == ["main", "flat"]
    assert ax.get_ylim() == pytest.approx((0, 1680))
    assert ax.get_ylabel() == "EUR"
    assert ax.yaxis.get_major_formatter()(1500, 0) == "1.5 k"


def test_an_estimator_may_miss_a_band(ax):
    table = pd.DataFrame(
        {"band": ["0-11", "12+", "12+"], "estimator": ["main"] * 2 + ["flat"], "value": [1.0, 4, 2]}
    )
    charts.draw_by_tenure(ax, table, "EUR")
    assert ax.lines[1].get_xydata().tolist() == [[1, 2]]


def test_misses_beyond_the_limit_are_drawn_at_it_and_told(ax):
    table = pd.DataFrame(
        {
            "group": ["B2B", "B2C"] * 2,
            "estimator": ["all_zero"] * 2 + ["main"] * 2,
            "bias": [-1.0, 0.8, 0.021, -0.05],
            "low": [-1.0, 0.7, 0.004, -0.09],
            "high": [-1.0, 0.9, 0.044, -0.01],
        }
    )
    labels = {"all_zero": "nobody brings anything", "main": "hazard model x money model"}
    charts.draw_bias(ax, table, labels, limit=0.3)

    dots = [line for line in ax.lines if line.get_marker() == "o"]
    assert [dot.get_label() for dot in dots] == ["B2B", "B2C"] == legend(ax)
    assert [dot.get_xdata().tolist() for dot in dots] == [[-0.3, 0.021], [0.3, -0.05]]
    spans = [[part[:, 0].tolist() for part in lines.get_segments()] for lines in ax.collections]
    assert spans == [[[-0.3, -0.3], [0.004, 0.044]], [[0.3, 0.3], [-0.09, -0.01]]]
    # The two groups of an estimator stand side by side at its name.
    heights = np.array([dot.get_ydata() for dot in dots])
    assert heights.mean(axis=0) == pytest.approx([0, 1])
    assert (heights[0] < heights[1]).all()
    assert sorted(texts(ax)) == sorted(["-100%", "+2%", "+80%", "-5%"])
    assert ticks(ax.yaxis) == list(labels.values())
    left, right = ax.get_xlim()
    assert left < -0.3
    assert right > 0.3


TENTHS = pd.DataFrame(
    {
        "group": ["B2B"] * 2 + ["B2C"] * 3,
        "predicted": [100.0, 1000, 10, 20, -5],
        "actual": [120.0, 900, 8, 25, 4],
        "low": [90.0, 700, -3, 20, 1],
        "high": [150.0, 1100, 14, 30, 9],
    }
)


def test_tenths_lie_around_the_diagonal(ax):
    charts.draw_deciles(ax, TENTHS, "EUR")

    dots = [line for line in ax.lines if line.get_marker() == "o"]
    # The tenth that was said to bring less than nothing has no place on these axes.
    assert [dot.get_xydata().tolist() for dot in dots] == [
        [[100, 120], [1000, 900]],
        [[10, 8], [20, 25]],
    ]
    segments = [part[:, 1].tolist() for lines in ax.collections for part in lines.get_segments()]
    # An interval that reaches below zero ends at a fifth of what came.
    assert np.array(segments) == pytest.approx(
        np.array([[90, 150], [700, 1100], [1.6, 14], [20, 30]])
    )
    assert ax.lines[-1].get_xydata().tolist() == [[8, 8], [1000, 1000]]
    assert legend(ax) == ["B2B", "B2C"]
    assert (ax.get_xscale(), ax.get_yscale()) == ("log", "log")
    low, high = ax.get_ylim()
    assert low < 1.6
    assert high > 1100
    assert ax.get_ylabel() == "came, EUR"
    assert ax.get_xlabel() == "predicted, EUR; mean of a tenth of the customers"
