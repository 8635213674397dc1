import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal, assert_series_equal

from src.data.problems import InputError
from src.models.learning.design import Design
from src.models.learning.folds import of_customers
from src.models.learning.preparation import Kinds, ManyLevels, Tidy, column_kinds, known_outcome

NONE = float("nan")


@pytest.fixture
def frame() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "plan": ["a", "b", "b", "a", "c", None],
            "day_charge": [1.0, 2.0, 3.0, 4.0, 5.0, 6.0],
            "loyal": [True, False, True, True, False, True],
            "day_minutes": [10.0, 20.0, 30.0, 40.0, 50.0, 60.0],
            "night_charge": [1, 0, 2, 0, 4, 0],
            "age": [30.0, NONE, 50.0, 41.0, NONE, 22.0],
            "country": ["x"] * 6,
        }
    )


def categories(values: list[str | None], levels: list[str]) -> pd.Categorical:
    return pd.Categorical(values, levels)


def test_kinds_of_columns(frame):
    more = frame.assign(
        whole=pd.array([1, 2, 3, None, 5, 6], "Int64"),
        known=pd.array([True, None, True, False, True, False], "boolean"),
        code=pd.Categorical([1, 2, 3, 1, 2, 3]),
        empty=[None] * 6,
        mixed_numbers=pd.Series([1, 2.5, None, 4, 5, 6], dtype="object"),
    )

    assert column_kinds(more) == Kinds(
        numbers=("age", "day_charge", "day_minutes", "mixed_numbers", "night_charge", "whole"),
        flags=("empty", "known", "loyal"),
        categories=("code", "country", "plan"),
    )


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        ([1, "n/a", 3], "column x: .* found mixed-integer .first: '1'.$"),
        (pd.date_range("2024-01-01", periods=3), "column x: .* found datetime64"),
        ([1.0, 2.0, np.inf], "column x: infinite numbers cannot be used$"),
    ],
)
def test_cells_that_say_nothing_of_the_next_row_are_refused(cells, message):
    with pytest.raises(InputError, match=message):
        column_kinds(pd.DataFrame({"x": cells}))


def test_a_column_that_names_its_rows_is_refused():
    names = pd.DataFrame({"customer_id": [f"c{place}" for place in range(60)]})

    with pytest.raises(InputError, match="column customer_id: 60 different texts in 60 rows"):
        column_kinds(names)


@pytest.mark.parametrize(
    ("outcome", "message"),
    [
        ([False, False], "^no customer churned"),
        ([1, 1], "^every customer churned"),
        ([1, None], "^the outcome must be yes or no"),
        ([0, 2], "^the outcome must be yes or no"),
        (["yes", "no"], "^the outcome must be yes or no"),
    ],
)
def test_outcomes_that_teach_nothing_are_refused(outcome, message):
    with pytest.raises(InputError, match=message):
        known_outcome(pd.Series(outcome))


def test_tidy_columns(frame):
    tidy = Tidy(min_customers=2)
    found = tidy.fit_transform(frame)

    expected = pd.DataFrame(
        {
            "age": [30.0, NONE, 50.0, 41.0, NONE, 22.0],
            "day_charge": [1.0, 2.0, 3.0, 4.0, 5.0, 6.0],
            "loyal": [1.0, 0.0, 1.0, 1.0, 0.0, 1.0],
            "night_charge": [1.0, 0.0, 2.0, 0.0, 4.0, 0.0],
            "plan": categories(
                ["a", "b", "b", "a", "other levels", None], ["a", "b", "other levels"]
            ),
            "all_charges": [2.0, 2.0, 5.0, 4.0, 9.0, 6.0],
        }
    )
    assert_frame_equal(found, expected)
    assert tidy.dropped_ == {"country": "never varies", "day_minutes": "moves with day_charge"}


def test_without_totals_there_is_no_sum_of_charges(frame):
    assert "all_charges" not in Tidy(totals=False).fit_transform(frame)


def test_one_charge_is_its_own_total(frame):
    assert "all_charges" not in Tidy().fit_transform(frame.drop(columns="night_charge"))


def test_levels_never_seen_join_the_rare_ones_or_are_missing(frame):
    later = frame.assign(plan=["z", "a", "b", None, "c", "a"], country="y")

    pooled = Tidy(min_customers=2).fit(frame).transform(later)["plan"]
    kept = Tidy(min_customers=1).fit(frame).transform(later)["plan"]

    rare = "other levels"
    assert pooled.astype("object").fillna("-").tolist() == [rare, "a", "b", "-", rare, "a"]
    assert kept.astype("object").fillna("-").tolist() == ["-", "a", "b", "-", "c", "a"]


def test_order_and_types_of_columns_do_not_matter(frame):
    tidy = Tidy(min_customers=2).fit(frame)
    other = frame[frame.columns[::-1]].astype({"plan": "category", "loyal": "float64"})

    assert_frame_equal(tidy.transform(other), tidy.transform(frame))
    assert_frame_equal(Tidy(min_customers=2).fit_transform(other), tidy.transform(frame))


def test_absent_columns_and_text_among_numbers_are_named(frame):
    tidy = Tidy().fit(frame)

    with pytest.raises(InputError, match=r"^columns known in training are absent: age, plan$"):
        tidy.transform(frame.drop(columns=["plan", "age"]))
    with pytest.raises(InputError, match=r"^column age: numbers were expected, found 'old'$"):
        tidy.transform(frame.assign(age=["1", "old", "3", "4", "5", "6"]))


def test_nothing_that_varies_is_refused():
    with pytest.raises(InputError, match=r"^no column varies between customers"):
        Tidy().fit(pd.DataFrame({"a": [1, 1], "b": ["x", "x"]}), [0, 1])


def test_twins_need_the_same_gaps():
    frame = pd.DataFrame({"a": [1.0, 2, 3, 9], "b": [2.0, 4, 6, 18], "c": [1.0, NONE, 3, 9]})

    assert Tidy().fit(frame).dropped_ == {"b": "moves with a"}


def test_many_levels_become_shrunk_rates():
    levels = pd.DataFrame({"state": categories(["p", "p", "q", None], ["p", "q"]), "n": 1.0})
    encoder = ManyLevels(max_levels=1).fit(levels, [1, 0, 1, 0])

    later = pd.DataFrame({"state": categories(["p", "q", None], ["p", "q"]), "n": 2.0})
    # (1 + 20 x 0.5) / 22, (1 + 20 x 0.5) / 21, the base rate
    expected = pd.DataFrame({"state": [0.5, 11 / 21, 0.5], "n": 2.0})
    assert_frame_equal(encoder.transform(later), expected)
    assert_frame_equal(ManyLevels(max_levels=2).fit(levels, [1, 0, 1, 0]).transform(later), later)


def test_a_training_row_does_not_teach_its_own_rate():
    random = np.random.default_rng(0)
    levels = [f"l{number:03}" for number in range(200)]
    state = pd.DataFrame({"state": pd.Categorical(random.choice(levels, 1000), levels)})
    outcome = random.integers(0, 2, 1000)

    encoder = ManyLevels()
    crossed = encoder.fit_transform(state, outcome)["state"]
    leaking = encoder.transform(state)["state"]

    assert np.corrcoef(leaking, outcome)[0, 1] > 0.3
    assert abs(np.corrcoef(crossed, outcome)[0, 1]) < 0.1
    again = ManyLevels().fit_transform(state, outcome)["state"]
    assert_series_equal(again, crossed)


def panel_of(customers: int, snapshots: int) -> tuple[pd.DataFrame, np.ndarray]:
    """Rows of customers, each with a town of its own kind and one exit in all of its labels."""
    random = np.random.default_rng(1)
    towns = [f"t{number:03}" for number in range(customers // 2)]
    own = pd.DataFrame({"town": pd.Categorical(random.choice(towns, customers), towns)})
    rows = np.repeat(np.arange(customers), snapshots)
    return of_customers(own.iloc[rows], rows), random.integers(0, 2, customers)[rows]


def test_a_snapshot_of_a_customer_does_not_teach_the_rate_of_another_one():
    frame, outcome = panel_of(300, snapshots=4)

    read = ManyLevels().fit_transform(frame, outcome)["town"].to_numpy()

    # Rates without one's own exit are a little lower where one left, and never higher.
    assert np.corrcoef(read, outcome)[0, 1] < 0.02
    # Folds of rows know the exit of a row from the other rows of its customer.
    by_rows = ManyLevels().fit_transform(frame.reset_index(drop=True), outcome)["town"]
    assert np.corrcoef(by_rows, outcome)[0, 1] > 0.4


def test_copies_of_a_customer_count_once():
    frame, outcome = panel_of(300, snapshots=1)
    rows = np.arange(300).repeat(3)

    once = ManyLevels().fit(frame, outcome)
    thrice = ManyLevels().fit(frame.iloc[rows], outcome[rows])

    assert_series_equal(once.rates_["town"], thrice.rates_["town"])
    assert_frame_equal(
        ManyLevels().fit_transform(frame.iloc[rows], outcome[rows]).iloc[::3],
        ManyLevels().fit_transform(frame, outcome),
    )


def test_levels_are_rare_by_customers_not_by_rows():
    plan = ["rare"] * 5 + ["usual"] * 95
    frame = of_customers(pd.DataFrame({"plan": plan}), np.arange(100)).iloc[
        np.arange(100).repeat(8)
    ]

    assert Tidy().fit(frame).levels_ == {"plan": ["usual", "other levels"]}


def test_text_that_names_customers_is_refused_however_many_rows_they_have():
    names = pd.DataFrame({"name": [f"n{number}" for number in range(200)]})
    frame = of_customers(names, np.arange(200)).iloc[np.arange(200).repeat(6)]

    with pytest.raises(InputError, match=r"^column name: 200 different texts in 1,200 rows"):
        column_kinds(frame)


@pytest.fixture
def tidied(frame) -> pd.DataFrame:
    return Tidy(min_customers=2).fit_transform(frame)[["age", "loyal", "plan"]]


def test_design_for_forests(tidied):
    design = Design()
    found = design.fit_transform(tidied)

    expected = pd.DataFrame(
        {
            "age": [30.0, 35.5, 50.0, 41.0, 35.5, 22.0],
            "age = unknown": [0.0, 1.0, 0.0, 0.0, 1.0, 0.0],
            "loyal": [1.0, 0.0, 1.0, 1.0, 0.0, 1.0],
            "plan = a": [1.0, 0.0, 0.0, 1.0, 0.0, 0.0],
            "plan = b": [0.0, 1.0, 1.0, 0.0, 0.0, 0.0],
            "plan = other levels": [0.0, 0.0, 0.0, 0.0, 1.0, 0.0],
            "plan = unknown": [0.0, 0.0, 0.0, 0.0, 0.0, 1.0],
        }
    )
    assert_frame_equal(found, expected)
    parts = pd.DataFrame(
        {
            "column": ["age", "age", "loyal", "plan", "plan", "plan", "plan"],
            "level": ["", "unknown", "", "a", "b", "other levels", "unknown"],
            "reference": [""] * 7,
        },
        index=expected.columns,
    )
    assert_frame_equal(design.parts_, parts)


def test_design_with_reference_levels(tidied):
    design = Design(reference=True).fit(tidied)

    names = ["age", "age = unknown", "loyal", "plan = b", "plan = other levels", "plan = unknown"]
    assert design.parts_.index.tolist() == names
    assert design.parts_["reference"].tolist() == ["", "", "", "a", "a", "a"]


def test_scaled_design_has_mean_0_and_deviation_1_in_training(tidied):
    found = Design(scale=True).fit_transform(tidied)

    numbers = found[["age", "age = unknown", "loyal"]]
    assert np.allclose(numbers.mean(), 0)
    assert np.allclose(numbers.std(ddof=0), 1)
    assert set(found["plan = a"]) == {0.0, 1.0}


def test_splines_are_flat_beyond_the_training_rows_and_lines_where_values_are_few():
    train = pd.DataFrame({"x": np.arange(50.0), "two": [0.0, 1.0] * 25})
    design = Design(knots=5).fit(train)

    beyond = design.transform(pd.DataFrame({"x": [49.0, 80.0], "two": [0.0, 1.0]}))
    assert design.parts_["column"].tolist() == ["x"] * 6 + ["two"]
    assert np.allclose(beyond.iloc[0, :6], beyond.iloc[1, :6])
    # A cubic spline without its first base holds every straight line but for the constant.
    bends = design.transform(train).drop(columns="two").assign(one=1.0)
    fitted = bends @ np.linalg.lstsq(bends, train["x"], rcond=None)[0]
    assert np.allclose(fitted, train["x"])


def test_a_level_never_seen_is_none_of_the_levels(tidied):
    known = tidied.iloc[:4]
    later = tidied.iloc[4:].assign(plan=categories([None, None], ["a", "b", "other levels"]))

    found = Design().fit(known).transform(later)
    assert (found[["plan = a", "plan = b"]] == 0).all(axis=None)


@pytest.mark.parametrize("step", [Tidy(min_customers=2), ManyLevels(max_levels=1), Design(knots=4)])
def test_preparation_learns_nothing_from_later_rows(frame, tidied, step):
    outcome = [1, 0, 1, 0, 1, 0]
    train = frame if isinstance(step, Tidy) else tidied
    fitted = step.fit(train, outcome)
    before = fitted.transform(train)
    numbers = train.select_dtypes("number").columns

    fitted.transform(train.assign(**{name: train[name] * 100 for name in numbers}))

    assert_frame_equal(fitted.transform(train), before)
    later = fitted.transform(pd.concat([train, train.iloc[::-1]]))
    assert_frame_equal(later.iloc[: len(train)], before)


def test_text_that_names_its_rows_or_is_empty_is_dropped_in_a_fold_and_stops_nothing():
    rows = 120
    frame = pd.DataFrame(
        {
            "calls": np.arange(rows) % 3,
            "name": [f"n{place}" for place in range(rows)],
            "note": [None] * rows,
        }
    )
    tidy = Tidy().fit(frame)
    assert tidy.dropped_ == {"note": "never varies", "name": "names its rows"}
    later = frame.assign(note="said")
    assert list(tidy.transform(later)) == ["calls"]


def test_of_many_numbers_those_are_bent_whose_tenths_differ_most():
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(rng.normal(size=(2_000, 4)), columns=list("abcd"))
    outcome = (frame["c"].abs() < 0.5).astype(int)  # a middle that no straight line tells
    design = Design(knots=5, most_bent=1).fit(frame, outcome)
    assert list(design.splines_) == ["c"]
    assert {"a", "b", "d"} <= set(design.parts_.index)
