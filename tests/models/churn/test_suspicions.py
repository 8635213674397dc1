import numpy as np
import pandas as pd
import pytest

from src.models.churn.guards import univariate_auc
from src.models.churn.suspicions import drop_line, suspicions

ROWS = 2_000


@pytest.fixture
def honest():
    """A label that usage tells a little, and the frame of usage and a plan."""
    rng = np.random.default_rng(0)
    usage = rng.normal(size=ROWS)
    churned = rng.random(ROWS) < 1 / (1 + np.exp(1.5 + usage))
    plan = pd.Series(rng.choice(["a", "b"], ROWS))
    return rng, pd.DataFrame({"usage": usage, "plan": plan}), churned


def looked(frame, churned, **more):
    return suspicions(frame, churned, univariate_auc(frame, churned), **more)


def test_honest_columns_are_no_matter(honest):
    _, frame, churned = honest
    assert looked(frame, churned).empty


def test_a_strong_column_is_named_with_the_figures_with_and_without_it(honest):
    rng, frame, churned = honest
    found = looked(frame.assign(months=churned * 1.7 + rng.normal(size=ROWS)), churned)
    assert found["column"].tolist() == ["months"]
    assert found["why"].iloc[0].startswith("AUC 0.8")
    assert found["with_them"].iloc[0] > found["without"].iloc[0] + 0.1


@pytest.mark.parametrize("name", ["duration", "remaining_contract", "CancelReason", "Restlaufzeit"])
def test_a_name_that_speaks_of_the_end_is_named_sooner(honest, name):
    rng, frame, churned = honest
    values = churned * 1.1 + rng.normal(size=ROWS)
    assert looked(frame.assign(months=values), churned).empty
    found = looked(frame.assign(**{name: values}), churned)
    assert found["column"].tolist() == [name]
    assert found["why"].iloc[0].endswith("under a name that speaks of the end")


def test_a_value_and_empty_cells_that_decide_are_named(honest):
    rng, frame, churned = honest
    state = np.where(churned & (rng.random(ROWS) < 0.5), "grey", "green")
    months = np.where(~churned & (rng.random(ROWS) < 0.4), np.nan, 1.0 + rng.integers(0, 3, ROWS))
    found = looked(frame.assign(state=state, months=months), churned).set_index("column")["why"]
    assert set(found.index) == {"state", "months"}
    assert "customers with grey 100.0% left" in found["state"]
    assert "customers, of whom 0.0% left" in found["months"]


def test_a_column_that_carries_the_model_is_named(honest):
    rng, frame, churned = honest
    frame = frame.assign(months=churned * 1.1 + rng.normal(size=ROWS))
    shares = pd.Series({"months": 0.56, "usage": 0.4, "plan": 0.04})
    found = looked(frame, churned, shares=shares)
    assert found["why"].tolist() == ["56% of all contributions"]


def test_the_line_to_write_is_yaml():
    import yaml

    names = ["duration", "a: b", "it's", "calls [30 d]"]
    line = drop_line(names).strip("`")
    assert yaml.safe_load(line) == {"drop": names}
