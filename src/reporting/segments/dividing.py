"""Sections of ABC-XYZ and RFM."""

from __future__ import annotations

import pandas as pd

from src.reporting.page.figures import Figure
from src.reporting.page.prose import listed, percent, percent_interval, short_money
from src.reporting.page.results import Note, Section, or_absent
from src.reporting.page.small_groups import many
from src.reporting.page.style import canvas
from src.reporting.page.tables import Table
from src.reporting.segments import charts
from src.reporting.segments.inputs import Golden, Terms

_MATRIX = (6.4, 3.4)  # inches
_GOLDEN = ((0, 0), (0, 1))  # AX and AY


@or_absent
def matrix(cells: pd.DataFrame, classes: pd.DataFrame, golden: Golden, terms: Terms) -> Section:
    """The nine cells with customers, money and value at risk, and whether the golden stay."""
    has_risk = "at_risk" in cells
    shape = cells.set_index(["abc", "xyz"])
    depth = shape["money_share"].unstack().reindex(index=list("ABC"), columns=list("XYZ"))
    texts = [
        [_cell(shape.loc[(row, column)], has_risk, terms) for column in "XYZ"] for row in "ABC"
    ]
    figure, ax = canvas(_MATRIX)
    scaled = depth.to_numpy() / max(float(depth.max().max()), 1e-9)
    charts.draw_cells(ax, scaled, texts, list("ABC"), list("XYZ"), _GOLDEN)
    ax.set_ylabel(f"by {terms.money}")
    ax.set_title(f"by {terms.frequency}", loc="left", fontsize=9.5)
    finding = _classes_sentence(classes, terms)
    alt = f"Nine cells of ABC by {terms.money} and XYZ by {terms.frequency}. {finding}"
    return Section(
        Figure(figure, finding, alt), Note(_reading(has_risk, terms)), _golden_churn(golden, terms)
    )


@or_absent
def rfm(profile: pd.DataFrame, terms: Terms) -> Table | Note:
    """The segments of RFM with their customers and money."""
    rows = profile[profile["customers"] >= terms.min_cell]
    if rows.empty:
        return Note(f"No segment has {terms.min_cell} {terms.customer}s.")
    top = rows.nlargest(1, "money_share").iloc[0]
    late = terms.kind == "panel"
    caption = (
        f"RFM: {top['segment']} are {percent(top['share'], 0)} of {terms.customer}s and bring "
        f"{percent(top['money_share'], 0)} of the {terms.money} of all months"
    )
    if late:
        caption += "; all who are billed were billed lately, so recency parts few here"
    return Table(
        rows,
        caption,
        {
            "segment": ("Segment", "text"),
            "customers": (f"{terms.customer.capitalize()}s", "customers"),
            "share": ("Share", "percent"),
            "money_share": (f"Of the {terms.money}", "percent"),
            "recency": ("Months since the last", "integer"),
            "frequency": (terms.frequency.capitalize(), "integer"),
            "money_each": (f"Median, {terms.currency}", "integer"),
        },
    )


def _cell(cell: pd.Series, has_risk: bool, terms: Terms) -> str:
    if cell["customers"] == 0:
        return "-"
    who = many(cell["customers"], least=terms.min_cell)
    if cell["customers"] < terms.min_cell:
        return "few"
    lines = [f"{who} {terms.customer}s", f"{percent(cell['money_share'], 0)} of {terms.money}"]
    if has_risk:
        lines.append(f"{short_money(cell['at_risk'])} at risk")
    return "\n".join(lines)


def _classes_sentence(classes: pd.DataFrame, terms: Terms) -> str:
    parts = [
        f"{row.abc} {percent(row.customers_share, 0)} of {terms.customer}s with "
        f"{percent(row.money_share, 0)}"
        for row in classes.itertuples()
    ]
    return f"Of the {terms.money} of {terms.months} months: {listed(parts)}."


def _reading(has_risk: bool, terms: Terms) -> str:
    risk = (
        f" At risk is {terms.currency} of value at risk, by the models of 04." if has_risk else ""
    )
    return (
        "The frame marks the golden. Classes are cut at 80 and 95% of the sum; equal values are of "
        f"one class, so X can hold nearly all who were there throughout.{risk}"
    )


def _golden_churn(golden: Golden, terms: Terms) -> Note | None:
    """Claim: the golden leave less often."""
    if golden.churn is None or len(golden.churn) < 2:
        return None
    rows = golden.churn.set_index("group")
    said = {name: percent_interval(*rows.loc[name, ["rate", "low", "high"]]) for name in rows.index}
    apart = rows.loc["golden", "high"] < rows.loc["others", "low"]
    verdict = (
        "The golden leave less often"
        if apart
        else "Whether the golden leave less often is not told"
    )
    return Note(
        f"{verdict}: of those golden {terms.apart} months before, {said['golden']} were gone at "
        f"the end, of the others {said['others']}. It compares, whoever they are."
    )
