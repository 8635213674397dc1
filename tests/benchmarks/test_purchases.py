import json

from benchmarks import purchases


def test_both_ways_make_the_same_days(monkeypatch, tmp_path):
    monkeypatch.setattr(purchases, "OUTPUT", tmp_path / "bench_purchases.json")
    monkeypatch.setattr(purchases, "ROUNDS", 1)
    found = purchases.main(3_000)
    assert found == json.loads((tmp_path / "bench_purchases.json").read_text())
    assert 2_000 < found["days"] < found["orders"] == 3_000
    ratio = found["engine_seconds"] / found["ours_seconds"]
    assert found["engine_over_ours_seconds"] == round(ratio, 2)
