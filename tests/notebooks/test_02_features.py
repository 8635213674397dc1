"""The feature report on the simulated operator, and what it says when a check fails."""

import json

import pandas as pd

from src.data.bases import open_base
from src.features.tables import open_features


def test_operator_figures(report):
    metrics, page, _ = report("02_features", "operator")
    tables = open_features(open_base("operator"))
    assert metrics["features.count"] == len(tables.catalogue) >= 80
    assert metrics["features.families"] == 11
    assert metrics["leak.violations"] == 0
    assert metrics["leak.moved_cells"] == 0
    assert metrics["psi.max"] > 0.25
    assert metrics["origin"] == "simulated"
    # B2B exits announce themselves for months, B2C exits hardly.
    assert metrics["auc.b2b.best.low"] > metrics["auc.b2c.best"]
    assert metrics["auc.b2c.best"] > metrics["auc.b2c.best.low"] > 0.55
    text = page.read_text()
    assert "none reads beyond its snapshot" in text
    assert "The base carries every family" in text


def test_the_record_of_the_features_is_complete():
    base = open_base("operator")
    record = json.loads((base.folder / "features" / "built.json").read_text())
    assert record["fingerprint"] == base.fingerprint
    tables = open_features(base)
    assert tables.snapshots[0] == pd.Timestamp("2023-12-01")
    assert tables.snapshots[-1] == pd.Timestamp("2025-12-01")
    assert tables.catalogue["name"].is_unique
    assert (tables.catalogue[["meaning", "unit", "source"]] != "").all(axis=None)
