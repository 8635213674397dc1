"""The study of the product matrix: what a replicate counts and what is made of it."""

import pytest

from src.studies.of_products import matrix


def test_shares_are_over_all_replicates():
    rows = [
        {
            "null.shown": 50.0,
            "null.marked": 2.0,
            "null.by_lift": 40.0,
            "planted.pairs": 4.0,
            "planted.found": 3.0,
            "planted.others": 40.0,
            "planted.others_marked": 0.0,
        },
        {
            "null.shown": 30.0,
            "null.marked": 0.0,
            "null.by_lift": 30.0,
            "planted.pairs": 4.0,
            "planted.found": 4.0,
            "planted.others": 60.0,
            "planted.others_marked": 1.0,
        },
    ]
    assert matrix.summarise(rows) == {
        "null.flagged": 2 / 80,
        "null.any": 0.5,
        "null.flagged_by_lift": 70 / 80,
        "planted.power": 7 / 8,
        "planted.flagged": 1 / 100,
        "replicates": 2.0,
    }


def test_a_replicate_is_its_seed(monkeypatch):
    monkeypatch.setattr(matrix, "_CUSTOMERS", 1_000)
    one = matrix.replicate(3)
    assert one == matrix.replicate(3)
    assert one != matrix.replicate(4)
    assert one["planted.pairs"] == 4


@pytest.mark.slow
def test_independent_pairs_are_rarely_marked_and_planted_ones_are_found():
    found = matrix.summarise([matrix.replicate(seed) for seed in range(30)])
    assert found["null.flagged"] <= 0.05
    assert found["planted.flagged"] <= 0.05
    assert found["planted.power"] >= 0.8
    assert found["null.flagged_by_lift"] >= 0.5
