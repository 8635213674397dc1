"""Purchases: days, returns, and what the models of shop buyers read."""

from __future__ import annotations

from pathlib import Path

import lifetimes
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from src.data.problems import InputError
from src.features.purchases import newcomers_from, purchase_days, purchase_log, summaries

DATASETS = Path(lifetimes.__file__).parent / "datasets"
END = pd.Timestamp("1997-09-30")


def orders_of(*rows: tuple[str | None, str, float], **columns: list[float]) -> pd.DataFrame:
    """Orders from (buyer, day of January 2024, amount)."""
    keys, days, amounts = zip(*rows, strict=True)
    dates = [pd.Timestamp(f"2024-01-{day}") for day in days]
    return pd.DataFrame({"buyer_key": keys, "date": dates, "amount": amounts, **columns})


def days_of(*rows: tuple[str, str, float]) -> pd.DataFrame:
    return orders_of(*rows).astype({"amount": "float64"})


@pytest.fixture(scope="module")
def sample() -> pd.DataFrame:
    """The 1/10 sample of CDNOW: 2,357 buyers."""
    names = ["master", "buyer_key", "date", "cds", "amount"]
    orders = pd.read_csv(DATASETS / "CDNOW_sample.txt", sep=r"\s+", header=None, names=names)
    return orders.assign(date=pd.to_datetime(orders["date"], format="%Y%m%d"))


def test_published_summary_of_cdnow(sample: pd.DataFrame) -> None:
    """Fader, Hardie, Lee (2005) and Fader, Hardie (2013), as the wheel of lifetimes has them."""
    published = pd.read_csv(DATASETS / "cdnow_customers_summary_with_transactions.csv")
    ours = summaries(purchase_days(sample), END)
    assert len(ours) == 2357
    assert (ours["frequency"] > 0).sum() == 946
    assert ours["buyer_key"].tolist() == published["ID"].tolist()
    assert ours["frequency"].tolist() == published["x"].tolist()
    np.testing.assert_allclose(ours["recency"], published["t_x"], atol=0.005)
    np.testing.assert_allclose(ours["age"], published["T"], atol=0.005)
    np.testing.assert_allclose(ours["spend"].fillna(0), published["zbar"], atol=0.005 + 1e-9)


def test_free_first_purchases_of_cdnow_are_counted(sample: pd.DataFrame) -> None:
    log = purchase_log(sample, until=END)
    assert (log.free_days, log.returned, log.undone_days) == (8, 0.0, 0)


def test_a_day_is_one_purchase_and_a_return_of_the_day_reduces_it() -> None:
    orders = orders_of(
        ("b", "09 18:30", 5.0),
        ("a", "03 09:00", 30.0),
        ("a", "03 17:00", 12.0),
        ("a", "03 18:00", -10.0),
        ("a", "05", 8.0),
        ("a", "05", -8.0),
        (None, "06", 45.0),
        margin=[1.0, 6.0, 4.0, -2.0, 1.0, -1.0, 9.0],
    )
    log = purchase_log(orders)
    expected = days_of(("a", "03", 32.0), ("b", "09", 5.0)).assign(margin=[8.0, 1.0])
    pd.testing.assert_frame_equal(log.days, expected)
    assert (log.rows, log.rows_without_buyer, log.money_without_buyer) == (7, 1, 45.0)
    assert (log.bought, log.returned, log.unmatched) == (55.0, 18.0, 0.0)
    assert (log.undone_days, log.free_days) == (1, 0)
    assert (log.largest_rows, log.largest_money) == (5 / 6, 50 / 55)


LATE = (
    ("a", "01", 20.0),
    ("a", "02", 10.0),
    ("a", "04", -15.0),
    ("a", "05", 7.0),
    ("a", "06", -7.0),
    ("b", "02", -3.0),
    ("b", "03", 9.0),
)


def test_late_returns_by_the_day_of_the_return() -> None:
    log = purchase_log(orders_of(*LATE))
    expected = days_of(("a", "01", 20), ("a", "02", 10), ("a", "05", 7), ("b", "03", 9))
    pd.testing.assert_frame_equal(log.days, expected)
    assert (log.unmatched, log.unmatched_days) == (25.0, 3)


def test_late_returns_by_the_last_purchase() -> None:
    log = purchase_log(orders_of(*LATE), returns="last purchase")
    pd.testing.assert_frame_equal(log.days, days_of(("a", "01", 15), ("b", "03", 9)))
    assert (log.unmatched, log.unmatched_days, log.undone_days) == (3.0, 1, 2)


def test_a_return_after_the_day_of_the_question_is_not_known_yet() -> None:
    then = purchase_days(
        orders_of(*LATE), returns="last purchase", until=pd.Timestamp("2024-01-03")
    )
    pd.testing.assert_frame_equal(then, days_of(("a", "01", 20), ("a", "02", 10), ("b", "03", 9)))


def test_margin_falls_with_the_money_and_is_missing_where_one_order_has_none() -> None:
    orders = orders_of(
        ("a", "01", 20.0),
        ("a", "02", -5.0),
        ("b", "01", 4.0),
        ("b", "01", 4.0),
        margin=[8.0, -2.0, 1.0, np.nan],
    )
    days = purchase_days(orders, returns="last purchase")
    assert days["amount"].tolist() == [15.0, 8.0]
    np.testing.assert_array_equal(days["margin"], [6.0, np.nan])


def _pile(amounts: list[float]) -> tuple[list[float], float]:
    """Returns matched one by one with the last purchase: what is left of each, and of returns."""
    left, unmatched = [], 0.0
    for amount in amounts:
        left.append(max(amount, 0))
        back = max(-amount, 0)
        for place in reversed(range(len(left))):
            taken = min(left[place], back)
            left[place] -= taken
            back -= taken
        unmatched += back
    return left, unmatched


LOGS = st.lists(
    st.tuples(st.sampled_from("abc"), st.integers(1, 9), st.integers(-40, 60)),
    min_size=1,
    max_size=25,
).map(lambda rows: [*rows, ("a", 1, 1000)])


@given(LOGS)
@settings(deadline=None, max_examples=40)
def test_last_purchases_bear_returns_as_a_pile_does(rows: list[tuple[str, int, int]]) -> None:
    orders = orders_of(*((buyer, f"{day:02d}", float(amount)) for buyer, day, amount in rows))
    log = purchase_log(orders, returns="last purchase")
    net = orders.groupby(["buyer_key", "date"])["amount"].sum()
    expected, lost = {}, 0.0
    for _, amounts in net.groupby(level=0):
        left, unmatched = _pile(amounts.tolist())
        lost += unmatched
        expected |= {key: money for key, money in zip(amounts.index, left, strict=True) if money}
    paid = log.days[log.days["amount"] > 0].set_index(["buyer_key", "date"])["amount"]
    assert paid.to_dict() == pytest.approx(expected)
    assert log.unmatched == pytest.approx(lost)


@given(LOGS, st.randoms(use_true_random=False), st.sampled_from(["same day", "last purchase"]))
@settings(deadline=None, max_examples=25)
def test_order_of_rows_and_split_orders_change_nothing(rows, random, rule) -> None:  # type: ignore[no-untyped-def]
    orders = orders_of(*((buyer, f"{day:02d}", float(amount)) for buyer, day, amount in rows))
    whole = purchase_days(orders, returns=rule)
    shuffled = orders.sample(frac=1, random_state=random.randint(0, 99))
    pd.testing.assert_frame_equal(purchase_days(shuffled, returns=rule), whole)
    halves = orders.assign(amount=orders["amount"] / 2)
    split = pd.concat([halves, halves])
    pd.testing.assert_frame_equal(purchase_days(split, returns=rule), whole)


@given(LOGS)
@settings(deadline=None, max_examples=40)
def test_a_return_of_a_whole_day_removes_the_purchase(rows: list[tuple[str, int, int]]) -> None:
    orders = orders_of(
        *((buyer, f"{day:02d}", abs(amount) + 0.1) for buyer, day, amount in rows),
        ("d", "01", 0.1), ("d", "01", 0.2), ("d", "01", -0.3),
    )  # fmt: skip
    days = purchase_days(orders)
    assert "d" not in set(days["buyer_key"])
    pd.testing.assert_frame_equal(days, purchase_days(orders.iloc[:-3]))


def test_summary_with_and_without_the_first_purchase() -> None:
    days = days_of(
        ("a", "01", 10), ("a", "08", 20), ("a", "15", 40), ("b", "11", 6), ("c", "29", 5)
    ).assign(margin=[1.0, 8.0, np.nan, 3.0, 1.0])
    expected = pd.DataFrame(
        {
            "buyer_key": ["a", "b"],
            "first": pd.to_datetime(["2024-01-01", "2024-01-11"]),
            "frequency": [2, 0],
            "recency": [2.0, 0.0],
            "age": [3.0, 11 / 7],
            "spend": [30.0, np.nan],
            "spend_all": [70 / 3, 6.0],
            "margin_share": [0.3, 0.5],
        }
    )
    at = pd.Timestamp("2024-01-22 15:00")
    pd.testing.assert_frame_equal(summaries(days, at), expected)
    shuffled = summaries(days.sample(frac=1, random_state=1), at)
    pd.testing.assert_frame_equal(shuffled, expected)
    in_days = summaries(days, at, unit_days=1)
    assert in_days[["recency", "age"]].to_numpy().tolist() == [[14.0, 21.0], [0.0, 11.0]]
    late = summaries(days, at, since=pd.Timestamp("2024-01-02"))
    assert late["buyer_key"].tolist() == ["b"]


def test_old_buyers_taken_for_new_ones_look_more_loyal() -> None:
    """Half come back every 10 to 30 days, half never; of old buyers a late log has the first."""
    rng = np.random.default_rng(18)
    first = rng.integers(0, 600, 4_000)
    gaps = rng.integers(10, 31, (4_000, 60)) + 10_000 * (rng.random(4_000) < 0.5)[:, None]
    day = np.concatenate([first[:, None], first[:, None] + gaps.cumsum(axis=1)], axis=1)
    buyer, place = np.nonzero((day >= 300) & (day < 630))
    dates = pd.Timestamp("2022-01-01") + pd.to_timedelta(day[buyer, place], unit="D")
    days = purchase_days(pd.DataFrame({"buyer_key": buyer, "date": dates, "amount": 1.0}))
    everybody = summaries(days, days["date"].max())
    new = summaries(days, days["date"].max(), since=newcomers_from(days, share=1.0))
    assert (everybody["frequency"] > 0).mean() > 0.65  # 1 of 2 is right
    assert (new["frequency"] > 0).mean() == pytest.approx(0.5, abs=0.03)
    assert (first[new["buyer_key"].astype(int)] >= 300).all()


def test_messages() -> None:
    orders = orders_of(("a", "01", 5.0), ("a", "02", -5.0))
    with pytest.raises(InputError, match="returns must be one of same day, last purchase"):
        purchase_days(orders, returns="never")  # type: ignore[arg-type]
    with pytest.raises(InputError, match="orders lacks buyer_key, amount"):
        purchase_days(orders[["date"]])
    with pytest.raises(InputError, match=r"orders\.amount is empty in 1 rows"):
        purchase_days(orders.assign(amount=[1.0, np.nan]))
    with pytest.raises(InputError, match="no row with a buyer up to 2023-12-31"):
        purchase_days(orders, until=pd.Timestamp("2023-12-31"))
    with pytest.raises(InputError, match="no purchase of which anything is left"):
        purchase_days(orders, returns="last purchase")
    days = purchase_days(orders)
    with pytest.raises(InputError, match="unit_days must be above 0, not 0"):
        summaries(days, END, unit_days=0)
    with pytest.raises(InputError, match="no buyer bought first by 2024-02-01 and not before 2024"):
        summaries(days, pd.Timestamp("2024-02-01"), since=pd.Timestamp("2024-01-05"))
    with pytest.raises(InputError, match="nobody bought twice"):
        newcomers_from(days)
