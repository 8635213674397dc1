"""The figures of a run of 05_segments, for tests and for the digest."""

from __future__ import annotations

from typing import Any

import pandas as pd

from src.reporting.page.results import Metrics, is_missing, metric_name
from src.reporting.segments.by_habit import cluster_metrics
from src.reporting.segments.efforts import effort_metrics
from src.reporting.segments.inputs import Golden, Migration, Scenarios, Terms
from src.reporting.segments.maturity import tier_metrics


def metrics(
    golden: Any, classes: Any, moved: Any, changed: Any, groups: tuple[Any, Any, Any], terms: Terms
) -> Metrics:
    """The figures of what the base can answer; `groups`: clusters, tiers and effort."""
    values: dict[str, Any] = {}
    parts = ((golden, _golden), (classes, _classes), (moved, _moved), (changed, _changed))
    for given, part in parts:
        if not is_missing(given):
            values |= part(given, terms)
    clusters, tiers, effort = groups
    values |= {} if is_missing(clusters) else cluster_metrics(clusters)
    values |= {} if is_missing(tiers) else tier_metrics(tiers)
    values |= {} if is_missing(effort) else effort_metrics(effort)
    return Metrics(values)


def _golden(golden: Golden, _: Terms) -> dict[str, Any]:
    values: dict[str, Any] = {
        "golden.customers": golden.customers,
        "golden.share": golden.share,
        "golden.money": golden.money,
        **_with_ends("golden.money_share", golden.money_share),
    }
    if golden.at_risk_share is not None:
        values |= _with_ends("golden.value_at_risk_share", golden.at_risk_share)
        values |= _with_ends("golden.value_at_risk", golden.at_risk)
    if golden.churn is not None:
        values |= {f"golden.churn.{row.group}": row.rate for row in golden.churn.itertuples()}
    return values


def _with_ends(name: str, share: Any) -> dict[str, float]:
    return {name: share.value, f"{name}.low": share.low, f"{name}.high": share.high}


def _classes(classes: pd.DataFrame, _: Terms) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for row in classes.itertuples():
        name = f"abc.{str(row.abc).lower()}"
        values |= {f"{name}.customers": row.customers_share, f"{name}.income": row.money_share}
    return values


def _moved(moved: Migration, terms: Terms) -> dict[str, Any]:
    changes = moved.changes[moved.changes["customers"] >= terms.min_cell]
    of_old = changes[changes["before"] != "new"]
    values: dict[str, Any] = {}
    if len(of_old):
        top = of_old.iloc[0]
        values = {
            "migration.top_move.from": metric_name(top["before"]),
            "migration.top_move.to": metric_name(top["after"]),
            "migration.top_move.money": top["money"],
            "migration.top_move.customers": top["customers"],
        }
    for row in moved.worth.itertuples():
        values |= _with_ends(f"migration.{metric_name(str(row.segment))}.value", row)
    if moved.drift is not None:
        values |= {f"migration.drift.{name}": value for name, value in moved.drift.items()}
    return values


def _changed(changed: Scenarios, _: Terms) -> dict[str, Any]:
    values: dict[str, Any] = {"scenario.today.value": changed.today["all"]}
    step = metric_name(f"{100 * changed.change:g}")
    for row in changed.table[changed.table["segment"] == "all"].itertuples():
        name = f"scenario.{metric_name(str(row.change))}_{step}"
        values |= {
            f"{name}.value": row.value,
            f"{name}.moved": row.moved,
            f"{name}.moved.low": row.moved_low,
            f"{name}.moved.high": row.moved_high,
        }
    for segment, moved in changed.mix.items():
        values |= _with_ends(f"scenario.mix_{metric_name(segment)}_{step}.moved", moved)
    return values
