"""The bars of a gap between two groups, from the mean of the one to that of the other."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter

from src.reporting.page.charts import shortened
from src.reporting.page.prose import short_money
from src.reporting.page.style import INK, MUTED, PALETTE

_WHOLE = 100  # money from which on no cents are said


def draw_waterfall(
    ax: Axes,
    bars: pd.DataFrame,
    factors: Mapping[str, str],
    names: tuple[str, str],
    measure: str,
) -> Axes:
    """The gap of a mean as a waterfall from the second group to the first.

    Reads `factor`, `first`, `second` (the mean in the row of the gap), `bar`, `low`, `high`. The
    interval stands beside the end of its bar. `factors`: their names in words; `measure`: what the
    mean is of, with its unit.
    """
    gap = bars[bars["factor"] == "gap"].iloc[0]
    parts = bars[bars["factor"] != "gap"]
    labels = [names[1], *(factors[factor] for factor in parts["factor"]), names[0]]
    rows = len(labels)
    level = float(gap["second"])
    digits = 0 if max(abs(level), abs(gap["first"])) >= _WHOLE else 2
    ax.barh(0, level, color=MUTED, height=0.6)
    _value(ax, 0, level, short_money(level), bold=True)
    for place, row in enumerate(parts.itertuples(), start=1):
        colour = PALETTE[2] if row.bar >= 0 else PALETTE[1]
        ax.barh(place, row.bar, left=level, color=colour, height=0.6)
        ax.plot([level, level], [place - 1.3, place + 0.3], color=MUTED, lw=0.8)
        ax.hlines(place, level + row.low, level + row.high, color=INK, lw=1.5)
        end = max(level, level + row.bar, level + row.high)
        text = f"{row.bar:+,.{digits}f} ({row.low:+,.{digits}f} to {row.high:+,.{digits}f})"
        _value(ax, place, end, text)
        level += row.bar
    ax.barh(rows - 1, gap["first"], color=PALETTE[0], height=0.6)
    _value(ax, rows - 1, float(gap["first"]), short_money(gap["first"]), bold=True)
    ax.set_yticks(range(rows), [shortened(label) for label in labels], color=INK)
    ax.set_ylim(rows - 0.4, -0.6)
    ends = np.append(0.0, np.cumsum([gap["second"], *parts["bar"]]))
    low = float(min(ends.min(), (ends[1:-1] + parts["low"]).min()))
    high = float(max(ends.max(), (ends[1:-1] + parts["high"]).max()))
    ax.set_xlim(min(low, 0.0), high + 0.55 * (high - low))
    ax.axvline(0, color=INK, lw=1)
    ax.grid(visible=False, axis="y")
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: short_money(value)))
    ax.set_xlabel(f"{measure}; lines: intervals", loc="left")
    return ax


def _value(ax: Axes, place: float, end: float, text: str, bold: bool = False) -> None:
    ax.annotate(
        text,
        (end, place),
        xytext=(6, 0),
        textcoords="offset points",
        va="center",
        weight="bold" if bold else "normal",
        fontsize=9,
    )
