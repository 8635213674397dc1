"""The sentences and metrics of the feature report."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import pandas as pd

from src.reporting.features.charts import ACT
from src.reporting.page.prose import count, listed, percent
from src.reporting.page.results import metric_name
from src.reporting.page.small_groups import LEAST, many


class Horizon(Protocol):
    """A gap, then the months that count; `src.features.snapshots.Horizon` has these."""

    @property
    def months(self) -> int: ...  # noqa: D102
    @property
    def gap(self) -> int: ...  # noqa: D102


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
    text = f"{many(customers, 'customer')} in the base at the end of {month}."
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
    """Who is lost by the label of a segment."""
    return (
        f"{segment}: gone already or leaving within {count(horizon.gap + horizon.months, 'month')} "
        "of the snapshot, strongest features first"
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


def signal_sentence(by_segment: Mapping[str, pd.DataFrame]) -> str:
    """How far the best single feature gets in each segment."""
    parts = []
    for segment, rows in by_segment.items():
        top = rows.iloc[0]
        parts.append(
            f"in {segment} **{top['feature']}** alone reaches an AUC of {top['auc']:.2f} "
            f"({top['low']:.2f} to {top['high']:.2f})"
        )
    text = listed(parts)
    return f"{text[:1].upper()}{text[1:]}."


def few_sentence(segment: str) -> str:
    """Why nothing is said of the features of a segment."""
    return (
        f"**{segment}**: fewer than {LEAST} customers left or stayed within its horizon; {LEAST} "
        "of each are needed to judge a feature."
    )


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


def leak_sentence(later: int, moved: int, too_good: list[str] | None, most: float) -> str:
    """The verdict of the leak checks; without `too_good` no feature could be judged."""
    checks = [
        f"{many(later, 'row')} read a record dated after the snapshot",
        f"{many(moved, 'cell')} moved when everything after the snapshot was deleted",
    ]
    if too_good is not None:
        who = f"{listed(too_good)} alone tell" if too_good else "no feature alone tells"
        checks.append(f"{who} the churners (AUC above {most})")
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


def signal_metrics(best: Mapping[str, pd.Series]) -> dict[str, Any]:
    """The strongest feature alone of each segment; reads `feature`, `auc`, `low`, `high`."""
    named: dict[str, Any] = {}
    for segment, row in best.items():
        name = f"auc.{metric_name(segment)}"
        named |= {f"{name}.best": row["auc"], f"{name}.feature": row["feature"]}
        named |= {f"{name}.best.{end}": row[end] for end in ("low", "high")}
    return named


def stability_metrics(shifts: pd.DataFrame) -> dict[str, Any]:
    """The largest shift, whose it is, and how many are too large; reads `feature`, `psi`."""
    return {
        "psi.max": shifts["psi"].max(),
        "psi.max_feature": shifts["feature"].iloc[0],
        "psi.over_act": int((shifts["psi"] > ACT).sum()),
    }
