"""The study of the overlap: the interval holds the truth, links alone do not."""

import pytest

from src.studies.of_products.overlap import replicate, summarise


def test_a_replicate_repeats_itself():
    row = replicate(3)
    assert row == replicate(3)
    assert 0 <= row["low"] < row["share"] < row["high"] <= 1
    assert row["raw"] < row["truth"]


def test_the_summary_by_hand():
    row = {"share": 0.5, "low": 0.4, "high": 0.6, "raw": 0.3, "truth": 0.55}
    of_them = {f"of_{name}": value for name, value in row.items()}
    far = {**row, "truth": 0.7, "raw": 0.69, **of_them}
    assert summarise([{**row, **of_them}, far]) == pytest.approx(
        {
            "overlap.coverage": 0.5,
            "overlap.of_coverage": 1.0,
            "overlap.raw_coverage": 0.5,
            "overlap.bias": -0.125,
            "overlap.raw_bias": -0.13,
            "overlap.width": 0.2,
            "overlap.replicates": 2,
        }
    )


@pytest.mark.slow
def test_intervals_hold_the_truth_of_small_operators():
    found = summarise([replicate(seed) for seed in range(1, 101)])
    assert 0.85 <= found["overlap.coverage"] <= 0.98
    assert 0.85 <= found["overlap.of_coverage"] <= 0.98
    assert found["overlap.raw_coverage"] < 0.3
    assert abs(found["overlap.bias"]) < 0.01
