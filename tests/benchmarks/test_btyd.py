import json

from benchmarks import btyd


def test_figures_are_written_and_returned(monkeypatch, tmp_path):
    monkeypatch.setattr(btyd, "OUTPUT", tmp_path / "bench_btyd.json")
    monkeypatch.setattr(btyd, "cdnow", lambda: btyd.simulated(400))
    monkeypatch.setattr(btyd, "ROUNDS", 1)
    found = btyd.main(600)
    assert found == json.loads((tmp_path / "bench_btyd.json").read_text())
    assert (found["buyers_full"], found["buyers_1m"]) == (400, 600)
    for table in ("full", "1m"):
        ours, theirs = (found[f"{who}_log_likelihood_{table}"] for who in ("ours", "lifetimes"))
        assert ours >= theirs - 0.001
        ratio = found[f"lifetimes_seconds_{table}"] / found[f"ours_seconds_{table}"]
        assert found[f"speedup_vs_lifetimes_{table}"] == round(ratio, 1)


def test_all_buyers_of_cdnow():
    buyers = btyd.cdnow()
    assert len(buyers) == 23_570
    assert (buyers["recency"] <= buyers["age"]).all()
    assert buyers["age"].between(65, 78).all()
