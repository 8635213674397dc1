"""The study of effects of assignment: summary by hand, a replicate."""

import pytest

from src.studies import campaigns
from src.studies.of_campaigns import assigned, null


def a_replicate(plain, adjusted, null):
    """Each estimate as its middle; intervals reach 0.05 to both sides. The truth is -0.02."""
    told = {"truth": -0.02, "reduction": 0.1, "members": 500.0}
    for name, middle in (("plain", plain), ("adjusted", adjusted), ("null", null)):
        told |= {name: middle, f"{name}.low": middle - 0.05, f"{name}.high": middle + 0.05}
    return told


def test_the_summary_counts_who_holds_the_truth():
    rows = [a_replicate(-0.02, -0.02, 0.0), a_replicate(-0.08, -0.04, 0.06)]
    assert assigned.summarise(rows) == pytest.approx(
        {
            "ate.coverage": 1.0,
            "ate.bias": -0.01,
            "ate.width": 0.1,
            "ate.plain_coverage": 0.5,
            "ate.plain_bias": -0.03,
            "ate.plain_width": 0.1,
            "ate.null_coverage": 0.5,
            "ate.null_bias": 0.03,
            "ate.null_width": 0.1,
            "ate.truth": -0.02,
            "ate.variance_reduction": 0.1,
            "ate.members": 500.0,
            "ate.replicates": 2,
        }
    )


def test_a_replicate_is_told_part_by_part(monkeypatch):
    monkeypatch.setattr(null, "MEMBERS_WITH_EFFECT", dict.fromkeys(null.MEMBERS_WITH_EFFECT, 4_000))
    row = assigned.replicate(1)
    assert row["adjusted.low"] < row["adjusted"] < row["adjusted.high"]
    assert -0.03 < row["truth"] < 0
    assert row == assigned.replicate(1)
    fading = {"half_life": 2.0, "low": 1.0, "high": -1.0, "truth": 2.4, "is_told": 1, "exits": 9}
    both = {f"assigned: {name}": value for name, value in row.items()}
    both |= {f"fading: {name}": value for name, value in fading.items()}
    both |= {f"null: {name}": value for name, value in null.replicate(null.EVERY).items()}
    told = campaigns.summarise([both])
    assert told["decay.coverage"] == 1
    assert told["ate.members"] == row["members"]
    assert told["replicates"] == 1
