from time import thread_time

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit

from src.data.problems import InputError
from src.models.profit.contact import empc, empc_of
from src.models.scoring.comparison import (
    COLUMNS,
    Standing,
    fold_differences,
    has_signal,
    paired_bootstrap,
    standing,
)
from src.models.scoring.scores import HEADLINE, headline


def scored(customers: int, seed: int, snapshots: int = 1) -> pd.DataFrame:
    """The chance that made the labels, one with noise in it, and one of noise alone.

    With several snapshots, all rows of a customer are the same: a customer is what is sampled.
    """
    rng = np.random.default_rng(seed)
    risk, blur, noise = rng.normal(size=(3, customers))
    rows = pd.DataFrame(
        {
            "customer_id": np.arange(customers).astype(str),
            "churned": rng.random(customers) < expit(risk - 1.5),
            "good": expit(risk - 1.5),
            "blurred": expit(0.7 * (risk + 0.6 * blur) - 1.5),
            "noise": expit(noise - 1.5),
        }
    )
    return pd.concat([rows] * snapshots, ignore_index=True)


MODELS = ["noise", "good", "blurred"]


def row(found: pd.DataFrame, model: str, metric: str) -> pd.Series:
    return found[(found["model"] == model) & (found["metric"] == metric)].iloc[0]


def test_values_are_the_headline_and_differences_are_to_the_best():
    rows = scored(400, seed=1)
    found = paired_bootstrap(rows, MODELS, np.random.default_rng(1), replicates=200)

    assert list(found.columns) == COLUMNS
    assert found[["model", "metric"]].apply(tuple, axis=1).tolist() == [
        (model, metric) for model in MODELS for metric in HEADLINE
    ]
    values = found.pivot(index="metric", columns="model", values="value")
    for model in MODELS:
        assert values[model].to_dict() == pytest.approx(headline(rows["churned"], rows[model]))
    assert found.loc[found["is_best"], "model"].unique().tolist() == ["good"]
    for metric in HEADLINE:
        gap = values.loc[metric, "noise"] - values.loc[metric, "good"]
        assert row(found, "noise", metric)["difference"] == pytest.approx(gap)
    assert (found["low"] <= found["high"]).all()
    inside = (found["difference_low"] <= 0) & (found["difference_high"] >= 0)
    assert found["in_noise"].tolist() == inside.tolist()


def test_the_best_differs_from_itself_by_nothing():
    found = paired_bootstrap(scored(200, seed=2), MODELS, np.random.default_rng(1), replicates=50)
    best = found[found["is_best"]]

    assert (best[["difference", "difference_low", "difference_high"]] == 0).all(axis=None)
    assert best["in_noise"].all()


def test_a_worthless_model_is_outside_the_noise_and_a_copy_is_inside():
    rows = scored(2_000, seed=3).assign(copy=lambda frame: frame["good"] * 0.999)
    found = paired_bootstrap(
        rows, [*MODELS, "copy"], np.random.default_rng(1), best_by="auc", replicates=200
    )
    found_standing = standing(found, "auc")

    assert found_standing == Standing("auc", "good", ("copy",), ("blurred", "noise"))
    assert found_standing.sentence == "good has the best auc; within the noise of it: copy."


def test_other_identifiers_give_the_same_intervals():
    rows = scored(300, seed=4, snapshots=2)
    renamed = rows.assign(customer_id=rows["customer_id"].str.zfill(4).str[::-1])
    found, again = (
        paired_bootstrap(frame, MODELS, np.random.default_rng(1), replicates=50)
        for frame in (rows, renamed)
    )

    pd.testing.assert_frame_equal(found, again)


def test_customers_are_drawn_and_not_rows():
    once, thrice = scored(500, seed=5), scored(500, seed=5, snapshots=3)
    found, of_thrice, of_rows = (
        paired_bootstrap(frame, MODELS, np.random.default_rng(1), replicates=300)
        for frame in (once, thrice, thrice.assign(customer_id=np.arange(1_500)))
    )

    # Three equal snapshots of a customer say no more than one.
    pd.testing.assert_frame_equal(of_thrice, found)
    widths = (row(frame, "good", "auc") for frame in (found, of_rows))
    width, of_rows_width = (one["high"] - one["low"] for one in widths)
    assert of_rows_width == pytest.approx(width / np.sqrt(3), rel=0.15)


def test_pairing_takes_away_what_models_share():
    found = paired_bootstrap(
        scored(2_000, seed=6), MODELS, np.random.default_rng(1), replicates=300
    )
    blurred, good = (row(found, model, "log_loss") for model in ("blurred", "good"))

    apart = (good["high"] - good["low"]) + (blurred["high"] - blurred["low"])
    assert blurred["difference_high"] - blurred["difference_low"] < 0.4 * apart


def test_a_figure_of_ones_own():
    rows = scored(2_000, seed=7)
    found = paired_bootstrap(
        rows,
        MODELS,
        np.random.default_rng(1),
        best_by="empc",
        extra={"empc": empc_of},
        replicates=50,
    )

    of_good = row(found, "good", "empc")
    assert of_good["value"] == pytest.approx(empc(rows["churned"], rows["good"]).value)
    assert of_good["low"] < of_good["value"] < of_good["high"]
    assert standing(found, "empc").behind[-1] == "noise"


def test_a_rare_class_is_drawn_again():
    rows = scored(30, seed=8).assign(churned=np.arange(30) == 3)
    found = paired_bootstrap(rows, ["good"], np.random.default_rng(1), replicates=100)

    assert np.isfinite(found[["low", "high"]]).all(axis=None)


def covered(draws: int, customers: int, replicates: int, seed: int) -> pd.Series:
    """How often intervals hold the figures of a million customers: of values and a difference."""
    everyone = scored(1_000_000, seed=seed)
    truth = {model: headline(everyone["churned"], everyone[model]) for model in ("good", "blurred")}
    rng = np.random.default_rng(seed)
    hits = []
    for _ in range(draws):
        sample = everyone.iloc[rng.integers(0, len(everyone), customers)]
        sample = sample.assign(customer_id=np.arange(customers))
        found = paired_bootstrap(sample, ["good", "blurred"], rng, replicates=replicates)
        hit = {}
        for metric in ("auc", "log_loss", "brier"):
            of_model = row(found, "blurred", metric)
            gap = truth["blurred"][metric] - truth["good"][metric]
            hit[metric] = of_model["low"] <= truth["blurred"][metric] <= of_model["high"]
            hit[f"{metric} difference"] = (
                of_model["difference_low"] <= gap <= of_model["difference_high"]
            )
        hits.append(hit)
    return pd.DataFrame(hits).mean()


@pytest.mark.slow
def test_intervals_cover_the_truth():
    found = covered(draws=100, customers=600, replicates=150, seed=9)

    assert found.between(0.87, 1).all(), found


@pytest.mark.slow
def test_intervals_cover_the_truth_in_many_draws():
    found = covered(draws=600, customers=800, replicates=500, seed=10)

    assert found.between(0.92, 0.97).all(), found


def test_of_equal_models_few_are_called_different():
    rng = np.random.default_rng(11)
    called = []
    for seed in range(60):
        rows = scored(500, seed=100 + seed)
        blur = rng.normal(size=(2, 500))
        risk = np.log(rows["good"] / (1 - rows["good"]))
        rows = rows.assign(one=expit(risk + blur[0]), other=expit(risk + blur[1]))
        found = paired_bootstrap(rows, ["one", "other"], rng, replicates=150)
        called.append(bool(standing(found, "log_loss").behind))

    assert np.mean(called) <= 0.12


def test_eight_models_of_thirty_thousand_rows_are_quick():
    rows = scored(30_000, seed=12)
    models = [f"model{number}" for number in range(8)]
    rows = rows.assign(**dict.fromkeys(models, rows["good"]))
    start = thread_time()
    paired_bootstrap(rows, models, np.random.default_rng(1), replicates=40)

    # 1,000 replicates are to stay below 30 seconds; 40 are below 1.2, here with room to spare.
    assert thread_time() - start < 2.4


def folds(*values: tuple[str, list[float]], folds_per_repeat: int = 2) -> pd.DataFrame:
    return pd.DataFrame(
        [
            (model, place // folds_per_repeat, place % folds_per_repeat, "auc", value)
            for model, of_model in values
            for place, value in enumerate(of_model)
        ],
        columns=["model", "repeat", "fold", "metric", "value"],
    )


def test_folds_by_hand():
    found = fold_differences(
        folds(("a", [0.80, 0.84, 0.82, 0.82]), ("b", [0.78, 0.80, 0.80, 0.78])), best_by="auc"
    )

    # Two folds: n_test / n_train = 1. Four values: 1/4. Student's t with 3 degrees: 3.182446.
    reach = 3.182446 * np.sqrt(1 / 4 + 1)
    spread, of_gap = np.sqrt(0.0008 / 3), np.sqrt(0.0004 / 3)  # a: 0, .02, 0, 0 around .82
    a, b = found.to_dict("records")
    assert list(found.columns) == COLUMNS
    assert (a["value"], b["value"]) == pytest.approx((0.82, 0.79))
    assert a["high"] - a["value"] == pytest.approx(reach * spread, rel=1e-6)
    assert b["difference"] == pytest.approx(-0.03)
    gaps = np.array([-0.02, -0.04, -0.02, -0.04])
    assert gaps.var(ddof=1) == pytest.approx(of_gap**2)
    assert b["difference_high"] == pytest.approx(-0.03 + reach * of_gap, rel=1e-5)
    assert (a["is_best"], b["is_best"], b["in_noise"]) == (True, False, True)
    assert standing(found, "auc") == Standing("auc", "a", ("b",), ())


def test_more_repeats_do_not_shorten_the_interval_to_nothing():
    rng = np.random.default_rng(13)
    few, many = (
        fold_differences(
            folds(("a", list(rng.normal(0.8, 0.01, 5 * repeats))), folds_per_repeat=5),
            best_by="auc",
        ).loc[0]
        for repeats in (5, 400)
    )

    # The limit is 1.96 x sd x root of 1/4.
    assert many["high"] - many["value"] == pytest.approx(1.96 * 0.01 / 2, rel=0.05)
    assert many["high"] - many["low"] < few["high"] - few["low"]


def test_errors_are_better_when_lower():
    frame = folds(("a", [0.40, 0.41]), ("b", [0.30, 0.31])).assign(metric="log_loss")
    found = fold_differences(frame)

    assert found.loc[found["is_best"], "model"].tolist() == ["b"]
    assert standing(found, "log_loss") == Standing("log_loss", "b", (), ("a",))
    assert standing(found, "log_loss").sentence == (
        "b has the best log_loss; no other is within the noise of it."
    )


def test_a_standing_by_another_metric_is_refused():
    rows = scored(300, seed=14).assign(sharp=lambda frame: frame["good"] ** 4)
    found = paired_bootstrap(rows, ["sharp", "blurred"], np.random.default_rng(1), replicates=20)

    with pytest.raises(
        InputError, match=r"^blurred was not the best by auc; compare with best_by='auc'$"
    ):
        standing(found, "auc")
    with pytest.raises(InputError, match=r"^there is no metric 'f1' among auc, pr_auc"):
        standing(found, "f1")


@pytest.mark.parametrize(
    ("change", "models", "message"),
    [
        ({}, [], r"^models must name at least one column of chances, and none twice$"),
        ({}, ["good", "good"], r"^models must name at least one column"),
        ({}, ["good", "svm"], r"^the frame has no column svm$"),
        ({"customer_id": None}, ["good"], r"^customer_id is missing in 20 rows$"),
        ({"good": 1.5}, ["good"], r"^chance must lie between 0 and 1, not 1.5$"),
        ({"churned": False}, ["good"], r"^nobody churned in these rows"),
    ],
)
def test_rows_that_cannot_be_compared_are_refused(change, models, message):
    with pytest.raises(InputError, match=message):
        paired_bootstrap(scored(20, seed=1).assign(**change), models, np.random.default_rng(1))


def test_the_best_by_an_unknown_metric_is_refused():
    message = r"^best_by must be one of auc, .*, lift10, not 'f1'$"
    with pytest.raises(InputError, match=message):
        paired_bootstrap(scored(20, seed=1), ["good"], np.random.default_rng(1), best_by="f1")
    with pytest.raises(InputError, match=r"^best_by must be one of auc, not 'log_loss'$"):
        fold_differences(folds(("a", [0.8, 0.8])))


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        (folds(("a", [0.8, 0.8])).drop(columns="fold"), r"^the frame has no column fold$"),
        (folds(("a", [0.8, np.nan])), r"^a value is missing in the frame of folds$"),
        (folds(("a", [0.8, 0.8]), ("b", [0.8])), r"^b has no auc in one of the folds"),
        (folds(("a", [0.8])), r"^every repeat needs the same folds, and at least two of them$"),
        (folds(("a", [0.8, 0.8, 0.8])), r"^every repeat needs the same folds"),
        (
            pd.concat([folds(("a", [0.8, 0.8]))] * 2),
            r"^a model has two values of one metric in the same fold$",
        ),
    ],
)
def test_folds_that_do_not_match_are_refused(frame, message):
    with pytest.raises(InputError, match=message):
        fold_differences(frame, best_by="auc")


def told(auc_low: float, in_noise: bool, best: str = "model") -> pd.DataFrame:
    rows = [("model", "log_loss", 0.5), ("base rate", "log_loss", 0.6), ("model", "auc", 0.6)]
    table = pd.DataFrame(rows, columns=["model", "metric", "value"])
    is_loss = table["metric"] == "log_loss"
    table["is_best"] = is_loss & (table["model"] == best)
    table["in_noise"] = is_loss & (table["model"] == "base rate") & in_noise
    return table.assign(low=auc_low)


@pytest.mark.parametrize(
    ("compared", "expected"),
    [
        (told(0.45, in_noise=False), True),  # better than the base rate in log loss
        (told(0.55, in_noise=True), True),  # in its noise, but ranks better than by lot
        (told(0.45, in_noise=True), False),
        (told(0.55, in_noise=False, best="base rate"), False),
    ],
)
def test_something_tells_where_the_base_rate_is_behind_or_the_order_is_sure(compared, expected):
    assert has_signal(compared, "base rate") is expected


def test_ends_of_figures_over_folds_stay_where_figures_can_be():
    values = folds(("a", [0.2, 0.99, 0.6]), folds_per_repeat=3)
    found = fold_differences(values, best_by="auc")
    assert found["low"].ge(0).all()
    assert found["high"].le(1).all()
