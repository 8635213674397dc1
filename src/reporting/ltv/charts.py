"""Charts of lifetime value: value ahead and by tenure, estimators, the finance line.

Each takes an Axes and plain frames, draws, and returns the Axes.
"""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, PercentFormatter

from src.reporting.page.charts import name_ends, shortened
from src.reporting.page.prose import short_money
from src.reporting.page.style import INK, MUTED, PALETTE, SURFACE

FACTORS = {
    "lifetime": "the time they stay",
    "arpu": "revenue a month",
    "margin_share": "the share of margin",
    "association": "how far the valuable stay longer",
    "acquisition": "the cost of winning them",
    "gap": "the gap",
}


def draw_ahead(ax: Axes, table: pd.DataFrame, seen: int) -> Axes:
    """The share expected to be there in each month ahead, a line per group, dashed beyond `seen`.

    Reads `group`, `month`, `value`. `seen`: months ahead that a model learned from.
    """
    ends = []
    for place, (group, rows) in enumerate(table.groupby("group", sort=False)):
        colour = PALETTE[place % len(PALETTE)]
        known, beyond = rows[rows["month"] <= seen], rows[rows["month"] >= seen]
        ax.plot(known["month"], known["value"], color=colour)
        ax.plot(beyond["month"], beyond["value"], color=colour, ls=(0, (3, 2)))
        ends.append((float(rows["value"].iloc[-1]), str(group), colour))
    last = float(table["month"].max())
    ax.set(xlim=(0, last), ylim=(0, 1.01), ylabel="share expected to be there")
    ax.set_xlabel("months from today", loc="left")
    ax.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    if last > seen:
        ax.axvline(seen, color=MUTED, lw=1, ls=(0, (4, 3)))
        ax.annotate(
            "extrapolated",
            (seen, 0.03),
            xytext=(6, 0),
            textcoords="offset points",
            color=MUTED,
            fontsize=9,
        )
    name_ends(ax, ends, last)
    return ax


def draw_by_tenure(ax: Axes, table: pd.DataFrame, money: str) -> Axes:
    """Mean value by band of tenure, a line per estimator, the first one heavy.

    Reads `band`, `estimator`, `value`, bands in their order.
    """
    bands = list(dict.fromkeys(table["band"].astype(str)))
    ends = []
    for place, (name, rows) in enumerate(table.groupby("estimator", sort=False)):
        colour = PALETTE[place % len(PALETTE)]
        x = [bands.index(str(band)) for band in rows["band"]]
        width = 2.4 if place == 0 else 1.4
        ax.plot(x, rows["value"], "-o", color=colour, lw=width, mec=SURFACE, ms=6)
        ends.append((float(rows["value"].iloc[-1]), str(name), colour))
    ax.set_xticks(range(len(bands)), bands)
    ax.set_ylim(0, 1.12 * float(table["value"].max()))
    ax.set_ylabel(money)
    ax.set_xlabel("months as a customer", loc="left")
    ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: short_money(value)))
    name_ends(ax, ends, len(bands) - 1)
    return ax


def draw_bias(ax: Axes, table: pd.DataFrame, labels: Mapping[str, str], limit: float = 0.3) -> Axes:
    """By how much each estimator misses the total, a dot with its interval per group.

    Reads `estimator`, `group`, `bias`, `low`, `high`. What lies beyond `limit` is drawn at it.
    """
    names = list(dict.fromkeys(table["estimator"]))
    places = {name: place for place, name in enumerate(names)}
    known = table.dropna(subset=["bias"])
    for place, (group, rows) in enumerate(known.groupby("group", sort=False)):
        x = rows["bias"].clip(-limit, limit)
        y = [places[name] + 0.36 * (place - 0.5) for name in rows["estimator"]]
        colour = PALETTE[place % len(PALETTE)]
        low, high = (rows[end].clip(-limit, limit) for end in ("low", "high"))
        ax.hlines(y, low, high, color=colour, lw=4, alpha=0.35)
        ax.plot(x, y, "o", color=colour, mec=SURFACE, ms=8, label=str(group))
        for at, height, bias, left, right in zip(x, y, rows["bias"], low, high, strict=True):
            side = -1 if at > 0.6 * limit else 1
            ax.annotate(
                f"{bias:+.0%}" if round(100 * bias) else "0%",
                (max(at, right) if side > 0 else min(at, left), height),
                xytext=(side * 8, 0),
                textcoords="offset points",
                ha="right" if side < 0 else "left",
                va="center",
                fontsize=9,
            )
    ax.axvline(0, color=INK, lw=1, ls=(0, (4, 3)))
    ax.set_yticks(range(len(names)), [shortened(labels[name]) for name in names], color=INK)
    ax.set_ylim(len(names) - 0.4, -0.6)
    ax.set_xlim(-1.12 * limit, 1.12 * limit)
    ax.xaxis.set_major_formatter(PercentFormatter(1))
    ax.grid(visible=False, axis="y")
    ax.set_xlabel("predicted total against what came, less 1", loc="left")
    ax.legend(loc="lower left", bbox_to_anchor=(-0.01, 1), ncols=2)
    return ax


def draw_deciles(ax: Axes, table: pd.DataFrame, money: str) -> Axes:
    """Predicted against actual mean money per tenth, on logarithmic axes, a colour per group.

    Reads `group`, `predicted`, `actual`, `low`, `high`; tenths without positive money are left out.
    """
    shown = table[(table["predicted"] > 0) & (table["actual"] > 0)]
    for place, (group, rows) in enumerate(shown.groupby("group", sort=False)):
        colour = PALETTE[place % len(PALETTE)]
        low = rows["low"].clip(lower=0.2 * rows["actual"])
        ax.vlines(rows["predicted"], low, rows["high"], color=colour, lw=5, alpha=0.35)
        ax.plot(
            rows["predicted"], rows["actual"], "o", color=colour, mec=SURFACE, ms=7, label=group
        )
    ends = [shown[["predicted", "actual"]].min().min(), shown[["predicted", "actual"]].max().max()]
    ax.plot(ends, ends, color=MUTED, lw=1, ls=(0, (4, 3)))
    ax.set(xscale="log", yscale="log", ylabel=f"came, {money}")
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_formatter(FuncFormatter(lambda value, _: short_money(value)))
        axis.set_minor_formatter(FuncFormatter(lambda *_: ""))
    ax.set_xlabel(f"predicted, {money}; mean of a tenth of the customers", loc="left")
    ax.legend(loc="lower left", bbox_to_anchor=(-0.01, 1), ncols=2)
    return ax
