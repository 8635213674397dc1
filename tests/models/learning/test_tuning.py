import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal
from sklearn.base import BaseEstimator, TransformerMixin, clone
from sklearn.metrics import log_loss
from sklearn.model_selection import StratifiedKFold
from sklearn.pipeline import Pipeline

from src.data.problems import InputError
from src.models.learning.design import Design
from src.models.learning.folds import of_customers
from src.models.learning.preparation import Tidy
from src.models.learning.tuning import (
    Tuned,
    inner_folds,
    ridge,
    tune,
    tune_boosting,
    tune_penalty,
    usual_folds,
)


@pytest.fixture(scope="module")
def customers() -> tuple[pd.DataFrame, np.ndarray]:
    random = np.random.default_rng(3)
    frame = pd.DataFrame(
        {"calls": random.poisson(2, 400), "price": random.normal(20, 5, 400).round(1)}
    )
    chance = 1 / (1 + np.exp(2 - frame["calls"] * 0.8))
    return frame, (random.random(400) < chance).to_numpy("int64")


def square(trial) -> dict[str, float]:
    return {"x": trial.suggest_float("x", -4, 4)}


def around_one(settings: dict[str, float]) -> dict[str, float]:
    return {"loss": (settings["x"] - 1) ** 2, "twice": 2 * settings["x"]}


def test_every_trial_is_told_and_the_best_is_kept():
    found = tune(square, around_one, trials=3, first=[{"x": 3.0}, {"x": 1.5}])

    assert found.trials.columns.tolist() == ["trial", "loss", "x", "twice"]
    assert found.trials["trial"].tolist() == [0, 1, 2]
    assert found.trials["x"].tolist()[:2] == [3.0, 1.5]
    assert found.trials["loss"].tolist()[:2] == [4.0, 0.25]
    assert found.trials["twice"].tolist()[:2] == [6.0, 3.0]
    assert found.settings == {"x": found.trials["x"][found.best]}
    assert found.best == found.trials["loss"].idxmin()


def test_the_search_closes_in():
    found = tune(square, around_one, trials=40)

    assert found.settings["x"] == pytest.approx(1, abs=0.1)


def test_the_same_seed_gives_the_same_trials():
    same = [tune(square, around_one, trials=9, seed=seed).trials for seed in (5, 5, 6)]

    assert_frame_equal(same[0], same[1])
    assert not same[0].equals(same[2])


def test_of_equal_losses_the_first_is_best():
    trials = pd.DataFrame({"trial": [0, 1, 2], "loss": [0.5, 0.2, 0.2]})

    assert Tuned({}, trials).best == 1


def test_a_budget_in_seconds_ends_the_search():
    found = tune(square, around_one, trials=None, seconds=0.05)

    assert 1 <= len(found.trials) < 2000


@pytest.mark.parametrize("budget", [{"trials": None}, {"trials": 0}])
def test_a_search_needs_a_budget(budget):
    with pytest.raises(InputError, match=r"^tuning needs a budget"):
        tune(square, around_one, **budget)


def test_inner_folds_have_the_same_share_of_churners():
    folds = list(inner_folds(pd.Series([True] * 6 + [False] * 12)))

    assert [len(valid) for _, valid in folds] == [6, 6, 6]
    assert [sum(valid < 6) for _, valid in folds] == [2, 2, 2]
    assert sorted(np.concatenate([valid for _, valid in folds])) == list(range(18))
    assert all(not set(train) & set(valid) for train, valid in folds)


def test_inner_folds_deal_out_customers():
    customers = np.repeat(np.arange(60), 3)
    left = customers % 4 == 0
    left[1::3] = False  # of three snapshots of a churner the one in the middle does not say so
    folds = list(inner_folds(left, customers=customers))

    assert sorted(np.concatenate([valid for _, valid in folds])) == list(range(180))
    for train, valid in folds:
        assert set(customers[train]).isdisjoint(customers[valid])
        assert len(set(customers[valid][left[valid]])) == 5


def test_rows_without_repeats_are_folded_as_before():
    outcome = np.arange(90) % 4 == 0
    splitter = StratifiedKFold(3, shuffle=True, random_state=5)

    found = inner_folds(outcome, seed=5, customers=pd.Index([f"c{n}" for n in range(90)]))

    for (train, valid), (expected, held) in zip(
        found, splitter.split(np.zeros(90), outcome), strict=True
    ):
        assert train.tolist() == expected.tolist()
        assert valid.tolist() == held.tolist()


def test_too_few_churners_to_fold():
    with pytest.raises(InputError, match=r"at least 3 customers who churned .* found 2 of one"):
        inner_folds(np.array([1, 1, 0, 0, 0, 0]))


def test_boosting_is_tuned_alike_for_a_seed(customers):
    found = [tune_boosting(*customers, Tidy(), trials=4, seed=1) for _ in range(2)]

    assert_frame_equal(found[0].trials, found[1].trials)
    assert found[0].settings == found[1].settings
    best = found[0].trials.loc[found[0].best]
    assert found[0].settings["n_estimators"] == best["n_estimators"]
    assert found[0].settings["max_depth"] == best["max_depth"]
    # A constant chance has the entropy of the outcome.
    rate = customers[1].mean()
    assert best["loss"] < -(rate * np.log(rate) + (1 - rate) * np.log(1 - rate)) - 0.05


def test_the_penalty_is_the_best_of_the_grid(customers):
    preparation = Pipeline([("tidy", Tidy()), ("design", Design(knots=4, scale=True))])

    found = tune_penalty(*customers, preparation)

    # Two after the best were worse, so the last two of seven are not tried.
    assert found.trials["C"].tolist() == [0.003, 0.01, 0.03, 0.1, 0.3]
    assert found.best == 2
    assert found.settings == {"C": 0.03}
    assert found.trials["loss"][0] == found.trials["loss"].max()


def test_penalties_are_tried_from_where_the_last_one_ended(customers):
    """A warm start saves steps and changes no loss."""
    preparation = Pipeline([("tidy", Tidy()), ("design", Design(knots=4, scale=True))])
    found = tune_penalty(*customers, preparation, seed=1)

    frame, outcome = customers
    for number, strength in enumerate(found.trials["C"]):
        losses = []
        for train, valid in inner_folds(outcome, seed=1):
            read = clone(preparation)
            columns = read.fit_transform(frame.iloc[train], outcome[train])
            model = ridge(strength).fit(columns, outcome[train])
            chance = model.predict_proba(read.transform(frame.iloc[valid]))[:, 1]
            losses.append(log_loss(outcome[valid], chance))
        assert found.trials["loss"][number] == pytest.approx(np.mean(losses), rel=1e-5)


class Recorder(TransformerMixin, BaseEstimator):
    """Remembers on which rows it learnt and which it read later."""

    seen: list[tuple[str, tuple[int, ...]]] = []  # noqa: RUF012

    def fit(self, X, y=None):  # noqa: N803
        self.seen.append(("learnt", tuple(X.index)))
        return self

    def transform(self, X):  # noqa: N803
        self.seen.append(("read", tuple(X.index)))
        return X


@pytest.mark.parametrize("tuner", [tune_boosting, tune_penalty])
def test_preparation_learns_on_the_training_rows_of_a_fold_alone(customers, tuner):
    frame, outcome = customers
    by_time = [(np.arange(100), np.arange(100, 200)), (np.arange(200), np.arange(200, 300))]
    Recorder.seen.clear()

    budget = {"trials": 1} if tuner is tune_boosting else {}
    tuner(frame, outcome, Recorder(), folds=iter(by_time), **budget)

    learnt = [rows for what, rows in Recorder.seen if what == "learnt"]
    assert learnt == [tuple(range(100)), tuple(range(200))]
    read = [rows for what, rows in Recorder.seen if what == "read"]
    assert read == [
        tuple(range(100)),
        tuple(range(100, 200)),
        tuple(range(200)),
        tuple(range(200, 300)),
    ]


@pytest.mark.parametrize("tuner", [tune_boosting, tune_penalty])
def test_settings_are_chosen_on_customers_who_taught_nothing(customers, tuner):
    """What is held out stops the trees early: it must not be the snapshots of who they learned."""
    frame, outcome = customers
    rows = np.arange(100).repeat(4)
    panel = of_customers(frame.iloc[rows], rows)
    Recorder.seen.clear()

    budget = {"trials": 1} if tuner is tune_boosting else {}
    tuner(panel, outcome[rows], Recorder(), **budget)

    calls = iter(Recorder.seen)
    for (what, learnt), _, (_, checked) in zip(calls, calls, calls, strict=True):
        assert what == "learnt"
        assert set(learnt).isdisjoint(checked)
        assert len(learnt) + len(checked) == 400


def test_rows_outside_the_folds_do_not_matter(customers):
    frame, outcome = customers
    folds = [(np.arange(150), np.arange(150, 250))]
    changed = frame.copy()
    changed.iloc[250:] = 0
    other = np.concatenate([outcome[:250], 1 - outcome[250:]])

    found = tune_boosting(frame, outcome, Tidy(), folds=folds, trials=2)
    same = tune_boosting(changed, other, Tidy(), folds=folds, trials=2)

    assert_frame_equal(found.trials, same.trials)


@pytest.mark.parametrize(
    ("folds", "message"),
    [
        ([], "^tuning needs at least one inner fold$"),
        ([(np.arange(5), np.arange(0))], "^each inner fold needs rows to train on and rows to"),
    ],
)
def test_folds_without_rows_are_refused(customers, folds, message):
    with pytest.raises(InputError, match=message):
        tune_boosting(*customers, Tidy(), folds=folds)


def test_many_rows_or_cells_choose_settings_in_one_fold_of_five():
    outcome = np.arange(20_001) % 2
    usual = [
        usual_folds(pd.DataFrame(np.zeros((rows, columns))), outcome[:rows], 0)
        for rows, columns in ((20_000, 2), (20_001, 2), (5_000, 201))
    ]
    assert [len(folds) for folds in usual] == [3, 1, 1]
    train, valid = usual[1][0]
    assert len(valid) == pytest.approx(4_000, abs=1)
    assert not set(train) & set(valid)
