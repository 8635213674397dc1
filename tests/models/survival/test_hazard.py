import numpy as np
import pandas as pd
import pytest
import xgboost as xgb
from sklearn.base import clone, is_classifier

from src.data.problems import InputError
from src.features.snapshots import watched_ahead
from src.models.scoring.scores import roc_auc
from src.models.survival.hazard import HazardModel, chances

SEED = 11


def lives(rows: int, watched: int = 12) -> tuple[pd.DataFrame, np.ndarray, np.ndarray, np.ndarray]:
    """Features, months left, months watched, and the true hazard of every row.

    The hazard is 2 % at risk 0 and doubles with each unit of it; `noise` says nothing. `plan` is a
    category of no effect with gaps.
    """
    rng = np.random.default_rng(SEED)
    risk = rng.normal(size=rows)
    hazard = np.minimum(0.02 * 2.0**risk, 0.5)
    left = rng.geometric(hazard).astype("float64")
    frame = pd.DataFrame(
        {
            "risk": np.where(rng.random(rows) < 0.05, np.nan, risk),
            "noise": rng.normal(size=rows),
            "plan": pd.Categorical(rng.choice(["S", "M", None], rows)),
        }
    )
    return frame, np.where(left <= watched, left, np.nan), np.full(rows, watched), hazard


@pytest.fixture(scope="module")
def fitted() -> tuple[HazardModel, pd.DataFrame, np.ndarray]:
    frame, left, watched, hazard = lives(20_000)
    model = HazardModel(seed=1).fit(frame, left, watched, np.arange(len(frame)))
    return model, frame, hazard


def test_chances_never_cross_and_stay_between_zero_and_one(fitted):
    model, frame, _ = fitted
    found = chances(model.hazards(frame, 24))
    assert found.shape == (len(frame), 24)
    assert (np.diff(found, axis=1) >= 0).all()
    assert (found > 0).all()
    assert (found < 1).all()


def test_sampled_months_leave_the_level_right(fitted):
    model, frame, hazard = fitted
    for months in (1, 3, 12):
        true = 1 - (1 - hazard) ** months
        found = model.chance(frame, months)
        # 20,000 rows: the standard error of the mean is below 2 % of it.
        assert found.mean() == pytest.approx(true.mean(), rel=0.06)


def test_ranks_as_the_true_hazard_does(fitted):
    model, _, _ = fitted
    rng = np.random.default_rng(5)
    risk = rng.normal(size=20_000)
    fresh = pd.DataFrame({"risk": risk, "noise": rng.normal(size=20_000), "plan": "S"})
    left = rng.random(20_000) < 1 - (1 - np.minimum(0.02 * 2.0**risk, 0.5)) ** 3
    assert roc_auc(left, model.chance(fresh, 3)) > roc_auc(left, _squashed(risk)) - 0.01


def _squashed(values: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-values))


def test_a_gap_is_survived_first(fitted):
    model, frame, _ = fitted
    hazards = model.hazards(frame.head(5))
    expected = 1 - (1 - hazards[:, 1]) * (1 - hazards[:, 2])
    assert np.allclose(model.chance(frame.head(5), months=2, gap=1), expected)


def test_it_is_a_classifier_of_its_own_horizon(fitted):
    model, frame, _ = fitted
    few = frame.head(50)
    own = clone(model).set_params(months=2, gap=1)
    assert own.get_params() == model.get_params() | {"months": 2, "gap": 1}
    assert not hasattr(own, "models_")
    assert is_classifier(model)

    assert model.classes_.tolist() == [0, 1]
    found = model.predict_proba(few)
    assert found[:, 1].tolist() == model.chance(few, 12).tolist()
    assert found.sum(axis=1) == pytest.approx(np.ones(50))
    assert model.predict(few).tolist() == (found[:, 1] > 0.5).astype(int).tolist()

    left = np.where(frame["risk"].head(2_000) > 0, 2.0, np.nan)
    own.fit(frame.head(2_000), left, np.full(2_000, 12), np.arange(2_000))
    assert own.predict_proba(few)[:, 1].tolist() == own.chance(few, 2, gap=1).tolist()


def test_the_twelfth_hazard_goes_on(fitted):
    model, frame, _ = fitted
    found = model.hazards(frame.head(3), 15)
    assert (found[:, 12:] == found[:, [11]]).all()


def test_same_seed_same_chances_whatever_the_threads():
    frame, left, watched, _ = lives(3_000)
    first, again = (
        HazardModel(seed=3, jobs=jobs).fit(frame, left, watched, np.arange(3_000)).hazards(frame)
        for jobs in (1, 2)
    )
    assert np.array_equal(first, again)


def test_fewer_months_without_an_end_leave_the_level_as_it_was(fitted):
    model, frame, _ = fitted
    _, left, watched, _ = lives(20_000)
    # Of the 55,000 months of the first span that end nothing, one in fourteen is kept.
    fewer = HazardModel(seed=1, most=4_000).fit(frame, left, watched, np.arange(20_000))

    # Over six seeds the mean chances of a year had a spread of 0.7 %.
    assert fewer.chance(frame, 12).mean() == pytest.approx(model.chance(frame, 12).mean(), rel=0.04)
    assert np.corrcoef(fewer.chance(frame, 12), model.chance(frame, 12))[0, 1] > 0.95


def test_rows_watched_for_a_short_time_teach_too():
    """Without the months before censoring, one would learn from the early leavers alone."""
    frame, left, _, hazard = lives(20_000)
    rng = np.random.default_rng(2)
    watched = rng.integers(1, 13, 20_000)
    cut = np.where(left <= watched, left, np.nan)
    model = HazardModel(seed=1).fit(frame, cut, watched, np.arange(20_000))
    true = 1 - (1 - hazard) ** 12
    assert model.chance(frame, 12).mean() == pytest.approx(true.mean(), rel=0.08)


def test_nobody_is_on_both_sides_of_the_early_stopping(monkeypatch):
    """Held out are customers with all their rows: one exit is in several of them."""
    frame, left, watched, _ = lives(600)
    rows = np.arange(600).repeat(3)
    panel = frame.iloc[rows].assign(number=rows.astype(float))
    sides: list[tuple[set, set]] = []
    train = xgb.train

    def watch(settings, learned, *given, evals, **more):
        names = learned.feature_names
        sides.append(
            tuple(
                set(part.get_data()[:, [names.index("number")]].toarray().ravel())
                for part in (learned, evals[0][0])
            )
        )
        return train(settings, learned, *given, evals=evals, **more)

    monkeypatch.setattr(xgb, "train", watch)
    HazardModel(seed=1).fit(panel, left[rows], watched[rows], rows)

    assert len(sides) >= 3
    for learned, held in sides:
        assert learned.isdisjoint(held)
        assert 0.1 < len(held) / (len(learned) + len(held)) < 0.3


def test_bad_rows_are_refused():
    frame, _, watched, _ = lives(100)
    customers = np.arange(100)
    with pytest.raises(InputError, match="rows ended after the months they were watched"):
        HazardModel().fit(frame, np.full(100, 5.0), np.full(100, 3), customers)
    with pytest.raises(InputError, match="every row must be watched for a month"):
        HazardModel().fit(frame, np.full(100, np.nan), np.zeros(100, dtype=int), customers)
    with pytest.raises(InputError, match="nobody left in the months watched"):
        HazardModel().fit(frame, np.full(100, np.nan), watched, customers)


def test_watched_ahead_by_hand():
    month = pd.Timestamp
    features = pd.DataFrame(
        {
            "customer_id": ["a", "a", "b", "b", "c", "d"],
            "snapshot": pd.to_datetime(
                ["2024-01-01", "2024-03-01", "2024-01-01", "2024-06-01", "2024-02-01", "2024-02-01"]
            ),
            "x": [1, 2, 3, 4, 5, 6],
        }
    )
    found_lives = pd.DataFrame(
        {
            "customer_id": ["a", "b", "c", "c", "d"],
            "start": [month(2023, 1, 1)] * 3 + [month(2024, 5, 1), month(2023, 1, 1)],
            # a leaves in April, b after the end of watching, c has left and comes back, d leaves
            # in the month of the snapshot.
            "end": pd.to_datetime(["2024-04-01", "2024-08-01", "2024-01-01", None, "2024-02-01"]),
        }
    )
    found = watched_ahead(features, found_lives, pd.Timestamp("2024-06-01"))
    expected = pd.DataFrame(
        {
            "customer_id": ["a", "a", "b"],
            "snapshot": pd.to_datetime(["2024-01-01", "2024-03-01", "2024-01-01"]),
            "x": [1, 2, 3],
            "months_left": [3.0, 1.0, np.nan],
            "watched": [5, 3, 5],
        }
    )
    pd.testing.assert_frame_equal(found, expected, check_dtype=False)


def test_cells_read_as_the_boosters_learned_them(fitted):
    """Plain arrays, for speed, give what the library's own matrix of a frame gives."""
    model, frame, _ = fitted
    prepared = model.preparation_.transform(frame.head(200))
    for ahead, booster in ((1, model.models_[0]), (5, model.models_[1])):
        table = prepared.assign(months_ahead=float(ahead))
        expected = booster.predict(xgb.DMatrix(table, enable_categorical=True))
        found = model.hazards(frame.head(200), ahead)[:, ahead - 1]
        assert np.array_equal(found, expected.astype("float64"))


def test_a_span_nobody_was_seen_to_leave_in_goes_on_as_the_one_before():
    frame, left, _, _ = lives(5_000)
    watched = np.full(5_000, 6)
    model = HazardModel(seed=1).fit(
        frame, np.where(left <= 6, left, np.nan), watched, np.arange(5_000)
    )
    found = model.hazards(frame.head(50))
    assert model.models_[2] is model.models_[1]
    assert (found[:, 6:] > 0.001).all()
