import json
import re

import numpy as np
import pandas as pd
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal, assert_series_equal

from src.data.building import build_base
from src.data.first_bills import first_bills, with_segments
from src.data.manifest import parse
from src.data.problems import InputError
from src.data.provenance import is_right

RULE = {"first_bills": 3, "b2b_from": 100}
MANIFEST = parse(
    "title: T\nkind: panel\ncurrency: EUR\nsegment: {first_bills: 3, b2b_from: 100}\n"
    "tables: {customers: {file: c.csv}, billing: {file: b.csv}}\n"
)


def bills(**customers: str) -> pd.DataFrame:
    """Bills from 2024-01 on: one word a month, `.` for no row."""
    rows = [
        (customer, pd.Timestamp(2024, month, 1), float(word))
        for customer, words in customers.items()
        for month, word in enumerate(words.split(), start=1)
        if word != "."
    ]
    return pd.DataFrame(rows, columns=["customer_id", "month", "revenue"])


BILLS = bills(
    grows="90 95 99 500 900 900",
    shrinks="120 110 100 9 9 9",
    spike="5000 50 50 50 50 50",
    credited="-300 0 150 . 80 120",  # a credit note and a month of nothing are no bills
    once=". . . . . 100",
    twice=". . . . 90 130",
    late=". 99 . 100.5 . 101",
    refunded="-5 . . . . 0",
)
EXPECTED = {
    "grows": ("B2C", 95.0),
    "shrinks": ("B2B", 110.0),
    "spike": ("B2C", 50.0),
    "credited": ("B2B", 120.0),
    "once": ("B2B", 100.0),
    "twice": ("B2B", 110.0),
    "late": ("B2B", 100.5),
    "refunded": ("B2C", np.nan),
    "silent": ("B2C", np.nan),
}


def people(**columns: object) -> pd.DataFrame:
    return pd.DataFrame({"customer_id": list(EXPECTED), "segment": "B2C", **columns})


def test_the_median_of_the_first_bills_tells_the_segment():
    frames, notes = with_segments({"customers": people(), "billing": BILLS}, MANIFEST)

    told = pd.DataFrame(EXPECTED.values(), columns=["segment", "first_bills"])
    told.insert(0, "customer_id", list(EXPECTED))
    assert_frame_equal(frames["customers"], told)
    assert frames["billing"] is BILLS
    assert notes == [
        "customers: 5 of 9 customers are B2B, as the median of their first 3 months with a bill is "
        "100 EUR or more, or that of the fewer they have; a gap of money between the segments is "
        "in part made by this rule",
        "customers: 3 customers may be older than the bills, which begin in 2024-01; the first "
        "bills that are there tell their segment",
        "customers: 2 customers without any bill above 0, taken for B2C",
    ]


@pytest.mark.parametrize(
    ("months", "expected"),
    [(1, {"grows": 90.0, "late": 99.0}), (12, {"grows": 299.5, "late": 100.5})],
)
def test_so_many_months_count_as_the_rule_says(months, expected):
    found = first_bills(BILLS, months)

    assert found[list(expected)].to_dict() == expected


def test_bills_in_any_order_tell_the_same():
    shuffled = BILLS.sample(frac=1, random_state=1)

    assert_series_equal(first_bills(shuffled, 3).sort_index(), first_bills(BILLS, 3).sort_index())


money = st.floats(-100, 1000).map(lambda amount: round(amount, 2))


@settings(max_examples=50, deadline=None)
@given(first=st.lists(money, max_size=8), later=st.lists(money, max_size=5))
def test_bills_after_the_first_never_count(first, later):
    amounts = [*first, *later]
    months = pd.date_range("2024-01-01", periods=len(amounts), freq="MS")
    billing = pd.DataFrame({"customer_id": "a", "month": months, "revenue": amounts}).astype(
        {"revenue": "float64"}
    )
    is_over = sum(amount > 0 for amount in first) >= 3

    found, then = first_bills(billing, 3), first_bills(billing.head(len(first)), 3)

    if is_over:
        assert found.to_dict() == then.to_dict()
    paid = [amount for amount in amounts if amount > 0][:3]
    assert found.to_dict() == ({"a": np.median(paid)} if paid else {})


def test_who_signed_up_before_the_bills_is_judged_by_the_first_that_are_there():
    signup = dict.fromkeys(EXPECTED, pd.Timestamp("2024-01-01"))
    signup |= {"grows": None, "late": pd.Timestamp("2020-05-01"), "silent": pd.Timestamp("2019-01")}
    table = people(signup_month=pd.to_datetime(list(signup.values())))

    _, notes = with_segments({"customers": table, "billing": BILLS}, MANIFEST)

    # Of those billed in the first month two signed up in it; who has no bill is told below.
    assert notes[1].startswith("customers: 2 customers may be older than the bills")


def test_under_another_rule_tables_stay_as_they_are():
    frames = {"customers": people(), "billing": BILLS}
    manifest = MANIFEST.model_copy(update={"segment": None})

    assert with_segments(frames, manifest) == (frames, [])


CUSTOMERS = "customer_id,segment,first_bills\nc1,gold,7\nc2,basic,8\n"
TWICE = (
    "customer_id,month,revenue\nc1,2024-01,60\nc1,2024-01,60\nc1,2024-02,130\nc1,2024-02,-40\n"
    "c1,2024-03,99\nc2,2024-01,99\nc2,2024-02,99\nc2,2024-03,99\nc2,2024-04,900\nc2,2024-05,900\n"
)


def test_a_base_is_built_of_bills_that_are_added_up(write_base):
    folder = write_base(
        {"customers": CUSTOMERS, "billing": TWICE},
        {"billing": {"repeated": "sum"}},
        segment={"first_bills": 3, "b2b_from": 99.5},
    )

    base = build_base(str(folder))

    assert (base.b2b_from, base.first_bills) == (("first_bills", 99.5), 3)
    customers = base.table("customers")
    assert customers[["segment", "first_bills"]].to_numpy().tolist() == [["B2C", 99], ["B2C", 99]]
    for column in ("segment", "first_bills"):
        assert any(
            note.startswith(f"customers.{column} of the source is not read") for note in base.notes
        )


def test_two_bills_of_a_month_are_refused_as_under_any_rule(write_base):
    folder = write_base({"customers": CUSTOMERS, "billing": TWICE}, segment=RULE)

    with pytest.raises(InputError, match=r"billing.customer_id \+ month: must be unique"):
        build_base(str(folder))


def test_columns_of_the_source_are_kept_as_their_note_says(write_base):
    renamed = {"other_first_bills": "first_bills", "other_segment": "segment"}
    keys = {"customers": {"columns": renamed}, "billing": {"repeated": "sum"}}
    folder = write_base({"customers": CUSTOMERS, "billing": TWICE}, keys, segment=RULE)

    base = build_base(str(folder))

    assert base.table("customers")["other_first_bills"].tolist() == [7, 8]
    assert base.table("customers")["other_segment"].tolist() == ["gold", "basic"]
    assert not any("of the source is not read" in note for note in base.notes)


def test_a_bill_of_a_quarter_counts_as_three_months(write_base):
    months = [f"{year}-{month:02d}" for year in (2022, 2023) for month in (1, 4, 7, 10)]
    rows = [f"c{who},{month},{270 + 10 * who}" for who in range(1, 6) for month in months]
    folder = write_base(
        {
            "customers": "customer_id\n" + "".join(f"c{who}\n" for who in range(1, 6)),
            "billing": "customer_id,month,revenue\n" + "\n".join(rows) + "\n",
        },
        {"billing": {"period": "quarter"}},
        segment=RULE,
    )

    customers = build_base(str(folder)).table("customers")

    a_month = [280 / 3, 290 / 3, 100, 310 / 3, 320 / 3]
    assert customers["first_bills"].tolist() == pytest.approx(a_month)
    assert customers["segment"].tolist() == ["B2C", "B2C", "B2B", "B2B", "B2B"]


def test_months_that_are_left_out_tell_no_segment(write_base):
    folder = write_base(
        {"customers": CUSTOMERS, "billing": TWICE},
        {"billing": {"repeated": "sum"}},
        segment=RULE,
        first_month="2024-04",
    )

    base = build_base(str(folder))

    assert base.table("customers")["first_bills"].tolist()[1:] == [900]
    assert base.table("customers")["segment"].tolist() == ["B2C", "B2B"]


def test_another_bound_builds_the_base_again(write_base):
    folder = write_base(segment={"first_bills": 3, "b2b_from": 10})
    first = build_base(str(folder))
    assert is_right(folder)

    write_base(segment={"first_bills": 3, "b2b_from": 50})

    assert not is_right(folder)
    again = build_base(str(folder))
    assert first.fingerprint != again.fingerprint
    assert json.loads((folder / "built.json").read_text())["b2b_from"] == ["first_bills", 50]
    assert again.table("customers")["segment"].tolist() == ["B2C", "B2B"]


@pytest.mark.parametrize("kind", ["orders", "snapshot"])
def test_a_base_without_bills_has_no_such_rule(kind):
    text = yaml.safe_dump(
        {
            "title": "T",
            "kind": kind,
            "currency": "EUR",
            "segment": RULE,
            "tables": {kind: {"file": "a.csv"}},
        }
    )
    told = (
        f"`first_bills` reads the bills of a panel, and kind '{kind}' has none; tell the segments"
    )
    with pytest.raises(InputError, match=re.escape(told)):
        parse(text)


NEEDS = "`first_bills` needs `b2b_from` and nothing else, the money a month from which a customer"
MONTHS = "takes a number of months from 1 to 12, not "


@pytest.mark.parametrize(
    ("rule", "told"),
    [
        ("{first_bills: 3}", f"segment: {NEEDS}"),
        ("{first_bills: 3, b2b_from: 0}", f"segment: {NEEDS}"),
        ("{first_bills: 3, b2b_from: .nan}", f"segment: {NEEDS}"),
        ("{first_bills: 3, b2b_from: .inf}", f"segment: {NEEDS}"),
        ("{first_bills: 3, b2b_from: 9, legal_forms: true}", f"segment: {NEEDS}"),
        ("{first_bills: 3, b2b_from: 9, otherwise: B2C}", f"segment: {NEEDS}"),
        (
            "{b2b_from: 100}",
            "segment: give one of `value`, `column`, `first_bills`, `measure`",
        ),
        (
            "{column: size, first_bills: 3, b2b_from: 9}",
            "segment: give one of `value`, `column`, `first_bills`, `measure`",
        ),
        ("{first_bills: true, b2b_from: 9}", f"segment.first_bills: {MONTHS}true; write it such"),
        ("{first_bills: 0, b2b_from: 9}", f"segment.first_bills: {MONTHS}0;"),
        ("{first_bills: 13, b2b_from: 9}", f"segment.first_bills: {MONTHS}13;"),
        ("{first_bills: 2.5, b2b_from: 9}", f"segment.first_bills: {MONTHS}2.5;"),
        ("{first_bill: 3, b2b_from: 9}", "did you mean `first_bills`?"),
    ],
)
def test_a_rule_that_is_not_whole_is_refused_with_one_that_is(rule, told):
    text = (
        f"title: T\nkind: panel\ncurrency: EUR\nsegment: {rule}\n"
        "tables: {customers: {file: c.csv}, billing: {file: b.csv}}\n"
    )
    with pytest.raises(InputError, match=re.escape(told)):
        parse(text)
