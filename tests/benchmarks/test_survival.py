"""Both ways draw the same curves, and what is measured is written down."""

import json

import numpy as np
import pandas as pd
import pytest

from benchmarks import survival
from src.data.problems import InputError
from src.models.survival.kaplan_meier import kaplan_meier

CASES = ["months", "late_entry", "segments", "fractions"]


def test_the_curves_are_the_same():
    report = survival.measure(2_000, repeats=1)

    assert list(report) == ["rows", *CASES]
    for case in CASES:
        assert report[case]["largest_difference"] < 1e-9
        assert report[case]["ours_seconds"] >= 0


def test_curves_that_differ_are_not_timed():
    lives = survival.simulated(500, np.random.default_rng(1))["months"]
    theirs = survival.by_lifelines(lives, None)
    ours = kaplan_meier(lives)

    with pytest.raises(InputError, match=r"^lifelines' curves differ from ours by 1e-06$"):
        survival.largest_difference(ours.assign(high=ours["high"] + 1e-6), theirs)
    with pytest.raises(InputError, match=r"^lifelines' curves have \d+ times, ours \d+$"):
        survival.largest_difference(ours.iloc[1:], theirs)


def test_the_lives_are_of_the_sorts_they_are_said_to_be():
    found = survival.simulated(3_000, np.random.default_rng(2))

    assert list(found) == CASES
    for lives in found.values():
        assert len(lives) == 3_000
        assert 0.3 < lives["ended"].mean() < 0.9
    assert pd.api.types.is_integer_dtype(found["months"]["duration"])
    assert (found["late_entry"]["duration"] > found["late_entry"]["entry"]).all()
    assert found["fractions"]["duration"].nunique() > 2_000
    assert found["segments"]["segment"].nunique() == 2


def test_figures_are_printed_written_and_returned(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(survival, "OUTPUT", tmp_path / "metrics" / "bench_survival.json")
    monkeypatch.setattr(survival, "measure", lambda rows: {"rows": rows})

    assert survival.main(7) == {"rows": 7}
    assert json.loads((tmp_path / "metrics" / "bench_survival.json").read_text()) == {"rows": 7}
    assert '"rows": 7' in capsys.readouterr().out
