import json

import pytest
from pandas.testing import assert_frame_equal

from benchmarks import wide


def test_the_same_seed_makes_the_same_table_of_the_size_asked_for():
    table = wide.wide_snapshot(400, 60)
    assert table.shape == (400, 62)
    assert_frame_equal(table, wide.wide_snapshot(400, 60))
    assert not table.equals(wide.wide_snapshot(400, 60, seed=1))
    assert 0.1 < table["churned"].mean() < 0.4
    assert table.isna().any().any()


def test_figures_are_written_and_returned(monkeypatch, tmp_path):
    monkeypatch.setattr(wide, "OUTPUT", tmp_path / "bench_wide.json")
    monkeypatch.setattr(wide, "measured", lambda rows, columns: {"rows": rows, "columns": columns})
    found = wide.main(((10, 3),))
    assert found == json.loads((tmp_path / "bench_wide.json").read_text())
    assert found == [{"rows": 10, "columns": 3}]


@pytest.mark.slow
@pytest.mark.parametrize("size", wide.SIZES)
def test_a_wide_table_is_told_in_time_and_better_than_by_plain_xgboost(size):
    found = wide.measured(*size)
    assert found["auc_ratio"] >= 1
    assert found["seconds"] <= wide.MOST_SECONDS
