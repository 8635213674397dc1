"""Sections of what to do: whom to call, the second purchase, what a new buyer brings."""

from __future__ import annotations

from dataclasses import dataclass
from math import isnan, nan
from typing import Any, Protocol

import pandas as pd

from src.reporting.page.charts import draw_curves
from src.reporting.page.figures import Figure
from src.reporting.page.prose import Interval, count, percent, percent_interval, short_money
from src.reporting.page.results import Note, Section, is_missing, or_absent
from src.reporting.page.small_groups import many
from src.reporting.page.style import canvas
from src.reporting.page.tables import Table
from src.reporting.shop_ltv.charts import draw_new
from src.reporting.shop_ltv.inputs import Terms

_LOW = (7.6, 3.2)  # inches
_YEAR = 12  # months
_CAUTION = (
    "What a call changes is not known without a control group; the money at risk bounds it, and "
    "orders the list."
)


class Calls(Protocol):
    """Whom to call; `src.analyses.shop_ltv.acting.Calls` has these."""

    @property
    def first(self) -> pd.DataFrame: ...  # noqa: D102
    @property
    def overdue(self) -> int: ...  # noqa: D102
    @property
    def weeks(self) -> int: ...  # noqa: D102
    @property
    def at_risk(self) -> Interval: ...  # noqa: D102
    @property
    def longest(self) -> Interval: ...  # noqa: D102
    @property
    def bands(self) -> pd.DataFrame: ...  # noqa: D102


class Comeback(Protocol):
    """Waiting for the second purchase; `src.models.shop.second_purchase.Comeback` has these."""

    @property
    def curve(self) -> pd.DataFrame: ...  # noqa: D102
    @property
    def horizon(self) -> int: ...  # noqa: D102
    @property
    def ever(self) -> Interval: ...  # noqa: D102
    @property
    def by(self) -> Interval: ...  # noqa: D102
    @property
    def buyers(self) -> int: ...  # noqa: D102


class Second(Protocol):
    """The second purchase; `src.analyses.shop_ltv.acting.Second` has these."""

    @property
    def comeback(self) -> Comeback: ...  # noqa: D102
    @property
    def further(self) -> pd.DataFrame: ...  # noqa: D102
    @property
    def steps(self) -> pd.DataFrame: ...  # noqa: D102
    @property
    def within(self) -> int: ...  # noqa: D102


@or_absent
def calls(found: Calls, terms: Terms) -> Section | Note:
    """Whom to call first: how many, how long they are silent, and what would be lost."""
    if len(found.first) < terms.min_cell:
        few = many(len(found.first), "buyer", terms.min_cell)
        return Note(f"Too few to be shown: {few} are overdue. `study.calls()` has them.")
    table = Table(
        found.bands,
        calls_sentence(found, terms),
        {
            "repeats": ("Repeat purchases", "text"),
            "buyers": ("To call", "customers"),
            "silence": ("Weeks silent", "number"),
            "usual_gap": ("Usual, at most", "number"),
            "alive": ("Still buying", "percent"),
            "value": (f"Value, {terms.currency}", "integer"),
            "at_risk": (f"At risk, {terms.currency}", "integer"),
        },
        least=terms.min_cell,
    )
    return Section(table, Note(_CAUTION))


def calls_sentence(found: Calls, terms: Terms) -> str:
    """How many are called, and what is at risk, beside calling who is silent for longest."""
    first, other = len(found.first), found.longest
    whom = (
        f"Call the {count(first, 'buyer')} who {'is' if first == 1 else 'are'} overdue"
        if first == found.overdue
        else f"Call the first {count(first, 'buyer')} of the {count(found.overdue)} who are overdue"
    )
    text = (
        f"**{whom}**: if they stay silent for {count(found.weeks, 'more week')}, "
        f"**{short_money(found.at_risk.value)} {terms.currency} "
        f"({short_money(found.at_risk.low)} to {short_money(found.at_risk.high)})** of their value "
        f"is gone; of as many buyers who are silent for longest it is {short_money(other.value)} "
        f"{terms.currency} ({short_money(other.low)} to {short_money(other.high)})"
    )
    return f"{text}, as most of them have left" if other.high < found.at_risk.low else text


@or_absent
def second(found: Second, terms: Terms) -> Section:
    """How soon the second purchase comes, and what changes with each further one."""
    figure, ax = canvas(_LOW)
    curve = found.comeback.curve.assign(group="all", survival=lambda rows: 1 - rows["returned"])
    bands = curve.assign(low=1 - curve["high"], high=1 - curve["low"])
    draw_curves(ax, bands, "weeks since the first purchase", "bought a second time", falls=False)
    finding = second_sentence(found)
    picture = Figure(figure, finding, f"Rising curve of those who came back. {finding}")
    wide = found.steps.pivot_table(index="repeats", columns="figure", values="mean", sort=False)
    sizes = found.steps.drop_duplicates("repeats").set_index("repeats")["buyers"]
    rows = wide.assign(buyers=sizes).reset_index()
    rows = rows[rows["buyers"] >= terms.min_cell].reset_index(drop=True)
    rows["purchases"] = [str(int(each) + 1) if each.isdigit() else "8+" for each in rows["repeats"]]
    further = found.further.set_index("purchases")
    for name in ("chance", "low", "high"):
        rows[name] = [further[name].get(_bucket(each)) for each in rows["purchases"]]
    table = Table(
        rows,
        turn_sentence(found, terms),
        {
            "purchases": ("Purchases so far", "text"),
            "buyers": ("Buyers", "customers"),
            "chance": (f"Buy again within {found.within} weeks", "percent"),
            "low": ("From", "percent"),
            "high": ("To", "percent"),
            "alive": ("Still buying", "percent"),
            "value": (f"Value, {terms.currency}", "number"),
        },
        least=terms.min_cell,
    )
    note = Note(
        "The chance is of all who ever made so many purchases, of 7 and more together; the other "
        "columns are of those who have made so many to date. Who buys twice was another buyer from "
        "the start: only an experiment can tell whether a second purchase makes a loyal buyer."
    )
    return Section(picture, table, note)


def second_sentence(found: Second) -> str:
    """The share that comes back, and by when most of them have."""
    ever, by = found.comeback.ever, found.comeback.by
    return (
        f"**{percent_interval(ever.value, ever.low, ever.high)}** of the buyers buy a second time "
        f"within {count(found.comeback.horizon, 'week')}; four of five of these have done so by "
        f"**week {by.value:.0f} ({by.low:.0f} to {by.high:.0f})**: after that, do not wait"
    )


def turn_sentence(found: Second, terms: Terms) -> str:
    """What a second purchase goes with: the chance of another, and value, as far as known."""
    enough = found.further[found.further["buyers"] >= terms.min_cell].set_index("purchases")
    first, after = (float(enough["chance"].get(name, nan)) for name in ("1", "2"))
    parts = []
    if not isnan(first + after):
        parts.append(
            f"After one purchase {percent(first, 0)} buy again within "
            f"{count(found.within, 'week')}, after two {percent(after, 0)}"
        )
    ratio = value_ratio(found)
    sizes = found.steps.drop_duplicates("repeats").set_index("repeats")["buyers"]
    is_many = all(sizes.get(name, 0) >= terms.min_cell for name in ("0", "1"))
    if is_many and not isnan(ratio.value):
        parts.append(
            f"a buyer with two purchases is worth **{ratio.value:.1f} times ({ratio.low:.1f} to "
            f"{ratio.high:.1f})** as much from now on as one with a single one"
        )
    text = "; ".join(parts) or "what changes with the purchases made so far"
    return text[0].upper() + text[1:]


@dataclass(frozen=True)
class _Times:
    """How many times as much, with its interval."""

    value: float
    low: float
    high: float


def value_ratio(found: Second) -> Interval:
    """The value after two purchases over that after one; missing where either has no buyer."""
    steps = found.steps
    rows = steps[(steps["figure"] == "value") & (steps["repeats"] == "1")]
    if rows.empty:
        return _Times(nan, nan, nan)
    row = rows.iloc[0]
    return _Times(float(row["times"]), float(row["times_low"]), float(row["times_high"]))


@or_absent
def new_buyer(table: pd.DataFrame, terms: Terms) -> Figure:
    """What a new buyer brings by month, added up: the most that winning one may cost."""
    figure, ax = canvas(_LOW)
    draw_new(ax, table, terms.currency)
    last, year = table.iloc[-1], table[table["month"] == _YEAR]
    finding = (
        f"After the first purchase, a new buyer brings **{last['value']:,.2f} {terms.currency} "
        f"({last['low']:,.2f} to {last['high']:,.2f})** of margin in "
        f"{count(last['month'], 'month')}"
    )
    if last["month"] > _YEAR:
        finding += f", {year['value'].iloc[0]:,.2f} of it in the first {_YEAR}"
    finding += ". With the margin of the first purchase, this is the most that winning one may cost"
    return Figure(figure, finding, f"Rising curve of the margin of a new buyer. {finding}")


def metrics(found: Any) -> dict[str, Any]:
    """The figures of the second purchase; empty where there are none."""
    if is_missing(found):
        return {}
    told: dict[str, Any] = {}
    for name, figure in (
        ("second.ever", found.comeback.ever),
        ("second.week", found.comeback.by),
        ("second.ratio", value_ratio(found)),
    ):
        told |= {name: figure.value, f"{name}.low": figure.low, f"{name}.high": figure.high}
    return told


def _bucket(purchases: str) -> str:
    return "7+" if purchases in ("7", "8+") else purchases
