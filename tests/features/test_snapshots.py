import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from src.data.problems import InputError
from src.features.lifecycle import LifeRecord
from src.features.snapshots import (
    HORIZONS,
    OUTCOMES,
    Horizon,
    labelled,
    training_snapshots,
    usable,
    watched_ahead,
)

MONTHS = list(pd.date_range("2022-01-01", periods=48, freq="MS"))
horizons = st.builds(Horizon, st.integers(1, 12), st.integers(0, 3))


def test_a_company_gets_more_time_than_a_person():
    assert (HORIZONS["B2C"].reach, HORIZONS["B2B"].reach) == (3, 7)


@pytest.mark.parametrize(
    ("horizon", "last"),
    [(Horizon(1), "2022-11"), (Horizon(3), "2022-09"), (Horizon(3, gap=1), "2022-08")],
)
def test_labels_must_be_over_by_the_end_of_follow_up(horizon, last):
    shuffled = MONTHS[5:20] + MONTHS[:5]

    found = usable(shuffled, horizon, pd.Timestamp("2022-12-01"))

    assert found == list(pd.date_range("2022-01-01", last, freq="MS"))


@given(
    horizon=horizons,
    test=st.sampled_from(MONTHS),
    freeze_months=st.integers(1, 4),
    data=st.data(),
)
def test_no_label_of_training_is_open_at_the_test_snapshot(horizon, test, freeze_months, data):
    built = data.draw(st.lists(st.sampled_from(MONTHS), unique=True))
    # A freeze of the last month that counts is told from a pause so many months later.
    known = horizon.gap + horizon.months + freeze_months - 1
    expected = sorted(at for at in built if MONTHS.index(at) + known <= MONTHS.index(test))
    if not expected:
        with pytest.raises(InputError, match=r"^nothing to learn from"):
            training_snapshots(built, test, horizon, freeze_months)
        return

    assert training_snapshots(built, test, horizon, freeze_months) == expected


def test_three_months_tell_a_freeze_unless_said_otherwise():
    found = training_snapshots(MONTHS, pd.Timestamp("2022-12-01"), Horizon(3, gap=1))

    assert found[-1] == pd.Timestamp("2022-06-01")


def test_no_snapshot_to_use_or_learn_from_is_said_with_the_month_that_is_needed():
    horizon = Horizon(months=6, gap=1)
    with pytest.raises(InputError) as refusal:
        usable(MONTHS[8:], horizon, pd.Timestamp("2022-12-01"))
    assert str(refusal.value) == (
        "no snapshot can be labelled: a gap of 1 and a horizon of 6 months need snapshots up to "
        "2022-05, as exits are known up to 2022-12"
    )
    with pytest.raises(InputError) as refusal:
        training_snapshots(MONTHS[8:], pd.Timestamp("2022-12-01"), horizon)
    assert str(refusal.value) == (
        "nothing to learn from: a model for 2022-12 with a gap of 1, a horizon of 6 and a freeze "
        "of 3 months needs a snapshot of 2022-03 or before"
    )


# Labels by hand. A customer's months in a row, month 0 being January 2022: "x" billed, "." not.
# On the list of month 4 is whoever has a bill of months 2 to 4 and has not closed by then.
LAST = 12
CUSTOMERS = {
    "stays": "xxxxxxxxxxxxx",
    "pauses": "xxxx.xxxxxxxx",  # silent in month 4, and back
    "long_pause": "xxx..xxxxxxxx",  # silent for two months, and back
    "frozen_4": "xxxx.........",  # its silence is the first month of a freeze
    "frozen_3": "xxx..........",  # the second
    "frozen_5": "xxxxx........",  # ends in the month after
    "frozen_6": "xxxxxx.......",
    "frozen_8": "xxxxxxxx.....",
    "closes_5": "xxxxxxxxxxxxx",  # bills after the closing are late ones
    "closes_7": "xxxxxxx......",
    "silent_closes": "xxxx.........",  # silent since month 4, closes in month 5: frozen in month 4
    "silent_leaves": "xxxx...xxxxxx",  # frozen for three months, then another life
    "returned": "x...xxxxxxxxx",  # the second life began in month 4
    "returned_leaves": "x...xx.......",  # and it ends in month 6
    "late_bill": "xxxx.x.......",  # the bill of month 4 came in month 5: it ends in month 6
}
CLOSED = {"closes_5": 5, "closes_7": 7, "silent_closes": 5}
AT = 4


def record_of(customers: dict[str, str], closed: dict[str, int]) -> LifeRecord:
    rows = [
        (name, MONTHS[place], 10.0)
        for name, marks in customers.items()
        for place, mark in enumerate(marks)
        if mark == "x"
    ]
    closings = [MONTHS[closed[name]] if name in closed else pd.NaT for name in customers]
    people = pd.DataFrame({"customer_id": list(customers), "closed_month": closings})
    return LifeRecord(pd.DataFrame(rows, columns=["customer_id", "month", "revenue"]), people)


def listed(customers: dict[str, str], at: int) -> pd.DataFrame:
    names = list(customers)
    return pd.DataFrame({"customer_id": names, "snapshot": MONTHS[at], "value": range(len(names))})


BY_HORIZON = {
    Horizon(3): {
        "gone already": ["frozen_4", "frozen_3", "silent_closes", "silent_leaves"],
        "can be saved": [
            *("frozen_5", "frozen_6", "closes_5", "closes_7", "returned_leaves", "late_bill"),
        ],
    },
    Horizon(2, gap=1): {
        "gone already": ["frozen_4", "frozen_3", "silent_closes", "silent_leaves"],
        "too late": ["frozen_5", "closes_5"],
        "can be saved": ["frozen_6", "closes_7", "returned_leaves", "late_bill"],
    },
    Horizon(4, gap=2): {
        "gone already": ["frozen_4", "frozen_3", "silent_closes", "silent_leaves"],
        "too late": ["frozen_5", "frozen_6", "closes_5", "returned_leaves", "late_bill"],
        "can be saved": ["frozen_8", "closes_7"],
    },
}


@pytest.mark.parametrize("horizon", BY_HORIZON, ids=str)
def test_everybody_on_the_list_has_an_outcome(horizon):
    record, rows = record_of(CUSTOMERS, CLOSED), listed(CUSTOMERS, AT)
    # Known once the last month that counts is inside the follow-up.
    known = MONTHS[AT + horizon.reach + 2]

    found = labelled(rows, record.as_of(known), horizon, record.follow_up(known))

    outcome = {name: what for what, names in BY_HORIZON[horizon].items() for name in names}
    said = pd.Categorical([outcome.get(name, "stays") for name in CUSTOMERS], OUTCOMES)
    lost = [name in outcome for name in CUSTOMERS]
    assert_frame_equal(found, rows.assign(outcome=said, churned=lost))
    # What is known later changes nothing of it.
    later = labelled(rows, record.as_of(), horizon, record.follow_up())
    assert_frame_equal(later, found)


def test_who_returns_is_judged_by_the_life_of_the_snapshot():
    record = record_of({"back": "xx...xxxx....", "z": "x" * 13}, {})
    rows = pd.concat([listed({"back": ""}, at) for at in (0, 1, 2, 3, 5, 7, 8)], ignore_index=True)

    found = labelled(rows, record.as_of(), Horizon(2), record.follow_up())

    # The first life ends in month 2, the second one begins in month 5 and ends in month 9.
    said = [
        "can be saved",
        "can be saved",
        *["gone already"] * 2,
        "stays",
        *["can be saved"] * 2,
    ]
    assert found["outcome"].tolist() == said
    assert found["churned"].tolist() == [what != "stays" for what in said]


def test_labels_come_in_the_order_and_with_the_index_of_the_rows():
    record, rows = record_of(CUSTOMERS, CLOSED), listed(CUSTOMERS, AT)
    shuffled = rows.sample(frac=1, random_state=3)

    found = labelled(shuffled, record.as_of(), Horizon(3), record.follow_up())

    whole = labelled(rows, record.as_of(), Horizon(3), record.follow_up())
    assert_frame_equal(found, whole.loc[shuffled.index])
    assert labelled(rows.head(0), record.as_of(), Horizon(3), record.follow_up()).empty


def test_labels_that_are_not_known_yet_are_refused():
    record, rows = record_of(CUSTOMERS, CLOSED), listed(CUSTOMERS, AT)
    message = "^no snapshot can be labelled: a gap of 1 and a horizon of 6 months"

    with pytest.raises(InputError, match=message):
        labelled(rows, record.as_of(), Horizon(6, gap=1), record.follow_up())


def test_a_row_without_a_life_is_refused():
    record = record_of({"a": "xxxxxxxxx"}, {})
    stranger = listed({"a": "", "b": ""}, 2)
    message = (
        "^customer b is on the list of 2022-03, but has no life by then: features and bills do "
        "not belong together$"
    )

    with pytest.raises(InputError, match=message):
        labelled(stranger, record.as_of(), Horizon(2), record.follow_up())
    early = record_of({"a": "xxx", "b": "....xxxxx"}, {})
    with pytest.raises(InputError, match=message):
        labelled(stranger, early.as_of(), Horizon(2), early.follow_up())


def test_watching_by_hand():
    record = record_of(CUSTOMERS, CLOSED)
    rows = pd.concat([listed(CUSTOMERS, AT), listed(CUSTOMERS, 6)], ignore_index=True)
    until = MONTHS[6]

    found = watched_ahead(rows, record.as_of(MONTHS[8]), until)

    # Of the snapshot of month 6 only who was gone by then is known.
    left = {
        AT: {
            **dict.fromkeys(["frozen_4", "frozen_3", "silent_closes", "silent_leaves"], 0.0),
            **dict.fromkeys(["frozen_5", "closes_5"], 1.0),
            **dict.fromkeys(["frozen_6", "returned_leaves", "late_bill"], 2.0),
        },
        6: dict.fromkeys(
            [
                *("frozen_4", "frozen_3", "frozen_5", "frozen_6", "closes_5", "silent_closes"),
                *("silent_leaves", "returned_leaves", "late_bill"),
            ],
            0.0,
        ),
    }
    months_left = [left[at].get(name, np.nan) for at in (AT, 6) for name in CUSTOMERS]
    watched = np.repeat([2, 0], len(CUSTOMERS)).astype("int32")
    assert_frame_equal(found, rows.assign(months_left=months_left, watched=watched))
    # Snapshots after it are not watched at all.
    assert len(watched_ahead(rows, record.as_of(MONTHS[7]), MONTHS[5])) == len(CUSTOMERS)


# The definition, by going through the months of one customer.


def outcome_of_one(
    marks: str, closed: int | None, s: int, horizon: Horizon, freeze_months: int
) -> str | None:
    """What becomes of a customer on the list of month `s`; None for who is not on it."""
    paid = [number for number, mark in enumerate(marks) if mark == "x" and number <= s]
    if not paid or s - paid[-1] >= freeze_months or (closed is not None and closed <= s):
        return None
    # The months in which the life of `s` is there: until silence has lasted, or the closing.
    start = paid[-1]
    while any(mark == "x" for mark in marks[max(start - freeze_months, 0) : start]):
        start = max(n for n in range(max(start - freeze_months, 0), start) if marks[n] == "x")
    end, run = None, 0
    for number in range(start, s + horizon.reach + freeze_months):
        is_paid = number < len(marks) and marks[number] == "x"
        run = 0 if is_paid else run + 1
        if run == freeze_months:
            end = number - freeze_months + 1
            break
    if closed is not None and closed >= start and (end is None or closed <= end):
        end = closed
    for name, last in zip(OUTCOMES, (0, horizon.gap, horizon.reach), strict=False):
        if end is not None and end <= s + last:
            return name
    return "stays"


@settings(max_examples=150, deadline=None)
@given(
    customers=st.lists(
        st.tuples(st.text("xxx..", min_size=1, max_size=20), st.none() | st.integers(0, 19)),
        min_size=1,
        max_size=6,
    ),
    s=st.integers(0, 9),
    horizon=st.builds(Horizon, st.integers(1, 5), st.integers(0, 2)),
    freeze_months=st.integers(1, 4),
)
def test_outcomes_agree_with_going_through_the_months(customers, s, horizon, freeze_months):
    named = {f"c{place}": customer for place, customer in enumerate(customers)}
    record = record_of(
        {**{name: marks for name, (marks, _) in named.items()}, "z": "x" * 21},
        {name: closed for name, (_, closed) in named.items() if closed is not None},
    )
    record = LifeRecord(record.billing, record.customers, freeze_months)
    expected = {
        name: outcome_of_one(marks, closed, s, horizon, freeze_months)
        for name, (marks, closed) in named.items()
    }
    rows = listed({name: "" for name, what in expected.items() if what}, s)
    known = MONTHS[s + horizon.reach + freeze_months - 1]

    found = labelled(rows, record.as_of(known), horizon, record.follow_up(known))

    assert found["outcome"].tolist() == [what for what in expected.values() if what]
    watched = watched_ahead(rows, record.as_of(known), record.follow_up(known))
    is_seen = watched["months_left"].notna()
    assert is_seen.tolist() == found["churned"].tolist()
    ends = [0, horizon.gap, horizon.reach]
    for name, low, high in zip(OUTCOMES, [-1, *ends], ends, strict=False):
        own = watched.loc[found["outcome"] == name, "months_left"]
        assert own.between(low, high, inclusive="right").all()
