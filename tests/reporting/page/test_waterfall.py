import matplotlib.pyplot as plt
import pandas as pd

from src.reporting.page.charts import shortened
from src.reporting.page.style import MUTED, PALETTE
from src.reporting.page.waterfall import draw_waterfall

MEASURE = "mean LTV per customer, EUR"
FACTORS = {
    "lifetime": "the time they stay",
    "arpu": "revenue a month",
    "margin_share": "the share of margin",
    "association": "how far the valuable stay longer",
    "acquisition": "the cost of winning them",
}


def texts(ax) -> list[str]:
    return [text.get_text() for text in ax.texts]


def ticks(axis) -> list[str]:
    return [label.get_text() for label in axis.get_ticklabels()]


BARS = pd.DataFrame(
    [
        ("lifetime", 20.0, 10.0, 100.0, 80.0, 120.0),
        ("arpu", 30.0, 10.0, 1500.0, 1200.0, 1800.0),
        ("margin_share", 0.4, 0.5, -80.0, -200.0, 40.0),
        ("association", 1.0, 1.0, 5.0, -10.0, 20.0),
        ("gap", 1575.0, 50.0, 1525.0, 1000.0, 1700.0),
    ],
    columns=["factor", "first", "second", "bar", "low", "high"],
)


def widths(ax) -> list[float]:
    return [bar.get_width() for bar in ax.patches]


def intervals(ax) -> list[list[float]]:
    return [lines.get_segments()[0][:, 0].tolist() for lines in ax.collections]


def test_the_waterfall_goes_from_the_second_group_to_the_first(ax):
    assert draw_waterfall(ax, BARS, FACTORS, ("B2B", "B2C"), MEASURE) is ax

    assert widths(ax) == [50, 100, 1500, -80, 5, 1575]
    assert [bar.get_x() for bar in ax.patches] == [0, 50, 150, 1650, 1570, 0]
    colours = [plt.matplotlib.colors.to_hex(bar.get_facecolor()) for bar in ax.patches]
    up, down = PALETTE[2], PALETTE[1]
    assert colours == [MUTED, up, up, down, up, PALETTE[0]]
    # Each interval stands at its bar, which starts where the one before ends.
    assert intervals(ax) == [[130, 170], [1350, 1950], [1450, 1690], [1560, 1590]]
    factors = [shortened(FACTORS[name]) for name in BARS["factor"][:4]]
    assert ticks(ax.yaxis) == ["B2C", *factors, "B2B"]
    assert texts(ax) == [
        "50",
        "+100 (+80 to +120)",
        "+1,500 (+1,200 to +1,800)",
        "-80 (-200 to +40)",
        "+5 (-10 to +20)",
        "1.57 k",
    ]
    assert ax.get_xlabel() == "mean LTV per customer, EUR; lines: intervals"
    bottom, top = ax.get_ylim()
    assert (bottom > 5.3, top < -0.3) == (True, True)  # from above to below


def test_the_waterfall_has_room_for_intervals_and_their_text(ax):
    draw_waterfall(ax, BARS, FACTORS, ("B2B", "B2C"), MEASURE)

    left, right = ax.get_xlim()
    assert left <= 0
    assert right > 1.3 * max(end for _, end in intervals(ax))


def test_the_waterfall_has_room_for_low_ends(ax):
    wide = BARS.assign(low=[-700.0, 1200, -200, -10, 1000])
    draw_waterfall(ax, wide, FACTORS, ("B2B", "B2C"), MEASURE)

    left, _ = ax.get_xlim()
    assert left <= min(low for low, _ in intervals(ax)) == -650


def test_a_waterfall_below_zero_and_with_costs(ax):
    with_costs = pd.concat(
        [
            BARS.head(1).assign(bar=-400.0, low=-500.0, high=-300.0),
            BARS.head(1).assign(factor="acquisition", bar=-100.0, low=-120.0, high=-90.0),
            BARS.tail(1).assign(first=-450.0, second=50.0, bar=-500.0),
        ]
    )
    draw_waterfall(ax, with_costs, FACTORS, ("B2B", "B2C"), MEASURE)

    assert widths(ax) == [50, -400, -100, -450]
    assert ticks(ax.yaxis)[2] == shortened(FACTORS["acquisition"])
    left, right = ax.get_xlim()
    assert left <= -450
    assert right > 50


def test_small_money_has_cents(ax):
    small = BARS.assign(**{name: BARS[name] / 100 for name in ("bar", "low", "high")})
    draw_waterfall(ax, small.replace({1575.0: 15.75, 50.0: 0.5}), FACTORS, ("B2B", "B2C"), MEASURE)

    assert "+1.00 (+0.80 to +1.20)" in texts(ax)
