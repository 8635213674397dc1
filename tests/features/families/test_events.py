from pandas.testing import assert_frame_equal

# Snapshot 2024-12; December has 31 days. `a` answered twice on one day, once before and once
# without a figure; incidents carry no value; the price change of `b` is older than a year, those of
# `c` have a value.
EVENTS = """customer_id,date,kind,value
a,2024-12-10,nps,4
a,2024-12-10,nps,7
a,2024-03-01,nps,10
a,2024-12-20,nps,
a,2023-12-31,nps,0
a,2025-01-01,nps,0
a,2024-12-31,incident,
a,2024-10-01,incident,
a,2024-09-30,incident,
b,2023-12-31,Price change,5
c,2024-01-01,Price change,0.5
c,2024-12-01,Price change,0.25
c,2025-01-01,ticket,1
"""
BILLS = {"a": "9", "b": "9", "c": "9", "d": "9"}


def test_events_by_hand(features, bills, expected):
    found = features("events", "2024-12", billing=bills("2024-12", **BILLS), events=EVENTS)

    # no ticket was known by December, so there is no column of it
    wanted = """
    customer_id              a     b  c     d
    price_change_count_12m   0     0  2     0
    price_change_days_since  -     -  31    -
    price_change_count_3m    0     0  1     0
    price_change_sum_12m     0     0  0.75  0
    incident_count_12m       3     0  0     0
    incident_days_since      1     -  -     -
    incident_count_3m        2     0  0     0
    nps_count_12m            4     0  0     0
    nps_days_since           12    -  -     -
    nps_last                 11/2  -  -     -
    nps_mean_12m             7     -  -     -
    """
    assert_frame_equal(found, expected(wanted))


def test_events_without_a_column_of_values_are_counted(features, bills, expected):
    events = "customer_id,date,kind\na,2024-12-31,ticket\na,2024-12-01,ticket\n"

    found = features("events", "2024-12", billing=bills("2024-12", a="9"), events=events)

    wanted = """
    customer_id        a
    ticket_count_12m   2
    ticket_days_since  1
    ticket_count_3m    2
    """
    assert_frame_equal(found, expected(wanted))
