import numpy as np
import pandas as pd
import pytest
import yaml

from src.models.churn.guards import univariate_auc
from src.models.churn.suspicions import drop_line, suspicions

ROWS = 600
COLUMNS = ["column", "why", "with_them", "without"]


def honest() -> tuple[pd.DataFrame, np.ndarray]:
    """A third left; a column that tells a little, and one that tells nothing."""
    rng = np.random.default_rng(4)
    churned = np.arange(ROWS) % 3 == 0
    frame = pd.DataFrame({"usage": rng.normal(size=ROWS) - 0.5 * churned})
    return frame.assign(age=rng.integers(18, 80, ROWS)), churned


def shifted(churned: np.ndarray, by: float, seed: int = 5) -> np.ndarray:
    """A number whose AUC is Phi(by / sqrt 2): 0.76 of 1, 0.87 of 1.6."""
    return np.random.default_rng(seed).normal(size=len(churned)) + by * churned


def looked(frame: pd.DataFrame, churned: np.ndarray, **known) -> pd.DataFrame:
    return suspicions(frame, churned, univariate_auc(frame, churned), **known)


def test_honest_columns_are_not_named():
    frame, churned = honest()
    found = looked(frame.assign(calls=shifted(churned, 1)), churned)
    assert found.empty
    assert list(found) == COLUMNS


def test_a_strong_column_is_named_whatever_its_name():
    frame, churned = honest()
    frame = frame.assign(balance=shifted(churned, 1.7))
    alone = univariate_auc(frame, churned).set_index("column")["auc"]["balance"]
    found = looked(frame, churned)
    assert found["column"].tolist() == ["balance"]
    assert found["why"].tolist() == [f"AUC {alone:.2f} alone"]
    assert found.loc[0, "with_them"] > 0.8 > 0.7 > found.loc[0, "without"]


@pytest.mark.parametrize(
    "name",
    [
        "duration",
        "remaining_contract",
        "RemainingContract",
        "contract end",
        "CancelReason",
        "Restlaufzeit",
    ],
)
def test_a_weaker_one_is_named_where_its_name_speaks_of_the_end(name):
    frame, churned = honest()
    found = looked(frame.assign(**{name: shifted(churned, 1.1)}), churned)
    assert found["column"].tolist() == [name]
    assert found.loc[0, "why"].endswith("alone, under a name that speaks of the end")


@pytest.mark.parametrize("name", ["weekend_calls", "spending", "brand", "cleft", "disclosed"])
def test_words_inside_of_words_say_nothing(name):
    frame, churned = honest()
    assert looked(frame.assign(**{name: shifted(churned, 1.1)}), churned).empty


def test_a_cell_that_decides_is_named_with_its_customers():
    frame, churned = honest()
    left = np.full(ROWS, 12.0)
    left[np.flatnonzero(churned)[:80]] = 0.0
    left[np.flatnonzero(~churned)[0]] = 0.0
    found = looked(frame.assign(left_months=left), churned)
    assert found["column"].tolist() == ["left_months"]
    assert found["why"].tolist() == ["of 81 customers with 0 nearly all left"]


def test_empty_cells_that_decide_are_named():
    frame, churned = honest()
    until = np.random.default_rng(6).integers(1, 25, ROWS).astype(float)
    until[np.flatnonzero(~churned)[:150]] = np.nan  # nobody of these left: 50 would have
    found = looked(frame.assign(until=until), churned)
    assert found["why"].tolist() == ["empty for 150 customers, of whom 0.0% left"]

    until = np.ones(ROWS)
    until[np.flatnonzero(churned)[:90]] = np.nan
    found = looked(frame.assign(until=until), churned)
    assert found["why"].tolist() == ["empty for 90 customers, of whom 100.0% left"]


def test_few_customers_decide_nothing():
    frame, churned = honest()
    left = np.full(ROWS, "12 months", dtype=object)
    left[np.flatnonzero(churned)[:29]] = "none"
    until = np.ones(ROWS)
    until[np.flatnonzero(~churned)[:50]] = np.nan  # 17 of these would have left
    assert looked(frame.assign(left=left, until=until), churned).empty


def test_where_most_leave_a_cell_of_leavers_is_usual():
    frame, _ = honest()
    churned = np.arange(ROWS) % 10 < 7
    plan = np.full(ROWS, "fixed", dtype=object)
    plan[np.flatnonzero(churned)[:200]] = "flex"
    assert looked(frame.assign(plan=plan), churned).empty


def test_a_column_that_carries_more_than_half_of_a_model_is_named():
    frame, churned = honest()
    frame = frame.assign(calls=shifted(churned, 1))
    shares = pd.Series({"calls": 0.56, "usage": 0.44})
    found = looked(frame, churned, shares=shares)
    assert found["column"].tolist() == ["calls"]
    assert found["why"].tolist() == ["56% of all contributions"]


def test_a_column_that_tells_little_alone_is_not_named_for_what_it_carries():
    frame, churned = honest()
    assert looked(frame, churned, shares=pd.Series({"usage": 0.9})).empty


def test_a_column_without_which_the_trees_know_as_much_is_not_named():
    """The other of two that say the same stays, under the bar and named alike."""
    frame, churned = honest()
    calls = shifted(churned, 1.1)
    both = frame.assign(calls=calls, twice=2 * calls)
    assert looked(both, churned, shares=pd.Series({"calls": 0.6, "twice": 0.4})).empty


def test_the_strongest_alone_is_said_first():
    frame, churned = honest()
    frame = frame.assign(duration=shifted(churned, 1.1), balance=shifted(churned, 1.8, seed=7))
    assert looked(frame, churned)["column"].tolist() == ["balance", "duration"]


def test_columns_that_are_all_named_leave_a_draw_by_lot():
    _, churned = honest()
    found = looked(pd.DataFrame({"balance": shifted(churned, 1.7)}), churned)
    assert found["without"].tolist() == [0.5]


@pytest.mark.parametrize(
    "names",
    [
        ["remaining_contract", "duration"],
        ["a: b", "calls [last 30 d]", "fee, EUR", "usage <5 GB", "it's", "# lines", "- x"],
        ["no", "Yes", "null", "on", "true", "7", "3.5", "2024-01-01", "_1", "1_000"],
        ["Kündigung", "último pago", "Отток", "解約", "trailing "],
    ],
)
def test_the_line_to_write_is_read_as_these_names(names):
    line = drop_line(names)
    assert line.startswith("`drop: [")
    assert yaml.safe_load(line.strip("`")) == {"drop": names}
