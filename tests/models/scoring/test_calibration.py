import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit, logit
from scipy.stats import binomtest

from src.data.problems import InputError
from src.models.scoring.calibration import Recalibration, calibration, calibration_curve
from src.models.scoring.scores import roc_auc


def drawn(
    customers: int, seed: int, intercept: float = 0.0, slope: float = 1.0
) -> tuple[np.ndarray, np.ndarray]:
    """Labels whose true chance is expit(intercept + slope logit(chance)), and the chance said."""
    rng = np.random.default_rng(seed)
    said = rng.normal(-2, 1, customers)
    return rng.random(customers) < expit(intercept + slope * said), expit(said)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_same_as_the_generalised_linear_model_of_statsmodels(seed):
    churned, chance = drawn(400, seed, intercept=0.4, slope=0.6)
    found = calibration(churned, chance)

    said, one = logit(chance), np.ones(400)
    shift = sm.GLM(churned * 1.0, one, family=sm.families.Binomial(), offset=said).fit(tol=1e-12)
    line = sm.GLM(churned * 1.0, np.column_stack([one, said]), sm.families.Binomial()).fit(
        tol=1e-12
    )
    expected = pd.DataFrame(
        {
            "value": [shift.params[0], line.params[1]],
            "standard_error": [shift.bse[0], line.bse[1]],
            "low": [shift.conf_int()[0, 0], line.conf_int()[1, 0]],
            "high": [shift.conf_int()[0, 1], line.conf_int()[1, 1]],
        },
        index=pd.Index(["intercept", "slope"], name="part"),
    )
    pd.testing.assert_frame_equal(found, expected, rtol=1e-6)


@pytest.mark.parametrize(("intercept", "slope"), [(0, 1), (0.5, 1), (0, 0.5), (-0.4, 2)])
def test_the_truth_comes_back(intercept, slope):
    churned, chance = drawn(100_000, 4, intercept, slope)
    found = calibration(churned, chance)

    assert found.loc["slope", "value"] == pytest.approx(slope, abs=0.05)
    if slope == 1:
        assert found.loc["intercept", "value"] == pytest.approx(intercept, abs=0.04)


def test_chances_too_far_apart_and_too_high():
    rng = np.random.default_rng(5)
    said = rng.normal(-2, 1, 5_000)
    churned = rng.random(5_000) < expit(said)

    assert calibration(churned, expit(2 * said)).loc["slope", "high"] < 0.7
    assert calibration(churned, expit(said + 1)).loc["intercept", "high"] < -0.7


def covered(draws: int, customers: int, seed: int) -> dict[str, float]:
    found = [calibration(*drawn(customers, seed + draw)) for draw in range(draws)]
    truth = pd.Series({"intercept": 0.0, "slope": 1.0})
    hits = [(frame["low"] <= truth) & (truth <= frame["high"]) for frame in found]
    return pd.DataFrame(hits).mean().to_dict()


def test_intervals_cover_the_truth():
    found = covered(draws=400, customers=500, seed=100)

    assert 0.92 <= found["intercept"] <= 0.98
    assert 0.92 <= found["slope"] <= 0.98


@pytest.mark.slow
def test_intervals_cover_the_truth_in_many_draws():
    found = covered(draws=4_000, customers=500, seed=10_000)

    assert 0.94 <= found["intercept"] <= 0.96
    assert 0.94 <= found["slope"] <= 0.96


def test_rows_of_the_same_customers_again_make_the_interval_too_short():
    churned, chance = drawn(500, 6)
    once = calibration(churned, chance)
    twice = calibration(np.tile(churned, 2), np.tile(chance, 2))

    assert twice["value"].to_numpy() == pytest.approx(once["value"].to_numpy())
    assert twice["standard_error"].to_numpy() == pytest.approx(
        once["standard_error"].to_numpy() / np.sqrt(2)
    )


def snapshots_of(
    customers: int, snapshots: int, seed: int, spread: float = 1.0
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Labels, chances and customers of several snapshots that hardly differ.

    One exit is in all of the snapshots of a customer, and their chances differ a little.
    """
    rng = np.random.default_rng(seed)
    said = rng.normal(-1.5, spread, customers)
    churned = rng.random(customers) < expit(said)
    who = np.repeat(np.arange(customers), snapshots)
    return np.repeat(churned, snapshots), expit(np.repeat(said, snapshots)), who


@pytest.mark.parametrize("seed", [1, 2])
def test_errors_by_customer_are_the_sandwich_of_statsmodels(seed):
    rng = np.random.default_rng(seed)
    churned, chance = drawn(600, seed, intercept=0.4, slope=0.6)
    customers = rng.integers(0, 150, 600)
    found = calibration(churned, chance, customers=[f"c{number}" for number in customers])

    said, one = logit(chance), np.ones(600)
    by_customer = {"cov_type": "cluster", "cov_kwds": {"groups": customers}, "tol": 1e-12}
    shift = sm.GLM(churned * 1.0, one, sm.families.Binomial(), offset=said).fit(**by_customer)
    line = sm.GLM(churned * 1.0, np.column_stack([one, said]), sm.families.Binomial()).fit(
        **by_customer
    )
    # statsmodels multiplies the variance by (n - 1) / (n - k) as well.
    errors = [shift.bse[0], line.bse[1] * np.sqrt(598 / 599)]
    assert found["standard_error"].to_numpy() == pytest.approx(errors, rel=1e-6)
    assert found["value"].to_numpy() == pytest.approx([shift.params[0], line.params[1]])
    plain = calibration(churned, chance)
    assert found["value"].tolist() == plain["value"].tolist()


def test_the_same_snapshot_again_tells_nothing_new():
    """k snapshots of a customer that are alike are one row of theirs: the errors do not shrink."""
    churned, chance, who = snapshots_of(800, 5, seed=6)
    found = calibration(churned, chance, customers=who)
    once = calibration(churned[::5], chance[::5], customers=who[::5])
    by_row = calibration(churned, chance)

    sandwich = calibration(
        np.tile(churned[::5], 2), np.tile(chance[::5], 2), customers=[*who[::5]] * 2
    )
    assert found["value"].to_numpy() == pytest.approx(once["value"].to_numpy(), abs=1e-6)
    # The sandwich is not quite the inverse of the information: here within a tenth.
    assert found["standard_error"].to_numpy() == pytest.approx(
        once["standard_error"].to_numpy(), rel=0.1
    )
    assert sandwich["standard_error"].to_numpy() == pytest.approx(
        found["standard_error"].to_numpy(), rel=1e-6
    )
    ratio = (once["standard_error"] / by_row["standard_error"]).to_numpy()
    assert ratio == pytest.approx(np.sqrt(5), rel=1e-3)


def test_intervals_of_several_snapshots_cover_the_truth_by_customer_only():
    inside = {"customers": [], "rows": []}
    for seed in range(200):
        churned, chance, who = snapshots_of(300, 4, seed)
        for name, customers in (("customers", who), ("rows", None)):
            found = calibration(churned, chance, 0.9, customers=customers)
            held = (found["low"] <= [0, 1]) & (found["high"] >= [0, 1])
            inside[name].append(held.to_numpy())

    # 200 draws: a standard error of 2.1 points. By row the errors are half of the true ones.
    assert np.mean(inside["customers"], axis=0) == pytest.approx([0.9, 0.9], abs=0.06)
    assert (np.mean(inside["rows"], axis=0) < 0.75).all()


def test_a_customer_a_row_is_a_customer_without_saying_so():
    churned, chance = drawn(300, 7)
    found = calibration(churned, chance, customers=np.arange(300))

    pd.testing.assert_frame_equal(found, calibration(churned, chance))
    curve = calibration_curve(churned, chance, customers=np.arange(300))
    pd.testing.assert_frame_equal(curve, calibration_curve(churned, chance))


def test_bins_of_several_snapshots_hold_as_often_as_they_say():
    held, by_row = [], []
    for seed in range(150):
        churned, chance, who = snapshots_of(400, 4, seed)
        for inside, customers in ((held, who), (by_row, None)):
            curve = calibration_curve(churned, chance, 5, 0.9, customers=customers)
            inside.append((curve["chance"].between(curve["low"], curve["high"])).to_numpy())

    # Chances within a bin differ, which makes the true rate vary less than a coin: a little above.
    assert 0.86 <= np.mean(held) <= 0.97
    assert np.mean(by_row) < 0.75


def test_a_bin_of_several_snapshots_by_hand():
    # Two customers with two snapshots each in the low bin, one of them left; in the high bin two
    # others, both left: nothing varies, and two rows are worth one.
    churned = [1, 1, 0, 0, 1, 1, 1, 1]
    chance = [0.1, 0.1, 0.1, 0.1, 0.8, 0.8, 0.8, 0.8]
    who = ["a", "a", "b", "b", "c", "c", "d", "d"]
    found = calibration_curve(churned, chance, bins=2, customers=who)

    once = calibration_curve(churned[::2], chance[::2], bins=2)
    expected = once.assign(customers=[4, 4])
    pd.testing.assert_frame_equal(found, expected)


def test_whose_rows_are_not_told_for_all_is_refused():
    churned, chance = drawn(30, 8)
    for measure in (calibration, calibration_curve):
        with pytest.raises(InputError, match=r"^churned has 30 rows, customers has 29$"):
            measure(churned, chance, customers=np.arange(29))


def test_a_constant_chance_has_no_slope():
    found = calibration([1, 0, 0, 0], [0.5] * 4)

    assert found.loc["intercept", "value"] == pytest.approx(np.log(1 / 3))
    assert found.loc["slope"].isna().all()


def test_what_rounding_leaves_is_no_slope_and_a_small_spread_is_one():
    churned, said = drawn(1_000, 11)
    almost = 0.3 + 1e-17 * np.arange(1_000)
    narrow = expit(-1 + 1e-6 * logit(said))

    assert calibration(churned, almost).loc["slope"].isna().all()
    assert calibration(churned, narrow).loc["slope", "value"] == pytest.approx(
        calibration(churned, said).loc["slope", "value"] * 1e6, rel=1e-3
    )


def test_chances_of_zero_and_one_count_as_nearly_so():
    churned, chance = [0, 1, 0, 1, 1, 0], np.array([0, 0, 0.3, 0.6, 1, 1])
    moved = np.clip(chance, 1e-6, 1 - 1e-6)

    pd.testing.assert_frame_equal(calibration(churned, chance), calibration(churned, moved))


def test_curve_by_hand():
    found = calibration_curve([0, 0, 1, 0, 1, 1], [0.1, 0.2, 0.3, 0.3, 0.3, 0.9], bins=3)

    # Thirds would cut through the 0.3, which stay together.
    of_bins = [
        binomtest(*counts).proportion_ci(method="wilson") for counts in ((0, 2), (2, 3), (1, 1))
    ]
    expected = pd.DataFrame(
        {
            "customers": [2, 3, 1],
            "chance": [0.15, 0.3, 0.9],
            "rate": [0, 2 / 3, 1],
            "low": [interval.low for interval in of_bins],
            "high": [interval.high for interval in of_bins],
        }
    )
    pd.testing.assert_frame_equal(found, expected)


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.booleans(), st.floats(0, 1)), min_size=1, max_size=60),
    st.integers(1, 12),
    st.randoms(use_true_random=False),
)
def test_every_row_is_in_one_bin(rows, bins, order):
    churned, chance = (np.array(column) for column in zip(*rows, strict=True))
    curve = calibration_curve(churned, chance, bins)
    places = list(range(len(rows)))
    order.shuffle(places)

    assert curve["customers"].sum() == len(rows)
    assert len(curve) <= bins
    assert (curve["customers"] * curve["rate"]).sum() == pytest.approx(churned.sum())
    assert (curve["customers"] * curve["chance"]).sum() == pytest.approx(chance.sum())
    assert (curve["chance"].diff().dropna() > 0).all()
    pd.testing.assert_frame_equal(calibration_curve(churned[places], chance[places], bins), curve)


def test_bins_of_calibrated_chances_hold_as_often_as_they_say():
    held = []
    for seed in range(60):
        churned, chance = drawn(2_000, 200 + seed)
        curve = calibration_curve(churned, chance)
        assert curve["customers"].tolist() == [200] * 10
        held += ((curve["low"] <= curve["chance"]) & (curve["chance"] <= curve["high"])).tolist()

    assert 0.93 <= np.mean(held) <= 0.98


def test_recalibration_makes_held_out_chances_right():
    correction = Recalibration.fit(*drawn(50_000, 6, intercept=-0.7, slope=0.5))
    churned, chance = drawn(2_000, 7, intercept=-0.7, slope=0.5)
    before, after = calibration(churned, chance), calibration(churned, correction.apply(chance))

    assert before.loc["slope", "high"] < 1
    assert after.loc["slope", "low"] < 1 < after.loc["slope", "high"]
    assert after.loc["intercept", "low"] < 0 < after.loc["intercept", "high"]


def test_recalibration_on_its_own_rows_is_exact_and_keeps_the_order():
    churned, chance = drawn(1_000, 8, intercept=0.3, slope=1.7)
    corrected = Recalibration.fit(churned, chance).apply(chance)

    assert calibration(churned, corrected)["value"].tolist() == pytest.approx([0, 1], abs=1e-6)
    assert corrected.mean() == pytest.approx(churned.mean())
    assert roc_auc(churned, corrected) == roc_auc(churned, chance)


def test_recalibration_undoes_the_weights_of_balanced_classes():
    # Weighting churners by c multiplies the odds by c: a shift of the logit by log(c).
    churned, chance = drawn(200_000, 9)
    weighted = expit(logit(chance) + np.log(6))
    found = Recalibration.fit(churned, weighted)

    assert found.intercept == pytest.approx(-np.log(6), abs=0.05)
    assert found.slope == pytest.approx(1, abs=0.03)


def test_recalibration_of_a_constant_moves_it_to_the_rate():
    found = Recalibration.fit([1, 0, 0, 0], [0.5] * 4)

    assert found.slope == 1
    assert found.apply([0.5]).tolist() == pytest.approx([0.25])


def test_the_order_of_rows_does_not_matter():
    churned, chance = drawn(300, 10)

    pd.testing.assert_frame_equal(
        calibration(churned[::-1], chance[::-1]), calibration(churned, chance)
    )


CALLS = [calibration, Recalibration.fit, calibration_curve]


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize(
    ("churned", "chance", "message"),
    [
        ([0, 1, 1], [0.1, 0.2], r"^churned has 3 rows, chance has 2$"),
        ([0, np.nan], [0.1, 0.2], r"^churned is missing in 1 of 2 rows$"),
        ([0, 1], [0.1, np.nan], r"^chance is missing in 1 of 2 rows$"),
        ([0, 1], [-0.1, 0.5], r"^chance must lie between 0 and 1, not -0.1$"),
        ([], [], r"^churned has no rows$"),
    ],
)
def test_bad_input_is_refused(call, churned, chance, message):
    with pytest.raises(InputError, match=message):
        call(churned, chance)


@pytest.mark.parametrize("call", CALLS[:2])
@pytest.mark.parametrize(
    ("churned", "chance", "message"),
    [
        ([0, 0], [0.1, 0.2], r"^nobody churned in these rows; calibration needs"),
        ([1, 1], [0.1, 0.2], r"^everybody churned in these rows; calibration needs"),
        ([0, 0, 1], [0.1, 0.2, 0.3], r"^the chances separate churners from stayers without an"),
        ([1, 0, 0], [0.1, 0.2, 0.3], r"^the chances separate churners from stayers without an"),
        ([0, 0, 1, 1], [0.1, 0.2, 0.2, 0.3], r"^the chances separate churners from stayers"),
    ],
)
def test_labels_without_a_slope_are_refused(call, churned, chance, message):
    with pytest.raises(InputError, match=message):
        call(churned, chance)


def test_no_bins_are_refused():
    with pytest.raises(InputError, match=r"^bins must be 1 or more, not 0$"):
        calibration_curve([0, 1], [0.1, 0.2], bins=0)


def test_a_correction_of_what_is_no_chance_is_refused():
    with pytest.raises(InputError, match=r"^chance must lie between 0 and 1, not 1.5$"):
        Recalibration(0, 1).apply([0.1, 1.5])
