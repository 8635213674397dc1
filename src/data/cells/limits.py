"""What base.yml says about numbers: their unit, and what becomes of rows outside a range."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Literal

import pandas as pd
from pydantic import BaseModel, ConfigDict, model_validator

from src.data.cells.mapped import some_rows, with_columns
from src.data.contracts import FIRST_DATE, LAST_DATE, TABLES, Column
from src.data.lines import word
from src.data.problems import Problem

Unit = Literal["days", "weeks", "months", "years"]
_LONGEST_TENURE = 480  # months that one customer in ten may exceed
_IN_A_MONTH: dict[Unit, float] = {
    "days": 365.25 / 12,
    "weeks": 365.25 / 12 / 7,
    "months": 1.0,
    "years": 1 / 12,
}


class Limits(BaseModel):
    """A range of a number or date, and what becomes of a row outside it, or with an empty cell.

    `otherwise`: `drop` leaves the row out, `clip` takes the nearest end of the range, `empty` takes
    the cell away. `not_before` names another date of the row. `empty: drop` leaves out rows with an
    empty cell, whatever the column holds.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    at_least: float | date | None = None
    at_most: float | date | None = None
    not_before: str | None = None
    otherwise: Literal["drop", "clip", "empty"] | None = None
    empty: Literal["drop"] | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Limits:
        has_range = any(end is not None for end in (self.at_least, self.at_most, self.not_before))
        if has_range != (self.otherwise is not None):
            raise ValueError("`at_least` or `at_most` go with `otherwise: drop`, `clip` or `empty`")
        if not has_range and self.empty is None:
            raise ValueError("takes `{at_least: 0, otherwise: drop}` or `{empty: drop}`")
        if self.not_before is not None and self.otherwise == "clip":
            raise ValueError("`not_before` goes with `otherwise: drop` or `empty`")
        return self


def in_months(
    frame: pd.DataFrame, table: str, units: Mapping[str, Unit]
) -> tuple[pd.DataFrame, list[Problem], list[str]]:
    """Numbers given in another unit as months; problems for other columns, a note for each.

    A month has 30.44 days. Only `tenure_months` of the contract counts months.
    """
    problems, notes = [], []
    for column, unit in units.items():
        if column != "tenure_months" or column not in frame:
            rule = "`units` is for the column `tenure_months`, and this table has none of that name"
            problems.append(Problem(table, column, rule))
        elif unit != "months":
            frame = with_columns(frame, {column: frame[column] / _IN_A_MONTH[unit]})
            factor = _IN_A_MONTH[unit]
            told = f"divided by {factor:.4g}" if factor >= 1 else f"times {1 / factor:.4g}"
            notes.append(f"{table}.{column} is given in {unit} and was made months: {told}")
    if column_is_long(frame, table) and "tenure_months" not in units:
        rule = (
            "a tenth of the customers are here for more than 40 years; if the column counts days, "
            f"write under tables.{table}: `units: {{tenure_months: days}}` (or weeks; months to "
            "keep it)"
        )
        problems.append(Problem(table, "tenure_months", rule))
    return frame, problems, notes


def column_is_long(frame: pd.DataFrame, table: str) -> bool:
    """Whether one customer in ten has a tenure that no subscription reaches."""
    if table != "snapshot" or "tenure_months" not in frame:
        return False
    return bool(frame["tenure_months"].quantile(0.9) > _LONGEST_TENURE)


def within(
    frame: pd.DataFrame, table: str, limits: Mapping[str, Limits]
) -> tuple[pd.DataFrame, list[Problem], list[str]]:
    """`frame` within the limits of base.yml; a note counts the rows that each rule met."""
    problems, notes = [], []
    for column, limit in limits.items():
        if problem := _misplaced(frame, table, column, limit):
            problems.append(problem)
            continue
        is_date = pd.api.types.is_datetime64_any_dtype(frame[column])
        kind = "date" if is_date else "number"
        if limit.empty:
            is_empty = frame[column].isna()
            notes += _left_out(frame, table, column, is_empty)
            frame = some_rows(frame, ~is_empty.to_numpy())
        for end, side in (
            (limit.at_least, "below"),
            (limit.at_most, "above"),
            (limit.not_before, "before"),
        ):
            if end is None:
                continue
            cells = frame[column]
            bound = frame[end] if isinstance(end, str) else pd.Timestamp(end) if is_date else end
            shown = end if isinstance(end, str) else f"{end}" if is_date else f"{end:g}"
            side = {"below": "before", "above": "after"}.get(side, side) if is_date else side
            outside = cells > bound if side in ("above", "after") else cells < bound
            count, where = int(outside.sum()), f"a {kind} {side} {shown}"
            if limit.otherwise == "drop":
                frame = some_rows(frame, ~outside.to_numpy())
                notes += _told(table, column, count, where, "left out")
            else:
                is_clipped = limit.otherwise == "clip"
                clipped = cells.mask(outside, bound if is_clipped else None)
                frame = with_columns(frame, {column: clipped})
                fate = f"taken as {shown}" if is_clipped else "taken as empty"
                notes += _told(table, column, count, where, fate)
    return frame, problems, notes


def _left_out(frame: pd.DataFrame, table: str, column: str, is_empty: pd.Series) -> list[str]:
    """What is said of rows without a cell; of purchases without a buyer, their share of money."""
    is_id = column in TABLES[table].columns and TABLES[table].columns[column].kind == "id"
    what = "no identifier" if is_id else "an empty cell"
    if pd.api.types.is_datetime64_any_dtype(frame[column]):
        what = "no date"
    elif pd.api.types.is_float_dtype(frame[column]):
        what = "no number"
    told = _told(table, column, int(is_empty.sum()), what, "left out")
    if table != "orders" or "amount" not in frame or not frame["amount"].sum() > 0:
        return told
    bought = frame["amount"].clip(lower=0)
    return [f"{told[0]}: {bought[is_empty].sum() / bought.sum():.1%} of the money spent"]


def returns(frame: pd.DataFrame, table: str) -> list[str]:
    """A note on the purchases that are returns.

    >>> returns(pd.DataFrame({"amount": [30.0, -3.0, 10.0]}), "orders")
    ['orders: 1 of 3 rows is a return (amount below 0), of 7.5% of the money spent']
    """
    if table != "orders" or "amount" not in frame:
        return []
    is_return = frame["amount"] < 0
    spent = frame["amount"].clip(lower=0).sum()
    if not is_return.any() or not spent > 0:
        return []
    are = "is a return" if is_return.sum() == 1 else "are returns"
    back = -frame["amount"][is_return].sum() / spent
    return [
        f"orders: {is_return.sum():,} of {len(frame):,} rows {are} (amount below 0), of {back:.1%} "
        "of the money spent"
    ]


def _misplaced(frame: pd.DataFrame, table: str, column: str, limit: Limits) -> Problem | None:
    """Why a column cannot have such limits; None where it can."""
    if column not in frame:
        has = ", ".join(map(str, frame.columns[:12]))
        return Problem(table, column, f"`limits` names this column; the table has: {has}")
    if limit.otherwise is None:
        return None
    is_date = pd.api.types.is_datetime64_any_dtype(frame[column])
    if not is_date and not pd.api.types.is_float_dtype(frame[column]):
        rule = "`limits` with a range is for numbers and dates; this is neither"
        return Problem(table, column, rule)
    ends = [end for end in (limit.at_least, limit.at_most) if end is not None]
    if any(isinstance(end, date) != is_date for end in ends):
        example = "1970-01-01" if is_date else "0"
        rule = f"`limits` of a {'date' if is_date else 'number'} take `at_least: {example}`"
        return Problem(table, column, rule)
    other = limit.not_before
    if other is None:
        return None
    if not is_date or other not in frame:
        return Problem(table, column, f"`not_before: {other}` needs two dates of the table")
    return None


def line(table: str, name: str, column: Column, is_empty: bool) -> str:
    """The line of base.yml that leaves out rows which break the range of a column, or are empty.

    >>> line("snapshot", "tenure_months", TABLES["snapshot"].columns["tenure_months"], False)
    'write under tables.snapshot: `limits: {tenure_months: {at_least: 0, otherwise: drop}}`'
    """
    rule = "empty: drop"
    if not is_empty and column.kind in ("date", "month"):
        fate = "drop" if column.required else "empty"
        rule = f"at_least: {FIRST_DATE:%Y-%m-%d}, at_most: {LAST_DATE:%Y-%m-%d}, otherwise: {fate}"
    elif not is_empty:
        rule = f"at_least: {column.at_least:g}, otherwise: drop"
    return f"write under tables.{table}: `limits: {{{word(name)}: {{{rule}}}}}`"


def gaps(frame: pd.DataFrame, table: str) -> list[str]:
    """A note for each number of a snapshot that the contract lets be empty, and is.

    >>> gaps(pd.DataFrame({"tenure_months": [1.0, None]}), "snapshot")[0][:54]
    'snapshot.tenure_months is empty in 1 of 2 rows: how lo'
    """
    fates = {
        "monthly_revenue": "shares of money are of the other rows, a list of churners takes 0 for "
        "these, and lifetime value leaves them out",
        "tenure_months": "how long customers stay is told of the other rows, and lifetime value "
        "leaves these out",
    }
    return [
        f"snapshot.{name} is empty in {int(frame[name].isna().sum()):,} of {len(frame):,} rows: "
        f"{fate}; {_to_leave_out(name)}"
        for name, fate in fates.items()
        if table == "snapshot" and name in frame and frame[name].isna().any()
    ]


def _to_leave_out(name: str) -> str:
    rule = line("snapshot", name, TABLES["snapshot"].columns[name], is_empty=True)
    return f"to leave them out everywhere {rule}"


def _told(table: str, column: str, rows: int, where: str, fate: str) -> list[str]:
    noun = "row has" if rows == 1 else "rows have"
    were = "was" if rows == 1 else "were"
    return [f"{rows:,} {noun} {where} in {table}.{column} and {were} {fate}, as base.yml says"]
