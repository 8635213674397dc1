"""Whatever the key of the hashes, the same files give the same rows, folds and intervals."""

import shutil

import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from src.analyses import churn, ltv
from src.data.building import build_base
from src.features.tables import build_features, open_features

KEYS = (b"one key of this machine", b"another key of another one")


@pytest.fixture(scope="module")
def twins(revenue_only, tmp_path_factory):
    """The same files built under two keys."""
    made = []
    for key in KEYS:
        folder = tmp_path_factory.mktemp("bases") / "twin"
        folder.mkdir()
        for file in ("base.yml", "customers.csv", "billing.csv"):
            shutil.copy2(revenue_only.folder / file, folder)
        base = build_base(str(folder), key)
        build_features(base)
        made.append(base)
    assert not made[0].table("customers").equals(made[1].table("customers"))
    return made


def without_ids(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.drop(columns="customer_id")


def test_rows_of_features_follow_the_customers_of_the_source(twins):
    one, other = (open_features(base).read() for base in twins)

    assert_frame_equal(without_ids(one), without_ids(other))
    places = one["customer_id"].map(pd.Series(range(800), open_features(twins[0]).order[:800]))
    assert places[one["snapshot"] == one["snapshot"].max()].dropna().is_monotonic_increasing


def test_a_model_learns_from_the_same_customers(twins):
    one, other = (churn.open_study(str(base.folder), segment="B2C") for base in twins)

    for of_one, of_other in zip(
        one.population.split.inner_folds(1)[0],
        other.population.split.inner_folds(1)[0],
        strict=True,
    ):
        assert of_one.tolist() == of_other.tolist()
    assert_frame_equal(
        without_ids(one.population.split.train), without_ids(other.population.split.train)
    )


@pytest.mark.slow
def test_the_gap_of_a_panel_has_the_same_intervals(twins):
    quick = {"replicates": 50, "shapes": 2, "every": 4, "margin_share": 0.4}
    one, other = (ltv.open_study(str(base.folder), **quick) for base in twins)

    assert_frame_equal(without_ids(one.worth()), without_ids(other.worth()))
    assert_frame_equal(one.gap().ltv, other.gap().ltv)
    assert_frame_equal(one.gap().bars, other.gap().bars)
    assert_frame_equal(one.mean_by("tenure_months"), other.mean_by("tenure_months"))


@pytest.mark.slow
def test_the_gap_of_a_snapshot_has_the_same_intervals(plans, tmp_path):
    found = []
    for place, key in enumerate(KEYS):
        folder = tmp_path / str(place)
        folder.mkdir()
        for file in ("base.yml", "a.csv"):
            shutil.copy2(plans.folder / file, folder)
        given = {"group": "plan", "first": "gold", "second": "basic", "replicates": 50}
        study = ltv.open_study(str(build_base(str(folder), key).folder), **given)
        found.append((study.gap().ltv, study.mix().totals, study.alike().table))

    for other in found[1:]:
        for of_one, of_other in zip(found[0], other, strict=True):
            assert_frame_equal(of_one, of_other)
