import numpy as np
import pytest

from src.studies import btyd
from src.studies.of_btyd import gap, recovery


def test_an_interval_holds_the_truth_or_not():
    truth = {
        f"{name}.{key}": value for name, of in recovery.TRUE.items() for key, value in of.items()
    }

    def row(low, high):
        ends = {".low": low, "": 1.0, ".high": high}
        return {
            f"{key}{end}": by * value for key, value in truth.items() for end, by in ends.items()
        }

    # Holds it, holds it, too high, missing.
    rows = [row(0.9, 1.1), row(1.0, 1.1), row(1.01, 1.1), row(np.nan, np.nan)]
    told = recovery.summarise(rows)
    assert told["coverage.min"] == told["coverage.max"] == told["coverage.bg_nbd.r"] == 0.5
    assert told["bias.pareto_nbd.beta"] == pytest.approx(0)


def test_a_seed_gives_the_same_figures_each_time(monkeypatch):
    monkeypatch.setattr(recovery, "_BUYERS", 300)
    seed = gap.PAIRS + 1  # of the parameters alone
    found = btyd.replicate(seed)
    assert found == btyd.replicate(seed)
    parameters = sum(map(len, recovery.TRUE.values()))
    assert len(found) == 3 * parameters
