"""What base.yml says about numbers: their unit, and what becomes of rows outside a range."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import pandas as pd
from pydantic import BaseModel, ConfigDict, model_validator

from src.data.contracts import TABLES, Column
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
    """A range of a number, and what becomes of a row outside it or without the number.

    `otherwise`: `drop` leaves the row out, `clip` takes the nearest end of the range, `empty` takes
    the number away. `empty: drop` leaves out rows without the number.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    at_least: float | None = None
    at_most: float | None = None
    otherwise: Literal["drop", "clip", "empty"] | None = None
    empty: Literal["drop"] | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Limits:
        has_range = self.at_least is not None or self.at_most is not None
        if has_range != (self.otherwise is not None):
            raise ValueError("`at_least` or `at_most` go with `otherwise: drop`, `clip` or `empty`")
        if not has_range and self.empty is None:
            raise ValueError("takes `{at_least: 0, otherwise: drop}` or `{empty: drop}`")
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
            frame = frame.assign(**{column: frame[column] / _IN_A_MONTH[unit]})
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
        if column not in frame:
            problems.append(Problem(table, column, "`limits` names a column that is not there"))
            continue
        if limit.otherwise and not pd.api.types.is_float_dtype(frame[column]):
            rule = "`limits` has a range for numbers; this is no number, and takes `{empty: drop}`"
            problems.append(Problem(table, column, rule))
            continue
        if limit.empty:
            is_empty = frame[column].isna()
            notes += _left_out(frame, table, column, is_empty)
            frame = frame[~is_empty]
        numbers = frame[column]
        for end, side in ((limit.at_least, "below"), (limit.at_most, "above")):
            if end is None:
                continue
            outside = numbers < end if side == "below" else numbers > end
            count, where = int(outside.sum()), f"a number {side} {end:g}"
            if limit.otherwise == "drop":
                frame, numbers = frame[~outside], numbers[~outside]
                notes += _told(table, column, count, where, "left out")
            else:
                numbers = numbers.mask(outside, end if limit.otherwise == "clip" else float("nan"))
                frame = frame.assign(**{column: numbers})
                fate = f"taken as {end:g}" if limit.otherwise == "clip" else "taken as empty"
                notes += _told(table, column, count, where, fate)
    return frame, problems, notes


def _left_out(frame: pd.DataFrame, table: str, column: str, is_empty: pd.Series) -> list[str]:
    """What is said of rows without a cell; of purchases without a buyer, their share of money."""
    is_number = pd.api.types.is_numeric_dtype(frame[column])
    is_id = column in TABLES[table].columns and TABLES[table].columns[column].kind == "id"
    what = "no number" if is_number else "no identifier" if is_id else "an empty cell"
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


def line(table: str, name: str, column: Column, is_empty: bool) -> str:
    """The line of base.yml that lets rows through which break the range of a number, or are empty.

    >>> line("snapshot", "tenure_months", TABLES["snapshot"].columns["tenure_months"], False)
    'write under tables.snapshot: `limits: {tenure_months: {at_least: 0, otherwise: drop}}`'
    """
    rule = "empty: drop" if is_empty else f"at_least: {column.at_least:g}, otherwise: drop"
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
