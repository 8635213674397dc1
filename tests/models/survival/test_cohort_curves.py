import numpy as np
import pandas as pd
import pytest

from src.data.problems import InputError
from src.models.survival.cohort_curves import cohort_curves
from src.models.survival.cohorts import cohort_of_lives
from src.models.survival.retention import fit_bdw, fit_sbg, likelihood_ratio

# Survivors of 1,000 by year, Fader and Hardie 2007.
HIGH_END = [1000, 869, 743, 653, 593, 551, 517, 491, 468, 445, 427, 409, 394]
REGULAR = [1000, 631, 468, 382, 326, 289, 262, 241, 223, 207, 194, 183, 173]


def lives_of(survivors: list[int], group: str) -> pd.DataFrame:
    """Lives that leave these survivors, all watched for as long as the table goes."""
    last = len(survivors) - 1
    ends = np.repeat(np.arange(1, last + 1), -np.diff(survivors))
    duration = np.append(ends, np.repeat(last, survivors[-1]))
    ended = np.arange(len(duration)) < len(ends)
    return pd.DataFrame(
        {"group": group, "duration": duration, "ended": ended, "entry": 0, "watched": last}
    )


@pytest.fixture(scope="module")
def found() -> pd.DataFrame:
    lives = pd.concat([lives_of(HIGH_END, "High End"), lives_of(REGULAR, "Regular")])
    return cohort_curves(lives, "group", 7, 12).set_index("group")


def test_projections_miss_by_the_published_shares(found):
    # Fader and Hardie 2007 and the BdW paper: learned from years 0 to 7, projected to year 12.
    errors = found[["sbg", "bdw", "constant_churn"]] * 100
    assert errors.loc["Regular"].tolist() == pytest.approx([1.49, 1.38, 59.0], abs=0.2)
    assert errors.loc["High End"].tolist() == pytest.approx([2.83, 1.27, 21.1], abs=0.2)


def test_fits_and_their_test_are_those_of_all_lives(found):
    cohort = cohort_of_lives(lives_of(HIGH_END, "High End"))
    sbg, bdw = fit_sbg(cohort), fit_bdw(cohort)

    row = found.loc["High End"]
    assert (row["alpha"], row["beta"]) == pytest.approx(sbg.parameters[:2])
    assert row["c"] == pytest.approx(bdw.parameters.c)
    assert row["low"] < row["c"] < row["high"]
    assert row["p_value"] == likelihood_ratio(sbg, bdw).p_value
    assert (row["customers"], row["newcomers"], row["limit"]) == (1000, 1000, "")


def test_newcomers_are_seen_from_the_start_and_watched_for_as_long():
    lives = lives_of(HIGH_END, "a")
    some = lives.assign(
        entry=np.where(np.arange(1000) % 5 == 0, 1, 0),
        watched=np.where(np.arange(1000) % 5 == 1, 6, 12),
    )
    row = cohort_curves(some[some["duration"] > some["entry"]], "group", 7, 12).iloc[0]
    assert row["newcomers"] == 600
    # Who was watched for a short time and left counted as a leaver would make projections gloomy.
    assert row["sbg"] < 0.05


def test_few_newcomers_have_no_projection():
    row = cohort_curves(lives_of([29, 20, 15, 12, 10, 9], "a"), "group", 3, 5).iloc[0]
    assert row[["sbg", "bdw", "constant_churn"]].isna().all()
    assert row["newcomers"] == 29


def test_customers_alike_have_no_p_value():
    # Chances to leave that rise from period to period: the sBG has none.
    row = cohort_curves(lives_of([1000, 800, 630, 490, 375, 282], "a"), "group", 3, 5).iloc[0]
    assert row["limit"] == "customers alike"
    assert np.isnan(row["p_value"])
    assert row["bdw"] < row["sbg"]


def test_a_life_that_ended_in_its_first_month_has_lasted_one():
    early = lives_of(HIGH_END, "a")
    early.loc[early["duration"] == 1, "duration"] = 0
    one = cohort_curves(early, "group", 7, 12).drop(columns="group")
    other = cohort_curves(lives_of(HIGH_END, "a"), "group", 7, 12).drop(columns="group")
    assert one.iloc[0].tolist() == other.iloc[0].tolist()


def test_a_missing_column_is_named():
    with pytest.raises(InputError, match="the frame has no column watched"):
        cohort_curves(lives_of(HIGH_END, "a").drop(columns="watched"), "group", 7, 12)
