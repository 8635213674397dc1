"""Sections of the gap: the answer, what makes a mean, the bars, mix and rate, customers alike."""

from __future__ import annotations

import pandas as pd

from src.reporting.ltv import bounds, charts, sentences
from src.reporting.ltv.inputs import Alike, Comparison, Mix, Terms
from src.reporting.page.figures import Figure
from src.reporting.page.prose import assumed_margin, count, ratio
from src.reporting.page.results import Answer, Note, Section, is_missing, or_absent
from src.reporting.page.small_groups import for_pages
from src.reporting.page.style import canvas
from src.reporting.page.tables import Table
from src.reporting.page.waterfall import draw_waterfall

_LOW = (7.6, 3.4)  # inches


def answer(gap: Comparison, terms: Terms) -> Answer:
    """What a customer of each group is worth, where the gap comes from, and the limit of both."""
    when = "next" if terms.is_residual else "first"
    kind = "panel" if terms.is_residual else "snapshot"
    limit = sentences.LIMITS[kind].format(months=terms.months, seen=terms.seen)
    if terms.assumed_margin is not None:
        limit += assumed_margin(terms.assumed_margin)
    headline = sentences.headline(
        *(gap.ltv, terms.names, terms.currency),
        f"over the {when} {terms.months} months",
        gap.thin,
    )
    detail = (*map(for_pages, terms.remarks), _gap_line(gap, terms), _medians(gap, terms))
    return Answer(headline, " ".join(detail), limit)


def a_month(gap: Comparison, terms: Terms) -> Table:
    """What makes the mean LTV of each group: months, money of a month, margin, association."""
    return Table(
        gap.groups,
        _medians(gap, terms),
        {
            "group": ("Group", "text"),
            "customers": ("Customers", "customers"),
            "lifetime": ("Months, discounted", "number"),
            "arpu": (f"Revenue a month, {terms.currency}", "number"),
            "margin_share": ("Margin share", "percent"),
            "association": ("Association", "number"),
            "mean_ltv": (f"Mean LTV, {terms.currency}", "integer"),
            "median_ltv": ("Median", "integer"),
        },
    )


def gap(gap: Comparison, net: object, terms: Terms) -> Section:
    """The gap as a waterfall of its bars; `net` of acquisition costs in a sentence where known."""
    figure, ax = canvas(_LOW)
    measure = f"mean LTV per customer, {terms.currency}"
    draw_waterfall(ax, gap.bars, charts.FACTORS, terms.names, measure)
    finding = _gap_line(gap, terms)
    alt = f"Waterfall of the gap of mean LTV. {finding}"
    waterfall = Figure(figure, finding, alt, digest=True)
    if is_missing(net):
        return Section(waterfall)
    return Section(waterfall, Note(sentences.net_sentence(net, terms.currency)))


@or_absent
def mix(split: Mix, terms: Terms) -> Table:
    """How much of the gap is the mix of sub-segments, and how much is within them.

    Sub-segments of few customers of a group are in the total only.
    """
    sizes = split.sub_segments.set_index("sub_segment")[["first_customers", "second_customers"]]
    is_small = ((sizes > 0) & (sizes < terms.min_cell)).any(axis=1)
    is_shown = ~split.effects["sub_segment"].isin(is_small.index[is_small])
    return Table(
        sentences.effects_table(split.effects[is_shown]),
        sentences.mix_sentence(split.totals, terms.sub_segment, terms.currency),
        {
            "sub_segment": (terms.sub_segment, "text"),
            "effect": ("Effect", "text"),
            "money": (terms.currency, "text"),
        },
    )


@or_absent
def alike(fair: Alike, terms: Terms) -> Section:
    """The gap between customers who are alike, and of how many it says nothing."""
    compared = sentences.adjusted_sentence(fair.table, list(fair.columns), terms.currency)
    return Section(Note(compared), Note(sentences.support_sentence(fair.support)))


def settings(tried: pd.DataFrame, moved: object, terms: Terms) -> Section:
    """The gap under other horizons, discounts and freeze rules, and other bounds of the segments.

    Reads `months`, `rate`, `freeze_months` (missing: the main estimate), `gap`; nothing is said of
    bounds where no number tells the segments.
    """
    labels = [
        f"{count(row.months)} months, {ratio(row.rate, 0)} a year"
        if pd.isna(row.freeze_months)
        else f"Kaplan-Meier, frozen after {count(row.freeze_months)} months"
        for row in tried.itertuples()
    ]
    table = Table(
        tried.assign(setting=labels),
        sentences.sensitivity_sentence(tried, terms.currency),
        {
            "setting": ("Setting", "text"),
            "gap": (f"Gap of mean LTV, {terms.currency}", "integer"),
        },
    )
    is_moved = isinstance(moved, pd.DataFrame) and len(moved)
    return Section(table, bounds.by_bound(moved, terms) if is_moved else None)


def _gap_line(gap: Comparison, terms: Terms) -> str:
    return sentences.gap_sentence(gap.bars, terms.names, terms.currency)


def _medians(gap: Comparison, terms: Terms) -> str:
    return sentences.median_sentence(gap.ltv, terms.names, terms.currency)
