"""Charts of campaigns: dots with intervals, months after the contact, curves of depth and budget.

Each takes an Axes and a frame, draws, and returns the Axes.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator, PercentFormatter
from matplotlib.transforms import Transform

from src.reporting.page.charts import shortened
from src.reporting.page.prose import short_money
from src.reporting.page.style import ACCENT, INK, MUTED, PALETTE, SURFACE

_TRUTH = PALETTE[1]


def draw_dots(ax: Axes, rows: pd.DataFrame, xlabel: str, is_share: bool) -> Axes:
    """A dot with its interval per row, a line at no effect; reads `label`, `value`, `low`, `high`.

    `heading`, where it is there: rows of one heading stand together below it. `truth`, where it is
    known, is a mark of its own.
    """
    place, ticks, names, levels = 0.0, [], [], []
    headings = rows["heading"] if "heading" in rows else pd.Series("", rows.index)
    for heading in dict.fromkeys(headings):
        if heading:
            ax.text(0, place, heading, weight="bold", va="center", transform=_row(ax))
            place += 0.9
        for index in rows.index[headings == heading]:
            levels.append((index, place))
            ticks.append(place)
            names.append(shortened(str(rows.loc[index, "label"])))
            place += 1
        place += 0.3 if heading else 0
    for index, height in levels:
        row = rows.loc[index]
        is_told = row["low"] > 0 or row["high"] < 0
        colour = ACCENT if is_told else MUTED
        ax.hlines(height, row["low"], row["high"], color=colour, lw=4, alpha=0.45)
        ax.plot(row["value"], height, "o", color=colour, mec=SURFACE, ms=7, zorder=3)
        if "truth" in rows and not np.isnan(row["truth"]):
            ax.plot(row["truth"], height, "|", color=_TRUTH, ms=13, mew=2.2, zorder=4)
    ax.axvline(0, color=INK, lw=1)
    ax.set_yticks(ticks, names, color=INK)
    ax.set_ylim(max(place, 1) - 0.4, -0.7)
    ax.grid(visible=False, axis="y")
    ax.set_xlabel(xlabel)
    ax.xaxis.set_major_locator(MaxNLocator(nbins=6))
    ax.xaxis.set_major_formatter(_amounts(is_share))
    return ax


def draw_months(ax: Axes, rows: pd.DataFrame, ylabel: str, even: float) -> Axes:
    """An effect month by month, a dot with its interval; a line at `even`, no effect.

    Reads `month`, `effect`, `low`, `high`; ratios (`even` 1) stand on a scale of logarithms.
    """
    told = rows.dropna(subset=["effect", "low", "high"])
    ax.vlines(told["month"], told["low"], told["high"], color=ACCENT, lw=4, alpha=0.4)
    ax.plot(told["month"], told["effect"], "o-", color=ACCENT, mec=SURFACE, ms=7, lw=1.2)
    ax.axhline(even, color=INK, lw=1)
    if even == 1:
        ax.set_yscale("log")
        ax.yaxis.set_major_locator(MaxNLocator(nbins=5))
        ax.yaxis.set_minor_locator(MaxNLocator(nbins=1))
        ax.yaxis.set_major_formatter(FuncFormatter(lambda y, _: f"{y:.2g}"))
        ax.yaxis.set_minor_formatter(FuncFormatter(lambda *_: ""))
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.set(xlabel="months after the contact", ylabel=ylabel)
    ax.grid(visible=False, axis="x")
    return ax


def draw_curve(ax: Axes, curve: pd.DataFrame, is_share: bool) -> Axes:
    """The Qini curve with its band, and the line of customers picked at random.

    Reads `depth`, `gain`, `low`, `high`, `at_random`.
    """
    ax.fill_between(curve["depth"], curve["low"], curve["high"], color=ACCENT, alpha=0.15, lw=0)
    ax.plot(curve["depth"], curve["gain"], color=ACCENT, label="highest uplift first")
    ax.plot(curve["depth"], curve["at_random"], color=MUTED, ls=(0, (4, 3)), label="at random")
    ax.axhline(0, color=INK, lw=1)
    ax.xaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    ax.yaxis.set_major_formatter(_amounts(is_share))
    ax.set_xlabel("customers treated")
    ax.set_ylabel("gain, points of all" if is_share else "gain per customer")
    ax.legend(loc="lower left", bbox_to_anchor=(-0.01, 1), ncols=2)
    return ax


def draw_deciles(ax: Axes, groups: pd.DataFrame, is_share: bool) -> Axes:
    """Seen uplift by tenths of the said one, with intervals, and what was said.

    Reads `group`, `said`, `seen`, `low`, `high`.
    """
    ax.vlines(groups["group"], groups["low"], groups["high"], color=ACCENT, lw=4, alpha=0.35)
    ax.plot(groups["group"], groups["seen"], "o", color=ACCENT, mec=SURFACE, ms=7, label="seen")
    ax.plot(groups["group"], groups["said"], color=PALETTE[1], lw=1.6, label="said")
    ax.axhline(0, color=INK, lw=1)
    ax.set_xticks(groups["group"])
    ax.yaxis.set_major_formatter(_amounts(is_share))
    ax.set_xlabel("tenths of customers, the highest uplift first")
    ax.set_ylabel("uplift, points" if is_share else "uplift")
    ax.grid(visible=False, axis="x")
    ax.legend(loc="lower left", bbox_to_anchor=(-0.01, 1), ncols=2)
    return ax


def _amounts(is_share: bool) -> FuncFormatter:
    """Points of a share with their sign, or amounts."""

    def form(value: float, _: object) -> str:
        if round(value, 9) == 0:
            return "0"
        return f"{100 * value:+.3g}" if is_share else short_money(value)

    return FuncFormatter(form)


def height_of(rows: int, headings: int = 0) -> tuple[float, float]:
    """The size of a figure of dots in inches: narrow, for phones."""
    return (5.4, 1.0 + 0.36 * rows + 0.42 * headings)


def _row(ax: Axes) -> Transform:
    return ax.get_yaxis_transform()
