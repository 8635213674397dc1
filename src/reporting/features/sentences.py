"""Charts and sentences of the feature report."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.transforms import Transform

from src.reporting.page.charts import shortened
from src.reporting.page.prose import count, listed, percent
from src.reporting.page.style import ACCENT, INK, MUTED, PALETTE, SURFACE


class Horizon(Protocol):
    """A gap, then the months that count; `src.features.snapshots.Horizon` has these."""

    @property
    def months(self) -> int: ...  # noqa: D102
    @property
    def gap(self) -> int: ...  # noqa: D102


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


def draw_signal(ax: Axes, found: Mapping[str, pd.DataFrame]) -> Axes:
    """Univariate AUC with intervals per segment. Frames have `feature`, `auc`, `low`, `high`."""
    place, ticks, names = 0.0, [], []
    for colour, (segment, rows) in zip(PALETTE, found.items(), strict=False):
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


def headline(features: int, families: int, violations: int, best: Mapping[str, pd.Series]) -> str:
    """The feature report in one line; `best` has the strongest feature of each segment."""
    clean = (
        "none reads beyond its snapshot"
        if violations == 0
        else f"**{count(violations, 'violation')}** of the snapshot"
    )
    tops = [
        f"{segment} {row['feature']} (AUC {row['auc']:.2f}, {row['low']:.2f} to {row['high']:.2f})"
        for segment, row in best.items()
    ]
    text = f"**{count(features, 'feature')}** in {count(families)} families; {clean}"
    return f"{text}; the strongest alone: {listed(tops)}." if tops else f"{text}."


def limit(undated: str) -> str:
    """What the report cannot say."""
    return f"each feature is judged alone, and an association is no effect. {undated}"


def size_sentence(customers: int, month: str, left_out: pd.DataFrame) -> str:
    """Of whom the table speaks, and what the base lacks."""
    text = f"{count(customers, 'customer')} in the base at the end of {month}."
    if left_out.empty:
        return f"{text} The base carries every family."
    items = [f"{row.what} ({row.why})" for row in left_out.itertuples()]
    return f"{text} Left out: {listed(items)}."


def spread_sentence(spreads: pd.DataFrame) -> str:
    """The feature whose customers differ most; see `draw_spreads` for the columns."""
    reach = (spreads["p90"] - spreads["p10"]) / spreads["scale"]
    widest = spreads.loc[reach.idxmax()]
    return (
        f"The widest spread is that of **{widest['feature']}** in {widest['group']}: the middle "
        f"80% of customers lie between {widest['p10']:,.1f} and {widest['p90']:,.1f}."
    )


def label_caption(segment: str, horizon: Horizon) -> str:
    """Which exits the label of a segment counts."""
    return (
        f"{segment}: exits in months {horizon.gap + 1} to {horizon.gap + horizon.months} after the "
        "snapshot, strongest features first"
    )


def stability_sentence(shifts: pd.DataFrame, before: str, after: str) -> str:
    """How many features shifted, and the worst."""
    over = shifts[shifts["psi"] > ACT]
    worst = shifts.iloc[0]
    if over.empty:
        return (
            f"No feature shifts by more than {ACT} between {before} and {after}; the largest is "
            f"{worst['feature']} with {worst['psi']:.2f}."
        )
    return (
        f"**{count(len(over))} of {count(len(shifts), 'feature')}** shift by more than {ACT} "
        f"between {before} and {after}, most of all {listed(over['feature'].head(3).tolist())}: "
        "a model of last year reads them wrongly."
    )


def signal_sentence(found: Mapping[str, pd.DataFrame]) -> str:
    """How far the best single feature gets in each segment."""
    parts = []
    for segment, rows in found.items():
        top = rows.iloc[0]
        parts.append(
            f"in {segment} **{top['feature']}** alone reaches an AUC of {top['auc']:.2f} "
            f"({top['low']:.2f} to {top['high']:.2f})"
        )
    text = listed(parts)
    return f"{text[:1].upper()}{text[1:]}."


def missing_sentence(shares: pd.DataFrame, groups: list[str]) -> str:
    """Where cells are empty, and whether that is the nature of the segment."""
    if shares.empty:
        return "No feature has an empty cell."
    nature = shares[(shares[groups].max(axis=1) == 1) & (shares[groups].min(axis=1) < 1)]
    text = f"{count(len(shares), 'feature')} have empty cells"
    if not nature.empty:
        text += f"; {listed(nature['feature'].tolist())} belong to one segment only"
    return f"{text}. An empty cell means that nothing is known, never zero."


def clusters_sentence(clusters: pd.DataFrame, alike: float) -> str:
    """How many features say something of their own."""
    number = clusters["cluster"].nunique()
    largest = clusters[clusters["cluster"] == 1]
    return (
        f"{count(len(clusters), 'numeric feature')} make **{count(number)} clusters** of rank "
        f"correlation {alike} or more; the largest holds {count(len(largest))}, "
        f"{listed(largest['feature'].head(3).tolist())} among them. Importance is shared within a "
        "cluster."
    )


def leak_sentence(later: int, moved: int, too_good: list[str], most: float) -> str:
    """The verdict of the leak checks."""
    checks = [
        f"{count(later, 'row')} read a record dated after the snapshot",
        f"{count(moved, 'cell')} moved when everything after the snapshot was deleted",
        f"{listed(too_good)} alone tell the churners (AUC above {most})"
        if too_good
        else f"no feature alone tells the churners (AUC above {most})",
    ]
    verdict = "passed" if not later and not moved and not too_good else "**failed**"
    return f"Leak checks {verdict}: {listed(checks)}."


def changed_sentence(changed: pd.DataFrame | None) -> str:
    """Whether static attributes were rewritten between two loads; None: one load only."""
    if changed is None:
        return (
            "Static attributes have no date. Whether they are those of the snapshot or of today "
            "shows only between two loads: name the earlier one in EARLIER."
        )
    if changed.empty:
        return "No static attribute was rewritten since the earlier load."
    items = [f"{row.column} ({percent(row.share)} of customers)" for row in changed.itertuples()]
    return (
        f"**Rewritten since the earlier load: {listed(items)}.** These hold the value of today, "
        "not of the snapshot: leave them out of models of the past."
    )
