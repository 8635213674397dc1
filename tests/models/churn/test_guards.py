import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from src.data.bases import open_base
from src.data.problems import InputError
from src.models.churn.guards import (
    enough_churners,
    refuse_overlap,
    univariate_auc,
)


def month(text: str) -> pd.Timestamp:
    return pd.Timestamp(text)


def customers(count: int, seed: int, rate: float = 0.3) -> tuple[np.ndarray, np.random.Generator]:
    rng = np.random.default_rng(seed)
    return rng.random(count) < rate, rng


def of(column, churned) -> pd.Series:
    return univariate_auc(pd.DataFrame({"column": column}), churned).iloc[0]


def test_a_number_has_the_auc_of_scikit_learn():
    churned, rng = customers(500, seed=1)
    usage = (rng.normal(size=500) - churned).round(1)
    found = of(usage, churned)

    assert found["auc"] == pytest.approx(1 - roc_auc_score(churned, usage))
    assert found["direction"] == "lower"
    assert of(-usage, churned)["direction"] == "higher"
    assert of(np.exp(usage), churned)["auc"] == found["auc"]


def test_the_standard_error_is_that_of_all_pairs():
    churned, rng = customers(60, seed=2)
    usage = (rng.normal(size=60) + churned).round(1)
    above, below = usage[churned][:, None], usage[~churned][None, :]
    wins = (above > below) + 0.5 * (above == below)
    variance = wins.mean(axis=1).var(ddof=1) / churned.sum()
    variance += wins.mean(axis=0).var(ddof=1) / (~churned).sum()

    found = of(usage, churned)
    assert found["auc"] == pytest.approx(wins.mean())
    assert found["auc"] - found["low"] == pytest.approx(1.959964 * np.sqrt(variance))


def test_the_interval_covers_the_truth():
    covered = []
    for seed in range(300):
        churned, rng = customers(300, seed=seed)
        # Of two normals that lie d apart the AUC is Phi(d / root 2): 0.7602 for d = 1.
        found = of(rng.normal(size=300) + churned, churned)
        covered.append(found["low"] <= 0.7602 <= found["high"])

    assert 0.92 <= np.mean(covered) <= 0.98


def test_levels_that_mean_something():
    churned, rng = customers(5_000, seed=3)
    contract = np.where(churned, rng.choice(["m", "y"], 5_000, p=[0.8, 0.2]), "")
    contract = np.where(churned, contract, rng.choice(["m", "y"], 5_000, p=[0.3, 0.7]))
    found = of(contract, churned)

    # 0.8 x 0.7 wins and 0.8 x 0.3 + 0.2 x 0.7 ties.
    assert found["auc"] == pytest.approx(0.56 + 0.38 / 2, abs=0.015)
    assert found["low"] < 0.75 < found["high"]
    assert found["direction"] == "levels"


@pytest.mark.parametrize("levels", [1, 2, 30, 500, 2_000])
def test_levels_without_meaning_stay_near_one_half(levels):
    found = []
    for seed in range(20):
        churned, rng = customers(2_000, seed=seed)
        codes = np.arange(2_000) if levels == 2_000 else rng.integers(0, levels, 2_000)
        found.append(of(codes.astype(str), churned)["auc"])

    assert np.mean(found) < 0.515
    assert np.max(found) < 0.55


def test_a_level_for_each_customer_is_exactly_one_half():
    churned, _ = customers(200, seed=4)

    assert of([f"customer {number}" for number in range(200)], churned)["auc"] == 0.5


@pytest.mark.parametrize("kind", ["float64", "Int64", "boolean", "datetime64[ns]", "object"])
def test_a_column_filled_only_for_churners_is_found(kind):
    churned, _ = customers(300, seed=5)
    column = pd.Series(1, index=range(300)).astype(kind).where(churned)
    found = of(column, churned)

    assert found["auc"] == 1


def test_missing_numbers_that_mean_nothing_and_constants():
    churned, rng = customers(2_000, seed=6)
    frame = pd.DataFrame(
        {
            "holes": np.where(rng.random(2_000) < 0.3, np.nan, rng.normal(size=2_000)),
            "constant": 1.0,
            "nothing": np.nan,
        }
    )
    found = univariate_auc(frame, churned).set_index("column")

    assert found.loc["holes", "auc"] < 0.54
    assert found.loc["constant", ["auc", "low", "high"]].tolist() == [0.5] * 3
    assert found.loc["nothing", ["auc", "low", "high"]].tolist() == [0.5] * 3


def test_the_highest_comes_first_and_the_same_seed_gives_the_same():
    churned, rng = customers(400, seed=7)
    frame = pd.DataFrame(
        {
            "noise": rng.normal(size=400),
            "tells": rng.normal(size=400) + churned,
            "when": pd.Timestamp("2025-01-01") + pd.to_timedelta(churned * 30, unit="D"),
            "plan": rng.choice(["a", "b"], 400),
        }
    )
    found = univariate_auc(frame, churned)

    assert found.columns.tolist() == ["column", "auc", "low", "high", "direction"]
    assert found["column"].tolist()[:2] == ["when", "tells"]
    pd.testing.assert_frame_equal(univariate_auc(frame, churned), found)


def test_levels_are_judged_on_customers_whose_rates_were_not_learned():
    """Rows of a customer share a level and an exit: folds of rows would know the exit by it."""
    churned, rng = customers(400, seed=8)
    town = rng.permutation(400) // 2
    rows = np.arange(400).repeat(4)
    frame = pd.DataFrame({"town": town[rows].astype(str)}, index=rows)

    by_rows = univariate_auc(frame.reset_index(drop=True), churned[rows])
    by_customers = univariate_auc(frame, churned[rows])

    assert by_rows["auc"][0] > 0.75
    assert by_customers["auc"][0] < 0.55


def telco() -> tuple[pd.DataFrame, pd.Series]:
    rows = open_base("ibm_telco").table("snapshot")
    return rows.drop(columns=["customer_id", "churned"]), rows["churned"]


def test_ibm_telco_has_no_column_that_tells_all():
    found = univariate_auc(*telco())

    assert found["column"].iloc[0] in {"contract", "tenure_months"}
    assert 0.70 < found["auc"].iloc[0] < 0.78


@pytest.mark.parametrize(
    ("churners", "stayers", "expected"),
    [
        (50, 50, ""),
        (49, 1_951, "only 49 of 2,000 customers churned; a model of their own needs 50"),
        (0, 80, "only 0 of 80 customers churned; a model of their own needs 50"),
        (80, 12, "only 12 of 92 customers stayed; a model of their own needs 50"),
    ],
)
def test_enough_churners(churners, stayers, expected):
    assert enough_churners(np.repeat([1, 0], [churners, stayers])) == expected


def test_fifty_churners_leave_the_auc_uncertain_by_less_than_a_tenth():
    rng = np.random.default_rng(9)
    widths = []
    for _ in range(50):
        churned = np.repeat([True, False], [50, 450])
        found = of(rng.normal(size=500) + 0.954 * churned, churned)  # an AUC of 0.75
        widths.append((found["high"] - found["low"]) / 2)

    assert 0.06 < np.mean(widths) < 0.09


def test_another_least():
    assert enough_churners([1, 1, 0, 0], least=2) == ""


WINDOW = {"gap": 1, "horizon": 3}


def test_windows_that_touch_are_fine():
    refuse_overlap(
        month("2025-06-01"),
        {"billing": month("2025-06-01"), "events": pd.Timestamp("2025-06-30 23:59")},
        **WINDOW,
        label_months=[month("2025-08-01"), pd.NaT, month("2025-10-01")],
        train_snapshots=[month("2024-01-01"), month("2025-02-01")],
    )


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        (
            {"last_feature_date": {"events": month("2025-07-01")}},
            r"^features of snapshot 2025-06 read 'events' up to 2025-07-01, after the month of",
        ),
        (
            {"last_feature_date": {"events": pd.NaT}},
            r"^source 'events' has no last date, so it cannot be checked$",
        ),
        (
            {"label_months": [month("2025-07-01")]},
            r"^a life labelled 1 ended in 2025-07; the labels of snapshot 2025-06 are of 2025-08",
        ),
        ({"label_months": [month("2025-11-01")]}, r"^a life labelled 1 ended in 2025-11"),
        (
            {"train_snapshots": [month("2025-02-01"), month("2025-03-01")]},
            r"^the labels of training snapshot 2025-03 are known in 2025-07, after snapshot",
        ),
        (
            {"snapshot": month("2025-06-30")},
            r"^snapshot must be the first day of a month, not 2025-06-30 00:00:00$",
        ),
        (
            {"train_snapshots": [pd.NaT]},
            r"^a month of train_snapshots must be the first day of a month, not NaT$",
        ),
        (
            {"label_months": [pd.Timestamp("2025-08-01 12:00")]},
            r"^a month of label_months must be the first day of a month",
        ),
        ({"gap": -1}, r"^gap must be 0 or more and horizon 1 or more, not -1 and 3$"),
        ({"horizon": 0}, r"^gap must be 0 or more and horizon 1 or more, not 1 and 0$"),
    ],
)
def test_windows_that_overlap_are_refused(changed, message):
    good = {"snapshot": month("2025-06-01"), "last_feature_date": {}, **WINDOW}

    with pytest.raises(InputError, match=message):
        refuse_overlap(**(good | changed))


@pytest.mark.parametrize(
    ("freeze_months", "latest"), [(1, "2025-02"), (2, "2025-01"), (4, "2024-11")]
)
def test_labels_are_known_when_a_freeze_can_be_told_from_a_pause(freeze_months, latest):
    good = {"gap": 1, "horizon": 3, "freeze_months": freeze_months}
    at, last = month("2025-06-01"), month(f"{latest}-01")
    refuse_overlap(at, {}, train_snapshots=[last], **good)

    later = last + pd.DateOffset(months=1)
    message = (
        rf"^the labels of training snapshot {later:%Y-%m} are known in 2025-07, after snapshot "
        r"2025-06, on which the model is tested$"
    )
    with pytest.raises(InputError, match=message):
        refuse_overlap(at, {}, train_snapshots=[last, later], **good)


@pytest.mark.parametrize(
    ("churned", "message"),
    [
        ([0, 1], r"^the frame has 30 rows, churned has 2$"),
        ([1] * 9 + [0] * 21, r"^the AUC of a column needs 10 churners and stayers; one has 9$"),
        ([None] + [0] * 29, r"^churned is missing in 1 of 30 rows$"),
    ],
)
def test_labels_that_do_not_fit_are_refused(churned, message):
    with pytest.raises(InputError, match=message):
        univariate_auc(pd.DataFrame({"usage": np.arange(30)}), churned)
