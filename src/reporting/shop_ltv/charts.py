"""Charts of shop buyers: weeks foreseen and bought, past frequency, surfaces, tenths of value.

Each takes an Axes and plain frames, draws, and returns the Axes.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.ticker import FuncFormatter, MaxNLocator, PercentFormatter

from src.reporting.page.charts import name_ends
from src.reporting.page.prose import short_money
from src.reporting.page.style import INK, MUTED, PALETTE, SURFACE

_HEAT = LinearSegmentedColormap.from_list("alive", ("#dbe9f8", PALETTE[0], "#123a66"))
_LEVELS = np.linspace(0, 1, 9)[1:-1:2]  # of the highest value, where lines are drawn
_ON_LIGHT, _ON_DEEP = "#10233c", "#fdfdff"  # on the heat: they do not turn with the page


def draw_weeks(ax: Axes, weeks: pd.DataFrame, *, so_far: bool) -> Axes:
    """Repeat purchases per week, expected and bought; counted up from the start with `so_far`.

    Reads `ends`, `is_holdout`, and `expected`, `actual`, `low`, `high`, each with `_so_far` where
    that is asked for. A line parts the weeks to learn from and those kept back.
    """
    tail = "_so_far" if so_far else ""
    expected, actual, low, high = (
        weeks[f"{name}{tail}"] for name in ("expected", "actual", "low", "high")
    )
    ax.fill_between(weeks["ends"], low, high, color=PALETTE[0], alpha=0.18, lw=0)
    ax.plot(weeks["ends"], actual, color=PALETTE[0], lw=1.6)
    ax.plot(weeks["ends"], expected, color=PALETTE[1], ls=(0, (4, 2)))
    border = weeks.loc[~weeks["is_holdout"], "ends"].max()
    top = 1.08 * float(max(high.max(), expected.max()))
    ax.axvline(border, color=MUTED, lw=1, ls=(0, (4, 3)))
    ax.annotate(
        "kept back",
        (border, top),
        xytext=(6, -2),
        textcoords="offset points",
        color=MUTED,
        va="top",
        fontsize=9,
    )
    ax.set(xlim=(weeks["ends"].min(), weeks["ends"].max()), ylim=(0, top))
    ax.xaxis.set_major_locator(ax.xaxis.get_major_locator())
    for label in ax.get_xticklabels():
        label.set(rotation=35, ha="right")
    ax.set_ylabel("repeat purchases" + (" so far" if so_far else " a week"))
    ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: short_money(value)))
    last = weeks["ends"].iloc[-1]
    ends = [
        (float(expected.iloc[-1]), "expected", PALETTE[1]),
        (float(actual.iloc[-1]), "came", PALETTE[0]),
    ]
    name_ends(ax, ends, last)
    return ax


def draw_by_frequency(ax: Axes, table: pd.DataFrame, labels: Mapping[str, str]) -> Axes:
    """Purchases of the weeks kept back by repeat purchases before: what came, and each model.

    Reads `frequency`, `actual`, `low`, `high`, and a column per name of `labels`.
    """
    x = np.arange(len(table))
    ax.bar(x, table["actual"], color=MUTED, alpha=0.35, width=0.75)
    ax.vlines(x, table["low"], table["high"], color=INK, lw=1.5)
    for place, (name, label) in enumerate(labels.items()):
        shift = 0.18 * (place - (len(labels) - 1) / 2)
        ax.plot(
            *(x + shift, table[name], "o"), color=PALETTE[place], mec=SURFACE, ms=7, label=label
        )
    ax.set_xticks(x, table["frequency"])
    ax.set_xlabel("repeat purchases before", loc="left")
    ax.set_ylabel("purchases per buyer, kept back")
    ax.set_ylim(0, None)
    ax.grid(visible=False, axis="x")
    ax.legend(loc="lower left", bbox_to_anchor=(-0.01, 1), ncols=3)
    return ax


def draw_surface(ax: Axes, surface: pd.DataFrame, column: str, *, is_share: bool) -> Axes:
    """A figure of the model by repeat purchases and weeks since the last one, as a heat map.

    Reads `frequency`, `silence` (weeks since the last purchase) and `column`; pairs that cannot be
    are blank.
    """
    grid = surface.pivot_table(index="frequency", columns="silence", values=column)
    heights = grid.to_numpy()
    top = 1.0 if is_share else float(np.nanmax(heights))
    filled = ax.pcolormesh(
        *(grid.columns, grid.index, heights), cmap=_HEAT, vmin=0, vmax=top, shading="nearest"
    )
    filled.set_rasterized(True)
    lines = ax.contour(
        *(grid.columns, grid.index, heights),
        levels=_LEVELS * top,
        colors=[_ON_DEEP if level > 0.4 else _ON_LIGHT for level in _LEVELS],
        linewidths=0.8,
    )
    style = "{:.0%}" if is_share else "{:.1f}"
    ax.clabel(lines, fmt=lambda level: style.format(level), fontsize=9)
    ax.set_xlabel("weeks since the last purchase", loc="left")
    ax.set_ylabel("repeat purchases")
    ax.yaxis.set_major_locator(MaxNLocator(6, integer=True))
    ax.grid(visible=False)
    return ax


def draw_tenths(ax: Axes, tenths: pd.DataFrame) -> Axes:
    """The share of the money of the weeks kept back that each tenth by predicted value brought.

    Reads `decile` (1: the lowest), `share`, `share_low`, `share_high`; the highest comes first.
    """
    rows = tenths.sort_values("decile", ascending=False)
    x = np.arange(len(rows))
    ax.bar(x, rows["share"], color=PALETTE[0], width=0.75)
    ax.vlines(x, rows["share_low"], rows["share_high"], color=INK, lw=1.5)
    ax.axhline(1 / len(rows), color=MUTED, lw=1, ls=(0, (4, 3)))
    ax.set_xticks(x, [f"{place + 1}" for place in x])
    ax.set_xlabel("tenths of the buyers, the highest predicted value first", loc="left")
    ax.set_ylabel("of the money kept back")
    ax.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    ax.grid(visible=False, axis="x")
    return ax


def draw_new(ax: Axes, table: pd.DataFrame, money: str) -> Axes:
    """What a new buyer brings by month: the margin added up, with its interval.

    Reads `month`, `value`, `low`, `high`.
    """
    ax.fill_between(table["month"], table["low"], table["high"], color=PALETTE[0], alpha=0.18, lw=0)
    ax.plot(table["month"], table["value"], color=PALETTE[0])
    ax.set(xlim=(0, table["month"].max()), ylim=(0, None))
    ax.set_xlabel("months after the first purchase", loc="left")
    ax.set_ylabel(f"margin so far, {money}")
    ax.xaxis.set_major_locator(MaxNLocator(nbins=8, steps=[1, 2, 3, 6, 10], integer=True))
    return ax
