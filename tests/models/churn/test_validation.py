import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal
from sklearn.base import BaseEstimator
from sklearn.metrics import (
    average_precision_score,
    brier_score_loss,
    log_loss,
    roc_auc_score,
)
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier

from src.data.problems import InputError
from src.features.snapshots import OUTCOMES, Horizon
from src.models.churn.outcomes import Ways
from src.models.churn.timesplit import latest_split, time_split
from src.models.churn.validation import (
    HAZARD,
    fitted_hazard,
    fold_figures,
    out_of_fold,
    out_of_time,
    refitted,
)
from src.models.learning.baselines import BaseRate
from src.models.learning.candidates import Candidate
from src.models.scoring.comparison import fold_differences
from src.models.scoring.scores import HEADLINE
from src.models.survival.hazard import SILENCE

HORIZON = Horizon(months=3, gap=1)


class Witness(BaseEstimator):
    """Gives everybody how many rows it learned from, in ten-thousandths; refuses to meet them."""

    def fit(self, frame: pd.DataFrame, outcome: np.ndarray) -> "Witness":
        self.seen_ = set(frame["number"])
        self.customers_ = frame.index.tolist()
        self.outcome_ = np.asarray(outcome)
        return self

    def predict_proba(self, frame: pd.DataFrame) -> np.ndarray:
        assert self.seen_.isdisjoint(frame["number"]), "a row was judged that was learned from"
        return np.tile([0, len(self.seen_) / 10_000], (len(frame), 1))


def candidates_of(**builders) -> dict[str, Candidate]:
    return {name: Candidate(name, name, build) for name, build in builders.items()}


def neighbour() -> KNeighborsClassifier:
    """Knows every row it has seen by its number."""
    return KNeighborsClassifier(1)


def base_of(count: int, seed: int, rate: float = 0.3) -> pd.DataFrame:
    """A row per customer: a number of its own, a risk that tells a little, and luck."""
    rng = np.random.default_rng(seed)
    churned = rng.random(count) < rate
    return pd.DataFrame(
        {
            "customer_id": [f"c{number}" for number in range(count)],
            "number": np.arange(count, dtype=float),
            "churned": churned,
            "risk": rng.normal(size=count) + churned,
        }
    )


def test_every_row_is_held_out_once_per_repeat_by_a_model_that_never_saw_it():
    base = base_of(103, seed=1)
    trial = out_of_fold(base, candidates_of(witness=Witness), folds=5, repeats=3, seed=4)

    chances = trial.chances
    assert list(chances) == ["customer_id", "churned", "repeat", "fold", "witness"]
    assert trial.names == ["witness"]
    for repeat, rows in chances.groupby("repeat"):
        assert rows["customer_id"].tolist() == base["customer_id"].tolist()
        assert rows["churned"].tolist() == base["churned"].tolist()
        assert sorted(rows["fold"].unique()) == [0, 1, 2, 3, 4], repeat
        # Learned from is whatever is in the other folds, which hold churners alike.
        sizes = rows["fold"].map(rows["fold"].value_counts())
        assert rows["witness"].to_numpy() == pytest.approx((103 - sizes) / 10_000)
        churners = rows.groupby("fold")["churned"].sum()
        assert churners.max() - churners.min() <= 1
    folds = chances.pivot(index="customer_id", columns="repeat", values="fold")
    assert (folds[0] != folds[1]).any()
    assert (folds[1] != folds[2]).any()
    assert_frame_equal(trial.once, chances.iloc[:103])


def test_models_and_rows_of_the_first_fold():
    base = base_of(60, seed=2)
    named = candidates_of(witness=Witness, other=Witness)
    trial = out_of_fold(base, named, folds=3, repeats=2, seed=1)

    is_held = (trial.once["fold"] == 0).to_numpy()
    assert_frame_equal(trial.train, base[~is_held].reset_index(drop=True))
    assert_frame_equal(trial.test, base[is_held].reset_index(drop=True))
    assert list(trial.models) == ["witness", "other"]
    for model in trial.models.values():
        assert model.seen_ == set(trial.train["number"])
        assert model.outcome_.tolist() == trial.train["churned"].tolist()


def test_who_knows_rows_by_heart_knows_nothing_of_the_others():
    """Labels by lot: the neighbour by number is perfect on its own rows, a coin on others."""
    base = base_of(800, seed=3)[["customer_id", "churned", "number"]]
    trial = out_of_fold(base, candidates_of(neighbour=neighbour), folds=5, repeats=2, seed=1)
    known = neighbour().fit(base[["number"]], base["churned"])

    assert roc_auc_score(base["churned"], known.predict_proba(base[["number"]])[:, 1]) == 1
    # The standard error of the AUC of a yes-or-no score is about 0.02 here.
    found = roc_auc_score(trial.once["churned"], trial.once["neighbour"])
    assert found == pytest.approx(0.5, abs=0.06)


def oversampled(base: pd.DataFrame) -> pd.DataFrame:
    """Churners drawn again until they are half of the rows: what must not come before a split."""
    churners, stayers = base[base["churned"]], base[~base["churned"]]
    more = churners.sample(len(stayers) - len(churners), replace=True, random_state=1)
    return pd.concat([base, more], ignore_index=True)


def test_resampling_before_the_split_is_refused():
    base = base_of(800, seed=3, rate=0.1)[["customer_id", "churned", "number"]]
    resampled = oversampled(base)
    copies = resampled["customer_id"].duplicated(keep=False).sum()
    named = candidates_of(neighbour=neighbour)
    message = (
        rf"^{copies:,} rows share their customer_id; copies of a row on both sides of a fold would "
        r"be known beforehand\. Resample inside the model, or not at all$"
    )

    with pytest.raises(InputError, match=message):
        out_of_fold(resampled, named)


def test_copies_under_other_identifiers_are_in_one_fold():
    """Labels by lot look as if they had been told where a copy is learned from: AUC above 0.9."""
    base = base_of(800, seed=3, rate=0.1)[["customer_id", "churned", "number"]]
    resampled = oversampled(base)
    renamed = resampled.assign(customer_id=np.arange(len(resampled)))

    once = out_of_fold(renamed, candidates_of(neighbour=neighbour), seed=1).once

    assert once.groupby(resampled["customer_id"])["fold"].nunique().max() == 1
    assert roc_auc_score(once["churned"], once["neighbour"]) == pytest.approx(0.5, abs=0.06)


class Unwilling:
    def fit(self, X, y):  # noqa: N803
        raise InputError("the columns tell exactly who churned")


def test_a_candidate_that_cannot_be_fitted_is_left_out_and_said():
    base = base_of(100, seed=3, rate=0.3)

    trial = out_of_fold(base, candidates_of(witness=Witness, logistic=Unwilling), folds=2)

    assert trial.names == ["witness"]
    assert list(trial.models) == ["witness"]
    assert trial.failed == {"logistic": "the columns tell exactly who churned"}


def test_the_same_seed_gives_the_same_chances_and_another_other_folds():
    base = base_of(90, seed=4).drop(columns="number")
    named = candidates_of(rate=BaseRate, bayes=GaussianNB)
    found, again, other = (
        out_of_fold(base, named, folds=3, repeats=2, seed=seed).chances for seed in (5, 5, 6)
    )

    assert_frame_equal(again, found)
    assert (other["fold"] != found["fold"]).any()
    # The second repeat of one seed is the first of the next.
    second = found[found["repeat"] == 1].reset_index(drop=True)
    assert_frame_equal(second.assign(repeat=0), other[other["repeat"] == 0])


def test_figures_of_each_fold_are_those_of_scikit_learn():
    base = base_of(200, seed=5).drop(columns="number")
    named = candidates_of(rate=BaseRate, bayes=GaussianNB)
    trial = out_of_fold(base, named, folds=4, repeats=2, seed=1)
    found = fold_figures(trial, {"churners": lambda ranking, weight: ranking.churned @ weight})

    assert list(found) == ["model", "repeat", "fold", "metric", "value"]
    assert found["metric"].unique().tolist() == [*HEADLINE, "churners"]
    assert len(found) == 2 * 4 * 2 * (len(HEADLINE) + 1)
    wide = found.set_index(["model", "repeat", "fold", "metric"])["value"].sort_index()
    for (repeat, fold), rows in trial.chances.groupby(["repeat", "fold"]):
        for model in ("rate", "bayes"):
            y, p = rows["churned"].astype(int), rows[model]
            expected = {
                "auc": roc_auc_score(y, p),
                "pr_auc": average_precision_score(y, p),
                "log_loss": log_loss(y, p),
                "brier": brier_score_loss(y, p),
                "churners": y.sum(),
            }
            own = wide.loc[model, repeat, fold]
            assert own[list(expected)].to_dict() == pytest.approx(expected)
    compared = fold_differences(found)
    assert compared.loc[compared["is_best"], "model"].unique().tolist() == ["bayes"]


def test_one_outcome_is_refused():
    with pytest.raises(InputError, match=r"^no customer churned, so there is nothing to learn"):
        out_of_fold(base_of(30, seed=6, rate=0), candidates_of(rate=BaseRate))


COLUMNS = ["number", "risk", SILENCE]


@pytest.fixture(scope="module")
def split(risky_panel):
    rows, record = risky_panel
    numbered = rows.assign(number=np.arange(len(rows), dtype=float))
    return time_split(numbered, record, COLUMNS, HORIZON, tests=2, most=3)


@pytest.fixture(scope="module")
def in_time(split):
    named = candidates_of(witness=Witness, bayes=GaussianNB)
    return named, out_of_time(split, named, seed=1)


def test_out_of_time_learns_from_train_and_reads_test(split, in_time):
    _, trial = in_time

    assert trial.names == ["witness", "bayes", HAZARD]
    assert list(trial.models) == trial.names
    assert trial.models["witness"].seen_ == set(split.train["number"])
    assert trial.models["witness"].outcome_.tolist() == split.train["churned"].tolist()
    # Folds inside a model keep a customer's snapshots together by the index.
    assert trial.models["witness"].customers_ == split.train["customer_id"].tolist()
    keys = split.test[["customer_id", "churned", "outcome"]].assign(repeat=0, fold=0)
    assert_frame_equal(trial.chances[list(keys)], keys)
    bayes = GaussianNB().fit(split.train[COLUMNS], split.train["churned"])
    expected = bayes.predict_proba(split.test[COLUMNS])[:, 1]
    assert trial.chances["bayes"].to_numpy() == pytest.approx(expected)
    assert trial.train is split.train
    assert trial.test is split.test
    assert_frame_equal(trial.once, trial.chances)


def test_every_model_says_what_becomes_of_everybody(split, in_time):
    _, trial = in_time
    is_silent = (split.test[SILENCE] > 0).to_numpy()

    assert list(trial.outcomes) == trial.names
    for name, four in trial.outcomes.items():
        assert four.shape == (len(split.test), 4), name
        assert four.sum(axis=1) == pytest.approx(np.ones(len(four)))
        assert (four >= -1e-12).all()
        assert (four[~is_silent, 0] == 0).all()
        # The order by the chance to be lost is the model's own.
        assert (1 - four[:, 3]) == pytest.approx(trial.chances[name].to_numpy())
    # Bayes knows one chance; which way it goes is learned from the lost rows.
    ways = Ways().fit(split.train, COLUMNS, seed=1)
    lost = trial.models["bayes"].predict_proba(split.test[COLUMNS])[:, 1]
    assert trial.outcomes["bayes"] == pytest.approx(ways.outcomes(lost, split.test))


def test_the_hazard_model_gives_the_chance_to_be_lost_within_the_months(split, in_time):
    _, trial = in_time
    frame = split.test[COLUMNS]
    model = trial.models[HAZARD]
    hazards, gone = model.hazards(frame, 4), model.gone(frame)

    expected = 1 - (1 - gone) * (1 - hazards).prod(axis=1)
    assert trial.chances[HAZARD].to_numpy() == pytest.approx(expected)
    assert model.predict_proba(frame)[:, 1].tolist() == trial.chances[HAZARD].tolist()
    assert trial.outcomes[HAZARD] == pytest.approx(model.outcomes(frame, 3, gap=1))
    assert roc_auc_score(trial.chances["churned"], trial.chances[HAZARD]) > 0.6


def test_the_hazard_model_learns_from_what_was_watched_before_the_test(split, in_time):
    frame = split.test[COLUMNS]
    found = fitted_hazard(split.watched, split.columns, HORIZON, seed=1)
    own = in_time[1].models[HAZARD]

    assert found.hazards(frame).tolist() == own.hazards(frame).tolist()
    assert found.gone(frame).tolist() == own.gone(frame).tolist()


def test_a_model_is_trained_again_on_another_split(risky_panel, split, in_time):
    named, _ = in_time
    rows, record = risky_panel
    numbered = rows.assign(number=np.arange(len(rows), dtype=float))
    today = latest_split(numbered, record, split.columns, HORIZON, most=2)

    witness = refitted("witness", named, today)
    assert witness.seen_ == set(today.train["number"])
    assert witness.customers_ == today.train["customer_id"].tolist()
    frame = today.test[COLUMNS]
    own = fitted_hazard(today.watched, split.columns, HORIZON, seed=3)
    of_today = refitted(HAZARD, named, today, seed=3).predict_proba(frame)[:, 0]
    assert of_today.tolist() == own.outcomes(frame, 3, gap=1)[:, 3].tolist()
    bayes = GaussianNB().fit(today.train[COLUMNS], today.train["churned"])
    found = refitted("bayes", named, today).predict_proba(frame)[:, 1]
    assert found.tolist() == bayes.predict_proba(frame)[:, 1].tolist()


# Which way the lost go.


def lost_rows(count: int, seed: int) -> pd.DataFrame:
    """Rows of a panel whose `hint` tells the early leavers from the later, and silence the gone."""
    rng = np.random.default_rng(seed)
    way = rng.choice(4, count, p=[0.1, 0.1, 0.1, 0.7])
    hint = rng.normal(size=count) + 2 * (way == 1)
    silence = np.where(way == 0, 1.0, (rng.random(count) < 0.1).astype(float))
    return pd.DataFrame(
        {
            "customer_id": np.arange(count),
            "hint": hint,
            SILENCE: silence,
            "outcome": pd.Categorical(np.array(OUTCOMES)[way], OUTCOMES),
        }
    )


def test_ways_divide_the_chance_to_be_lost():
    train, test = lost_rows(6_000, 1), lost_rows(6_000, 2)
    ways = Ways().fit(train, ["hint", SILENCE])
    chance = np.random.default_rng(3).random(6_000)
    found = ways.outcomes(chance, test)

    assert found.sum(axis=1) == pytest.approx(np.ones(6_000))
    assert 1 - found[:, 3] == pytest.approx(chance)
    assert (found[test[SILENCE] == 0, 0] == 0).all()
    # Among the lost, the shares are as frequent as said.
    lost = (test["outcome"] != "stays").to_numpy()
    shares = found[lost, :3] / chance[lost, None]
    for place, name in enumerate(OUTCOMES[:3]):
        came = (test["outcome"] == name).to_numpy()[lost]
        # 1,800 lost rows: a standard error of 1.1 points.
        assert shares[:, place].mean() == pytest.approx(came.mean(), abs=0.035)
        assert roc_auc_score(came, shares[:, place]) > 0.8


def test_ways_of_few_are_the_shares_of_all():
    train = lost_rows(150, 4)
    counts = train["outcome"].value_counts()[list(OUTCOMES[:3])]
    assert (counts < 30).all()
    ways = Ways().fit(train, ["hint", SILENCE])
    found = ways.outcomes(np.array([0.5, 0.5]), pd.DataFrame({"hint": [0, 0], SILENCE: [1, 0]}))

    # Of gone already the share among the silent; one row of each other way is added.
    lost = train[train["outcome"] != "stays"]
    gone = (counts.iloc[0] + 0.5) / ((lost[SILENCE] > 0).sum() + 1)
    others = ((counts + 1) / (counts + 1).iloc[1:].sum()).to_numpy()[1:]
    silent = [gone, *(1 - gone) * others]
    assert found == pytest.approx(np.array([[*silent, 1], [0, *others, 1]]) / 2)


def test_where_only_who_is_gone_was_lost_all_others_can_be_saved():
    train = lost_rows(200, 5)
    train = train[train["outcome"].isin(["gone already", "stays"])]
    ways = Ways().fit(train, ["hint", SILENCE])
    found = ways.outcomes(np.array([0.4, 0.4]), pd.DataFrame({"hint": [0, 0], SILENCE: [1, 0]}))

    assert found == pytest.approx(np.array([[0.4, 0, 0, 0.6], [0, 0, 0.4, 0.6]]))
