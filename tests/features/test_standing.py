"""What a list holds at a month, and what it took after: nothing later than the month is read."""

import numpy as np
import pandas as pd
import pytest

from src.features.months import Month
from src.features.standing import standing, taken_next
from src.features.takings import FOREVER

AT = Month(100)
ROWS = [
    ("a", "one", 90, FOREVER, True),
    ("a", "two", 95, 100, True),
    ("a", "three", 103, FOREVER, True),
    ("b", "two", 96, 104, True),
    ("b", "one", 102, FOREVER, True),
    ("b", "three", 102, FOREVER, True),
    ("b", "tariff", 0, FOREVER, False),
    ("c", "one", 107, FOREVER, True),
    ("z", "one", 90, FOREVER, True),
]
HELD = pd.DataFrame(ROWS, columns=["customer_id", "product", "start", "end", "is_offered"])
LISTED = pd.DataFrame(
    {
        "customer_id": list("abc"),
        "segment": "B2C",
        "joined": [90, 80, 99],
        "revenue": [10.0, 20.0, 30.0],
    }
)


def at(held, month=AT):
    return standing(held, LISTED, month, ["one", "three", "two"])


def test_what_is_held_and_since_when():
    now = at(HELD)
    assert now.products == ("one", "three", "two")  # since when a tariff is held nobody knows
    # An end in the month is known, a later one is not.
    assert now.holds.tolist() == [
        [True, False, False],
        [False, False, True],
        [False, False, False],
    ]
    assert now.latest.tolist() == [2, 2, -1]
    found = now.customers[["tenure", "since", "recent"]].to_numpy().tolist()
    assert found == [[10, 5, 1], [20, 4, 1], [1, 1, 0]]


def test_what_is_taken_next_and_first():
    taken, first = taken_next(HELD, at(HELD), 6)
    assert taken.tolist() == [
        [False, True, False],
        [True, True, False],
        [False, False, False],
    ]
    assert (first == taken).all()
    assert taken_next(HELD, at(HELD), 2)[0].sum() == 2
    later = HELD.assign(start=HELD["start"].where(HELD.index != 4, 104))
    assert taken_next(later, at(later), 6)[1].tolist()[1] == [False, True, False]


@pytest.mark.parametrize("month", [95, 100, 104])
def test_nothing_after_the_month_is_read(month):
    known = HELD[HELD["start"] <= month].copy()
    known["end"] = known["end"].where(known["end"] <= month, FOREVER)
    found, expected = at(HELD, Month(month)), at(known, Month(month))
    assert (found.holds == expected.holds).all()
    assert (found.latest == expected.latest).all()
    assert found.customers.equals(expected.customers)


def test_a_part_of_a_list_by_mask_or_places():
    now = at(HELD)
    by_mask, by_place = now.part(np.array([False, True, False])), now.part(np.array([1]))
    assert by_mask.customers["customer_id"].tolist() == ["b"]
    assert (by_mask.holds == by_place.holds).all()
    assert repr(by_mask) == "Standing: 1 customers at 0008-05"
