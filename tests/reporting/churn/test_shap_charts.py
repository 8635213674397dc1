import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_rgba

from src.reporting.churn import shap_charts as charts
from src.reporting.page.figures import Figure
from src.reporting.page.style import MUTED, PALETTE, use_style


def texts(ax) -> list[str]:
    return [text.get_text() for text in ax.texts]


def legend(ax) -> list[str]:
    return [text.get_text() for text in ax.get_legend().get_texts()]


def rows(ax) -> list[str]:
    """Names of rows from the top."""
    labels = [label.get_text() for label in ax.get_yticklabels()]
    return labels if ax.yaxis_inverted() else labels[::-1]


IMPORTANCE = pd.DataFrame(
    {"column": ["tenure", "plan"], "importance": [0.6, 0.2], "share": [0.75, 0.25]}
)


def test_the_most_important_column_is_on_top(ax):
    assert charts.draw_importance(ax, IMPORTANCE, "log-odds") is ax
    assert rows(ax) == ["tenure", "plan"]
    assert [bar.get_width() for bar in ax.patches] == [0.2, 0.6]
    assert texts(ax) == ["25.0%", "75.0%"]
    assert ax.get_xlabel() == "mean size of contributions, log-odds; beside: share of all"


def test_groups_stand_side_by_side(ax):
    groups = pd.DataFrame(
        {
            "group": ["B2B", "B2B", "B2C", "B2C"],
            "column": ["tenure", "plan", "plan", "tenure"],
            "share": [0.7, 0.3, 0.45, 0.55],
        }
    )
    charts.draw_group_importance(ax, groups)
    assert rows(ax) == ["tenure", "plan"]
    assert legend(ax) == ["B2B", "B2C"]
    dots = [line.get_xydata().tolist() for line in ax.lines]
    assert dots == [[[0.7, 1], [0.3, 0]], [[0.45, 0], [0.55, 1]]]
    spans = [segment[:, 0].tolist() for segment in ax.collections[0].get_segments()]
    assert spans == [[0.55, 0.7], [0.3, 0.45]]
    assert ax.xaxis.get_major_formatter()(0.25, 0) == "25%"


POINTS = pd.DataFrame(
    {
        "column": ["tenure"] * 3 + ["plan"] * 2,
        "contribution": [-1.0, 1.0, 0.2, 0.5, 0.5],
        "kind": ["number", "number", "missing", "category", "missing"],
        "level": [1.0, 0.0, np.nan, np.nan, np.nan],
    }
)


def test_a_swarm_colours_numbers_by_height_and_leaves_the_rest_neutral(ax):
    charts.draw_swarm(ax, POINTS, "log-odds")
    assert rows(ax) == ["tenure", "plan"]
    assert legend(ax) == ["low value", "high value", "text", "unknown"]
    cloud = ax.collections[0]
    assert cloud.get_rasterized()
    assert cloud.get_offsets()[:, 0].tolist() == POINTS["contribution"].tolist()
    assert np.round(cloud.get_offsets()[:, 1]).tolist() == [1, 1, 1, 0, 0]
    colours = [charts.HIGH, charts.LOW, charts.MISSING, charts.CATEGORY, charts.MISSING]
    expected = [(*to_rgba(colour)[:3], 0.8) for colour in colours]
    np.testing.assert_allclose(cloud.get_facecolors(), expected, atol=0.01)


def test_a_swarm_of_numbers_has_no_mark_for_what_is_not_there(ax):
    charts.draw_swarm(ax, POINTS.iloc[:2], "log-odds")
    assert legend(ax) == ["low value", "high value"]


def test_a_swarm_is_wide_where_points_are_many_and_stays_in_its_row():
    x = np.append(np.zeros(500), [3.0, 5.0])
    y = charts._swarm(x)
    assert 0.3 < np.abs(y).max() <= 0.4
    assert y[-2:].tolist() == [0, 0]
    assert y.mean() == pytest.approx(0, abs=0.01)
    assert len(np.unique(y[:500])) == 500
    assert charts._swarm(np.array([])).tolist() == []
    assert charts._swarm(np.ones(1)).tolist() == [0]


def points(value, partner, contribution=None) -> pd.DataFrame:
    added = np.linspace(-1, 1, len(value)) if contribution is None else contribution
    return pd.DataFrame({"value": value, "contribution": added, "partner": partner})


def test_a_number_is_coloured_by_its_partner_and_unknown_stands_apart(ax):
    drawn = points([1.0, 2, np.nan], [5.0, np.nan, 9])
    charts.draw_dependence(ax, drawn, "tenure", "usage", "log-odds")
    assert legend(ax) == ["low usage", "high usage", "unknown"]
    assert texts(ax) == ["unknown"]
    cloud = ax.collections[0]
    assert cloud.get_rasterized()
    np.testing.assert_allclose(cloud.get_offsets(), [[1, -1], [2, 0], [2.08, 1]])
    np.testing.assert_allclose(cloud.get_facecolors()[1, :3], to_rgba(charts.MISSING)[:3])
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("tenure", "contribution, log-odds")


def test_text_has_places_by_how_common_it_is(ax):
    value = pd.Categorical(["a", "b", "b", None, "b"])
    partner = pd.Categorical(["x", "x", "y", None, "x"])
    charts.draw_dependence(ax, points(value, partner), "plan", "town", "log-odds")
    assert [label.get_text() for label in ax.get_xticklabels()] == ["b", "a", "unknown"]
    assert np.round(ax.collections[0].get_offsets()[:, 0]).tolist() == [1, 0, 0, 2, 0]
    assert legend(ax) == ["town: x", "town: y", "other or unknown"]
    expected = [PALETTE[0], PALETTE[0], PALETTE[1], charts.MISSING, PALETTE[0]]
    np.testing.assert_allclose(
        ax.collections[0].get_facecolors()[:, :3], [to_rgba(colour)[:3] for colour in expected]
    )


def test_rare_levels_share_a_place(ax):
    levels = [f"level with a long name {n:02}" for n in range(12)]
    charts.draw_dependence(ax, points(levels, np.nan), "town", None, "chance")
    labels = [label.get_text() for label in ax.get_xticklabels()]
    assert labels == [*levels[:8], "other levels"]
    assert ax.get_xticklabels()[0].get_rotation() == 30
    assert ax.get_legend() is None


def test_a_long_tail_is_drawn_on_a_logarithmic_axis(ax):
    value = np.append(np.full(90, 5.0), np.geomspace(10, 5000, 10))
    charts.draw_dependence(ax, points(value, np.nan), "usage", None, "log-odds")
    assert ax.get_xscale() == "symlog"
    assert ax.get_xticks().tolist() == [0, 10, 100, 1000]
    assert ax.xaxis.get_major_formatter()(1000, 0) == "1,000"


def test_a_column_all_unknown_can_be_drawn(ax):
    charts.draw_dependence(ax, points([np.nan, np.nan], np.nan), "usage", None, "log-odds")
    assert texts(ax) == ["unknown"]


def test_ranks_show_how_sure_a_place_in_the_top_is(ax):
    ranks = pd.DataFrame(
        {
            "column": ["a", "b", "c"],
            "mean_rank": [1.0, 2.4, 2.6],
            "low": [1.0, 2.0, 2.0],
            "high": [1.0, 3.0, 3.0],
            "top_share": [1.0, 0.6, 0.0],
        }
    )
    charts.draw_stability(ax, ranks, 2)
    assert rows(ax) == ["a", "b", "c"]
    assert texts(ax) == ["100%", "60%", "0%"]
    dots = [line for line in ax.lines if line.get_marker() == "o"]
    assert [dot.get_color() for dot in dots] == [PALETTE[0], PALETTE[1], MUTED]
    spans = [segment[:, 0].tolist() for segment in ax.collections[0].get_segments()]
    assert spans == [[1, 1], [2, 3], [2, 3]]
    assert ax.get_xlabel() == "rank among all columns; beside: share of resamples in the top 2"


def test_a_dense_swarm_stays_small():
    with plt.rc_context():
        use_style()
        random = np.random.default_rng(0)
        many = pd.DataFrame(
            {
                "column": np.repeat([f"c{n}" for n in range(10)], 2000),
                "contribution": random.normal(size=20_000),
                "kind": "number",
                "level": random.random(20_000),
            }
        )
        figure, axes = plt.subplots()
        charts.draw_swarm(axes, many, "log-odds")
        svg = Figure(figure, "finding", "alt").svg
    assert svg.count("<image ") == 1
    # As shapes these points would be three times as large; colours at random are the worst case.
    assert len(svg) < 800_000
