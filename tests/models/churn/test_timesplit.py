import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from src.data.problems import InputError
from src.features.lifecycle import LifeRecord
from src.features.snapshots import OUTCOMES, Horizon
from src.models.churn.timesplit import latest_split, model_columns, time_split

MONTH = Horizon(months=1)
WAIT = Horizon(months=1, gap=1)


def month(number: float | None) -> pd.Timestamp:
    """The first day of a month of 2024, 13 being January 2025; missing for None."""
    if number is None:
        return pd.NaT
    at = pd.Timestamp("2024-01-01") + pd.DateOffset(months=int(number) - 1)
    return at.as_unit("ns")


def record_of(**customers: tuple[int | None, int | None]) -> LifeRecord:
    """Bills up to month 12 of customers who were there from December on.

    By customer: the month of the first bill that does not come, and the month of closing.
    """
    return billed(12, **customers)


def billed(last: int, **customers: tuple[int | None, int | None]) -> LifeRecord:
    """The same with bills up to month `last`, for whoever did not end before."""
    rows = [
        (name, month(number), 10.0)
        for name, (ends, _) in customers.items()
        for number in range(last + 1)
        if ends is None or number < ends
    ]
    closed = [month(closes) for _, closes in customers.values()]
    people = pd.DataFrame({"customer_id": list(customers), "closed_month": pd.to_datetime(closed)})
    return LifeRecord(pd.DataFrame(rows, columns=["customer_id", "month", "revenue"]), people)


def rows_of(record: LifeRecord, last: int, firms: str = "") -> pd.DataFrame:
    """A row for everybody on the list at each snapshot of months 1 to `last`."""
    closed = record.customers.set_index("customer_id")["closed_month"]
    parts = []
    for number in range(1, last + 1):
        bills = record.billing[record.billing["month"] <= month(number)]
        is_recent = bills["month"] > month(number - 3)
        who = pd.Series(bills.loc[is_recent, "customer_id"].unique())
        who = who[~(who.map(closed) <= month(number))]
        parts.append(pd.DataFrame({"customer_id": who, "snapshot": month(number)}))
    rows = pd.concat(parts, ignore_index=True)
    rows["segment"] = ["B2B" if who in firms.split() else "B2C" for who in rows["customer_id"]]
    rows["tenure_months"] = rows["snapshot"].dt.month + 12.0 * (rows["snapshot"].dt.year - 2024)
    return rows.assign(latest_source=rows["snapshot"])


NEVER = (None, None)
# `third` falls silent in month 3 and never comes back; `eighth` closes in month 8.
TINY = record_of(stays=NEVER, third=(3, None), eighth=(8, 8), tenth=(10, None))
LONG = billed(26, **{f"c{end}": (end, end) for end in range(2, 30)}, stays=NEVER)
LONG_ROWS = rows_of(LONG, last=24)


def test_the_tiny_split_in_full():
    rows = rows_of(TINY, last=12)
    found = time_split(rows, TINY, ["tenure_months"], WAIT, tests=2, most=2, least=1)

    # Bills go to month 12, so ends are known up to 10. Outcomes of month 8 are known by then: those
    # of 7 and 8 judge. At the end of month 7 ends were known up to 5: months 1 to 3 teach.
    assert (found.trains, found.tests) == ([month(1), month(3)], [month(7), month(8)])
    assert (found.columns, found.horizon, found.pooled) == (("tenure_months",), WAIT, "")
    train = pd.DataFrame(
        {
            "customer_id": ["stays", "third", "eighth", "tenth"] * 2,
            "snapshot": [month(1)] * 4 + [month(3)] * 4,
            "segment": "B2C",
            "tenure_months": [1.0] * 4 + [3.0] * 4,
            "latest_source": [month(1)] * 4 + [month(3)] * 4,
            "outcome": outcomes(
                *("stays", "can be saved", "stays", "stays"),
                # In month 3 nobody knew that `third` had left.
                *("stays", "gone already", "stays", "stays"),
            ),
            "churned": [False, True, False, False] * 2,
        }
    )
    assert_frame_equal(found.train, train)
    # Who closes in month 8 is on the list of month 7, and is too late there.
    test = pd.DataFrame(
        {
            "customer_id": ["stays", "eighth", "tenth", "stays", "tenth"],
            "snapshot": [month(7)] * 3 + [month(8)] * 2,
            "segment": "B2C",
            "tenure_months": [7.0] * 3 + [8.0] * 2,
            "latest_source": [month(7)] * 3 + [month(8)] * 2,
            "outcome": outcomes("stays", "too late", "stays", "stays", "can be saved"),
            "churned": [False, True, False, False, True],
        }
    )
    assert_frame_equal(found.test, test)
    # The hazard model watches the snapshots of months 1 to 5 up to month 5: what month 7 knew.
    watched = rows[rows["snapshot"] <= month(5)].reset_index(drop=True)
    left = 3.0 - watched["tenure_months"].where(watched["customer_id"] == "third")
    watched["months_left"] = left.clip(lower=0)
    watched["watched"] = (5 - watched["tenure_months"]).astype("int32")
    assert_frame_equal(found.watched, watched)
    # `third` was on the lists of months 3 and 4, silent and gone.
    gone = watched.loc[watched["months_left"] == 0, ["customer_id", "tenure_months"]]
    assert gone.to_numpy().tolist() == [["third", 3.0], ["third", 4.0]]


def outcomes(*names: str) -> pd.Categorical:
    return pd.Categorical(names, OUTCOMES)


@settings(deadline=None, max_examples=30)
@given(
    horizon=st.builds(Horizon, st.integers(1, 6), st.integers(0, 2)),
    tests=st.integers(1, 4),
    most=st.integers(1, 8),
)
def test_nothing_to_learn_from_was_open_at_the_first_test(horizon, tests, most):
    chosen = {"tests": tests, "most": most, "least": 1}
    found = time_split(LONG_ROWS, LONG, [], horizon, **chosen)

    first, reach = found.tests[0], horizon.gap + horizon.months
    # A freeze of the last month that counts is known two months later.
    latest = first - pd.DateOffset(months=reach + 2)
    assert found.tests == [month(24 - reach - back) for back in range(tests - 1, -1, -1)]
    assert all(at + pd.DateOffset(months=reach + 2) <= first for at in found.trains)
    assert found.trains[-1] == latest
    assert len(found.trains) == min(most, latest.month + 12 * (latest.year - 2024))
    assert (found.watched["months_left"].fillna(0) <= found.watched["watched"]).all()
    until = found.watched["snapshot"].dt.to_period("M") + found.watched["watched"]
    assert (until == first.to_period("M") - 2).all()


@pytest.mark.parametrize(
    ("most", "expected"),
    [
        (1, [6]),
        (2, [1, 6]),
        (3, [1, 3, 6]),
        (4, [1, 3, 4, 6]),
        (6, list(range(1, 7))),
        (99, list(range(1, 7))),
    ],
)
def test_snapshots_to_learn_from_are_evenly_spread_and_the_last_is_among_them(most, expected):
    # Ends are known up to month 10, so month 9 judges; at its end they were known up to month 7.
    rows = rows_of(TINY, last=12)
    found = time_split(rows, TINY, [], MONTH, tests=1, most=most)

    assert found.trains == [month(number) for number in expected]


@pytest.mark.parametrize(("freeze_months", "last"), [(1, 10), (2, 8), (4, 4)])
def test_the_longer_a_freeze_takes_to_tell_the_older_is_what_is_learned(freeze_months, last):
    record = LifeRecord(TINY.billing, TINY.customers, freeze_months)
    found = time_split(rows_of(TINY, last=12), record, [], MONTH, tests=1, most=99)

    assert found.trains[-1] == month(last)
    assert found.tests == [month(12 - freeze_months)]
    until = found.watched["snapshot"].dt.month + found.watched["watched"]
    assert set(until) == {12 - freeze_months - (freeze_months - 1)}


def firms() -> tuple[pd.DataFrame, LifeRecord]:
    """Three firms, of whom one leaves while there is something to learn, and three people."""
    record = record_of(
        firm=(4, 4), company=(10, 10), club=NEVER, anna=(3, None), ben=(5, 5), carl=NEVER
    )
    return rows_of(record, last=12, firms="firm company club"), record


def test_a_segment_with_too_few_churners_learns_from_all_and_says_so():
    rows, record = firms()
    found = time_split(rows, record, [], MONTH, segment="B2B", tests=2, least=2)

    # One of three: the exit of `company` in month 10 is for the test, not for the training.
    assert found.pooled == "only 1 of 3 customers churned; a model of their own needs 2"
    everybody = {"firm", "company", "club", "anna", "ben", "carl"}
    assert set(found.train["customer_id"]) == everybody
    assert set(found.watched["customer_id"]) == everybody
    test = found.test[["customer_id", "snapshot", "churned"]]
    expected = pd.DataFrame(
        {
            "customer_id": ["company", "club"] * 2,
            "snapshot": [month(8)] * 2 + [month(9)] * 2,
            "churned": [False, False, True, False],
        }
    )
    assert_frame_equal(test, expected)


def test_churners_are_counted_once_however_many_rows_they_have():
    rows, record = firms()
    horizon = Horizon(months=2)
    found = time_split(rows, record, [], horizon, segment="B2B", tests=1, least=2)

    # `firm` churned in the rows of months 2 and 3.
    assert found.train.loc[found.train["segment"] == "B2B", "churned"].sum() == 2
    assert found.pooled == "only 1 of 3 customers churned; a model of their own needs 2"


def test_a_segment_with_enough_learns_from_itself_alone():
    rows, record = firms()
    found = time_split(rows, record, [], MONTH, segment="B2B", tests=2, least=1)

    assert found.pooled == ""
    assert set(found.train["segment"]) == set(found.test["segment"]) == {"B2B"}
    assert set(found.watched["customer_id"]) == {"firm", "company", "club"}
    assert found.train.index.equals(pd.RangeIndex(len(found.train)))


def test_a_segment_that_began_after_the_training_learns_from_all():
    rows, record = firms()
    late = rows[(rows["segment"] == "B2C") | (rows["snapshot"] >= month(8))]
    found = time_split(late, record, [], MONTH, segment="B2B", tests=2, least=1)

    assert found.pooled == "no customer of B2B was there in the months to learn from"
    assert set(found.train["segment"]) == {"B2C"}
    assert set(found.test["segment"]) == {"B2B"}


def test_no_segment_named_is_everybody():
    rows, record = firms()
    rows["segment"] = rows["segment"].astype("category")
    found = time_split(rows, record, [], MONTH, least=1_000)

    assert found.pooled == ""
    assert set(found.test["segment"]) == {"B2B", "B2C"}


def test_an_unknown_segment_is_refused():
    rows, record = firms()
    message = r"^there is no segment 'VIP'; the base has B2B, B2C$"

    with pytest.raises(InputError, match=message):
        time_split(rows, record, [], MONTH, segment="VIP")


@pytest.mark.parametrize(("last", "message"), [(3, "no snapshot can"), (6, "nothing to learn")])
def test_a_panel_that_is_too_short_is_refused(last, message):
    short = billed(last, stays=NEVER)
    with pytest.raises(InputError, match=f"^{message}"):
        time_split(rows_of(short, last), short, [], MONTH, tests=1)


@pytest.mark.parametrize(
    ("read_at", "of"), [(9, "a row that judges"), (3, "one to learn from"), (4, "one to watch")]
)
def test_features_that_read_beyond_their_snapshot_are_refused(read_at, of):
    rows, record = firms()
    # Months 1, 3 and 6 teach the classifiers, all up to 7 the hazard model; month 9 judges.
    is_late = (rows["snapshot"] == month(read_at)) & (rows["customer_id"] == "club")
    rows.loc[is_late, "latest_source"] = month(read_at + 1)
    message = (
        rf"^features of snapshot {month(read_at):%Y-%m} read 'features' up to "
        rf"{month(read_at + 1):%Y-%m}-01, after the month of the snapshot$"
    )

    with pytest.raises(InputError, match=message):
        time_split(rows, record, [], MONTH, tests=1, most=3, least=1)


def test_inner_folds_share_no_customer():
    record = record_of(**{f"c{number:02}": (6 + number % 9, None) for number in range(60)})
    split = time_split(rows_of(record, last=12), record, [], MONTH, tests=1)
    ((train, valid),) = split.inner_folds(seed=1)

    who = split.train["customer_id"]
    assert sorted([*train, *valid]) == list(range(len(split.train)))
    assert set(who.iloc[train]).isdisjoint(who.iloc[valid])
    assert (who.iloc[train].nunique(), who.iloc[valid].nunique()) == (40, 20)
    again, other = split.inner_folds(seed=1), split.inner_folds(seed=2)
    assert again[0][1].tolist() == valid.tolist()
    assert other[0][1].tolist() != valid.tolist()


def test_the_split_of_today_learns_from_all_that_is_known_and_has_no_labels():
    rows = rows_of(TINY, last=12)
    found = latest_split(rows, TINY, ["tenure_months"], WAIT, most=2)

    # Ends are known up to month 10, those of month 8 with its two months among them.
    assert (found.trains, found.pooled, found.columns) == (
        [month(1), month(8)],
        "",
        ("tenure_months",),
    )
    train = pd.DataFrame(
        {
            "customer_id": ["stays", "third", "eighth", "tenth", "stays", "tenth"],
            "snapshot": [month(1)] * 4 + [month(8)] * 2,
            "segment": "B2C",
            "tenure_months": [1.0] * 4 + [8.0] * 2,
            "latest_source": [month(1)] * 4 + [month(8)] * 2,
            "outcome": outcomes(
                *("stays", "can be saved", "stays", "stays", "stays", "can be saved")
            ),
            "churned": [False, True, False, False, False, True],
        }
    )
    assert_frame_equal(found.train, train)
    # `tenth` was silent from month 10 on, and left the list in month 12.
    today = rows[rows["snapshot"] == month(12)].reset_index(drop=True)
    assert today["customer_id"].tolist() == ["stays"]
    assert_frame_equal(found.test, today)
    # Watched up to month 10, in which `tenth` fell silent for good.
    assert found.watched["snapshot"].max() == month(10)
    of_last = found.watched[found.watched["snapshot"] == month(10)]
    assert of_last.set_index("customer_id")["months_left"].dropna().to_dict() == {"tenth": 0}
    first = found.watched[found.watched["snapshot"] == month(1)].set_index("customer_id")
    assert first["months_left"].dropna().to_dict() == {"third": 2, "eighth": 7, "tenth": 9}
    assert first["watched"].tolist() == [9] * 4


def test_columns_that_look_at_all_months_are_left_out():
    catalogue = pd.DataFrame(
        {"name": ["tenure", "bills", "revenue_3m"], "window": ["now", "all", "3 months"]}
    )

    assert model_columns(catalogue) == ("tenure", "revenue_3m")
