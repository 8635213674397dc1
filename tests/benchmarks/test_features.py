"""The versions by hand compute what the features are, and what is measured is written down."""

import json

import numpy as np
import pytest

from benchmarks import features
from src.data.bases import open_base
from src.data.problems import InputError


@pytest.fixture(scope="module")
def ours():
    """The features of the last snapshot of the operator, and its month."""
    base = open_base(features.SMALL)
    return base, *features.compute(
        base,
        lambda _engine, planned, frame: (
            frame.collect(backend="pandas").to_native().drop(columns=["at", "latest_source"]),
            planned.snapshots[-1],
        ),
    )


@pytest.mark.parametrize("name", ["pandas", "polars"])
def test_by_hand_the_features_are_the_same(ours, name):
    if name == "polars":
        pytest.importorskip("polars")
    base, found, at = ours
    if name == "pandas":
        by_hand = features.features_pandas.features(features.tables_of(base), at)
    else:
        by_hand = features.by_polars(base, at).to_pandas()
    features.check_equal(found, by_hand.sample(frac=1, random_state=0), name)


def test_a_version_by_hand_that_differs_is_not_timed(ours):
    _, found, _ = ours
    other = found.assign(revenue_mean_3m=found["revenue_mean_3m"] * np.float64(1 + 1e-6))
    with pytest.raises(InputError, match="pandas by hand differs in revenue_mean_3m for"):
        features.check_equal(found, other, "pandas")
    with pytest.raises(InputError, match="other features"):
        features.check_equal(found, found.drop(columns="life_months"), "pandas")
    with pytest.raises(InputError, match="other customers"):
        features.check_equal(found, found.iloc[1:], "pandas")


def test_runs_take_turns_and_the_fastest_counts():
    turns = []
    runs = {name: lambda name=name: turns.append(name) for name in ("ours", "other")}
    seconds = features.fastest(runs, rounds=2)
    assert turns == ["ours", "other", "ours", "other"]
    assert all(0 <= value < 1 for value in seconds.values())


def test_figures_are_printed_written_and_returned(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(features, "OUTPUT_LARGE", tmp_path / "metrics" / "large.json")
    monkeypatch.setattr(features, "measure_large", lambda: {"growth": 1.0})
    assert features.main(("large",)) == {"growth": 1.0}
    assert json.loads((tmp_path / "metrics" / "large.json").read_text()) == {"growth": 1.0}
    assert "growth" in capsys.readouterr().out
