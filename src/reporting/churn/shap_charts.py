"""Charts of what moves a model: importance, swarm, dependence, and how sure the order is.

Each takes an Axes and plain frames, draws, and returns the Axes. Many points are drawn as a picture
inside the SVG, which keeps pages small; a picture cannot follow the page between light and dark, so
its colours are readable on both.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, to_rgba
from matplotlib.lines import Line2D
from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator, NullLocator

from src.reporting.page.charts import shortened
from src.reporting.page.style import INK, MUTED, PALETTE, SURFACE

LOW, HIGH, CATEGORY, MISSING = PALETTE[0], PALETTE[1], PALETTE[2], "#7d8494"
HEAT = LinearSegmentedColormap.from_list("heat", [LOW, "#b55fa0", HIGH])
_ROWS = 60  # bins of the swarm along the axis
_WIDEST = 0.38  # of a swarm, in rows
SURE = 0.95  # a column is among the first in so many resamples, or out of them
_LEVELS = 8
_COLOURS = 5
_SHORT = 45  # characters of a legend on one line


def draw_importance(ax: Axes, importance: pd.DataFrame, unit: str) -> Axes:
    """Bars of the mean size of contributions, the largest on top.

    Reads `column`, `importance`, `share`. `unit` is that of contributions, such as log-odds.
    """
    rows = importance.iloc[::-1]
    ax.barh([shortened(name) for name in rows["column"]], rows["importance"], color=PALETTE[0])
    for place, (size, share) in enumerate(zip(rows["importance"], rows["share"], strict=True)):
        ax.annotate(
            f"{share:.1%}",
            (size, place),
            xytext=(4, 0),
            textcoords="offset points",
            va="center",
            fontsize=9,
        )
    ax.set_xlim(0, 1.14 * max(float(rows["importance"].max()), 1e-9))
    ax.set_ylim(-0.6, len(rows) - 0.4)
    ax.set_xlabel(f"mean size of contributions, {unit}; beside: share of all", loc="left")
    return _rows_by_name(ax)


def draw_group_importance(ax: Axes, importance: pd.DataFrame) -> Axes:
    """Shares of importance side by side, a dot per group. Reads `group`, `column`, `share`.

    Columns come in the order of their first row, on top.
    """
    columns = list(importance["column"].unique())
    names = [shortened(column) for column in columns]
    places = {column: len(columns) - 1 - place for place, column in enumerate(columns)}
    ends = importance.groupby("column")["share"].agg(["min", "max"]).loc[columns]
    ax.hlines([places[column] for column in columns], ends["min"], ends["max"], color=MUTED, lw=1)
    for place, (group, rows) in enumerate(importance.groupby("group", sort=False)):
        heights = rows["column"].map(places)
        colour = PALETTE[place % len(PALETTE)]
        ax.plot(rows["share"], heights, "o", color=colour, mec=SURFACE, ms=8, label=str(group))
    ax.set_yticks(range(len(columns)), names[::-1])
    ax.set_xlim(0, 1.08 * float(importance["share"].max()))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{100 * value:g}%"))
    ax.set_xlabel("share of all contributions in the group", loc="left")
    _legend_above(ax)
    return _rows_by_name(ax)


def draw_swarm(ax: Axes, points: pd.DataFrame, unit: str) -> Axes:
    """Every customer a point in each row: how far a column moved it, coloured by its value.

    Reads `column`, `contribution`, `kind` (`number`, `category` or `missing`) and `level` (0: the
    lowest value of the column, 1: the highest). Columns come in the order of their first row, on
    top.
    """
    columns = list(points["column"].unique())
    heights = points["column"].map({name: place for place, name in enumerate(reversed(columns))})
    x = points["contribution"].to_numpy("float64")
    y = heights.to_numpy("float64")
    for column in columns:
        rows = (points["column"] == column).to_numpy()
        y[rows] += _swarm(x[rows])
    colours = HEAT(points["level"].fillna(0.5).to_numpy("float64"))
    colours[(points["kind"] == "category").to_numpy()] = to_rgba(CATEGORY)
    colours[(points["kind"] == "missing").to_numpy()] = to_rgba(MISSING)
    _cloud(ax, x, y, colours, 9)
    ax.axvline(0, color=INK, lw=1)
    ax.set_yticks(range(len(columns)), [shortened(name) for name in reversed(columns)])
    ax.set_ylim(-0.6, len(columns) - 0.4)
    ax.set_xlabel(
        f"contribution, {unit}: left lowers the chance to churn, right raises it", loc="left"
    )
    kinds = set(points["kind"])
    marks = [("low value", LOW), ("high value", HIGH)] if "number" in kinds else []
    marks += [("text", CATEGORY)] if "category" in kinds else []
    marks += [("unknown", MISSING)] if "missing" in kinds else []
    _legend_above(ax, marks)
    return _rows_by_name(ax)


def draw_dependence(
    ax: Axes, points: pd.DataFrame, column: str, partner: str | None, unit: str
) -> Axes:
    """What a column holds against what it adds, coloured by the column that acts with it.

    Reads `value`, `contribution`, `partner`: numbers, or text, of which the 8 most common levels
    get a place of their own and the other levels one together. A missing value is a grey point at
    the right, a missing partner a grey point.
    """
    x, names, unknown = _places(points["value"])
    y = points["contribution"].to_numpy("float64")
    colours, marks = _colours(points["partner"], partner)
    _cloud(ax, x, y, colours, 12)
    ax.axhline(0, color=INK, lw=1)
    if names:
        ax.set_xticks(list(names), [shortened(name) for name in names.values()])
        if len("".join(names.values())) > 40:
            ax.tick_params(axis="x", labelrotation=30)
            for label in ax.get_xticklabels():
                label.set_horizontalalignment("right")
        ax.grid(visible=False, axis="x")
    elif _is_skewed(points["value"]):
        _log_axis(ax, points["value"].dropna(), float(np.nanmax(x)))
    else:
        ax.xaxis.set_major_locator(MaxNLocator(nbins=8))
    if unknown is not None:
        low, high = ax.get_ylim()
        ax.set_ylim(low, high + 0.1 * (high - low))
        place, top = (unknown, 1), ("data", "axes fraction")
        ax.annotate("unknown", place, xycoords=top, color=MUTED, ha="right", va="top", fontsize=9)
    ax.set(ylabel=f"contribution, {unit}")
    ax.set_xlabel(shortened(column), loc="left")
    if marks:
        _legend_above(ax, marks)
    return ax


def draw_stability(ax: Axes, ranks: pd.DataFrame, top: int) -> Axes:
    """Ranks over resamples: mean and interval, and how often a column is among the first `top`.

    Reads `column`, `mean_rank`, `low`, `high`, `top_share`, the best first.
    """
    rows = np.arange(len(ranks))
    share = ranks["top_share"].to_numpy()
    colours = np.select([share >= SURE, share <= 1 - SURE], [PALETTE[0], MUTED], PALETTE[1])
    ax.hlines(rows, ranks["low"], ranks["high"], color=list(colours), lw=5, alpha=0.35)
    for place, row in ranks.reset_index(drop=True).iterrows():
        ax.plot([row["mean_rank"]], [place], "o", color=colours[place], mec=SURFACE, ms=7)
        ax.annotate(
            f"{row['top_share']:.0%}",
            (max(row["mean_rank"], row["high"]), place),
            xytext=(9, 0),
            textcoords="offset points",
            va="center",
            fontsize=9,
        )
    ax.axvline(top + 0.5, color=INK, lw=1, ls=(0, (4, 3)))
    ax.set_yticks(rows, [shortened(name) for name in ranks["column"]])
    ax.set_ylim(len(ranks) - 0.4, -0.6)
    longest = max(float(ranks["high"].max()), top)
    ax.set_xlim(0.5, 0.5 + 1.1 * longest)
    ax.xaxis.set_major_locator(MaxNLocator(nbins=10, integer=True, min_n_ticks=3))
    label = f"rank among all columns; beside: share of resamples in the top {top}"
    ax.set_xlabel(label, loc="left")
    return _rows_by_name(ax)


def _swarm(x: np.ndarray) -> np.ndarray:
    """Heights of points around their row: the more points at a place, the wider the swarm.

    Points of one place are laid out from the middle, by turns above and below, in the order given.
    """
    if not len(x):
        return x
    span = np.ptp(x)
    place = np.zeros(len(x), int) if span == 0 else ((x - x.min()) / span * (_ROWS - 1)).astype(int)
    order = np.argsort(place, kind="stable")
    starts = np.searchsorted(place[order], np.arange(_ROWS))
    nth = np.empty(len(x))
    nth[order] = np.arange(len(x)) - starts[place[order]]
    sizes = np.bincount(place, minlength=_ROWS)
    # By square roots, so that a row of a few far points is not crushed by one crowd.
    width = _WIDEST * np.sqrt(sizes / sizes.max())[place]
    steps = np.ceil(nth / 2) * np.where(nth % 2, 1, -1)
    return width * 2 * steps / np.maximum(sizes[place], 1)


def _is_skewed(values: pd.Series) -> bool:
    """Whether most numbers would be crushed against 0: then the axis is logarithmic beyond half."""
    known = values.dropna()
    if known.empty or known.min() < 0 or known.median() <= 0:
        return False
    return bool(known.quantile(0.99) > 10 * known.median())


def _log_axis(ax: Axes, known: pd.Series, longest: float) -> None:
    """Straight from 0 to the median, logarithmic beyond it."""
    median = float(known.median())
    ax.set_xscale("symlog", linthresh=median, linscale=1)
    powers = 10.0 ** np.arange(np.ceil(np.log10(median)), np.floor(np.log10(known.max())) + 1)
    ax.xaxis.set_major_locator(FixedLocator([0, *powers]))
    ax.xaxis.set_minor_locator(NullLocator())
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,g}"))
    ax.set_xlim(-0.05 * median, 1.2 * longest)


def _places(values: pd.Series) -> tuple[np.ndarray, dict[int, str], float | None]:
    """Where values stand on the axis, names of places of text, and the place of unknown numbers."""
    if pd.api.types.is_numeric_dtype(values):
        numbers = values.to_numpy("float64")
        known = numbers[~np.isnan(numbers)]
        if len(known) == len(numbers):
            return numbers, {}, None
        low, high = (known.min(), known.max()) if len(known) else (0.0, 1.0)
        unknown = high * 1.8 if _is_skewed(values) else high + (0.08 * (high - low) or 1.0)
        return np.where(np.isnan(numbers), unknown, numbers), {}, float(unknown)
    text = values.astype("object").where(values.notna(), "unknown").astype(str)
    kept = _common(text)
    text = text.where(text.isin(kept), "other levels")
    names = [*kept, *(["other levels"] if "other levels" in set(text) - set(kept) else [])]
    place = text.map({name: number for number, name in enumerate(names)}).to_numpy("float64")
    # Beside each other, so that points of one level do not hide one another.
    beside = np.empty(len(text))
    for number in range(len(names)):
        rows = np.flatnonzero(place == number)
        beside[rows] = (np.arange(len(rows)) * 0.618034) % 1 - 0.5
    return place + 0.6 * beside, dict(enumerate(names)), None


def _common(text: pd.Series) -> list[str]:
    counts = text.value_counts()
    return sorted(counts.index, key=lambda level: (-counts[level], level))[:_LEVELS]


def _colours(partner: pd.Series, name: str | None) -> tuple[np.ndarray, list[tuple[str, str]]]:
    """The colour of each point by its partner's value, and the marks of the legend."""
    if name is None:
        return np.tile(to_rgba(PALETTE[0]), (len(partner), 1)), []
    is_known = partner.notna().to_numpy()
    label = shortened(name)
    if pd.api.types.is_numeric_dtype(partner):
        colours = HEAT(partner.rank(pct=True).fillna(0.5).to_numpy())
        colours[~is_known] = to_rgba(MISSING)
        marks = [(f"low {label}", LOW), (f"high {label}", HIGH)]
        return colours, marks if is_known.all() else [*marks, ("unknown", MISSING)]
    text = partner.astype("object").astype(str)
    levels = dict(zip(_common(text[is_known])[:_COLOURS], PALETTE, strict=False))
    shown = [levels.get(level, MISSING) for level in text.where(is_known, "")]
    marks = [(f"{label}: {shortened(level)}", colour) for level, colour in levels.items()]
    is_more = MISSING in shown
    return np.array([to_rgba(colour) for colour in shown]), (
        [*marks, ("other or unknown", MISSING)] if is_more else marks
    )


def _cloud(ax: Axes, x: np.ndarray, y: np.ndarray, colours: np.ndarray, size: float) -> None:
    """Points as one picture."""
    ax.scatter(x, y, s=size, c=colours, lw=0, alpha=0.8, rasterized=True, zorder=2)


def _rows_by_name(ax: Axes) -> Axes:
    ax.grid(visible=False, axis="y")
    ax.tick_params(axis="y", labelcolor=INK)
    return ax


def _legend_above(ax: Axes, marks: Sequence[tuple[str, str]] | None = None) -> None:
    """A legend on top of the axes: of its own marks, or of what was drawn with a label."""
    dots, columns = None, 4
    if marks is not None:
        dots = [
            Line2D([], [], ls="", marker="o", ms=7, mec=SURFACE, color=colour, label=name)
            for name, colour in marks
        ]
        # Two long names are what a narrow screen can take.
        columns = 4 if sum(len(name) for name, _ in marks) < _SHORT else 2
    ax.legend(
        handles=dots,
        loc="lower left",
        bbox_to_anchor=(-0.01, 1),
        ncols=columns,
        handletextpad=0.2,
        columnspacing=1.2,
    )
