"""Sections of the feature report: which things are shown, with which words."""

from dataclasses import dataclass
from types import SimpleNamespace

import pandas as pd
import pytest

from src.reporting import features as show
from src.reporting.page.results import FIGURE_TYPE, METRICS_TYPE


@dataclass(frozen=True)
class Lack:
    lacks: str = "earlier load"
    adds: str = "which static attributes were rewritten"


@dataclass(frozen=True)
class Horizon:
    months: int
    gap: int


HORIZONS = {"B2B": Horizon(6, 1), "B2C": Horizon(3, 0)}
CATALOGUE = pd.DataFrame(
    {
        "name": ["tenure_months", "lines"],
        "family": ["tenure", "lines"],
        "meaning": ["months since the first bill", "lines that run"],
        "unit": ["months", "lines"],
        "window": ["all", ""],
        "source": ["billing", "lines"],
    }
)
ROWS = pd.DataFrame({"customer_id": list("abc"), "snapshot": pd.Timestamp("2025-03-01")})
SIGNAL = pd.DataFrame(
    {
        "segment": ["B2B", "B2B", "B2C", "B2C"],
        "feature": ["lines", "tenure_months"] * 2,
        "auc": [0.8, 0.6, 0.7, 0.55],
        "low": [0.75, 0.55, 0.65, 0.5],
        "high": [0.85, 0.65, 0.75, 0.6],
        "direction": "lower",
        "mutual_information": [0.012, 0.003, 0.002, 0.001],
    }
)
SHIFTS = pd.DataFrame(
    {"feature": ["lines", "tenure_months"], "psi": [0.3, 0.05], "noise": 0.01, "bins": 10}
)
CLUSTERS = pd.DataFrame(
    {
        "cluster": [1, 1, 2],
        "feature": ["a", "b", "c"],
        "closest": [0.9, 0.9, None],
        "size": [2, 2, 1],
    }
)


def checks(**changed):
    clean = {"later": 0, "too_good": [], "most": 0.95, "rewritten": Lack(), "cells": 0}
    moved = pd.DataFrame({"feature": [], "cells": []})
    return SimpleNamespace(**{**clean, "moved": moved, "violations": 0, **changed})


def test_the_answer_counts_checks_and_names_the_strongest():
    answer = show.answer(CATALOGUE, SIGNAL, checks())
    assert answer.headline == (
        "**2 features** in 2 families; none reads beyond its snapshot; the strongest alone: B2B "
        "lines (AUC 0.80, 0.75 to 0.85) and B2C lines (AUC 0.70, 0.65 to 0.75)."
    )
    assert answer.detail.startswith("Leak checks passed: 0 rows")
    assert "name the earlier one in EARLIER" in answer.limit
    assert "**3 violations**" in show.answer(CATALOGUE, SIGNAL, checks(violations=3)).headline


def test_families_say_of_whom_they_speak():
    overview = pd.DataFrame(
        {"family": ["tenure"], "features": [1], "source": ["billing"], "example": ["tenure_months"]}
    )
    left_out = pd.DataFrame({"what": ["usage"], "why": ["the base has no table usage"]})
    assert show.families(overview, left_out, ROWS).caption == (
        "fewer than 10 customers in the base at the end of March 2025. "
        "Left out: usage (the base has no table usage)."
    )


def test_the_catalogue_is_folded():
    table = show.catalogue(CATALOGUE)
    assert (table.caption, table.folded) == ("The catalogue: 2 features", True)


def test_empty_cells_by_segment():
    shares = pd.DataFrame({"feature": ["industry"], "B2B": [0.0], "B2C": [1.0], "most": [1.0]})
    note, table = show.empty(shares).parts
    assert "industry belong to one segment only" in note.text
    assert [heading for heading, _ in table.columns.values()] == [
        *("Feature", "Empty, B2B", "Empty, B2C")
    ]


def test_spreads_name_the_widest():
    spreads = pd.DataFrame(
        {
            "feature": "lines",
            "group": ["B2B", "B2C"],
            "p10": [1.0, 1.0],
            "median": [5.0, 1.0],
            "p90": [20.0, 2.0],
            "scale": 2.0,
        }
    )
    assert show.spreads(spreads).finding == (
        "The widest spread is that of **lines** in B2B: the middle 80% of customers lie between "
        "1.0 and 20.0."
    )


def test_leaks_list_what_moved_only_where_something_did():
    assert len(show.leaks(checks()).parts) == 1
    moved = pd.DataFrame({"feature": ["lines"], "cells": [4]})
    failed = checks(later=1, moved=moved, cells=4, too_good=["lines"], violations=6)
    facts, table = show.leaks(failed).parts
    assert facts.facts[0].startswith("Leak checks **failed**: fewer than 10 rows read")
    assert table.frame.to_numpy().tolist() == [["lines", "fewer than 10"]]


def test_rewritten_attributes_are_named():
    none = pd.DataFrame({"column": [], "share": []})
    assert show.leaks(checks(rewritten=none)).parts[0].facts[1].startswith("No static attribute")
    some = pd.DataFrame({"column": ["tariff"], "share": [0.25]})
    facts = show.leaks(checks(rewritten=some)).parts[0].facts
    assert "tariff (25.0% of customers)" in facts[1]


def test_signal_is_drawn_and_listed_by_segment():
    section = show.signal(SIGNAL, HORIZONS, 1)
    figure, of_b2b, of_b2c = section.parts
    assert figure.finding.startswith("In B2B **lines** alone reaches an AUC of 0.80")
    assert of_b2b.caption == (
        "B2B: gone already or leaving within 7 months of the snapshot, strongest features first"
    )
    assert of_b2b.frame["information"].tolist() == pytest.approx([12, 3])
    assert of_b2c.folded
    assert FIGURE_TYPE in section._repr_mimebundle_()


def test_segments_in_which_too_few_left_say_so():
    few = "fewer than 10 customers left or stayed within its horizon; 10 of each are needed"
    section = show.signal(SIGNAL[SIGNAL["segment"] == "B2C"], HORIZONS, 1)
    figure, of_b2b, of_b2c = section.parts
    assert figure.finding.startswith("In B2C")
    assert of_b2b.text.startswith(f"**B2B**: {few}")
    assert of_b2c.folded
    none = show.signal(SIGNAL[:0], HORIZONS, 1)
    assert [note.text[:7] for note in none.parts] == ["**B2B**", "**B2C**"]
    verdict = show.leaks(checks(too_good=None)).parts[0].facts[0]
    assert verdict.startswith("Leak checks passed")
    assert "alone" not in verdict


def test_shifts_between_two_months():
    months = pd.Timestamp("2024-03-01"), pd.Timestamp("2025-03-01")
    figure = show.stability(SHIFTS, *months, 12)
    assert figure.finding.startswith("**1 of 2 features** shift by more than 0.25")
    assert "between March 2024 and March 2025" in figure.finding


def test_clusters_are_counted():
    rho = pd.DataFrame([[1, 0.9], [0.9, 1]], index=["a", "b"], columns=["a", "b"])
    figure = show.clusters(CLUSTERS, rho, 0.8)
    assert figure.finding.startswith("3 numeric features make **2 clusters**")


def test_metrics_of_the_run():
    shown = show.metrics(CATALOGUE, ROWS, SIGNAL, checks(), SHIFTS, CLUSTERS)
    assert shown._repr_mimebundle_()[METRICS_TYPE] == {
        "features.count": 2,
        "features.families": 2,
        "rows": 3,
        "leak.violations": 0,
        "leak.later_rows": 0,
        "leak.moved_cells": 0,
        "psi.max": 0.3,
        "psi.max_feature": "lines",
        "psi.over_act": 1,
        "clusters.count": 2,
        "snapshot": "2025-03",
        "auc.b2b.best": 0.8,
        "auc.b2b.feature": "lines",
        "auc.b2b.best.low": 0.75,
        "auc.b2b.best.high": 0.85,
        "auc.b2c.best": 0.7,
        "auc.b2c.feature": "lines",
        "auc.b2c.best.low": 0.65,
        "auc.b2c.best.high": 0.75,
    }
