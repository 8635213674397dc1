"""The section of B2B tiers of maturity: who is in each, and whether value rises with the tier."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter

from src.reporting.page.figures import Figure
from src.reporting.page.prose import count, percent_interval, ratio, short_money
from src.reporting.page.results import Note, Section, metric_name, or_absent
from src.reporting.page.small_groups import LEAST
from src.reporting.page.style import INK, PALETTE, SURFACE, canvas
from src.reporting.page.tables import Format, Table

_VERDICTS = {
    "supported": "the mean rises from each tier to the next",
    "not supported": "the mean does not rise from each tier to the next",
    "undecided": "whether the mean rises from each tier to the next is not decided by these data",
}
Headings = dict[str, tuple[str, Format]]


class Tiers(Protocol):
    """Tiers of B2B customers; `src.analyses.segments.grouping.TierReport` has these."""

    @property
    def table(self) -> pd.DataFrame: ...  # noqa: D102
    @property
    def steps(self) -> pd.DataFrame: ...  # noqa: D102
    @property
    def verdict(self) -> str: ...  # noqa: D102
    @property
    def accuracy(self) -> Any: ...  # noqa: D102
    @property
    def value_is(self) -> str: ...  # noqa: D102
    @property
    def own(self) -> bool: ...  # noqa: D102
    @property
    def currency(self) -> str: ...  # noqa: D102


@or_absent
def tiers(report: Tiers) -> Section:
    """Value by tier, the table of tiers, and how many stand in their true tier."""
    shown = report.table[report.table["customers"] >= LEAST]
    if len(shown) < 2:
        return Section(_table(report))
    finding = value_sentence(report)
    figure, ax = canvas()
    draw_value(ax, shown, f"{report.currency} of {report.value_is} a year")
    alt = f"Median {report.value_is} a year by tier, with intervals. {finding}"
    said = accuracy_sentence(report.accuracy)
    return Section(Figure(figure, finding, alt), _table(report), Note(said) if said else None)


def tier_metrics(report: Tiers) -> dict[str, float]:
    """`tiers.accuracy` where the truth is known, `tiers.<n>.customers` and `tiers.<n>.value`.

    Of tiers with ten customers or more; 3+ is written `3_plus`.
    """
    named: dict[str, float] = {}
    if report.accuracy is not None:
        ends = ("value", "low", "high")
        accuracy = [getattr(report.accuracy, end) for end in ends]
        keys = ("tiers.accuracy", "tiers.accuracy.low", "tiers.accuracy.high")
        named |= dict(zip(keys, accuracy, strict=True))
    for row in report.table[report.table["customers"] >= LEAST].itertuples():
        name = metric_name(str(row.tier).replace("+", "_plus"))
        named[f"tiers.{name}.customers"] = row.customers
        named[f"tiers.{name}.value"] = row.value
    return named


def value_sentence(report: Tiers) -> str:
    """The median value of the first and the last tier, and whether the mean rises step by step."""
    shown = report.table[report.table["customers"] >= LEAST]
    first, last = shown.iloc[0], shown.iloc[-1]
    ends = [
        f"{short_money(row['value'])} ({short_money(row['value_low'])} to "
        f"{short_money(row['value_high'])}) in tier {row['tier']}"
        for row in (first, last)
    ]
    return (
        f"The median {report.value_is} of a B2B customer and year is {ends[0]} and {ends[1]}, "
        f"{report.currency}; {_VERDICTS[report.verdict]}."
    )


def accuracy_sentence(accuracy: Any) -> str:
    """How many simulated customers stand in their true tier; empty where the truth is not known."""
    if accuracy is None:
        return ""
    share = percent_interval(accuracy.value, accuracy.low, accuracy.high)
    return (
        f"Against the truth of the simulation: {share} of the customers who are there stand in "
        "their true tier."
    )


def draw_value(ax: Axes, table: pd.DataFrame, money: str) -> Axes:
    """The median value of each tier with its interval, from 0. Reads `tier`, `value` and ends."""
    place = np.arange(len(table))
    ax.bar(place, table["value"], width=0.55, color=PALETTE[0], edgecolor=SURFACE)
    ax.vlines(place, table["value_low"], table["value_high"], color=INK, lw=1.5)
    top = table["value_high"].fillna(table["value"])
    for at, height, value in zip(place, top, table["value"], strict=True):
        text = short_money(value)
        ax.annotate(text, (at, height), xytext=(0, 4), textcoords="offset points", ha="center")
    ax.set_xticks(place, [f"tier {tier}" for tier in table["tier"]], color=INK)
    ax.set_ylim(min(0.0, 1.15 * float(table["value_low"].min())), 1.15 * float(top.max()))
    ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: short_money(value)))
    ax.set_ylabel(money)
    ax.grid(visible=False, axis="x")
    return ax


def _table(report: Tiers) -> Table:
    table, is_large = report.table, report.table["customers"] >= LEAST
    shown = pd.DataFrame({"tier": table["tier"], "customers": table["customers"]})
    shown["share"] = table["share"].where(is_large)
    headings: Headings = {
        "tier": ("Tier", "text"),
        "customers": ("Customers", "customers"),
        "share": ("Share", "percent"),
        "products": ("Products held", "text"),
        "fit": ("Product fit", "text"),
        "tickets": ("Tickets, customer and year", "text"),
        "tickets_line": ("Tickets, line and year", "text"),
        "growth": ("Revenue against a year before", "text"),
        "value": (f"Median {report.value_is} a year, {report.currency}", "text"),
    }
    for name in list(headings)[3:]:
        if name in table:
            is_share = name in ("fit", "growth")
            shown[name] = [_cell(row, name, is_share) for _, row in table.iterrows()]
        else:
            del headings[name]
    whose = "of this base" if report.own else "for all bases"
    caption = (
        f"Tiers of maturity of {count(table['customers'].sum(), 'B2B customer')}, by the table of "
        f"tiers {whose}; product fit: what is held of the products of a tier and those below"
    )
    return Table(shown, caption, headings)


def _cell(row: pd.Series, name: str, is_share: bool) -> str:
    value, low, high = row[name], row[f"{name}_low"], row[f"{name}_high"]
    if np.isnan(value):
        return "-"
    if name == "value":
        return f"{value:,.0f} ({low:,.0f} to {high:,.0f})"
    if is_share:
        return f"{ratio(value)} ({100 * low:.1f} to {100 * high:.1f})"
    return f"{value:.2f} ({low:.2f} to {high:.2f})"
