from pandas.testing import assert_frame_equal

# Snapshot 2024-12. `a` returns part of a purchase, `b` only returns, and the last order is a
# stranger's.
ORDERS = """order_id,buyer_key,date,amount,customer_id
1,k1,2024-01-01,100,a
2,k1,2024-10-01,50,a
3,k1,2024-12-31,-30,a
4,k1,2024-09-30,0,a
5,k1,2023-12-31,1000,a
6,k1,2025-01-01,1000,a
7,k2,2024-12-30,-10,b
8,k3,2024-12-30,70,
"""


def test_shop_by_hand(features, bills, expected):
    billing = bills("2024-12", a="9", b="9", c="9")

    found = features("shop", "2024-12", billing=billing, orders=ORDERS)

    wanted = """
    customer_id      a    b    c
    shop_days_since  92   -    -
    shop_orders_12m  3    0    0
    shop_orders_3m   1    0    0
    shop_amount_12m  120  -10  0
    shop_basket_12m  40   -    -
    """
    assert_frame_equal(found, expected(wanted))
