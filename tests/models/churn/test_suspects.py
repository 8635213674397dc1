import time

import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import train_test_split
from sklearn.neighbors import NearestNeighbors

from src.data.bases import open_base
from src.data.problems import InputError
from src.models.churn.guards import CEILINGS
from src.models.churn.suspects import named, refuse_model, refuse_suspects, suspects


def shipped(base: str) -> tuple[pd.DataFrame, pd.Series]:
    rows = open_base(base).table("snapshot")
    return rows.drop(columns=["customer_id", "churned"]), rows["churned"]


def honest(count: int = 3_000, seed: int = 0) -> tuple[pd.DataFrame, np.ndarray]:
    """Columns that tell something: no two of them together more than an AUC of 0.9."""
    rng = np.random.default_rng(seed)
    churned = (rng.random(count) < 0.25).astype(int)
    frame = pd.DataFrame(
        {
            "tenure_months": rng.gamma(2, 15 - 8 * churned).round(),
            "usage": rng.lognormal(3 - 0.8 * churned, 1),
            "plan": np.where(rng.random(count) < 0.3 + 0.3 * churned, "flex", "fixed"),
            "is_new": rng.random(count) < 0.2,
        }
    )
    return frame, churned


def filled_for(churned, of_churners: float, of_stayers: float, seed: int = 1) -> pd.Series:
    rng = np.random.default_rng(seed)
    is_filled = rng.random(len(churned)) < np.where(churned == 1, of_churners, of_stayers)
    return pd.Series(np.where(is_filled, rng.choice(["K1", "K2"], len(churned)), None))


@pytest.mark.parametrize("base", ["ibm_telco", "mlc_churn", "tv_subscription"])
def test_nothing_is_suspected_on_public_bases(base):
    started = time.perf_counter()
    found = suspects(*shipped(base), ceiling=CEILINGS.get(base))

    assert found.empty
    assert found.columns.tolist() == ["columns", "why", "figure"]
    # Half a second on a machine of 2026; the report waits for it.
    assert time.perf_counter() - started < 10


def test_honest_columns_pass_whatever_the_luck():
    for seed in range(15):
        assert suspects(*honest(300, seed), seed=seed).empty


def test_columns_alone_are_named():
    frame, churned = honest()
    frame = frame.assign(
        closing_code=churned * 2.0,
        last_status=np.where(churned, "gone", "here"),
        ring=np.where(churned, 0.0, np.random.default_rng(2).choice([-1, 1], len(churned))),
    )
    found = suspects(frame, churned)

    assert found["columns"].tolist() == [("closing_code",), ("last_status",), ("ring",)]
    assert found["why"].tolist() == [
        "AUC 1.000 alone",
        "AUC 1.000 alone",
        "AUC 1.000 alone by its ranges",  # its order tells nothing: churners are in the middle
    ]
    assert found["figure"].tolist() == [1, 1, 1]


def test_a_closing_code_of_most_churners_is_found():
    """Filled for 85 % of churners only: an AUC of 0.93, below the limit of a column alone."""
    frame, churned = honest()
    found = suspects(frame.assign(closing_code=filled_for(churned, 0.85, 0)), churned)

    assert found["columns"].tolist() == [("closing_code",)]
    assert found["figure"][0] == pytest.approx(0.85, abs=0.03)
    assert found["why"][0].startswith("filled for 8")
    assert found["why"][0].endswith("% of churners and 0.0% of stayers")


@pytest.mark.parametrize("code", [" ", ""])
def test_blank_text_is_not_filled(code):
    frame, churned = honest()
    column = filled_for(churned, 0.5, 0).fillna(code)
    assert named(suspects(frame.assign(closing_code=column), churned)) == ["closing_code"]


@pytest.mark.parametrize(
    ("of_churners", "of_stayers"),
    [
        (0.3, 0.02),  # who complained: fifteen times as often among churners
        (0.05, 0.0),  # too few of them to matter
        (0.6, 0.6),  # holes that mean nothing
        (0.0, 0.5),  # filled for stayers: a contract that runs on
    ],
)
def test_honest_holes_pass(of_churners, of_stayers):
    frame, churned = honest()
    column = filled_for(churned, of_churners, of_stayers)
    assert suspects(frame.assign(column=column), churned).empty


def test_blank_total_charges_of_new_customers_pass():
    frame, churned = shipped("ibm_telco")
    assert frame["total_charges"].isna().sum() == 11
    assert "total_charges" not in named(suspects(frame, churned))


def two(kind: str, churned: np.ndarray) -> dict[str, object]:
    """Two columns that say little alone, and all together."""
    rng = np.random.default_rng(7)
    rows = len(churned)
    money, coin = rng.lognormal(3, 1, rows), rng.integers(0, 2, rows)
    start = pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.integers(0, 900, rows), unit="D")
    days = np.where(churned, rng.integers(1, 20, rows), rng.integers(25, 60, rows))
    town = rng.choice(list("abcdef"), rows)
    last = np.where(churned, np.roll(town, 1), town)
    is_other = last != town
    return {
        "difference": {"one": money, "two": money - np.where(churned, 0.2, -0.1)},
        "ratio": {
            "one": money,
            "two": money * np.where(churned, 0.6, 1) * rng.uniform(0.9, 1, rows),
        },
        "sum": {"one": money, "two": np.where(churned, 9, 10) - money},
        "either or": {"one": coin, "two": coin ^ churned},
        "dates": {"one": start, "two": start + pd.to_timedelta(days, unit="D")},
        "levels": {"one": town, "two": np.where(is_other | (churned == 0), last, "g")},
    }[kind]


@pytest.mark.parametrize("kind", ["difference", "ratio", "sum", "either or", "dates", "levels"])
def test_two_columns_that_together_separate_are_found(kind):
    frame, churned = honest()
    frame = frame.assign(**two(kind, churned))
    found = suspects(frame, churned)

    assert [set(columns) for columns in found["columns"]] == [{"one", "two"}]
    assert found["figure"][0] > 0.98
    assert found["why"][0] == f"AUC {found['figure'][0]:.3f} together"
    for name in ("one", "two"):
        assert suspects(frame.drop(columns=name), churned).empty


def three(frame: pd.DataFrame, churned: np.ndarray) -> pd.DataFrame:
    """Three columns, no two of which tell much: the label is the third less both others."""
    first, second = np.random.default_rng(4).integers(0, 3, (2, len(frame)))
    return frame.assign(first=first, second=second, third=first + second + churned)


def test_a_model_that_is_too_good_names_what_carries_it():
    frame, churned = honest()
    found = suspects(three(frame, churned), churned)

    assert len(found) == 1
    assert len(found["columns"][0]) == 1  # without any one of the three the others say nothing
    assert set(found["columns"][0]) < {"first", "second", "third"}
    assert found["figure"][0] > 0.99
    assert found["why"][0].startswith(f"a model has an AUC of {found['figure'][0]:.4f} with them")
    rest = three(frame, churned).drop(columns=named(found))
    assert suspects(rest, churned).empty


def test_a_model_is_held_to_the_ceiling_where_one_is_known():
    frame, churned = honest()
    assert suspects(frame, churned).empty
    found = suspects(frame, churned, ceiling=0.8)

    assert 0.8 < found["figure"][0] < 0.95
    left = frame.drop(columns=named(found))
    assert suspects(left, churned, ceiling=0.8).empty


def test_rows_of_a_customer_do_not_vouch_for_each_other():
    """What names customers tells the exit of one row from another, on folds of rows only."""
    frame, churned = honest(300)
    rows = np.arange(300).repeat(4)
    named_rows = frame.assign(number=np.random.default_rng(1).permutation(300)).iloc[rows]

    assert suspects(named_rows, churned[rows]).empty
    assert len(suspects(named_rows.reset_index(drop=True), churned[rows]))


def test_the_message_names_columns_and_says_how_to_go_on():
    frame, churned = honest()
    frame = frame.assign(closing_code=churned, **two("either or", churned))

    with pytest.raises(InputError) as caught:
        refuse_suspects(suspects(frame, churned))
    said = str(caught.value)
    assert said.startswith("too good to be true: closing_code (AUC 1.000 alone); ")
    assert "one and two (AUC 1.000 together)" in said or "two and one (AUC 1.000" in said
    assert 'set LEAKS to "leave out", or name them in WITHOUT' in said
    assert "base.yml" not in said  # the features of a panel stand in no file
    with pytest.raises(InputError, match=r"tables\.snapshot of base\.yml: `drop: \[closing_code, "):
        refuse_suspects(suspects(frame, churned), is_snapshot=True)
    refuse_suspects(suspects(*honest()))


def test_the_same_seed_gives_the_same():
    frame, churned = honest()
    frame = three(frame, churned).assign(**two("ratio", churned))
    pd.testing.assert_frame_equal(
        suspects(frame, churned, seed=3), suspects(frame, churned, seed=3)
    )


def test_a_model_above_its_limit_is_refused_with_the_columns_that_carry_it():
    frame, churned = honest()
    leaking = three(frame, churned)

    refuse_model(0.96, None, leaking, churned)
    with pytest.raises(InputError) as caught:
        refuse_model(0.9999, None, leaking, churned)
    said = str(caught.value)
    assert said.startswith("too good to be true: the model has an AUC of 0.9999, and where no")
    assert "ceiling is known, 0.97 is the limit. It is carried by " in said
    assert "into the parameters" in said
    assert "tables.snapshot" not in said
    with pytest.raises(InputError, match=r"base.yml: `drop: \[.*\]`. To go on .*`WITHOUT: \[.*\]`"):
        refuse_model(0.9999, None, leaking, churned, is_snapshot=True)
    assert any(name in said for name in ("first", "second", "third"))


def duplicated(features: pd.DataFrame, churned: pd.Series) -> tuple[pd.DataFrame, pd.Series]:
    """Churners again and again, until there are several to each stayer."""
    again = np.flatnonzero(churned).repeat(8)
    rows = np.concatenate([np.arange(len(churned)), again])
    return features.iloc[rows], churned.iloc[rows]


def smote_and_edited(features: pd.DataFrame, churned: pd.Series) -> tuple[pd.DataFrame, pd.Series]:
    """SMOTE-ENN: churners between churners, then no row that its neighbours disagree with."""
    rng = np.random.default_rng(1)
    x, y = features.to_numpy(float), churned.to_numpy()
    x = (x - x.mean(axis=0)) / np.maximum(x.std(axis=0), 1e-9)  # one column is constant
    own = x[y]
    near = NearestNeighbors(n_neighbors=6).fit(own).kneighbors(own, return_distance=False)[:, 1:]
    extra = int((~y).sum() - y.sum())
    start = rng.integers(0, len(own), extra)
    end = near[start, rng.integers(0, 5, extra)]
    between = own[start] + rng.random((extra, 1)) * (own[end] - own[start])
    x, y = np.vstack([x, between]), np.append(y, np.ones(extra, dtype=bool))
    around = NearestNeighbors(n_neighbors=4).fit(x).kneighbors(x, return_distance=False)[:, 1:]
    agrees = (y[around] == y[:, None]).all(axis=1)
    return pd.DataFrame(x[agrees]), pd.Series(y[agrees])


def forest_auc(features: pd.DataFrame, churned: pd.Series) -> float:
    parts = train_test_split(features, churned, test_size=0.25, random_state=1, stratify=churned)
    forest = RandomForestClassifier(60, random_state=1, n_jobs=1).fit(parts[0], parts[2])
    return float(roc_auc_score(parts[3], forest.predict_proba(parts[1])[:, 1]))


@pytest.mark.parametrize("resample", [duplicated, smote_and_edited])
def test_resampling_before_the_split_is_stopped(resample):
    features, churned = shipped("ibm_telco")
    encoded = pd.get_dummies(features.fillna({"total_charges": 0}), dtype=float)
    honest, trapped = forest_auc(encoded, churned), forest_auc(*resample(encoded, churned))

    assert 0.80 < honest < 0.85
    assert trapped > 0.985
    refuse_model(honest, CEILINGS["ibm_telco"], features, churned)
    with pytest.raises(InputError) as caught:
        refuse_model(trapped, CEILINGS["ibm_telco"], features, churned)
    assert "no honest model of this base is above 0.87. It is not the columns" in str(caught.value)
    assert "resampling before the split, which puts copies of a row" in str(caught.value)
