"""Charts of churn models: how they rank, what their chances mean, what a list earns, and when.

Each takes an Axes and plain frames, draws, and returns the Axes. `src.reporting.churn.alt` says the
same in words.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.ticker import FuncFormatter, MaxNLocator

from src.reporting.page.charts import name_ends, shortened
from src.reporting.page.prose import share_words, short_money
from src.reporting.page.style import INK, MUTED, PALETTE, SURFACE

_DASHES = (0, (4, 3))
_CONTACTED = "share of customers contacted, by the order of the list"
_POINTS = 300  # of a curve: more only make the page heavy


def draw_roc(ax: Axes, curves: pd.DataFrame, first: Sequence[str]) -> Axes:
    """ROC curves. Reads `model`, `false_positive_rate`, `true_positive_rate`.

    Models named in `first` (the winner, the runner-up) are coloured and named, the others pale.
    """
    _named_curves(ax, curves, "false_positive_rate", "true_positive_rate", first)
    ax.plot([0, 1], [0, 1], color=MUTED, lw=1, ls=_DASHES, label="by chance")
    return _unit_square(
        ax, "share of those who stayed, contacted in vain", "share of churners found"
    )


def draw_precision_recall(
    ax: Axes, curves: pd.DataFrame, first: Sequence[str], base_rate: float
) -> Axes:
    """Precision by recall, with the base rate. Reads `model`, `recall`, `precision`."""
    _named_curves(ax, curves, "recall", "precision", first)
    label = f"by chance: {base_rate:.1%}"
    ax.axhline(base_rate, color=MUTED, lw=1, ls=_DASHES, label=label)
    return _unit_square(ax, "share of churners found", "share of the list who churn")


def draw_gains(ax: Axes, curves: pd.DataFrame, first: Sequence[str], base_rate: float) -> Axes:
    """Cumulative gains between random and perfect. Reads `model`, `share`, `churners_share`."""
    ax.plot([0, base_rate, 1], [0, 1, 1], color=INK, lw=1, ls=(0, (1, 2)), label="perfect order")
    _named_curves(ax, curves, "share", "churners_share", first)
    ax.plot([0, 1], [0, 1], color=MUTED, lw=1, ls=_DASHES, label="random order")
    return _unit_square(ax, _CONTACTED, "share of churners among them")


def draw_calibration(ax: Axes, curve: pd.DataFrame) -> Axes:
    """What was said against what happened, with intervals and the diagonal.

    Reads `chance`, `rate`, `low`, `high`, one row per bin.
    """
    top = min(1.0, 1.06 * float(curve[["chance", "rate", "high"]].max().max()))
    ax.plot([0, top], [0, top], color=MUTED, lw=1, ls=_DASHES)
    ax.annotate(
        "as said",
        (0.9 * top, 0.9 * top),
        xytext=(6, -4),
        textcoords="offset points",
        color=MUTED,
        va="top",
        fontsize=9,
    )
    ax.vlines(curve["chance"], curve["low"], curve["high"], color=PALETTE[0], lw=5, alpha=0.35)
    ax.plot(curve["chance"], curve["rate"], "-o", color=PALETTE[0], mec=SURFACE, ms=7, lw=1.2)
    ax.set(xlim=(0, top), ylim=(0, top), ylabel="share who churned")
    ax.set_xlabel("chance to churn, as said (mean of a tenth of the customers)", loc="left")
    _percents(ax.xaxis, ax.yaxis)
    return ax


def draw_profit(ax: Axes, curve: pd.DataFrame, depth: float, money: str) -> Axes:
    """Profit by length of the list, with its interval and the recommended depth marked.

    Reads `share`, `profit`, `low`, `high`; `depth` is a share, 0 for no campaign at all; `money`
    names the currency.
    """
    end = _deepest([curve], [depth])
    rows = _thinned(curve[curve["share"] <= end], "share")
    ax.fill_between(rows["share"], rows["low"], rows["high"], color=PALETTE[0], alpha=0.15, lw=0)
    ax.plot(rows["share"], rows["profit"], color=PALETTE[0])
    profit = float(np.interp(depth, curve["share"], curve["profit"]))
    ax.axvline(depth, color=INK, lw=1, ls=_DASHES)
    ax.plot([depth], [profit], "o", color=PALETTE[0], mec=SURFACE, ms=9)
    is_left = depth < end / 2
    ax.annotate(
        f"top {share_words(depth)}: {short_money(profit)} {money}"
        if depth > 0
        else "no campaign pays",
        (depth, 1),
        xycoords=("data", "axes fraction"),
        xytext=(6 if is_left else -6, 4),
        textcoords="offset points",
        ha="left" if is_left else "right",
        weight="bold",
    )
    _money_by_depth(ax, end, money)
    return ax


def draw_orderings(ax: Axes, curves: pd.DataFrame, depths: Mapping[str, float], money: str) -> Axes:
    """Profit by length of the list for several orders of it, each with its depth marked.

    Reads `ordering`, `share`, `profit`; the first ordering is drawn on top.
    """
    by_name = {str(name): curve for name, curve in curves.groupby("ordering", sort=False)}
    end = _deepest(list(by_name.values()), list(depths.values()))
    for place, (name, curve) in enumerate(by_name.items()):
        colour, depth = PALETTE[place % len(PALETTE)], depths[name]
        rows = _thinned(curve[curve["share"] <= end], "share")
        profit = float(np.interp(depth, curve["share"], curve["profit"]))
        label = f"{shortened(name)}: {short_money(profit)} at {share_words(depth)}"
        order = 4 - place / 10
        ax.plot(rows["share"], rows["profit"], color=colour, zorder=order)
        ax.plot([depth], [profit], "o", color=colour, mec=SURFACE, ms=9, zorder=5)
        ax.plot([], [], "-o", color=colour, mec=SURFACE, label=label)
    _money_by_depth(ax, end, money)
    _legend_above(ax, columns=1)
    return ax


def draw_differences(ax: Axes, compared: pd.DataFrame, label: str, lower_is_better: bool) -> Axes:
    """Differences to the best model with intervals; those in the noise are hollow and say so.

    Reads `model`, `difference`, `difference_low`, `difference_high`, `in_noise`, `is_best`, of one
    metric, which `label` names. The best is on top, the nearest below it.
    """
    rows = compared.sort_values("difference", ascending=lower_is_better, kind="stable")
    rows = pd.concat([rows[rows["is_best"]], rows[~rows["is_best"]]], ignore_index=True)
    ax.axvline(0, color=INK, lw=1, ls=_DASHES)
    for place, row in rows.iterrows():
        is_near, is_best = bool(row["in_noise"]), bool(row["is_best"])
        colour = PALETTE[2] if is_best else MUTED if is_near else PALETTE[1]
        ends = [row["difference_low"], row["difference_high"]]
        if not is_best:
            ax.hlines(place, *ends, color=colour, lw=5, alpha=0.35)
        face = SURFACE if is_near and not is_best else colour
        edge = colour if is_near and not is_best else SURFACE
        ax.plot([row["difference"]], [place], "o", mfc=face, mec=edge, mew=1.6, ms=8, zorder=3)
        verdict = "the best" if is_best else "in the noise" if is_near else "behind"
        ax.annotate(
            verdict,
            (max(ends[1], row["difference"]), place),
            xytext=(9, 0),
            textcoords="offset points",
            va="center",
            color=MUTED if is_near and not is_best else INK,
            weight="bold" if is_best else "normal",
            fontsize=9,
        )
    ax.set_yticks(range(len(rows)), [shortened(name) for name in rows["model"]], color=INK)
    ax.set_ylim(len(rows) - 0.4, -0.6)
    way = "to the right" if lower_is_better else "to the left"
    ax.set_xlabel(f"difference in {label} to the best; {way} is worse", loc="left")
    ax.grid(visible=False, axis="y")
    return ax


def draw_over_months(
    ax: Axes, quality: pd.DataFrame, label: str, months: str, reference: tuple[str, float]
) -> Axes:
    """A figure of quality month by month with bands, one line per group, each named at its end.

    Reads `group`, `month`, `value`, `low`, `high`. `months` says what the months are: the lead time
    of a warning, or the age of a model; `reference` is the name and value of what no model is.
    """
    ends = []
    for place, (group, line) in enumerate(quality.groupby("group", sort=False)):
        colour = PALETTE[place % len(PALETTE)]
        ax.fill_between(line["month"], line["low"], line["high"], color=colour, alpha=0.15, lw=0)
        ax.plot(line["month"], line["value"], "-o", color=colour, mec=SURFACE, ms=6)
        ends.append((float(line["value"].iloc[-1]), str(group), colour))
    name, value = reference
    ax.axhline(value, color=MUTED, lw=1, ls=_DASHES)
    low, high = min(value, float(quality["low"].min())), float(quality["high"].max())
    room = 0.08 * (high - low) or 0.01  # every model may be a coin
    ax.set(ylim=(low - room, high + room), ylabel=label)
    ax.set_xlabel(months, loc="left")
    first, last = float(quality["month"].min()), float(quality["month"].max())
    ax.annotate(
        f"{name}: {value:g}",
        (first, value),
        xytext=(0, 3),
        textcoords="offset points",
        color=MUTED,
        fontsize=9,
    )
    ax.xaxis.set_major_locator(MaxNLocator(nbins=13, integer=True, steps=[1, 2, 3, 6, 10]))
    name_ends(ax, ends, last)
    return ax


def _named_curves(ax: Axes, curves: pd.DataFrame, x: str, y: str, first: Sequence[str]) -> None:
    """Curves of models: those of `first` in colour and on top, the others pale behind them."""
    others = [name for name in curves["model"].unique() if name not in first]
    for place, name in enumerate(first):
        curve = _thinned(curves[curves["model"] == name], x)
        weight = 2.4 if place == 0 else 1.8
        ax.plot(
            curve[x],
            curve[y],
            color=PALETTE[place],
            lw=weight,
            zorder=4 - place / 10,
            label=shortened(name),
        )
    for place, name in enumerate(others):
        curve = _thinned(curves[curves["model"] == name], x)
        label = f"{len(others)} other{'s' if len(others) > 1 else ''}" if place == 0 else None
        ax.plot(curve[x], curve[y], color=MUTED, lw=1, alpha=0.45, label=label)


def _thinned(curve: pd.DataFrame, x: str) -> pd.DataFrame:
    """Rows of a curve at even steps of `x`, in which it rises, and of its rows; the ends stay."""
    known = curve.dropna(subset=[x])
    if len(known) <= _POINTS:
        return known
    along = known[x].to_numpy("float64")
    by_x = np.searchsorted(along, np.linspace(along[0], along[-1], _POINTS))
    by_row = np.linspace(0, len(known) - 1, _POINTS).astype(int)
    return known.iloc[np.unique(np.concatenate([by_x.clip(max=len(known) - 1), by_row]))]


def _deepest(curves: Sequence[pd.DataFrame], depths: Sequence[float]) -> float:
    """Where the picture ends: where every order has lost as much as the best one can earn.

    The rest of the list only shows that contacting everybody is expensive, on a scale that hides
    the part to decide on. All of it, where no list earns. A marked depth is never beyond the middle
    of a picture that ends early.
    """
    peak = max(float(curve["profit"].max()) for curve in curves)
    ends = [curve.loc[curve["profit"] >= -peak, "share"].max() for curve in curves]
    return min(1.0, max(1.02 * float(max(ends)), 2 * max(depths))) if peak > 0 else 1.0


def _money_by_depth(ax: Axes, end: float, money: str) -> None:
    ax.axhline(0, color=INK, lw=1)
    ax.set(xlim=(0, end), ylabel=f"profit, {money}")
    ax.set_xlabel(_CONTACTED, loc="left")
    _percents(ax.xaxis)
    ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: short_money(value)))


def _unit_square(ax: Axes, x: str, y: str) -> Axes:
    ax.set(xlim=(0, 1), ylim=(0, 1.01), ylabel=y)
    ax.set_xlabel(x, loc="left")
    _percents(ax.xaxis, ax.yaxis)
    _legend_above(ax, columns=2)
    return ax


def _legend_above(ax: Axes, columns: int) -> None:
    """On the left, where a narrow screen begins."""
    ax.legend(loc="lower left", bbox_to_anchor=(-0.01, 1), ncols=columns)


def _percents(*axes: Axis) -> None:
    for axis in axes:
        axis.set_major_formatter(FuncFormatter(lambda value, _: f"{100 * value:g}%"))
