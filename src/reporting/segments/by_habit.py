"""The section of behavioural clusters: whether there are any, and what marks each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from src.reporting.page.charts import shortened
from src.reporting.page.figures import Figure
from src.reporting.page.prose import listed, percent
from src.reporting.page.results import Note, Section, metric_name, or_absent
from src.reporting.page.small_groups import LEAST, many
from src.reporting.page.style import INK, MUTED, PALETTE, canvas
from src.reporting.page.tables import Format, Table

_DRAWN = 6  # habits in a picture
_SAID = 3  # habits in a sentence
_TELLING = 0.5  # usual differences between customers, from which on a habit marks a cluster
_WIDE = 7.6  # inches
Headings = dict[str, tuple[str, Format]]


class Habit(Protocol):
    """A habit in words; `src.features.habits.Habit` has these."""

    @property
    def name(self) -> str: ...  # noqa: D102
    @property
    def meaning(self) -> str: ...  # noqa: D102
    @property
    def unit(self) -> str: ...  # noqa: D102


class Clusters(Protocol):
    """What was found; `src.analyses.segments.grouping.ClusterReport` has these."""

    @property
    def number(self) -> Mapping[str, int]: ...  # noqa: D102
    @property
    def stability(self) -> Mapping[str, float]: ...  # noqa: D102
    @property
    def tried(self) -> pd.DataFrame: ...  # noqa: D102
    @property
    def profiles(self) -> pd.DataFrame: ...  # noqa: D102
    @property
    def habits(self) -> Sequence[Habit]: ...  # noqa: D102
    @property
    def months(self) -> int: ...  # noqa: D102
    @property
    def stable(self) -> float: ...  # noqa: D102


@or_absent
def clusters(report: Clusters) -> Section:
    """Per segment the clusters with their marks, or why there are none; then what was tried."""
    parts: list[Any] = []
    for segment, number in report.number.items():
        tried = report.tried[report.tried["segment"] == segment]
        if not number:
            parts.append(Note(none_sentence(segment, tried, report.stable)))
            continue
        rows = report.profiles[report.profiles["segment"] == segment]
        rows = rows[rows["customers"] >= LEAST]
        found = found_sentence(segment, number, report.stability[segment])
        parts.append(_profiles(rows, report.habits, found))
        parts += [Note(sentence) for sentence in profile_sentences(rows, report.habits)]
    return Section(*parts, _tried(report.tried))


def cluster_metrics(report: Clusters) -> dict[str, float]:
    """`clusters.number` and `clusters.stability`, and both by segment where there are several.

    Of several segments the largest number and, of those with clusters, the lowest stability; where
    none has any, the highest that was tried.
    """
    with_some = [report.stability[name] for name, number in report.number.items() if number]
    stability = min(with_some) if with_some else max(report.stability.values())
    named: dict[str, float] = {
        "clusters.number": max(report.number.values()),
        "clusters.stability": stability,
    }
    if len(report.number) > 1:
        for name, number in report.number.items():
            named[f"clusters.{metric_name(name)}.number"] = number
            named[f"clusters.{metric_name(name)}.stability"] = report.stability[name]
    return named


def none_sentence(segment: str, tried: pd.DataFrame, stable: float) -> str:
    """Why a segment has no clusters: the halves disagree, or nothing lies between the groups."""
    best = tried.loc[tried["stability"].idxmax()]
    few, most = tried["clusters"].min(), tried["clusters"].max()
    opening = f"**{segment} has no stable clusters.** Cut into {few:.0f} to {most:.0f} groups, "
    agreement = f"two halves of the customers agree by {best['stability']:.2f} at best"
    if best["stability"] < stable:
        return f"{opening}{agreement} (adjusted Rand index; {stable:g} is asked for)."
    deepest = tried.loc[tried["stability"] >= stable, "valley"].max()
    return (
        f"{opening}{agreement}, but there is no gap between the groups: on the way from one to the "
        f"next the number of customers falls by {percent(deepest, 0)} at most. "
        "Customers shade into each other, and groups by habit would be cut at will."
    )


def found_sentence(segment: str, number: int, stability: float) -> str:
    """How many clusters, and how stable they are."""
    return (
        f"{segment} has {number} clusters by habit; two halves of the customers agree on them by "
        f"{stability:.2f} (adjusted Rand index, 1 is complete)."
    )


def profile_sentences(profiles: pd.DataFrame, habits: Sequence[Habit]) -> list[str]:
    """A sentence per cluster: its size, and the habits that mark it against all others."""
    words = {habit.name: habit for habit in habits}
    said = []
    for number, rows in profiles.groupby("cluster", sort=True):
        first = rows.iloc[0]
        size = f"{many(first['customers'], 'customer')}, {percent(first['share'], 0)}"
        telling = rows[rows["difference"].abs() >= _TELLING].head(_SAID)
        marks = [_mark(row, words[row["habit"]]) for _, row in telling.iterrows()]
        what = listed(marks) if marks else "no single habit marks it, only their mixture"
        said.append(f"**Cluster {number}** ({size}): {what}.")
    return said


def draw_profiles(ax: Axes, profiles: pd.DataFrame, habits: Sequence[Habit]) -> Axes:
    """Small multiples: a column per cluster, a bar per habit, 0 is the median of all others.

    Reads `cluster`, `habit`, `difference`; the habits that differ most somewhere.
    """
    wide = profiles.pivot(index="habit", columns="cluster", values="difference").dropna()
    top = wide.abs().max(axis=1).nlargest(_DRAWN).index
    wide = wide.loc[top]
    meaning = {habit.name: habit.meaning for habit in habits}
    reach = float(np.ceil(2 * wide.abs().to_numpy().max()) / 2)
    step = 2.3 * reach
    for place, number in enumerate(wide.columns):
        middle, rows = place * step, np.arange(len(wide))
        ax.vlines(middle, -0.5, len(wide) - 0.5, color=MUTED, lw=0.8)
        ax.barh(rows, wide[number], left=middle, height=0.6, color=PALETTE[place % len(PALETTE)])
        ax.text(middle, -0.85, f"cluster {number}", ha="center", va="bottom", color=INK, fontsize=9)
        for row, value in enumerate(wide[number]):
            ax.text(middle - np.sign(value) * 0.04 * step, row, f"{value:+.1f}", va="center",
                    ha="right" if value >= 0 else "left", fontsize=9, color=INK)  # fmt: skip
    ax.set_yticks(range(len(wide)), [shortened(meaning[name]) for name in wide.index], color=INK)
    ax.set_ylim(len(wide) - 0.4, -1.4)
    ax.set_xlim(-1.15 * reach, (len(wide.columns) - 1) * step + 1.15 * reach)
    ax.set_xticks([])
    ax.grid(visible=False)
    ax.set_xlabel("against all others, in usual differences between customers", loc="left")
    return ax


def _profiles(profiles: pd.DataFrame, habits: Sequence[Habit], finding: str) -> Figure:
    figure, ax = canvas((_WIDE, 1.2 + 0.42 * _DRAWN))
    draw_profiles(ax, profiles, habits)
    alt = f"Bars per cluster of how its habits differ from all others. {finding}"
    return Figure(figure, finding, alt)


def _mark(row: pd.Series, habit: Habit) -> str:
    side = "high" if row["difference"] > 0 else "low"
    inside, outside = (f"{row[name]:.3g}" for name in ("inside", "outside"))
    return f"{side} {habit.meaning} ({inside} against {outside} {habit.unit})"


def _tried(tried: pd.DataFrame) -> Table:
    spans = zip(tried["stability_low"], tried["stability_high"], strict=True)
    rows = tried.assign(
        span=[f"{low:.2f} to {high:.2f}" for low, high in spans],
        taken=np.where(tried["is_found"], "yes", "no"),
    )
    headings: Headings = {
        "segment": ("Segment", "text"),
        "clusters": ("Groups", "integer"),
        "stability": ("Agreement of halves", "number"),
        "span": ("Lowest to highest", "text"),
        "valley": ("Gap between groups", "percent"),
        "cloud": ("Gap in one cloud", "percent"),
        "taken": ("Holds", "text"),
    }
    return Table(rows, "What was tried to find clusters", headings, folded=True)
