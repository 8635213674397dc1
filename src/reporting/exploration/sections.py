"""The sections of an exploration: each takes what the analysis answered and shows it."""

from __future__ import annotations

from typing import Any, Protocol

import pandas as pd

from src.reporting.exploration import curves as lasting
from src.reporting.exploration import sentences
from src.reporting.exploration.sentences import Words
from src.reporting.page import charts, leaks
from src.reporting.page.figures import Figure
from src.reporting.page.prose import Interval, listed, percent
from src.reporting.page.results import (
    Answer,
    Facts,
    Metrics,
    Note,
    Section,
    is_missing,
    or_absent,
)
from src.reporting.page.small_groups import LEAST
from src.reporting.page.style import canvas
from src.reporting.page.tables import Format, Table

_GAPS, _COLUMNS, _LETTERS = 15, 40, 40
_ATTRIBUTES_DRAWN, _ATTRIBUTES_LISTED = 5, 15
_WIDE = 7.6  # inches

Headings = dict[str, tuple[str, Format]]


class Money(Protocol):
    """How the money is spread; `src.analyses.exploration.values.Money` has these."""

    words: Words
    currency: str
    share: float
    top: Interval
    curve: pd.DataFrame
    total: float
    mean: float
    median: float
    gini: float
    of: str
    below: int
    unknown: int


class Stay(Protocol):
    """How long customers stay; `src.analyses.exploration.values.Stay` has these."""

    words: Words
    confidence: float
    curves: pd.DataFrame
    median: float
    split_by: str
    groups: pd.DataFrame
    marks: pd.DataFrame
    growing: tuple[str, ...]


class Leaving(Protocol):
    """How customers leave; `src.analyses.exploration.values.Leaving` has these."""

    exits: pd.DataFrame
    before: pd.DataFrame


class Summary(Protocol):
    """What is known first; `src.analyses.exploration.values.Summary` has these."""

    words: Words
    kind: str
    customers: int
    judged: int
    rate: pd.Series
    money: Any
    split_by: str
    strongest: pd.DataFrame
    explained: float
    tables: pd.DataFrame
    columns: pd.DataFrame
    reason: tuple[str, object] | None
    aside: str
    leaks: Any


def answer(summary: Summary) -> Answer:
    """What to look at first, how many did it, who brings the money, what separates, the limit."""
    held, share = _held(summary.money)
    of = "" if is_missing(summary.money) else summary.money.of
    headline = sentences.headline(summary.rate, summary.judged, held, share, summary.words, of)
    headline = " ".join([*_leaks(summary), headline])
    limit = f"{sentences.LIMITS[summary.kind]} {summary.aside}".rstrip()
    return Answer(headline, _split_line(summary), limit)


def facts(summary: Summary) -> Facts:
    """Size, money, rate, what separates most, and where cells are empty."""
    words = summary.words
    return Facts(
        [
            sentences.size_sentence(summary.tables, summary.customers, words),
            _money_line(summary),
            sentences.rate_sentence(summary.rate, summary.judged, words),
            _split_line(summary),
            sentences.quality_sentence(summary.columns, _of_many(summary.reason, summary.columns)),
        ]
    )


def tables(overview: pd.DataFrame, base: str) -> Table:
    """The tables of the base of that name."""
    headings: Headings = {
        "table": ("Table", "text"),
        "holds": ("Holds", "text"),
        "rows": ("Rows", "customers"),
        "columns": ("Columns", "integer"),
        "first": ("From", "date"),
        "last": ("To", "date"),
        "missing_share": ("Empty cells", "percent"),
    }
    empty = (overview["missing_share"] * overview["rows"] * overview["columns"]).round()
    shares = overview["missing_share"].mask((empty > 0) & (empty < LEAST))
    return Table(overview.assign(missing_share=shares), f"Tables of the base {base}", headings)


def gaps(
    overview: pd.DataFrame, reason: tuple[str, object] | None, least: int = 10
) -> Figure | Note:
    """The columns with most empty cells, and the reason for those of the emptiest.

    Of fewer gaps than `least` the reason would tell the value of a few customers.
    """
    finding = sentences.quality_sentence(overview, _of_many(reason, overview, least))
    rows = overview[overview["missing"] > 0].nlargest(_GAPS, "missing")
    rows = rows[[not sentences.is_few(row) for _, row in rows.iterrows()]]
    if rows.empty:
        return Note(finding)
    figure, ax = canvas((_WIDE, 0.9 + 0.32 * len(rows)))
    charts.draw_missing(ax, rows)
    alt = f"Bars of the share of empty cells in {listed(rows['column'].tolist())}."
    return Figure(figure, finding, alt)


def columns(overview: pd.DataFrame) -> Table:
    """The columns of the base, folded."""
    rows = overview.assign(column=overview["column"].str.slice(0, _LETTERS)).head(_COLUMNS)
    rows = rows.assign(missing=[sentences.gaps_in_words(row) for _, row in rows.iterrows()])
    headings: Headings = {
        "table": ("Table", "text"),
        "column": ("Column", "text"),
        "type": ("Type", "text"),
        "distinct": ("Distinct values", "integer"),
        "missing": ("Empty cells", "text"),
    }
    caption = f"Columns, those with gaps first within a table ({len(rows)} of {len(overview)})"
    return Table(rows, caption, headings, folded=True)


@or_absent
def money(spread: Money) -> Section:
    """The Pareto curve, and how far the typical customer is from the mean."""
    words = spread.words
    finding = sentences.money_sentence(spread.top, spread.share, words, spread.of)
    figure, ax = canvas()
    charts.draw_pareto(ax, spread.curve, spread.share, words.customer, spread.of)
    apart = sentences.spread_sentence(
        spread.median, spread.mean, spread.gini, spread.currency, words, spread.of
    )
    alt = f"Pareto curve of the {spread.of}. {finding}"
    return Section(Figure(figure, finding, alt), Note(apart))


@or_absent
def stay(lives: Stay, least: int = 10) -> Section:
    """Kaplan-Meier curves of all customers and by attributes; one of them is for the digest.

    As long as at least so many customers are watched.
    """
    whole, groups = (charts.watched(part, least) for part in (lives.curves, lives.groups))
    if whole.empty:
        return Section(Note(f"Fewer than {least} {lives.words.customer}s were watched."))
    median = lives.median if lives.median <= whole["time"].max() else float("nan")
    finding = lasting.curve_sentence(whole, median, lives.words)
    alt = f"Kaplan-Meier curve with its interval. {finding}"
    by_attribute = [
        _split_figure(curves, str(attribute), lives)
        for attribute, curves in groups.groupby("attribute", sort=False)
    ]
    marks = _marks(lives) if lives.split_by else None
    growing = Note(lasting.growing_sentence(lives.growing)) if lives.growing else None
    return Section(_curves(whole, lives.words, finding, alt), *by_attribute, marks, growing)


@or_absent
def leaving(ends: Leaving, least: int = 10) -> Section:
    """Monthly churn of both segments, and what the year before the exit looked like.

    Segments of fewer lives than `least`, and months of fewer customers, are not shown.
    """
    exits = ends.exits[ends.exits["lives"] >= least]
    if exits.empty:
        return Section(Note(f"No segment has {least} lives."))
    rows = exits.assign(churn=sentences.churn_texts(exits))
    before = ends.before[ends.before["customers"] >= least]
    headings: Headings = {
        "group": ("Segment", "text"),
        "lives": ("Lives", "customers"),
        "exits": ("Exits", "customers"),
        "churn": ("Monthly churn", "text"),
        "frozen_share": ("Frozen, of exits", "percent"),
    }
    table = Table(rows, sentences.churn_sentence(exits), headings)
    figures = [
        _before(shares, str(measure)) for measure, shares in before.groupby("measure", sort=False)
    ]
    return Section(table, *figures)


@or_absent
def vintages(revenue: pd.DataFrame, words: Words, currency: str, least: int = 10) -> Figure | Note:
    """Revenue by vintage, of vintages that have at least so many customers in a period."""
    shown = revenue[revenue["customers"] >= least]
    if shown.empty:
        return Note(f"No {words.vintage} has {least} {words.customer}s.")
    finding = sentences.vintage_sentence(revenue, words, least)
    figure, ax = canvas()
    charts.draw_vintages(ax, shown, currency, words.vintage)
    return Figure(figure, finding, f"Revenue by {words.vintage}. {finding}")


@or_absent
def rates(levels: pd.DataFrame, attributes: pd.DataFrame, summary: Summary) -> Section:
    """Rates of the strongest attributes, and how much each attribute says."""
    top = levels[levels["attribute"].isin(attributes["attribute"].head(_ATTRIBUTES_DRAWN))]
    names = top["attribute"].unique().tolist()
    figure, ax = canvas((_WIDE, 0.8 + 0.31 * (len(top) + 1.4 * len(names))))
    charts.draw_rates(ax, top, summary.rate["rate"], summary.words.outcome)
    drawn = Figure(figure, _split_line(summary), f"Rates with intervals by {listed(names)}.")
    ranking = attributes.head(_ATTRIBUTES_LISTED)
    ranking = ranking.join(sentences.extremes(levels), on="attribute")
    headings: Headings = {
        "attribute": ("Attribute", "text"),
        "explained": ("Variance explained", "percent"),
        "lowest": ("Lowest rate", "text"),
        "highest": ("Highest rate", "text"),
    }
    caption = f"How much each attribute says about who {summary.words.outcome}"
    return Section(drawn, Table(ranking, caption, headings))


def metrics(summary: Summary, lives: Any, ends: Any) -> Metrics:
    """The figures of the run; those of what the base lacks are left out."""
    named = sentences.metrics(
        summary.tables, summary.customers, summary.rate, summary.columns, summary.words
    )
    if not is_missing(summary.money):
        spread = summary.money
        named |= sentences.money_metrics(spread.top, spread.share, spread.total, spread.mean)
    if not is_missing(lives):
        named |= lasting.curve_metrics(lives.marks)
    if not is_missing(ends):
        named |= sentences.exit_metrics(ends.exits)
    return Metrics(named)


def _held(spread: Any) -> tuple[Interval | None, float]:
    """The part of the top share; None where the base has no money."""
    return (None, 0.0) if is_missing(spread) else (spread.top, spread.share)


def _money_line(summary: Summary) -> str:
    """Who brings the money, and whose money is set aside."""
    if is_missing(summary.money):
        return sentences.money_sentence(None, 0.0, summary.words)
    money = summary.money
    line = sentences.money_sentence(money.top, money.share, summary.words, money.of)
    return line + sentences.aside_sentence(
        money.below, money.unknown, summary.customers, money.of, summary.words
    )


def _of_many(
    reason: tuple[str, object] | None, columns: pd.DataFrame, least: int = 10
) -> tuple[str, object] | None:
    return reason if columns["missing"].max() >= least else None


def _leaks(summary: Summary) -> list[str]:
    """Which columns may hold the label, or be known only at the end; none where none does."""
    seen = summary.leaks
    said = (
        leaks.too_good_sentence(seen.suspects, seen.suspects_line),
        leaks.suspicion_sentence(seen.suspicions, seen.suspicions_line),
    )
    return [sentence for sentence in said if sentence]


def _split_line(summary: Summary) -> str:
    return sentences.attribute_sentence(summary.strongest, summary.explained, summary.words)


def _split_figure(curves: pd.DataFrame, attribute: str, lives: Stay) -> Figure | Note:
    curves = lasting.comparable(curves)
    if curves.empty:
        return Note(lasting.not_compared_sentence(attribute))
    finding = lasting.split_sentence(curves, attribute, lives.words)
    alt = f"Kaplan-Meier curves by {attribute}. {finding}"
    return _curves(curves, lives.words, finding, alt, digest=attribute == lives.split_by)


def _curves(
    curves: pd.DataFrame, words: Words, finding: str, alt: str, digest: bool = False
) -> Figure:
    figure, ax = canvas()
    charts.draw_curves(ax, curves, words.unit, f"share who {words.share}", words.ends_are_losses)
    return Figure(figure, finding, alt, digest=digest)


def _marks(lives: Stay) -> Table:
    """The curves of one attribute at the marked times."""
    words, marks = lives.words, lives.marks
    headings: Headings = {
        "group": (lives.split_by, "text"),
        "time": (words.unit, "integer"),
        "share": ("share", "text"),
    }
    confidence = percent(lives.confidence, 0)
    caption = f"Share of {words.customer}s who {words.share}, with {confidence} intervals"
    return Table(marks.assign(share=lasting.shares(marks, words)), caption, headings)


def _before(shares: pd.DataFrame, measure: str) -> Figure:
    finding = sentences.exit_sentence(shares, measure)
    figure, ax = canvas()
    charts.draw_before_exit(ax, shares, f"{measure}, share of normal")
    return Figure(figure, finding, f"{measure} in the year before the exit. {finding}")
