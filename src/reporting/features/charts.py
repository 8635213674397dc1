"""Charts of the feature report: each takes an Axes and frames, draws, and returns the Axes."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.transforms import Transform

from src.reporting.page.charts import shortened
from src.reporting.page.style import ACCENT, INK, MUTED, PALETTE, SURFACE

WATCH, ACT = 0.1, 0.25  # how the field reads the population stability index


def draw_stability(ax: Axes, shifts: pd.DataFrame) -> Axes:
    """The stability index per feature, largest on top. Reads `feature`, `psi`, `noise`."""
    rows = shifts.iloc[::-1]
    place = np.arange(len(rows))
    over = rows["psi"] > ACT
    ax.hlines(place, 0, rows["psi"], color=[PALETTE[1] if is_over else ACCENT for is_over in over])
    ax.scatter(rows["psi"], place, c=[PALETTE[1] if is_over else ACCENT for is_over in over], s=40)
    ax.plot(rows["noise"], place, "|", color=INK, ms=9)
    for line, text in ((WATCH, "watch"), (ACT, "act")):
        ax.axvline(line, color=MUTED, lw=1, ls=(0, (4, 3)))
        ax.annotate(text, (line, len(rows) - 0.4), color=MUTED, fontsize=9, ha="center")
    ax.set_xscale("symlog", linthresh=0.1)
    ax.set_xlim(0, 1.2 * max(float(rows["psi"].max()), ACT))
    ax.set_ylim(-0.6, len(rows))
    ax.set_yticks(place, [shortened(name) for name in rows["feature"]], color=INK)
    ax.set_xticks([0, 0.05, WATCH, ACT, 1, 5], ["0", "0.05", "0.1", "0.25", "1", "5"])
    ax.set_xlim(0, 1.2 * max(float(rows["psi"].max()), 1.0))
    ax.grid(visible=False, axis="y")
    ax.set_xlabel("population stability index; mark: noise")
    return ax


def draw_signal(ax: Axes, by_segment: Mapping[str, pd.DataFrame]) -> Axes:
    """Univariate AUC with intervals per segment. Frames have `feature`, `auc`, `low`, `high`."""
    place, ticks, names = 0.0, [], []
    for colour, (segment, rows) in zip(PALETTE, by_segment.items(), strict=False):
        ax.text(-0.01, place, segment, weight="bold", va="center", ha="right", transform=_row(ax))
        at = place + 1 + np.arange(len(rows))
        ax.hlines(at, rows["low"], rows["high"], color=colour, lw=5, alpha=0.35)
        ax.plot(rows["auc"], at, "o", color=colour, mec=SURFACE, ms=7)
        ticks += list(at)
        names += [shortened(name) for name in rows["feature"]]
        place = float(at[-1]) + 1.4
    ax.axvline(0.5, color=INK, lw=1, ls=(0, (4, 3)))
    ax.set_yticks(ticks, names, color=INK)
    ax.set_ylim(place - 0.6, -0.8)
    ax.grid(visible=False, axis="y")
    ax.set_xlabel("AUC of the feature alone; dashed: a coin")
    return ax


def draw_spreads(ax: Axes, spreads: pd.DataFrame) -> Axes:
    """Median and the middle 80 % of a feature per segment, as multiples of the median of all.

    Reads `feature`, `group`, `p10`, `median`, `p90`, `scale`.
    """
    groups = list(dict.fromkeys(spreads["group"]))
    features = list(dict.fromkeys(spreads["feature"]))
    for step, (group, colour) in enumerate(zip(groups, PALETTE, strict=False)):
        rows = spreads[spreads["group"] == group].set_index("feature").loc[features]
        at = np.arange(len(features)) + 0.28 * (step - (len(groups) - 1) / 2)
        low, middle, high = (rows[name] / rows["scale"] for name in ("p10", "median", "p90"))
        ax.hlines(at, low, high, color=colour, lw=5, alpha=0.35)
        ax.plot(middle, at, "o", color=colour, mec=SURFACE, ms=7, label=group)
    ax.set_yticks(np.arange(len(features)), [shortened(name) for name in features], color=INK)
    ax.set_ylim(len(features) - 0.4, -0.6)
    ax.set_xscale("symlog", linthresh=1)
    ax.set_xlim(left=0)
    ax.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
    ax.grid(visible=False, axis="y")
    ax.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=len(groups))
    ax.set_xlabel("times the median of all customers")
    return ax


def draw_correlations(ax: Axes, rho: pd.DataFrame) -> Axes:
    """Absolute rank correlations of features in the order given, light to dark."""
    image = ax.imshow(rho.abs().to_numpy(), cmap="Blues", vmin=0, vmax=1, aspect="auto")
    image.set_rasterized(True)
    ax.set_xticks([])
    ax.set_yticks(range(len(rho)), [shortened(name) for name in rho.index], color=INK, fontsize=8)
    ax.grid(visible=False)
    bar = ax.figure.colorbar(image, ax=ax, shrink=0.5, aspect=25, pad=0.02)
    bar.set_label("absolute rank correlation")
    bar.outline.set_visible(False)
    return ax


def _row(ax: Axes) -> Transform:
    """Horizontal place in the axes' width, vertical place in rows."""
    return ax.get_yaxis_transform()
