"""The contract: which tables a base may have, their columns, and the rules every row obeys.

`TABLES` is the one declaration. The schemas that validate, the conversion of raw cells and the
catalogue in data/README.md all follow from it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

import pandas as pd
import pandera.pandas as pa

from src.data.problems import Problem, broken_rows

Kind = Literal["id", "text", "number", "flag", "date", "month"]

FIRST_DATE, LAST_DATE = pd.Timestamp("1970-01-01"), pd.Timestamp("2100-12-31")
SEGMENTS = ("B2C", "B2B")
NEEDED_TABLES = {
    "panel": ("customers", "billing"),
    "snapshot": ("snapshot",),
    "orders": ("orders",),
}

DTYPES: dict[Kind, str] = {
    "id": "object",
    "text": "object",
    "number": "float64",
    "flag": "bool",
    "date": "datetime64[ns]",
    "month": "datetime64[ns]",
}


@dataclass(frozen=True)
class Column:
    """One column of the contract.

    `kind` says how a cell is read: an `id` is pseudonymised at the door, a `month` becomes the
    first day of its month. A `required` column must be there and have no empty cell.
    """

    kind: Kind
    meaning: str
    required: bool = False
    at_least: float | None = None
    one_of: tuple[str, ...] = ()


@dataclass(frozen=True)
class RowRule:
    """A rule over several columns of one row; `holds` returns True where the row obeys."""

    columns: tuple[str, ...]
    rule: str
    holds: Callable[[pd.DataFrame], pd.Series]


@dataclass(frozen=True)
class Table:
    """One table of the contract: its key is unique, its columns and row rules hold in every row."""

    meaning: str
    key: tuple[str, ...]
    columns: dict[str, Column]
    row_rules: tuple[RowRule, ...] = field(default=())
    needs_measure: bool = False


def _not_before(end: str, start: str) -> RowRule:
    return RowRule(
        (end, start),
        f"must not be before {start}",
        lambda rows: rows[end].isna() | rows[start].isna() | (rows[end] >= rows[start]),
    )


_CUSTOMER = Column("id", "whose row it is", required=True)
_MONTH = Column("month", "calendar month", required=True)
_START = Column("month", "first month", required=True)
_END = Column("month", "last month; empty while it runs")

TABLES: dict[str, Table] = {
    "customers": Table(
        "One row per customer: a person, or a company account.",
        ("customer_id",),
        {
            "customer_id": Column("id", "the customer", required=True),
            "segment": Column("text", "B2C or B2B", required=True, one_of=SEGMENTS),
            "signup_month": Column("month", "month of the first contract"),
            "closed_month": Column("month", "month the customer closed the contract, if so"),
            "region": Column("text", "where the customer is"),
            "industry": Column("text", "trade of a company"),
            "size": Column("text", "size class of a company"),
            "channel": Column("text", "how the customer was won"),
            "acquisition_cost": Column("number", "money spent to win the customer", at_least=0),
        },
        (_not_before("closed_month", "signup_month"),),
    ),
    "billing": Table(
        "One row per customer and month with a bill.",
        ("customer_id", "month"),
        {
            "customer_id": _CUSTOMER,
            "month": _MONTH,
            "revenue": Column("number", "money billed; negative is a credit note", required=True),
            "cost_to_serve": Column("number", "money spent on serving the customer", at_least=0),
        },
    ),
    "usage": Table(
        "One row per customer and month; every further column is a measure.",
        ("customer_id", "month"),
        {"customer_id": _CUSTOMER, "month": _MONTH},
        needs_measure=True,
    ),
    "lines": Table(
        "One row per line (SIM, number) of a customer.",
        ("line_id",),
        {
            "line_id": Column("id", "the line", required=True),
            "customer_id": _CUSTOMER,
            "start_month": _START,
            "end_month": _END,
            "tariff": Column("text", "tariff of the line"),
            "user_role": Column("text", "who uses the line", one_of=("decision_maker", "end_user")),
        },
        (_not_before("end_month", "start_month"),),
    ),
    "contracts": Table(
        "One row per contract with a term.",
        ("contract_id",),
        {
            "contract_id": Column("id", "the contract", required=True),
            "customer_id": _CUSTOMER,
            "start_month": _START,
            "end_month": Column("month", "last month of the term", required=True),
            "auto_renew": Column("flag", "renews itself at the end"),
        },
        (_not_before("end_month", "start_month"),),
    ),
    "holdings": Table(
        "One row per product a customer took.",
        ("customer_id", "product", "start_month"),
        {
            "customer_id": _CUSTOMER,
            "product": Column("text", "the product", required=True),
            "start_month": _START,
            "end_month": _END,
        },
        (_not_before("end_month", "start_month"),),
    ),
    "events": Table(
        "One row per event: ticket, incident, price change, competitor offer, nps ...",
        ("customer_id", "date", "kind"),
        {
            "customer_id": _CUSTOMER,
            "date": Column("date", "when it happened", required=True),
            "kind": Column("text", "what happened", required=True),
            "value": Column("number", "size of the event, such as the NPS answer"),
        },
    ),
    "orders": Table(
        "One row per purchase in the shop.",
        ("order_id",),
        {
            "order_id": Column("id", "the purchase", required=True),
            "buyer_key": Column("id", "the buyer, as the shop knows the buyer", required=True),
            "date": Column("date", "day of the purchase", required=True),
            "amount": Column("number", "money paid; negative is a return", required=True),
            "customer_id": Column("id", "the buyer as a customer, where linked"),
            "sku": Column("text", "article"),
            "category": Column("text", "group of articles"),
            "margin": Column("number", "money left after the cost of goods"),
        },
    ),
    "campaigns": Table(
        "One row per customer and contact, control group included.",
        ("campaign_id", "customer_id", "date"),
        {
            "campaign_id": Column("text", "the campaign", required=True),
            "customer_id": _CUSTOMER,
            "date": Column("date", "day of assignment or contact", required=True),
            "arm": Column("text", "treatment arm; `control` for the control group", required=True),
            "channel": Column("text", "e-mail, call, SMS ..."),
            "step": Column("number", "step of a chain, from 1", at_least=1),
            "cost": Column("number", "money the contact cost", at_least=0),
            "opened": Column("flag", "the message was opened"),
            "responded": Column("flag", "the customer took the offer"),
        },
    ),
    "deals": Table(
        "One row per deal of the sales team.",
        ("deal_id",),
        {
            "deal_id": Column("id", "the deal", required=True),
            "created": Column("date", "day the deal was opened", required=True),
            "stage": Column("text", "stage reached", required=True),
            "amount": Column("number", "money asked for", required=True, at_least=0),
            "closed": Column("date", "day the deal was won or lost"),
            "won": Column("flag", "the deal was won; empty while it is open"),
            "hours": Column("number", "hours of a manager's work", at_least=0),
            "segment": Column("text", "B2C or B2B", one_of=SEGMENTS),
            "manager": Column("id", "who works the deal"),
            "expert_rank": Column("number", "place in the experts' order, from 1", at_least=1),
        },
        (_not_before("closed", "created"),),
    ),
    "snapshot": Table(
        "One labelled row per customer, as published churn sets have it.",
        ("customer_id",),
        {
            "customer_id": Column("id", "the customer", required=True),
            "churned": Column("flag", "the customer left", required=True),
            "tenure_months": Column("number", "months since the first contract", at_least=0),
            "monthly_revenue": Column("number", "money billed a month", at_least=0),
            "segment": Column("text", "B2C or B2B", one_of=SEGMENTS),
        },
    ),
}


def _column_checks(column: Column) -> list[pa.Check]:
    checks = []
    if column.at_least is not None:
        checks.append(pa.Check.ge(column.at_least, error=f"must be {column.at_least:g} or more"))
    if column.one_of:
        allowed = " or ".join(column.one_of)
        checks.append(pa.Check.isin(column.one_of, error=f"must be {allowed}"))
    if column.kind in ("date", "month"):
        rule = f"must lie between {FIRST_DATE:%Y} and {LAST_DATE:%Y}"
        checks.append(pa.Check.between(FIRST_DATE, LAST_DATE, error=rule))
    return checks


def schema(table: str) -> pa.DataFrameSchema:
    """The pandera schema of one table of the contract; further columns are allowed."""
    contract = TABLES[table]
    columns = {
        name: pa.Column(
            # A flag with gaps is pandas' nullable boolean, one without is a plain bool.
            dtype=None if column.kind == "flag" else DTYPES[column.kind],
            checks=_column_checks(column),
            nullable=not column.required,
            required=column.required,
        )
        for name, column in contract.columns.items()
    }
    return pa.DataFrameSchema(columns, strict=False)


def violations(frame: pd.DataFrame, table: str) -> list[Problem]:
    """Every rule of the contract that `frame` breaks; an empty list when it obeys.

    `frame` has the columns of the contract in their types (see `src.data.conversion`); its index
    is the zero-based row of the input, so that messages can name rows. All rows are checked.
    """
    contract = TABLES[table]
    if frame.empty:
        return [Problem(table, "", "has no rows")]
    problems = [
        Problem(table, name, "is missing")
        for name, column in contract.columns.items()
        if column.required and name not in frame
    ]
    present = [column for name, column in schema(table).columns.items() if name in frame]
    for column in present:
        # One column at a time: pandera warns when it joins failures of different types.
        try:
            column.validate(frame, lazy=True)
        except pa.errors.SchemaErrors as error:
            problems += _column_problems(frame, table, column.name, error.failure_cases)
    for row_rule in contract.row_rules:
        if set(row_rule.columns) <= set(frame.columns):
            broken = frame.loc[~row_rule.holds(frame), row_rule.columns[0]]
            if len(broken):
                column = row_rule.columns[0]
                problems.append(broken_rows(table, column, row_rule.rule, broken))
    return problems + _duplicates(frame, table, contract.key)


def _column_problems(
    frame: pd.DataFrame, table: str, column: str, failures: pd.DataFrame
) -> list[Problem]:
    problems = []
    for rule, cases in failures.groupby("check", sort=False):
        rule = "must not be empty" if rule == "not_nullable" else str(rule)
        if cases["index"].isna().any():
            problems.append(Problem(table, column, rule))
        else:
            rows = cases["index"].astype("int64")
            problems.append(broken_rows(table, column, rule, frame.loc[rows, column]))
    return problems


def _duplicates(frame: pd.DataFrame, table: str, key: tuple[str, ...]) -> list[Problem]:
    if not set(key) <= set(frame.columns):
        return []
    repeated = frame.loc[frame.duplicated(list(key), keep="first"), list(key)]
    if repeated.empty:
        return []
    shown = repeated.head(3).astype(str).agg(" / ".join, axis=1).reindex(repeated.index)
    name = " + ".join(key)
    return [broken_rows(table, name, "must be unique, but is repeated", shown.fillna(""))]
