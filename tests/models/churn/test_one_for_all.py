import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from src.data.problems import InputError
from src.models.churn.one_for_all import figures_by_segment, importance_by_segment
from src.models.explain.importance import importance, importance_by
from src.models.scoring.comparison import paired_bootstrap
from src.models.scoring.scores import roc_auc

FEW = {"replicates": 40, "confidence": 0.9}


@pytest.fixture(scope="module")
def rows() -> pd.DataFrame:
    """Two rows per customer; B2B leaves more rarely; `own` is known of B2B only."""
    rng = np.random.default_rng(1)
    segment = np.repeat(["B2B", "B2C"], [300, 500])
    chance = np.clip(np.where(segment == "B2B", 0.1, 0.3) * rng.uniform(0.3, 1.7, 800), 0.01, 0.9)
    return pd.DataFrame(
        {
            "customer_id": np.arange(800) // 2,
            "segment": segment,
            "churned": rng.random(800) < chance,
            "one for all": chance,
            "own": np.where(segment == "B2B", np.sqrt(chance) / 3, np.nan),
        }
    )


def test_figures_overall_and_by_segment(rows):
    found = figures_by_segment(rows, ["one for all", "own"], np.random.default_rng(2), **FEW)

    kinds = found[["segment", "model"]].drop_duplicates().to_records(index=False).tolist()
    assert kinds == [
        ("all", "one for all"),
        ("B2B", "one for all"),
        ("B2B", "own"),
        ("B2C", "one for all"),
    ]
    of_b2b = rows[rows["segment"] == "B2B"]
    b2b = found[found["segment"] == "B2B"]
    assert (b2b["customers"] == 150).all()
    left = of_b2b.loc[of_b2b["churned"], "customer_id"].nunique()
    assert (b2b["churners"] == left).all()
    area = b2b[b2b["metric"] == "auc"].set_index("model")["value"]
    assert area["own"] == pytest.approx(roc_auc(of_b2b["churned"], of_b2b["own"]))
    # A monotone transform ranks alike; overall the segment ranks as well.
    assert area["own"] == area["one for all"]
    overall = found[(found["segment"] == "all") & (found["metric"] == "auc")]["value"].iloc[0]
    assert overall == pytest.approx(roc_auc(rows["churned"], rows["one for all"]))


def test_they_are_those_of_the_paired_bootstrap(rows):
    one = rows[rows["segment"] == "B2C"]
    found = figures_by_segment(one, ["one for all"], np.random.default_rng(3), **FEW)

    rng = np.random.default_rng(3)
    for segment in ("all", "B2C"):
        expected = paired_bootstrap(one, ["one for all"], rng, **FEW)
        part = found[found["segment"] == segment].reset_index(drop=True)
        assert_frame_equal(part[list(expected)], expected)


def test_a_segment_of_few_churners_is_left_out(rows):
    quiet = rows["churned"] & ~((rows["segment"] == "B2B") & (rows["customer_id"] > 12))
    assert 0 < quiet[rows["segment"] == "B2B"].sum() < 10

    found = figures_by_segment(
        rows.assign(churned=quiet), ["one for all"], np.random.default_rng(4), **FEW
    )
    assert found["segment"].unique().tolist() == ["all", "B2C"]


def test_a_missing_column_is_named(rows):
    with pytest.raises(InputError, match="the frame has no column segment"):
        figures_by_segment(rows.drop(columns="segment"), ["own"], np.random.default_rng(1))


def test_importance_of_all_stands_before_the_segments():
    values = pd.DataFrame({"price": [1.0, -1, 0, 0], "calls": [0.0, 0, 2, -4]})
    segment = np.array(["B2C", "B2C", "B2B", "B2B"])
    found = importance_by_segment(values, segment)

    assert found["group"].tolist() == ["all", "all", "B2B", "B2B", "B2C", "B2C"]
    assert_frame_equal(found.iloc[2:].reset_index(drop=True), importance_by(values, segment))
    whole = found.iloc[:2]
    assert whole[["column", "importance", "share"]].to_dict("records") == (
        importance(values).to_dict("records")
    )
    assert whole["customers"].tolist() == [4, 4]
    assert whole["rank"].tolist() == [1, 2]
