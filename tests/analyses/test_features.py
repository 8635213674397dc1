"""The features of a small simulated operator, step by step."""

import shutil

import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from src.analyses import features
from src.analyses.missing import Missing
from src.data.bases import open_base
from src.data.problems import InputError
from src.data.provenance import read_record, sealed
from src.features.tables import open_features

LONGEST = 300


@pytest.fixture(scope="module")
def study(small_operator):
    return features.open_study(str(small_operator.folder))


def test_the_snapshot_is_the_latest_whose_labels_are_known(study, small_operator):
    # Exits are known two months before the last bill, and B2B looks seven months ahead.
    last = small_operator.table("billing", ["month"])["month"].max()
    assert study.at == last - pd.DateOffset(months=2 + 7)
    assert study.before == study.at - pd.DateOffset(months=12)
    assert {name: (h.gap, h.months) for name, h in study.horizons.items()} == {
        "B2B": (1, 6),
        "B2C": (0, 3),
    }


def test_another_snapshot_and_a_shorter_way_back(small_operator):
    folder = str(small_operator.folder)
    study = features.open_study(folder, snapshot="2024-06", months_back=3)
    assert (study.at, study.before) == (pd.Timestamp("2024-06-01"), pd.Timestamp("2024-03-01"))
    assert study.rows()["snapshot"].unique().tolist() == [pd.Timestamp("2024-06-01")]
    # The farthest back is the first snapshot there is.
    first = open_features(small_operator).snapshots[0]
    assert features.open_study(folder, months_back=200).before == first


def test_families_count_what_the_catalogue_lists(study):
    catalogue, families = study.catalogue(), study.families()
    assert list(families.columns) == ["family", "features", "source", "example"]
    assert families["features"].sum() == len(catalogue)
    assert families["family"].tolist() == list(dict.fromkeys(catalogue["family"]))


def test_the_rows_are_the_feature_table_of_the_month(study, small_operator):
    assert_frame_equal(study.rows(), open_features(small_operator).read([study.at]))


def test_what_each_feature_says_alone_in_one_segment_or_in_all(study):
    signal = study.signal()
    assert list(signal.columns) == [
        *("segment", "feature", "auc", "low", "high", "direction", "mutual_information")
    ]
    assert signal["segment"].unique().tolist() == ["B2B", "B2C"]
    alone = study.signal("B2B")
    assert alone["auc"].is_monotonic_decreasing
    assert_frame_equal(alone, signal[signal["segment"] == "B2B"])
    with pytest.raises(InputError, match=r"not 'b2b'; did you mean B2B\? It has B2B, B2C"):
        study.signal("b2b")


def test_no_feature_of_the_operator_reads_the_future(study):
    leaks = study.leaks()
    assert (leaks.later, leaks.cells, leaks.violations) == (0, 0, 0)
    assert isinstance(leaks.rewritten, Missing)


def test_an_earlier_load_shows_what_was_rewritten(small_operator, tmp_path):
    folder = tmp_path / "earlier"
    shutil.copytree(small_operator.folder, folder)
    people = open_base(str(folder)).table("customers")
    record = read_record(folder / "built.json")
    people.assign(region="elsewhere").to_parquet(folder / "tables/customers.parquet")
    (folder / "built.json").write_text(sealed(folder, ["tables", "truth"], record))
    study = features.open_study(str(small_operator.folder), earlier=str(folder))
    rewritten = study.leaks().rewritten
    assert rewritten[["column", "share"]].to_numpy().tolist() == [["region", 1.0]]


def test_spreads_of_named_features(study):
    spreads = study.spreads("tenure_months")
    assert spreads["group"].tolist() == ["B2B", "B2C"]
    rows = study.rows()
    assert spreads["scale"].tolist() == [rows["tenure_months"].median()] * 2
    of_b2b = rows.loc[rows["segment"] == "B2B", "tenure_months"].median()
    assert spreads["median"].iloc[0] == of_b2b
    assert "revenue_mean_3m" in set(study.spreads()["feature"])
    with pytest.raises(InputError, match="did you mean tenure_months"):
        study.spreads("tenure_month")


def test_shifts_clusters_and_their_correlations(study):
    assert study.stability()["psi"].is_monotonic_decreasing
    clusters = study.clusters()
    assert list(clusters.columns) == ["cluster", "feature", "closest", "size"]
    rho = study.correlations()
    assert list(rho.index) == list(rho.columns) == clusters["feature"].head(len(rho)).tolist()
    assert (clusters["size"].head(len(rho)) > 1).all()


def test_reprs_are_short_and_every_step_is_explained(study):
    for answer in (study, study.leaks(), study.horizons, study.setting, study.base):
        assert len(repr(answer)) < LONGEST
    steps = [step for name, step in vars(type(study)).items() if name[0] != "_"]
    assert len(steps) >= 11
    assert all(step.__doc__ for step in steps)


def test_steps_give_the_same_in_any_order(study, small_operator):
    again = features.open_study(str(small_operator.folder))
    for step in ("stability", "clusters", "signal", "empty", "left_out"):
        assert_frame_equal(getattr(again, step)(), getattr(study, step)())


def test_a_segment_in_which_too_few_left_has_no_signal_and_the_rest_stands(small_operator):
    study = features.open_study(str(small_operator.folder))
    rows = study.rows()
    study.__dict__["_rows"] = rows[(rows["segment"] == "B2C") | (rows.index % 40 == 0)]
    assert study.signal()["segment"].unique().tolist() == ["B2C"]
    assert study.leaks().too_good == []

    alone = features.open_study(str(small_operator.folder))
    alone.__dict__["_rows"] = rows.iloc[:20]
    assert list(alone.signal().columns) == list(study.signal().columns)
    assert alone.signal().empty
    assert alone.leaks().too_good is None
