"""The section of value under changed conditions."""

from __future__ import annotations

import pandas as pd

from src.reporting.page.figures import Figure
from src.reporting.page.prose import listed, percent, ratio_interval, short_money
from src.reporting.page.results import Note, Section, or_absent
from src.reporting.page.style import canvas
from src.reporting.page.tables import Table
from src.reporting.segments import charts
from src.reporting.segments.inputs import Scenarios, Terms

ALL = "all"


@or_absent
def scenarios(found: Scenarios, terms: Terms) -> Section:
    """Bars of how far the value of all moves, the table by segment, and what is left out."""
    overall = found.table[found.table["segment"] == ALL]
    finding = _finding(found, overall, terms)
    figure, ax = canvas((7.6, 0.9 + 0.42 * len(overall)))
    label = f"change of the value of all {terms.customer}s, {terms.currency}; lines: intervals"
    charts.draw_changes(ax, overall, label)
    bars = Figure(figure, finding, f"Bars of the change of value under each scenario. {finding}")
    rows = found.table.assign(
        value_text=[short_money(value) for value in found.table["value"]],
        moved_text=[_moved(row) for _, row in found.table.iterrows()],
        share=found.table["moved"] / found.table["segment"].map(found.today),
    )
    table = Table(
        rows,
        f"Value of three years under each change by {percent(found.change, 0)}, "
        f"{terms.currency}, discounted at {percent(terms.rate, 0)} a year",
        {
            "change": ("Change", "text"),
            "segment": ("Segment", "text"),
            "value_text": ("Value", "text"),
            "moved_text": ("Change of value", "text"),
            "share": ("Of today's", "percent"),
        },
        folded=True,
    )
    return Section(bars, table, Note(_answers(found)), _mix(found, terms), Note(_left_out(found)))


def _finding(found: Scenarios, overall: pd.DataFrame, terms: Terms) -> str:
    rows = overall.set_index("change")
    price, churn = _moved(rows.loc["price up"]), _moved(rows.loc["churn down"])
    step = percent(found.change, 0)
    leaving = "as many leaving as after past rises"
    if not found.responses:
        leaving = "if nobody left for it: nothing is known of what a rise does"
    return (
        f"Prices {step} higher would move the value of all from {short_money(found.today[ALL])} by "
        f"**{price}** {terms.currency}, {leaving}; churn {step} lower by {churn}."
    )


def _answers(found: Scenarios) -> str:
    """What past rises did, segment by segment, and where nothing is known."""
    said = [
        f"In {name} the chance to leave was, in {listed([*map(_span, table.itertuples())])}, of "
        "that of customers as old in the same months whose price stayed"
        for name, table in found.responses.items()
    ]
    said += [f"In {name} no answer counts: {why}" for name, why in found.unanswered.items()]
    lead = ""
    if found.responses:
        lead = f"Past rises were of {percent(found.past_rise, 0)} on average. "
    return f"{lead}{'. '.join(said)}."


def _span(row: object) -> str:
    first, last, ratio, low, high = (
        getattr(row, name) for name in ("first", "last", "ratio", "low", "high")
    )
    return f"months {first:.0f} to {last:.0f} after a rise, {ratio_interval(ratio, low, high, 0)}"


def _mix(found: Scenarios, terms: Terms) -> Note | None:
    if not found.mix:
        return None
    name = max(found.mix, key=lambda segment: found.mix[segment].value)
    moved = found.mix[name]
    ends = f"{_signed(moved.low)} to {_signed(moved.high)}"
    return Note(
        f"The mix: {percent(found.change, 0)} more {name} among as many {terms.customer}s would "
        f"move the value of all by **{_signed(moved.value)} ({ends})** {terms.currency}, at "
        "today's means of each segment; the interval is of other customers."
    )


def _left_out(found: Scenarios) -> str:
    return (
        "Left out: who would come or not come at another price, what competitors answer, and costs "
        "of the change itself. A change of the world is in no interval: if churn rose by "
        f"{percent(found.change, 0)} for good at the same time, churn up would come on top."
    )


def _moved(row: pd.Series) -> str:
    value, low, high = (_signed(row[name]) for name in ("moved", "moved_low", "moved_high"))
    return f"{value} ({low} to {high})"


def _signed(value: float) -> str:
    return f"{'+' if value >= 0 else ''}{short_money(value)}"
