import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from pandas.testing import assert_frame_equal, assert_series_equal
from scipy.stats import norm
from statsmodels.stats.outliers_influence import variance_inflation_factor

from src.data.problems import InputError
from src.models.learning.odds import UnpenalisedLogit, infer, logistic_pipeline


@pytest.fixture(scope="module")
def customers() -> tuple[pd.DataFrame, pd.Series]:
    random = np.random.default_rng(11)
    age = random.normal(45, 12, 600).round()
    frame = pd.DataFrame(
        {
            "plan": random.choice(["basic", "plus", "max"], 600, p=[0.5, 0.3, 0.2]),
            "price": (age / 3 + random.normal(20, 4, 600)).round(2),
            "age": age,
        }
    )
    odds = -3 + 0.08 * frame["price"] + frame["plan"].map({"basic": 0.8, "plus": 0.0, "max": -0.6})
    return frame, pd.Series(random.random(600) < 1 / (1 + np.exp(-odds)))


def test_a_two_by_two_table_by_hand():
    # 30 of 50 new ones churned, 10 of 50 others: (30 / 20) / (10 / 40) = 6.
    frame = pd.DataFrame({"is_new": [1] * 50 + [0] * 50})
    churned = pd.Series([1] * 30 + [0] * 20 + [1] * 10 + [0] * 40)

    found = infer(frame, churned)

    error = np.sqrt(1 / 30 + 1 / 20 + 1 / 10 + 1 / 40)
    expected = pd.DataFrame(
        {
            "column": ["is_new"],
            "level": [""],
            "reference": [""],
            "odds_ratio": [6.0],
            "low": [6 * np.exp(-1.959964 * error)],
            "high": [6 * np.exp(1.959964 * error)],
            "p_value": [2 * norm.sf(np.log(6) / error)],
            "vif": [1.0],
        }
    )
    assert_frame_equal(found.table, expected, rtol=1e-5)
    assert found.dropped.empty
    assert (found.customers, found.churners) == (100, 40)
    # McFadden: 1 - log-likelihood over that of the rate alone, each by hand.
    full = 30 * np.log(0.6) + 20 * np.log(0.4) + 10 * np.log(0.2) + 40 * np.log(0.8)
    assert found.pseudo_r2 == pytest.approx(1 - full / (40 * np.log(0.4) + 60 * np.log(0.6)))


def test_the_table_is_that_of_statsmodels(customers):
    frame, churned = customers
    design = pd.DataFrame(
        {
            "plus": (frame["plan"] == "plus").astype(float),
            "max": (frame["plan"] == "max").astype(float),
            "price": frame["price"],
            "age": frame["age"],
        }
    )
    fit = sm.Logit(churned.astype(int), sm.add_constant(design)).fit(disp=0)
    bounds = np.exp(fit.conf_int(alpha=0.1).drop("const"))
    constant = sm.add_constant(design).to_numpy()

    found = infer(frame, churned, confidence=0.9)

    expected = pd.DataFrame(
        {
            "column": ["plan", "plan", "price", "age"],
            "level": ["plus", "max", "", ""],
            "reference": ["basic", "basic", "", ""],
            "odds_ratio": np.exp(fit.params.drop("const")).to_numpy(),
            "low": bounds[0].to_numpy(),
            "high": bounds[1].to_numpy(),
            "p_value": fit.pvalues.drop("const").to_numpy(),
        }
    )
    assert_frame_equal(found.table.drop(columns="vif"), expected, rtol=1e-5)
    ordinary = [variance_inflation_factor(constant, place) for place in (3, 4)]
    assert found.table["vif"].tolist()[2:] == pytest.approx(ordinary)
    assert found.pseudo_r2 == pytest.approx(fit.prsquared)


def test_generalised_vif_by_determinants(customers):
    frame, churned = customers
    frame = frame.assign(price=frame["price"] + 9 * (frame["plan"] == "max"))
    columns = pd.get_dummies(frame, columns=["plan"], dtype=float).drop(columns="plan_basic")
    every = columns[["plan_plus", "plan_max", "price", "age"]].corr().to_numpy()
    det = np.linalg.det

    found = infer(frame, churned).table

    expected = (det(every[:2, :2]) * det(every[2:, 2:]) / det(every)) ** (1 / 2)
    assert found["vif"].tolist()[:2] == pytest.approx([expected] * 2)
    assert expected > 1.1


def test_the_order_of_rows_and_columns_does_not_matter(customers):
    frame, churned = customers
    order = np.random.default_rng(0).permutation(len(frame))

    found = infer(frame[["age", "plan", "price"]].iloc[order], churned.iloc[order]).table
    straight = infer(frame, churned).table

    assert found["column"].tolist() == ["age", "plan", "plan", "price"]
    by = ["column", "level"]
    assert_frame_equal(
        found.sort_values(by, ignore_index=True), straight.sort_values(by, ignore_index=True)
    )


def test_rescaling_a_column_rescales_its_odds_ratio(customers):
    frame, churned = customers

    cents = infer(frame.assign(price=frame["price"] * 100), churned).table.set_index("column")
    euros = infer(frame, churned).table.set_index("column")

    assert cents.loc["price", "odds_ratio"] ** 100 == pytest.approx(
        euros.loc["price", "odds_ratio"]
    )
    assert cents.loc["price", "p_value"] == pytest.approx(euros.loc["price", "p_value"])


def test_columns_that_others_determine_are_listed(customers):
    frame, churned = customers
    more = frame.assign(
        z_sum=frame["age"] + frame["price"],
        tariff=frame["plan"].map({"basic": "b", "plus": "p", "max": "m"}),
        cents=frame["price"] * 100,
        segment="B2C",
    )

    found = infer(more, churned)

    expected = [
        ("segment", "", "never varies"),
        ("price", "", "moves with cents"),
        ("tariff", "m", "follows from other columns"),
        ("tariff", "p", "follows from other columns"),
        ("z_sum", "", "follows from other columns"),
    ]
    dropped = [tuple(row) for row in found.dropped.itertuples(index=False)]
    assert sorted(dropped) == sorted(expected)
    assert found.table["column"].tolist() == ["plan", "plan", "age", "cents"]
    assert found.table["vif"].max() < 5


def test_a_level_that_always_stays_has_no_odds_ratio(customers):
    frame, churned = customers
    plan = frame["plan"].mask(np.arange(600) < 60, "staff")
    stays = churned & (plan != "staff")

    found = infer(frame.assign(plan=plan), stays)

    assert found.dropped.to_dict("records") == [
        {"column": "plan", "level": "staff", "reason": "some values go with one outcome only"}
    ]
    assert found.table["level"].tolist() == ["plus", "max", "", ""]
    assert np.isfinite(found.table.select_dtypes("number")).all(axis=None)


def test_a_column_that_tells_all_is_an_error():
    frame = pd.DataFrame({"age": np.arange(40.0), "closed": [0.0, 1.0] * 20})

    with pytest.raises(InputError, match=r"tell exactly who churned, .* tells most is closed$"):
        infer(frame, frame["closed"] == 1)


def test_gaps_are_filled_and_flagged(customers):
    frame, churned = customers
    gaps = frame.assign(age=frame["age"].mask(np.arange(600) % 5 == 0))

    found = infer(gaps, churned).table

    assert found["column"].tolist() == ["plan", "plan", "price", "age", "age"]
    assert found["level"].tolist() == ["plus", "max", "", "", "unknown"]


def test_no_churners_is_an_error(customers):
    with pytest.raises(InputError, match=r"^no customer churned"):
        infer(customers[0], customers[1] & False)


def test_predictions_are_those_of_the_table(customers):
    frame, churned = customers
    model = logistic_pipeline().fit(frame, churned)

    chance = model.predict_proba(frame)[:, 1]

    # At the maximum, predicted and seen churners are equally many, overall and per level.
    assert chance.mean() == pytest.approx(churned.mean())
    assert chance[frame["plan"] == "max"].mean() == pytest.approx(
        churned[frame["plan"] == "max"].mean()
    )
    assert set(model.predict(frame)) == {False, True}
    assert ((chance > 0.5) == model.predict(frame)).all()


def test_a_likelihood_without_a_slope_is_refused(monkeypatch):
    """With few rows and many columns all chances become 0 or 1, and the curvature nothing."""

    def flat(*_: object, **__: object) -> None:
        raise np.linalg.LinAlgError("Singular matrix")

    monkeypatch.setattr("src.models.learning.odds.Logit.fit", flat)
    frame = pd.DataFrame({"calls": [1.0, 2, 3, 4]})
    with pytest.raises(
        InputError, match="churned, so odds ratios do not exist: there are few rows"
    ):
        UnpenalisedLogit().fit(frame, [0, 1, 0, 1])


@pytest.mark.parametrize("columns", [90, 180])
def test_many_columns_of_few_churners_are_fewer_columns_and_no_error(columns):
    """By lot, and yet they separate thirty churners exactly: without some, others have one."""
    rows, rng = 300, np.random.default_rng(2)
    frame = pd.DataFrame(rng.normal(size=(rows, columns))).add_prefix("column_")
    churned = np.arange(rows) % 10 == 0

    model = UnpenalisedLogit().fit(frame, churned)

    kept = frame.columns.difference(list(model.dropped_), sort=False)
    assert 10 < len(kept) < columns
    assert set(model.dropped_.values()) == {"some values go with one outcome only"}
    assert (model.errors_[kept] < 10).all()
    again = UnpenalisedLogit().fit(frame[kept], churned)
    assert again.dropped_ == {}
    assert_series_equal(again.coefficients_, model.coefficients_[kept])


def test_levels_of_a_column_of_very_many_have_no_odds_and_say_so():
    rng = np.random.default_rng(0)
    town = rng.integers(0, 80, 4_000)
    frame = pd.DataFrame({"town": [f"t{place}" for place in town], "calls": rng.normal(size=4_000)})
    churned = pd.Series(rng.random(4_000) < 0.2 + 0.002 * town)
    found = infer(frame, churned)
    assert found.table["column"].tolist() == ["calls"]
    assert found.dropped.to_numpy().tolist() == [["town", "", "more than 60 levels"]]
