import warnings

import numpy as np
import pandas as pd
import pytest
import xgboost as xgb
from pandas.testing import assert_frame_equal, assert_series_equal

from src.data.bases import base_folder
from src.data.building import build_base
from src.data.problems import InputError
from src.models.explain import contributions as explain
from src.models.explain import importance, reasons
from src.models.explain.contributions import TOLERANCE, Contributions, contributions
from src.models.learning.baselines import BaseRate
from src.models.learning.candidates import SplineLogistic, TunedXGBoost, candidates
from src.models.learning.names import numbered


def telling(size: int = 450) -> tuple[pd.DataFrame, np.ndarray]:
    random = np.random.default_rng(3)
    frame = pd.DataFrame(
        {
            "tenure_months": random.integers(1, 60, size).astype(float),
            "local_charge": random.gamma(2, 5, size),
            "abroad_charge": random.gamma(2, 3, size),
            "plan": random.choice(["basic", "plus", "max"], size),
            "town": random.choice([f"town {number}" for number in range(15)], size),
            "is_new": random.random(size) < 0.3,
            "segment": "B2C",
        },
        index=[f"c{number}" for number in range(size)],
    )
    odds = 1 - frame["tenure_months"] / 15 + (frame["plan"] == "basic") * 1.5
    outcome = random.random(size) < 1 / (1 + np.exp(-odds))
    frame.loc[frame.index[::9], "local_charge"] = np.nan
    frame.loc[frame.index[::11], "plan"] = None
    return frame, outcome.to_numpy()


COLUMNS = [
    "abroad_charge",
    "is_new",
    "local_charge",
    "plan",
    "tenure_months",
    "town",
    "all_charges",
]


@pytest.fixture(scope="module")
def customers():
    return telling()


@pytest.fixture(scope="module")
def boosted(customers):
    return TunedXGBoost(trials=2).fit(*customers)


@pytest.fixture(scope="module", params=["logistic", "splines", "forest", "xgboost"])
def fitted(request, customers):
    return candidates(customers[0], trials=2)[request.param].build().fit(*customers)


def test_contributions_and_base_make_the_margin(customers, fitted):
    frame, _ = customers
    found = contributions(fitted, frame)

    assert found.additivity_error < TOLERANCE
    chance = fitted.predict_proba(frame)[:, 1]
    is_chance = found.unit == "chance"
    assert np.allclose(found.margin if is_chance else 1 / (1 + np.exp(-found.margin)), chance)
    # One column per original column, read as a person reads it.
    expected = [name for name in COLUMNS if name != "all_charges" or "all_charges" in found.seen]
    assert list(found.values) == list(found.seen) == expected
    assert found.values.index.equals(frame.index)
    assert found.seen["plan"].astype("object").dropna().equals(frame["plan"].dropna())


def test_the_order_and_company_of_rows_change_nothing(customers, fitted):
    found = contributions(fitted, customers[0])
    turned = contributions(fitted, customers[0].iloc[::-1])
    alone = contributions(fitted, customers[0].iloc[[7]])

    assert_frame_equal(turned.values.iloc[::-1], found.values, atol=1e-6)
    assert_frame_equal(alone.values, found.values.iloc[[7]], atol=1e-6)
    assert alone.base == pytest.approx(found.base)


def test_the_same_seed_gives_the_same_contributions(customers, boosted):
    again = TunedXGBoost(trials=2).fit(*customers)

    assert_frame_equal(
        contributions(again, customers[0]).values, contributions(boosted, customers[0]).values
    )


def test_a_column_that_was_dropped_or_is_unknown_changes_nothing(customers, boosted):
    found = contributions(boosted, customers[0])
    other = contributions(boosted, customers[0].assign(segment="B2B", extra=1))

    assert "segment" not in found.values
    assert_frame_equal(found.values, other.values)


def test_a_many_level_column_keeps_its_name_and_shows_its_level(customers, boosted):
    found = contributions(boosted, customers[0])

    assert boosted.preparation_["levels"].rates_.keys() == {"town"}
    assert set(found.seen["town"].dropna()) <= {f"town {n}" for n in range(15)} | {"other levels"}
    assert found.values["town"].abs().max() > 0


def tree_explainer():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from shap import TreeExplainer
    return TreeExplainer


def test_xgboost_is_explained_as_shap_explains_it(customers, boosted):
    frame, _ = customers
    found = contributions(boosted, frame)
    prepared = boosted.preparation_.transform(frame)

    expected = tree_explainer()(boosted.model_).shap_values(prepared)
    assert np.abs(found.values - expected).max(axis=None) < TOLERANCE
    # The package hands the tuned model to the library. Its own algorithm knows no categories.
    numbers = frame[["tenure_months", "abroad_charge", "is_new"]]
    model = TunedXGBoost(trials=1).fit(numbers, customers[1])
    explainer = tree_explainer()(model.model_)
    explainer.model.model_type = "internal"
    own = explainer.shap_values(model.preparation_.transform(numbers), check_additivity=False)
    found = contributions(model, numbers)
    assert np.abs(found.values - own).max(axis=None) < TOLERANCE


def test_boosting_is_explained_on_numbers_only(customers):
    frame, outcome = customers
    numbers = frame[["tenure_months", "local_charge", "is_new"]]
    model = candidates(numbers)["boosting"].build().fit(numbers, outcome)
    assert contributions(model, numbers).additivity_error < TOLERANCE

    model = candidates(frame)["boosting"].build().fit(frame, outcome)
    message = r"^boosting on text columns \(plan\) cannot be explained exactly; XGBoost, both "
    with pytest.raises(InputError, match=message):
        contributions(model, frame)


def test_logistic_contributions_by_hand():
    # Chances 1/4 and 3/4: log-odds of -log 3 and log 3; the usual customer has no plan b.
    frame = pd.DataFrame({"plan": ["a"] * 44 + ["b"] * 40})
    outcome = [1] * 11 + [0] * 33 + [1] * 30 + [0] * 10
    model = candidates(frame)["logistic"].build().fit(frame, outcome)

    found = contributions(model, pd.DataFrame({"plan": ["a", "b"]}))

    assert found.base == pytest.approx(-np.log(3))
    assert found.values["plan"].tolist() == pytest.approx([0, 2 * np.log(3)])


@pytest.mark.parametrize(
    ("model", "message"),
    [
        (BaseRate(), r"^BaseRate cannot be explained column by column; XGBoost, both"),
        (None, r"^the model must be fitted before it can be explained$"),
    ],
)
def test_what_cannot_be_explained_is_refused(customers, model, message):
    frame, outcome = customers
    model = TunedXGBoost() if model is None else model.fit(frame, outcome)
    with pytest.raises(InputError, match=message):
        contributions(model, frame)


def test_frames_without_rows_or_columns_are_refused(customers, boosted):
    with pytest.raises(InputError, match=r"^the frame to explain has no rows$"):
        contributions(boosted, customers[0].iloc[:0])
    with pytest.raises(InputError, match=r"^columns known in training are absent: plan$"):
        contributions(boosted, customers[0].drop(columns="plan"))


def test_interactions_are_those_of_the_library(customers, boosted):
    frame = customers[0].iloc[:120]
    found = explain.interaction_strength(boosted, frame, np.random.default_rng(0))

    matrix = xgb.DMatrix(numbered(boosted.preparation_.transform(frame)), enable_categorical=True)
    each = boosted.model_.get_booster().predict(matrix, pred_interactions=True)[:, :-1, :-1]
    assert found.loc["plan", "plan"] == pytest.approx(np.abs(each[:, 3, 3]).mean())
    assert found.loc["plan", "town"] == pytest.approx(2 * np.abs(each[:, 3, 5]).mean())
    assert_frame_equal(found, found.T, atol=1e-6)
    assert np.abs(each.sum(axis=2) - contributions(boosted, frame).values).max(axis=None) < 1e-4


def test_interactions_are_read_from_a_sample(customers, boosted):
    few = [
        explain.interaction_strength(boosted, customers[0], np.random.default_rng(seed), rows=20)
        for seed in (1, 1, 2)
    ]
    assert few[0].equals(few[1])
    assert not few[0].equals(few[2])
    with pytest.raises(InputError, match=r"^interactions are known for XGBoost only$"):
        explain.interaction_strength(
            SplineLogistic().fit(*customers), customers[0], np.random.default_rng(0)
        )


def hand_made(unit="log-odds") -> Contributions:
    values = pd.DataFrame(
        {"plan": [0.0, 0.7, -0.2], "renewal": [-1.0, 2.0, 0.3]}, index=["x", "y", "z"]
    )
    seen = pd.DataFrame(
        {"plan": pd.Categorical(["a", None, "a"]), "renewal": [12.0, 1.0, np.nan]},
        index=values.index,
    )
    return Contributions(values, -1.0, np.array([-2.0, 1.7, -0.9]), seen, unit)


def test_additivity_error_is_the_largest_gap():
    assert hand_made().additivity_error == pytest.approx(0)
    broken = Contributions(hand_made().values, -1.0, np.array([-2.0, 1.7, 0.0]), hand_made().seen)
    assert broken.additivity_error == pytest.approx(0.9)


def test_dependence_and_swarm_by_hand():
    found = explain.dependence(hand_made(), "renewal", "plan")
    expected = pd.DataFrame(
        {
            "value": [12.0, 1.0, np.nan],
            "contribution": [-1.0, 2.0, 0.3],
            "partner": pd.Categorical(["a", None, "a"]),
        },
        index=["x", "y", "z"],
    )
    assert_frame_equal(found, expected)
    assert explain.dependence(hand_made(), "plan")["partner"].isna().all()
    with pytest.raises(InputError, match=r"^there is no column age among those explained$"):
        explain.dependence(hand_made(), "age")

    points = explain.beeswarm_points(hand_made(), ["renewal", "plan"], np.random.default_rng(0))
    expected = pd.DataFrame(
        {
            "column": ["renewal"] * 3 + ["plan"] * 3,
            "contribution": [-1.0, 2.0, 0.3, 0.0, 0.7, -0.2],
            "kind": ["number", "number", "missing", "category", "missing", "category"],
            "level": [1.0, 0.0, np.nan, np.nan, np.nan, np.nan],
        }
    )
    assert_frame_equal(points, expected)
    few = explain.beeswarm_points(hand_made(), ["plan"], np.random.default_rng(0), rows=2)
    assert len(few) == 2


def test_importance_by_group_by_hand():
    found = importance.importance_by(hand_made().values, ["B2B", "B2C", "B2C"])
    expected = pd.DataFrame(
        {
            "group": ["B2B", "B2B", "B2C", "B2C"],
            "customers": [1, 1, 2, 2],
            "rank": [1, 2, 1, 2],
            "column": ["renewal", "plan"] * 2,
            "importance": [1.0, 0.0, 1.15, 0.45],
            "share": [1.0, 0.0, 1.15 / 1.6, 0.45 / 1.6],
        }
    )
    assert_frame_equal(found, expected)
    one = importance.importance_by(hand_made().values, ["a", None, np.nan])
    assert one["customers"].tolist() == [1, 1]


def test_stability_by_hand():
    importances = pd.DataFrame({"a": [3.0, 3, 1], "b": [2.0, 1, 3], "c": [1.0, 2, 2], "d": 0.0})
    found = importance.ranking_stability(importances, top=2, confidence=1)
    expected = pd.DataFrame(
        {
            "column": ["a", "b", "c", "d"],
            "mean_rank": [5 / 3, 2, 7 / 3, 4],
            "low": [1.0, 1, 2, 4],
            "high": [3.0, 3, 3, 4],
            "top_share": [2 / 3, 2 / 3, 2 / 3, 0],
        }
    )
    assert_frame_equal(found.ranks, expected)
    # Tops ab, ac, bc share one of three; of the three pairs of columns 2, 1 and 0 are turned round.
    assert found.jaccard == pytest.approx(1 / 3)
    assert found.kendall == pytest.approx(np.mean([1 / 3, -1, -1 / 3]))
    with pytest.raises(InputError, match=r"^stability needs at least two resamples"):
        importance.ranking_stability(importances.iloc[:1])


def test_drawn_importances_follow_customers_not_rows(customers, boosted):
    values = contributions(boosted, customers[0]).values
    same = np.repeat("one", len(values))
    alone = importance.drawn_importances(values, same, np.random.default_rng(0), resamples=2)
    expected = importance.importance(values).set_index("column")["importance"]
    for _, drawn in alone.iterrows():
        assert_series_equal(drawn.sort_index(), expected.sort_index(), check_names=False)

    # What customers are called does not matter: identifiers are hashed, with a key per machine.
    first, second = (
        importance.drawn_importances(values, names, np.random.default_rng(0))
        for names in (values.index, values.index[::-1])
    )
    assert first.shape == (20, 7)
    assert_frame_equal(first, second)
    with pytest.raises(InputError, match=r"^every row explained needs the identifier"):
        importance.drawn_importances(values, same[:-1], np.random.default_rng(0))


def test_refitted_models_keep_their_settings_and_see_other_customers(customers, boosted):
    frame, outcome = customers
    seen = []

    def explained(model, rows):
        seen.append(model)
        return contributions(model, rows)

    found = importance.refitted_importances(
        boosted, frame, outcome, frame.index, np.random.default_rng(0),
        explained=frame.iloc[:50], resamples=2, explain=explained,
    )  # fmt: skip
    assert found.columns.tolist() == sorted(COLUMNS)
    assert not np.allclose(found.iloc[0], found.iloc[1])
    assert all(model.tuned_ is boosted.tuned_ for model in seen)
    assert all(model.classes_.tolist() == [0, 1] for model in seen)
    splines = importance.refitted_importances(
        SplineLogistic().fit(frame, outcome), frame, outcome, frame.index,
        np.random.default_rng(0), explained=frame, resamples=2,
    )  # fmt: skip
    assert importance.ranking_stability(splines, top=2).ranks["column"].iloc[0] == "tenure_months"


class Noted(BaseRate):
    """Remembers whose rows it learned from."""

    seen: list[pd.Index] = []  # noqa: RUF012

    def fit(self, X, y):  # noqa: N803
        self.seen.append(X.index)
        return super().fit(X, y)


def test_refits_draw_customers_with_all_their_rows(customers):
    frame, outcome = customers
    rows = np.arange(100).repeat(np.resize([2, 5], 100))
    names = frame.index[rows]
    all_of = pd.Series(1, names).groupby(level=0).sum()
    Noted.seen.clear()

    importance.refitted_importances(
        Noted(), frame.iloc[rows].reset_index(drop=True), outcome[rows], names,
        np.random.default_rng(0), explained=frame.head(2), resamples=3,
        explain=lambda model, shown: hand_made(),
    )  # fmt: skip

    assert len(Noted.seen) == 3
    for learned in Noted.seen:
        counts = learned.value_counts()
        assert len(counts) == 63
        assert (counts == all_of[counts.index]).all()


def test_refits_tune_on_customers_of_their_own(customers):
    """Folds of the first training are row numbers of other rows, and say nothing of these."""
    frame, outcome = customers
    folds = [(np.arange(300), np.arange(300, 450))]
    model = SplineLogistic(folds=folds).fit(frame, outcome)
    rows = np.arange(100).repeat(2)

    again = importance.fitted_again(model, frame.iloc[rows], outcome[rows])

    assert again.folds is None
    alone = SplineLogistic().fit(frame.iloc[rows], outcome[rows])
    assert_frame_equal(again.tuned_.trials, alone.tuned_.trials)


def test_five_customers_are_chosen_by_a_rule():
    chance = pd.Series(np.linspace(0, 1, 101), index=[f"c{n:03}" for n in range(101)])
    expected = pd.DataFrame(
        {
            "customer": ["c100", "c096", "c091", "c050", "c000"],
            "chosen_as": [
                "the highest chance",
                "the middle of the list",
                "the end of the list",
                "the middle of all",
                "the lowest chance",
            ],
            "chance": [1.0, 0.96, 0.91, 0.5, 0.0],
        }
    )
    assert_frame_equal(reasons.chosen_customers(chance), expected)
    assert_frame_equal(reasons.chosen_customers(chance.sample(frac=1, random_state=0)), expected)
    tied = pd.Series(0.5, index=["b", "a"])
    assert reasons.chosen_customers(tied)["customer"].tolist() == ["a", "b"]
    for bad in (pd.Series([0.1, 0.2], ["a", "a"]), pd.Series(dtype=float)):
        with pytest.raises(InputError, match=r"^every customer needs one chance"):
            reasons.chosen_customers(bad)
    with pytest.raises(InputError, match=r"^share must lie between 0 and 1, not 0$"):
        reasons.chosen_customers(tied, share=0)


USUAL = reasons.Usual({"plan": "a", "renewal": 1.0}, frozenset())


def test_usual_is_what_the_training_rows_hold():
    learned = pd.DataFrame(
        {
            "tenure": [1.0, 29, 29, 40, np.nan],
            "is_new": [0.0, 1, np.nan, 0, 0],
            "always": [1.0, 1, 1, np.nan, 1],
            "calls": [0.0, 1, 2, 0, 0],
            "plan": pd.Categorical(["b", "a", "b", "a", None]),
            "empty": np.nan,
        }
    )

    found = reasons.usual_values(learned)

    assert found.values == {
        "tenure": 29.0,
        "is_new": 0.0,
        "always": 1.0,
        "calls": 0.0,
        "plan": "a",
        "empty": None,
    }
    assert found.flags == {"is_new"}
    assert repr(found) == "Usual values of 6 columns, 1 of them yes or no"


def test_reasons_by_hand():
    found = reasons.reason_codes(
        hand_made(),
        ["y", "x", "z"],
        usual=USUAL,
        reasons=2,
        names={"renewal": "months to renewal"},
    )
    expected = pd.DataFrame(
        {
            "customer": ["y", "y", "x", "z", "z"],
            "place": [1, 2, 1, 1, 2],
            "column": ["renewal", "plan", "renewal", "renewal", "plan"],
            "value": ["1", "unknown", "12", "unknown", "a"],
            "usual": ["1", "a", "1", "1", "a"],
            "contribution": [2.0, 0.7, -1.0, 0.3, -0.2],
            "words": [
                "months to renewal is 1 (as usual): raises the odds by a factor 7.4",
                "plan is unknown (usual: a): raises the odds by a factor 2.0",
                "months to renewal is 12 (usual: 1): lowers the odds by a factor 2.7",
                "months to renewal is unknown (usual: 1): raises the odds by a factor 1.3",
                "plan is a (as usual): lowers the odds by a factor 1.2",
            ],
        }
    )
    assert_frame_equal(found, expected)
    other = reasons.Usual({"renewal": 7.25}, frozenset())
    chances = reasons.reason_codes(hand_made("chance"), ["z"], usual=other, reasons=1)
    assert chances["words"].tolist() == [
        "renewal is unknown (usual: 7.25): raises the chance by 30.0 points"
    ]


@pytest.mark.parametrize(
    ("value", "text"),
    [(1.0, "yes"), (0.0, "no"), (np.nan, "unknown"), (2.0, "2")],
)
def test_flags_are_yes_or_no(value, text):
    seen = pd.DataFrame({"is_new": [value]}, index=["a"])
    values = pd.DataFrame({"is_new": [1.0]}, index=["a"])
    found = Contributions(values, 0.0, values["is_new"].to_numpy(), seen)
    usual = reasons.usual_values(pd.DataFrame({"is_new": [0.0, 0.0, 1.0]}))
    codes = reasons.reason_codes(found, ["a"], usual=usual)
    assert (codes["value"].iloc[0], codes["usual"].iloc[0]) == (text, "no")


def test_a_customer_alone_is_not_the_measure_of_what_is_usual(telco):
    frame, outcome = telco
    model = candidates(frame, trials=1)["splines"].build().fit(frame, outcome)
    first = frame.index[(frame["tenure_months"] == 1) & (frame["contract"] == "Month-to-month")][0]
    usual = reasons.usual_values(explain.as_read(model, frame))

    alone, among = (
        reasons.reason_codes(contributions(model, shown), [first], usual=usual, reasons=9)
        for shown in (frame.loc[[first]], frame)
    )

    words = alone["words"].tolist()
    assert any(said.startswith("tenure months is 1 (usual: 29): raises") for said in words)
    assert_frame_equal(alone, among)


@pytest.mark.parametrize("name", ["logistic", "splines", "forest", "xgboost"])
def test_what_a_model_reads_is_what_is_explained(customers, name):
    frame, outcome = customers
    model = candidates(frame, trials=1)[name].build().fit(frame, outcome)
    few = frame.head(5)
    assert_frame_equal(explain.as_read(model, few), contributions(model, few).seen)


def test_numbers_are_short():
    numbers = [12345.6, 12.0, 0.12345, -3.3]
    assert [reasons._shown(number, False) for number in numbers] == [
        "12,346",
        "12",
        "0.123",
        "-3.3",
    ]
    assert [reasons._factor(times) for times in (1.04, 2.12, 33.3)] == ["1.04", "2.1", "33"]


def test_customers_who_are_not_there_or_twice_are_refused():
    with pytest.raises(InputError, match=r"^customer q was not explained$"):
        reasons.reason_codes(hand_made(), ["q"], usual=USUAL)
    twice = hand_made()
    doubled = Contributions(
        pd.concat([twice.values] * 2), -1.0, np.tile(twice.margin, 2), pd.concat([twice.seen] * 2)
    )
    with pytest.raises(InputError, match=r"^customer x was explained more than once$"):
        reasons.reason_codes(doubled, ["x"], usual=USUAL)


@pytest.fixture(scope="module")
def telco(tmp_path_factory) -> tuple[pd.DataFrame, np.ndarray]:
    folder = tmp_path_factory.mktemp("ibm_telco")
    (folder / "base.yml").write_text((base_folder("ibm_telco") / "base.yml").read_text())
    snapshot = build_base(str(folder), b"key of the tests").table("snapshot")
    return snapshot.drop(columns=["customer_id", "churned"]), snapshot["churned"].to_numpy("int64")


@pytest.mark.parametrize("name", ["xgboost", "splines"])
def test_contributions_add_up_on_telco(telco, name):
    frame, outcome = telco
    model = candidates(frame, trials=2)[name].build().fit(frame, outcome)
    found = contributions(model, frame)

    assert found.additivity_error < TOLERANCE
    ranking = importance.importance(found.values)
    # What everyone finds on this base: the contract and the tenure say most.
    assert {"contract", "tenure_months"} <= set(ranking["column"].head(3))
    monthly = found.values.loc[(frame["contract"] == "Month-to-month").to_numpy(), "contract"]
    assert (monthly > 0).all()
