import json

from benchmarks import products


def test_figures_are_written_and_returned(monkeypatch, tmp_path):
    monkeypatch.setattr(products, "OUTPUT", tmp_path / "bench_products.json")
    monkeypatch.setattr(products, "PRODUCTS", 5)
    found = products.main(1_000)
    assert found == json.loads((tmp_path / "bench_products.json").read_text())
    assert found["next_best_customers"] == 1_000
    assert found["matrix_seconds"] < found["most_seconds"]["matrix"]
    assert found["next_best_seconds"] < found["most_seconds"]["next_best"]
