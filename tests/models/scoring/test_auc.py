import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal
from scipy.special import expit
from scipy.stats import norm
from sklearn.metrics import roc_auc_score

from src.data.problems import InputError
from src.models.scoring.auc import auc_by, auc_interval, delong, placements
from src.models.scoring.comparison import customers_drawn
from src.models.scoring.scores import roc_auc

REACH = norm.ppf(0.975)
# In `clustered` the log-odds of a churner and a stayer differ by a normal of mean 1, variance 2.5.
TRUTH = norm.cdf(1 / np.sqrt(2.5))

scored = st.lists(st.tuples(st.integers(0, 5), st.booleans()), min_size=2, max_size=30).filter(
    lambda rows: len({churned for _, churned in rows}) == 2
)


def customers(count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Churned and a score with ties: one row per customer."""
    rng = np.random.default_rng(seed)
    churned = (rng.random(count) < 0.3).astype(int)
    return churned, (rng.normal(size=count) + churned).round(1)


def clustered(count: int, rows: int, seed: int) -> pd.DataFrame:
    """Customers with as many rows each, whose chances share most of what they vary by."""
    rng = np.random.default_rng(seed)
    who = np.arange(count).repeat(rows)
    churned = rng.random(count) < 0.3
    score = churned[who] + rng.normal(size=count)[who] + rng.normal(0, 0.5, len(who))
    return pd.DataFrame({"customer_id": who, "churned": churned[who], "chance": expit(score)})


def by_customer(rows: pd.DataFrame):
    return auc_interval(rows["churned"], rows["chance"], rows["customer_id"])


def test_placements_by_hand():
    labels = np.array([1, 0, 1, 0, 0])

    # Churners at 3 and 1; stayers at 2, 1 and 0.
    found = placements([3, 2, 1, 1, 0], labels)
    assert found == pytest.approx([1, 1 / 2, (1 + 0.5) / 3, (1 + 0.5) / 2, 1])


@given(scored)
def test_the_mean_of_either_side_is_the_auc_of_scikit_learn(rows):
    score, churned = np.array(rows).T
    found = placements(score, churned)

    area = roc_auc_score(churned, score)
    assert found[churned == 1].mean() == pytest.approx(area)
    assert found[churned == 0].mean() == pytest.approx(area)


def test_the_area_is_that_of_scikit_learn():
    churned, score = customers(400, seed=1)

    area = roc_auc_score(churned, score)
    assert delong(score, churned)[0] == pytest.approx(area)
    assert auc_interval(churned, score).value == pytest.approx(area)


@pytest.mark.parametrize("count", [60, 400, 4_000])
def test_with_a_row_per_customer_the_interval_is_delongs(count):
    churned, score = customers(count, seed=2)
    area, error = delong(score, churned)
    found = auc_interval(churned, score, np.arange(count))

    # One divides by n - 1 in each class, the other by n and takes n / (n - 1) of all customers.
    rarer = min(churned.sum(), (1 - churned).sum())
    assert found.high - area == pytest.approx(REACH * error, rel=1 / rarer)
    assert found.high - area < REACH * error
    assert found == auc_interval(churned, score)


def test_the_interval_by_hand():
    churned = np.repeat([1, 0], 10)
    score = np.r_[np.repeat([2, 1], 5), np.ones(10)]

    # Half of the churners stand above all stayers, half are tied with them: placements of 1 and
    # 0.5, and 0.75 for each stayer. Ten moves of 0.25 / 10; 20 customers.
    found = auc_interval(churned, score)
    reach = REACH * np.sqrt(10 * (0.25 / 10) ** 2 * 20 / 19)
    assert (found.value, found.low, found.high) == pytest.approx((0.75, 0.75 - reach, 0.75 + reach))


def test_every_row_twice_teaches_nothing_new():
    churned, score = customers(300, seed=3)
    once = auc_interval(churned, score, np.arange(300))
    rows = np.arange(300).repeat(2)
    twice = auc_interval(churned[rows], score[rows], rows)
    as_others = auc_interval(churned[rows], score[rows])

    assert (twice.value, twice.low, twice.high) == pytest.approx((once.value, once.low, once.high))
    assert as_others.value == pytest.approx(once.value)
    narrower = (as_others.high - as_others.low) / (once.high - once.low)
    # 600 customers instead of 300, and n / (n - 1) of each.
    assert narrower == pytest.approx(np.sqrt(1 / 2 * (600 / 599) / (300 / 299)))


def test_neither_names_nor_order_of_rows_matter():
    rows = clustered(100, rows=3, seed=4)
    shuffled = rows.sample(frac=1, random_state=1)
    renamed = shuffled.assign(customer_id="c" + shuffled["customer_id"].astype(str))
    found, other = by_customer(rows), by_customer(renamed)

    assert (other.value, other.low, other.high) == pytest.approx(
        (found.value, found.low, found.high)
    )


def test_scores_the_other_way_round_turn_the_interval():
    churned, score = customers(200, seed=5)
    found, turned = auc_interval(churned, score), auc_interval(churned, -score)

    assert (1 - turned.value, 1 - turned.high, 1 - turned.low) == pytest.approx(
        (found.value, found.low, found.high)
    )


def test_the_error_is_that_of_a_bootstrap_of_customers():
    rows = clustered(400, rows=4, seed=6)
    # Some rows of a churner come before the months that count: both labels in one customer.
    rows["churned"] &= np.random.default_rng(7).random(len(rows)) < 0.7
    rng = np.random.default_rng(8)
    drawn = (customers_drawn(rows["customer_id"].to_numpy(), 400, rng) for _ in range(500))
    spread = np.std([roc_auc(rows["churned"], rows["chance"], weight) for weight in drawn])

    found = by_customer(rows)
    # 500 draws know the spread to about 3 %.
    assert (found.high - found.low) / 2 / REACH == pytest.approx(spread, rel=0.1)
    as_others = auc_interval(rows["churned"], rows["chance"])
    assert (as_others.high - as_others.low) / 2 / REACH < 0.7 * spread


def test_the_interval_covers_the_truth_and_one_that_counts_rows_does_not():
    covered = []
    for seed in range(400):
        rows = clustered(150, rows=3, seed=1_000 + seed)
        both = by_customer(rows), auc_interval(rows["churned"], rows["chance"])
        covered.append([found.low <= TRUTH <= found.high for found in both])

    of_customers, of_rows = np.mean(covered, axis=0)
    # 400 draws at 95 %: 99.9 % of such shares lie between 0.91 and 0.98.
    assert 0.91 <= of_customers <= 0.98
    assert of_rows < 0.85


def test_another_confidence_and_ends_within_0_and_1():
    churned, score = customers(100, seed=9)
    found, surer = (auc_interval(churned, score, confidence=level) for level in (0.95, 0.99))
    ratio = (surer.value - surer.low) / (found.value - found.low)
    assert ratio == pytest.approx(norm.ppf(0.995) / REACH)

    nearly = np.r_[np.zeros(10), np.arange(1, 11), 0.5]
    labels = np.r_[np.zeros(10), np.ones(11)]
    best = auc_interval(labels, nearly, confidence=0.9999)
    assert best.value == 1
    nearly[0] = 20
    assert auc_interval(labels, nearly, confidence=0.9999).high == 1
    assert auc_interval(labels, -nearly, confidence=0.9999).low == 0


@pytest.mark.parametrize(("churners", "stayers"), [(9, 90), (90, 9), (0, 50), (50, 0)])
def test_below_ten_of_a_class_it_is_missing(churners, stayers):
    labels = np.repeat([1, 0], [churners, stayers])
    found = auc_interval(labels, np.arange(len(labels)))

    assert np.isnan([found.value, found.low, found.high]).all()


def test_by_month():
    rows = clustered(60, rows=2, seed=10)
    rows["month"] = np.tile([2, 1], 60)
    few = rows[rows["month"] == 1].assign(month=3, churned=np.arange(60) < 9)
    found = auc_by(pd.concat([rows, few]), "month")

    parts = [rows[rows["month"] == month] for month in (1, 2)]
    areas = [by_customer(part) for part in parts]
    expected = pd.DataFrame(
        {
            "month": [1, 2, 3],
            "churners": [*(part["churned"].sum() for part in parts), 9],
            "value": [*(area.value for area in areas), np.nan],
            "low": [*(area.low for area in areas), np.nan],
            "high": [*(area.high for area in areas), np.nan],
        }
    )
    assert_frame_equal(found, expected)


def test_by_levels_that_occur_and_with_another_column_of_chances():
    rows = clustered(80, rows=1, seed=11).rename(columns={"chance": "hazard"})
    rows["plan"] = pd.Categorical(np.tile(["b", "a"], 40), categories=["a", "b", "never"])
    found = auc_by(rows, "plan", chance="hazard", confidence=0.8)

    assert found["plan"].tolist() == ["a", "b"]
    part = rows[rows["plan"] == "b"]
    area = auc_interval(part["churned"], part["hazard"], confidence=0.8)
    assert found.loc[1, ["value", "low", "high"]].tolist() == [area.value, area.low, area.high]


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"score": np.arange(29)}, r"^churned has 30 rows, the score has 29$"),
        ({"customer_id": np.arange(31)}, r"^churned has 30 rows, customer_id has 31$"),
        ({"score": np.r_[np.nan, np.arange(29)]}, r"^the score is missing in 1 of 30 rows$"),
        ({"churned": np.arange(30)}, r"^churned must be 0 or 1 \(or a bool\), not '2'$"),
        ({"churned": [None] + [0] * 29}, r"^churned is missing in 1 of 30 rows$"),
        ({"churned": []}, r"^churned has no rows$"),
    ],
)
def test_rows_that_do_not_fit_are_refused(changed, message):
    good = {"churned": np.tile([0, 1], 15), "score": np.arange(30)}

    with pytest.raises(InputError, match=message):
        auc_interval(**(good | changed))
