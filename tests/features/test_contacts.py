"""Members of a campaign by hand: who was there before the contact, and what came after it."""

import numpy as np
import pandas as pd
import pandas.testing as pdt
import pytest

from src.data.problems import InputError
from src.features import contacts
from src.features.contacts import Purchases
from src.features.lifecycle import LifeRecord

MONTHS = pd.date_range("2024-01-01", "2024-12-01", freq="MS")
MONTHS_AFTER = 3  # of outcome


def bills(**months):
    """Bills of 10 with a margin of 4: customer = first and last month paid, 1 to 12."""
    rows = [
        (customer, MONTHS[month - 1], 10.0, 4.0)
        for customer, spans in months.items()
        for first, last in spans
        for month in range(first, last + 1)
    ]
    return pd.DataFrame(rows, columns=["customer_id", "month", "revenue", "margin"])


BILLS = bills(
    stays=[(1, 12)],
    leaves=[(1, 6)],  # gone from July on
    closes=[(1, 12)],
    comes=[(5, 12)],  # in the month of the contact
    silent=[(1, 3)],  # its silence of April was the beginning of a freeze
    gone=[(1, 1)],
    late=[(1, 8)],  # after the months that count
)
CUSTOMERS = pd.DataFrame(
    {
        "customer_id": ["stays", "leaves", "closes", "comes", "silent", "gone", "late"],
        "closed_month": pd.to_datetime([None, None, "2024-04-01", None, None, None, None]),
    }
)
RECORD = LifeRecord(BILLS, CUSTOMERS, 3)


def members(*names, first="2024-05-13"):
    return pd.DataFrame(
        {
            "customer_id": list(names),
            "arm": ["control", "mail"] * (len(names) // 2) + ["mail"] * (len(names) % 2),
            "first": pd.Timestamp(first),
        }
    )


EVERYBODY = members("stays", "leaves", "closes", "comes", "silent", "gone", "late")


def test_who_is_counted_is_decided_by_what_was_known_a_month_before():
    found = contacts.listed_before(EVERYBODY, RECORD)
    assert found["customer_id"].tolist() == ["stays", "leaves", "silent", "late"]
    assert found["silent"].tolist() == [0, 0, 1, 0]
    assert set(found["contact"]) == {2024 * 12 + 4}


def test_nothing_after_the_contact_decides_who_is_counted():
    rng = np.random.default_rng(0)
    later = BILLS[BILLS["month"] < "2024-05-01"]
    noise = bills(stays=[(6, 6)], gone=[(5, 12)], comes=[(7, 9)])
    noise["revenue"] = rng.uniform(1, 99, len(noise))
    other = LifeRecord(pd.concat([later, noise]), CUSTOMERS, 3)
    pdt.assert_frame_equal(
        contacts.listed_before(EVERYBODY, RECORD), contacts.listed_before(EVERYBODY, other)
    )


def test_who_is_lost_within_the_months_by_hand():
    listed = contacts.listed_before(EVERYBODY, RECORD)
    found = contacts.followed(listed, RECORD, MONTHS_AFTER).set_index("customer_id")
    assert found["lost"].to_dict() == {"stays": 0, "leaves": 1, "silent": 1, "late": 0}
    assert found["lost_in"].dropna().to_dict() == {"leaves": 2, "silent": 0}


def test_a_life_that_began_later_is_not_the_one_that_counts():
    record = LifeRecord(bills(back=[(1, 5), (9, 12)], other=[(1, 12)]), None, 3)
    listed = contacts.listed_before(members("back", "other"), record)
    found = contacts.followed(listed, record, MONTHS_AFTER)
    assert found["lost_in"].tolist()[:1] == [1]


def test_contacts_whose_months_are_not_known_yet_are_refused():
    listed = contacts.listed_before(members("stays", "late", first="2024-08-01"), RECORD)
    message = "within 3 months of a contact in 2024-08 is known at the end of 2024-11, .* 2024-10"
    with pytest.raises(InputError, match=message):
        contacts.followed(listed, RECORD, MONTHS_AFTER)


def test_contacts_before_the_bills_are_refused():
    with pytest.raises(InputError, match="begin in 2024-01, and 2 members were contacted"):
        contacts.listed_before(members("stays", "late", first="2024-01-31"), RECORD)


ORDERS = pd.DataFrame(
    {
        "customer_id": ["stays", "stays", "stays", None, "leaves", "stays"],
        "date": pd.to_datetime(
            ["2024-05-31", "2024-06-01", "2024-08-31", "2024-06-02", "2024-09-01", "2024-04-30"]
        ),
        "amount": [1.0, 20.0, -5.0, 7.0, 9.0, 3.0],
        "margin": [1.0, 8.0, -2.0, 7.0, 9.0, 2.0],
    }
)


def followed(purchases):
    listed = contacts.listed_before(members("stays", "leaves"), RECORD)
    known = contacts.followed(listed, RECORD, MONTHS_AFTER)
    return known, contacts.month_by_month(known, purchases, MONTHS_AFTER)


def test_what_came_month_by_month_by_hand():
    _, found = followed(Purchases(BILLS, ORDERS))
    expected = pd.DataFrame(
        {
            "customer_id": ["stays"] * 3 + ["leaves"] * 3,
            "arm": ["control"] * 3 + ["mail"] * 3,
            "month": [1, 2, 3] * 2,
            "lost": [0.0, 0, 0, 0, 1, 1],
            "orders": [1.0, 0, 0, 0, 0, 0],
            "income": [30.0, 10, 5, 10, 0, 0],
            "margin": [12.0, 4, 2, 4, 0, 0],
        }
    )
    pdt.assert_frame_equal(found, expected, check_dtype=False)


def test_sums_after_and_before_by_hand():
    known, by_month = followed(Purchases(BILLS, ORDERS))
    found = contacts.before(
        contacts.totals(by_month, known), Purchases(BILLS, ORDERS), MONTHS_AFTER
    )
    assert found[["orders", "income", "margin"]].to_numpy().tolist() == [[1, 45, 18], [0, 10, 4]]
    names = ["orders_before", "income_before", "margin_before"]
    assert found[names].to_numpy().tolist() == [[1, 33, 14], [0, 30, 12]]


def test_without_a_shop_there_are_bills_alone():
    _, found = followed(Purchases(BILLS))
    assert found["income"].tolist() == [10, 10, 10, 10, 0, 0]
    assert not found["orders"].any()


def test_other_campaigns_of_the_time_are_named_once_each():
    listed = contacts.listed_before(members("stays", "leaves"), RECORD)
    others = pd.DataFrame(
        {
            "campaign_id": ["chain", "chain", "chain", "old", "call"],
            "customer_id": ["stays", "stays", "leaves", "leaves", "leaves"],
            "date": pd.to_datetime(
                ["2024-08-01", "2024-07-01", "2024-09-01", "2024-01-01", "2024-05-01"]
            ),
            "arm": ["mail", "mail", "control", "mail", "call"],
        }
    )
    expected = pd.DataFrame(
        [("stays", "chain", "mail"), ("leaves", "call", "call")],
        columns=["customer_id", "campaign", "other_arm"],
    )
    pdt.assert_frame_equal(contacts.beside(listed, others, 3), expected)
