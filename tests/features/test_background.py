"""What was known of subscribers at the end of a month."""

import pandas as pd
import pytest

from src.data.problems import InputError
from src.features.background import background
from src.features.months import Month

CUSTOMERS = """customer_id,segment,region,phone
a,B2C,north,h1
b,B2B,south,h2
c,B2C,north,h3
"""
BILLING = """customer_id,month,revenue,cost_to_serve
a,2024-01,10,1
a,2024-02,10,1
a,2024-03,10,1
a,2024-04,16,1
a,2024-05,16,1
a,2024-06,16,1
b,2024-05,30,6
b,2024-06,30,6
c,2024-01,50,5
"""
HOLDINGS = """customer_id,product,start_month,end_month
a,tv,2024-02,
a,music,2024-02,2024-03
b,tv,2024-07,
"""
EVENTS = """customer_id,date,kind
a,2024-03-05,ticket
a,2024-06-30,ticket
a,2023-12-31,ticket
b,2024-07-01,ticket
"""


@pytest.fixture
def base(tmp_path, write_base):
    tables = {"billing": BILLING, "customers": CUSTOMERS, "holdings": HOLDINGS, "events": EVENTS}
    return write_base(tmp_path, **tables)


def test_everything_is_that_of_the_month(base):
    expected = pd.DataFrame(
        {
            "months here": [6, 2],
            "revenue": [16.0, 20.0],
            "revenue change": [6.0, 20.0],
            "margin": [15.0, 16.0],
            "products": [1.0, 0.0],
            "events ticket": [2.0, 0.0],
            "segment": ["B2C", "B2B"],
            "region": ["north", "south"],
        },
        index=pd.Index(["a", "b"], name="customer_id"),
    )
    found = background(base, Month.of("2024-06"))
    pd.testing.assert_frame_equal(found, expected, check_dtype=False)


def test_what_comes_later_changes_nothing(tmp_path, write_base, base):
    now = background(base, Month.of("2024-03"))
    later = (
        ("billing", BILLING + "a,2024-07,99,9\n"),
        ("holdings", HOLDINGS + "a,fibre,2024-06,\n"),
        ("events", EVENTS + "a,2024-04-01,ticket\n"),
    )
    tables = {"billing": BILLING, "customers": CUSTOMERS, "holdings": HOLDINGS, "events": EVENTS}
    longer = write_base(tmp_path / "longer", **{**tables, **dict(later)})
    pd.testing.assert_frame_equal(background(longer, Month.of("2024-03")), now)


def test_nobody_is_told(base):
    with pytest.raises(InputError, match="no row with positive revenue"):
        background(base, Month.of("2023-06"))
