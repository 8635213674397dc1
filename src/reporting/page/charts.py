"""Charts of the reports: each takes an Axes and a frame, draws, and returns the Axes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.ticker import FuncFormatter, MaxNLocator, PercentFormatter
from matplotlib.transforms import Transform

from src.reporting.page.prose import short_money
from src.reporting.page.small_groups import tells_few
from src.reporting.page.style import ACCENT, INK, MUTED, PALETTE, SURFACE

_LONGEST_LABEL = 32


def draw_pareto(ax: Axes, curve: pd.DataFrame, share: float, noun: str, money: str) -> Axes:
    """The Pareto curve (`customers_share`, `money_share`) with the cut at `share` marked."""
    held = float(np.interp(share, curve["customers_share"], curve["money_share"]))
    ax.fill_between(curve["customers_share"], curve["money_share"], color=ACCENT, alpha=0.12, lw=0)
    ax.plot(curve["customers_share"], curve["money_share"], color=ACCENT)
    ax.plot([0, 1], [0, 1], color=MUTED, lw=1, ls=(0, (4, 3)))
    ax.annotate("all bring the same", (0.62, 0.60), color=MUTED, va="top", fontsize=9)
    ax.plot([share, share, 0], [0, held, held], color=INK, lw=1)
    ax.plot([share], [held], "o", color=ACCENT, mec=SURFACE, ms=8)
    ax.annotate(
        f"top {share:.0%} bring {held:.0%}",
        (share, held),
        xytext=(share + 0.03, held - 0.08 if held - share > 0.35 else share - 0.1),
        weight="bold",
    )
    ax.set(xlim=(0, 1), ylim=(0, 1.01), xlabel=f"share of {noun}s, the largest first")
    ax.set_ylabel(f"share of the {money}")
    _percent_axes(ax.xaxis, ax.yaxis)
    return ax


def watched(curves: pd.DataFrame, least: int) -> pd.DataFrame:
    """Kaplan-Meier curves as long as at least so many customers are watched (`at_risk`).

    Where fewer are left, each step is the exit of one whom somebody may know.
    """
    return curves[curves["at_risk"] >= least]


def draw_curves(ax: Axes, curves: pd.DataFrame, unit: str, label: str, falls: bool = True) -> Axes:
    """Kaplan-Meier curves with their bands, each named at its end.

    Reads `group`, `time`, `survival`, `low`, `high`. With `falls` false, the share that *had* the
    event is drawn instead of the share that had not.
    """
    ends = []
    for place, (group, curve) in enumerate(curves.groupby("group", sort=False)):
        colour = PALETTE[place % len(PALETTE)]
        line, low, high = (
            curve[name] if falls else 1 - curve[name] for name in ("survival", "low", "high")
        )
        ax.fill_between(curve["time"], low, high, step="post", color=colour, alpha=0.15, lw=0)
        ax.step(curve["time"], line, where="post", color=colour)
        if group != "all":
            ends.append((float(line.iloc[-1]), str(group), colour))
    longest = float(curves["time"].max()) or 1.0
    top = 1.0 if falls else min(1.0, 1.15 * float(1 - curves["low"].min()))
    ax.set(xlim=(0, longest), ylim=(0, top * 1.01), xlabel=unit, ylabel=label)
    ax.xaxis.set_major_locator(MaxNLocator(nbins=8, steps=[1, 2, 3, 6, 10], integer=True))
    _percent_axes(ax.yaxis)
    name_ends(ax, ends, longest)
    return ax


def draw_rates(ax: Axes, rates: pd.DataFrame, overall: float, label: str) -> Axes:
    """Rates with intervals, one row per level, grouped by attribute; a line at the overall rate.

    A level's customers stand beside it, unless few of them did it, or few did not.

    Reads `attribute`, `level`, `customers`, `rate`, `low`, `high`.
    """
    position, ticks, names = 0.0, [], []
    for place, (attribute, levels) in enumerate(rates.groupby("attribute", sort=False)):
        colour = PALETTE[place % len(PALETTE)]
        ax.text(0, position, str(attribute), weight="bold", va="center", transform=_row(ax))
        position += 1
        rows = position + np.arange(len(levels))
        ax.hlines(rows, levels["low"], levels["high"], color=colour, lw=5, alpha=0.35)
        ax.plot(levels["rate"], rows, "o", color=colour, mec=SURFACE, ms=7)
        ticks += list(rows)
        names += [_with_size(row) for row in levels.itertuples()]
        position = float(rows[-1]) + 1.4
    ax.axvline(overall, color=INK, lw=1, ls=(0, (4, 3)))
    ax.set_yticks(ticks, names, color=INK)
    ax.set_ylim(position - 0.6, -0.8)
    ax.set_xlim(0, min(1.0, 1.08 * float(rates["high"].max())))
    ax.grid(visible=False, axis="y")
    ax.set_xlabel(f"share that {label}; dashed: all, {overall:.1%}")
    _percent_axes(ax.xaxis)
    return ax


def _with_size(level: Any) -> str:
    """A level with its customers. Reads `level`, `customers`, `rate`."""
    name = shortened(level.level)
    is_few = tells_few(round(level.rate * level.customers), level.customers)
    return name if is_few else f"{name} ({level.customers:,})"


def draw_vintages(ax: Axes, revenue: pd.DataFrame, currency: str, vintage: str) -> Axes:
    """Revenue by vintage: stacked by period, or one bar each where there is one period only.

    Reads `vintage`, `period`, `revenue`; the oldest vintage is at the bottom.
    """
    table = revenue.pivot_table(
        index="period", columns="vintage", values="revenue", aggfunc="sum", observed=True
    ).fillna(0.0)
    if len(table) == 1:
        ax.bar(table.columns.astype(str), table.iloc[0], color=ACCENT, width=0.7)
        ax.grid(visible=False, axis="x")
        ax.set_xlabel(vintage)
    else:
        colours = [PALETTE[place % len(PALETTE)] for place in range(table.shape[1])]
        # Below zero a stack has no meaning: months of net credit notes count as nothing.
        bands = table.clip(lower=0).to_numpy().T
        bottoms = np.cumsum(bands, axis=0) - bands
        width = 0.85 * (table.index[1] - table.index[0])
        for name, band, bottom, colour in zip(table, bands, bottoms, colours, strict=True):
            ax.bar(table.index, band, width, bottom, color=colour, label=str(name))
        ax.grid(visible=False, axis="x")
        ax.legend(
            title=vintage,
            ncols=min(6, len(colours)),
            loc="lower left",
            bbox_to_anchor=(0, 1),
            alignment="left",
            title_fontsize=9,
        )
    ax.set_ylabel(f"revenue, {currency}")
    ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: short_money(value)))
    return ax


def draw_missing(ax: Axes, columns: pd.DataFrame) -> Axes:
    """Share of empty cells, one bar per column. Reads `table`, `column`, `missing_share`.

    A name that several tables share has its table before it.
    """
    rows = columns.iloc[::-1]
    is_shared = rows["column"].duplicated(keep=False)
    names = rows["column"].mask(is_shared, rows["table"] + "." + rows["column"])
    places = np.arange(len(rows))
    ax.barh(places, rows["missing_share"], color=ACCENT)
    ax.set_yticks(places, [shortened(name) for name in names])
    for place, share in enumerate(rows["missing_share"]):
        ax.annotate(f" {share:.1%}", (share, place), va="center", fontsize=9)
    ax.set(xlim=(0, max(1.15 * float(rows["missing_share"].max()), 0.01)))
    ax.set_xlabel("share of cells that are empty")
    ax.grid(visible=False, axis="y")
    ax.tick_params(axis="y", labelcolor=INK)
    _percent_axes(ax.xaxis)
    return ax


def shortened(label: object) -> str:
    """A label that leaves room for the chart: at most 32 characters."""
    text = str(label)
    return text if len(text) <= _LONGEST_LABEL else text[: _LONGEST_LABEL - 1] + "…"


def name_ends(ax: Axes, ends: Sequence[tuple[float, str, str]], x: float) -> None:
    """Names at the ends of lines, (height, name, colour) each, pushed apart where they meet."""
    gap = 0.07 * abs(ax.get_ylim()[1] - ax.get_ylim()[0])
    placed = -np.inf
    for value, name, colour in sorted(ends):
        placed = max(value, placed + gap)
        ax.annotate(
            shortened(name),
            (x, placed),
            xytext=(8, 0),
            textcoords="offset points",
            color=colour,
            va="center",
            weight="bold",
            fontsize=9,
            annotation_clip=False,
        )


def _row(ax: Axes) -> Transform:
    """Horizontal place in the axes' width, vertical place in rows."""
    return ax.get_yaxis_transform()


def _percent_axes(*axes: Axis) -> None:
    for axis in axes:
        axis.set_major_formatter(PercentFormatter(1, decimals=None))


def draw_before_exit(ax: Axes, shares: pd.DataFrame, label: str) -> Axes:
    """A measure in the months before the exit, one line per group, each named at its end.

    Reads `group`, `before` (months until the exit), `share`, `low`, `high`.
    """
    ends = []
    for place, (group, line) in enumerate(shares.groupby("group", sort=False)):
        colour = PALETTE[place % len(PALETTE)]
        ax.fill_between(-line["before"], line["low"], line["high"], color=colour, alpha=0.15, lw=0)
        ax.plot(-line["before"], line["share"], color=colour, marker="o", ms=4)
        ends.append((float(line["share"].iloc[-1]), str(group), colour))
    ax.axhline(1, color=MUTED, lw=1, ls=(0, (4, 3)))
    ax.set(ylim=(0, 1.05 * max(1.0, float(shares["high"].max()))), ylabel=label)
    ax.set_xlabel("months before the exit")
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{-value:.0f}"))
    _percent_axes(ax.yaxis)
    name_ends(ax, ends, float(-shares["before"].min()))
    return ax
