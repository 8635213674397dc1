import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from src.data.problems import InputError
from src.features.snapshots import Horizon
from src.models.churn.timesplit import latest_split, model_columns, time_split

MONTH = Horizon(months=1)
WAIT = Horizon(months=1, gap=1)


def month(number: float | None) -> pd.Timestamp:
    """The first day of a month of 2024, 13 being January 2025; missing for None."""
    if number is None:
        return pd.NaT
    at = pd.Timestamp("2024-01-01") + pd.DateOffset(months=int(number) - 1)
    return at.as_unit("ns")


def lives_of(**ends: int | None) -> pd.DataFrame:
    """One life per customer from December on, with the month it ended."""
    return pd.DataFrame(
        {
            "customer_id": list(ends),
            "start": month(0),
            "end": pd.to_datetime([month(end) for end in ends.values()]),
        }
    )


def rows_of(lives: pd.DataFrame, last: int, firms: str = "") -> pd.DataFrame:
    """A row for every customer who is there at each snapshot of months 1 to `last`."""
    parts = []
    for number in range(1, last + 1):
        who = lives.loc[~(lives["end"] <= month(number)), "customer_id"]
        parts.append(pd.DataFrame({"customer_id": who, "snapshot": month(number)}))
    rows = pd.concat(parts, ignore_index=True)
    rows["segment"] = ["B2B" if who in firms.split() else "B2C" for who in rows["customer_id"]]
    rows["tenure_months"] = rows["snapshot"].dt.month.astype(float)
    return rows.assign(latest_source=rows["snapshot"])


TINY = lives_of(stays=None, third=3, sixth=6, last=8)
LONG = lives_of(**{f"c{end}": end for end in range(2, 30)}, stays=None)
LONG_ROWS = rows_of(LONG, last=24)


def test_the_tiny_split_in_full():
    rows = rows_of(TINY, last=8)
    found = time_split(rows, TINY, ["tenure_months"], WAIT, month(8), tests=2, most=2, least=1)

    # Labels of month 6 are known in 8; those of 5 and 6 judge. Labels of 1 to 3 are known in 5.
    assert (found.trains, found.tests) == ([month(1), month(3)], [month(5), month(6)])
    assert (found.columns, found.horizon, found.pooled) == (("tenure_months",), WAIT, "")
    expected = rows.assign(churned=rows["customer_id"].eq("third") & rows["snapshot"].eq(month(1)))
    expected = expected[expected["snapshot"].isin([month(1), month(3)])]
    assert_frame_equal(found.train, expected.reset_index(drop=True))
    # Who leaves in month 6 is on no list of month 5: they go within the gap.
    test = pd.DataFrame(
        {
            "customer_id": ["stays", "last", "stays", "last"],
            "snapshot": [month(5)] * 2 + [month(6)] * 2,
            "segment": "B2C",
            "tenure_months": [5.0, 5, 6, 6],
            "latest_source": [month(5)] * 2 + [month(6)] * 2,
            "churned": [False, False, False, True],
        }
    )
    assert_frame_equal(found.test, test)
    # The hazard model watches all of months 1 to 4 up to month 5, and not one exit beyond it.
    watched = rows[rows["snapshot"] < month(5)].reset_index(drop=True)
    watched["months_left"] = watched["customer_id"].map({"third": 3.0}) - watched["tenure_months"]
    watched["watched"] = (5 - watched["tenure_months"]).astype("int32")
    assert_frame_equal(found.watched, watched)


@settings(deadline=None, max_examples=30)
@given(
    horizon=st.builds(Horizon, st.integers(1, 6), st.integers(0, 2)),
    tests=st.integers(1, 4),
    most=st.integers(1, 8),
)
def test_nothing_to_learn_from_was_open_at_the_first_test(horizon, tests, most):
    chosen = {"tests": tests, "most": most, "least": 1}
    found = time_split(LONG_ROWS, LONG, [], horizon, month(24), **chosen)

    first, reach = found.tests[0], horizon.gap + horizon.months
    latest = first - pd.DateOffset(months=reach)
    assert found.tests == [month(24 - reach - back) for back in range(tests - 1, -1, -1)]
    assert all(at + pd.DateOffset(months=reach) <= first for at in found.trains)
    assert found.trains[-1] == latest
    assert len(found.trains) == min(most, latest.month + 12 * (latest.year - 2024))
    assert (found.watched["snapshot"] < first).all()
    assert (found.watched["months_left"].fillna(0) <= found.watched["watched"]).all()
    until = found.watched["snapshot"].dt.to_period("M") + found.watched["watched"]
    assert (until == first.to_period("M")).all()


@pytest.mark.parametrize(
    ("most", "expected"),
    [
        (1, [10]),
        (2, [1, 10]),
        (3, [1, 5, 10]),
        (4, [1, 4, 7, 10]),
        (10, list(range(1, 11))),
        (99, list(range(1, 11))),
    ],
)
def test_snapshots_to_learn_from_are_evenly_spread_and_the_last_is_among_them(most, expected):
    # Labels of month 11 are known in 12; so month 11 judges and months 1 to 10 teach.
    rows = rows_of(TINY, last=12)
    found = time_split(rows, TINY, [], MONTH, month(12), tests=1, most=most)

    assert found.trains == [month(number) for number in expected]


def firms() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Three firms, of whom one leaves while there is something to learn, and three people."""
    lives = lives_of(firm=4, company=11, club=None, anna=3, ben=5, carl=None)
    return rows_of(lives, last=12, firms="firm company club"), lives


def test_a_segment_with_too_few_churners_learns_from_all_and_says_so():
    rows, lives = firms()
    found = time_split(rows, lives, [], MONTH, month(12), segment="B2B", tests=2, least=2)

    # One of three: the exit of `company` in month 11 is for the test, not for the training.
    assert found.pooled == "only 1 of 3 customers churned; a model of their own needs 2"
    everybody = {"firm", "company", "club", "anna", "ben", "carl"}
    assert set(found.train["customer_id"]) == everybody
    assert set(found.watched["customer_id"]) == everybody
    test = found.test[["customer_id", "snapshot", "churned"]]
    expected = pd.DataFrame(
        {
            "customer_id": ["company", "club", "club"],
            "snapshot": [month(10), month(10), month(11)],
            "churned": [True, False, False],
        }
    )
    assert_frame_equal(test, expected)


def test_churners_are_counted_once_however_many_rows_they_have():
    rows, lives = firms()
    horizon = Horizon(months=3)
    found = time_split(rows, lives, [], horizon, month(12), segment="B2B", tests=1, least=2)

    # `firm` churned in the rows of months 1, 2 and 3.
    assert found.train["churned"].sum() > 2
    assert found.pooled == "only 1 of 3 customers churned; a model of their own needs 2"


def test_a_segment_with_enough_learns_from_itself_alone():
    rows, lives = firms()
    found = time_split(rows, lives, [], MONTH, month(12), segment="B2B", tests=2, least=1)

    assert found.pooled == ""
    assert set(found.train["segment"]) == set(found.test["segment"]) == {"B2B"}
    assert set(found.watched["customer_id"]) == {"firm", "company", "club"}
    assert found.train.index.equals(pd.RangeIndex(len(found.train)))


def test_a_segment_that_began_after_the_training_learns_from_all():
    rows, lives = firms()
    late = rows[(rows["segment"] == "B2C") | (rows["snapshot"] >= month(10))]
    found = time_split(late, lives, [], MONTH, month(12), segment="B2B", tests=2, least=1)

    assert found.pooled == "no customer of B2B was there in the months to learn from"
    assert set(found.train["segment"]) == {"B2C"}
    assert set(found.test["segment"]) == {"B2B"}


def test_no_segment_named_is_everybody():
    rows, lives = firms()
    rows["segment"] = rows["segment"].astype("category")
    found = time_split(rows, lives, [], MONTH, month(12), least=1_000)

    assert found.pooled == ""
    assert set(found.test["segment"]) == {"B2B", "B2C"}


def test_an_unknown_segment_is_refused():
    rows, lives = firms()
    message = r"^there is no segment 'VIP'; the base has B2B, B2C$"

    with pytest.raises(InputError, match=message):
        time_split(rows, lives, [], MONTH, month(12), segment="VIP")


@pytest.mark.parametrize(("last", "message"), [(1, "no snapshot can"), (2, "nothing to learn")])
def test_a_panel_that_is_too_short_is_refused(last, message):
    with pytest.raises(InputError, match=f"^{message}"):
        time_split(rows_of(TINY, last=2), TINY, [], MONTH, month(last))


@pytest.mark.parametrize(
    ("read_at", "of"), [(11, "a row that judges"), (5, "one to learn from"), (4, "one to watch")]
)
def test_features_that_read_beyond_their_snapshot_are_refused(read_at, of):
    rows, lives = firms()
    # Months 1, 5 and 10 teach the classifiers, all up to 10 the hazard model; month 11 judges.
    is_late = (rows["snapshot"] == month(read_at)) & (rows["customer_id"] == "club")
    rows.loc[is_late, "latest_source"] = month(read_at + 1)
    message = (
        rf"^features of snapshot {month(read_at):%Y-%m} read 'features' up to "
        rf"{month(read_at + 1):%Y-%m}-01, after the month of the snapshot$"
    )

    with pytest.raises(InputError, match=message):
        time_split(rows, lives, [], MONTH, month(12), tests=1, most=3, least=1)


def test_inner_folds_share_no_customer():
    lives = lives_of(**{f"c{number:02}": 6 + number % 9 for number in range(60)})
    split = time_split(rows_of(lives, last=12), lives, [], MONTH, month(12), tests=1)
    ((train, valid),) = split.inner_folds(seed=1)

    who = split.train["customer_id"]
    assert sorted([*train, *valid]) == list(range(len(split.train)))
    assert set(who.iloc[train]).isdisjoint(who.iloc[valid])
    assert (who.iloc[train].nunique(), who.iloc[valid].nunique()) == (40, 20)
    again, other = split.inner_folds(seed=1), split.inner_folds(seed=2)
    assert again[0][1].tolist() == valid.tolist()
    assert other[0][1].tolist() != valid.tolist()


def test_the_split_of_today_learns_from_all_that_is_known_and_has_no_labels():
    rows = rows_of(TINY, last=8)
    found = latest_split(rows, TINY, ["tenure_months"], WAIT, month(8), most=2)

    assert (found.trains, found.pooled, found.columns) == (
        [month(1), month(6)],
        "",
        ("tenure_months",),
    )
    train = pd.DataFrame(
        {
            "customer_id": ["stays", "third", "sixth", "last", "stays", "last"],
            "snapshot": [month(1)] * 4 + [month(6)] * 2,
            "segment": "B2C",
            "tenure_months": [1.0] * 4 + [6.0] * 2,
            "latest_source": [month(1)] * 4 + [month(6)] * 2,
            "churned": [False, True, False, False, False, True],
        }
    )
    assert_frame_equal(found.train, train)
    today = rows[rows["snapshot"] == month(8)].reset_index(drop=True)
    assert_frame_equal(found.test, today)
    # Watched up to month 8, in which `last` leaves.
    assert found.watched["snapshot"].max() == month(7)
    first = found.watched[found.watched["snapshot"] == month(1)].set_index("customer_id")
    assert first["months_left"].dropna().to_dict() == {"third": 2, "sixth": 5, "last": 7}
    assert first["watched"].tolist() == [7] * 4


def test_columns_that_look_at_all_months_are_left_out():
    catalogue = pd.DataFrame(
        {"name": ["tenure", "bills", "revenue_3m"], "window": ["now", "all", "3 months"]}
    )

    assert model_columns(catalogue) == ("tenure", "revenue_3m")
