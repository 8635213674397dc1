"""Sections of staying: curves of lives, formulas of cohorts, today's customers, value by tenure."""

from __future__ import annotations

import pandas as pd

from src.reporting.ltv import charts, curves, sentences
from src.reporting.ltv.inputs import Cohorts, Stays, Terms
from src.reporting.page.charts import draw_curves, watched
from src.reporting.page.figures import Figure
from src.reporting.page.results import Note, Section, or_absent
from src.reporting.page.style import MUTED, canvas
from src.reporting.page.tables import Format, Table

_FLAT = (7.6, 3.2)  # inches


def stays(stays: Stays, terms: Terms) -> Section:
    """Kaplan-Meier curves of both groups, and a warning where few lives ended."""
    figure, ax = canvas()
    shown = watched(stays.curves, terms.min_cell)
    draw_curves(ax, shown, "months since the start", "share still a customer")
    ax.axvline(terms.months, color=MUTED, lw=1, ls=(0, (4, 3)))
    finding = sentences.survival_sentence(stays.means, stays.difference, stays.test)
    curve = Figure(figure, finding, f"Kaplan-Meier curves by {terms.by}. {finding}")
    warning = sentences.thin_sentence(stays.few_ended)
    return Section(curve, Note(warning) if warning else None)


def cohorts(cohorts: Cohorts, least: int = 10) -> Section:
    """Whether the formulas of cohorts hold, and what they project, of groups large enough."""
    table = cohorts.table[cohorts.table["newcomers"] >= least]
    if table.empty:
        return Section(Note(f"No group has {least} newcomers to learn from."))
    projected = curves.projection_sentence(table, cohorts.learned, cohorts.months)
    columns: dict[str, tuple[str, Format]] = {
        "group": ("Group", "text"),
        "alpha": ("sBG alpha", "number"),
        "beta": ("beta", "number"),
        "power": ("BdW c", "text"),
        "newcomers": ("Newcomers", "integer"),
    }
    if projected:
        columns |= {name: (f"Error, {label}", "percent") for name, label in curves.ERRORS.items()}
    fits = Table(curves.curves_table(table), curves.curves_sentence(table), columns)
    return Section(Note(projected) if projected else None, fits)


@or_absent
def ahead(shares: pd.DataFrame, terms: Terms) -> Figure:
    """The share of today's customers expected to be there in each month ahead."""
    figure, ax = canvas(_FLAT)
    charts.draw_ahead(ax, shares, terms.seen)
    finding = sentences.ahead_sentence(shares, terms.seen)
    return Figure(figure, finding, f"Expected share still there by month. {finding}")


@or_absent
def by_tenure(values: pd.DataFrame, terms: Terms) -> Figure | Note:
    """Mean LTV of the second group by tenure, the main estimate beside constant churn."""
    if values.empty:
        return Note(f"No band of tenure has {terms.min_cell} customers of {terms.names[1]}.")
    figure, ax = canvas()
    charts.draw_by_tenure(ax, values, f"mean LTV, {terms.currency}")
    finding = sentences.tenure_sentence(values, terms.names[1])
    return Figure(figure, finding, f"Mean LTV by tenure. {finding}")
