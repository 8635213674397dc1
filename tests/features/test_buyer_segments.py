"""B2B and B2C of buyers: by a column of the log, and by how buyers order."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from src.data.bases import BuyerRule
from src.data.problems import InputError
from src.features.buyer_segments import buyer_segments, by_column, by_rule
from tests.features.test_purchases import orders_of

VALUE, ARTICLES = "median order value", "median articles per order"
ORDERS = orders_of(
    ("c", "02", 150.0),
    ("a", "01", 100.0),
    ("b", "05", 20.0),
    ("a", "03 20:00", 180.0),
    ("a", "04", 900.0),
    ("a", "04", -700.0),
    (None, "01", 500.0),
    ("d", "01", -9.0),
    ("e", "02", 0.0),
    articles=[3.0, 1.0, 9.0, 2.0, 30.0, 1.0, 9.0, 1.0, 1.0],
)
UNTIL = pd.Timestamp("2024-01-03")


def segmented(measure: str, *rows: tuple[str, str, float]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["buyer_key", "segment", measure])


def test_the_median_order_tells_companies() -> None:
    expected = segmented(
        VALUE, ("a", "B2B", 180.0), ("b", "B2C", 20.0), ("c", "B2B", 150.0), ("e", "B2C", 0.0)
    )
    pd.testing.assert_frame_equal(by_rule(ORDERS, VALUE, 150), expected)


def test_orders_after_the_calibration_are_not_read() -> None:
    expected = segmented(VALUE, ("a", "B2C", 140.0), ("c", "B2B", 150.0), ("e", "B2C", 0.0))
    pd.testing.assert_frame_equal(by_rule(ORDERS, VALUE, 150, until=UNTIL), expected)
    later = pd.concat([ORDERS, orders_of(("a", "09", 5000.0), ("c", "10", 1.0))])
    pd.testing.assert_frame_equal(by_rule(later, VALUE, 150, until=UNTIL), expected)


def test_the_median_number_of_articles_tells_companies() -> None:
    rule = BuyerRule(ARTICLES, 3)
    expected = segmented(
        ARTICLES, ("a", "B2C", 2.0), ("b", "B2B", 9.0), ("c", "B2B", 3.0), ("e", "B2C", 1.0)
    )
    pd.testing.assert_frame_equal(buyer_segments(ORDERS, rule), expected)
    single = ORDERS.drop(columns="articles").assign(sku="s")
    assert set(by_rule(single, ARTICLES, 2)[ARTICLES]) == {1.0}


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 99)), min_size=1, max_size=20))
@settings(deadline=None, max_examples=25)
def test_medians_are_those_of_pandas_and_higher_bounds_leave_fewer(
    rows: list[tuple[str, int]],
) -> None:
    orders = orders_of(*((buyer, "01", float(amount)) for buyer, amount in rows))
    low, high = (by_rule(orders, VALUE, bound) for bound in (10, 60))
    expected = orders.groupby("buyer_key")["amount"].median()
    assert dict(zip(low["buyer_key"], low[VALUE], strict=True)) == expected.to_dict()
    firms = [set(table.loc[table["segment"] == "B2B", "buyer_key"]) for table in (low, high)]
    assert firms[1] <= firms[0]


def test_most_orders_of_a_buyer_tell_the_segment_and_the_earliest_a_tie() -> None:
    orders = orders_of(
        ("a", "01", 1.0), ("a", "02", 1.0), ("a", "03", 1.0), ("b", "04", 1.0), ("b", "01", 1.0),
        ("c", "02", 1.0), ("c", "02", 1.0), ("d", "09", 1.0), ("e", "01", 1.0), (None, "01", 1.0),
    ).assign(
        segment=["B2C", "B2B", "B2B", "B2C", "B2B", "B2C", "B2B", "B2C", None, "B2B"]
    )  # fmt: skip
    expected = pd.DataFrame(
        {
            "buyer_key": ["a", "b", "c", "d"],
            "segment": ["B2B", "B2B", "B2B", "B2C"],
            "is_mixed": [True, True, True, False],
        }
    )
    pd.testing.assert_frame_equal(buyer_segments(orders, None), expected)
    shuffled = by_column(orders.sample(frac=1, random_state=3))
    pd.testing.assert_frame_equal(shuffled, expected)
    first = by_column(orders, until=pd.Timestamp("2024-01-01"))
    assert first["segment"].tolist() == ["B2C", "B2B"]
    assert not first["is_mixed"].any()


def test_messages() -> None:
    with pytest.raises(InputError, match="nothing tells companies from consumers among the buyers"):
        buyer_segments(ORDERS, None)
    with pytest.raises(InputError, match="there is no measure 'mean'; known: median order value"):
        by_rule(ORDERS, "mean", 5)
    with pytest.raises(InputError, match="the bound of median order value must be above 0, not 0"):
        by_rule(ORDERS, VALUE, 0)
    with pytest.raises(InputError, match="needs the articles of orders; write under"):
        by_rule(ORDERS.drop(columns="articles"), ARTICLES, 5)
    with pytest.raises(InputError, match="orders has no purchase of a buyer"):
        by_rule(ORDERS, VALUE, 5, until=pd.Timestamp("2023-01-01"))
    with pytest.raises(InputError, match="no order of a buyer has a segment"):
        by_column(ORDERS.assign(segment=None))
