"""Rows of an order log that are no purchase of a buyer, and what a reader is told of its buyers."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

import numpy as np
import pandas as pd

from src.data.cells.conversion import as_text, clean, word_of
from src.data.cells.packed import expanded
from src.data.manifest import Source
from src.data.privacy import MIN_CELL
from src.data.problems import InputError
from src.data.rules import CancelledRule

ONE_BUYER = 0.5  # of all rows: no buyer, but a test account or the till


def purchases_of_buyers(
    frame: pd.DataFrame, raw: pd.DataFrame, source: Source
) -> tuple[pd.DataFrame, list[str]]:
    """The rows of `orders` with a buyer, cancelled ones as base.yml says, and remarks.

    `frame` is in the types of the contract, `raw` has the cells of the source and the same index,
    or more of it. Rows without a buyer are left out with their share of the money; where no row
    has one they stay, and the contract refuses them. Raises `InputError` where the rule `cancelled`
    names a column that is not there, or words that meet no cell.
    """
    if not {"buyer_key", "amount"} <= set(frame):
        return frame, []
    remarks: list[str] = []
    if source.cancelled:
        cells = expanded(raw[_column(source, raw)]).reindex(frame.index)
        is_met = _cancelled(as_text(clean(cells, source.missing, source.decimal)), source)
        frame, remarks = _without_cancelled(frame, is_met, source.cancelled)
    lacks = frame["buyer_key"].isna()
    if not lacks.any() or lacks.all():
        return frame, remarks
    rows = f"{lacks.sum():,} of {len(frame):,} rows"
    name = "names" if lacks.sum() == 1 else "name"
    remarks.append(f"orders: {rows} {name} no buyer, left out: {_share(frame['amount'], lacks)}")
    return frame[~lacks], remarks


def with_articles(whole: pd.DataFrame, lines: pd.DataFrame) -> pd.DataFrame:
    """Orders with `articles`, the number of different articles among their `lines`.

    As they are where no line was added to another, where the source tells the number itself, and
    where lines name no article.
    """
    if len(whole) == len(lines) or "articles" in lines or not {"order_id", "sku"} <= set(lines):
        return whole
    pairs = lines[["order_id", "sku"]].dropna().drop_duplicates()
    counts = expanded(pairs["order_id"]).value_counts()
    articles = expanded(whole["order_id"]).map(counts).fillna(0).astype("float64")
    return whole.assign(articles=articles)


def said_of_buyers(orders: pd.DataFrame) -> list[str]:
    """Remarks on one buyer with half of all orders, and on buyers with orders of both segments."""
    if not {"buyer_key", "amount"} <= set(orders):
        return []
    buyer, keys = pd.factorize(orders["buyer_key"])
    remarks, rows = [], np.bincount(buyer[buyer >= 0])
    if len(keys) >= MIN_CELL and rows.max() >= ONE_BUYER * len(orders):
        is_one = pd.Series(buyer == rows.argmax(), orders.index)
        remarks.append(
            f"orders: one buyer has {is_one.mean():.0%} of all rows, "
            f"{_share(orders['amount'], is_one)}: most likely a test account, or the collective "
            "account of a till. To leave it out write under tables.orders: "
            "`values: {buyer_key: {its key: null}}`"
        )
    if "segment" in orders:
        is_b2b = (expanded(orders["segment"]) == "B2B").to_numpy()
        b2b = np.bincount(buyer[buyer >= 0], is_b2b[buyer >= 0], len(keys))
        is_mixed = (b2b > 0) & (b2b < rows)
        if is_mixed.any():
            several = is_mixed.sum() >= MIN_CELL
            count = f"{is_mixed.sum():,}" if several else f"fewer than {MIN_CELL}"
            of_mixed = pd.Series(np.append(is_mixed, False)[buyer], orders.index)
            remarks.append(
                f"orders: {count} of {len(keys):,} buyers have orders of both segments, "
                f"{_share(orders['amount'], of_mixed)}; each counts as what most of the orders are"
            )
    return remarks


def _column(source: Source, raw: pd.DataFrame) -> str:
    """The column of the source that the rule `cancelled` names; by its new name, if it has one."""
    assert source.cancelled is not None
    column = source.cancelled.column
    named = column if column in raw else source.columns.get(column, column)
    if named in raw:
        return named
    has = ", ".join(map(str, raw.columns[:12]))
    near = difflib.get_close_matches(column, [*map(str, raw.columns)], n=1)
    meant = f"; did you mean {near[0]!r}?" if near else ""
    raise InputError(
        f"tables.orders: `cancelled` names the column {column!r}, but the source has: {has}{meant}"
    )


def _cancelled(cells: pd.Series, source: Source) -> pd.Series:
    """Which cells say that the order is cancelled."""
    rule = source.cancelled
    assert rule is not None
    if rule.starts is not None:
        is_met = cells.str.startswith(rule.starts, na=False).astype("bool")
        idle: Sequence[str] = [] if is_met.any() else [f"begins with {rule.starts!r}"]
    else:
        words = word_of(cells, rule.values or (), source.decimal)
        is_met, met = words.notna(), set(words.dropna())
        idle = [f"is {word!r}" for word in rule.values or () if word not in met]
    if idle:
        raise InputError(
            f"tables.orders: `cancelled`: no cell of {rule.column} {' or '.join(idle)}; mend the "
            "rule or delete it"
        )
    return is_met


def _without_cancelled(
    frame: pd.DataFrame, is_met: pd.Series, rule: CancelledRule
) -> tuple[pd.DataFrame, list[str]]:
    """The rows without those of cancelled orders, or with these as returns, and a remark."""
    rows = f"orders: {is_met.sum():,} of {len(frame):,} rows are of cancelled orders"
    is_above = is_met & (frame["amount"] > 0)
    if rule.counts == "return":
        turned = {
            name: frame[name].mask(is_above, -frame[name])
            for name in ("amount", "margin")
            if name in frame
        }
        return frame.assign(**turned), [f"{rows} and count as returns, as base.yml says"]
    told = f"{rows}, left out as base.yml says: {_share(frame['amount'], is_met)}"
    if not is_above.any():
        told += (
            "; none is above 0, so the orders that they take back still count. To have these "
            "reduced write `as: return` into the rule"
        )
    return frame[~is_met], [told]


def _share(amount: pd.Series, rows: pd.Series) -> str:
    spent = amount.clip(lower=0)
    total = spent.sum()
    return f"{spent[rows].sum() / total if total > 0 else 0:.1%} of the money spent"
