"""How well a source column is a column of the contract: by its name, and by its cells."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from src.data.bases import LEARNED, TRIAL
from src.data.contracts import TABLES, Column
from src.data.draft.cells import DAY_NUMBERS, READ, Traits
from src.data.draft.names import columns_phrases, fit
from src.data.draft.words import can_be_arm, can_be_label, can_be_segment, share_known

FEWEST_CUSTOMERS = 0.5  # of the rows of a history
_LIKE_KEYS = 0.5  # share of the cells of a column that are keys of the customers
_MANY = 20  # distinct cells that are dates by no chance


def fit_of(
    table: str, name: str, column: Column, traits: Traits, refers: bool, is_history: bool
) -> float:
    """How well a source column is this column of the contract: name times cells."""
    is_repeated = is_history and name == "customer_id" and traits.is_whole and not traits.is_date
    suits = 1.0 if is_repeated else _suits(table, name, column, traits)
    if not suits:
        return 0.0
    by_name = fit(traits.name, columns_phrases(table, name))
    if name == "customer_id" and table not in ("customers", LEARNED, TRIAL, "orders") and refers:
        by_name = max(by_name, 0.9)
    return by_name * suits


def refers_to(cells: pd.Series, traits: Traits, keys: Sequence[pd.Index]) -> bool:
    """Whether most cells are keys of a table of customers."""
    if traits.distinct < 10 or not traits.is_whole:
        return False
    distinct = cells.dropna().drop_duplicates().head(2_000)
    return any(distinct.isin(ids).mean() >= _LIKE_KEYS for ids in keys if len(ids) >= 10)


def _suits(table: str, name: str, column: Column, traits: Traits) -> float:
    """How well the cells of a column read as the contract's kind: 1, a part, or 0."""
    form, read = traits.best_form
    if not traits.filled:
        return 0.0 if column.required else 0.7
    if name == "segment":
        return can_be_segment(traits)
    if name == "arm" and table == TRIAL:
        return can_be_arm(traits)
    if column.one_of:
        return 0.3 + 0.7 * share_known(name, traits.words)
    if column.kind == "id":
        return _suits_id(table, name, traits)
    if column.kind == "number":
        return 1.0 if traits.is_number else 0.8 if traits.number >= 0.5 else 0.0
    if column.kind in ("date", "month"):
        if read < 0.5:
            return 0.0
        as_months = traits.by_month or ("%d" not in form and form not in ("", "#"))
        alike = 1.0 if as_months or column.kind == "date" else 0.93
        if name == "month" and not as_months:
            alike = 0.75
        if table == "orders" and as_months and traits.distinct > 2:
            alike = 0.7
        return alike if read >= READ else 0.8 * alike
    if column.kind == "flag":
        if name == "churned":
            return can_be_label(traits)
        return 1.0 if traits.is_flag else 0.0
    if traits.is_date and not traits.is_number:
        return 0.0
    if traits.decimal or (
        traits.is_number and traits.distinct > 50 and name not in ("campaign_id", "sku")
    ):
        return 0.5
    return 1.0 if traits.distinct < 0.9 * traits.rows or traits.rows < 30 else 0.8


def _suits_id(table: str, name: str, traits: Traits) -> float:
    form, read = traits.best_form
    # Day numbers of a spreadsheet are any five digits, and so are many identifiers.
    is_date = read >= READ and form != DAY_NUMBERS
    is_date &= form != "%Y%m" or traits.distinct > _MANY
    if not traits.is_whole or is_date:
        return 0.0
    if traits.distinct <= 2 < traits.rows / 5:
        return 0.0
    if (name,) == TABLES[table].key and name != "order_id":
        is_often = table == LEARNED and traits.distinct > FEWEST_CUSTOMERS * traits.rows / 2
        return 1.0 if traits.is_key else 0.75 if is_often else 0.0
    if name == "order_id":
        return 1.0 if traits.is_key else 0.9 if traits.distinct > 0.02 * traits.rows else 0.5
    is_once = traits.is_key and traits.rows > 30
    if name in ("customer_id", "buyer_key") and is_once and table not in (LEARNED, TRIAL, "deals"):
        return 0.8  # customers come again
    return 1.0
