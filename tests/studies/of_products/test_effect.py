"""The study of the effect of a further product: summary by hand, a replicate, coverage."""

import numpy as np
import pytest

from src.studies.of_products import effect


def a_replicate(main, raw, seen, truth=-0.06):
    """Each comparison as its middle; intervals reach 0.05 to both sides."""
    names = ("product_effect", "product_effect.raw", "product_effect.seen")
    found = {"truth": truth, "exits": 100.0}
    for name, middle in zip(names, (main, raw, seen), strict=True):
        found |= {name: middle, f"{name}.low": middle - 0.05, f"{name}.high": middle + 0.05}
    null = "product_effect.null"
    return found | {null: 0.03 + main, f"{null}.low": main - 0.02, f"{null}.high": main + 0.08}


def test_the_summary_counts_who_holds_the_truth():
    rows = [
        a_replicate(-0.05, -0.3, -0.10),
        a_replicate(-0.07, -0.3, -0.12),
        a_replicate(-0.12, -0.1, -0.14),
        a_replicate(-0.04, -0.3, -0.16),
    ]
    found = effect.summarise(rows)
    assert found == pytest.approx(
        {
            "product_effect.coverage": 0.75,
            "product_effect.bias": -0.01,
            "product_effect.width": 0.1,
            "product_effect.naive_coverage": 0.25,
            "product_effect.naive_bias": -0.19,
            "product_effect.naive_width": 0.1,
            "product_effect.seen_coverage": 0.25,
            "product_effect.seen_bias": -0.07,
            "product_effect.seen_width": 0.1,
            "product_effect.null_coverage": 0.75,
            "product_effect.null_bias": -0.04,
            "product_effect.truth": -0.06,
            "product_effect.exits": 100,
            "product_effect.replicates": 4,
        }
    )


def test_a_replicate_is_the_same_each_time(monkeypatch):
    small = effect.Settings(b2c_customers=1_000, b2b_customers=0, hidden_months=0)
    monkeypatch.setattr(effect, "_SMALL", small)
    found = effect.replicate(4)
    assert found == effect.replicate(4)
    assert found["truth"] == pytest.approx(np.exp(-0.06) - 1)
    assert found["product_effect.raw"] < found["product_effect.seen"] < found["product_effect"]


@pytest.mark.slow
def test_intervals_hold_the_truth_and_those_of_the_raw_comparison_do_not():
    found = effect.summarise([effect.replicate(seed) for seed in range(3, 23)])
    assert found["product_effect.coverage"] >= 0.85
    assert found["product_effect.naive_coverage"] <= 0.05
    assert found["product_effect.seen_coverage"] <= 0.5
    # Not so wide that anything is held: an effect of the raw size is excluded.
    assert found["product_effect.width"] < 0.15
    assert abs(found["product_effect.bias"]) < 0.025
