"""Every rule of the contract is written down here a second time, and broken once.

The lists below are by hand on purpose: a rule added to TABLES without its broken example here
fails `test_every_rule_of_the_contract_has_its_broken_example`.
"""

from dataclasses import replace

import pandas as pd
import pytest

from src.data.checks import violations
from src.data.contracts import FIRST_DATE, LAST_DATE, NEEDED_TABLES, REPEATED, TABLES
from src.data.problems import InputError

D = pd.Timestamp
RULE_OF_DATES = "must lie between 1970 and 2100"

VALID = {
    "customers": {
        "customer_id": ["c1", "c2"],
        "segment": ["B2C", "B2B"],
        "signup_month": [D("2020-01-01"), D("2021-01-01")],
        "closed_month": [D("2020-01-01"), pd.NaT],
        "region": ["north", None],
        "industry": [None, "retail"],
        "size": [None, "small"],
        "channel": ["web", "agent"],
        "acquisition_cost": [0.0, 55.5],
        "phone": ["79161234567", None],
        "email": [None, "b@c.de"],
    },
    "billing": {
        "customer_id": ["c1", "c1"],
        "month": [D("2024-01-01"), D("2024-02-01")],
        "revenue": [10.0, -2.5],
        "cost_to_serve": [0.0, None],
    },
    "usage": {
        "customer_id": ["c1", "c2"],
        "month": [D("2024-01-01"), D("2024-01-01")],
        "minutes": [100.0, None],
    },
    "lines": {
        "line_id": ["l1", "l2"],
        "customer_id": ["c1", "c1"],
        "start_month": [D("2024-01-01"), D("2024-02-01")],
        "end_month": [D("2024-03-01"), pd.NaT],
        "tariff": ["flat", None],
        "user_role": ["decision_maker", "end_user"],
    },
    "contracts": {
        "contract_id": ["k1", "k2"],
        "customer_id": ["c1", "c1"],
        "start_month": [D("2024-01-01"), D("2025-01-01")],
        "end_month": [D("2024-12-01"), D("2025-01-01")],
        "auto_renew": [True, False],
    },
    "holdings": {
        "customer_id": ["c1", "c1"],
        "product": ["tv", "tv"],
        "start_month": [D("2024-01-01"), D("2024-06-01")],
        "end_month": [D("2024-03-01"), pd.NaT],
    },
    "events": {
        "customer_id": ["c1", "c1"],
        "date": [D("2024-01-05"), D("2024-01-05")],
        "kind": ["ticket", "nps"],
        "value": [None, 9.0],
    },
    "orders": {
        "order_id": ["o1", "o2"],
        "buyer_key": ["b1", "b1"],
        "date": [D("2024-01-05"), D("2024-01-05")],
        "amount": [20.0, -20.0],
        "customer_id": ["c1", None],
        "sku": ["a", "b"],
        "category": ["toys", None],
        "margin": [5.0, -5.0],
        "articles": [2.0, 0.0],
        "segment": ["B2B", None],
        "phone": ["79161234567", None],
        "email": [None, "b@c.de"],
    },
    "link_checks": {"buyer_key": ["b1", "b2"], "customer_id": ["c1", None]},
    "campaigns": {
        "campaign_id": ["spring", "spring"],
        "customer_id": ["c1", "c2"],
        "date": [D("2024-03-01"), D("2024-03-01")],
        "arm": ["call", "control"],
        "channel": ["call", None],
        "step": [1.0, None],
        "cost": [0.0, None],
        "opened": pd.array([True, None], dtype="boolean"),
        "responded": [False, True],
    },
    "deals": {
        "deal_id": ["d1", "d2"],
        "created": [D("2024-01-01"), D("2024-02-01")],
        "stage": ["offer", "signed"],
        "amount": [0.0, 5000.0],
        "closed": [pd.NaT, D("2024-02-01")],
        "won": pd.array([None, True], dtype="boolean"),
        "hours": [0.0, 12.5],
        "segment": ["B2C", "B2B"],
        "manager": ["m1", None],
        "expert_rank": [1.0, 2.0],
    },
    "snapshot": {
        "customer_id": ["c1", "c2"],
        "churned": [True, False],
        "tenure_months": [0.0, 12.0],
        "monthly_revenue": [-3.5, 20.0],
        "monthly_cost": [0.0, 4.0],
        "monthly_margin": [-3.5, 16.0],
        "customer_value": [-20.0, 300.0],
        "segment": ["B2C", None],
    },
}
VALID["scored"] = VALID["snapshot"]
VALID["trial"] = {
    "customer_id": ["c1", "c2"],
    "arm": ["control", "letter"],
    "churned": [True, False],
    "responded": [False, False],
    "spend": [-3.5, 20.0],
    "visited": [True, False],
    "cost": [0.0, 0.5],
    "customer_value": [-20.0, 300.0],
    "segment": ["B2C", None],
}

REQUIRED = {
    "customers": ("customer_id", "segment"),
    "billing": ("customer_id", "month", "revenue"),
    "usage": ("customer_id", "month"),
    "lines": ("line_id", "customer_id", "start_month"),
    "contracts": ("contract_id", "customer_id", "start_month", "end_month"),
    "holdings": ("customer_id", "product", "start_month"),
    "events": ("customer_id", "date", "kind"),
    "orders": ("order_id", "buyer_key", "date", "amount"),
    "link_checks": ("buyer_key",),
    "campaigns": ("campaign_id", "customer_id", "date", "arm"),
    "deals": ("deal_id", "created", "stage", "amount"),
    "snapshot": ("customer_id", "churned"),
    "scored": ("customer_id",),
    "trial": ("customer_id", "arm"),
}
TOO_SMALL = {  # the largest number that is allowed no more
    ("customers", "acquisition_cost"): (-0.01, "must be 0 or more"),
    ("billing", "cost_to_serve"): (-0.01, "must be 0 or more"),
    ("orders", "articles"): (-0.01, "must be 0 or more"),
    ("campaigns", "step"): (0.99, "must be 1 or more"),
    ("campaigns", "cost"): (-0.01, "must be 0 or more"),
    ("deals", "amount"): (-0.01, "must be 0 or more"),
    ("deals", "hours"): (-0.01, "must be 0 or more"),
    ("deals", "expert_rank"): (0.99, "must be 1 or more"),
    ("snapshot", "tenure_months"): (-0.01, "must be 0 or more"),
    ("snapshot", "monthly_cost"): (-0.01, "must be 0 or more"),
    ("scored", "tenure_months"): (-0.01, "must be 0 or more"),
    ("scored", "monthly_cost"): (-0.01, "must be 0 or more"),
    ("trial", "cost"): (-0.01, "must be 0 or more"),
}
NOT_IN_LIST = {
    ("customers", "segment"): ("b2c", "must be B2C or B2B"),
    ("lines", "user_role"): ("owner", "must be decision_maker or end_user"),
    ("orders", "segment"): ("SME", "must be B2C or B2B"),
    ("deals", "segment"): ("SME", "must be B2C or B2B"),
    ("snapshot", "segment"): ("SME", "must be B2C or B2B"),
    ("scored", "segment"): ("SME", "must be B2C or B2B"),
    ("trial", "segment"): ("SME", "must be B2C or B2B"),
}
DATES = [
    ("customers", "signup_month"),
    ("customers", "closed_month"),
    ("billing", "month"),
    ("usage", "month"),
    ("lines", "start_month"),
    ("lines", "end_month"),
    ("contracts", "start_month"),
    ("contracts", "end_month"),
    ("holdings", "start_month"),
    ("holdings", "end_month"),
    ("events", "date"),
    ("orders", "date"),
    ("campaigns", "date"),
    ("deals", "created"),
    ("deals", "closed"),
]
NOT_BEFORE = {
    "customers": ("closed_month", "signup_month"),
    "lines": ("end_month", "start_month"),
    "contracts": ("end_month", "start_month"),
    "holdings": ("end_month", "start_month"),
    "deals": ("closed", "created"),
}
KEYS = {
    "customers": ("customer_id",),
    "billing": ("customer_id", "month"),
    "usage": ("customer_id", "month"),
    "lines": ("line_id",),
    "contracts": ("contract_id",),
    "holdings": ("customer_id", "product", "start_month"),
    "events": ("customer_id", "date", "kind"),
    "orders": ("order_id",),
    "link_checks": ("buyer_key",),
    "campaigns": ("campaign_id", "customer_id", "date"),
    "deals": ("deal_id",),
    "snapshot": ("customer_id",),
    "scored": ("customer_id",),
    "trial": ("customer_id",),
}


def valid(table: str) -> pd.DataFrame:
    return pd.DataFrame(VALID[table])


def with_cell(table: str, row: int, column: str, cell: object) -> pd.DataFrame:
    frame = valid(table)
    if frame[column].dtype == "bool":
        frame[column] = frame[column].astype("boolean")
    frame.loc[row, column] = cell
    return frame


def messages(frame: pd.DataFrame, table: str) -> list[str]:
    """What is wrong, without the line to write."""
    return [str(replace(problem, remedy="")) for problem in violations(frame, table)]


def columns_where(holds) -> set[tuple[str, str]]:
    return {
        (table, name)
        for table, contract in TABLES.items()
        for name, column in contract.columns.items()
        if holds(column)
    }


def test_every_rule_of_the_contract_has_its_broken_example():
    required = {(table, name) for table, names in REQUIRED.items() for name in names}
    row_rules = {
        (table, rule.columns, rule.rule)
        for table, contract in TABLES.items()
        for rule in contract.row_rules
    }

    assert required == columns_where(lambda column: column.required)
    assert set(TOO_SMALL) == columns_where(lambda column: column.at_least is not None)
    assert set(NOT_IN_LIST) == columns_where(lambda column: column.one_of)
    assert set(DATES) == columns_where(lambda column: column.kind in ("date", "month"))
    assert {
        (table, names, f"must not be before {names[1]}") for table, names in NOT_BEFORE.items()
    } == row_rules
    assert {table: contract.key for table, contract in TABLES.items()} == KEYS
    assert [table for table in TABLES if TABLES[table].needs_measure] == ["usage"]


def test_the_valid_frames_fill_every_column_of_the_contract():
    assert {table: set(frame) - {"minutes"} for table, frame in VALID.items()} == {
        table: set(contract.columns) for table, contract in TABLES.items()
    }


@pytest.mark.parametrize("table", TABLES)
def test_a_valid_frame_has_no_violations(table):
    assert violations(valid(table), table) == []


@pytest.mark.parametrize("table", TABLES)
def test_the_required_columns_alone_are_enough_and_further_ones_are_allowed(table):
    frame = valid(table)[[*REQUIRED[table], *TABLES[table].needs_one[:1]]]

    assert violations(frame, table) == []
    assert violations(frame.assign(anything=["at", "all"]), table) == []


def test_an_experiment_without_an_outcome_is_refused():
    assert messages(valid("trial")[["customer_id", "arm"]], "trial") == [
        "trial: needs churned, responded, spend or visited: what came after"
    ]


@pytest.mark.parametrize(
    ("table", "column"), [(table, name) for table, names in REQUIRED.items() for name in names]
)
def test_a_required_column_must_be_there_and_full(table, column):
    without = valid(table).drop(columns=column)
    with_gap = with_cell(table, 1, column, None)

    assert messages(without, table) == [f"{table}.{column}: is missing"]
    assert messages(with_gap, table) == [
        f"{table}.{column}: must not be empty (1 row; first: row 2 (empty))"
    ]


@pytest.mark.parametrize(("table", "column"), TOO_SMALL)
def test_a_number_below_its_floor_is_refused(table, column):
    cell, rule = TOO_SMALL[table, column]

    assert messages(with_cell(table, 0, column, cell), table) == [
        f"{table}.{column}: {rule} (1 row; first: row 1 '{cell}')"
    ]
    assert messages(with_cell(table, 0, column, cell + 0.01), table) == []


@pytest.mark.parametrize(("table", "column"), NOT_IN_LIST)
def test_a_word_outside_its_list_is_refused(table, column):
    cell, rule = NOT_IN_LIST[table, column]

    assert messages(with_cell(table, 1, column, cell), table) == [
        f"{table}.{column}: {rule} (1 row; first: row 2 '{cell}')"
    ]


@pytest.mark.parametrize(("table", "column"), DATES)
@pytest.mark.parametrize("cell", [FIRST_DATE - pd.Timedelta("1D"), LAST_DATE + pd.Timedelta("1D")])
def test_a_date_outside_its_range_is_refused(table, column, cell):
    others = [name for other, name in DATES if other == table and name != column]
    frame = with_cell(table, 0, column, cell)
    # Move the other end of the period along, so that only this rule breaks.
    for other in others:
        frame.loc[0, other] = FIRST_DATE if cell < FIRST_DATE else LAST_DATE
    is_end = (column, *others) in NOT_BEFORE.values()
    end_before_start = is_end == (cell < FIRST_DATE) and bool(others)

    expected = [f"{table}.{column}: {RULE_OF_DATES} (1 row; first: row 1 '{cell:%Y-%m-%d}')"]
    if end_before_start:
        end, start = NOT_BEFORE[table]
        shown = f"{frame.loc[0, end]:%Y-%m-%d}"
        rule = f"must not be before {start} (1 row; first: row 1 '{shown}')"
        expected.append(f"{table}.{end}: {rule}")
    assert messages(frame, table) == expected


@pytest.mark.parametrize(("table", "column"), DATES)
def test_the_first_and_the_last_day_of_the_range_are_allowed(table, column):
    end, start = NOT_BEFORE.get(table, (column, column))
    first, last = valid(table), valid(table)
    first.loc[0, start] = FIRST_DATE
    last.loc[0, end] = LAST_DATE

    assert violations(first, table) == []
    assert violations(last, table) == []


@pytest.mark.parametrize("table", NOT_BEFORE)
def test_an_end_before_its_start_is_refused(table):
    end, start = NOT_BEFORE[table]
    frame = with_cell(table, 0, end, D("2019-06-01"))

    assert messages(frame, table) == [
        f"{table}.{end}: must not be before {start} (1 row; first: row 1 '2019-06-01')"
    ]


@pytest.mark.parametrize("table", KEYS)
def test_a_repeated_key_is_refused(table):
    frame = valid(table)
    frame = pd.concat([frame, frame.head(1)], ignore_index=True)
    keys = [
        cell if isinstance(cell, str) else f"{cell:%Y-%m-%d}"
        for cell in frame.loc[2, [*KEYS[table]]]
    ]

    way_out = {
        "sum": f"; to add the rows up, write under tables.{table}: `repeated: sum`",
        "keep": f"; to let each row count, write under tables.{table}: `repeated: keep`",
        "first": f"; to keep the first row of each, write under tables.{table}: `repeated: first`",
    }.get(next(iter(REPEATED.get(table, ())), ""), "")
    assert messages(frame, table) == [
        f"{table}.{' + '.join(KEYS[table])}: must be unique, but is repeated{way_out} "
        f"(1 row; first: row 3 '{' / '.join(keys)}')"
    ]


@pytest.mark.parametrize("table", TABLES)
def test_an_empty_table_is_refused(table):
    assert messages(valid(table).head(0), table) == [f"{table}: has no rows"]


def test_a_column_of_the_wrong_type_is_refused():
    frame = valid("billing").assign(revenue=["10", "x"])

    assert messages(frame, "billing")[0].startswith("billing.revenue: dtype('float64')")


def test_all_rows_are_checked_not_a_sample():
    rows = 50_000
    frame = pd.DataFrame(
        {
            "customer_id": [f"c{row}" for row in range(rows)],
            "month": D("2024-01-01"),
            "revenue": 10.0,
            "cost_to_serve": 1.0,
        }
    )
    frame.loc[rows - 1, "cost_to_serve"] = -1.0
    frame.loc[rows - 2, "revenue"] = None
    frame.loc[rows - 3, "customer_id"] = "c0"

    assert messages(frame, "billing") == [
        "billing.revenue: must not be empty (1 row; first: row 49,999 (empty))".replace(",", ""),
        "billing.cost_to_serve: must be 0 or more (1 row; first: row 50000 '-1.0')",
        "billing.customer_id + month: must be unique, but is repeated; to add the rows up, "
        "write under tables.billing: `repeated: sum` "
        "(1 row; first: row 49998 'c0 / 2024-01-01')",
    ]


def test_rows_are_counted_and_the_first_three_shown():
    frame = pd.DataFrame({"customer_id": list("abcde"), "churned": True, "tenure_months": -1.0})

    assert messages(frame, "snapshot") == [
        "snapshot.tenure_months: must be 0 or more "
        "(5 rows; first: row 1 '-1.0', row 2 '-1.0', row 3 '-1.0')"
    ]


def test_every_kind_of_base_needs_tables_of_the_contract():
    assert {table for tables in NEEDED_TABLES.values() for table in tables} <= set(TABLES)


def test_several_broken_rules_come_in_one_message(write_base):
    from src.data.building import build_base

    folder = write_base(
        {
            "customers": "customer_id,segment,acquisition_cost\nc1,SME,-5\nc1,B2B,1\n",
            "billing": "customer_id,month,revenue\nc1,2024-01,\nc1,1960-01,3\n",
        }
    )

    with pytest.raises(InputError) as caught:
        build_base(str(folder))

    assert str(caught.value).splitlines() == [
        "Base 'toy' was refused, nothing was loaded: 5 rules are broken.",
        "  - customers.segment: must be B2C or B2B (1 row; first: row 1 'SME'); to name them "
        "otherwise write under tables.customers: `values: {segment: {SME: ...}}`",
        "  - customers.acquisition_cost: must be 0 or more (1 row; first: row 1 '-5'); to leave "
        "such rows out write under tables.customers: "
        "`limits: {acquisition_cost: {at_least: 0, otherwise: drop}}`",
        "  - customers.customer_id: must be unique, but is repeated (1 row; first: row 2 'c1'); "
        "to keep one row per customer, name the date from which each holds: write under "
        "tables.customers: `history: {by: ..., keep: last}`",
        f"  - billing.month: {RULE_OF_DATES} (1 row; first: row 2 '1960-01'); to leave such rows "
        "out write under tables.billing: `limits: {month: {at_least: 1970-01-01, at_most: "
        "2100-12-31, otherwise: drop}}`",
        "  - billing.revenue: must not be empty (1 row; first: row 1 (empty)); to leave such rows "
        "out write under tables.billing: `limits: {revenue: {empty: drop}}`",
    ]
