"""Churn candidates on the operator without any effect, labels drawn by lot."""

from dataclasses import replace

import numpy as np
import pytest

from src.data.operator.generate import simulate
from src.data.operator.settings import Settings, null_settings
from src.features.lifecycle import lives
from src.models.churn.validation import fold_figures, out_of_fold
from src.models.learning.candidates import candidates
from src.models.scoring.auc import auc_interval
from src.models.scoring.comparison import fold_differences, standing


@pytest.fixture(scope="module")
def snapshot():
    """A row per customer with what the customer tables and bills tell; labels permuted."""
    small = null_settings(Settings(b2c_customers=1_200, b2b_customers=300, months=18))
    tables, _ = simulate(replace(small, seed=9, hidden_months=0))
    found = lives(tables["billing"], tables["customers"]).drop_duplicates("customer_id")
    frame = tables["customers"].merge(found[["customer_id", "how", "months"]], on="customer_id")
    revenue = tables["billing"].groupby("customer_id")["revenue"].mean()
    frame["revenue"] = frame["customer_id"].map(revenue)
    frame["tenure_months"] = frame["months"]
    columns = ["segment", "region", "channel", "tariff", "acquisition_cost", "revenue"]
    labels = np.random.default_rng(9).permutation(frame["how"] != "censored")
    return frame[["customer_id", *columns, "tenure_months"]].assign(churned=labels)


def test_no_candidate_beats_the_base_rate_on_labels_drawn_by_lot(snapshot):
    columns = snapshot.drop(columns=["customer_id", "churned"])
    trial = out_of_fold(snapshot, candidates(columns, trials=1), folds=4, seed=1)
    compared = fold_differences(fold_figures(trial))
    losses = compared[compared["metric"] == "log_loss"].set_index("model")
    assert losses["value"].idxmin() == "base_rate" or losses.loc["base_rate", "in_noise"]
    found = standing(compared, "log_loss")
    assert found.best == "base_rate" or "base_rate" in found.in_noise
    for name in trial.names:
        if name != "base_rate":  # a constant per fold has the order of the folds
            area = auc_interval(trial.chances["churned"], trial.chances[name], confidence=0.999)
            assert area.low < 0.5 < area.high, name
