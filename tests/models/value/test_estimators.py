import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from src.models.value.customer_value import HazardLevels, ValueModel
from src.models.value.discounting import discounts
from src.models.value.estimators import LABELS, estimates, km_gap
from src.models.value.money import Evidence, MoneyAhead

ONE = pd.DatetimeIndex(["2024-01-01"])


class Own:
    """Stands for a hazard model: the chance to leave is the column `hazard`, in every month.

    The chance to have left unseen is the column `gone`.
    """

    def hazards(self, frame: pd.DataFrame, months: int) -> np.ndarray:
        return np.repeat(frame[["hazard"]].to_numpy(float), months, axis=1)

    def gone(self, frame: pd.DataFrame) -> np.ndarray:
        return frame["gone"].to_numpy(float)


def a_model() -> ValueModel:
    who, ones = pd.Index(["x"]), np.ones((1, 1))
    levels = HazardLevels(
        who, 1.5 * ones, ones, np.zeros(1), 0.0, 1.0, ONE, 1.5 * ones, ones, ((1, 24),)
    )
    evidence = Evidence(who, ones, ones)
    money = [MoneyAhead(name, 0.5, 0.1, 0.01, 1, evidence) for name in ("revenue", "margin")]
    return ValueModel(("hazard", "gone"), Own(), levels, *money)


TODAY = pd.DataFrame(
    {
        "customer_id": ["a", "b", "c"],
        "hazard": [0.02, 0.1, 0.05],
        "gone": [0.0, 0.2, 0.9],
        "tenure_months": [0.0, 2.0, np.nan],
        "plan": ["term", "monthly", "term"],
        "margin_mean_3m": [12.0, 40, 0],
        "margin_mean_12m": [10.0, 50, np.nan],
        "revenue_mean_3m": [20.0, 60, 0],
        "revenue_mean_12m": [20.0, 60, 0],
    }
)


def geometric(count: int, seed: int) -> pd.DataFrame:
    """Lives known by now, of those who leave at 4 % a month, watched for up to five years."""
    rng = np.random.default_rng(seed)
    end, watched = rng.geometric(0.04, count), rng.integers(1, 60, count)
    return pd.DataFrame(
        {
            "customer_id": np.arange(count),
            "duration": np.minimum(end, watched),
            "ended": end <= watched,
            "entry": 0,
            "plan": np.where(np.arange(count) % 2, "term", "monthly"),
        }
    )


def test_the_simple_estimators_by_hand():
    known = geometric(400, 1)
    found = estimates(a_model(), TODAY, known, 6)

    assert list(found) == ["customer_id", *[name for name in LABELS if name != "cox"]]
    churn = known["ended"].sum() / known["duration"].sum()
    expected = pd.DataFrame(
        {
            "customer_id": ["a", "b", "c"],
            "all_zero": 0.0,
            "repeated": [60.0, 300, 0],
            "segment_mean": 120.0,  # 20 a month
            "constant_churn": 20 * sum((1 - churn) ** month for month in range(1, 7)),
        }
    )
    assert_frame_equal(found[list(expected)], expected)


def test_months_before_the_watching_are_no_months_without_an_exit():
    from_the_start = geometric(400, 1)
    seen_late = from_the_start.assign(duration=from_the_start["duration"] + 30, entry=30)

    found, expected = (
        estimates(a_model(), TODAY, known, 6)["constant_churn"]
        for known in (seen_late, from_the_start)
    )
    assert found.tolist() == pytest.approx(expected.tolist())


def test_kaplan_meier_goes_on_from_the_tenure_and_beyond_the_data():
    # Of four lives one ends at 1 and one at 3; the others were watched for 3 months. S is 3/4 at 1
    # and 2, 1/2 at 3; beyond, the mean hazard of those three months goes on: a third root of 1/2.
    known = pd.DataFrame(
        {"duration": [1, 3, 3, 3], "ended": [True, True, False, False], "entry": 0}
    )
    found = estimates(a_model(), TODAY, known, 3)["kaplan_meier"]

    root = 0.5 ** (1 / 3)
    new = 3 / 4 + 3 / 4 + 1 / 2
    of_two = (1 / 2 + 1 / 2 * root + 1 / 2 * root**2) / (3 / 4)
    assert found.tolist() == pytest.approx([20 * new, 20 * of_two, 20 * new])
    old = estimates(a_model(), TODAY.assign(tenure_months=90), known, 3)["kaplan_meier"]
    assert old.tolist() == pytest.approx([20 * (root + root**2 + root**3)] * 3)


@pytest.mark.parametrize("months", [1, 12, 24])
def test_the_main_one_is_the_worth_of_the_model_at_a_rate_of_zero(months):
    model = a_model()
    found = estimates(model, TODAY.fillna(0), geometric(200, 2), months)
    worth = model.worth(TODAY, model.survival(TODAY, months), annual_rate=0)

    assert found["main"].to_numpy() == pytest.approx(worth["margin"].to_numpy())


def test_where_churn_is_constant_all_curves_agree():
    known = geometric(3_000, 3)
    found = estimates(a_model(), TODAY, known, 24, ["plan"])

    assert list(found) == ["customer_id", *LABELS]
    truth = (0.96 ** np.arange(1, 25)).sum()
    # Some 1,900 ends: 2.3 % of the hazard, of which a lifetime of two years shows 0.4; curves are
    # less sure of the months after the tenure.
    assert found["constant_churn"].to_numpy() == pytest.approx(20 * truth, rel=0.03)
    assert found["kaplan_meier"].to_numpy() == pytest.approx(20 * truth, rel=0.05)
    for name in ("sbg", "bdw", "cox"):
        assert found[name].to_numpy() == pytest.approx(np.array([10, 50, 0]) * truth, rel=0.06)


def test_cox_goes_on_where_nobody_was_watched():
    known = geometric(1_000, 4)
    known = known.assign(
        ended=known["ended"] & (known["duration"] <= 12), duration=known["duration"].clip(upper=12)
    )
    today = TODAY.assign(tenure_months=[0.0, 8, 40])
    found = estimates(a_model(), today.assign(margin_mean_12m=10.0), known, 24, ["plan"])["cox"]

    # Twelve months are known, then four, then none: the mean hazard of the known ones goes on,
    # and of none that of the first month of the others.
    truth = 10 * (0.96 ** np.arange(1, 25)).sum()
    assert found.to_numpy() == pytest.approx(truth, rel=0.15)


def bills_of(**customers: tuple[int, int, float]) -> pd.DataFrame:
    """Monthly bills of a customer from one month of 24 to before another, at a cost of 2."""
    calendar = pd.date_range("2023-01-01", periods=24, freq="MS")
    return pd.DataFrame(
        [
            (who, calendar[month], revenue, 2.0)
            for who, (start, end, revenue) in customers.items()
            for month in range(start, end)
        ],
        columns=["customer_id", "month", "revenue", "cost_to_serve"],
    )


def test_the_gap_by_kaplan_meier_by_hand():
    # B2B: one stays, one leaves after six months. B2C: one of three leaves after ten.
    bills = bills_of(
        a=(1, 24, 52), b=(1, 7, 52), c=(1, 24, 12), d=(1, 11, 12), e=(1, 24, 12), z=(0, 24, 900)
    )
    people = pd.DataFrame(
        {
            "customer_id": list("abcdez"),
            "segment": ["B2B", "B2B", "B2C", "B2C", "B2C", "B2B"],
            # z was there before the data, since nobody knows when, and can be placed nowhere.
            "signup_month": pd.to_datetime(["2023-02-01"] * 5 + [None]),
        }
    )

    # A life of six months has six bills: month 6 is paid by everybody, month 7 by every second.
    today = discounts(12, 0.12)
    first = 50 * (today[:6].sum() + 0.5 * today[6:].sum())
    second = 10 * (today[:10].sum() + 2 / 3 * today[10:].sum())
    for freeze in (1, 2, 3, 6):
        # Where all leave or stay in sight of each rule, the rule moves nothing.
        found = km_gap(bills, people, ("B2B", "B2C"), freeze, 12, 0.12)
        assert found == pytest.approx(first - second)
    swapped = km_gap(bills, people, ("B2C", "B2B"), 3, 12, 0.12)
    assert swapped == pytest.approx(second - first)


def test_another_freeze_rule_moves_the_gap():
    # a pauses for four months: left after three months without revenue, still there after six.
    bills = bills_of(a=(1, 24, 52), b=(1, 24, 52), c=(1, 24, 12), d=(1, 24, 12))
    is_pause = bills["month"].between("2023-06-01", "2023-09-01") & (bills["customer_id"] == "a")
    people = pd.DataFrame(
        {
            "customer_id": list("abcd"),
            "segment": ["B2B", "B2B", "B2C", "B2C"],
            "signup_month": pd.Timestamp("2023-02-01"),
        }
    )
    strict, patient = (
        km_gap(bills[~is_pause], people, ("B2B", "B2C"), freeze, 12, 0.0) for freeze in (3, 6)
    )

    # Lives: b 20 months, a 4 and 13 months, so S is 2/3 from month 4 on, and of the bills of month
    # 5 and later 2/3 come; all bring 50 and 10.
    assert strict == pytest.approx(50 * (4 + 8 * 2 / 3) - 120)
    # b and a 17 months, of which a paid for 13.
    assert patient == pytest.approx(12 * 50 * 30 / 34 - 120)


def test_who_leaves_after_their_first_bill_has_paid_it():
    """Lives of one month bring one month of money, not none."""
    calendar = pd.date_range("2023-01-01", periods=24, freq="MS")
    rows = [(f"c{at}", calendar[at], 52.0, 2.0) for at in range(1, 20)]
    rows += [("z", month, 12.0, 2.0) for month in calendar]
    bills = pd.DataFrame(rows, columns=["customer_id", "month", "revenue", "cost_to_serve"])
    people = pd.DataFrame({"customer_id": [*[f"c{at}" for at in range(1, 20)], "z"]})
    people["segment"] = ["B2B"] * 19 + ["B2C"]
    people["signup_month"] = calendar[0]

    found = km_gap(bills, people, ("B2B", "B2C"), 3, 12, 0.0)
    assert found == pytest.approx(50 - 12 * 10)
