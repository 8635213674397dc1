"""Charts of products: the matrix as a heat map, hit rates beside each other.

Each takes an Axes and a frame, draws, and returns the Axes.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, Normalize
from matplotlib.patches import Rectangle
from matplotlib.ticker import PercentFormatter

from src.reporting.page.charts import shortened
from src.reporting.page.style import INK, MUTED, PALETTE, SURFACE

_HEAT = LinearSegmentedColormap.from_list("lift", ["#eef2f8", "#9cc2ee", "#1d5cab"])
_DEEP = 0.7  # of the scale; from here on letters are light
_ON_LIGHT, _ON_DEEP = "#1b2230", "#fdfdff"  # letters on cells: they do not turn with the page
_MOST = 4.0  # the lift at which the scale ends


def draw_matrix(ax: Axes, cells: pd.DataFrame, rows: list[str], columns: list[str]) -> Axes:
    """Lifts of the cells shown: a square each, the others blank; those marked have a frame.

    Reads `held`, `next`, `shrunk`, `is_marked`; `rows` and `columns` in their order. The colour
    runs from a lift of 1 to 4, on the scale of logarithms.
    """
    scale = Normalize(0, np.log(_MOST), clip=True)
    for cell in cells.itertuples():
        x, y = columns.index(cell.next), rows.index(cell.held)
        depth = float(scale(np.log(max(cell.shrunk, 1.0))))
        edge = {"edgecolor": PALETTE[1], "linewidth": 2} if cell.is_marked else {"linewidth": 0}
        ax.add_patch(
            _square(x, y, facecolor=_HEAT(depth), zorder=3 if cell.is_marked else 2, **edge)
        )
        ax.text(
            *(x, y, lift_words(cell.shrunk)),
            ha="center",
            va="center",
            fontsize=10,
            weight="bold" if cell.is_marked else "normal",
            color=_ON_DEEP if depth > _DEEP else _ON_LIGHT,
            zorder=4,
        )
    ax.set_xlim(-0.5, len(columns) - 0.5)
    ax.set_ylim(len(rows) - 0.5, -0.5)
    ax.set_xticks(range(len(columns)), [shortened(name) for name in columns], color=INK)
    ax.tick_params(axis="x", labelrotation=55, labeltop=True, labelbottom=False)
    for label in ax.get_xticklabels():
        label.set(ha="left", rotation_mode="anchor")
    ax.set_yticks(range(len(rows)), [shortened(name) for name in rows], color=INK)
    ax.set_ylabel("held")
    ax.set_xlabel("taken next: times as often as comparable customers; frame: in this order")
    ax.grid(visible=False)
    return ax


def lift_words(lift: float) -> str:
    """A lift in two or three signs.

    >>> lift_words(0.98), lift_words(3.34), lift_words(13.3)
    ('1.0', '3.3', '13')
    """
    return f"{lift:.0f}" if lift >= 9.95 else f"{lift:.1f}"


def draw_hits(ax: Axes, rates: pd.DataFrame) -> Axes:
    """The share of hits of each method, a dot with its interval per number of products named.

    Reads `label`, `first`, `rate`, `low`, `high`; labels in their order.
    """
    labels = list(dict.fromkeys(rates["label"]))
    for place, (first, part) in enumerate(rates.groupby("first", sort=True)):
        y = [labels.index(name) + 0.3 * (place - 0.5) for name in part["label"]]
        colour = PALETTE[place]
        named = "named first" if first == 1 else f"among the first {first}"
        ax.hlines(y, part["low"], part["high"], color=colour, lw=4, alpha=0.35)
        ax.plot(part["rate"], y, "o", color=colour, mec=SURFACE, ms=8, label=named)
        for rate, height in zip(part["rate"], y, strict=True):
            ax.annotate(
                f"{rate:.0%}",
                (rate, height),
                xytext=(9, 0),
                textcoords="offset points",
                va="center",
                fontsize=9,
            )
    ax.set_yticks(range(len(labels)), [shortened(name) for name in labels], color=INK)
    ax.set_ylim(len(labels) - 0.5, -0.6)
    ax.set_xlim(0, 1.12)
    ax.set_xticks(np.linspace(0, 1, 6))
    ax.xaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    ax.grid(visible=False, axis="y")
    ax.set_xlabel("of customers who took something: the product they took", loc="left", color=MUTED)
    ax.legend(loc="lower left", bbox_to_anchor=(-0.01, 1), ncols=2)
    return ax


def _square(x: int, y: int, **looks: Any) -> Rectangle:
    return Rectangle((x - 0.46, y - 0.46), 0.92, 0.92, **looks)
