from pandas.testing import assert_frame_equal

# Snapshot 2024-12. A line counts in its last month; that December is a last month is not known in
# December. Lines 7 and 8 are one too old and one to come.
LINES = """line_id,customer_id,start_month,end_month,user_role
1,account,2020-01-01,,decision_maker
2,account,2023-12-01,2024-12-01,end_user
3,account,2024-01-01,2024-11-01,end_user
4,account,2024-10-01,,end_user
5,account,2024-09-01,,
6,account,2020-01-01,2023-12-01,end_user
7,account,2020-01-01,2023-11-01,end_user
8,account,2025-01-01,,end_user
9,unknown,2024-12-01,,
10,lost,2020-01-01,2024-08-01,end_user
11,to_come,2025-01-01,,end_user
"""


def test_lines_by_hand(features, bills, expected):
    billing = bills("2024-12", **dict.fromkeys(("account", "unknown", "lost", "to_come"), "9"))

    found = features("lines", "2024-12", billing=billing, lines=LINES)

    # account: 1, 2, 4 and 5 run now; 1, 2, 3 and 5 three months ago; 1, 2 and 6 twelve months ago;
    # 3, 4 and 5 began in the year and 3 and 6 ended; of 1, 2 and 4 the role is known
    wanted = """
    customer_id       account  lost  to_come  unknown
    lines             4        0     0        1
    lines_change_3m   0        0     0        1
    lines_change_12m  1        -1    0        1
    lines_opened_12m  3        0     0        1
    lines_ended_12m   2        1     0        0
    end_user_share    2/3      -     -        -
    """
    assert_frame_equal(found, expected(wanted))


def test_without_roles_nobody_is_an_end_user(features, bills, expected):
    lines = "line_id,customer_id,start_month\n1,a,2024-01-01\n2,a,2024-11-01\n"

    found = features("lines", "2024-12", billing=bills("2024-12", a="9", b="9"), lines=lines)

    wanted = """
    customer_id       a  b
    lines             2  0
    lines_change_3m   1  0
    lines_change_12m  2  0
    lines_opened_12m  2  0
    lines_ended_12m   0  0
    """
    assert_frame_equal(found, expected(wanted))
