"""Takings and months at risk, by hand and against a walk through every month."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from src.data.problems import InputError
from src.features.takings import FOREVER
from src.models.products.counting import counted

COLUMNS = ["customer_id", "product", "start", "end", "is_offered"]


def held(*rows):
    table = pd.DataFrame(rows, columns=COLUMNS[:4])
    return table.assign(is_offered=~table["product"].str.startswith("tariff"))


def lives(*rows):
    table = pd.DataFrame(rows, columns=["customer_id", "start", "end"])
    return table.assign(joined=table["start"])


def test_who_holds_the_row_and_not_the_column_is_at_risk():
    # Watched in months 1 to 5 after the first; takes x in 2 and y in 4.
    found = counted(
        held(("a", "x", 2, FOREVER), ("a", "y", 4, FOREVER)), lives(("a", 0, 5), ("b", 0, 3))
    )
    assert found.products == ("x", "y")
    assert found.taken.sum(axis=0).tolist() == [1, 1]
    # x: a up to 2 and b for 3; y: a up to 4 and b for 3.
    assert found.at_risk.sum(axis=0).tolist() == [5, 7]
    assert found.taken_with.sum(axis=0).tolist() == [[0, 1], [0, 0]]
    # Holds x in 3, 4, 5, of these not yet y from before in 3 and 4; never y without x.
    assert found.at_risk_with.sum(axis=0).tolist() == [[0, 2], [0, 0]]
    assert found.before.sum(axis=0).tolist() == [[0, 1], [0, 0]]
    assert found.when_both.sum(axis=0)[0, 1].nonzero()[0].tolist() == [1]
    assert found.when_both.sum(axis=0)[1, 0].nonzero()[0].tolist() == [3]
    assert repr(found) == "Counts: 2 takings of 2 products"


def test_what_is_there_in_the_first_month_is_held_and_one_month_has_no_order():
    found = counted(
        held(("a", "x", 0, FOREVER), ("a", "y", 3, FOREVER), ("a", "z", 3, FOREVER)),
        lives(("a", 0, 5)),
    )
    assert found.taken.sum(axis=0).tolist() == [0, 1, 1]
    assert found.taken_with.sum(axis=0).tolist() == [[0, 1, 1], [0, 0, 0], [0, 0, 0]]
    assert found.before.sum() == 0


def test_what_was_given_back_is_taken_again_and_a_tariff_is_never_taken():
    found = counted(
        held(("a", "x", 1, 2), ("a", "x", 4, FOREVER), ("a", "tariff", 1, FOREVER)),
        lives(("a", 0, 5)),
    )
    assert found.products == ("tariff", "x")
    assert found.is_offered.tolist() == [False, True]
    assert found.taken.sum(axis=0).tolist() == [0, 2]
    assert found.at_risk.sum(axis=0).tolist()[1] == 3  # months 1, 3 and 4
    assert found.taken_with.sum(axis=0)[0, 1] == 1  # the second time


def test_nobody_watched_for_two_months_is_refused():
    with pytest.raises(InputError, match="nobody is watched for two months"):
        counted(held(("a", "x", 1, FOREVER)), lives(("a", 3, 3)))


def walked(table, watch):
    """The same by a walk: a month of a life at a time."""
    names = sorted(table["product"].unique())
    size = len(names)
    at_risk, taken = np.zeros(size), np.zeros(size)
    at_risk_with, taken_with = np.zeros((size, size)), np.zeros((size, size))
    for life in watch.itertuples():
        own = table[table["customer_id"] == life.customer_id]
        spells = list(zip(own["product"], own["start"], own["end"], strict=True))
        for month in range(life.start + 1, life.end + 1):
            before = [
                any(of == name and start < month <= end for of, start, end in spells)
                for name in names
            ]
            now = [any(of == name and start == month for of, start, _ in spells) for name in names]
            for b in range(size):
                at_risk[b] += not before[b]
                taken[b] += now[b]
                for a in range(size):
                    if a != b:
                        at_risk_with[a, b] += before[a] and not before[b]
                        taken_with[a, b] += before[a] and now[b]
    return at_risk, taken, at_risk_with, taken_with


@settings(max_examples=20)
@given(st.integers(0, 10_000))
def test_counts_are_those_of_a_walk_through_every_month(seed):
    rng = np.random.default_rng(seed)
    rows = []
    for customer in "abcd":
        for product in ("x", "y", "z"):
            start = int(rng.integers(-4, 15))
            if rng.random() < 0.7:
                end = int(start + rng.integers(0, 6)) if rng.random() < 0.5 else FOREVER
                rows.append((customer, product, start, end))
                if end < FOREVER and rng.random() < 0.5:
                    rows.append((customer, product, end + int(rng.integers(0, 3)), FOREVER))
    rows.append(("a", "w", 3, FOREVER))
    # A customer with two lives is watched in both.
    watch = lives(("a", 0, 15), ("b", 0, 4), ("b", 8, 15), ("c", 5, 12), ("d", 2, 3))
    table = held(*rows).drop_duplicates(["customer_id", "product", "start"])
    found = counted(table, watch)
    at_risk, taken, at_risk_with, taken_with = walked(table, watch)
    off = ~np.eye(len(taken), dtype=bool)
    assert found.at_risk.sum(axis=0).tolist() == at_risk.tolist()
    assert found.taken.sum(axis=0).tolist() == taken.tolist()
    assert (found.at_risk_with.sum(axis=0)[off] == at_risk_with[off]).all()
    assert (found.taken_with.sum(axis=0)[off] == taken_with[off]).all()


def test_the_order_of_rows_says_nothing():
    rng = np.random.default_rng(4)
    rows = [(f"c{n}", "xyz"[n % 3], int(rng.integers(1, 9)), FOREVER) for n in range(30)]
    table, watch = held(*rows), lives(*[(f"c{n}", 0, 10) for n in range(30)])
    one = counted(table, watch)
    other = counted(table.sample(frac=1, random_state=1), watch.sample(frac=1, random_state=2))
    assert (one.taken_with == other.taken_with).all()
    assert (one.at_risk_with == other.at_risk_with).all()
    assert (one.when_both == other.when_both).all()
