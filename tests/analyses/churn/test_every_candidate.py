"""What a trial says of every candidate, those that take longest among them."""

import numpy as np
import pytest

from src.analyses import churn
from src.features.snapshots import GONE, OUTCOMES, STAYS


def test_four_chances_sum_to_one_and_the_silent_alone_can_be_gone(
    small_operator,
):
    setting = {"trials": 1, "replicates": 100, "tests": 1, "training": 1}
    study = churn.open_study(str(small_operator.folder), segment="B2B", **setting)
    trial = study.compare()
    silent = study.population.judged()["months_since_revenue"].to_numpy(float) > 0
    assert 0 < silent.sum() < len(silent) / 2
    assert set(trial.tried.outcomes) == set(trial.tried.names) >= {"splines", "forest", "boosting"}
    for name, four in trial.tried.outcomes.items():
        assert four.min() >= 0
        assert four.sum(axis=1) == pytest.approx(np.ones(len(four)))
        assert (four[~silent, OUTCOMES.index(GONE)] == 0).all()
        # What is not staying is being lost.
        assert 1 - four[:, OUTCOMES.index(STAYS)] == pytest.approx(trial.judged[name].to_numpy())
    gone = trial.tried.outcomes[trial.best][silent, OUTCOMES.index(GONE)]
    assert gone.min() > 0
