import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from src.data.operator.generate import simulate
from src.data.operator.settings import Settings
from src.data.problems import InputError
from src.features.lifecycle import durations, end_of_follow_up, labels, lives

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


@settings(max_examples=150, deadline=None)
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


# Labels.


def month_by_month(alive: set[int], s: int, gap: int, horizon: int) -> bool | None:
    """Whether a life with these months is lost in time; None when it is not eligible."""
    if not all(number in alive for number in range(s, s + gap + 1)):
        return None
    return not all(number in alive for number in range(s + gap + 1, s + gap + horizon + 1))


@settings(max_examples=60, deadline=None)
@given(
    customers=st.lists(a_customer, min_size=1, max_size=5),
    s=st.integers(0, 14),
    gap=st.integers(0, 3),
    horizon=st.integers(1, 6),
)
def test_labels_agree_with_going_through_the_months(customers, s, gap, horizon):
    named = {f"c{place}": customer for place, customer in enumerate(customers)}
    bills = billing(**{name: marks for name, (marks, _) in named.items()}, z="x" * 26)
    found = lives(bills, closing(**{name: number for name, (_, number) in named.items()}))
    follow_up = end_of_follow_up(bills["month"].max())

    labelled = labels(found, month(s), gap, horizon, follow_up)

    expected = {}
    for life in found.itertuples():
        first, last = ((at.year - 2023) * 12 + at.month for at in (life.start, follow_up))
        end = last + 1 if pd.isna(life.end) else (life.end.year - 2023) * 12 + life.end.month
        label = month_by_month(set(range(first - 1, end - 1)), s, gap, horizon)
        if label is not None:
            expected[life.customer_id] = label
    assert labelled.set_index("customer_id")["churned"].to_dict() == expected
    assert labelled["customer_id"].is_unique
    assert (labelled["snapshot"] == month(s)).all()


@pytest.mark.parametrize(
    ("gap", "horizon", "churned"),
    [
        (0, 1, {"ends_4": True, "ends_5": False, "stays": False, "back": False}),
        (0, 2, {"ends_4": True, "ends_5": True, "stays": False, "back": False}),
        (1, 1, {"ends_5": True, "stays": False, "back": False}),
        (1, 3, {"ends_5": True, "stays": False, "back": True}),
        (2, 3, {"stays": False, "back": True}),
    ],
)
def test_labels_by_hand(gap, horizon, churned):
    marks = {
        "ends_3": "xxx.......",  # ends in the month of the snapshot
        "ends_4": "xxxx......",
        "ends_5": "xxxxx.....",
        "stays": "xx..xxxxxx",
        "back": "...xxxx...",  # a life that starts in the month of the snapshot
        "later": "....xxxxxx",
    }
    found = lives(billing(**marks, z="x" * 11))
    found = found[found["customer_id"] != "z"]

    labelled = labels(found, month(3), gap, horizon, month(8))

    expected = pd.DataFrame(
        {"customer_id": list(churned), "snapshot": month(3), "churned": list(churned.values())}
    )
    assert_frame_equal(labelled, expected)


@pytest.mark.parametrize(
    ("gap", "horizon", "message"),
    [
        (-1, 3, "a gap of 0 or more and a horizon of 1 or more are needed, not -1 and 3"),
        (0, 0, "a gap of 0 or more and a horizon of 1 or more are needed, not 0 and 0"),
        (
            1,
            2,
            "a horizon of 2 months after 2023-04 with a gap of 1 ends in 2023-07, but exits are "
            "known only up to 2023-06",
        ),
    ],
)
def test_labels_that_cannot_be_are_refused(gap, horizon, message):
    found = lives(billing(a="xxxxxxxx"))
    with pytest.raises(InputError, match=f"^{message}$"):
        labels(found, month(3), gap, horizon, month(5))


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
