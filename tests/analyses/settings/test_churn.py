import pandas as pd
import pytest

from src.analyses.settings.churn import Setting, refuse_few_of_a_kind
from src.data.problems import InputError


def labels(left: int, stayed: int) -> pd.Series:
    return pd.Series([True] * left + [False] * stayed)


@pytest.mark.parametrize(
    ("left", "stayed", "said"),
    [
        (0, 800, "of 800 in this base 0 are marked as churned"),
        (9, 1_191, "of 1,200 in this base fewer than 10 are marked as churned"),
        (50, 9, "of 59 in this base fewer than 10 stayed"),
        (0, 0, "of 0 in this base 0 are marked as churned"),
    ],
)
def test_few_of_a_kind_are_refused_with_the_line_to_write(left, stayed, said):
    with pytest.raises(InputError) as refused:
        refuse_few_of_a_kind(labels(left, stayed))
    assert str(refused.value) == (
        f"03_churn needs 10 customers who left and 10 who stayed; {said}. Should more of them, "
        "look how the label is read: under tables.snapshot of base.yml write `values: {churned: "
        "{<word of the file>: yes, <other word>: no}}`"
    )


@pytest.mark.parametrize(("left", "stayed"), [(10, 10), (10, 5_000), (5_000, 10)])
def test_ten_of_each_are_enough(left, stayed):
    refuse_few_of_a_kind(labels(left, stayed))


@pytest.mark.parametrize(
    ("repeats", "rows", "columns", "expected"),
    [
        (0, 20_000, 100, 2),
        (0, 20_001, 5, 1),
        (0, 500, 101, 1),
        (3, 50_000, 300, 3),
        (1, 500, 5, 1),
    ],
)
def test_folds_of_large_tables_are_drawn_once_unless_asked(repeats, rows, columns, expected):
    assert Setting(repeats=repeats).repeats_of(rows, columns) == expected


def test_what_nobody_set_is_assumed():
    contact, offer = "a contact costs 1 EUR (CONTACT)", "an offer 10 EUR (OFFER)"
    accept = "30% of leavers take it (ALPHA, BETA)"
    clv = "a customer who stays is worth 200 EUR (CLV)"
    assert Setting().assumed("EUR", is_valued=False) == [contact, offer, accept, clv]
    assert Setting().assumed("EUR", is_valued=True) == [contact, offer, accept]
    assert Setting(contact=2, beta=7).assumed("EUR", is_valued=True) == [offer]
    every = {"contact": 2, "offer": 20, "alpha": 5, "clv": 300}
    assert Setting(**every).assumed("EUR", is_valued=False) == []
