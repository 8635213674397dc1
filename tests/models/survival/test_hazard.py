import itertools

import numpy as np
import pandas as pd
import pytest
import xgboost as xgb
from sklearn.base import clone, is_classifier

from src.data.problems import InputError
from src.models.learning.names import numbered
from src.models.scoring.scores import roc_auc
from src.models.survival.hazard import SILENCE, HazardModel, chances, silent

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


def lost(model: HazardModel, frame: pd.DataFrame, months: int) -> np.ndarray:
    """The chance to be lost within so many months."""
    return 1 - model.outcomes(frame, months)[:, 3]


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
        found = lost(model, frame, months)
        # 20,000 rows: the standard error of the mean is below 2 % of it.
        assert found.mean() == pytest.approx(true.mean(), rel=0.06)


def test_ranks_as_the_true_hazard_does(fitted):
    model, _, _ = fitted
    rng = np.random.default_rng(5)
    risk = rng.normal(size=20_000)
    fresh = pd.DataFrame({"risk": risk, "noise": rng.normal(size=20_000), "plan": "S"})
    left = rng.random(20_000) < 1 - (1 - np.minimum(0.02 * 2.0**risk, 0.5)) ** 3
    assert roc_auc(left, lost(model, fresh, 3)) > roc_auc(left, _squashed(risk)) - 0.01


def _squashed(values: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-values))


def test_who_leaves_in_the_months_to_act_is_lost_too_late(fitted):
    model, frame, _ = fitted
    few = frame.head(5)
    hazards = model.hazards(few)
    stays = np.cumprod(1 - hazards, axis=1)

    found = model.outcomes(few, months=2, gap=1)
    late, savable = hazards[:, 0], stays[:, 0] - stays[:, 2]
    assert found == pytest.approx(np.column_stack([np.zeros(5), late, savable, stays[:, 2]]))
    assert model.outcomes(few, months=2) == pytest.approx(
        np.column_stack([np.zeros(5), np.zeros(5), 1 - stays[:, 1], stays[:, 1]])
    )


def test_it_is_a_classifier_of_its_own_horizon(fitted):
    model, frame, _ = fitted
    few = frame.head(50)
    own = clone(model).set_params(months=2, gap=1)
    assert own.get_params() == model.get_params() | {"months": 2, "gap": 1}
    assert not hasattr(own, "models_")
    assert is_classifier(model)

    assert model.classes_.tolist() == [0, 1]
    found = model.predict_proba(few)
    assert found[:, 1].tolist() == lost(model, few, 12).tolist()
    assert found.sum(axis=1) == pytest.approx(np.ones(50))
    assert model.predict(few).tolist() == (found[:, 1] > 0.5).astype(int).tolist()

    left = np.where(frame["risk"].head(2_000) > 0, 2.0, np.nan)
    own.fit(frame.head(2_000), left, np.full(2_000, 12), np.arange(2_000))
    outcomes = own.outcomes(few, 2, gap=1)
    assert own.predict_proba(few)[:, 0].tolist() == outcomes[:, 3].tolist()
    assert (outcomes[:, 1] > 0).all()


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
    assert lost(fewer, frame, 12).mean() == pytest.approx(lost(model, frame, 12).mean(), rel=0.04)
    assert np.corrcoef(lost(fewer, frame, 12), lost(model, frame, 12))[0, 1] > 0.95


def test_rows_watched_for_a_short_time_teach_too():
    """Without the months before censoring, one would learn from the early leavers alone."""
    frame, left, _, hazard = lives(20_000)
    rng = np.random.default_rng(2)
    watched = rng.integers(1, 13, 20_000)
    cut = np.where(left <= watched, left, np.nan)
    model = HazardModel(seed=1).fit(frame, cut, watched, np.arange(20_000))
    true = 1 - (1 - hazard) ** 12
    assert lost(model, frame, 12).mean() == pytest.approx(true.mean(), rel=0.08)


def test_nobody_is_on_both_sides_of_the_early_stopping(monkeypatch):
    """Held out are customers with all their rows: one exit is in several of them."""
    frame, left, watched, _ = lives(600)
    rows = np.arange(600).repeat(3)
    panel = frame.iloc[rows].assign(number=rows.astype(float))
    sides: list[tuple[set, set]] = []
    train = xgb.train

    def watch(settings, learned, *given, evals, **more):
        place = sorted(panel.columns).index("number")  # columns are numbered in their order
        sides.append(
            tuple(
                set(part.get_data()[:, [place]].toarray().ravel())
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
    message = "^months watched and months to the end must be 0 or more$"
    for left, seen in ((np.nan, -1), (-1.0, 3)):
        with pytest.raises(InputError, match=message):
            HazardModel().fit(frame, np.full(100, left), np.full(100, seen), customers)
    with pytest.raises(InputError, match="nobody left in the months watched"):
        HazardModel().fit(frame, np.full(100, np.nan), watched, customers)
    # Who was gone already teaches nothing of the months ahead.
    with pytest.raises(InputError, match="nobody left in the months watched"):
        HazardModel().fit(frame, np.zeros(100), watched, customers)


# Month 0: who has left unseen.


def silences(rows: int, seed: int = SEED) -> tuple[pd.DataFrame, np.ndarray, np.ndarray]:
    """Features with months of silence, months left, and the true chance to be gone.

    One row in four is silent, and gone with 30 % at risk 0, the more the higher the risk; the
    others leave at 5 % a month, those who were there in silence too.
    """
    rng = np.random.default_rng(seed)
    risk, is_silent = rng.normal(size=rows), rng.random(rows) < 0.25
    gone = np.where(is_silent, 1 / (1 + np.exp(0.85 - 1.5 * risk)), 0.0)
    left = rng.geometric(0.05, rows).astype("float64")
    left = np.where(rng.random(rows) < gone, 0.0, np.where(left <= 12, left, np.nan))
    silent_months = np.where(is_silent, rng.integers(1, 3, rows), 0).astype(float)
    return pd.DataFrame({"risk": risk, SILENCE: silent_months}), left, gone


@pytest.fixture(scope="module")
def unseen() -> tuple[HazardModel, pd.DataFrame, np.ndarray, np.ndarray]:
    frame, left, gone = silences(12_000)
    model = HazardModel(seed=1).fit(frame, left, np.full(12_000, 12), np.arange(12_000))
    return model, frame, left, gone


def test_who_is_gone_is_learned_from_the_silent(unseen):
    model, _, _, _ = unseen
    fresh, left, gone = silences(12_000, seed=5)
    is_silent = silent(fresh)
    found = model.gone(fresh)

    assert (found[~is_silent] == 0).all()
    # 3,000 silent rows: a standard error of 0.8 points.
    assert found[is_silent].mean() == pytest.approx(gone[is_silent].mean(), abs=0.03)
    true = roc_auc(left[is_silent] == 0, gone[is_silent])
    assert roc_auc(left[is_silent] == 0, found[is_silent]) > true - 0.02
    assert np.corrcoef(found[is_silent], gone[is_silent])[0, 1] > 0.95


def test_who_was_gone_teaches_nothing_of_the_months_ahead(unseen):
    """Whoever left before the snapshot was at risk in no month after it."""
    model, frame, left, _ = unseen
    there = left != 0
    without = HazardModel(seed=1).fit(
        frame[there], left[there], np.full(there.sum(), 12), np.arange(there.sum())
    )

    for known in (model, without):
        found = known.hazards(frame)
        # 9,000 rows and some 5,000 exits in a year: 1.5 % of the hazard.
        assert found.mean() == pytest.approx(0.05, rel=0.06)
        is_silent = silent(frame)
        assert found[is_silent].mean() == pytest.approx(found[~is_silent].mean(), rel=0.12)


def test_the_four_outcomes_add_up_and_start_with_who_is_gone(unseen):
    model, frame, _, _ = unseen
    few = frame.head(300)
    gone, hazards = model.gone(few), model.hazards(few, 7)
    stays = (1 - gone)[:, None] * np.cumprod(1 - hazards, axis=1)

    found = model.outcomes(few, months=6, gap=1)

    assert found[:, 0] == pytest.approx(gone)
    assert found[:, 1] == pytest.approx((1 - gone) * hazards[:, 0])
    assert found[:, 2] == pytest.approx(stays[:, 0] - stays[:, 6])
    assert found[:, 3] == pytest.approx(stays[:, 6])
    assert found.sum(axis=1) == pytest.approx(np.ones(300))
    assert (found >= 0).all()


def test_realised_outcomes_are_as_frequent_as_the_chances_say(unseen):
    model, _, _, _ = unseen
    fresh, left, _ = silences(20_000, seed=6)
    for months, gap in ((3, 0), (6, 1)):
        edges = [0, gap, gap + months]
        came = [left == 0, *((left > a) & (left <= b) for a, b in itertools.pairwise(edges))]
        shares = [part.mean() for part in came]
        found = model.outcomes(fresh, months, gap).mean(axis=0)
        assert found[:3] == pytest.approx(shares, abs=0.012)


@pytest.mark.parametrize("gone", [0, 1, 5, 19])
def test_of_few_who_were_gone_only_the_share_is_known(gone):
    frame, left, watched, _ = lives(2_000)
    frame = frame.assign(**{SILENCE: np.where(np.arange(2_000) < 40, 1.0, 0.0)})
    left = np.where(np.arange(2_000) < gone, 0.0, left)
    model = HazardModel(seed=1).fit(frame, left, watched, np.arange(2_000))

    found = model.gone(frame)
    # One silent row is added that is half gone; with nobody gone the chance is none.
    share = (gone + 0.5) / 41 if gone else 0.0
    assert found[:40] == pytest.approx(np.full(40, share))
    assert (found[40:] == 0).all()


def test_without_the_column_of_silence_every_row_may_be_gone():
    frame, left, _ = silences(6_000)
    model = HazardModel(seed=1).fit(frame[["risk"]], left, np.full(6_000, 12), np.arange(6_000))

    found = model.gone(frame[["risk"]])
    assert found.mean() == pytest.approx((left == 0).mean(), abs=0.01)
    assert found.min() > 0
    assert silent(frame[["risk"]]).all()


def test_a_missing_month_of_silence_is_not_a_bill():
    frame = pd.DataFrame({SILENCE: [0.0, 1, 2, np.nan]})

    assert silent(frame).tolist() == [False, True, True, True]


def test_rows_that_only_tell_who_was_gone_are_read(unseen):
    """Of the newest snapshot nothing is known but that: it teaches month 0, and no other."""
    _, frame, left, _ = unseen
    watched = np.where(np.arange(len(frame)) < 6_000, 12, 0)
    seen = np.where(left <= watched, left, np.nan)
    whole = HazardModel(seed=1).fit(frame, seen, watched, np.arange(len(frame)))
    older = watched > 0
    part = HazardModel(seed=1).fit(frame[older], left[older], watched[older], np.arange(6_000))

    is_silent = silent(frame)
    assert whole.gone(frame)[is_silent].mean() == pytest.approx(
        (left[is_silent] == 0).mean(), abs=0.02
    )
    assert whole.hazards(frame).mean() == pytest.approx(part.hazards(frame).mean(), rel=0.06)


def test_cells_read_as_the_boosters_learned_them(fitted):
    """Plain arrays, for speed, give what the library's own matrix of a frame gives."""
    model, frame, _ = fitted
    prepared = model.preparation_.transform(frame.head(200))
    for ahead, booster in ((1, model.models_[0]), (5, model.models_[1])):
        table = prepared.assign(months_ahead=float(ahead))
        expected = booster.predict(xgb.DMatrix(numbered(table), enable_categorical=True))
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
