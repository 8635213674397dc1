"""Phone and e-mail at the door: one hash for one person, and no clear text in what is built."""

import pytest

from src.data.building import build_base
from src.data.problems import InputError

KEY = b"a key of the tests, long"
CUSTOMERS = """customer_id,segment,signup_month,mobile,mail,phone_old
c1,B2C,2024-01,+7 (916) 123-45-67,Jane.Doe@gmail.com,89160000001
c2,B2B,2024-02,8 926 000 11 22,boss@firm.ru,89160000002
c3,B2C,2024-02,by mail,,89160000003
"""
BILLING = "customer_id,month,revenue\nc1,2024-01,10\nc2,2024-02,20\nc3,2024-02,5\n"
ORDERS = """order_id,buyer_key,date,amount,phone,email
o1,b1,2024-02-01,10,79161234567.0,janedoe+shop@googlemail.com
o2,b2,2024-02-03,20,0079260001122,
"""
CLEAR = ("9161234567", "9260001122", "janedoe", "jane.doe", "boss@", "916000000")


@pytest.fixture
def base(write_base):
    tables = {"customers": CUSTOMERS, "billing": BILLING, "orders": ORDERS}
    mapped = {"customers": {"columns": {"phone": "mobile", "email": "mail"}}}
    return build_base(str(write_base(tables, mapped)), KEY)


def test_one_number_written_in_two_ways_has_one_hash(base):
    customers, orders = base.table("customers"), base.table("orders")
    assert orders["phone"].tolist() == customers["phone"].tolist()[:2]
    assert orders["email"].tolist() == [customers["email"].iloc[0], None]
    assert customers["phone"].str.fullmatch(r"[0-9a-f]{20}").tolist()[:2] == [True, True]
    assert customers["phone"].isna().tolist() == [False, False, True]


def test_no_clear_text_is_built(base):
    for path in base.folder.rglob("*"):
        if path.is_file() and path.suffix != ".csv":
            content = path.read_bytes().lower()
            assert not [word for word in CLEAR if word.encode() in content], path
    for table in base.rows:
        text = base.table(table).to_csv().lower()
        assert not [word for word in CLEAR if word in text], table


def test_what_is_not_mapped_is_left_out_and_unread_cells_are_counted(base):
    assert "phone_old" not in base.table("customers")
    notes = " ".join(base.notes)
    assert "customers.phone_old looks like personal data (phone) and was left out" in notes
    assert "customers.phone: 1 of 3 cells are no phone number and link to nobody" in notes
    assert "by mail" not in notes


def test_contacts_may_be_dropped_like_any_personal_column(write_base):
    folder = write_base(
        {"customers": CUSTOMERS, "billing": BILLING, "orders": ORDERS},
        {"orders": {"personal": {"phone": "drop", "email": "drop"}}},
    )
    assert not {"phone", "email"} & set(build_base(str(folder), KEY).table("orders"))


def test_checked_links_name_customers_of_the_base(write_base):
    checks = "buyer_key,customer_id\nb1,c1\nb2,\n"
    tables = {"customers": CUSTOMERS, "billing": BILLING, "orders": ORDERS}
    base = build_base(str(write_base({**tables, "link_checks": checks})), KEY)
    found = base.table("link_checks")
    assert found["buyer_key"].tolist() == base.table("orders")["buyer_key"].tolist()
    assert found["customer_id"].tolist() == [base.table("customers")["customer_id"].iloc[0], None]
    with pytest.raises(InputError, match="is not in the table customers"):
        build_base(str(write_base({**tables, "link_checks": checks.replace("c1", "c9")})), KEY)
