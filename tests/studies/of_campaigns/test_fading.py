"""The study of half-lives: summary by hand, endless ends and effects within chance."""

import pytest

from src.studies.of_campaigns import fading


def a_replicate(half_life, low, high, is_told=1.0):
    named = {"half_life": half_life, "low": low, "high": high, "is_told": is_told}
    return {**named, "truth": 2.4, "exits": 100.0}


def test_the_summary_counts_who_holds_the_truth_among_those_told():
    rows = [
        a_replicate(2.0, 1.0, 5.0),
        a_replicate(-1.0, 3.0, -1.0),
        a_replicate(3.0, 1.0, -1.0),
        a_replicate(0.0, 0.0, -1.0, is_told=0.0),
    ]
    assert fading.summarise(rows) == pytest.approx(
        {
            "decay.coverage": 2 / 3,
            "decay.told": 0.75,
            "decay.endless": 2 / 3,
            "decay.median": 3.0,
            "decay.truth": 2.4,
            "decay.exits": 100.0,
            "decay.replicates": 4,
        }
    )


@pytest.mark.slow
def test_a_replicate_tells_the_half_life_of_the_simulator():
    row = fading.replicate(1)
    assert row["truth"] == pytest.approx(2.409, abs=0.001)
    assert row["exits"] > 1_000
    assert row["low"] <= row["half_life"] or row["half_life"] == -1
