from pandas.testing import assert_frame_equal

# Snapshot 2024-12. `old` pays for longer than a year, `paused` missed two months, `back` came back
# after three, `long_back` did so more than a year ago, `closed` closed and came back.
BILLS = {
    "old": "9 " * 20 + ".",
    "paused": "9 9 . . 9 9 .",
    "back": "9 9 . . . 9 9 .",
    "long_back": "9 . . . " + "9 " * 14 + ".",
    "closed": "9 9 . . . . 9 9 9 .",
    "new": "9 9",
}
CUSTOMERS = """customer_id,segment,signup_month,closed_month
old,B2C,2020-05-01,
paused,B2C,,
back,B2C,2024-06-01,
long_back,B2B,2024-12-01,
closed,B2C,2010-01-01,2024-05-01
new,B2C,2025-01-01,
"""


def test_tenure_by_hand(features, bills, expected):
    found = features("tenure", "2024-12", billing=bills("2025-01", **BILLS), customers=CUSTOMERS)

    wanted = """
    customer_id    back  closed  long_back  new  old  paused
    life_months    2     3       12         1    12   6
    has_returned   1     1       0          0    0    0
    tenure_months  6     179     0          -    55   -
    """
    assert_frame_equal(found, expected(wanted))


def test_without_a_month_of_signing_up_there_is_no_tenure(features, bills, expected):
    found = features("tenure", "2024-12", billing=bills("2024-12", a="9 9 9"))

    wanted = """
    customer_id   a
    life_months   3
    has_returned  0
    """
    assert_frame_equal(found, expected(wanted))
