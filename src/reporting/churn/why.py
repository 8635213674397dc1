"""Sections of the churn report: why a chance is what it is: overall, by group, for customers."""

from __future__ import annotations

import pandas as pd

from src.reporting.churn import all_segments, alt, read, shap_charts
from src.reporting.churn import reasons as words
from src.reporting.churn.sentences import HEADINGS
from src.reporting.churn.sharing import shared_points
from src.reporting.page.figures import Figure
from src.reporting.page.results import Note, Section, or_absent
from src.reporting.page.style import canvas
from src.reporting.page.tables import Format, Table


@or_absent
def importance(trial: read.Trial, explanation: read.Explanation) -> Figure:
    """Which columns move chances most."""
    top = explanation.setting.top
    bars = explanation.ranked.head(top)
    figure, ax = canvas((7.6, 0.9 + 0.3 * top))
    shap_charts.draw_importance(ax, bars, explanation.contributions.unit)
    best, label = trial.standing.best, explanation.label
    finding = words.explained_sentence(explanation.ranked, explanation.likeness, best, label)
    return Figure(figure, finding, alt.importance(bars))


@or_absent
def swarm(explanation: read.Explanation) -> Section:
    """Every customer a point, and whether contributions add up."""
    contributions, top = explanation.contributions, explanation.setting.top
    points = explanation.swarm()
    figure, ax = canvas((7.6, 1.2 + 0.38 * top))
    shap_charts.draw_swarm(ax, points, contributions.unit)
    finding = words.swarm_sentence(contributions.values, explanation.setting.min_cell)
    error, customers = contributions.additivity_error, len(explanation.rows)
    return Section(
        Figure(figure, finding, alt.swarm(points, contributions.unit)),
        Note(words.additivity_sentence(error, contributions.tolerance, customers)),
    )


@or_absent
def dependences(explanation: read.Explanation) -> Section:
    """The strongest columns, one by one."""
    least = explanation.setting.min_cell
    return Section(*(dependence(shown, least) for shown in explanation.dependences()))


def dependence(shown: read.Dependence, least: int = 10) -> Figure:
    """What a column holds against what it adds; places of fewer customers are pooled."""
    figure, ax = canvas((7.6, 3.2))
    points = shared_points(shown.points, least)
    read_of = (points, shown.column, shown.partner, shown.unit)
    shap_charts.draw_dependence(ax, *read_of)
    finding = words.dependence_sentence(shown.column, shown.partner, shown.strength)
    return Figure(figure, finding, alt.dependence(*read_of))


@or_absent
def by_group(shares: pd.DataFrame) -> Figure:
    """What matters within groups of customers."""
    figure, ax = canvas((7.6, 4.2))
    shap_charts.draw_group_importance(ax, shares)
    text = alt.group_importance(shares)
    return Figure(figure, text, text)


@or_absent
def one_for_all(both: read.OneForAll, segment: str, least: int = 10) -> Section:
    """One model for all segments: its figures overall and in each, and what moves it there.

    Segments of fewer customers than `least` are not shown.
    """
    figures = both.figures[both.figures["customers"] >= least]
    is_shown = both.importance["group"].isin(figures["segment"])
    moves = both.importance[is_shown]
    headings: dict[str, tuple[str, Format]] = {
        "segment": ("Segment", "text"),
        "model": ("XGBoost", "text"),
        "customers": ("Customers", "customers"),
        "churners": ("Churners", "customers"),
    }
    headings |= {metric: (HEADINGS[metric], "text") for metric in ("auc", "log_loss", "lift10")}
    table = all_segments.segments_table(figures)
    figure, ax = canvas((7.6, 4.6))
    shap_charts.draw_group_importance(ax, moves)
    text = alt.group_importance(moves)
    sentence = all_segments.segments_sentence(figures, segment)
    return Section(Table(table, sentence, headings), Figure(figure, text, text))


@or_absent
def five(customers: pd.DataFrame) -> Table:
    """Five customers and the strongest reasons of each, in words that fit many customers."""
    headings: dict[str, tuple[str, Format]] = {
        "chosen_as": ("Who", "text"),
        "chance": ("Chance", "text"),
        "words": ("Why", "text"),
    }
    shown = customers.assign(chance=customers["chance"].map(words.about))
    return Table(shown, "Five customers and the three strongest reasons of each", headings)


@or_absent
def stability(explanation: read.Explanation) -> Figure:
    """How sure the order of columns is."""
    stable, top = explanation.stability(), explanation.setting.top
    ranks = stable.ranks.head(top)
    figure, ax = canvas((7.6, 0.9 + 0.3 * top))
    shap_charts.draw_stability(ax, ranks, stable.top)
    finding = words.stability_sentence(stable.ranks, stable.top, stable.jaccard, stable.kendall)
    return Figure(figure, finding, alt.stability(ranks, stable.top))


@or_absent
def odds(inference: words.Inference) -> Table:
    """Factors on the odds with the other columns held still."""
    headings: dict[str, tuple[str, Format]] = {
        "what": ("Column", "text"),
        "odds": ("Odds ratio", "text"),
        "p_value": ("p", "number"),
        "vif": ("VIF", "number"),
    }
    table, sentence = words.odds_table(inference.table), words.odds_sentence(inference)
    return Table(table, sentence, headings, folded=True)
