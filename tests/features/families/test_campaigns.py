from pandas.testing import assert_frame_equal

# Snapshot 2024-12. `a` answered in June and was contacted three times since; what became of the
# contact of December is not known yet. `b` only was a control. `tired` never answered, `new` has
# one contact of this month, `unknown` one whose outcome nobody wrote down.
CAMPAIGNS = """campaign_id,customer_id,date,arm,opened,responded
old,a,2023-12-31,offer,yes,yes
x,a,2024-03-01,offer,yes,no
y,a,2024-06-15,offer,yes,yes
y2,a,2024-06-15,call,no,no
z,a,2024-09-30,offer,no,no
z,a,2024-10-01,offer,yes,no
w,a,2024-12-24,offer,yes,yes
v,a,2025-01-01,offer,yes,yes
x,b,2024-11-01,control,no,no
x,tired,2024-11-30,offer,no,no
y,tired,2024-02-01,offer,yes,no
x,new,2024-12-31,offer,yes,yes
x,unknown,2024-05-05,offer,,
"""
WHO = dict.fromkeys(("a", "b", "tired", "new", "unknown"), "9")


def test_campaigns_by_hand(features, bills, expected):
    found = features("campaigns", "2024-12", billing=bills("2024-12", **WHO), campaigns=CAMPAIGNS)

    # of a's contacts the outcome of five is known: three opened, one answered
    wanted = """
    customer_id                   a    b  new  tired  unknown
    contacts_3m                   2    0  1    1      0
    contacts_12m                  6    0  1    2      1
    contact_days_since            8    -  1    32     241
    contacts_opened_share_12m     3/5  -  -    1/2    -
    contacts_responded_share_12m  1/5  -  -    0      -
    contacts_responded_12m        1    0  0    0      0
    contacts_in_vain              3    0  1    2      1
    """
    assert_frame_equal(found, expected(wanted))


def test_campaigns_without_outcomes_are_counted(features, bills, expected):
    campaigns = "campaign_id,customer_id,date,arm\nx,a,2024-12-31,offer\nx,b,2024-12-31,control\n"

    found = features(
        "campaigns", "2024-12", billing=bills("2024-12", a="9", b="9"), campaigns=campaigns
    )

    wanted = """
    customer_id         a  b
    contacts_3m         1  0
    contacts_12m        1  0
    contact_days_since  1  -
    """
    assert_frame_equal(found, expected(wanted))
