import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lifelines import KaplanMeierFitter
from pandas.testing import assert_frame_equal, assert_series_equal

from src.data.problems import InputError
from src.models.survival.kaplan_meier import kaplan_meier, median_survival, risk_sets, survival_at

COLUMNS = ["group", "time", "at_risk", "survival", "low", "high"]


def lives_of(*rows: tuple[float, bool]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["duration", "ended"])


def random_lives(seed: int, late_entry: bool = False) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    size = 400
    duration = random.integers(0, 40, size)
    lives = pd.DataFrame(
        {
            "duration": duration,
            "ended": random.random(size) < 0.6,
            "plan": random.choice(["a", "b", "c"], size),
        }
    )
    if late_entry:  # half were there before they were watched
        lives["entry"] = np.where(random.random(size) < 0.5, random.integers(0, 20, size), 0)
        lives = lives[(lives["duration"] > lives["entry"]) | (lives["entry"] == 0)]
    return lives


def by_lifelines(lives: pd.DataFrame, group: str, confidence: float = 0.95) -> pd.DataFrame:
    fitter = KaplanMeierFitter(alpha=1 - confidence).fit(
        lives["duration"], lives["ended"], entry=lives.get("entry")
    )
    table = fitter.event_table
    # lifelines counts lives in their month of entry, but estimates without them, except at time 0.
    entered_now = np.where(table.index > 0, table["entrance"], 0)
    return pd.DataFrame(
        {
            "group": group,
            "time": table.index.to_numpy(float),
            "at_risk": (table["at_risk"] - entered_now).to_numpy(int),
            "survival": fitter.survival_function_.iloc[:, 0].to_numpy(),
            "low": fitter.confidence_interval_.iloc[:, 0].to_numpy(),
            "high": fitter.confidence_interval_.iloc[:, 1].to_numpy(),
        }
    )


@pytest.mark.parametrize("late_entry", [False, True])
@pytest.mark.parametrize("confidence", [0.8, 0.95])
def test_lifelines_draws_the_same_curve(late_entry, confidence):
    lives = random_lives(3, late_entry)

    found = kaplan_meier(lives, confidence=confidence)

    assert_frame_equal(found, by_lifelines(lives, "all", confidence), atol=1e-10)


@pytest.mark.parametrize("late_entry", [False, True])
def test_lifelines_draws_the_same_curves_by_group(late_entry):
    lives = random_lives(4, late_entry)

    found = kaplan_meier(lives, by="plan")

    expected = [by_lifelines(rows, group) for group, rows in lives.groupby("plan")]
    assert_frame_equal(found, pd.concat(expected, ignore_index=True), atol=1e-10)


def test_five_lives_by_hand():
    # At 2 one of five ends, at 3 one of four (another is censored), at 5 one of two, at 6 the last
    # is censored. Greenwood: 1/(5 4) = 1/20, + 1/(4 3) = 2/15, + 1/(2 1) = 19/30.
    lives = lives_of((3, True), (2, True), (3, False), (6, False), (5, True))

    survival = np.array([1, 0.8, 0.6, 0.3, 0.3])
    variance = np.array([0, 1 / 20, 2 / 15, 19 / 30, 19 / 30])
    log = np.log(survival[1:])
    spread = 1.959963984540054 * np.sqrt(variance[1:]) / log
    expected = pd.DataFrame(
        {
            "group": "all",
            "time": [0.0, 2.0, 3.0, 5.0, 6.0],
            "at_risk": [5, 5, 4, 2, 1],
            "survival": survival,
            "low": [1.0, *np.exp(-np.exp(np.log(-log) - spread))],
            "high": [1.0, *np.exp(-np.exp(np.log(-log) + spread))],
        }
    )
    assert_frame_equal(kaplan_meier(lives), expected)


def test_late_entry_by_hand():
    # c enters at 1 and is not at risk of what ends at 1, d enters at 2 and ends at once: unwatched.
    lives = pd.DataFrame(
        {
            "duration": [1, 2, 3, 2, 4],
            "ended": [True, False, True, True, False],
            "entry": [0, 0, 1, 2, 2],
        }
    )

    found = kaplan_meier(lives)

    expected = pd.DataFrame(
        {
            "time": [0.0, 1.0, 2.0, 3.0, 4.0],
            "at_risk": [2, 2, 2, 2, 1],
            "survival": [1.0, 1 / 2, 1 / 2, 1 / 4, 1 / 4],
        }
    )
    assert_frame_equal(found[["time", "at_risk", "survival"]], expected)


def test_when_all_were_there_before_the_curve_starts_at_the_first_entry():
    lives = pd.DataFrame({"duration": [5, 9, 9], "ended": [True, True, False], "entry": [3, 3, 4]})

    found = kaplan_meier(lives)

    assert found["at_risk"].tolist() == [0, 0, 2, 3, 2]
    assert found["survival"].tolist() == pytest.approx([1, 1, 1, 2 / 3, 1 / 3])


def test_once_all_at_risk_have_ended_the_curve_stays_at_zero():
    lives = pd.DataFrame({"duration": [1, 9, 9], "ended": [True, True, False], "entry": [0, 3, 3]})

    assert kaplan_meier(lives)["survival"].tolist() == [1.0, 0.0, 0.0, 0.0]


def test_ends_at_time_0_count():
    lives = lives_of((0, True), (0, False), (4, True), (4, False))

    found = kaplan_meier(lives)

    assert found["time"].tolist() == [0.0, 4.0]
    assert found["at_risk"].tolist() == [4, 2]
    assert found["survival"].tolist() == [0.75, 0.375]


def test_all_censored_and_all_ended():
    watched = kaplan_meier(lives_of((2, False), (3, False)))
    ended = kaplan_meier(lives_of((2, True), (2, True)))

    assert (watched[["survival", "low", "high"]] == 1.0).all(axis=None)
    assert ended[["survival", "low", "high"]].to_numpy().tolist() == [[1.0] * 3, [0.0] * 3]


a_life = st.tuples(
    st.integers(min_value=0, max_value=8), st.booleans(), st.integers(min_value=0, max_value=8)
)


@settings(deadline=None)
@given(st.lists(a_life, min_size=1, max_size=25))
def test_the_curve_is_the_product_of_what_stays_at_each_time(drawn):
    rows = [(entry + length, ended, entry) for length, ended, entry in drawn]
    lives = pd.DataFrame(rows, columns=["duration", "ended", "entry"])

    found = kaplan_meier(lives).set_index("time")

    staying = 1.0
    for time in range(17):
        at_risk = [
            (duration, ended)
            for duration, ended, entry in rows
            if duration >= time and (entry < time or entry == time == 0)
        ]
        ends = sum(duration == time and ended for duration, ended in at_risk)
        staying *= 1 - ends / len(at_risk) if at_risk else 1
        if time in found.index:
            assert found.loc[time, "at_risk"] == len(at_risk)
            assert found.loc[time, "survival"] == pytest.approx(staying, abs=1e-9)
        assert time in found.index or ends == 0
    assert (found["low"] <= found["survival"]).all()
    assert (found["survival"] <= found["high"]).all()
    assert found["low"].ge(0).all()
    assert found["high"].le(1).all()


def test_repeated_lives_leave_the_curve_and_narrow_the_interval():
    lives = random_lives(5)
    once, often = kaplan_meier(lives), kaplan_meier(pd.concat([lives] * 16, ignore_index=True))

    assert_series_equal(often["survival"], once["survival"])
    assert_series_equal(often["at_risk"], 16 * once["at_risk"])
    inside = once["survival"].between(0.2, 0.95)
    widths = [(curve["high"] - curve["low"])[inside] for curve in (once, often)]
    assert (widths[1] / widths[0]).to_numpy() == pytest.approx(1 / 4, abs=0.02)


def test_order_of_lives_does_not_matter():
    lives = random_lives(6, late_entry=True)

    assert_frame_equal(kaplan_meier(lives.sample(frac=1, random_state=1)), kaplan_meier(lives))


def test_groups_come_in_their_order_and_empty_ones_do_not():
    lives = random_lives(7)
    lives["plan"] = pd.Categorical(lives["plan"], ["c", "none", "a", "b"], ordered=True)

    assert kaplan_meier(lives, by="plan")["group"].unique().tolist() == ["c", "a", "b"]


def test_risk_sets_by_hand():
    # Of a, one life enters at 1 and one that ends as it enters at 2 was never watched; b has one.
    lives = pd.DataFrame(
        {
            "plan": ["a", "a", "a", "b", None],
            "duration": [3, 3, 2, 1, 9],
            "ended": [True, False, True, False, True],
            "entry": [0, 1, 2, 0, 0],
        }
    )

    found = risk_sets(lives, by="plan")

    rows = [("a", 0.0, 1, 1, 0), ("a", 1.0, 1, 1, 0), ("a", 3.0, 0, 2, 1)]
    rows += [("b", 0.0, 1, 1, 0), ("b", 1.0, 0, 1, 0)]
    expected = pd.DataFrame(rows, columns=["group", "time", "entered", "at_risk", "ends"])
    assert_frame_equal(found, expected)


@pytest.mark.parametrize("scale", [0.25, 1_000_000, 2.0**60])
@pytest.mark.parametrize("late_entry", [False, True])
def test_any_unit_of_time_draws_the_same_curve(scale, late_entry):
    lives = random_lives(10, late_entry)
    names = ["duration", "entry"] if late_entry else ["duration"]

    found = kaplan_meier(lives.assign(**{name: lives[name] * scale for name in names}))

    expected = kaplan_meier(lives)
    assert_frame_equal(found, expected.assign(time=expected["time"] * scale))


@pytest.mark.parametrize("cells", ["int8", "uint8", "Int64", "float32", "object"])
def test_any_type_of_cells_draws_the_same_curve(cells):
    lives = random_lives(11, late_entry=True)
    ended = lives["ended"].astype("object" if cells == "object" else cells)

    found = kaplan_meier(
        lives.assign(
            duration=lives["duration"].astype(cells),
            entry=lives["entry"].astype(cells),
            ended=ended,
        )
    )

    assert_frame_equal(found, kaplan_meier(lives))


def test_lives_without_a_group_are_none():
    with pytest.raises(InputError, match=r"^no life has a plan, so there is none to count by it$"):
        risk_sets(random_lives(1).assign(plan=None), by="plan")


@pytest.mark.parametrize(
    "broken",
    [
        pd.DataFrame({"duration": [1.0, np.nan], "ended": [True, False]}),
        pd.DataFrame({"duration": [1.0, -1.0], "ended": [True, False]}),
        pd.DataFrame({"duration": [1, 2], "ended": [True, False], "entry": [0, 3]}),
    ],
)
def test_a_duration_that_cannot_be_is_refused(broken):
    message = "^duration must be known in every life, 0 or more and not below entry$"
    with pytest.raises(InputError, match=message):
        kaplan_meier(broken)


@pytest.fixture
def curves() -> pd.DataFrame:
    """Two groups: a falls to 0.75 at 2 and 0.5 at 4, watched to 6; b stays, watched to 3."""
    rows = [("a", 0.0, 1.0), ("a", 2.0, 0.75), ("a", 4.0, 0.5), ("a", 6.0, 0.5)]
    rows += [("b", 0.0, 1.0), ("b", 3.0, 1.0)]
    table = pd.DataFrame(rows, columns=["group", "time", "survival"])
    low, high = table["survival"] - 0.1, table["survival"] + 0.1
    return table.assign(at_risk=9, low=low, high=high)[COLUMNS]


def test_survival_at_reads_the_steps_and_is_missing_beyond_the_last_observation(curves):
    found = survival_at(curves, [0, 1.9, 2, 5, 6, 6.1, -1])

    nothing = float("nan")
    of_a = [1.0, 1.0, 0.75, 0.5, 0.5, nothing, nothing]
    of_b = [1.0, 1.0, 1.0, nothing, nothing, nothing, nothing]
    survival = pd.Series([*of_a, *of_b])
    expected = pd.DataFrame(
        {
            "group": ["a"] * 7 + ["b"] * 7,
            "time": [0, 1.9, 2, 5, 6, 6.1, -1] * 2,
            "survival": survival,
            "low": survival - 0.1,
            "high": survival + 0.1,
        }
    )
    assert_frame_equal(found, expected)


def test_the_median_is_the_first_time_at_half_and_missing_when_more_stay(curves):
    expected = pd.Series({"a": 4.0, "b": np.nan}, name="time").rename_axis("group")

    assert_series_equal(median_survival(curves), expected)


@pytest.mark.parametrize("size", range(1, 61))
def test_exactly_half_is_the_median_whatever_the_last_digit(size):
    # One life ends in each month: half are gone by the month with the number size / 2, rounded up.
    curves = kaplan_meier(pd.DataFrame({"duration": range(1, size + 1), "ended": True}))

    assert median_survival(curves).to_dict() == {"all": (size + 1) // 2}


def test_coverage_of_the_interval():
    random = np.random.default_rng(8)
    size, runs, time, mean = 300, 600, 12, 20.0
    covered = 0
    for _ in range(runs):
        # Whole months: an end in the month that follows `floor`, seen where censoring comes later.
        end = np.ceil(random.exponential(mean, size))
        censored = random.integers(1, 40, size)
        lives = pd.DataFrame({"duration": np.minimum(end, censored), "ended": end <= censored})
        at = survival_at(kaplan_meier(lives), [time]).iloc[0]
        covered += at["low"] <= np.exp(-time / mean) <= at["high"]

    assert 0.925 <= covered / runs <= 0.975


def test_late_entry_removes_the_bias_of_those_who_lasted_to_be_seen():
    random = np.random.default_rng(9)
    size, mean = 20_000, 20.0
    end = np.ceil(random.exponential(mean, size))
    entry = random.integers(0, 30, size)
    seen = pd.DataFrame({"duration": end, "ended": True, "entry": entry})[end > entry]

    times = [6, 12, 24]
    truth = np.exp(-np.array(times) / mean)
    honest = survival_at(kaplan_meier(seen), times)["survival"]
    naive = survival_at(kaplan_meier(seen.drop(columns="entry")), times)["survival"]
    assert honest.to_numpy() == pytest.approx(truth, abs=0.02)
    assert (naive > truth + 0.1).all()
