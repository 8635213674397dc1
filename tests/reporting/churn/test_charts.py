import numpy as np
import pandas as pd
import pytest

from src.reporting.churn import charts
from src.reporting.page.style import MUTED, PALETTE, SURFACE


def texts(ax) -> list[str]:
    return [text.get_text() for text in ax.texts]


def legend(ax) -> list[str]:
    return [text.get_text() for text in ax.get_legend().get_texts()]


def named(ax, label: str):
    return next(line for line in ax.lines if line.get_label() == label)


def curves(x: str, y: str) -> pd.DataFrame:
    parts = [
        pd.DataFrame({"model": name, x: [0.0, 0.5, 1.0], y: [0.0, height, 1.0]})
        for name, height in (("a", 0.9), ("b", 0.8), ("c", 0.6), ("d", 0.5))
    ]
    return pd.concat(parts, ignore_index=True)


def test_roc_names_winner_and_runner_up_and_leaves_the_others_pale(ax):
    drawn = curves("false_positive_rate", "true_positive_rate")
    assert charts.draw_roc(ax, drawn, ["b", "a"]) is ax
    assert legend(ax) == ["b", "a", "2 others", "by chance"]
    assert [line.get_color() for line in ax.lines] == [*PALETTE[:2], MUTED, MUTED, MUTED]
    assert named(ax, "b").get_linewidth() > named(ax, "a").get_linewidth()
    assert named(ax, "b").get_zorder() > named(ax, "a").get_zorder()
    assert named(ax, "b").get_ydata().tolist() == [0, 0.8, 1]
    assert named(ax, "2 others").get_alpha() < 0.6


def test_precision_recall_shows_the_base_rate(ax):
    drawn = curves("recall", "precision")
    drawn.loc[0, "precision"] = np.nan
    charts.draw_precision_recall(ax, drawn, ["a"], 0.125)
    assert legend(ax) == ["a", "3 others", "by chance: 12.5%"]
    assert named(ax, "by chance: 12.5%").get_ydata() == [0.125, 0.125]


def test_gains_lie_between_random_and_perfect(ax):
    charts.draw_gains(ax, curves("share", "churners_share"), ["a", "b", "c", "d"], 0.25)
    assert legend(ax) == ["perfect order", "a", "b", "c", "d", "random order"]
    np.testing.assert_allclose(named(ax, "perfect order").get_xydata(), [[0, 0], [0.25, 1], [1, 1]])
    np.testing.assert_allclose(named(ax, "random order").get_xydata(), [[0, 0], [1, 1]])


def test_long_curves_are_thinned_and_keep_their_ends(ax):
    steps = np.sort(np.random.default_rng(0).random(20_000))
    steps[[0, -1]] = 0, 1
    long = pd.DataFrame({"model": "a", "share": steps, "churners_share": np.sqrt(steps)})
    charts.draw_gains(ax, long, ["a"], 0.2)
    x, y = named(ax, "a").get_data()
    assert len(x) <= 600
    assert (x[0], x[-1], y[-1]) == (0, 1, 1)
    np.testing.assert_allclose(y, np.sqrt(x))
    assert np.diff(x).max() < 0.01


def test_calibration_shows_intervals_and_the_diagonal(ax):
    bins = pd.DataFrame(
        {
            "chance": [0.1, 0.4],
            "rate": [0.12, 0.35],
            "low": [0.08, 0.3],
            "high": [0.16, 0.5],
        }
    )
    charts.draw_calibration(ax, bins)
    np.testing.assert_allclose(ax.lines[0].get_xydata(), [[0, 0], [0.53, 0.53]])
    np.testing.assert_allclose(ax.lines[1].get_xydata(), [[0.1, 0.12], [0.4, 0.35]])
    ends = [segment[:, 1].tolist() for segment in ax.collections[0].get_segments()]
    assert ends == [[0.08, 0.16], [0.3, 0.5]]
    assert texts(ax) == ["as said"]


PROFIT = pd.DataFrame(
    {
        "share": [0, 0.04, 0.1, 0.2, 0.4, 1.0],
        "profit": [0, 2000.0, 1500, 0, -1900, -9000],
        "low": [0, 1500.0, 900, -600, -2600, -9900],
        "high": [0, 2400.0, 2000, 500, -1300, -8100],
    }
)


def test_profit_marks_the_depth_and_ends_where_as_much_is_lost(ax):
    charts.draw_profit(ax, PROFIT, 0.04, "EUR")
    assert texts(ax) == ["top 4.0%: 2 k EUR"]
    assert ax.get_xlim() == pytest.approx((0, 0.408))
    assert ax.lines[0].get_xdata().tolist() == [0, 0.04, 0.1, 0.2, 0.4]
    dot = ax.lines[-2] if ax.lines[-2].get_marker() == "o" else ax.lines[-1]
    assert dot.get_xydata().tolist() == [[0.04, 2000]]
    assert ax.yaxis.get_major_formatter()(2500, 0) == "2.5 k"
    assert ax.xaxis.get_major_formatter()(0.05, 0) == "5%"


def test_a_planned_depth_beyond_the_profit_stays_in_the_picture(ax):
    # The list earns up to 4 %; a plan made on other rows went to 30 %.
    gone = PROFIT.assign(profit=np.where(PROFIT["share"] <= 0.04, PROFIT["share"], -1.0))
    charts.draw_profit(ax, gone, 0.3, "EUR")
    assert ax.get_xlim() == pytest.approx((0, 0.6))


def test_a_list_that_never_pays_is_shown_whole(ax):
    charts.draw_profit(ax, PROFIT.assign(profit=-1000 * PROFIT["share"]), 0, "EUR")
    assert texts(ax) == ["no campaign pays"]
    assert ax.get_xlim() == (0, 1)


def test_a_late_depth_is_named_to_the_left(ax):
    charts.draw_profit(ax, PROFIT.assign(profit=PROFIT["share"]), 1, "EUR")
    assert ax.texts[0].get_ha() == "right"


def test_orderings_are_named_with_their_profit_and_depth(ax):
    both = pd.concat(
        [PROFIT.assign(ordering="value"), PROFIT.assign(ordering="recency", profit=-500.0)]
    )
    charts.draw_orderings(ax, both, {"value": 0.04, "recency": 0.4}, "EUR")
    assert legend(ax) == ["value: 2 k at 4.0%", "recency: -500 at 40%"]
    dots = [line.get_xydata().tolist() for line in ax.lines if line.get_marker() == "o"]
    assert dots == [[[0.04, 2000]], [], [[0.4, -500]], []]
    # The shown range is that of the order that holds out longest.
    assert ax.get_xlim()[1] == 1


COMPARED = pd.DataFrame(
    {
        "model": ["far", "best", "near"],
        "difference": [0.05, 0.0, 0.001],
        "difference_low": [0.04, 0.0, -0.002],
        "difference_high": [0.06, 0.0, 0.004],
        "in_noise": [False, True, True],
        "is_best": [False, True, False],
    }
)


def test_differences_in_the_noise_are_hollow_and_say_so(ax):
    charts.draw_differences(ax, COMPARED, "log loss", lower_is_better=True)
    assert [label.get_text() for label in ax.get_yticklabels()] == ["best", "near", "far"]
    assert texts(ax) == ["the best", "in the noise", "behind"]
    dots = [line for line in ax.lines if line.get_marker() == "o"]
    assert [dot.get_markerfacecolor() for dot in dots] == [PALETTE[2], SURFACE, PALETTE[1]]
    ends = [bar.get_segments()[0][:, 0].tolist() for bar in ax.collections]
    assert ends == [[-0.002, 0.004], [0.04, 0.06]]
    assert ax.get_xlabel() == "difference in log loss to the best; to the right is worse"


def test_a_higher_figure_is_better_the_other_way_round(ax):
    flipped = COMPARED.assign(difference=-COMPARED["difference"])
    charts.draw_differences(ax, flipped, "AUC", lower_is_better=False)
    assert [label.get_text() for label in ax.get_yticklabels()] == ["best", "near", "far"]
    assert ax.get_xlabel() == "difference in AUC to the best; to the left is worse"


def test_quality_over_months_has_bands_names_and_a_reference(ax):
    months = np.arange(1, 13)
    quality = pd.concat(
        [
            pd.DataFrame({"group": name, "month": months, "value": top - 0.01 * months})
            for name, top in (("B2B", 0.9), ("B2C", 0.895))
        ]
    )
    quality = quality.assign(low=quality["value"] - 0.02, high=quality["value"] + 0.02)
    charts.draw_over_months(ax, quality, "AUC", "months of warning", ("a coin", 0.5))
    assert texts(ax) == ["a coin: 0.5", "B2C", "B2B"]
    heights = [text.xy[1] for text in ax.texts[1:]]
    assert heights[1] - heights[0] > 0.02
    assert ax.lines[0].get_ydata()[0] == pytest.approx(0.89)
    assert len(ax.collections) == 2
    assert [tick for tick in ax.get_xticks() if 1 <= tick <= 12] == months.tolist()
    assert ax.get_ylim()[0] < 0.5


def test_a_model_that_is_a_coin_in_every_month_can_be_drawn(ax):
    quality = pd.DataFrame({"group": "all", "month": [0, 1, 2], "value": 0.5})
    charts.draw_over_months(
        ax, quality.assign(low=0.5, high=0.5), "AUC", "months of warning", ("a coin", 0.5)
    )
    assert ax.get_ylim() == pytest.approx((0.49, 0.51))
