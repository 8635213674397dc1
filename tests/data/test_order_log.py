"""Orders in base.yml: rows without a buyer, cancelled orders, articles, segments of buyers."""

from __future__ import annotations

import json
import re
import tempfile
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from src.data.bases import BuyerRule
from src.data.building import build_base
from src.data.manifest import parse
from src.data.problems import InputError

KEY = b"key of the tests"
LINES = """InvoiceNo,StockCode,Quantity,InvoiceDate,UnitPrice,CustomerID,Country
536365,85123A,6,2010-12-01 08:26,2.5,17850,Spain
536365,71053,2,2010-12-01 08:26,5,17850,Spain
536365,71053,1,2010-12-01 08:26,5,17850,Spain
536366,84406B,1,2010-12-02 08:28,30,,Spain
C536379,85123A,-2,2010-12-03 09:41,2.5,17850,Spain
536380,22139,4,2010-12-04 09:41,5,13047,France
"""
INVOICES = {
    "repeated": "sum",
    "products": {"amount": ["Quantity", "UnitPrice"]},
    "columns": {
        "order_id": "InvoiceNo",
        "buyer_key": "CustomerID",
        "date": "InvoiceDate",
        "sku": "StockCode",
    },
    "drop": ["Quantity", "UnitPrice", "Country"],
}
PLAIN = "order_id,buyer_key,date,amount,status,vat\n"


def built(write_base, text=LINES, source=INVOICES, **manifest):
    return build_base(str(write_base({"orders": text}, {"orders": source}, **manifest)), KEY)


def test_lines_of_invoices_become_orders_with_their_articles(write_base):
    base = built(write_base)
    orders = base.table("orders")
    assert orders["amount"].tolist() == [30.0, -5.0, 20.0]
    assert orders["articles"].tolist() == [2.0, 1.0, 1.0]
    assert orders["buyer_key"].nunique() == 2
    assert base.notes[:1] == (
        "orders: 1 of 6 rows names no buyer, left out: 37.5% of the money spent",
    )
    assert (base.segment_rule, base.returns) == (None, "same day")


def test_a_log_in_which_nobody_has_a_key_is_refused(write_base):
    text = "order_id,buyer_key,date,amount\n1,,2024-01-01,5\n2,,2024-01-02,5\n"
    with pytest.raises(InputError, match=r"orders\.buyer_key: must not be empty \(2 rows"):
        built(write_base, text, {})


def test_cancelled_orders_by_the_beginning_of_their_number(write_base):
    rule = {"column": "InvoiceNo", "starts": "C"}
    base = built(write_base, source={**INVOICES, "cancelled": rule})
    assert base.table("orders")["amount"].tolist() == [30.0, 20.0]
    assert base.notes[0] == (
        "orders: 1 of 6 rows are of cancelled orders, left out as base.yml says: 0.0% of the money "
        "spent; none is above 0, so the orders that they take back still count. To have these "
        "reduced write `as: return` into the rule"
    )
    by_new_name = {"column": "order_id", "starts": "C", "as": "return"}
    base = built(write_base, source={**INVOICES, "cancelled": by_new_name})
    assert base.table("orders")["amount"].tolist() == [30.0, -5.0, 20.0]


def test_cancelled_orders_by_a_status(write_base):
    text = PLAIN.replace(",vat", ",margin") + (
        "1,a,2024-01-01,50,paid,9\n2,a,2024-01-02,30,void,6\n3,b,2024-01-02,-4,void,-1\n"
        "4,b,2024-01-03,20,sent,3\n"
    )
    rule = {"column": "status", "values": ["void"]}
    base = built(write_base, text, {"cancelled": rule})
    assert base.table("orders")["amount"].tolist() == [50.0, 20.0]
    assert base.notes == (
        "orders: 2 of 4 rows are of cancelled orders, left out as base.yml says: 30.0% of the "
        "money spent",
    )
    base = built(write_base, text, {"cancelled": {**rule, "as": "return"}})
    assert base.table("orders")["amount"].tolist() == [50.0, -30.0, -4.0, 20.0]
    assert base.table("orders")["margin"].tolist() == [9.0, -6.0, -1.0, 3.0]
    assert base.notes[0] == (
        "orders: 2 of 4 rows are of cancelled orders and count as returns, as base.yml says"
    )


@pytest.mark.parametrize(
    ("rule", "told"),
    [
        ({"column": "status", "values": ["gone"]}, "no cell of status is 'gone'; mend the rule"),
        ({"column": "status", "starts": "X"}, "no cell of status begins with 'X'"),
        (
            {"column": "statis", "starts": "X"},
            "`cancelled` names the column 'statis', but the source has: order_id, buyer_key, date, "
            "amount, status, vat; did you mean 'status'?",
        ),
    ],
)
def test_a_rule_for_cancelled_orders_that_meets_nothing(write_base, rule, told):
    text = PLAIN + "1,a,2024-01-01,50,paid,\n2,a,2024-01-02,30,void,\n"
    with pytest.raises(InputError, match=re.escape(told)):
        built(write_base, text, {"cancelled": rule})


@pytest.mark.parametrize(
    ("keys", "told"),
    [
        (
            "cancelled: {column: a}",
            ".cancelled: `cancelled` takes `{column: status, values: [cancelled]}`",
        ),
        (
            "cancelled: {column: a, starts: C, values: [b]}",
            ".cancelled: `cancelled` takes `{column: status",
        ),
        ("cancelled: {column: a, starts: C, as: sale}", ".cancelled.as: Input should be 'return'"),
        ("returns: never", ".returns: Input should be 'same day' or 'last purchase'"),
    ],
)
def test_mistakes_in_the_rules_of_orders(keys, told):
    text = f"{{title: T, kind: orders, currency: EUR, tables: {{orders: {{file: a.csv, {keys}}}}}}}"
    with pytest.raises(InputError, match=re.escape(f"tables.orders{told}")):
        parse(text)


def test_the_rule_for_returns_goes_with_the_base(write_base):
    assert built(write_base, source={**INVOICES, "returns": "last purchase"}).returns == (
        "last purchase"
    )


def test_segment_of_orders_by_a_column(write_base):
    text = PLAIN + "".join(
        f"{n},b{n % 12},2024-01-0{1 + n % 9},{10 + n},x,{'DE1' if n % 12 < 3 else ''}\n"
        for n in range(24)
    )
    base = built(write_base, text, {"drop": ["vat"]}, segment={"column": "vat", "filled": True})
    orders = base.table("orders")
    assert orders["segment"].tolist() == (["B2B"] * 3 + ["B2C"] * 9) * 2
    assert base.notes == ()
    assert base.segment_rule is None
    rule = {"column": "status", "values": {"x": "B2B"}, "otherwise": "B2C"}
    assert set(built(write_base, text, {}, segment=rule).table("orders")["segment"]) == {"B2B"}


def test_buyers_with_orders_of_both_segments_are_counted(write_base):
    text = PLAIN + "".join(
        f"{n},b{n % 12},2024-01-0{1 + n % 9},{10 if n else 70},{'firm' if n < 11 else 'home'},\n"
        for n in range(24)
    )
    rule = {"column": "status", "values": {"firm": "B2B", "home": "B2C"}}
    assert built(write_base, text, {"drop": ["vat"]}, segment=rule).notes == (
        "orders: 11 of 12 buyers have orders of both segments, 93.3% of the money spent; each "
        "counts as what most of the orders are",
    )


def test_segment_of_buyers_by_how_they_order(write_base):
    rule = {"measure": "median order value", "b2b_from": 25}
    base = built(write_base, segment=rule)
    assert base.segment_rule == BuyerRule("median order value", 25.0)
    assert base.b2b_from is None
    assert "segment" not in base.table("orders")
    built_json = json.loads((base.folder / "built.json").read_text())
    assert built_json["segment_rule"] == ["median order value", 25]


@pytest.mark.parametrize(
    ("kind", "rule", "told"),
    [
        (
            "orders",
            "{measure: median order value}",
            "`measure` needs `b2b_from` and nothing else, the number from which a buyer is B2B",
        ),
        ("orders", "{measure: mean, b2b_from: 5}", "segment.measure: Input should be 'median ord"),
        (
            "orders",
            "{measure: median articles per order, b2b_from: 0}",
            "write `segment: {measure: median articles per order, b2b_from: 150}`",
        ),
        (
            "snapshot",
            "{measure: median order value, b2b_from: 9}",
            "`measure` reads the orders of a shop, and this is kind 'snapshot'",
        ),
        (
            "orders",
            "{first_bills: 3, b2b_from: 9}",
            "`first_bills` reads the bills of a panel, and kind 'orders' has none",
        ),
    ],
)
def test_mistakes_in_the_segments_of_buyers(kind, rule, told):
    text = (
        f"{{title: T, kind: {kind}, currency: EUR, segment: {rule}, "
        f"tables: {{{kind}: {{file: a.csv}}}}}}"
    )
    with pytest.raises(InputError, match=re.escape(told)):
        parse(text)


def test_a_collective_account_is_told_and_can_be_left_out(write_base):
    text = "order_id,buyer_key,date,amount\n" + "".join(
        f"{n},{'TILL' if n % 3 else f'b{n}'},2024-01-0{1 + n % 9},{10 if n % 3 else 5}\n"
        for n in range(60)
    )
    base = built(write_base, text, {})
    assert base.notes == (
        "orders: one buyer has 67% of all rows, 80.0% of the money spent: most likely a test "
        "account, or the collective account of a till. To leave it out write under tables.orders: "
        "`values: {buyer_key: {its key: null}}`",
    )
    without = built(write_base, text, {"values": {"buyer_key": {"TILL": None}}})
    assert without.rows == {"orders": 20}
    assert without.notes == (
        "orders: 40 of 60 rows name no buyer, left out: 80.0% of the money spent",
    )


def test_orders_of_a_panel_are_not_divided_by_its_rule(write_base):
    orders = "order_id,buyer_key,date,amount\n1,b,2024-01-01,5\n"
    bills = "customer_id,month,revenue\nc1,2024-01,10\nc1,2024-02,10\n"
    tables = {"customers": "customer_id\nc1\n", "billing": bills, "orders": orders}
    base = build_base(str(write_base(tables, segment={"value": "B2B"})), KEY)
    assert "segment" not in base.table("orders")
    assert base.table("customers")["segment"].tolist() == ["B2B"]


ODD = st.one_of(
    st.none(), st.booleans(), st.integers(-2, 9), st.text(max_size=3), st.just(["C"]),
    st.sampled_from(["order_id", "status", "C", "return", "last purchase", "filled"]),
    st.sampled_from([{"column": "status", "starts": "v"}, {"column": "vat", "filled": True}]),
)  # fmt: skip
RULES = ("column", "starts", "values", "as")


@given(st.dictionaries(st.sampled_from(RULES), ODD), ODD, st.one_of(st.none(), ODD))
@settings(deadline=None, max_examples=60)
def test_odd_rules_give_a_base_or_a_message(cancelled, returns, segment):
    text = PLAIN + "1,a,2024-01-01,50,paid,\n2,a,2024-01-02,30,void,7\nC3,,2024-01-03,-9,void,\n"
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "o.csv").write_text(text)
        rules = {"cancelled": cancelled, "returns": returns}
        content = {"title": "T", "kind": "orders", "currency": "EUR", "segment": segment}
        content["tables"] = {"orders": {"file": "o.csv", **rules}}
        (folder / "base.yml").write_text(yaml.safe_dump(content))
        try:
            base = build_base(str(folder), KEY)
        except InputError:
            return
        assert 1 <= len(base.table("orders")) <= 2  # one row has no buyer
