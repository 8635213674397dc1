"""Sections of migration: flows of money, the matrix, what a class is worth if it goes on."""

from __future__ import annotations

import numpy as np
import pandas as pd

from src.reporting.page.figures import Figure
from src.reporting.page.prose import count, percent, short_money
from src.reporting.page.results import Note, Section, or_absent
from src.reporting.page.style import canvas
from src.reporting.page.tables import Table
from src.reporting.segments import charts
from src.reporting.segments.inputs import Migration, Terms

_FLOWS, _CELL = (7.6, 4.4), 0.62  # inches
_SHOWN = 8  # moves in the table
_NEW, _GONE = "new", "gone"


@or_absent
def migration(moved: Migration, terms: Terms) -> Section:
    """The flows, the matrix with its customers, the largest moves, Markov values and stability."""
    finding = move_sentence(moved, terms)
    figure, ax = canvas(_FLOWS)
    charts.draw_flows(ax, moved.moves, moved.segments)
    alt = f"Bands of {terms.money} from {moved.first} to {moved.second}. {finding}"
    flows = Figure(figure, f"{finding} {_bounds_line(moved, terms)}", alt, digest=True)
    return Section(
        flows, _matrix(moved, terms), _largest(moved, terms), _worth(moved, terms), _drift(moved)
    )


def move_sentence(moved: Migration, terms: Terms) -> str:
    """The move of customers who stayed, or left, that carries most money, and what came new."""
    changes = _many(moved.changes, terms)
    of_old = changes[changes["before"] != _NEW]
    if of_old.empty:
        return "Nobody moved."
    top = of_old.iloc[0]
    money = f"yearly {terms.money}" if terms.months == 12 else f"{terms.money}"
    line = (
        f"The move that matters most from {moved.first} to {moved.second} is **{top['before']} to "
        f"{top['after']}**: {count(top['customers'], terms.customer)} and "
        f"**{short_money(top['money'])} {terms.currency}** of {money}"
    )
    new = changes.loc[changes["before"] == _NEW, "money"].sum()
    return f"{line}; who came new brings {short_money(new)}." if new else f"{line}."


def _bounds_line(moved: Migration, terms: Terms) -> str:
    if moved.floors is None:
        return ""
    first, second = moved.floors
    return (
        f"A is {short_money(first)} {terms.currency} and more in {terms.months} months, B "
        f"{short_money(second)} and more, on both dates."
    )


def _matrix(moved: Migration, terms: Terms) -> Figure:
    """Shares of each class by where they went."""
    sizes_before = moved.moves.groupby("before")["customers"].sum()
    before = [name for name in moved.segments if sizes_before[name] > 0]
    after = [*moved.segments, _GONE]
    table = moved.moves.set_index(["before", "after"])
    shares = table["share"].unstack().reindex(index=before, columns=after)
    sizes = table["customers"].unstack().reindex(index=before, columns=after).fillna(0)
    shares, sizes = shares.loc[:, sizes.sum() > 0], sizes.loc[:, sizes.sum() > 0]
    is_few = (sizes > 0) & (sizes < terms.min_cell)
    texts = [
        [
            "few" if few else percent(share, 0) if size else "-"
            for share, size, few in zip(*row, strict=True)
        ]
        for row in zip(shares.to_numpy(), sizes.to_numpy(), is_few.to_numpy(), strict=True)
    ]
    stay = np.diag(shares.reindex(columns=before))
    least = int(np.nanargmin(stay))
    figure, ax = canvas((5.6, 0.9 + _CELL * len(before)))
    depth = shares.where(sizes > 0).to_numpy()
    charts.draw_cells(ax, depth, texts, before, list(shares.columns))
    ax.set_ylabel(f"class in {moved.first}")
    ax.set_title(f"class in {moved.second}", loc="left", fontsize=9.5)
    finding = (
        f"Of class {before[least]} {percent(float(stay[least]), 0)} were still in it "
        f"{terms.apart} months later, the least of all classes."
    )
    return Figure(figure, finding, f"Matrix of shares of each class by where it went. {finding}")


def _largest(moved: Migration, terms: Terms) -> Table:
    rows = _many(moved.changes, terms).head(_SHOWN)
    return Table(
        rows,
        f"The moves of most {terms.money}, {terms.currency} in {terms.months} months",
        {
            "before": ("From", "text"),
            "after": ("To", "text"),
            "customers": (f"{terms.customer.capitalize()}s", "customers"),
            "money_before": ("Before", "integer"),
            "money_after": ("After", "integer"),
            "money": ("Change", "integer"),
        },
        folded=True,
    )


def _worth(moved: Migration, terms: Terms) -> Table:
    rows = moved.worth[moved.worth["customers"] >= terms.min_cell]
    value = [f"{row.value:,.0f} ({row.low:,.0f} to {row.high:,.0f})" for row in rows.itertuples()]
    years = terms.periods * terms.apart
    return Table(
        rows.assign(with_moves=value),
        f"What a {terms.customer} of each class brings in the next {years} months if migration "
        f"goes on as it was, {terms.money} in {terms.currency}, discounted at "
        f"{percent(terms.rate, 0)} a year; beside it, if nobody moved or left",
        {
            "segment": ("Class", "text"),
            "customers": (f"{terms.customer.capitalize()}s", "customers"),
            "money": (f"Last {terms.months} months", "integer"),
            "stays": ("If nobody moved", "integer"),
            "with_moves": ("If it goes on", "text"),
        },
    )


def _drift(moved: Migration) -> Note | None:
    """Whether one matrix describes the span."""
    if moved.drift is None:
        return None
    said = (
        f"Between its two halves {percent(moved.drift['moved'])} of customers went elsewhere than "
        f"the other half says; {percent(moved.drift['chance'])} at most would by chance."
    )
    if moved.drift["one_matrix"]:
        return Note(f"One matrix describes the span. {said}")
    return Note(f"One matrix does **not** describe the span, so the values above are rough. {said}")


def _many(changes: pd.DataFrame, terms: Terms) -> pd.DataFrame:
    return changes[changes["customers"] >= terms.min_cell]
