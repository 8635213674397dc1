"""Every way to divide is timed, and the figures are written down."""

import json

from benchmarks import segments


def test_every_part_is_timed(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(segments, "OUTPUT", tmp_path / "metrics" / "bench_segments.json")
    monkeypatch.setattr(segments, "REPLICATES", 5)

    report = segments.main(600)

    assert list(report) == [
        "customers", "rfm_seconds", "abc_xyz_seconds", "clusters_found_seconds", "clusters",
        "clusters_assigned_seconds", "effort_seconds",
    ]  # fmt: skip
    assert report["customers"] == 600
    assert report["clusters"] == segments.GROUPS
    assert json.loads(segments.OUTPUT.read_text()) == report
    assert '"customers": 600' in capsys.readouterr().out
