"""What is said and drawn of clusters."""

from types import SimpleNamespace

import pandas as pd
import pytest

from src.reporting.segments import by_habit


@pytest.fixture
def report():
    habits = [
        SimpleNamespace(name="bill", meaning="bill", unit="EUR a month"),
        SimpleNamespace(name="calls", meaning="calls", unit="a month"),
    ]
    tried = pd.DataFrame(
        {
            "segment": ["B2B", "B2B", "B2C", "B2C"],
            "clusters": [2, 3, 2, 3],
            "stability": [0.95, 0.6, 0.97, 0.7],
            "stability_low": 0.5,
            "stability_high": 1.0,
            "valley": [0.04, 0.3, 0.6, 0.1],
            "cloud": [None, None, 0.05, None],
            "least_share": 0.3,
            "is_found": [False, False, True, False],
        }
    )
    profiles = pd.DataFrame(
        {
            "segment": "B2C",
            "cluster": [1, 1, 2, 2],
            "customers": [700, 700, 300, 300],
            "share": [0.7, 0.7, 0.3, 0.3],
            "habit": ["bill", "calls", "bill", "calls"],
            "difference": [1.5, -0.2, -1.5, 0.2],
            "inside": [30.0, 100, 12, 130],
            "outside": [12.0, 130, 30, 100],
        }
    )
    return SimpleNamespace(
        number={"B2B": 0, "B2C": 2}, stability={"B2B": 0.95, "B2C": 0.97}, tried=tried,
        profiles=profiles, habits=habits, months=12, stable=0.8,
    )  # fmt: skip


def test_profiles_in_words(report):
    assert by_habit.profile_sentences(report.profiles, report.habits) == [
        "**Cluster 1** (700 customers, 70%): high bill (30 against 12 EUR a month).",
        "**Cluster 2** (300 customers, 30%): low bill (12 against 30 EUR a month).",
    ]
    alike = report.profiles.assign(difference=0.1)
    assert "no single habit marks it" in by_habit.profile_sentences(alike, report.habits)[0]


def test_none_is_said_with_its_reason(report):
    tried = report.tried[report.tried["segment"] == "B2B"]
    said = by_habit.none_sentence("B2B", tried, 0.8)
    assert "B2B has no stable clusters" in said
    assert "agree by 0.95 at best, but there is no gap" in said
    assert "falls by 4% at most" in said  # not the 30% of a cut that is not stable
    unstable = by_habit.none_sentence("B2B", tried.assign(stability=0.5), 0.8)
    assert unstable.endswith("agree by 0.50 at best (adjusted Rand index; 0.8 is asked for).")


def test_the_section_shows_each_segment(report):
    text = by_habit.clusters(report)._repr_mimebundle_()["text/plain"]
    for part in ("B2B has no stable clusters", "B2C has 2 clusters", "Cluster 2", "What was tried"):
        assert part in text


def test_metrics(report):
    assert by_habit.cluster_metrics(report) == {
        "clusters.number": 2,
        "clusters.stability": 0.97,
        "clusters.b2b.number": 0,
        "clusters.b2b.stability": 0.95,
        "clusters.b2c.number": 2,
        "clusters.b2c.stability": 0.97,
    }
    report.number, report.stability = {"buyers": 0}, {"buyers": 0.6}
    assert by_habit.cluster_metrics(report) == {"clusters.number": 0, "clusters.stability": 0.6}


def test_a_column_per_cluster_is_drawn(ax, report):
    by_habit.draw_profiles(ax, report.profiles, report.habits)
    words = {text.get_text() for text in ax.texts}
    assert {"cluster 1", "cluster 2", "+1.5", "-0.2"} <= words
    assert [round(bar.get_width(), 1) for bar in ax.patches] == [1.5, -0.2, -1.5, 0.2]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["bill", "calls"]
