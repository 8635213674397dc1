import json

import pandas as pd
import pytest

from benchmarks import churn_accuracy


@pytest.fixture
def figures() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "base": ["ibm_telco", "ibm_telco", "tv_subscription"],
            "model": ["splines", "xgboost", "forest"],
            "auc": [0.8484, 0.9, 0.7],
            "log_loss": [0.2062, 0.3, 0.1],
            "seconds": [25.0, 20.0, 1.0],
        }
    )


def test_the_model_of_the_lowest_log_loss_is_compared(figures):
    found = churn_accuracy.against_autogluon(figures)

    assert [row["preset"] for row in found] == ["good", "best"]
    assert found[0] == {
        "base": "ibm_telco",
        "preset": "good",
        "model": "splines",
        "auc_ratio": 1.0,
        "log_loss_ratio": 0.5,
        "seconds_ratio": 0.1,
    }


def test_figures_are_printed_written_and_returned(figures, monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(churn_accuracy, "OUTPUT", tmp_path / "metrics" / "bench_churn.json")
    monkeypatch.setattr(churn_accuracy, "accuracy", lambda base: figures[figures["base"] == base])

    report = churn_accuracy.main(("tv_subscription",))

    assert json.loads((tmp_path / "metrics" / "bench_churn.json").read_text()) == report
    assert report["autogluon"] == []
    assert report["models"][0]["model"] == "forest"
    assert "forest" in capsys.readouterr().out


@pytest.mark.slow
def test_the_best_model_reaches_its_figures():
    # The lowest log loss of each base, with what a strong automated search reached as the bar.
    bars = {"ibm_telco": (0.8495, 0.4107), "mlc_churn": (0.925, 0.145), "tv_subscription": (0.7, 1)}
    for base, (auc, loss) in bars.items():
        models = churn_accuracy.accuracy(base)
        best = models.loc[models["log_loss"].idxmin()]
        assert best["auc"] >= auc, base
        assert best["log_loss"] <= loss, base
