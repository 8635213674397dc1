import numpy as np
import pandas as pd
import pytest

from src.models.churn.signal import signal


def frame() -> tuple[pd.DataFrame, pd.Series]:
    rng = np.random.default_rng(2)
    churned = pd.Series(rng.random(2000) < 0.3)
    valley = np.where(churned, rng.choice([-3.0, 3.0], 2000), 0.0) + rng.normal(size=2000)
    table = pd.DataFrame(
        {
            "noise": rng.normal(size=2000),
            "shift": rng.normal(size=2000) + churned,
            "valley": valley,
            "gap": np.where(churned & (rng.random(2000) < 0.5), np.nan, 1.0),
            "plan": np.where(rng.random(2000) < 0.2 + 0.4 * churned, "S", "M"),
        }
    )
    return table, churned


def test_auc_and_information_of_known_relations():
    table, churned = frame()
    found = signal(table, list(table), churned, 0, 0.95).set_index("feature")
    assert found.loc["shift", "auc"] == pytest.approx(0.76, abs=0.03)  # Phi(1 / sqrt 2)
    assert found.loc["noise", "low"] < 0.5 < found.loc["noise", "high"]
    # A valley has no AUC and much information; noise has neither.
    assert found.loc["valley", "auc"] < 0.55
    assert found.loc["valley", "mutual_information"] > 0.2
    assert found.loc["noise", "mutual_information"] < 0.02
    # A missing value is a value: half of the churners, no stayer.
    share, half = churned.mean(), churned.mean() / 2
    exact = half * np.log(1 / share) + (share - half) * np.log(
        (share - half) / (share * (1 - half))
    )
    exact += (1 - share) * np.log(1 / (1 - half))
    assert found.loc["gap", "mutual_information"] == pytest.approx(exact, abs=0.02)
    assert found.loc["plan", "direction"] == "levels"


def test_same_seed_same_figures_and_order_of_columns_is_free():
    table, churned = frame()
    first = signal(table, list(table), churned, 0, 0.95)
    again = signal(table, list(table)[::-1], churned, 0, 0.95)
    merged = first.merge(again, on="feature", suffixes=("", "_again"))
    assert np.allclose(merged["mutual_information"], merged["mutual_information_again"])
    assert np.allclose(merged["auc"], merged["auc_again"])
