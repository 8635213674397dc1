import pandas as pd
from pandas.testing import assert_frame_equal

# Snapshot 2024-12. `firm` gave up a tier 3 product, still has a tier 2 one whose last month is
# December, and took two in one month: the later name is the last one. Queues (tier 4) come in
# January.
HOLDINGS = """customer_id,product,start_month,end_month
firm,telephony,2020-01-01,
firm,crm_link,2024-02-01,2024-12-01
firm,analytics,2023-12-01,2024-11-01
firm,accessory,2024-06-01,
firm,call_recording,2024-06-01,2024-07-01
firm,queues,2025-01-01,
big,integration,2024-11-01,
person,queues,2024-01-01,
ex,telephony,2024-01-01,2024-03-01
"""
CUSTOMERS = """customer_id,segment
firm,B2B
big,B2B
person,B2C
ex,B2B
none,B2B
"""
WHO = dict.fromkeys(("firm", "big", "person", "ex", "none"), "9")


def test_holdings_by_hand(features, bills, expected):
    billing = bills("2024-12", **WHO)

    found = features("holdings", "2024-12", billing=billing, holdings=HOLDINGS, customers=CUSTOMERS)

    wanted = """
    customer_id           big          ex         firm            none  person
    products              1            0          3               0     1
    products_taken_12m    1            1          3               0     1
    products_dropped      0            1          2               0     0
    months_since_product  1            11         6               -     11
    last_product          integration  telephony  call_recording  -     queues
    maturity_tier         4            1          2               1     -
    """
    assert_frame_equal(found, expected(wanted, ("last_product",)))


def test_products_that_show_no_tier_give_none(features, bills, expected):
    holdings = "customer_id,product,start_month\na,tv,2024-10-01\na,queues,2025-01-01\n"

    found = features(
        "holdings", "2024-12", billing=bills("2024-12", a="9", b="9"), holdings=holdings
    )

    # queues show a tier, and nobody had them in December
    wanted = """
    customer_id           a   b
    products              1   0
    products_taken_12m    1   0
    products_dropped      0   0
    months_since_product  2   -
    last_product          tv  -
    """
    assert_frame_equal(found, expected(wanted, ("last_product",)))
    assert found["last_product"].cat.categories.tolist() == ["tv"]


def test_a_tier_is_that_of_the_most_demanding_product_held(features, bills):
    products = {
        "telephony": 1, "call_routing": 2, "call_recording": 2, "crm_link": 2, "call_tracking": 3,
        "analytics": 3, "reports": 3, "queues": 4, "monitoring": 4, "integration": 4,
    }  # fmt: skip
    names = list(products)
    start = pd.Timestamp("2024-01-01")
    holdings = pd.DataFrame({"customer_id": names, "product": names, "start_month": start})
    basic = holdings.assign(product="call_routing")[holdings["product"] != "call_routing"]
    customers = pd.DataFrame({"customer_id": names, "segment": "B2B"})

    found = features(
        "holdings",
        "2024-12",
        billing=bills("2024-12", **dict.fromkeys(names, "9")),
        holdings=pd.concat([basic, holdings]),
        customers=customers,
    ).set_index("customer_id")["maturity_tier"]

    assert found.to_dict() == {name: max(tier, 2) for name, tier in products.items()}
