"""Where a base is refused with a line to write, the line lets it through."""

import re

import pandas as pd
import pytest
import yaml

from src.data.building import build_base
from src.data.problems import InputError

CUSTOMERS = "customer_id,segment,signup_month,closed_month\nc1,B2C,2024-01,\nc2,B2B,2024-02,\n"
BILLS = "customer_id,month,revenue\nc1,2024-01,10\nc1,2024-02,11\nc2,2024-02,200\n"


@pytest.fixture
def built(write_base):
    """The base of these files, the lines written under their tables; also the lines it asks for."""

    def build(written=None, **tables):
        folder = write_base({"customers": CUSTOMERS, "billing": BILLS, **tables}, sources=written)
        try:
            return build_base(str(folder), key=b"key")
        except InputError as error:
            return str(error)

    return build


def asked(said):
    """By table, what the message says to write."""
    lines = {}
    for table, line in re.findall(r"under tables\.(\w+): `([^`]*)`", said):
        for name, value in yaml.safe_load(line).items():
            known = lines.setdefault(table, {})
            is_nested = isinstance(value, dict) and isinstance(known.get(name), dict)
            known[name] = {**known[name], **value} if is_nested else value
    return lines


@pytest.mark.parametrize(
    ("changed", "note"),
    [
        (
            {"billing": BILLS + "c1,9999-12-31,3\nc2,1066-10-14,3\n"},
            "1 row has a date after 2100-12-31 in billing.month and was left out",
        ),
        (
            {"billing": BILLS + "c1,2999-01-01,3\n"},
            "1 row has a date after 2100-12-31 in billing.month and was left out",
        ),
        ({"billing": BILLS + "c1,,3\n"}, "1 row has no date in billing.month and was left out"),
        (
            {"customers": CUSTOMERS + "c3,B2C,1812-06-24,\n"},
            "1 row has a date before 1970-01-01 in customers.signup_month and was taken as empty",
        ),
        (
            {"customers": CUSTOMERS + "c3,B2C,2024-03,2023-01\n"},
            "1 row has a date before signup_month in customers.closed_month and was left out",
        ),
        (
            {
                "usage": "customer_id,month,gb\n"
                + "".join(f"c1,20{year}-01,3\n" for year in range(10, 30))
                + "c9,2024-02,3\nc8,2024-02,3\n"
            },
            "usage: 2 rows were left out, whose customer is not in the table customers",
        ),
        (
            {
                "lines": "line_id,customer_id,start_month\nl1,c1,2024-01\nl1,c2,2024-02\n",
            },
            "lines: 1 further row was left out, the first of each line_id is kept, as "
            "`repeated: first` says",
        ),
        (
            {"holdings": "customer_id,product,start_month,end_month\nc1,tv,2024-01,\n"
             "c1,tv,2024-01,2024-02\n"},
            "holdings: 1 further row was left out",
        ),
    ],
)  # fmt: skip
def test_the_line_to_write_lets_the_base_through(built, changed, note):
    said = built(**changed)
    assert isinstance(said, str)
    base = built(asked(said), **changed)
    assert not isinstance(base, str), base
    assert any(told.startswith(note) for told in base.notes), base.notes


@pytest.mark.parametrize(
    ("cells", "form"),
    [
        (["9999-12-31", "2024-03-01", ""], ""),
        (["2099-12-31", "2024-03", ""], ""),
        (["1900-01-01", "2024-03", ""], ""),
        (["31.12.9999", "01.03.2024", ""], "%d.%m.%Y"),
        (["9999-12-31 23:59:59", "2024-03-01 00:00:00", ""], ""),
        (["99991231", "20240301", ""], ""),
    ],
)
def test_an_end_that_never_comes_is_none_and_said(built, cells, form):
    rows = "".join(f"c{place},B2C,{cell}\n" for place, cell in enumerate(cells, 1))
    base = built(
        {"customers": {"dates": form}} if form else None,
        customers="customer_id,segment,closed_month\n" + rows,
    )
    closed = base.table("customers")["closed_month"]
    assert closed.tolist()[1] == pd.Timestamp("2024-03-01")
    assert closed.isna().tolist() == [True, False, True]
    assert any(
        note.startswith("customers.closed_month: 1 cell stands for no end and is read as empty")
        for note in base.notes
    )


def test_exact_copies_of_rows_are_left_out_once_and_said(built):
    twice = CUSTOMERS + "c1,B2C,2024-01,\nc1,B2C,2024-01,\n"
    base = built(customers=twice)
    assert base.rows["customers"] == 2
    assert "customers: 2 rows are exact copies of another, left out" in base.notes

    snapshot = "customer_id,churned,plan\nc1,yes,x\nc1,yes,x\nc2,no,y\n"
    base = built(snapshot=snapshot)
    assert base.rows["snapshot"] == 2
    assert "snapshot: 1 row is an exact copy of another, left out" in base.notes


def test_rows_of_one_key_that_differ_and_bills_that_may_be_meant_are_refused(built):
    said = built(customers=CUSTOMERS + "c1,B2B,2024-01,\n")
    assert "name the date from which each holds" in said
    assert "`history: {by: ..., keep: last}`" in said
    assert "`repeated: sum`" in built(billing=BILLS + "c1,2024-01,10\n")


def test_a_file_or_column_that_is_called_otherwise_has_its_line(write_base):
    folder = write_base(sources={"billing": {"file": "biling.csv"}})
    with pytest.raises(InputError, match=r"write under tables\.billing: `file: billing\.csv`"):
        build_base(str(folder))
    folder = write_base(sources={"billing": {"columns": {"revenue": "revenu"}}})
    with pytest.raises(InputError, match=r"`columns: \{revenue: revenue\}`"):
        build_base(str(folder))
    folder = write_base(fingerprint="0" * 16)
    with pytest.raises(InputError, match=r"write `fingerprint: [0-9a-f]{16}`"):
        build_base(str(folder))
    folder = write_base(last_month="2019-01")
    with pytest.raises(InputError, match="write `first_month: 2024-01` and `last_month: 2024-02`"):
        build_base(str(folder))
