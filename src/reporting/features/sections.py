"""The sections of the feature report: each takes what the analysis answered and shows it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import pandas as pd

from src.reporting.features import charts, sentences
from src.reporting.features.sentences import Horizon
from src.reporting.page.figures import Figure
from src.reporting.page.prose import count
from src.reporting.page.results import Answer, Facts, Metrics, Note, Section, is_missing
from src.reporting.page.style import canvas
from src.reporting.page.tables import Format, Table

_LISTED = 30
_WIDE = 7.6  # inches

Headings = dict[str, tuple[str, Format]]


class Leaks(Protocol):
    """Whether features know the future; `src.analyses.features.values.Leaks` has these."""

    later: int
    moved: pd.DataFrame
    too_good: list[str] | None
    most: float
    rewritten: Any
    cells: int
    violations: int


def answer(catalogue: pd.DataFrame, signal: pd.DataFrame, leaks: Leaks) -> Answer:
    """How many features, whether they keep to their month, and the strongest alone."""
    families = catalogue["family"].nunique()
    best = _best(signal)
    headline = sentences.headline(len(catalogue), families, leaks.violations, best)
    return Answer(headline, _verdict(leaks), sentences.limit(_undated(leaks)))


def families(overview: pd.DataFrame, left_out: pd.DataFrame, rows: pd.DataFrame) -> Table:
    """The families, and of how many customers (`rows`, one month) the table speaks."""
    headings: Headings = {
        "family": ("Family", "text"),
        "features": ("Features", "integer"),
        "source": ("From table", "text"),
        "example": ("Such as", "text"),
    }
    month = f"{rows['snapshot'].iloc[0]:%B %Y}"
    return Table(overview, sentences.size_sentence(len(rows), month, left_out), headings)


def catalogue(features: pd.DataFrame) -> Table:
    """What every feature means, folded."""
    headings: Headings = {
        "name": ("Feature", "text"),
        "family": ("Family", "text"),
        "meaning": ("Meaning", "text"),
        "unit": ("Unit", "text"),
        "window": ("Looks at", "text"),
        "source": ("From", "text"),
    }
    caption = f"The catalogue: {count(len(features), 'feature')}"
    return Table(features, caption, headings, folded=True)


def empty(shares: pd.DataFrame) -> Section:
    """Where cells are empty, segment by segment."""
    groups = [name for name in shares.columns if name not in ("feature", "most")]
    headings: Headings = {"feature": ("Feature", "text")}
    headings |= {name: (f"Empty, {name}", "percent") for name in groups}
    caption = "Features with empty cells, the emptiest first"
    table = Table(shares, caption, headings, folded=True)
    return Section(Note(sentences.missing_sentence(shares, groups)), table)


def spreads(spread: pd.DataFrame) -> Figure:
    """How far apart the segments are."""
    figure, ax = canvas((_WIDE, 0.9 + 0.45 * spread["feature"].nunique()))
    charts.draw_spreads(ax, spread)
    finding = sentences.spread_sentence(spread)
    return Figure(
        figure, finding, f"Medians and middle 80 percent of features by segment. {finding}"
    )


def leaks(checks: Leaks) -> Section:
    """Whether features keep to their month, and those that do not."""
    headings: Headings = {
        "feature": ("Feature", "text"),
        "cells": ("Cells that moved", "customers"),
    }
    moved = Table(checks.moved, "Features that read the future", headings)
    facts = Facts([_verdict(checks), _undated(checks)])
    return Section(facts, moved if len(checks.moved) else None)


def signal(alone: pd.DataFrame, horizons: Mapping[str, Horizon], top: int) -> Section:
    """What the `top` features of each segment say alone, and more of them in folded tables.

    Of segments in `horizons` that have no rows it says why.
    """
    parts = _by_segment(alone)
    few = [Note(sentences.few_sentence(name)) for name in horizons if name not in parts]
    if not parts:
        return Section(*few)
    figure, ax = canvas((_WIDE, 1.2 + 0.3 * top * len(parts)))
    charts.draw_signal(ax, {segment: part.head(top) for segment, part in parts.items()})
    finding = sentences.signal_sentence(parts)
    alt = f"AUC with intervals of the {top} strongest features of each segment. {finding}"
    tables = [_alone(part, segment, horizons[segment]) for segment, part in parts.items()]
    return Section(Figure(figure, finding, alt, digest=True), *few, *tables)


def stability(shifts: pd.DataFrame, before: pd.Timestamp, after: pd.Timestamp, top: int) -> Figure:
    """The `top` features that shift most between two months."""
    finding = sentences.stability_sentence(shifts, f"{before:%B %Y}", f"{after:%B %Y}")
    figure, ax = canvas((_WIDE, 0.9 + 0.3 * top))
    charts.draw_stability(ax, shifts.head(top))
    alt = f"Stability index of the {top} features that shift most. {finding}"
    return Figure(figure, finding, alt)


def clusters(groups: pd.DataFrame, correlations: pd.DataFrame, alike: float) -> Figure:
    """Which features say the same: clusters of rank correlation `alike` or more."""
    finding = sentences.clusters_sentence(groups, alike)
    figure, ax = canvas((_WIDE, 1.0 + 0.2 * len(correlations)))
    charts.draw_correlations(ax, correlations)
    return Figure(figure, finding, f"Absolute rank correlations of the largest clusters. {finding}")


def metrics(
    catalogue: pd.DataFrame,
    rows: pd.DataFrame,
    signal: pd.DataFrame,
    leaks: Leaks,
    shifts: pd.DataFrame,
    clusters: pd.DataFrame,
) -> Metrics:
    """The figures of the run."""
    return Metrics(
        {
            "features.count": len(catalogue),
            "features.families": catalogue["family"].nunique(),
            "rows": len(rows),
            "leak.violations": leaks.violations,
            "leak.later_rows": leaks.later,
            "leak.moved_cells": leaks.cells,
            **sentences.stability_metrics(shifts),
            "clusters.count": clusters["cluster"].nunique(),
            "snapshot": f"{rows['snapshot'].iloc[0]:%Y-%m}",
            **sentences.signal_metrics(_best(signal)),
        }
    )


def _by_segment(signal: pd.DataFrame) -> dict[str, pd.DataFrame]:
    return {str(name): part for name, part in signal.groupby("segment", sort=False)}


def _best(signal: pd.DataFrame) -> dict[str, pd.Series]:
    return {segment: part.iloc[0] for segment, part in _by_segment(signal).items()}


def _verdict(leaks: Leaks) -> str:
    return sentences.leak_sentence(leaks.later, leaks.cells, leaks.too_good, leaks.most)


def _undated(leaks: Leaks) -> str:
    """What is known of attributes without a date."""
    return sentences.changed_sentence(None if is_missing(leaks.rewritten) else leaks.rewritten)


def _alone(part: pd.DataFrame, segment: str, horizon: Horizon) -> Table:
    rows = part.assign(information=1000 * part["mutual_information"]).head(_LISTED)
    headings: Headings = {
        "feature": ("Feature", "text"),
        "auc": ("AUC", "number"),
        "low": ("From", "number"),
        "high": ("To", "number"),
        "direction": ("Churners have", "text"),
        "information": ("Mutual information, 1/1000 nat", "number"),
    }
    return Table(rows, sentences.label_caption(segment, horizon), headings, folded=True)
