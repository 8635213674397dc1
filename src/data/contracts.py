"""The contract: which tables a base may have, their columns, and the rules every row obeys.

`TABLES` is the one declaration. The checks (`src.data.checks`), the conversion of raw cells and the
catalogue in data/README.md all follow from it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

import pandas as pd

Kind = Literal["id", "text", "number", "flag", "date", "month", "phone", "email"]
HASHED_KINDS: tuple[Kind, ...] = ("id", "phone", "email")

FIRST_DATE, LAST_DATE = pd.Timestamp("1970-01-01"), pd.Timestamp("2100-12-31")
SEGMENTS = ("B2C", "B2B")
NEEDED_TABLES = {
    "panel": ("customers", "billing"),
    "snapshot": ("snapshot",),
    "orders": ("orders",),
    "experiment": ("trial",),
}
CONTROL = "control"  # the arm of those who were left alone
# What came after an experiment, what is shown of it first.
OUTCOMES = ("churned", "responded", "spend", "visited")
# What base.yml may ask for where several rows have one key (`repeated`).
REPEATED = {
    "billing": ("sum",),
    "usage": ("sum",),
    "orders": ("sum",),
    "events": ("keep",),
    "lines": ("first",),
    "contracts": ("first",),
    "holdings": ("first",),
    "link_checks": ("first",),
    "campaigns": ("first",),
    "deals": ("first",),
    "snapshot": ("first",),
    "trial": ("first",),
}


@dataclass(frozen=True)
class Column:
    """One column of the contract.

    `kind` says how a cell is read: an `id` is pseudonymised at the door, and so is a `phone` or an
    `email`, in the one form that `src.data.cells.contacts` gives it; a `month` becomes the first
    day of its month. A `required` column must be there and have no empty cell.
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
    """One table of the contract: its key is unique, its columns and row rules hold in every row.

    `needs_one` of these columns must be there, whichever it is.
    """

    meaning: str
    key: tuple[str, ...]
    columns: dict[str, Column]
    row_rules: tuple[RowRule, ...] = field(default=())
    needs_measure: bool = False
    needs_one: tuple[str, ...] = ()


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
CONTACTS = {  # of a customer, or of a buyer: keys by which two tables are linked
    "phone": Column("phone", "phone number, hashed: links shop and base"),
    "email": Column("email", "e-mail address, hashed: links shop and base"),
}
_OF_A_SNAPSHOT = {
    "tenure_months": Column("number", "months since the first contract", at_least=0),
    "monthly_revenue": Column("number", "money billed a month; negative is a credit"),
    "monthly_cost": Column("number", "money spent on serving the customer a month", at_least=0),
    "monthly_margin": Column("number", "money left of a month's bill after all costs"),
    "customer_value": Column("number", "money a customer who stays is worth from now on"),
    "segment": Column("text", "B2C or B2B", one_of=SEGMENTS),
}

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
            **CONTACTS,
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
            "articles": Column("number", "different articles in the order", at_least=0),
            "segment": Column("text", "B2C or B2B, as the order tells it", one_of=SEGMENTS),
            **CONTACTS,
        },
    ),
    "link_checks": Table(
        "One row per buyer of the shop whom somebody looked up by hand, drawn at random.",
        ("buyer_key",),
        {
            "buyer_key": Column("id", "the buyer, as in orders", required=True),
            "customer_id": Column("id", "who the buyer is; empty: checked, and no customer"),
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
            **_OF_A_SNAPSHOT,
        },
    ),
    "scored": Table(
        "One row per customer to be listed by models that learned from the table snapshot.",
        ("customer_id",),
        {
            "customer_id": Column("id", "the customer", required=True),
            "churned": Column("flag", "the customer left; empty where nobody knows yet"),
            **_OF_A_SNAPSHOT,
        },
    ),
    "trial": Table(
        "One row per customer of an experiment: the arm drawn, and what came after; further "
        "columns were known before.",
        ("customer_id",),
        {
            "customer_id": Column("id", "the customer", required=True),
            "arm": Column("text", "arm drawn; `control` for who was left alone", required=True),
            "churned": Column("flag", "the customer left in the months after"),
            "responded": Column("flag", "the customer took the offer, or bought"),
            "spend": Column("number", "money spent in the weeks after"),
            "visited": Column("flag", "the customer came to the site or the shop"),
            "cost": Column("number", "money the contact cost", at_least=0),
            "customer_value": Column("number", "money a customer who stays is worth from now on"),
            "segment": Column("text", "B2C or B2B", one_of=SEGMENTS),
        },
        needs_one=OUTCOMES,
    ),
}
