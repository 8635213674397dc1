"""Who is in the base, against lives as they could be known then and as hindsight tells them."""

import duckdb
import narwhals as nw
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from src.features.known import snapshot_columns
from src.features.lifecycle import end_of_follow_up, lives
from src.features.months import Month
from src.features.population import histories, population, recent, returns

LAST = "2024-12"


@pytest.fixture(scope="module")
def residents():
    """The population at some months, as a frame by customer and snapshot."""
    connection = duckdb.connect()

    def of(
        billing: pd.DataFrame, customers: pd.DataFrame, *texts: str, freeze_months: int = 3
    ) -> pd.DataFrame:
        months = tuple(Month.of(text) for text in texts)
        snapshots = pd.DataFrame(snapshot_columns(months))
        bills, people, at = (
            nw.from_native(connection.from_df(frame)) for frame in (billing, customers, snapshots)
        )
        has_cost = "cost_to_serve" in billing
        history = histories(bills, months, has_cost)
        returned = returns(bills, history, freeze_months)
        billed = recent(bills, months, freeze_months, has_cost)
        frame = population(history, returned, billed, people, at, months)
        return frame.sort("customer_id", "at").collect(backend="pandas").to_native()

    yield of
    connection.close()


def people(*names: str, **closed: str) -> pd.DataFrame:
    months = [pd.Timestamp(closed[name]) if name in closed else pd.NaT for name in names]
    frame = pd.DataFrame({"customer_id": names, "segment": "B2C"})
    return frame.assign(closed_month=pd.Series(months, dtype="datetime64[ns]"))


# Three months that end in December 2024, after a longer past.
BILLS = {
    "old": "5 " * 15,
    "paused": "5 5 . . 5",
    "silent": "5 . .",
    "frozen": "5 . . .",
    "back": "5 . . . 5 5",
    "credit": "5 5 -1 -1 -1",
    "late": "5 5 5 5",  # closes in November, two bills follow
    "again": "5 . . . . 5",  # closed in between
    "open": "5 5 5",  # closes in January
    "to_come": ". . .",
}
CLOSED = {"late": "2024-11", "again": "2024-09", "open": "2025-01"}


def test_who_is_in_the_base_by_hand(residents, bills):
    billing = pd.concat([bills(LAST, **BILLS), bills("2025-01", to_come="5")])

    found = residents(billing, people(*BILLS, **CLOSED), LAST)

    wanted = pd.DataFrame(
        [
            ("again", 1, 6, 2),
            ("back", 2, 6, 2),
            ("old", 15, 15, 1),
            ("open", 3, 3, 1),
            ("paused", 5, 5, 1),
            ("silent", 3, 3, 1),
        ],
        columns=["customer_id", "life_months", "age", "lives"],
    )
    at = Month.of(LAST).number
    found = found.assign(life_months=at - found["life_start"] + 1)
    assert_frame_equal(found[list(wanted)], wanted)


def test_the_same_customers_a_month_before_and_after(residents, bills):
    billing = pd.concat([bills(LAST, **BILLS), bills("2025-01", to_come="5")])

    found = residents(billing, people(*BILLS, **CLOSED), "2024-11", LAST, "2025-01")

    month = found["at"].map({Month.of(text).number: text for text in ("2024-11", LAST, "2025-01")})
    assert found.groupby(month)["customer_id"].agg(list).to_dict() == {
        # credit notes do not count: the last revenue of `credit` is of September
        "2024-11": ["back", "credit", "frozen", "old", "open", "paused", "silent"],
        "2024-12": ["again", "back", "old", "open", "paused", "silent"],
        "2025-01": ["again", "back", "old", "paused", "to_come"],
    }


def test_what_was_billed_by_hand(residents, bills):
    billing = bills("2025-01", a="7/1 " * 3 + "10/4 . -6/0 20 99/9")

    found = residents(billing, people("a"), LAST)

    wanted = pd.DataFrame(
        {
            "customer_id": ["a"],
            "first": [Month.of("2024-06").number],
            "revenue_to_date": [45.0],
            "margin_to_date": [18.0],  # the cost of the last bill is not known
            "revenue_sum_1": [20.0],
            "revenue_sum_3": [14.0],
            "revenue_sum_6": [38.0],
            "revenue_sum_12": [45.0],
            "revenue_trend_6": [(-2.5 * 7 - 1.5 * 7 - 0.5 * 10 - 6 * 1.5 + 20 * 2.5) / 17.5],
            "revenue_peak": [20.0],
            "revenue_spread": [np.std([7, 7, 7, 10, -6, 20], ddof=1)],
            "paid_12": [5],
            "credits": [1],
            "last_paid": [Month.of(LAST).number],
            "margin_3": [-6.0],
            "margin_12": [18 / 5],
            "costed_12": [25 / 5],
            "life_start": [Month.of("2024-06").number],
            "lives": [1],
            "age": [7],
        }
    )
    assert_frame_equal(found[list(wanted)], wanted)


def test_who_is_in_no_table_of_customers_is_in_the_base(residents, bills):
    found = residents(bills(LAST, a="5", b="5"), people("a"), LAST)

    assert found["customer_id"].tolist() == ["a", "b"]
    assert found["segment"].isna().tolist() == [False, True]


# A customer: marks of months, with pauses of up to five, and a closing month, if any.
marks = st.lists(
    st.tuples(st.integers(1, 4), st.integers(0, 5), st.sampled_from([".", "0", "-3"])),
    min_size=1,
    max_size=4,
).map(lambda runs: " ".join(f"{'5 ' * paid}{f'{gap} ' * pause}" for paid, pause, gap in runs))
someone = st.tuples(marks, st.integers(0, 4), st.none() | st.integers(0, 19))


def numbered(months: pd.Series) -> pd.Series:
    return months.dt.year * 12 + months.dt.month - 1


@settings(max_examples=20, deadline=None)
@given(
    customers=st.lists(someone, min_size=1, max_size=8),
    freeze_months=st.integers(1, 4),
    number=st.integers(3, 19),
)
def test_the_base_is_who_lives_as_far_as_is_known(
    residents, bills, customers, freeze_months, number
):
    first = pd.Period("2023-01", "M")
    parts, names, closed = [bills("2024-08", clock="5 " * 20)], ["clock"], {}
    for place, (words, later, closing) in enumerate(customers):
        months = words.split()[: 20 - later]
        last = first + later + len(months) - 1
        parts.append(bills(str(last), **{f"c{place}": " ".join(months)}))
        names.append(f"c{place}")
        if closing is not None:
            closed[f"c{place}"] = str(first + closing)
    billing, table = pd.concat(parts, ignore_index=True), people(*names, **closed)
    at, now = (first + number).to_timestamp(), Month.of(str(first + number)).number

    found = residents(billing, table, str(first + number), freeze_months=freeze_months)
    here = found.set_index("customer_id")

    # The lives that bills up to then tell of; the clock goes on, so that none is too short to tell.
    then = billing[billing["month"] <= at]
    clock = bills(str(first + number + freeze_months), clock="5 " * freeze_months)
    told = lives(pd.concat([then, clock]), freeze_months=freeze_months)
    latest = told.groupby("customer_id").tail(1).set_index("customer_id")
    paid = numbered(then[then["revenue"] > 0].groupby("customer_id")["month"].max())
    closing = table.set_index("customer_id")["closed_month"].reindex(latest.index)
    is_closed = (closing <= at) & (closing >= latest["start"])
    assert set(here.index) == set(paid[now - paid < freeze_months].index) - set(
        latest[is_closed].index
    )

    if at <= end_of_follow_up(billing["month"].max(), freeze_months):  # hindsight ends there
        hindsight = lives(billing, table, freeze_months)
        alive = hindsight[(hindsight["start"] <= at) & ~(hindsight["end"] <= at)]
        assert set(alive["customer_id"]) <= set(here.index)

    count = told.groupby("customer_id").size()
    assert here["lives"].tolist() == count.reindex(here.index).tolist()
    assert here["life_start"].tolist() == numbered(latest["start"]).reindex(here.index).tolist()
