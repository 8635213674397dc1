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


@pytest.mark.parametrize(
    ("signup", "closed", "line"),
    [
        ("01.02.2024", "20240301", {"signup_month": "%d.%m.%Y"}),
        ("01.02.2024", "2024/03/01", {"signup_month": "%d.%m.%Y", "closed_month": "%Y/%m/%d"}),
        ("2024-02-01", "25.03.2024", {"closed_month": "%d.%m.%Y"}),
        ("13.02.2024", "25.03.2024", "%d.%m.%Y"),
    ],
)
def test_dates_of_several_forms_have_a_form_each(built, signup, closed, line):
    customers = f"customer_id,segment,signup_month,closed_month\nc1,B2C,{signup},{closed}\n"
    customers += f"c2,B2B,{signup},\n"
    said = built(customers=customers)
    assert asked(said) == {"customers": {"dates": line}}
    base = built(asked(said), customers=customers)
    people = base.table("customers")
    assert people["signup_month"].tolist() == [pd.Timestamp("2024-02-01")] * 2
    assert people["closed_month"].tolist()[0] == pd.Timestamp("2024-03-01")


def test_a_form_that_is_declared_stays_with_the_columns_it_reads(built):
    customers = "customer_id,segment,signup_month,closed_month\nc1,B2C,13.02.2024,2024/03/01\n"
    customers += "c2,B2B,13.02.2024,\n"
    said = built({"customers": {"dates": "%d.%m.%Y"}}, customers=customers)
    forms = {"signup_month": "%d.%m.%Y", "closed_month": "%Y/%m/%d"}
    assert asked(said) == {"customers": {"dates": forms}}
    assert not isinstance(built(asked(said), customers=customers), str)


def test_a_form_may_be_given_to_an_attribute_and_not_to_nothing(built):
    customers = "customer_id,segment,since\nc1,B2C,03/04/2024\nc2,B2B,01/02/2024\n"
    base = built(customers=customers)
    assert "`dates: {since: '%d/%m/%Y'}`" in base.notes[0]
    base = built({"customers": {"dates": {"since": "%d/%m/%Y"}}}, customers=customers)
    assert base.table("customers")["since"].tolist()[0] == pd.Timestamp("2024-04-03")
    said = built({"customers": {"dates": {"sinse": "%d/%m/%Y"}}}, customers=customers)
    assert "customers.sinse: `dates` names this column; the table has: customer_id" in said
    assert "takes a strptime format" in built({"customers": {"dates": {"since": "%d"}}})


@pytest.mark.parametrize(
    ("cells", "months", "what"),
    [
        (["20240115", "20240229"], ["2024-01-01", "2024-02-01"], "days"),
        (["202401", "202402"], ["2024-01-01", "2024-02-01"], "months"),
    ],
)
def test_digits_alone_are_days_or_months_where_all_are(built, cells, months, what):
    bills = "customer_id,month,revenue\n" + "".join(f"c1,{cell},10\n" for cell in cells)
    base = built(billing=bills)
    assert base.table("billing")["month"].tolist() == list(map(pd.Timestamp, months))
    assert f"billing.month: cells of digits are read as {what} (such as '{cells[0]}')" in base.notes
    assert "must be a date" in built(billing=bills + "c2,20241301,10\n")


def test_numbers_that_are_days_are_read_from_a_typed_file(tmp_path):
    months = {"customer_id": ["a", "b"], "month": [20240115, 20240201], "revenue": [1.0, 2.0]}
    pd.DataFrame(months).to_parquet(tmp_path / "billing.parquet")
    people = pd.DataFrame({"customer_id": ["a", "b"], "closed_month": [None, 99991231]})
    people.to_parquet(tmp_path / "customers.parquet")
    (tmp_path / "base.yml").write_text(
        "title: T\nkind: panel\ncurrency: EUR\nsegment: {value: B2C}\ntables:\n"
        "  customers: {file: customers.parquet}\n  billing: {file: billing.parquet}\n"
    )
    base = build_base(str(tmp_path), key=b"key")
    assert base.table("billing")["month"].tolist()[0] == pd.Timestamp("2024-01-01")
    assert base.table("customers")["closed_month"].isna().all()


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
