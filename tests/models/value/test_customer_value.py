import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from src.data.problems import InputError
from src.features.lifecycle import LifeRecord
from src.models.survival.hazard import LONG_SPANS
from src.models.value.customer_value import (
    HazardLevels,
    ValueModel,
    fit_value,
    hazard_levels,
    survival_of,
)
from src.models.value.discounting import residual_value
from src.models.value.money import Evidence, MoneyAhead

SPANS = ((1, 2), (3, 5))


class Own:
    """Stands for a hazard model: the chance to leave is the column `hazard`, in every month.

    The chance to have left unseen is the column `gone`.
    """

    spans = SPANS

    def hazards(self, frame: pd.DataFrame, months: int) -> np.ndarray:
        return np.repeat(frame[["hazard"]].to_numpy(float), months, axis=1)

    def gone(self, frame: pd.DataFrame) -> np.ndarray:
        return frame["gone"].to_numpy(float)


def levels_of(
    ends, expected, size, spans=SPANS, centre: float = 0.0, spread: float = 1.0, then=None
) -> HazardLevels:
    """Levels of these customers; `then`: exits and expected ones by month, or all in one."""
    who = pd.Index([f"c{number}" for number in range(len(size))])
    ends, expected = (np.asarray(part, float) for part in (ends, expected))
    by_month = then or (ends.sum(axis=0, keepdims=True), expected.sum(axis=0, keepdims=True))
    ends_then, expected_then = (np.asarray(part, float) for part in by_month)
    calendar = pd.date_range("2024-01-01", periods=len(ends_then), freq="MS")
    size = np.asarray(size, float)
    return HazardLevels(
        who, ends, expected, size, centre, spread, calendar, ends_then, expected_then, spans
    )


def simulated(seed: int, count: int = 150, slope: float = -0.4) -> HazardLevels:
    """Exits that are twice the expected ones in the first span, half of them in the second."""
    rng = np.random.default_rng(seed)
    size = rng.standard_normal(count)
    expected = rng.gamma(2, 0.4, (count, 2)) * (rng.random((count, 2)) < 0.9)
    ends = rng.poisson(expected * np.exp(slope * size)[:, None] * [2.0, 0.5])
    return levels_of(ends, expected, size)


def by_glm(levels: HazardLevels, weight: np.ndarray) -> tuple[float, np.ndarray]:
    """The slope and the factors of spans as statsmodels finds them."""
    customer, span = np.nonzero(levels.expected)
    spans = np.eye(2)[span]
    design = np.column_stack([spans, levels.size[customer]])
    found = sm.GLM(
        levels.ends[customer, span],
        design,
        family=sm.families.Poisson(),
        offset=np.log(levels.expected[customer, span]),
        freq_weights=weight[customer],
    ).fit(tol=1e-12)
    return found.params[2], np.exp(found.params[:2])


def test_exits_twice_the_expected_double_the_hazards():
    # Of a size that all share, only the level of each span can tell: 6 for 3, 1 for 2.
    levels = levels_of([[4, 0], [2, 1]], [[1, 1], [2, 1]], [0, 0])

    found = levels.factors(np.array([0.0, 0]), 7)
    expected = [2.0, 2.0, 0.5, 0.5, 0.5, 0.5, 0.5]  # the last two are beyond the last span
    assert found == pytest.approx(np.array([expected, expected]))
    assert levels.factors(np.array([0.0]), 3) == pytest.approx(np.array([[2.0, 2.0, 0.5]]))
    assert levels.factors(np.array([0.0]), 1) == pytest.approx(np.array([[2.0]]))


def test_a_slope_on_size_by_hand():
    # 4 times as many as expected leave at size -1, as many at size 1: 2 in the middle.
    levels = levels_of([[8], [4]], [[2], [4]], [-1, 1], spans=((1, 5),))

    found = levels.factors(np.array([-1.0, 0, 1, 3]), 1)[:, 0]
    assert found == pytest.approx([4, 2, 1, 0.25], rel=1e-6)


@pytest.mark.parametrize("seed", range(5))
def test_statsmodels_finds_the_same_slope_and_levels(seed):
    levels = simulated(seed)

    slope, factors = by_glm(levels, np.ones(len(levels.size)))
    size = np.array([-2.0, 0, 1.5])
    expected = np.exp(slope * size)[:, None] * factors[[0, 0, 1, 1, 1, 1]]
    assert levels.factors(size, 6) == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("seed", range(3))
def test_the_slope_follows_the_customers_and_the_levels_all_of_them(seed):
    levels = simulated(seed)
    weight = np.random.default_rng(seed).integers(0, 4, len(levels.size)).astype(float)

    slope, _ = by_glm(levels, weight)
    tilted = np.exp(slope * levels.size)[:, None] * levels.expected
    factors = levels.ends.sum(axis=0) / tilted.sum(axis=0)
    size = np.array([-2.0, 0, 1.5])
    expected = np.exp(slope * size)[:, None] * factors[[0, 0, 1, 1]]
    assert levels.factors(size, 4, weight) == pytest.approx(expected, rel=1e-6)


def test_a_planted_slope_is_found():
    slope, factors = by_glm(simulated(1, 4_000), np.ones(4_000))
    found = simulated(1, 4_000).factors(np.array([0.0, 1.0]), 3)

    # About 6,400 exits of sizes with variance 1: an error of 0.0125, here four of them.
    assert np.log(found[1, 0] / found[0, 0]) == pytest.approx(-0.4, abs=0.05)
    assert np.log(found[1, 0] / found[0, 0]) == pytest.approx(slope, abs=1e-6)
    assert found[0, [0, 2]] == pytest.approx([2, 0.5], rel=0.1)
    assert found[0, [0, 2]] == pytest.approx(factors, rel=1e-6)


@settings(deadline=None, max_examples=25)
@given(st.lists(st.integers(0, 3), min_size=20, max_size=20), st.integers(0, 50))
def test_weights_of_customers_are_repeated_rows(times, seed):
    levels = simulated(seed, 20)
    rows = np.repeat(np.arange(20), times)
    repeated = levels_of(levels.ends[rows], levels.expected[rows], levels.size[rows])
    size = np.array([-1.0, 0, 2])

    found = levels.factors(size, 6, np.array(times, float))
    slopes = [np.diff(np.log(part[:, 0] + 1e-300)) for part in (found, repeated.factors(size, 6))]
    if repeated.ends[:, 0].any() and levels.ends[:, 0].any():
        assert slopes[0] == pytest.approx(slopes[1], rel=1e-6, abs=1e-9)
    assert np.isfinite(found).all()


def test_months_move_the_levels():
    # Twice as many as expected left in January, none in February, nobody was watched for span 2
    # in February.
    then = ([[4, 3], [0, 0]], [[2, 2], [2, 0]])
    levels = levels_of([[4, 3]], [[4, 2]], [0], then=then)
    size = np.zeros(1)

    assert levels.factors(size, 3) == pytest.approx(np.array([[1, 1, 1.5]]))
    for calendar, expected in (
        ([1, 1], [1, 1, 1.5]),
        ([2, 0], [2, 2, 1.5]),
        # Of the second span nothing is left: it keeps the level of all.
        ([0, 2], [0, 0, 1.5]),
        ([3, 1], [1.5, 1.5, 1.5]),
    ):
        found = levels.factors(size, 3, calendar=np.array(calendar))
        assert found == pytest.approx(np.array([expected]))


def test_a_span_without_exits_has_a_factor_of_zero():
    levels = levels_of([[2, 0], [1, 0]], [[1, 1], [1, 1]], [0, 0])

    assert levels.factors(np.array([0.0]), 4) == pytest.approx(np.array([[1.5, 1.5, 0, 0]]))
    drawn = levels.factors(np.array([0.0]), 4, calendar=np.ones(1))
    assert drawn == pytest.approx(np.array([[1.5, 1.5, 0, 0]]))


def test_size_is_the_standardised_logarithm_of_revenue():
    levels = levels_of([[1, 1]], [[1, 1]], [0], centre=np.log(11), spread=np.log(10))
    today = pd.DataFrame({"revenue_mean_12m": [10, 109, 0, -50, np.nan]})

    nothing = -np.log(11) / np.log(10)
    assert levels.size_of(today) == pytest.approx([0, 1, nothing, nothing, nothing])


def test_survival_by_hand_and_never_below_zero():
    found = survival_of(
        np.array([[0.1, 0.2, 0.4], [0.5, 0.5, 0.5]]),
        np.array([[1.0, 0.5, 2], [0, 1, 9]]),
        np.array([0.0, 0.4]),
    )

    # Who may be gone already is there with 60 % at most.
    assert found == pytest.approx(np.array([[0.9, 0.81, 0.162], [0.6, 0.3, 0]]))


def ahead(measure: str, recent: float, start: float, growth: float) -> MoneyAhead:
    evidence = Evidence(pd.Index(["x"]), np.ones((1, 1)), np.ones((1, 1)))
    return MoneyAhead(measure, recent, start, growth, 1, evidence)


TODAY = pd.DataFrame(
    {
        "customer_id": ["a", "b", "c"],
        "hazard": [0.1, 0.02, 0.0],
        "gone": [0.0, 0.0, 0.3],
        "revenue_mean_3m": [100.0, 40, np.nan],
        "revenue_mean_12m": [80.0, 60, np.nan],
        "margin_mean_3m": [50.0, -8, np.nan],
        "margin_mean_12m": [30.0, -4, np.nan],
    }
)


def a_model() -> ValueModel:
    levels = levels_of([[4, 0], [2, 1]], [[1, 1], [2, 1]], [0, 0], centre=np.log(81))
    money = ahead("revenue", 0.5, 0.1, -0.01), ahead("margin", 0.25, -0.05, 0.02)
    return ValueModel(("hazard", "gone"), Own(), levels, *money)


def test_worth_is_the_sum_over_months():
    model = a_model()
    survival = model.survival(TODAY, 6)

    rows = []
    for place, row in enumerate(TODAY.fillna(0).to_dict("records")):
        there, lifetime, revenue, margin = 1 - row["gone"], 0.0, 0.0, 0.0
        for month in range(1, 7):
            factor = 2.0 if month <= 2 else 0.5
            there *= 1 - row["hazard"] * factor
            assert survival[place, month - 1] == pytest.approx(there)
            today = 1.2 ** (-month / 12)
            bills = 0.5 * row["revenue_mean_3m"] + 0.5 * row["revenue_mean_12m"]
            earns = 0.25 * row["margin_mean_3m"] + 0.75 * row["margin_mean_12m"]
            lifetime += there * today
            revenue += there * today * bills * np.exp(0.1 - 0.01 * month)
            margin += there * today * earns * np.exp(-0.05 + 0.02 * month)
        rows.append((row["customer_id"], lifetime, revenue, margin))
    expected = pd.DataFrame(rows, columns=["customer_id", "lifetime", "revenue", "margin"])
    found = model.worth(TODAY, survival, 0.2)
    assert_frame_equal(found, expected)
    residual = residual_value(survival, model.margin.ahead(TODAY, 6), 0.2)
    assert found["margin"].to_numpy() == pytest.approx(residual)
    assert found.loc[1, "margin"] < 0


def test_who_is_silent_is_worth_less_from_the_first_month_on():
    model, months = a_model(), 6
    heard = TODAY.fillna(5.0).assign(gone=0.0)
    silent = heard.assign(gone=0.4)

    assert model.gone(silent).tolist() == [0.4] * 3
    assert model.survival(silent, months) == pytest.approx(0.6 * model.survival(heard, months))
    worth, less = (model.worth(part, model.survival(part, months)) for part in (heard, silent))
    for name in ("lifetime", "revenue", "margin"):
        assert less[name].to_numpy() == pytest.approx(0.6 * worth[name].to_numpy())


def test_hazards_see_their_columns_only_and_any_index():
    model = a_model()
    shuffled = TODAY.iloc[[2, 0, 1]]

    assert model.hazards(TODAY, 2) == pytest.approx(np.array([[0.1] * 2, [0.02] * 2, [0.0] * 2]))
    assert model.survival(shuffled, 6) == pytest.approx(model.survival(TODAY, 6)[[2, 0, 1]])
    found = model.worth(shuffled, model.survival(shuffled, 6))
    expected = model.worth(TODAY, model.survival(TODAY, 6)).iloc[[2, 0, 1]]
    assert_frame_equal(found, expected.reset_index(drop=True))


def test_levels_by_hand():
    # Every third snapshot is read: January and April. c is seen in February only.
    watched = pd.DataFrame(
        {
            "customer_id": ["a", "b", "c", "a", "a", "b"],
            "snapshot": pd.to_datetime(
                ["2024-01-01", "2024-01-01", "2024-02-01", "2024-03-01", "2024-04-01", "2024-04-01"]
            ),
            "hazard": [0.1, 0.2, 0.9, 0.9, 0.3, 0.4],
            "revenue_mean_12m": [np.e - 1, 0.0, 500.0, 500.0, np.e**3 - 1, np.nan],
            # a leaves in June; b in July, the sixth month after January and beyond the spans, and
            # after the two months that b of April is watched.
            "months_left": [5.0, 6.0, np.nan, 3.0, 2.0, np.nan],
            "watched": [7, 7, 6, 5, 4, 2],
        }
    )

    found = hazard_levels(Own(), watched, ["hazard"])

    assert found.customers.tolist() == ["a", "b", "c"]
    # Sizes: a is log revenue of 1 and 3, b of 0 and 0: around the mean of 2 and 0; c is unknown.
    assert (found.centre, found.spread) == pytest.approx((1.0, 1.0))
    assert found.size == pytest.approx([1, -1, 0])
    assert found.ends.tolist() == [[1, 1], [0, 0], [0, 0]]
    expected = [[2 * 0.1 + 2 * 0.3, 3 * 0.1], [2 * 0.2 + 2 * 0.4, 3 * 0.2], [0, 0]]
    assert found.expected == pytest.approx(np.array(expected))
    assert found.spans == SPANS
    # By month, February to August: a leaves in June, twice seen.
    assert found.calendar.tolist() == pd.date_range("2024-02-01", periods=5, freq="MS").tolist()
    assert found.ends_then.tolist() == [[0, 0], [0, 0], [0, 0], [0, 0], [1, 1]]
    both, three = 0.1 + 0.2, 0.3 + 0.4
    by_month = [[both, 0], [both, 0], [0, both], [three, both], [three, both]]
    assert found.expected_then == pytest.approx(np.array(by_month))


COLUMNS = ["one", "other", "months_since_revenue"]


def panel(count: int, hazard: float, rng: np.random.Generator) -> tuple[pd.DataFrame, LifeRecord]:
    """Rows of features and the record of customers who freeze at one rate, pay 10 and cost 4.

    Rows of every second month are of everybody on the list, the silent among them.
    """
    calendar = pd.Series(pd.date_range("2021-01-01", periods=48, freq="MS"))
    start = rng.integers(0, 12, count)
    end = start + rng.geometric(hazard, count)
    who = np.array([f"c{number:04}" for number in range(count)])
    month = np.arange(48)
    customer, billed = np.nonzero((month >= start[:, None]) & (month < end[:, None]))
    bills = pd.DataFrame(
        {
            "customer_id": who[customer],
            "month": calendar[billed].to_numpy(),
            "revenue": 10.0,
            "cost_to_serve": 4.0,
        }
    )
    is_listed = (month >= start[:, None]) & (month < end[:, None] + 2) & (month >= 12)
    customer, at = np.nonzero(is_listed)
    silence = np.maximum(at - end[customer] + 1, 0).astype(float)
    rows = pd.DataFrame(
        {
            "customer_id": who[customer],
            "snapshot": calendar[at].to_numpy(),
            "months_since_revenue": silence,
        }
    )
    rows = rows.assign(**{name: rng.normal(size=len(rows)) for name in ("one", "other")})
    for name in ("revenue_mean_3m", "revenue_mean_12m"):
        rows[name] = 10.0
    for name in ("margin_mean_3m", "margin_mean_12m"):
        rows[name] = 6.0
    rows = rows[(rows["snapshot"].dt.month % 2) == 1].reset_index(drop=True)
    return rows, LifeRecord(bills, None)


def test_constant_churn_and_money_have_their_closed_form():
    hazard = 0.03
    rows, record = panel(1_200, hazard, np.random.default_rng(3))
    until = record.follow_up()
    assert until == pd.Timestamp("2024-10-01")
    model = fit_value(rows, record.billing, record.as_of(), COLUMNS, until)

    listed = rows[rows["snapshot"] == pd.Timestamp("2024-11-01")].reset_index(drop=True)
    # Nobody pauses here: whoever is silent is gone, and worth next to nothing.
    is_silent = listed["months_since_revenue"] > 0
    silent = listed[is_silent]
    assert len(silent) > 10
    assert (model.gone(silent) > 0.98).all()
    assert (model.survival(silent)[:, 0] < 0.02).all()
    today = listed[~is_silent].reset_index(drop=True)
    assert (model.gone(today) == 0).all()
    worth = model.worth(today, model.survival(today))
    stays, worth_now = (1 - hazard) ** np.arange(1, 37), 1.12 ** (-np.arange(1, 37) / 12)
    lifetime = stays @ worth_now
    # Some 850 customers leave: the hazard has an error of 1 / sqrt(850) = 3.4 %, of which lifetimes
    # show half (1.7 % over ten other seeds). The band is three and a half of these.
    assert worth["lifetime"].mean() == pytest.approx(lifetime, rel=0.06)
    assert (worth["revenue"] / worth["lifetime"]).to_numpy() == pytest.approx(10)
    assert (worth["margin"] / worth["lifetime"]).to_numpy() == pytest.approx(6)
    assert worth["margin"].mean() == pytest.approx(6 * lifetime, rel=0.06)
    # What says nothing of leaving tells customers hardly apart.
    assert worth["lifetime"].std() < 0.1 * lifetime
    assert model.columns == tuple(COLUMNS)
    assert model.levels.spans == LONG_SPANS


def test_fitting_is_repeatable_and_reads_nothing_after_until():
    rows, record = panel(150, 0.06, np.random.default_rng(4))
    then = pd.Timestamp("2023-08-01")
    until, bills = record.follow_up(then), record.billing
    assert until == pd.Timestamp("2023-06-01")
    found = fit_value(rows, bills, record.as_of(then), COLUMNS, until)
    past = bills[bills["month"] <= then]
    # Bills after `until` tell who was gone by then, and no money of theirs is read.
    dearer = past.assign(revenue=past["revenue"].where(past["month"] <= until, 900.0))
    known = LifeRecord(past, None).as_of()
    again = fit_value(rows[rows["snapshot"] <= until], dearer, known, COLUMNS, until)

    today = rows[rows["snapshot"] == pd.Timestamp("2023-05-01")].reset_index(drop=True)
    assert_frame_equal(
        found.worth(today, found.survival(today)), again.worth(today, again.survival(today))
    )


def test_a_base_in_which_nobody_leaves_is_refused():
    rows, record = panel(50, 1e-9, np.random.default_rng(5))

    with pytest.raises(InputError, match=r"^nobody left in the months watched: there is nothing"):
        fit_value(rows, record.billing, record.as_of(), COLUMNS, record.follow_up())
