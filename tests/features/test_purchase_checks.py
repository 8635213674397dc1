"""Logs that no model of buyers should read, and remarks on the others."""

from __future__ import annotations

import pandas as pd
import pytest

from src.data.problems import InputError
from src.features.purchase_checks import check_buyers, check_log
from src.features.purchases import purchase_log, summaries
from tests.features.test_purchases import days_of, orders_of

END = pd.Timestamp("2024-01-09")


def test_a_plain_log_needs_no_remark() -> None:
    log = purchase_log(orders_of(("a", "01", 5.0), ("b", "09", 5.0), ("c", "09", 5.0)))
    assert check_log(log, END, "EUR") == ()


def test_what_a_reader_is_told() -> None:
    orders = orders_of(
        *[("till", f"0{day}", 30.0) for day in range(1, 7)],
        (None, "02", 40.0), ("a", "01", 0.0), ("a", "03", -20.0), ("b", "09", 20.0),
    )  # fmt: skip
    assert check_log(purchase_log(orders), END, "EUR") == (
        "One buyer has 67% of all orders and 90% of the money: most likely a test account or the "
        "collective account of a till.",
        "1 of 10 rows without a buyer are left out: 16.7% of the money spent.",
        "Of 20.00 EUR returned, 20.00 reduce no purchase: the rule for returns finds none that "
        "could bear them.",
        "The log has 1 purchase at no cost, counted like any other.",
    )


def test_refused_logs() -> None:
    back = purchase_log(orders_of(("a", "01", 5.0), ("b", "02", -5.01)))
    with pytest.raises(InputError, match=r"more was returned \(5\.01 EUR\) than bought \(5\.00"):
        check_log(back, pd.Timestamp("2024-01-01"), "EUR")
    log = purchase_log(orders_of(("a", "02", 5.0), ("b", "09", 5.0)))
    with pytest.raises(InputError, match="2024-01-10 lies after the last purchase; the log is of"):
        check_log(log, pd.Timestamp("2024-01-10"), "EUR")
    with pytest.raises(InputError, match="2024-01-01 lies before the first purchase"):
        check_log(log, pd.Timestamp("2024-01-01"), "EUR")


def test_buyers_of_one_purchase_are_refused() -> None:
    once = summaries(days_of(("a", "01", 5), ("b", "02", 5)), END)
    with pytest.raises(InputError, match="none of the 2 buyers bought on a second day"):
        check_buyers(once)


def test_free_repeat_purchases() -> None:
    free = days_of(("a", "01", 5), ("a", "02", 0), ("b", "02", 5))
    with pytest.raises(InputError, match="no repeated purchase cost anything"):
        check_buyers(summaries(free, END))
    some = pd.concat([free, days_of(("b", "03", 5))])
    assert check_buyers(summaries(some, END)) == (
        "Fewer than 10 of 2 repeat buyers paid nothing after their first purchase; models of spend "
        "leave them out.",
    )
    paid = days_of(("a", "01", 5), ("a", "02", 5))
    assert check_buyers(summaries(paid, END)) == ()
