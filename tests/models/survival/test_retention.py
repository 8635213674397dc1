import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal
from scipy.special import hyp2f1
from scipy.stats import binom

from src.data.problems import InputError
from src.models.survival.beta_weibull import Parameters
from src.models.survival.cohorts import cohort_of_counts, cohort_of_lives, cohort_of_survivors
from src.models.survival.retention import (
    Retention,
    fit_bdw,
    fit_sbg,
    likelihood_ratio,
    project,
    projection_errors,
)

# Contract renewals, survivors of 1,000 by year: Fader and Hardie 2007, where years 0-7 are known
# and 8-12 held out, with their sBG parameters and log-likelihoods. Figures of the BdW (Fader,
# Hardie, Liu, Davin, Steenburgh 2018), projection errors and lifetimes at 10 % were recomputed from
# the same counts by other code than this.
REGULAR = [1000, 631, 468, 382, 326, 289, 262, 241, 223, 207, 194, 183, 173]
HIGH_END = [1000, 869, 743, 653, 593, 551, 517, 491, 468, 445, 427, 409, 394]
KNOWN = 7


def known(survivors: list[int]) -> list[int]:
    return survivors[: KNOWN + 1]


@pytest.fixture(scope="module", params=["sbg", "bdw"])
def fitted(request) -> Retention:
    """Both models of the high end."""
    fit = {"sbg": fit_sbg, "bdw": fit_bdw}[request.param]
    return fit(cohort_of_survivors(known(HIGH_END)))


def model_of(*parameters: float) -> Retention:
    """A model with known parameters and no data, for what does not need any."""
    free = len(parameters)
    nothing = pd.DataFrame(np.full((free, free), np.nan))
    nobody = cohort_of_survivors([1, 0])
    return Retention(nobody, Parameters(*parameters), np.nan, nothing)


def simulated_lives(random: np.random.Generator, parameters: Parameters, size: int) -> np.ndarray:
    """Draw a theta per customer, then the period in which they leave: P(T > t) = (1-theta)^t^c."""
    theta = random.beta(parameters.alpha, parameters.beta, size)
    return np.ceil((np.log(random.random(size)) / np.log1p(-theta)) ** (1 / parameters.c))


def simulated_survivors(
    random: np.random.Generator, parameters: Parameters, size: int, periods: int
) -> list[int]:
    life = simulated_lives(random, parameters, size)
    return [int((life > time).sum()) for time in range(periods + 1)]


@pytest.mark.parametrize(
    ("survivors", "fit", "parameters", "log_likelihood"),
    [
        (REGULAR, fit_sbg, (0.7041, 1.1820, 1.0), -1680.27),
        (HIGH_END, fit_sbg, (0.6681, 3.8061, 1.0), -1611.16),
        (REGULAR, fit_bdw, (0.4556, 0.7793, 1.2835), -1679.60),
        (HIGH_END, fit_bdw, (0.2143, 1.4266, 1.7236), -1605.31),
    ],
)
def test_reference_parameters(survivors, fit, parameters, log_likelihood):
    found = fit(cohort_of_survivors(known(survivors)))

    assert found.parameters == pytest.approx(parameters, abs=1e-4)
    assert found.log_likelihood == pytest.approx(log_likelihood, abs=0.006)  # two digits printed
    assert found.limit == ""
    assert found.cohort.customers == 1000


@pytest.mark.parametrize(
    ("survivors", "errors"),
    [(REGULAR, [0.590, 0.0149, 0.0138]), (HIGH_END, [0.211, 0.0283, 0.0127])],
)
def test_reference_errors_of_the_five_year_projection(survivors, errors):
    found = projection_errors(project(survivors, KNOWN))

    assert found.index.tolist() == ["constant_churn", "sbg", "bdw"]
    assert found.to_numpy() == pytest.approx(errors, abs=0.0005)


def test_projected_survival_of_a_public_implementation():
    # The README of github.com/jdmaturen/shifted_beta_geometric_py.
    found = fit_sbg(cohort_of_survivors(known(HIGH_END))).survival(range(8, 13))

    assert found == pytest.approx([0.460, 0.436, 0.414, 0.395, 0.378], abs=0.0005)


@pytest.mark.parametrize(("survivors", "lifetime"), [(REGULAR, 3.695), (HIGH_END, 5.922)])
def test_reference_discounted_lifetimes(survivors, lifetime):
    found = fit_sbg(cohort_of_survivors(known(survivors))).lifetime(0.1)

    assert found.value == pytest.approx(lifetime, abs=0.0005)
    assert found.low < found.value < found.high


def test_residual_lifetime_of_a_public_implementation():
    # 7.530 for the high end at 10 % before the eighth renewal, not discounting that renewal: the
    # README of github.com/jdmaturen/shifted_beta_geometric_py, after Fader and Hardie 2010.
    fit = fit_sbg(cohort_of_survivors(known(HIGH_END)))

    found = fit.residual_lifetime(0.1, 7)["periods"].iloc[0]

    assert 1.1 * found == pytest.approx(7.530, abs=0.0005)


SHAPES = [(0.7041, 1.1820), (0.6681, 3.8061), (3.0, 30.0), (0.2143, 1.4266, 1.7236), (2, 9, 0.6)]


@pytest.mark.parametrize("shape", SHAPES)
def test_closed_forms_are_what_simulated_customers_do(shape):
    random, size, discount = np.random.default_rng(5), 200_000, 0.1
    model = model_of(*shape)
    life = simulated_lives(random, model.parameters, size)

    times = np.arange(1, 13)
    share = np.array([(life > time).mean() for time in times])
    # Four standard errors, at twelve times and five shapes.
    error = 4 * np.sqrt(share * (1 - share) / size)
    assert (np.abs(model.survival(times) - share) < error).all()

    # Payments at 0, 1, ..., T - 1 of who leaves in period T.
    paid = (1 - (1 + discount) ** -life) / (1 - 1 / (1 + discount))
    error = 4 * paid.std() / np.sqrt(size)
    assert model.lifetime(discount).value == pytest.approx(paid.mean(), abs=error)

    still_there = life > 3
    rest = paid[still_there] - paid[life == 4].min()  # what is paid after period 3
    rest *= (1 + discount) ** 3
    error = 4 * rest.std() / np.sqrt(still_there.sum())
    found = model.residual_lifetime(discount, 3)["periods"].iloc[0]
    assert found == pytest.approx(rest.mean(), abs=error)


@pytest.mark.parametrize("discount", [0.1, 0.01, 0.001])
@pytest.mark.parametrize(("alpha", "beta"), [(0.7041, 1.182), (0.6681, 3.8061), (1e-6, 2e-6)])
def test_residual_lifetime_of_the_sbg_is_a_gauss_hypergeometric_function(alpha, beta, discount):
    # Fader and Hardie 2010, equation 6: who survived n periods is Beta(alpha, beta + n).
    survived = np.array([0, 1, 7, 100])
    expected = hyp2f1(1, beta + survived, alpha + beta + survived, 1 / (1 + discount)) - 1

    found = model_of(alpha, beta).residual_lifetime(discount, survived)

    assert found["survived"].tolist() == survived.tolist()
    assert found["periods"].to_numpy() == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("scale", [10.0, 1e3, 1e6, 1e9])
def test_lifetime_of_customers_alike_goes_to_that_of_constant_churn(scale):
    # At alpha 100 and beta 900 scipy's hypergeometric function has no value.
    churn, discount = 0.1, 0.01

    found = model_of(churn * scale, (1 - churn) * scale).lifetime(discount).value

    assert found > (1 + discount) / (discount + churn)  # customers who differ live longer
    assert found == pytest.approx((1 + discount) / (discount + churn), rel=20 / scale)


def test_lifetime_is_the_residual_one_and_the_first_payment():
    model = model_of(0.2143, 1.4266, 1.7236)

    residual = model.residual_lifetime(0.1, [0, 1])["periods"]

    assert model.lifetime(0.1).value == 1 + residual[0]
    # One period on: the discounted chance to stay, then that payment and what follows it.
    assert residual[0] == pytest.approx(model.retention(1)[0] / 1.1 * (1 + residual[1]))


def test_curve_and_its_interval(fitted):
    times = [0, 1, 7, 12]

    found = fitted.survival_interval(times)

    survival = fitted.survival(times)
    assert found.columns.tolist() == ["time", "survival", "low", "high"]
    assert found["time"].tolist() == times
    assert found["survival"].tolist() == survival.tolist()
    assert found.iloc[0].tolist() == [0, 1, 1, 1]
    assert (found["low"] < found["survival"])[1:].all()
    assert (found["survival"] < found["high"])[1:].all()
    assert fitted.retention(times[1:])[0] == survival[1]
    assert fitted.survival_interval(times, 0.5)["high"].le(found["high"]).all()


def test_interval_of_the_curve_is_that_of_a_binomial_share_where_the_model_fits_all():
    # Two parameters fit two periods exactly, so S(1) is the share left of 400.
    found = fit_sbg(cohort_of_survivors([400, 300, 260])).survival_interval([1], 0.95).iloc[0]

    error = 1.959963984540054 * np.sqrt(1 / 300 + 1 / 100)  # Wald on the logit of 3/4
    expected = 1 / (1 + np.exp(-np.log(3) - np.array([0, -error, error])))
    assert found[["survival", "low", "high"]].to_numpy() == pytest.approx(expected, rel=1e-5)


def test_bootstrap_and_delta_method_agree(fitted):
    delta = fitted.survival_interval([0, 7, 12])

    drawn = fitted.bootstrap_survival([0, 7, 12], np.random.default_rng(3), replicates=200)

    assert_frame_equal(drawn, delta, atol=0.01)


def test_four_times_the_customers_halve_the_intervals():
    once, often = (
        fit_sbg(cohort_of_survivors(k * np.array(known(HIGH_END)))).survival_interval([7, 12])
        for k in (1, 4)
    )

    widths = [table["high"] - table["low"] for table in (once, often)]
    assert (widths[1] / widths[0]).to_numpy() == pytest.approx(0.5, abs=0.01)


def coverage_band(runs: int) -> tuple[float, float]:
    """Where the share of 95 % intervals that hold lies in 999 of 1,000 studies of this size."""
    low, high = binom.interval(0.999, runs, 0.95)
    return low / runs, high / runs


def test_coverage_of_the_sbg_intervals():
    random, runs, truth = np.random.default_rng(11), 120, model_of(0.6681, 3.8061)
    survival, lifetime = truth.survival(12)[0], truth.lifetime(0.1).value
    held = []
    for _ in range(runs):
        survivors = simulated_survivors(random, truth.parameters, 1000, KNOWN)
        fit = fit_sbg(cohort_of_survivors(survivors))
        curve, value, table = (
            fit.survival_interval([12]).iloc[0],
            fit.lifetime(0.1),
            fit.intervals(),
        )
        is_held = table["low"].le(truth.parameters[:2]) & table["high"].ge(truth.parameters[:2])
        held.append(
            [
                curve["low"] <= survival <= curve["high"],
                value.low <= lifetime <= value.high,
                *is_held,
            ]
        )

    low, high = coverage_band(runs)
    shares = np.mean(held, axis=0)
    assert ((shares >= low) & (shares <= high)).all(), shares


@pytest.mark.slow
def test_coverage_of_the_bdw_intervals():
    random, runs, truth = np.random.default_rng(12), 300, model_of(0.2143, 1.4266, 1.7236)
    survival, lifetime = truth.survival(12)[0], truth.lifetime(0.1).value
    held = []
    for _ in range(runs):
        survivors = simulated_survivors(random, truth.parameters, 1000, KNOWN)
        fit = fit_bdw(cohort_of_survivors(survivors))
        curve, value = fit.survival_interval([12]).iloc[0], fit.lifetime(0.1)
        held.append(
            [curve["low"] <= survival <= curve["high"], value.low <= lifetime <= value.high]
        )

    # Five periods beyond the data the delta method is a little short: 92-95 %.
    assert (np.mean(held, axis=0) >= 0.90).all(), np.mean(held, axis=0)


@pytest.mark.slow
def test_coverage_of_the_bootstrap_where_customers_are_nearly_alike():
    random, runs, truth = np.random.default_rng(13), 100, model_of(50, 500)
    survival = truth.survival(12)[0]
    held, at_limit = [], 0
    for _ in range(runs):
        survivors = simulated_survivors(random, truth.parameters, 1000, KNOWN)
        fit = fit_sbg(cohort_of_survivors(survivors))
        curve = fit.bootstrap_survival([12], random, replicates=100).iloc[0]
        held.append(curve["low"] <= survival <= curve["high"])
        at_limit += fit.limit == "customers alike"

    assert at_limit > runs / 4  # where no other interval exists
    # It is short there: 89 % of 200 cohorts.
    assert np.mean(held) >= 0.83, np.mean(held)


@pytest.mark.slow
@pytest.mark.parametrize("shape", [(0.6681, 3.8061), (5, 50)])
def test_size_of_the_test_where_the_sbg_holds(shape):
    random, runs = np.random.default_rng(14), 200
    refused = 0
    for _ in range(runs):
        cohort = cohort_of_survivors(simulated_survivors(random, Parameters(*shape), 1000, KNOWN))
        refused += likelihood_ratio(fit_sbg(cohort), fit_bdw(cohort)).p_value < 0.05

    low, high = coverage_band(runs)
    assert 1 - high <= refused / runs <= 1 - low


@pytest.mark.parametrize(
    ("survivors", "statistic", "p_value"),
    # Twice the differences of the log-likelihoods; p values of chi-square with 1 df.
    [(REGULAR, 1.3247, 0.2497), (HIGH_END, 11.6879, 0.00063)],
)
def test_likelihood_ratio(survivors, statistic, p_value):
    cohort = cohort_of_survivors(known(survivors))

    found = likelihood_ratio(fit_sbg(cohort), fit_bdw(cohort))

    assert found.statistic == pytest.approx(statistic, abs=1e-3)
    assert found.p_value == pytest.approx(p_value, abs=1e-4)


def test_likelihood_ratio_of_other_fits_is_refused():
    cohort, other = cohort_of_survivors(known(REGULAR)), cohort_of_survivors(known(REGULAR))
    message = "^the test needs an sBG and a BdW fitted to the same cohort, in this order$"

    for fits in ((fit_bdw(cohort), fit_sbg(cohort)), (fit_sbg(other), fit_bdw(cohort))):
        with pytest.raises(InputError, match=message):
            likelihood_ratio(*fits)


def test_lives_censored_at_many_times_give_the_truth_and_who_lasted_to_be_seen_no_bias():
    random, truth = np.random.default_rng(15), Parameters(0.8, 6.0)
    life = simulated_lives(random, truth, 60_000)
    entry = random.integers(0, 5, len(life)) * (random.random(len(life)) < 0.5)
    leaves_view = entry + random.integers(1, 12, len(life))
    lives = pd.DataFrame(
        {"duration": np.minimum(life, leaves_view), "ended": life <= leaves_view, "entry": entry}
    )[life > entry]
    assert lives["ended"].mean() < 0.7

    honest = fit_sbg(cohort_of_lives(lives))
    naive = fit_sbg(cohort_of_lives(lives.drop(columns="entry")))

    bounds = honest.intervals(0.999)
    assert bounds["low"].le(truth[:2]).all()
    assert bounds["high"].ge(truth[:2]).all()
    assert honest.survival(12) == pytest.approx(model_of(*truth[:2]).survival(12), abs=0.01)
    assert naive.survival(12) > honest.survival(12) + 0.03


@st.composite
def cohorts(draw) -> list[int]:
    """Survivors of two to ten periods in which somebody left and somebody could leave twice."""
    left = [draw(st.integers(2, 5_000))]
    for share in draw(st.lists(st.floats(0.0, 1.0), min_size=2, max_size=10)):
        left.append(int(left[-1] * share))
    assume(left[1] > 0 and left[-1] < left[0])
    return left


@settings(deadline=None, max_examples=30)
@given(cohorts())
def test_curves_fall_from_1_and_k_times_the_customers_change_the_likelihood_only(survivors):
    fit = fit_sbg(cohort_of_survivors(survivors))
    often = fit_sbg(cohort_of_survivors(7 * np.array(survivors)))

    times = np.arange(60)
    curve = fit.survival(times)
    assert curve[0] == 1
    assert (np.diff(curve) <= 0).all()
    assert (curve >= 0).all()
    assert often.log_likelihood == pytest.approx(7 * fit.log_likelihood, rel=1e-8)
    assert often.survival(times) == pytest.approx(curve, abs=1e-4)
    if not fit.limit:
        assert often.parameters == pytest.approx(fit.parameters, rel=1e-2)


@settings(deadline=None, max_examples=10)
@given(cohorts())
def test_the_bdw_fits_no_worse_than_the_sbg_and_its_curve_falls(survivors):
    assume(len(survivors) > 3 and survivors[2] > 0)
    cohort = cohort_of_survivors(survivors)

    sbg, bdw = fit_sbg(cohort), fit_bdw(cohort)

    assert bdw.log_likelihood >= sbg.log_likelihood - 1e-6 * abs(sbg.log_likelihood)
    assert (np.diff(bdw.survival(np.arange(60))) <= 0).all()
    assert bdw.survival(0) == 1


def test_customers_alike_are_a_limit_with_the_curve_of_constant_churn():
    cohort = cohort_of_survivors([16_000, 8_000, 4_000, 2_000, 1_000])
    fit = fit_sbg(cohort)

    assert fit.limit == "customers alike"
    assert fit.survival([1, 4, 10]) == pytest.approx([2**-1, 2**-4, 2**-10], abs=1e-5)
    # Entropy of a fair coin per customer and period.
    assert fit.log_likelihood == pytest.approx(-30_000 * np.log(2), abs=1e-3)
    assert np.isnan(fit.covariance).all(axis=None)
    assert fit.intervals()[["low", "high"]].isna().all(axis=None)
    assert fit.survival_interval([4])[["low", "high"]].isna().all(axis=None)
    assert np.isnan(fit.lifetime(0.1).low)
    drawn = fit.bootstrap_survival([4], np.random.default_rng(1), replicates=50).iloc[0]
    assert drawn["low"] < 2**-4 < drawn["high"] < 0.07


def test_a_chance_that_rises_with_age_is_alike_for_the_sbg_and_a_c_above_1_for_the_bdw():
    cohort = cohort_of_survivors([1000, 990, 950, 850, 600, 200, 20])

    sbg, bdw = fit_sbg(cohort), fit_bdw(cohort)

    assert sbg.limit == "customers alike"
    assert bdw.parameters.c > 3
    assert likelihood_ratio(sbg, bdw).p_value < 1e-6


def test_who_leaves_at_once_or_never_is_a_limit():
    fit = fit_sbg(cohort_of_survivors([1000, 600, 600, 600]))

    assert fit.limit == "customers split"
    assert fit.survival([1, 3, 100]) == pytest.approx(0.6, abs=1e-6)
    # Of a 10 % perpetuity, ten payments to come, those who stay get all.
    assert fit.lifetime(0.1).value == pytest.approx(1 + 0.6 * 10, abs=1e-4)


@pytest.mark.parametrize("fit", [fit_sbg, fit_bdw])
def test_one_customer_and_a_cohort_that_leaves_at_the_end_fit(fit):
    for survivors in ([1, 1, 1, 0], [10, 10, 10, 10, 0]):
        found = fit(cohort_of_survivors(survivors))

        assert found.limit != ""
        assert (np.diff(found.survival(range(20))) <= 0).all()
        assert np.isfinite(found.lifetime(0.1).value)


def test_the_limit_of_c():
    # Most leave in the first period, then one of 500 in the third.
    assert fit_bdw(cohort_of_survivors([1000, 500, 500, 499, 499])).limit == "c at an end"


@pytest.mark.parametrize(
    ("fit", "survivors", "message"),
    [
        (
            fit_sbg,
            [1000, 631],
            "the sBG needs 2 or more periods in which somebody could leave, there is 1",
        ),
        (
            fit_sbg,
            [1000, 0, 0, 0],
            "the sBG needs 2 or more periods in which somebody could leave, there is 1",
        ),
        (
            fit_bdw,
            [1000, 631, 468],
            "the BdW needs 3 or more periods in which somebody could leave, there are 2",
        ),
        (
            fit_bdw,
            [5, 5, 5, 5],
            "nobody left in 3 periods, so nothing tells retention from 100 %; watch longer",
        ),
    ],
)
def test_cohorts_that_tell_too_little_are_refused(fit, survivors, message):
    cohort = cohort_of_survivors(survivors)

    with pytest.raises(InputError) as refused:
        fit(cohort)

    assert str(refused.value) == message


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda fit: fit.survival([1.5]), "times must be whole numbers of 0 or more, not 1.5"),
        (lambda fit: fit.retention([0]), "times must be whole numbers of 1 or more, not 0"),
        (lambda fit: fit.lifetime(0), "discount must be 0.0001 or more, not 0"),
        (lambda fit: fit.lifetime(np.nan), "discount must be 0.0001 or more, not nan"),
        (
            lambda fit: fit.residual_lifetime(0.1, [-1]),
            "survived must be whole numbers of 0 or more, not -1",
        ),
    ],
)
def test_questions_that_make_no_sense_are_refused(call, message):
    with pytest.raises(InputError) as refused:
        call(model_of(0.7, 1.2))

    assert str(refused.value) == message


def test_the_bootstrap_refuses_weights():
    fit = fit_sbg(cohort_of_counts([30.5, 12], [0, 0, 60]))

    with pytest.raises(InputError, match=r"counts must be whole: no weights$"):
        fit.bootstrap_survival([3], np.random.default_rng(1))


def test_project_shows_what_came_beside_what_was_said():
    survivors = [1000, 800, 640, 520, 400, 0]

    found = project(survivors, 3)

    cohort, times = cohort_of_survivors(survivors[:4]), [4, 5]
    kept = 1 - 480 / 2440
    expected = pd.DataFrame(
        {
            "time": times,
            "survivors": [400.0, 0.0],
            "constant_churn": [1000 * kept**4, 1000 * kept**5],
            "sbg": 1000 * fit_sbg(cohort).survival(times),
            "bdw": 1000 * fit_bdw(cohort).survival(times),
        }
    )
    assert_frame_equal(found, expected)


def test_projection_errors_by_hand_leave_out_periods_with_nobody():
    projected = pd.DataFrame(
        {"time": [3, 4, 5], "survivors": [50, 40, 0], "sbg": [55, 38, 9], "bdw": [50, 30, 9]}
    )

    assert projection_errors(projected).to_dict() == pytest.approx({"sbg": 0.075, "bdw": 0.125})


@pytest.mark.parametrize("kept", [0, 4, 9])
def test_project_needs_periods_to_project(kept):
    message = f"^known must leave periods to project: from 1 to 3, not {kept}$"
    with pytest.raises(InputError, match=message):
        project([100, 80, 64, 50, 40], kept)
