import numpy as np
import pandas as pd
import pytest

from src.reporting.page import charts
from src.reporting.page.figures import Figure


def texts(ax) -> list[str]:
    return [text.get_text() for text in ax.texts]


def test_the_pareto_chart_marks_the_share_held(ax):
    shares = np.linspace(0, 1, 11)
    curve = pd.DataFrame({"customers_share": shares, "money_share": 1 - (1 - shares) ** 3})
    assert charts.draw_pareto(ax, curve, 0.2, "buyer", "amount spent") is ax
    assert "top 20% bring 49%" in texts(ax)
    assert ax.get_xlabel() == "share of buyers, the largest first"
    assert ax.get_ylabel() == "share of the amount spent"


CURVES = pd.DataFrame(
    {
        "group": ["a"] * 3 + ["b with a very long name that does not fit the margin"] * 3,
        "time": [0.0, 5, 10] * 2,
        "survival": [1, 0.8, 0.5, 1, 0.8, 0.49],
        "low": [1, 0.7, 0.4, 1, 0.7, 0.4],
        "high": [1, 0.9, 0.6, 1, 0.9, 0.6],
    }
)


def test_each_curve_is_named_at_its_end_and_no_name_hides_another(ax):
    charts.draw_curves(ax, CURVES, "months", "share")
    names = {text.get_text(): text.xy[1] for text in ax.texts}
    assert set(names) == {"a", "b with a very long name that do…"}
    heights = sorted(names.values())
    assert heights[1] - heights[0] > 0.05


def test_curves_of_returns_rise(ax):
    charts.draw_curves(ax, CURVES, "weeks", "share", falls=False)
    first = ax.lines[0].get_ydata()
    np.testing.assert_allclose(first, [0, 0.2, 0.5])


def test_rates_show_levels_with_intervals_and_counts_that_tell_of_nobody(ax):
    rates = pd.DataFrame(
        {
            "attribute": ["plan", "plan", "region"],
            "level": ["x", "y", "north"],
            "customers": [1200, 30, 40],
            "rate": [0.1, 0.4, 0.2],
            "low": [0.08, 0.2, 0.05],
            "high": [0.12, 0.6, 0.5],
        }
    )
    charts.draw_rates(ax, rates, 0.15, "churned")
    labels = [label.get_text() for label in ax.get_yticklabels()]
    assert labels == ["x (1,200)", "y (30)", "north"]
    assert texts(ax) == ["plan", "region"]
    segments = np.concatenate([bars.get_segments() for bars in ax.collections])
    np.testing.assert_allclose(segments[:, :, 0], [[0.08, 0.12], [0.2, 0.6], [0.05, 0.5]])
    assert ax.get_xlabel() == "share that churned; dashed: all, 15.0%"


def test_vintages_stack_by_period_and_negative_months_count_as_nothing(ax):
    revenue = pd.DataFrame(
        {
            "vintage": ["2022", "2022", "2023"],
            "period": pd.to_datetime(["2023-01-01", "2023-02-01", "2023-02-01"]),
            "revenue": [10.0, -5.0, 7.0],
        }
    )
    charts.draw_vintages(ax, revenue, "EUR", "year")
    heights = [bar.get_height() for bar in ax.patches]
    assert heights == [10.0, 0.0, 0.0, 7.0]
    assert ax.get_ylabel() == "revenue, EUR"


def test_one_period_is_one_bar_per_vintage(ax):
    revenue = pd.DataFrame({"vintage": ["a", "b"], "period": "now", "revenue": [1500.0, 2.0]})
    charts.draw_vintages(ax, revenue, "EUR", "tenure")
    assert [bar.get_height() for bar in ax.patches] == [1500.0, 2.0]
    assert ax.get_xlabel() == "tenure"


def test_missing_shares_have_the_emptiest_column_on_top(ax):
    columns = pd.DataFrame(
        {
            "table": ["lines", "events", "deals"],
            "column": ["value", "better", "value"],
            "missing_share": [0.5, 0.1, 0.05],
        }
    )
    charts.draw_missing(ax, columns)
    assert [bar.get_width() for bar in ax.patches] == [0.05, 0.1, 0.5]
    assert texts(ax) == [" 5.0%", " 10.0%", " 50.0%"]
    names = [tick.get_text() for tick in ax.get_yticklabels()]
    assert names == ["deals.value", "better", "lines.value"]  # columns of one name have two bars


def test_every_chart_survives_being_drawn(ax):
    charts.draw_curves(ax, CURVES, "months", "share")
    assert Figure(ax.figure, "finding", "alt").svg.startswith("<svg ")


@pytest.mark.parametrize(
    ("value", "text"), [(0, "0"), (999, "999"), (1500, "1.5 k"), (2e6, "2 m"), (-3e9, "-3 bn")]
)
def test_money_on_axes_is_short(ax, value, text):
    revenue = pd.DataFrame({"vintage": ["a"], "period": "now", "revenue": [1.0]})
    charts.draw_vintages(ax, revenue, "EUR", "tenure")
    assert ax.yaxis.get_major_formatter()(value, 0) == text


def test_the_months_before_the_exit_run_towards_it(ax):
    shares = pd.DataFrame(
        {
            "group": ["B2B"] * 3 + ["B2C"] * 3,
            "before": [3, 2, 1] * 2,
            "share": [1.0, 0.8, 0.5, 1.0, 1.0, 1.02],
            "low": [0.9, 0.7, 0.4, 0.9, 0.9, 0.95],
            "high": [1.1, 0.9, 0.6, 1.1, 1.1, 1.1],
        }
    )
    charts.draw_before_exit(ax, shares, "revenue")
    np.testing.assert_allclose(ax.lines[0].get_xdata(), [-3, -2, -1])
    np.testing.assert_allclose(ax.lines[0].get_ydata(), [1.0, 0.8, 0.5])
    assert texts(ax) == ["B2B", "B2C"]
    assert ax.xaxis.get_major_formatter()(-3, 0) == "3"
