"""The study of the gap of two groups of buyers: the truth, the summary by hand, a replicate."""

import numpy as np
import pytest

from src.models.shop import bg_nbd
from src.models.shop.group_value import group_value
from src.models.shop.groups import BARS, FACTORS
from src.studies.of_btyd import gap


def a_pair(middle):
    """All figures as their middle; intervals reach 5 to both sides of it; the truth is 100."""
    found = {}
    for name in [*BARS, "new", "ratio"]:
        found[f"gap.{name}"] = middle
        found |= {f"gap.{name}.low": middle - 5, f"gap.{name}.high": middle + 5}
        found[f"gap.{name}.truth"] = 100.0
    return found


def test_the_summary_counts_who_holds_the_truth():
    rows = [{"other": 1.0} | a_pair(middle) for middle in (97.0, 104.0, 112.0, 99.0)]
    found = gap.summarise([*rows, {"other": 2.0}])  # a seed without a pair
    assert found["gap.coverage"] == 0.75
    assert found["gap.coverage.spend"] == found["gap.bars.min"] == found["gap.bars.max"] == 0.75
    assert found["gap.bias"] == pytest.approx(0.03)
    assert found["gap.truth"] == 100
    assert found["gap.pairs"] == 4


def test_seeds_beyond_the_pairs_cost_nothing():
    assert gap.replicate(gap.PAIRS + 1) == {}


@pytest.mark.slow
def test_the_truth_is_what_large_groups_estimate():
    truth = gap.true_figures()
    assert sum(truth[name] for name in FACTORS) == pytest.approx(truth["gap"], rel=1e-9)
    rng = np.random.default_rng(1)
    values = [
        np.prod(group_value(gap.simulated_group(kind, 40_000, rng), bg_nbd.fit).means[3:5])
        for kind in gap.KINDS.values()
    ]
    assert values[0] - values[1] == pytest.approx(truth["gap"], rel=0.08)
