import pandas as pd
import pytest

from src.data.problems import InputError, Problem, broken_rows, refuse, shorten


def test_a_problem_says_where_which_rule_how_many_rows_and_the_first_three():
    cells = pd.Series([-1, -2, -3, -4], index=[0, 4, 9, 1_200])

    problem = broken_rows("billing", "revenue", "must be 0 or more", cells)

    assert str(problem) == (
        "billing.revenue: must be 0 or more (4 rows; first: row 1 '-1', row 5 '-2', row 10 '-3')"
    )


@pytest.mark.parametrize(
    ("problem", "text"),
    [
        (Problem("usage", "", "needs a measure"), "usage: needs a measure"),
        (Problem("usage", "month", "is missing"), "usage.month: is missing"),
        (Problem("usage", "month", "is odd", 1), "usage.month: is odd (1 row)"),
        (Problem("usage", "month", "is odd", 12_345), "usage.month: is odd (12,345 rows)"),
    ],
)
def test_what_a_problem_does_not_know_is_left_out(problem, text):
    assert str(problem) == text


@pytest.mark.parametrize(
    ("cell", "shown"),
    [
        (None, "(empty)"),
        (float("nan"), "(empty)"),
        (pd.NaT, "(empty)"),
        ("", "''"),
        ("two\nlines", r"'two\nlines'"),
        (1.5, "'1.5'"),
        (pd.Timestamp("2024-01-31"), "'2024-01-31'"),
        (pd.Timestamp("2024-01-31 10:30"), "'2024-01-31 10:30:00'"),
        ("a" * 60, repr("a" * 60)),
        ("a" * 61, repr("a" * 60) + " ... 61 characters"),
        ("a" * 1_000_000, repr("a" * 60) + " ... 1,000,000 characters"),
    ],
)
def test_a_cell_in_a_message_is_quoted_on_one_line_and_short(cell, shown):
    assert shorten(cell) == shown


def test_refuse_lists_every_problem_in_one_message():
    problems = (Problem("orders", column, "is missing") for column in ("date", "amount"))

    with pytest.raises(InputError) as caught:
        refuse("Base 'shop'", problems)

    assert str(caught.value) == (
        "Base 'shop' was refused, nothing was loaded: 2 rules are broken.\n"
        "  - orders.date: is missing\n"
        "  - orders.amount: is missing"
    )


def test_refuse_counts_one_rule_in_the_singular():
    with pytest.raises(InputError, match=r"nothing was loaded: 1 rule is broken\."):
        refuse("Base 'shop'", [Problem("orders", "date", "is missing")])


def test_refuse_lets_an_input_without_problems_pass():
    assert refuse("Base 'shop'", []) is None
