"""Sections of the churn report: what a list earns, and the figures of the run."""

from __future__ import annotations

from typing import Any

from src.reporting.churn import all_segments, alt, charts, read
from src.reporting.churn import sentences as words
from src.reporting.page.figures import Figure
from src.reporting.page.results import Metrics, Note, is_missing
from src.reporting.page.style import canvas
from src.reporting.page.tables import Format, Table


def profit(campaign: read.Campaign) -> Figure:
    """Profit by length of the list, and the depth that was planned."""
    band, depth, money = campaign.band(), campaign.depth, campaign.currency
    figure, ax = canvas()
    charts.draw_profit(ax, band, depth, money)
    finding = words.profit_sentence(campaign.earned(), money)
    return Figure(figure, finding, alt.profit(band, depth, money))


def orderings(campaign: read.Campaign) -> Figure:
    """The same list in other orders."""
    curves, shares, money = campaign.curves(), campaign.shares, campaign.currency
    figure, ax = canvas()
    charts.draw_orderings(ax, curves, shares, money)
    finding = words.orderings_sentence(campaign.earned(), money)
    return Figure(figure, finding, alt.orderings(curves, shares, money))


def stretches(campaign: read.Campaign) -> Table | Note:
    """What one more contact brings, stretch by stretch; those of few customers are not shown."""
    rows, money, least = campaign.stretches(), campaign.currency, campaign.setting.min_cell
    rows = rows[rows["contacts"] >= least]
    if rows.empty:
        return Note(f"No stretch of the list has {least} contacts.")
    headings: dict[str, tuple[str, Format]] = {
        "from_share": ("From", "percent"),
        "to_share": ("To", "percent"),
        "contacts": ("Contacts", "integer"),
        "profit_per_contact": (f"{money} per contact", "number"),
    }
    return Table(rows, words.band_sentence(rows, money), headings)


def bound(trial: read.Trial, campaign: read.Campaign) -> Note:
    """The expected maximum profit, where everybody is worth the same."""
    most = campaign.bound(trial.judged["churned"], trial.judged["chance"])
    best, money, clv = trial.standing.best, campaign.currency, campaign.setting.clv
    return Note(words.empc_sentence(most, best, money, clv))


def metrics(study: read.Study, trial: read.Trial) -> Metrics:
    """All figures of the run; those of a step that the base could not answer are left out."""
    campaign, explanation = trial.campaign(), trial.explain()
    stable, earned, spots = explanation.stability(), campaign.earned().iloc[0], trial.weak_spots()
    others: dict[str, Any] = {
        "shap__additivity_error": explanation.contributions.additivity_error,
        "shap__top": explanation.ranked["column"].iloc[0],
        "stability__jaccard": stable.jaccard,
        "stability__kendall": stable.kendall,
        "depth__share": campaign.depth,
        "depth__profit": earned["profit"],
        "depth__profit__low": earned["low"],
        "depth__profit__high": earned["high"],
        "in_noise": len(trial.standing.in_noise),
        "weak_spots": int((spots["verdict"] != "").sum()),
        "leaks__columns": int(trial.suspects["columns"].map(len).sum()),
    }
    pays, both, truth = study.longest_lead(), trial.one_for_all(), trial.against_truth()
    if not is_missing(pays):
        others["lead__pays"] = pays
    if not is_missing(both):
        others |= all_segments.segment_metrics(both.figures)
    if not is_missing(truth):
        others["oracle__auc"] = truth.oracle
        others["oracle__model_auc"] = truth.model
        others["oracle__blind_auc"] = truth.blind
    parts = trial.calibration().parts
    return Metrics(words.metrics(trial.compared, parts, trial.best, **others))
