"""Sections of the product matrix: the heat map, and the pairs that surely follow in an order."""

from __future__ import annotations

import pandas as pd

from src.reporting.page.figures import Figure
from src.reporting.page.prose import count
from src.reporting.page.results import Note, Section, or_absent
from src.reporting.page.small_groups import LEAST
from src.reporting.page.style import canvas
from src.reporting.page.tables import Table
from src.reporting.products.charts import draw_matrix, lift_words

_ROWS, _COLUMNS, _CELLS = 16, 10, 12  # of a heat map, and of the table of marked cells
_OFTEN = 2.0  # a lift that is worth a word without an order


@or_absent
def heat_maps(matrices: dict[str, pd.DataFrame], least: int = LEAST) -> Section:
    """The product matrix of each segment."""
    return Section(*(heat_map(cells, segment, least) for segment, cells in matrices.items()))


@or_absent
def heat_map(cells: pd.DataFrame, segment: str, least: int = LEAST) -> Figure | Note:
    """The product matrix of one segment; cells below the floor of takers are blank."""
    shown = _shown(cells, least)
    if shown.empty:
        return Note(f"In {segment} no pair of products has takers enough to be shown.")
    columns = _most(shown, "next", _COLUMNS)
    rows = _most(shown, "held", _ROWS)
    # What is taken stands in one order on both sides, so that a chain is a line.
    rows = [name for name in columns if name in rows] + [n for n in rows if n not in columns]
    drawn = shown[shown["held"].isin(rows) & shown["next"].isin(columns)]
    figure, ax = canvas((1.9 + 0.56 * len(columns), 1.9 + 0.36 * len(rows)))
    draw_matrix(ax, drawn, rows, columns)
    finding = matrix_sentence(shown, segment)
    left = len(shown) - len(drawn)
    if left:
        finding += f" {count(left, 'further pair')} with fewer takers not drawn."
    alt = (
        f"Heat map of {count(len(rows))} products held against {count(len(columns))} taken next in "
        f"{segment}: {count(len(drawn), 'cell')} with a lift, the others blank. {finding}"
    )
    return Figure(figure, finding, alt)


def matrix_sentence(shown: pd.DataFrame, segment: str) -> str:
    """How many pairs follow in order, and the strongest. Reads the cells shown."""
    marked = shown[shown["is_marked"]].sort_values("low", ascending=False, kind="stable")
    shared = int((~shown["is_marked"] & (shown["low"] > _OFTEN)).sum())
    same = (
        f" Of {count(shared, 'further pair')} with a lift surely above {_OFTEN:g} the same people "
        "take both, and which comes first is not sure."
        if shared
        else ""
    )
    if marked.empty:
        none = f"In {segment} none of {count(len(shown), 'pair')} surely follows in this order."
        return none + same
    best = marked.iloc[0]
    verb = "follows" if len(marked) == 1 else "follow"
    return (
        f"In {segment} **{len(marked)} of {count(len(shown), 'pair')}** surely {verb} in this "
        f"order. The strongest: who holds {best['held']} takes {best['next']} "
        f"**{lift_words(best['shrunk'])} times** as often as comparable customers "
        f"({lift_words(best['low'])} to {lift_words(best['high'])}).{same}"
    )


@or_absent
def marked_cells(cells: pd.DataFrame, ahead: int, least: int = LEAST) -> Table | Note:
    """The marked pairs of all segments with their support, confidence and lifts.

    Reads the frame of `best_cells`: the columns of a matrix and `segment`.
    """
    shown = _shown(cells, least)
    if shown.empty:
        return Note("No pair of products surely follows in an order.")
    first = shown.head(_CELLS)
    more = f", the strongest {len(first)} of {len(shown)}" if len(first) < len(shown) else ""
    return Table(
        first,
        f"Pairs that surely follow in this order{more}",
        {
            "segment": ("Segment", "text"),
            "held": ("Held", "text"),
            "next": ("Taken next", "text"),
            "takers": ("Takers", "customers"),
            "share": ("Share of takings", "percent"),
            "confidence": (f"Take it within {ahead} months", "percent"),
            "lift": ("Lift", "number"),
            "shrunk": ("Lift, shrunk", "number"),
            "low": ("Low", "number"),
            "high": ("High", "number"),
        },
        least=least,
    )


def _shown(cells: pd.DataFrame, least: int) -> pd.DataFrame:
    return cells[cells["is_shown"] & (cells["takers"] >= least)]


def _most(cells: pd.DataFrame, column: str, number: int) -> list[str]:
    """The names of a side of the matrix with most takers, those with a prefix after the others."""
    takers = cells.groupby(column)["takers"].sum().nlargest(number)
    return sorted(map(str, takers.index), key=lambda name: ":" in name)
