import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from src.data.operator.generate import simulate
from src.data.operator.settings import Settings
from src.data.problems import InputError
from src.features.lifecycle import (
    LifeRecord,
    durations,
    end_of_follow_up,
    followed,
    lives,
    lives_as_of,
)

FIRST = pd.Period("2023-01", "M")

# A customer's months in a row: "x" billed, "." a row with zero revenue, " " no row, "-" a credit
# note; "C" after it closes in that month. Month 0 is January 2023.


def month(number: float | None) -> pd.Timestamp:
    return pd.NaT if number is None else (FIRST + int(number)).to_timestamp()


def billing(**customers: str) -> pd.DataFrame:
    money = {"x": 10.0, ".": 0.0, "-": -10.0}
    rows = [
        (customer, month(place), money[mark])
        for customer, marks in customers.items()
        for place, mark in enumerate(marks)
        if mark in money
    ]
    return pd.DataFrame(rows, columns=["customer_id", "month", "revenue"])


def closing(**months: int | None) -> pd.DataFrame:
    closed = pd.Series([month(number) for number in months.values()], dtype="datetime64[ns]")
    return pd.DataFrame({"customer_id": list(months), "closed_month": closed})


def frame(*rows: tuple[str, int, int | None, str, int]) -> pd.DataFrame:
    """Expected lives: customer, start, end, how, months."""
    names = ["customer_id", "start", "end", "how", "months"]
    expected = pd.DataFrame(rows, columns=names)
    for column in ("start", "end"):
        dates = [month(None if pd.isna(number) else number) for number in expected[column]]
        expected[column] = pd.Series(dates, dtype="datetime64[ns]")
    return expected


@pytest.mark.parametrize(
    ("months", "last"),
    [(1, "2024-12-01"), (2, "2024-11-01"), (3, "2024-10-01"), (13, "2023-12-01")],
)
def test_follow_up_ends_before_the_last_month(months, last):
    assert end_of_follow_up(pd.Timestamp("2024-12-01"), months) == pd.Timestamp(last)


@pytest.mark.parametrize(
    ("marks", "expected"),
    [
        pytest.param("xxxxxxxx", [(0, None, "censored", 5)], id="pays throughout"),
        pytest.param("xx..xxxx", [(0, None, "censored", 5)], id="gap of 2, rows of zero"),
        pytest.param("xx  xxxx", [(0, None, "censored", 5)], id="gap of 2, no rows"),
        pytest.param("xx...xxx", [(0, 2, "frozen", 2), (5, None, "censored", 0)], id="gap of 3"),
        pytest.param("xx. .xxx", [(0, 2, "frozen", 2), (5, None, "censored", 0)], id="mixed gap"),
        pytest.param(
            "x...xx...", [(0, 1, "frozen", 1), (4, 6, "frozen", 2)], id="frozen, back, frozen again"
        ),
        pytest.param("..xxxxxx", [(2, None, "censored", 3)], id="starts at the first money"),
        pytest.param("xxx-----", [(0, 3, "frozen", 3)], id="credit notes keep no life"),
        pytest.param("xx-x....", [(0, 4, "frozen", 4)], id="a credit note within a life"),
        pytest.param("x.......", [(0, 1, "frozen", 1)], id="one month only"),
        pytest.param("xxxxx...", [(0, 5, "frozen", 5)], id="the last freeze that is known"),
        pytest.param("xxxxxx..", [(0, None, "censored", 5)], id="a freeze not known yet"),
        pytest.param("xxxxxxx.", [(0, None, "censored", 5)], id="a pause in the last month"),
        pytest.param(".....xxx", [(5, None, "censored", 0)], id="starts as follow-up ends"),
        pytest.param("......xx", [], id="starts after follow-up"),
        pytest.param(".......x", [], id="starts in the last month"),
        pytest.param("........", [], id="never pays"),
        pytest.param("--------", [], id="credit notes only"),
        pytest.param("xx....xx", [(0, 2, "frozen", 2)], id="back after follow-up"),
    ],
)
def test_a_life_by_its_billing(marks, expected):
    # The other customer sets the last month of the data.
    found = lives(billing(a=marks, z="x" * len(marks)))

    other = ("z", 0, None, "censored", len(marks) - 3)
    assert_frame_equal(found, frame(*[("a", *life) for life in expected], other))


@pytest.mark.parametrize(
    ("marks", "closed", "expected"),
    [
        pytest.param("xxxxxxxx", 3, [(0, 3, "closed", 3)], id="while billed; late bills follow"),
        pytest.param("xxx.....", 2, [(0, 2, "closed", 2)], id="in the last month billed"),
        pytest.param("xxx.....", 3, [(0, 3, "closed", 3)], id="as the freeze starts"),
        pytest.param("xxx.....", 4, [(0, 3, "frozen", 3)], id="after the freeze started"),
        pytest.param("xx..xxxx", 3, [(0, 3, "closed", 3)], id="in a zero month of a pause"),
        pytest.param("xxxx....", 0, [(0, 0, "closed", 0)], id="in the first month"),
        pytest.param("..xxxxxx", 1, [(2, None, "censored", 3)], id="before any money"),
        pytest.param("xxxxxx..", 5, [(0, 5, "closed", 5)], id="as follow-up ends"),
        pytest.param("xxxxxx..", 6, [(0, None, "censored", 5)], id="after follow-up"),
        pytest.param("xxxxxxxx", 20, [(0, None, "censored", 5)], id="after the data"),
        pytest.param("xxxxxxxx", None, [(0, None, "censored", 5)], id="not at all"),
        pytest.param(
            "x...xx..", 4, [(0, 1, "frozen", 1), (4, 4, "closed", 0)], id="in the second life"
        ),
        pytest.param(
            "x....xxx", 3, [(0, 1, "frozen", 1), (5, None, "censored", 0)], id="between two lives"
        ),
        pytest.param(
            "xx...xxx", 1, [(0, 1, "closed", 1), (5, None, "censored", 0)], id="in the first of two"
        ),
    ],
)
def test_a_closing_month_ends_the_life_it_falls_into(marks, closed, expected):
    found = lives(billing(a=marks, z="xxxxxxxx"), closing(a=closed, z=None))

    other = ("z", 0, None, "censored", 5)
    assert_frame_equal(found, frame(*[("a", *life) for life in expected], other))


@pytest.mark.parametrize(
    ("freeze_months", "expected"),
    [
        (
            1,
            [
                ("a", 0, 2, "frozen", 2),
                ("a", 3, 4, "frozen", 1),
                ("a", 6, 7, "frozen", 1),
                ("z", 0, None, "censored", 7),
            ],
        ),
        (
            2,
            [
                ("a", 0, 4, "frozen", 4),
                ("a", 6, None, "censored", 0),
                ("z", 0, None, "censored", 6),
            ],
        ),
        (3, [("a", 0, None, "censored", 5), ("z", 0, None, "censored", 5)]),
    ],
)
def test_freeze_months_decide_what_is_a_pause(freeze_months, expected):
    found = lives(billing(a="xx.x..x.", z="xxxxxxxx"), freeze_months=freeze_months)

    assert_frame_equal(found, frame(*expected))


def test_data_shorter_than_a_freeze_has_no_lives_yet():
    assert lives(billing(a="xx")).empty
    assert len(lives(billing(a="xxx"))) == 1


def test_customers_without_a_closing_month_or_without_billing_change_nothing():
    bills = billing(a="xx......")
    expected = frame(("a", 0, 2, "frozen", 2))

    assert_frame_equal(lives(bills), expected)
    assert_frame_equal(lives(bills, pd.DataFrame({"customer_id": ["a"]})), expected)
    assert_frame_equal(lives(bills, closing(b=1, a=None)), expected)
    assert_frame_equal(lives(bills, closing(b=1)), expected)


def test_customers_come_in_the_order_of_their_first_paid_row_and_lives_by_start():
    bills = billing(b=".x...x..", c="-..xxxxx", a="x...x...")
    by_time_backwards = bills.sort_values("month", ascending=False, kind="stable")

    a = [("a", 0, 1, "frozen", 1), ("a", 4, 5, "frozen", 1)]
    b = [("b", 1, 2, "frozen", 1), ("b", 5, None, "censored", 0)]
    c = [("c", 3, None, "censored", 2)]
    assert_frame_equal(lives(bills), frame(*b, *c, *a))
    assert_frame_equal(lives(by_time_backwards), frame(*c, *b, *a))


@pytest.mark.parametrize("freeze_months", [0, -2])
def test_freeze_months_below_one_are_refused(freeze_months):
    with pytest.raises(InputError, match=f"^freeze_months must be 1 or more, not {freeze_months}$"):
        lives(billing(a="xxxx"), freeze_months=freeze_months)


def test_billing_without_positive_revenue_is_refused():
    message = "^billing has no row with positive revenue, so there are no lives$"
    with pytest.raises(InputError, match=message):
        lives(billing(a="..-.", b="----"))


# The definition, month by month and customer by customer, with no care for speed.


def lives_of_one(
    paid: list[bool], closed: int | None, last: int, freeze_months: int
) -> list[tuple]:
    follow_up = last - (freeze_months - 1)
    found, start, run = [], None, 0
    for number in range(last + 1):
        is_paid = number < len(paid) and paid[number]
        if is_paid:
            start = number if start is None else start
            run = 0
        elif start is not None:
            run += 1
        if start is not None and run == freeze_months:
            found.append((start, number - freeze_months + 1))
            start, run = None, 0
    if start is not None:
        found.append((start, None))

    result = []
    for life_start, frozen in found:
        how, end = ("frozen", frozen) if frozen is not None else ("censored", None)
        is_within = closed is not None and life_start <= closed
        if is_within and (frozen is None or closed <= frozen):
            how, end = "closed", closed
        if end is not None and end > follow_up:
            how, end = "censored", None
        if life_start <= follow_up:
            result.append((life_start, end, how, (follow_up if end is None else end) - life_start))
    return result


a_customer = st.tuples(
    st.text("xxx..- ", max_size=18), st.none() | st.integers(min_value=0, max_value=19)
)


@settings(max_examples=75, deadline=None)
@given(
    customers=st.lists(a_customer, min_size=1, max_size=6),
    freeze_months=st.integers(min_value=1, max_value=4),
    order=st.randoms(use_true_random=False),
)
def test_lives_agree_with_the_definition_month_by_month(customers, freeze_months, order):
    named = {f"c{place}": customer for place, customer in enumerate(customers)}
    named["c0"] = (f"x{named['c0'][0][1:]}", named["c0"][1])
    bills = billing(**{name: marks for name, (marks, _) in named.items()})
    closed = closing(**{name: number for name, (_, number) in named.items()})
    last = max(len(marks.rstrip(" ")) for marks, _ in named.values()) - 1
    expected = frame(
        *[
            (name, *life)
            for name, (marks, number) in named.items()
            for life in lives_of_one([mark == "x" for mark in marks], number, last, freeze_months)
        ]
    )
    rows = list(range(len(bills)))
    order.shuffle(rows)

    found = lives(bills, closed, freeze_months)
    of_shuffled = lives(bills.iloc[rows], closed, freeze_months)

    assert_frame_equal(found, expected, check_dtype=len(expected) > 0)
    by_name = of_shuffled.sort_values(["customer_id", "start"], ignore_index=True)
    assert_frame_equal(by_name, found)


# The bias that the end of follow-up removes.

HAZARD, MONTHS, CUSTOMERS = 0.04, 24, 6_000


def simulated_billing(seed: int) -> pd.DataFrame:
    """Customers who start in any month and, each month after, stop paying for good with HAZARD."""
    random = np.random.default_rng(seed)
    start = random.integers(0, MONTHS, CUSTOMERS)
    paid_months = random.geometric(HAZARD, CUSTOMERS)
    customer, number = np.divmod(np.arange(CUSTOMERS * MONTHS), MONTHS)
    is_paid = (number >= start[customer]) & (number < (start + paid_months)[customer])
    months = pd.period_range(FIRST, periods=MONTHS, freq="M").to_timestamp()
    rows = {
        "customer_id": customer,
        "month": months[number],
        "revenue": np.where(is_paid, 9.0, 0.0),
    }
    return pd.DataFrame(rows)


def monthly_churn(found: pd.DataFrame, last: pd.Timestamp) -> pd.DataFrame:
    """By calendar month up to `last`: lives at risk of ending in it, and those that did.

    Lives without an end are taken to be alive in every month up to `last`.
    """
    rows = []
    for at in pd.date_range("2023-02-01", last, freq="MS"):
        at_risk = (found["start"] < at) & ~(found["end"] < at)
        rows.append((at, at_risk.sum(), (at_risk & (found["end"] == at)).sum()))
    table = pd.DataFrame(rows, columns=["month", "at_risk", "ended"]).set_index("month")
    table["rate"] = table["ended"] / table["at_risk"]
    return table.assign(error=np.sqrt(HAZARD * (1 - HAZARD) / table["at_risk"]))


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_churn_up_to_the_end_of_follow_up_is_the_true_one(seed):
    bills = simulated_billing(seed)
    found = lives(bills)
    by_month = monthly_churn(found, end_of_follow_up(bills["month"].max()))

    ended, exposure = (found["how"] == "frozen").sum(), found["months"].sum()
    assert by_month["ended"].sum() == ended
    assert by_month["at_risk"].sum() == exposure
    assert abs(ended / exposure - HAZARD) < 3 * np.sqrt(HAZARD * (1 - HAZARD) / exposure)
    latest = by_month.tail(3)
    assert ((latest["rate"] - HAZARD).abs() < 3.5 * latest["error"]).all()


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_without_the_cut_the_last_months_look_too_loyal(seed):
    bills = simulated_billing(seed)
    by_month = monthly_churn(lives(bills), bills["month"].max())

    latest, before = by_month.tail(2), by_month.iloc[:-2]
    assert latest["rate"].tolist() == [0.0, 0.0]
    assert (latest["rate"] + 8 * latest["error"] < HAZARD).all()
    assert abs(before["ended"].sum() / before["at_risk"].sum() - HAZARD) < 0.002
    too_low = by_month["ended"].sum() / by_month["at_risk"].sum()
    assert too_low < HAZARD - 4 * np.sqrt(HAZARD * (1 - HAZARD) / by_month["at_risk"].sum())


# Lives as they could be told at the end of a month.


def told(*rows: tuple[str, int, int | None, str]) -> pd.DataFrame:
    """Expected lives as of a month: customer, start, end, how."""
    return frame(*[(*row, 0) for row in rows]).drop(columns="months")


@pytest.mark.parametrize(
    ("marks", "closed", "as_of"),
    [
        pytest.param(
            "xx......",
            None,
            {
                1: [(0, None, "open")],
                2: [(0, None, "open")],
                3: [(0, None, "open")],
                4: [(0, 2, "frozen")],
                7: [(0, 2, "frozen")],
            },
            id="a silence that becomes a freeze is one from its third month on",
        ),
        pytest.param(
            "xx..x...",
            None,
            {3: [(0, None, "open")], 6: [(0, None, "open")], 7: [(0, 5, "frozen")]},
            id="a silence that ends was a pause",
        ),
        pytest.param(
            "xxxxxxxx",
            3,
            {2: [(0, None, "open")], 3: [(0, 3, "closed")], 7: [(0, 3, "closed")]},
            id="a closing is known at once",
        ),
        pytest.param(
            "xx......",
            3,
            {2: [(0, None, "open")], 3: [(0, 3, "closed")], 4: [(0, 2, "frozen")]},
            id="a closing inside a silence is the end until the freeze is known",
        ),
        pytest.param(
            "xx......",
            2,
            {2: [(0, 2, "closed")], 4: [(0, 2, "closed")]},
            id="a closing in the first silent month stays one",
        ),
        pytest.param(
            "xx......",
            5,
            {4: [(0, 2, "frozen")], 5: [(0, 2, "frozen")]},
            id="a closing of who was frozen by then tells nothing new",
        ),
        pytest.param(
            "xxx.x...",
            3,
            {3: [(0, 3, "closed")], 4: [(0, 3, "closed")], 7: [(0, 3, "closed")]},
            id="a late bill after a closing opens no life",
        ),
        pytest.param(
            "x...xx..",
            None,
            {
                2: [(0, None, "open")],
                3: [(0, 1, "frozen")],
                4: [(0, 1, "frozen"), (4, None, "open")],
                7: [(0, 1, "frozen"), (4, None, "open")],
            },
            id="a customer who returns has a new life, the old one keeps its end",
        ),
        pytest.param(
            "x...x...",
            5,
            {
                4: [(0, 1, "frozen"), (4, None, "open")],
                5: [(0, 1, "frozen"), (4, 5, "closed")],
                7: [(0, 1, "frozen"), (4, 5, "closed")],
            },
            id="a closing belongs to the life that was running",
        ),
        pytest.param("...xxxxx", None, {2: [], 3: [(3, None, "open")]}, id="not yet a customer"),
        pytest.param("xx--....", None, {3: [(0, None, "open")], 4: [(0, 2, "frozen")]}, id="notes"),
    ],
)
def test_lives_as_they_could_be_told_at_the_end_of_a_month(marks, closed, as_of):
    bills, closings = billing(a=marks, z="x" * len(marks)), closing(a=closed, z=None)
    for at, expected in as_of.items():
        found = lives_as_of(bills, closings, month(at))

        rows = [("a", *life) for life in expected]
        assert_frame_equal(found, told(*rows, ("z", 0, None, "open"))), at


@pytest.mark.parametrize(
    ("freeze_months", "known"), [(1, {1: None, 2: 2}), (2, {2: None, 3: 2}), (4, {4: None, 5: 2})]
)
def test_a_freeze_is_known_when_its_months_are_over(freeze_months, known):
    bills = billing(a="xx......")
    for at, end in known.items():
        found = lives_as_of(bills, None, month(at), freeze_months)

        how = "open" if end is None else "frozen"
        assert_frame_equal(found, told(("a", 0, end, how)))


def test_watching_up_to_the_end_of_follow_up_blanks_ends_and_leaves_out_late_starts():
    names = {"early": "xx......", "late": "xxxxxxx.", "new": "......xx", "closes": "xxxxxxxx"}
    of_all = lives_as_of(billing(**names), closing(closes=6), month(7))
    assert_frame_equal(
        of_all,
        told(
            ("early", 0, 2, "frozen"),
            ("late", 0, None, "open"),
            ("new", 6, None, "open"),
            ("closes", 0, 6, "closed"),
        ),
    )

    found = followed(of_all, month(5))

    assert_frame_equal(
        found,
        frame(
            ("early", 0, 2, "frozen", 2),
            ("late", 0, None, "censored", 5),
            ("closes", 0, None, "censored", 5),
        ),
    )


def told_of_one(paid: list[bool], closed: int | None, at: int, freeze_months: int) -> list[tuple]:
    """`lives_as_of` by going through the months up to `at`, with no care for speed."""
    runs, start, run = [], None, 0
    for number in range(at + 1):
        if number < len(paid) and paid[number]:
            start = number if start is None else start
            run = 0
        elif start is not None:
            run += 1
        if start is not None and run == freeze_months:
            runs.append((start, number - freeze_months + 1))
            start, run = None, 0
    if start is not None:
        runs.append((start, None))
    found = []
    for begins, frozen in runs:
        how, end = ("frozen", frozen) if frozen is not None else ("open", None)
        is_own = closed is not None and begins <= closed <= at
        if is_own and (frozen is None or closed <= frozen):
            how, end = "closed", closed
        found.append((begins, end, how))
    return found


@st.composite
def panels(draw: st.DrawFn) -> tuple[dict[str, tuple[str, int | None]], int, int]:
    """Customers by name, a month to look from, freeze_months."""
    customers = draw(st.lists(a_customer, min_size=1, max_size=6))
    named = {f"c{place}": customer for place, customer in enumerate(customers)}
    named["c0"] = (f"x{named['c0'][0][1:]}", named["c0"][1])
    return named, draw(st.integers(0, 18)), draw(st.integers(1, 4))


def tables_of(named: dict[str, tuple[str, int | None]]) -> tuple[pd.DataFrame, pd.DataFrame]:
    bills = billing(**{name: marks for name, (marks, _) in named.items()})
    return bills, closing(**{name: number for name, (_, number) in named.items()})


@settings(max_examples=75, deadline=None)
@given(panel=panels())
def test_lives_as_of_a_month_agree_with_going_through_the_months(panel):
    named, at, freeze_months = panel
    bills, closings = tables_of(named)

    found = lives_as_of(bills, closings, month(at), freeze_months)

    expected = told(
        *[
            (name, *life)
            for name, (marks, number) in named.items()
            for life in told_of_one([mark == "x" for mark in marks], number, at, freeze_months)
        ]
    )
    assert_frame_equal(found, expected)


@settings(max_examples=75, deadline=None)
@given(panel=panels(), future=panels(), ends=st.lists(st.none() | st.integers(0, 9), max_size=9))
def test_nothing_after_a_month_changes_the_lives_as_of_it(panel, future, ends):
    named, at, freeze_months = panel
    bills, closings = tables_of(named)
    found = lives_as_of(bills, closings, month(at), freeze_months)

    # Cut at that month.
    past = bills[bills["month"] <= month(at)]
    known = closings["closed_month"].where(closings["closed_month"] <= month(at))
    of_cut = lives_as_of(past, closings.assign(closed_month=known), month(at), freeze_months)
    assert_frame_equal(of_cut, found)

    # Another future: other bills, other closings, other customers.
    later = tables_of(future[0])[0]
    later = later[later["month"] > month(at)]
    moved = {
        name: number
        if number is not None and number <= at
        else None
        if after is None
        else at + 1 + after
        for (name, (_, number)), after in zip(named.items(), [*ends, *[None] * 6], strict=False)
    }
    other = lives_as_of(pd.concat([past, later]), closing(**moved), month(at), freeze_months)
    assert_frame_equal(other, found)


@settings(max_examples=40, deadline=None)
@given(panel=panels())
def test_lives_are_those_of_the_last_month_watched_up_to_the_end_of_follow_up(panel):
    named, _, freeze_months = panel
    bills, closings = tables_of(named)
    last = bills["month"].max()

    found = lives(bills, closings, freeze_months)

    as_of_last = lives_as_of(bills, closings, last, freeze_months)
    assert_frame_equal(found, followed(as_of_last, end_of_follow_up(last, freeze_months)))
    record = LifeRecord(bills, closings, freeze_months)
    assert_frame_equal(record.followed(), found)
    assert_frame_equal(record.as_of(), as_of_last)
    assert (record.last, record.follow_up()) == (last, end_of_follow_up(last, freeze_months))


@settings(max_examples=75, deadline=None)
@given(panel=panels())
def test_what_was_known_up_to_the_follow_up_of_a_month_stays_true(panel):
    """No later month tells another end of it: labels inside the follow-up are final."""
    named, at, freeze_months = panel
    bills, closings = tables_of(named)
    until = end_of_follow_up(month(at), freeze_months)

    then, now = (
        followed(lives_as_of(bills, closings, month(seen), freeze_months), until)
        for seen in (at, 20)
    )

    assert_frame_equal(now, then, check_dtype=len(then) > 0)


def test_a_record_tells_lives_as_of_any_month():
    record = LifeRecord(billing(a="xx......", z="xxxxxxxx"), closing(a=3, z=None))

    a_closed, a_frozen = ("a", 0, 3, "closed"), ("a", 0, 2, "frozen")
    assert_frame_equal(record.as_of(month(3)), told(a_closed, ("z", 0, None, "open")))
    assert_frame_equal(record.as_of(month(4)), told(a_frozen, ("z", 0, None, "open")))
    # Follow-up of month 4 is month 2; the closing of month 3 was not yet in it.
    then = record.followed(month(3))
    assert_frame_equal(then, frame(("a", 0, None, "censored", 1), ("z", 0, None, "censored", 1)))
    assert (record.follow_up(month(4)), record.follow_up()) == (month(2), month(5))
    assert repr(record) == "LifeRecord: bills up to 2023-08, freeze of 3 months"
    assert LifeRecord(record.billing, None, 1).follow_up(month(4)) == month(4)


@pytest.mark.parametrize("freeze_months", [0, -1])
def test_lives_as_of_refuse_a_freeze_of_no_months(freeze_months):
    with pytest.raises(InputError, match=f"^freeze_months must be 1 or more, not {freeze_months}$"):
        lives_as_of(billing(a="xxxx"), None, month(2), freeze_months)


def test_a_month_before_any_money_has_no_lives():
    message = "^billing has no row with positive revenue, so there are no lives$"
    with pytest.raises(InputError, match=message):
        lives_as_of(billing(a="..-xx"), None, month(2))


def test_durations_count_from_the_first_contract_where_it_is_known():
    marks = {
        "known": "xxxxxxxx",  # signed up 30 months before the data
        "unknown": "xxxx....",  # was there when the data begin, nobody knows since when
        "no_month": "xxxxxxxx",
        "first": "xxxx....",  # signed up in the first month
        "new": "..xxxx..",
        "back": "xx....xx",
    }
    signup = {"known": -30, "no_month": None, "first": 0, "new": 1, "back": -5}
    customers = pd.DataFrame(
        {
            "customer_id": list(signup),
            "signup_month": pd.to_datetime([month(number) for number in signup.values()]),
        }
    )
    found = lives(billing(**marks))

    survival = durations(found, month(0), customers)

    expected = pd.DataFrame(
        [
            ("known", 35, False, 30),
            ("first", 4, True, 0),
            ("new", 3, False, 0),
            ("back", 7, True, 5),
        ],
        columns=["customer_id", "duration", "ended", "entry"],
    )
    assert_frame_equal(survival.reset_index(drop=True), expected)
    names = found.loc[survival.index, "customer_id"]
    assert names.tolist() == survival["customer_id"].tolist()


@pytest.mark.parametrize("customers", [None, pd.DataFrame({"customer_id": ["old"]})])
def test_without_months_of_signing_up_only_new_customers_have_a_duration(customers):
    found = lives(billing(old="xxxxxx", new=".xxx.."))

    survival = durations(found, month(0), customers)

    expected = pd.DataFrame(
        {"customer_id": ["new"], "duration": [2], "ended": [False], "entry": [0]}
    )
    assert_frame_equal(survival.reset_index(drop=True), expected)


# The same bias on the simulated operator, against the ends that really happened.


@pytest.fixture(scope="module")
def operator():
    return simulate(Settings(b2c_customers=8_000, b2b_customers=500, months=24, hidden_months=0))


def true_ends(truth: pd.DataFrame) -> pd.DataFrame:
    """By calendar month: first lives at risk of ending, and those that ended, closed or frozen."""
    first = truth.groupby("customer_id")["month"].transform("min")
    watched = truth[truth["month"] > first]
    by_month = watched.groupby("month")["is_alive"].agg(["size", "sum"])
    return pd.DataFrame({"at_risk": by_month["size"], "ended": by_month["size"] - by_month["sum"]})


def test_the_last_months_of_the_operator_look_too_loyal_without_the_cut(operator):
    tables, truth = operator
    bills, customers = tables["billing"], tables["customers"]
    months = sorted(bills["month"].unique())
    true = true_ends(truth["months"])
    true["rate"] = true["ended"] / true["at_risk"]
    true["error"] = np.sqrt(true["rate"] * (1 - true["rate"]) / true["at_risk"])

    # Without the cut whatever has no end by the last month counts as alive all the way: of the last
    # two months only closings are known, and of the ends that are freezes none.
    last = true.tail(2).sum()
    closed = customers["closed_month"].isin(months[-2:]).sum()
    error = np.sqrt(last["ended"]) / last["at_risk"]
    assert closed / last["at_risk"] + 5 * error < last["ended"] / last["at_risk"]

    found = lives(bills, customers)
    follow_up = end_of_follow_up(bills["month"].max())
    for at in [month for month in months if month <= follow_up][-6:]:
        at_risk = (found["start"] < at) & ~(found["end"] < at)
        rate = (at_risk & (found["end"] == at)).sum() / at_risk.sum()
        assert abs(rate - true.loc[at, "rate"]) < 3 * true.loc[at, "error"], at
