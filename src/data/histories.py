"""Customers with several rows: a history of what they were, of which one row is kept."""

from __future__ import annotations

from typing import Literal

import pandas as pd
from pydantic import BaseModel, ConfigDict

from src.data.cells import conversion
from src.data.lines import word
from src.data.privacy import MIN_CELL
from src.data.problems import Problem, broken_rows


class History(BaseModel):
    """Which column says from when a row of customers holds, and which of the rows is kept."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    by: str
    keep: Literal["first", "last"]


def one_row_each(
    frame: pd.DataFrame, history: History, dates: str = ""
) -> tuple[pd.DataFrame, list[Problem], list[str]]:
    """Customers with one row each, those of `history.keep`, in the order in which they first come.

    Reads `customer_id`, `segment` and the column `history.by`, which is left out unless it is
    `signup_month`: that stays the earliest of the customer's. A note says how many changed segment
    and what that does; fewer than ten are not counted out.
    """
    if history.by not in frame or "customer_id" not in frame:
        has = ", ".join(map(str, frame.columns[:12]))
        rule = (
            f"`history: by` names this column, but the table has: {has}; write one of them under "
            f"tables.customers: `history: {{by: ..., keep: {history.keep}}}`"
        )
        return frame, [Problem("customers", history.by, rule)], []
    moments, unread, rule = conversion.convert(frame[history.by], "date", dates=dates)
    unread |= moments.isna()
    if unread.any():
        told = f"`history: by` {rule or 'must be a date'}"
        problem = broken_rows("customers", history.by, told, frame.loc[unread, history.by])
        return frame, [problem], []
    ordered = frame.iloc[moments.to_numpy().argsort(kind="stable")]
    kept = ordered.drop_duplicates("customer_id", keep=history.keep).sort_index()
    if history.by == "signup_month":
        first = ordered.groupby("customer_id")["signup_month"].first()
        kept = kept.assign(signup_month=kept["customer_id"].map(first))
    else:
        kept = kept.drop(columns=history.by)
    changed = 0
    if "segment" in frame:
        states = frame[["customer_id", "segment"]].drop_duplicates()
        changed = int((states["customer_id"].value_counts() > 1).sum())
    return kept, [], [_told(len(frame) - len(kept), changed, history)]


def way_out(frame: pd.DataFrame) -> str:
    """What to write where rows of customers repeat and a date tells them apart; empty for none."""
    repeated = frame[frame.duplicated("customer_id", keep=False)]
    for name in frame.columns.drop("customer_id"):
        moments, unread, _ = conversion.convert(repeated[name], "date")
        is_date = not unread.any() and moments.notna().all()
        if is_date and not repeated.assign(at=moments).duplicated(["customer_id", "at"]).any():
            return (
                "if each row holds from a date on, keep one row per customer: write under "
                f"tables.customers: `history: {{by: {word(str(name))}, keep: last}}`"
            )
    return ""


def _told(rows: int, changed: int, history: History) -> str:
    text = f"{rows:,} further rows of customers are a history, the {history.keep} of each is kept"
    if not changed:
        return f"{text}, and nobody changed segment"
    number = f"{changed:,}" if changed >= MIN_CELL else f"fewer than {MIN_CELL}"
    side = "before" if history.keep == "last" else "after"
    return (
        f"{text}; {number} customers changed segment and count in their {history.keep} segment in "
        f"all months, those {side} the change too: compare segments with that in mind"
    )
