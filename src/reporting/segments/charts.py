"""Charts of segments: matrices with their numbers, flows of money, values under changes.

Each takes an Axes and plain frames, draws, and returns the Axes.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from matplotlib.ticker import FuncFormatter

from src.reporting.page.prose import short_money
from src.reporting.page.style import ACCENT, INK, MUTED, PALETTE, SURFACE

_DEEPEST = 0.75  # how dark the fullest cell of a matrix is
_WIDTH, _SPACE = 0.06, 0.05  # of a node, and between nodes, in shares of the picture
_STEPS = np.linspace(0, 1, 40)


def draw_cells(
    ax: Axes,
    depth: np.ndarray,
    texts: Sequence[Sequence[str]],
    rows: Sequence[str],
    columns: Sequence[str],
    outlined: Sequence[tuple[int, int]] = (),
) -> Axes:
    """A matrix as coloured cells with words in them.

    `depth`, (rows, columns): 0 to 1, how full a cell is, missing for a blank one; `texts` in the
    same shape, lines parted by a line break; `outlined`: places (row, column) with a frame.
    """
    count = len(rows), len(columns)
    for row in range(count[0]):
        for column in range(count[1]):
            level = depth[row, column]
            if not np.isnan(level):
                alpha = 0.06 + (_DEEPEST - 0.06) * float(level)
                ax.add_patch(Rectangle((column, row), 1, 1, fc=ACCENT, alpha=alpha, ec=SURFACE))
            ax.text(
                column + 0.5, row + 0.5, texts[row][column], ha="center", va="center", color=INK
            )
    for row, column in outlined:
        frame = (column + 0.02, row + 0.02)
        ax.add_patch(Rectangle(frame, 0.96, 0.96, fill=False, ec=PALETTE[1], lw=2.2))
    ax.set(xlim=(0, count[1]), ylim=(count[0], 0))
    ax.set_xticks(np.arange(count[1]) + 0.5, columns, color=INK)
    ax.set_yticks(np.arange(count[0]) + 0.5, rows, color=INK)
    ax.xaxis.tick_top()
    ax.grid(visible=False)
    ax.spines[:].set_visible(False)
    return ax


def draw_flows(ax: Axes, moves: pd.DataFrame, segments: Sequence[str]) -> Axes:
    """Money on two dates as bands from left to right, a band per move, wedges for new and gone.

    Reads `before`, `after`, `customers`, `money_before`, `money_after`; `segments` from top to
    bottom, those without customers left out. A band is as thick on either side as the money on that
    date; colours tell moves up and new customers, moves down and losses.
    """
    who = moves.loc[moves["customers"] > 0]
    left = [name for name in (*segments, "new") if (who["before"] == name).any()]
    right = [name for name in (*segments, "gone") if (who["after"] == name).any()]
    cells = moves.set_index(["before", "after"])
    starts = cells["money_before"].clip(lower=0).unstack(fill_value=0.0)
    ends = cells["money_after"].clip(lower=0).unstack(fill_value=0.0)
    starts, ends = (part.reindex(index=left, columns=right).fillna(0.0) for part in (starts, ends))
    whole = max(float(starts.to_numpy().sum()), float(ends.to_numpy().sum()))
    starts, ends = starts / whole, ends / whole
    tops = {"left": _tops(starts.sum(axis=1)), "right": _tops(ends.sum(axis=0))}
    at = {side: top.copy() for side, top in tops.items()}
    for before in left:
        for after in right:
            begin, end = starts.loc[before, after], ends.loc[before, after]
            if begin + end < 1e-4:
                continue
            y0, y1 = at["left"][before], at["right"][after]
            at["left"][before] -= begin
            at["right"][after] -= end
            bend = 3 * _STEPS**2 - 2 * _STEPS**3
            x = _WIDTH + (1 - 2 * _WIDTH) * _STEPS
            upper, lower = y0 + (y1 - y0) * bend, y0 - begin + (y1 - end - y0 + begin) * bend
            ax.fill_between(
                x, lower, upper, color=_colour(before, after, segments), alpha=0.45, lw=0
            )
    for side, sums, edge, words in (
        ("left", starts.sum(axis=1), 0.0, "right"),
        ("right", ends.sum(axis=0), 1 - _WIDTH, "left"),
    ):
        for name, share in sums.items():
            top = tops[side][name]
            ax.add_patch(Rectangle((edge, top - share), _WIDTH, share, fc=MUTED, lw=0))
            label = str(name) if share < 1e-4 else f"{name}  {short_money(share * whole)}"
            place = (-0.02 if side == "left" else 1.02), top - share / 2
            ax.text(*place, label, ha=words, va="center", color=INK)
    ax.set(xlim=(-0.3, 1.3), ylim=(min(_lowest(tops, starts, ends)) - 0.03, 1.03))
    ax.axis("off")
    return ax


def draw_changes(ax: Axes, table: pd.DataFrame, label: str) -> Axes:
    """How far the value moves under each change, a bar each with its interval.

    Reads `change`, `moved`, `moved_low`, `moved_high`.
    """
    rows = np.arange(len(table))
    colours = [PALETTE[2] if moved >= 0 else PALETTE[1] for moved in table["moved"]]
    ax.barh(rows, table["moved"], color=colours, height=0.6)
    ax.hlines(rows, table["moved_low"], table["moved_high"], color=INK, lw=1.5)
    ax.axvline(0, color=INK, lw=1)
    ax.set_yticks(rows, table["change"], color=INK)
    ax.set_ylim(len(table) - 0.4, -0.6)
    ax.grid(visible=False, axis="y")
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: short_money(value)))
    ax.set_xlabel(label, loc="left")
    return ax


def _tops(shares: pd.Series) -> dict[str, float]:
    """Where each node begins, from the top down."""
    tops, at = {}, 1.0
    for name, share in shares.items():
        tops[str(name)] = at
        at -= float(share) + _SPACE
    return tops


def _lowest(
    tops: dict[str, dict[str, float]], starts: pd.DataFrame, ends: pd.DataFrame
) -> list[float]:
    sums = {"left": starts.sum(axis=1), "right": ends.sum(axis=0)}
    return [tops[side][name] - share for side in tops for name, share in sums[side].items()]


def _colour(before: str, after: str, segments: Sequence[str]) -> str:
    """Up, down, or as it was."""
    if before == "new":
        return PALETTE[2]
    if after == "gone":
        return PALETTE[1]
    moved = segments.index(after) - segments.index(before)
    return MUTED if moved == 0 else PALETTE[1] if moved > 0 else PALETTE[2]
