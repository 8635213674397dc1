"""Sections of accounts: who is worth most, what has come, what leaves, what a lever is worth."""

from __future__ import annotations

from typing import Any

import pandas as pd

from src.reporting.ltv import sentences
from src.reporting.ltv.inputs import Terms
from src.reporting.page.results import Absent, Note, Section, is_missing, or_absent
from src.reporting.page.tables import Table


def within(sizes: Any, roles: Any, terms: Terms) -> Section | Absent:
    """Who within the first group is worth most: small and large, users and deciders.

    `sizes`: a frame of means by size; `roles`: how long lines of each role stay. Shows what is
    there.
    """
    if is_missing(sizes) and is_missing(roles):
        return Absent(sizes.lacks, sizes.adds)
    first = terms.names[0]
    lines = None
    if not is_missing(roles) and roles.means["lives"].min() >= terms.min_cell:
        said = sentences.roles_sentence(roles.means, roles.difference, roles.test, first)
        lines = Note(said)
    return Section(None if is_missing(sizes) else _by_size(sizes, first, terms.currency), lines)


@or_absent
def realised(money: pd.DataFrame, terms: Terms) -> Table:
    """Margin so far and margin to come."""
    return Table(
        money,
        "Mean margin per customer on the list today",
        {
            "group": ("Group", "text"),
            "so_far": (f"So far, {terms.currency}", "integer"),
            "residual": ("To come", "integer"),
            "total": ("Together", "integer"),
        },
    )


def leaving(partial: Any, top_at_risk: Any, terms: Terms) -> Section | Absent:
    """What leaves in part, where lines are known, and how much of the value at risk a few hold."""
    if is_missing(top_at_risk):
        return Absent(top_at_risk.lacks, top_at_risk.adds)
    shares = dict(zip(top_at_risk["group"], top_at_risk["share"], strict=True))
    risk = Note(sentences.risk_sentence(shares, terms.top))
    if is_missing(partial):
        return Section(risk)
    partial = partial[partial["accounts"] >= terms.min_cell]
    return Section(None if partial.empty else _in_part(partial), risk)


def one_per_cent(elasticities: Any, payback: Any, terms: Terms) -> Section | Absent:
    """What one per cent of each lever is worth, and when a new customer has paid back."""
    if is_missing(elasticities):
        return Absent(elasticities.lacks, elasticities.adds)
    levers = Note(sentences.elasticity_sentence(by_group(elasticities)))
    if is_missing(payback):
        return Section(levers)
    return Section(levers, Note(sentences.payback_sentence(payback, terms.currency)))


def by_group(table: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """The rows of each group, by its name, in their order."""
    return {str(name): rows for name, rows in table.groupby("group", sort=False)}


def _by_size(sizes: pd.DataFrame, group: str, currency: str) -> Table:
    return Table(
        sizes,
        sentences.sizes_sentence(sizes, group),
        {
            "size": ("Size", "text"),
            "customers": ("Customers", "customers"),
            "mean": (f"Mean LTV, {currency}", "integer"),
            "low": ("From", "integer"),
            "high": ("To", "integer"),
            "share": ("Share of the value", "percent"),
        },
    )


def _in_part(partial: pd.DataFrame) -> Table:
    return Table(
        partial,
        sentences.partial_sentence(partial),
        {
            "group": ("Group", "text"),
            "accounts": ("Accounts", "customers"),
            "lines": ("Lines", "customers"),
            "account_churn": ("Accounts left", "percent"),
            "line_churn": ("Lines ended", "percent"),
            "partial_churn": ("Lines ended, account stayed", "percent"),
            "shrunk_accounts": ("Staying accounts that shrank", "percent"),
        },
    )
