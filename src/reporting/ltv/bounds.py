"""The gap under other bounds of segments that a number tells apart."""

from __future__ import annotations

import pandas as pd

from src.reporting.ltv.inputs import Terms
from src.reporting.page.prose import short_money
from src.reporting.page.tables import Table


def by_bound(gaps: pd.DataFrame, terms: Terms) -> Table:
    """A row per bound. Reads `bound`, `customers`, `share`, `gap`, `low`, `high`, `is_own`."""
    names = [f"{row.bound:g}{', the base' if row.is_own else ''}" for row in gaps.itertuples()]
    return Table(
        gaps.assign(bound=names),
        sentence(gaps, terms.currency),
        {
            "bound": ("B2B from", "text"),
            "customers": ("B2B customers", "customers"),
            "share": ("Share of customers", "percent"),
            "gap": (f"Gap of mean LTV, {terms.currency}", "integer"),
            "low": ("Low", "integer"),
            "high": ("High", "integer"),
        },
    )


def sentence(gaps: pd.DataFrame, money: str) -> str:
    """How far the gap moves with the bound. Reads `bound`, `gap`.

    >>> sentence(pd.DataFrame({"bound": [2.5, 10.0], "gap": [200.0, 900.0]}), "EUR")[:60]
    'B2B from 2.5 on to B2B from 10 on, the gap goes from 200 EUR'
    """
    first, last = gaps.iloc[0], gaps.iloc[-1]
    hangs = "does not hang" if (gaps["gap"] * first["gap"] > 0).all() else "hangs"
    return (
        f"B2B from {first['bound']:g} on to B2B from {last['bound']:g} on, the gap goes from "
        f"{short_money(first['gap'])} {money} to {short_money(last['gap'])} {money}: its sign "
        f"{hangs} on the bound. Each customer keeps the value that the declared segments give."
    )
