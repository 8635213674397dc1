"""A log of a shop as exported: quantity and price, orders of many lines, lines without a buyer."""

import pandas as pd
import pandas.testing as pdt
import pytest

from src.data.building import build_base
from src.data.problems import InputError

LINES = """InvoiceNo,StockCode,Quantity,InvoiceDate,UnitPrice,CustomerID
1,a,6,2024-03-01 08:26,2.50,17850
1,b,2,2024-03-01 08:27,1.00,17850
2,a,1,2024-03-05 10:00,3.00,
C3,a,-2,2024-04-02 09:00,2.50,17850
4,c,1,2024-04-07 12:30,40.00,13047
"""
ORDERS = """  orders:
    file: lines.csv
    repeated: sum
    products: {amount: [Quantity, UnitPrice]}
    columns: {order_id: InvoiceNo, buyer_key: CustomerID, date: InvoiceDate, sku: StockCode}
"""
DROP = "    limits: {buyer_key: {empty: drop}}\n"


def built(folder, orders, lines=LINES):
    (folder / "lines.csv").write_text(lines)
    (folder / "base.yml").write_text(f"title: Shop\nkind: orders\ncurrency: GBP\ntables:\n{orders}")
    return build_base(str(folder), key=b"a key of the tests")


def test_a_log_of_lines_becomes_orders_of_buyers(tmp_path):
    base = built(tmp_path, ORDERS + DROP)
    orders = base.table("orders", ["date", "amount", "sku", "articles"])
    expected = pd.DataFrame(
        {
            "date": pd.to_datetime(["2024-03-01 08:26", "2024-04-02 09:00", "2024-04-07 12:30"]),
            "amount": [17.0, -5.0, 40.0],
            "sku": [None, "a", "c"],
            "articles": [2.0, 1.0, 1.0],
        }
    )
    pdt.assert_frame_equal(orders, expected, check_dtype=False)
    assert base.notes == (
        "1 row has no identifier in orders.buyer_key and was left out, as base.yml says: 5.0% of "
        "the money spent",
        "orders: 1 row was added to another of the same order_id, as `repeated: sum` says; left "
        "out, as they differ between such rows: Quantity, UnitPrice",
        "orders: 1 of 3 rows is a return (amount below 0), of 8.8% of the money spent",
    )


def test_a_line_without_a_buyer_is_left_out_and_told(tmp_path):
    base = built(tmp_path, ORDERS)
    assert base.rows == {"orders": 3}
    assert base.notes[0] == (
        "orders: 1 of 5 rows names no buyer, left out: 5.0% of the money spent"
    )


@pytest.mark.parametrize(
    ("products", "words"),
    [
        ("{amount: [Quantity, Price]}", "Price is no column; the source has: InvoiceNo"),
        ("{total: [Quantity, UnitPrice]}", "takes a number of the contract: amount, margin"),
        ("{amount: [Quantity]}", "products.amount"),
    ],
)
def test_products_that_cannot_be_are_refused(tmp_path, products, words):
    orders = ORDERS.replace("{amount: [Quantity, UnitPrice]}", products)
    with pytest.raises(InputError, match=words):
        built(tmp_path, orders + DROP)


def test_a_factor_that_is_no_number_is_named(tmp_path):
    with pytest.raises(InputError, match=r"orders.UnitPrice: must be a number .*row 5 '4O.00'"):
        built(tmp_path, ORDERS + DROP, LINES.replace("40.00", "4O.00"))


def test_a_product_does_not_replace_a_column_in_silence(tmp_path):
    lines = LINES.replace("StockCode", "amount")
    orders = ORDERS.replace(", sku: StockCode", "")
    with pytest.raises(InputError, match="the column amount is there already"):
        built(tmp_path, orders + DROP, lines)
