"""The section of effort against income: who gets the contacts, offers and tickets."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import PercentFormatter

from src.reporting.page.figures import Figure
from src.reporting.page.prose import listed, percent, percent_interval
from src.reporting.page.results import Note, Section, metric_name, or_absent
from src.reporting.page.small_groups import tells_few
from src.reporting.page.style import INK, MUTED, PALETTE, SURFACE, canvas

_CUSTOMERS, _INCOME = "customers", "income"
_WIDE = 7.6  # inches


@or_absent
def effort(shares: pd.DataFrame) -> Section:
    """Bars of the shares that go to those with 80 % of the income, of all and by segment."""
    shown = _shown(shares)
    if shown.empty:
        return Section(Note("Too few customers bring 80% of the income to be shown."))
    finding = effort_sentence(shown[shown["group"] == shown["group"].iloc[0]])
    figure, ax = canvas((_WIDE, 0.9 + 0.34 * len(shown)))
    draw_effort(ax, shown)
    alt = f"Bars of shares of customers, contacts, offers and tickets. {finding}"
    return Section(Figure(figure, finding, alt))


def effort_metrics(shares: pd.DataFrame) -> dict[str, float]:
    """`effort.customers_share`, `effort.contacts_share` and so on, of all; those that are known."""
    rows = _shown(shares)
    rows = rows[rows["group"] == "all"]
    return {f"effort.{metric_name(row.effort)}_share": row.share for row in rows.itertuples()}


def effort_sentence(shares: pd.DataFrame) -> str:
    """Who brings 80 % of the income and what share of each effort they get, of one group."""
    rows = shares.set_index("effort")
    spent = rows.drop(index=[_CUSTOMERS, _INCOME], errors="ignore")
    gets = [
        f"{percent_interval(row['share'], row['low'], row['high'], 0)} of the {name}"
        for name, row in spent.iterrows()
    ]
    return (
        f"Those who bring 80% of the income are {percent(rows.loc[_CUSTOMERS, 'share'], 0)} of the "
        f"customers and get {listed(gets)}."
    )


def draw_effort(ax: Axes, shares: pd.DataFrame) -> Axes:
    """A bar with its interval per group and effort; lines mark 80 % of the income.

    Reads `group`, `effort`, `share`, `low`, `high`.
    """
    rows = shares[shares["effort"] != _INCOME].reset_index(drop=True)
    groups = list(dict.fromkeys(rows["group"]))
    order = rows["group"].map(groups.index).to_numpy()
    place = np.arange(len(rows)) + 0.9 * order
    is_effort = (rows["effort"] != _CUSTOMERS).to_numpy()
    colours = np.where(is_effort, PALETTE[0], MUTED)
    ax.barh(place, rows["share"], height=0.62, color=colours, edgecolor=SURFACE)
    ax.hlines(place, rows["low"], rows["high"], color=INK, lw=1.5)
    for at, row in zip(place, rows.itertuples(), strict=True):
        text = percent(row.share, 0)
        ax.annotate(text, (max(row.share, row.high), at), xytext=(5, 0), va="center", fontsize=9,
                    textcoords="offset points")  # fmt: skip
    for number, name in enumerate(groups):
        ax.text(0, place[order == number][0] - 0.75, name, va="center", color=INK, weight="bold")
    ax.axvline(0.8, color=INK, lw=1, ls=(0, (4, 3)))
    ax.set_yticks(place, rows["effort"], color=INK)
    ax.set_ylim(place[-1] + 0.6, -1.2)
    ax.set_xlim(0, 1.0)
    ax.xaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    ax.grid(visible=False, axis="y")
    ax.set_xlabel("share that goes to those with 80% of the income; dashed: 80%", loc="left")
    return ax


def _shown(shares: pd.DataFrame) -> pd.DataFrame:
    """The groups whose top is neither a handful of customers nor all but a handful."""
    heads = shares[shares["effort"] == _CUSTOMERS].set_index("group")
    small = [
        name
        for name, row in heads.iterrows()
        if tells_few(row["share"] * row["total"], row["total"])
    ]
    known = shares.dropna(subset=["share"])
    return known[~known["group"].isin(small)].reset_index(drop=True)
