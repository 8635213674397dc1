"""What customers took: holdings, first purchases, tariffs, and the months watched."""

import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from src.data.problems import InputError
from src.features import takings
from src.features.months import Month

JAN = Month.of("2024-01").number


def month(text):
    return pd.Timestamp(f"{text}-01") if text else pd.NaT


def holdings(*rows):
    names = ["customer_id", "product", "start_month", "end_month"]
    table = pd.DataFrame(rows, columns=names)
    ends = ["start_month", "end_month"]
    return table.assign(**{name: pd.to_datetime(table[name].map(month)) for name in ends})


def test_holdings_become_numbers_of_months():
    found = takings.held_products(
        holdings(("a", "tv", "2024-01", "2024-03"), ("a", "tv", "2024-03", None))
    )
    expected = pd.DataFrame(
        {
            "customer_id": ["a", "a"],
            "product": ["tv", "tv"],
            "start": [JAN, JAN + 2],
            "end": [JAN + 2, takings.FOREVER],
            "is_offered": [True, True],
        }
    )
    assert_frame_equal(found, expected)


def test_without_ends_all_is_held():
    table = holdings(("a", "tv", "2024-01", None)).drop(columns="end_month")
    assert takings.held_products(table)["end"].tolist() == [takings.FOREVER]


@pytest.mark.parametrize("end", ["2024-05", None])
def test_a_product_taken_while_it_is_held_is_refused_in_words(end):
    rows = (("a", "tv", "2024-04", None), ("a", "tv", "2024-01", end), ("b", "tv", "2024-01", end))
    message = "overlap themselves in 1 rows: a customer takes 'tv' in 2024-04 and holds it already"
    with pytest.raises(InputError, match=message):
        takings.held_products(holdings(*rows))


def test_no_row_is_refused():
    with pytest.raises(InputError, match="nobody holds a product"):
        takings.held_products(holdings())


def test_the_first_purchase_of_each_category_counts_of_those_who_are_known():
    orders = pd.DataFrame(
        {
            "customer_id": ["a", "a", "a", None, "b"],
            "category": ["phone", "phone", "case", "phone", None],
            "date": pd.to_datetime(
                ["2024-03-05", "2024-02-28", "2024-02-01", "2024-01-01", "2024-01-01"]
            ),
        }
    )
    found = takings.bought_products(orders)
    assert found[["customer_id", "product", "start"]].to_numpy().tolist() == [
        ["a", "shop: phone", JAN + 1],
        ["a", "shop: case", JAN + 1],
    ]
    assert (found["end"] == takings.FOREVER).all()


def test_the_tariff_of_most_lines_is_held_and_never_offered():
    lines = pd.DataFrame({"customer_id": list("aaab"), "tariff": ["S", "L", "L", None]})
    found = takings.held_tariffs(lines, 5)
    assert found.to_numpy().tolist() == [["a", "L", 5, takings.FOREVER, False]]


def test_lives_are_watched_up_to_the_last_month():
    lives = pd.DataFrame(
        {
            "customer_id": ["a", "b", "c"],
            "start": pd.to_datetime(["2024-01-01", "2024-02-01", "2024-01-01"]),
            "end": pd.to_datetime([None, "2024-04-01", None]),
        }
    )
    people = pd.DataFrame(
        {
            "customer_id": ["a", "b", "c"],
            "segment": ["B2C", "B2B", None],
            "signup_month": pd.to_datetime(["2023-11-01", "2024-06-01", None]),
        }
    )
    found = takings.watched(lives, people, Month.of("2024-05"))
    expected = pd.DataFrame(
        {
            "customer_id": ["a", "b"],
            "segment": ["B2C", "B2B"],
            "start": [JAN, JAN + 1],
            "end": [JAN + 4, JAN + 2],
            "joined": [JAN - 2, JAN + 1],
        }
    )
    assert_frame_equal(found, expected)
